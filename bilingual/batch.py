"""A directory in batch: the plan, the journal, and going on where a killed run stopped.

The plan is a pure function of the directory. The journal (`OUT/.bilingual/journal.jsonl`) gains a line before the
outputs of a document are written, so that what a killed run leaves is known to be ours, and one when they are in place.
A document is done when its source's hash and the run's signature match the journal and every output still has the hash
it was written with. That a file exists proves nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from bilingual import __version__
from bilingual.bitext import Document
from bilingual.encoders import load_encoder
from bilingual.errors import BilingualError, InputError, OutputError
from bilingual.evaluate import Score, evaluate_lines
from bilingual.formats import write_atomically
from bilingual.output import files_of, is_replaceable, page_facts, write_output
from bilingual.page import IndexEntry, PageFacts, render_index
from bilingual.pipeline import Options, Translated, load_document, translate_documents
from bilingual.protocols import Encoder, Translator
from bilingual.reference import match_reference

__all__ = [
    "Entry",
    "Item",
    "Job",
    "Plan",
    "Summary",
    "corpus_scores",
    "plan_batch",
    "read_journal",
    "run_batch",
    "sha256_of",
    "write_index",
]

JOURNAL = ".bilingual/journal.jsonl"
SCORED = ".bilingual/scored/"
"""Folder of pairs [hypothesis, reference], one JSON list a document: what the corpus score is made from."""


@dataclass(frozen=True, slots=True)
class Item:
    """One input of a plan: its file, its name (relative to the directory, forward slashes), its outputs in OUT."""

    path: Path
    name: str
    outputs: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch will do, in the order of the names; `others` counts files of kinds that are not read."""

    items: tuple[Item, ...]
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """How every document of a batch is read, translated and written.

    Attributes:
        to: Output formats, in the order of `Item.outputs`.
        options: How the engine searches, and what is checked.
        encoding: Decode inputs with this instead of guessing.
        lang: Language tag of the inputs instead of guessing.
        pre_segmented: Take every line as one segment.
        whole_page: Keep the blocks of HTML pages that lie outside the article.
        reference: Folder of human translations, named like the inputs (`a.en.txt`, `a.txt` or `a.md` for `a.md`).
        force: Replace files that the journal does not know.
    """

    to: tuple[str, ...]
    options: Options = field(default_factory=Options)
    encoding: str | None = None
    lang: str | None = None
    pre_segmented: bool = False
    whole_page: bool = False
    reference: Path | None = None
    force: bool = False

    def reference_of(self, item: Item) -> Path | None:
        """Find the human translation of an input."""
        if self.reference is None:
            return None
        base = self.reference / item.name
        candidates = [base.with_suffix(".en.txt"), base.with_suffix(".txt"), base]
        return next((path for path in candidates if path.is_file()), None)

    def signature(self, translator: Translator, item: Item) -> str:
        """Name everything that decides the outputs of this item, except its text."""
        options = {name: getattr(self, name) for name in ("to", "encoding", "lang", "pre_segmented", "whole_page")}
        options |= {"options": self.options.signature, "version": __version__}
        if reference := self.reference_of(item):
            options["reference"] = sha256_of(reference.read_bytes())
        return f"{translator.signature}|{json.dumps(options, sort_keys=True)}"

    def load(self, item: Item, out: Path) -> Document:
        """Read and segment one input.

        Raises:
            InputError: It cannot be read, or an output of its own would overwrite it.
        """
        if item.path.resolve() in {(out / path).resolve() for path in item.outputs}:
            raise InputError("Its output would overwrite it: choose another folder with -o.")
        return load_document(
            item.path,
            name=item.name,
            encoding=self.encoding,
            lang=self.lang,
            pre_segmented=self.pre_segmented,
            whole_page=self.whole_page,
        )

    def files(self, item: Item, out: Path, ours: Collection[str]) -> list[Path]:
        """Name the files that will be written for an input.

        Args:
            item: The input.
            out: The output folder.
            ours: Paths relative to `out` that an earlier run wrote or began to write.

        Raises:
            OutputError: One exists and may be a person's.
        """
        files = [file for name, path in zip(self.to, item.outputs, strict=True) for file in files_of(out / path, name)]
        for file in files:
            if not (self.force or file.relative_to(out).as_posix() in ours or is_replaceable(file)):
                raise OutputError(f"{file} exists and may hold your work: add --force to replace it.")
        return files

    def write(
        self,
        item: Item,
        out: Path,
        translated: Translated,
        translator: Translator,
        encoder: Callable[[], Encoder],
    ) -> tuple[dict[str, str], list[str]]:
        """Write the outputs of one document.

        Returns:
            SHA-256 of each file by its path relative to `out`, and the scores against the reference.

        Raises:
            InputError: The reference does not match.
            OutputError: A file cannot be written.
        """
        path = self.reference_of(item)
        matched = match_reference(translated.bitext.source, translated.units, path, encoder) if path else None
        facts = page_facts(translator, translated, matched)
        written = {}
        for name, relative in zip(self.to, item.outputs, strict=True):
            for file in write_output(_made(out / relative), name, translated, facts):
                written[file.relative_to(out).as_posix()] = sha256_of(file.read_bytes())
        if matched:
            scored = Path(f"{SCORED}{item.name}.json")
            data = json.dumps(list(zip(matched.hypotheses, matched.references, strict=True)), ensure_ascii=False)
            write_atomically(_made(out / scored), lambda file: file.write(data.encode()))
            written[scored.as_posix()] = sha256_of(data.encode())
        return written, list(facts.scores)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: a finished document.

    Attributes:
        name: The document's name.
        source: SHA-256 of the input file.
        signature: What made it: model, engine, options, reference.
        outputs: Path relative to OUT and SHA-256 of each file written.
        segments: Number of source segments.
        severities: Number of issues by severity.
        codes: Number of issues by code.
        scores: Scores against the reference, as text; empty without one.
    """

    name: str
    source: str
    signature: str
    outputs: dict[str, str]
    segments: int
    severities: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    scores: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Summary:
    """What a batch did: entries by name in the plan's order, documents that were done before, failures with reason."""

    entries: dict[str, Entry] = field(default_factory=dict)
    skipped: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0


def sha256_of(data: bytes) -> str:
    """Give the SHA-256 of some bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def plan_batch(directory: Path, out: Path, to: Sequence[str], readable: Collection[str], suffix: str) -> Plan:
    """Find every readable file under a directory and name its outputs, the tree mirrored.

    Hidden files and folders, the output folder, and links that leave the directory are left out. The outputs of
    `a/b.txt` are `a/b.zh-en.html` ...; where two inputs would share an output, both keep their full file names.

    Args:
        directory: Where to look.
        out: The output folder; may lie inside `directory`.
        to: Extensions without the dot.
        readable: Extensions with the dot that the reader takes.
        suffix: What stands between stem and extension, for example ".zh-en".

    Raises:
        InputError: The directory is missing, not a directory, or holds nothing readable.
    """
    if not directory.is_dir():
        what = "is a file, not a directory; for one article use 'bilingual translate'" if directory.exists() else None
        raise InputError(f"{directory} {what or 'does not exist'}.")
    root, skip = directory.resolve(), out.resolve()
    found: list[tuple[str, Path]] = []
    others = 0
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and (here / f).resolve() != skip)
        for file in sorted(files):
            path = here / file
            if file.startswith(".") or not path.resolve().is_relative_to(root):
                continue
            if path.suffix.lower() in readable:
                found.append((path.relative_to(root).as_posix(), path))
            else:
                others += 1
    if not found:
        raise InputError(f"{directory} holds no file that can be read ({' '.join(sorted(readable))}).")
    stems = Counter(Path(name).with_suffix("").as_posix().casefold() for name, _ in found)
    items = []
    for name, path in found:
        stem = Path(name).with_suffix("")
        base = name if stems[stem.as_posix().casefold()] > 1 else stem.as_posix()
        items.append(Item(path, name, tuple(Path(f"{base}{suffix}.{extension}") for extension in to)))
    return Plan(tuple(items), others)


def read_journal(out: Path) -> tuple[dict[str, Entry], set[str]]:
    """Read the journal of an output folder.

    Returns:
        The last entry of each document by name, and every path (relative to `out`) that a run has ever begun to write.
        A torn line, which a killed run leaves, is ignored.
    """
    path = out / JOURNAL
    entries: dict[str, Entry] = {}
    ours: set[str] = set()
    for line in path.read_bytes().split(b"\n") if path.exists() else []:
        try:
            record = json.loads(line)
            if "begun" in record:
                ours.update(record["begun"])
            else:
                entries[record["name"]] = Entry(**record)
        except (ValueError, TypeError, KeyError):
            continue
    return entries, ours


def run_batch(
    plan: Plan,
    out: Path,
    job: Job,
    translator: Translator,
    *,
    restart: bool = False,
    say: Callable[[str], None] = lambda sentence: None,
    progress: Callable[[int], None] = lambda segments: None,
) -> Summary:
    """Translate what is not done yet, write each document as soon as it is finished, and note it in the journal.

    An input that cannot be read, or an output that must not be replaced, fails by itself; the rest goes on.

    Args:
        plan: What to translate.
        out: The output folder; made when missing.
        job: How.
        translator: The engine; one for all documents.
        restart: Forget the journal.
        say: Takes sentences for people about single documents.
        progress: Called once for every document, with the number of segments translated.

    Raises:
        OutputError: The output folder cannot be made or written.
    """
    begin = time.monotonic()
    encoder = cache(load_encoder)  # loaded once, and only when a reference has to be aligned
    try:
        (out / JOURNAL).parent.mkdir(parents=True, exist_ok=True)
        journal = (out / JOURNAL).open("a", encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror}): choose another folder with -o.") from error
    known, ours = read_journal(out)
    if restart:
        known = {}
    summary = Summary()
    pending: deque[tuple[Item, str, str]] = deque()

    def documents() -> Iterator[Document]:
        for item in plan.items:
            try:
                source = sha256_of(item.path.read_bytes())
                signature = job.signature(translator, item)
                entry = known.get(item.name)
                if entry and _is_done(entry, source, signature, out):
                    summary.entries[item.name] = entry
                    summary.skipped += 1
                    progress(0)
                    continue
                document = job.load(item, out)
            except OSError as error:
                summary.failed.append((item.name, f"It cannot be read ({error.strerror})."))
                progress(0)
                continue
            except BilingualError as error:
                summary.failed.append((item.name, str(error)))
                progress(0)
                continue
            for note in document.notes:
                say(f"{item.name}: {note}")
            pending.append((item, source, signature))
            yield document

    with journal:
        journal.write("\n" if journal.tell() else "")  # the last line may be torn
        for translated in translate_documents(documents(), translator, options=job.options, progress=progress):
            item, source, signature = pending.popleft()
            try:
                files = job.files(item, out, ours)
                journal.write(json.dumps({"begun": [file.relative_to(out).as_posix() for file in files]}) + "\n")
                journal.flush()
                outputs, scores = job.write(item, out, translated, translator, encoder)
            except BilingualError as error:
                summary.failed.append((item.name, str(error)))
                continue
            issues = [issue for unit in translated.units for issue in unit.issues]
            entry = Entry(
                name=item.name,
                source=source,
                signature=signature,
                outputs=outputs,
                segments=len(translated.units),
                severities=dict(Counter(issue.severity for issue in issues)),
                codes=dict(Counter(issue.code for issue in issues)),
                scores=scores,
            )
            summary.entries[item.name] = entry
            journal.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
            journal.flush()
    order = {item.name: number for number, item in enumerate(plan.items)}
    summary.entries = dict(sorted(summary.entries.items(), key=lambda pair: order[pair[0]]))
    summary.failed.sort(key=lambda pair: order[pair[0]])
    summary.seconds = time.monotonic() - begin
    return summary


def write_index(out: Path, plan: Plan, summary: Summary, facts: PageFacts) -> Path:
    """Write `OUT/index.html`: every document with its outputs and counts, and what failed.

    Raises:
        OutputError: The file cannot be written, or is not ours to replace.
    """
    path = out / "index.html"
    if not is_replaceable(path):
        raise OutputError(f"{path} exists and is not a page of ours: move it, or choose another folder with -o.")
    failed = dict(summary.failed)
    entries = []
    for item in plan.items:
        entry = summary.entries.get(item.name)
        if entry is None:
            entries.append(IndexEntry(document=item.name, status="failed", reason=failed.get(item.name, "")))
            continue
        entries.append(
            IndexEntry(
                document=item.name,
                outputs=tuple(output for output in entry.outputs if not output.startswith(".bilingual/")),
                sentences=entry.segments,
                errors=entry.severities.get("error", 0),
                warnings=entry.severities.get("warning", 0),
                infos=entry.severities.get("info", 0),
            )
        )
    page = render_index(entries, title=f"Translations in {out.name}", facts=facts)
    write_atomically(path, lambda file: file.write(page.encode("utf-8", "surrogatepass")))
    return path


def corpus_scores(out: Path, summary: Summary) -> list[Score]:
    """Score all documents with a reference together; empty when there is none."""
    pairs = []
    for entry in summary.entries.values():
        for path in entry.outputs:
            if path.startswith(SCORED):
                pairs += json.loads((out / path).read_text(encoding="utf-8"))
    return evaluate_lines([pair[0] for pair in pairs], [[pair[1] for pair in pairs]]) if pairs else []


def _made(path: Path) -> Path:
    """Make the folder of a file.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path.parent} cannot be made ({error.strerror}).") from error
    return path


def _is_done(entry: Entry, source: str, signature: str, out: Path) -> bool:
    """Hold the journal against the source, the run and the files as they are now."""
    if entry.source != source or entry.signature != signature:
        return False
    try:
        return all(sha256_of((out / path).read_bytes()) == digest for path, digest in entry.outputs.items())
    except OSError:
        return False
