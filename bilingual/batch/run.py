"""A directory in batch: read, translate, write, note it in the journal; go on where a killed run stopped."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bilingual import __version__
from bilingual.batch.journal import Entry, JournalWriter, is_done, read_journal, sha256_of
from bilingual.batch.plan import Item, Plan
from bilingual.batch.record import Record, changes_since, describe_run, now, read_record, write_record
from bilingual.bitext import Document
from bilingual.encoders import load_encoder
from bilingual.errors import BilingualError, InputError, OutputError
from bilingual.formats import write_atomically
from bilingual.output import files_of, is_replaceable, page_facts, write_output
from bilingual.pipeline import Options, Translated, load_document, translate_documents
from bilingual.protocols import Encoder, Translator
from bilingual.reference import match_reference

__all__ = ["SCORED", "Job", "Step", "Summary", "count_run", "run_batch"]

SCORED = ".bilingual/scored/"
"""Folder of pairs [hypothesis, reference], one JSON list a document: what the corpus score is made from."""


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

    def settings(self) -> dict[str, Any]:
        """Name everything asked for that decides the outputs, the references apart."""
        settings = {name: getattr(self, name) for name in ("to", "encoding", "lang", "pre_segmented", "whole_page")}
        return settings | {"to": list(self.to), "options": self.options.signature}

    def signature(self, translator: Translator, item: Item) -> str:
        """Name everything that decides the outputs of this item, except its text."""
        settings = self.settings() | {"version": __version__}
        if reference := self.reference_of(item):
            settings["reference"] = sha256_of(reference.read_bytes())
        return f"{translator.signature}|{json.dumps(settings, sort_keys=True)}"

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
class Step:
    """One document is through: translated, failed (no entry), or done before."""

    item: Item
    entry: Entry | None = None
    before: bool = False


@dataclass(slots=True)
class Summary:
    """What a batch did.

    Attributes:
        entries: By name, in the plan's order.
        skipped: How many of them were done before.
        sentences: Segments of the others.
        failed: Name and reason.
        seconds: From the beginning to the end.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    skipped: int = 0
    sentences: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0


def run_batch(
    plan: Plan,
    out: Path,
    job: Job,
    translator: Translator,
    *,
    restart: bool = False,
    say: Callable[[str], None] = lambda sentence: None,
    progress: Callable[[Step], None] = lambda step: None,
) -> Summary:
    """Translate what is not done yet, write each document as soon as it is finished, and note it in the journal.

    An input that cannot be read, or an output that must not be replaced, fails by itself; the rest goes on. The run
    record `OUT/run.json` is written at the beginning and at the end, an interrupted run's too.

    Args:
        plan: What to translate.
        out: The output folder; made when missing.
        job: How.
        translator: The engine; one for all documents.
        restart: Forget the journal.
        say: Takes sentences for people about single documents.
        progress: Called once for every document.

    Raises:
        InputError: `OUT/run.json` is no run record.
        OutputError: The output folder cannot be made or written, or belongs to another shard.
    """
    begin = time.monotonic()
    encoder = cache(load_encoder)  # loaded once, and only when a reference has to be aligned
    before = read_record(out)
    record = describe_run(translator, job.settings(), str(plan.shard) if plan.shard else None)
    if before:
        for sentence in changes_since(before, record):
            say(sentence)
        record |= {name: before[name] for name in ("runs", "counts", "failed", "scores")}
    journal = read_journal(out)
    known = {} if restart else journal.entries
    summary = Summary()
    pending: deque[tuple[Item, str, str]] = deque()

    with JournalWriter(out) as writer:

        def fail(item: Item, reason: str) -> None:
            summary.failed.append((item.name, reason))
            writer.fail(item.name, reason)
            progress(Step(item))

        def documents() -> Iterator[Document]:
            for item in plan.items:
                try:
                    source = sha256_of(item.path.read_bytes())
                    signature = job.signature(translator, item)
                    entry = known.get(item.name)
                    if entry and is_done(entry, source, signature, out):
                        summary.entries[item.name] = entry
                        summary.skipped += 1
                        if item.name in journal.failed:
                            writer.finish(entry)
                        progress(Step(item, entry, before=True))
                        continue
                    document = job.load(item, out)
                except OSError as error:
                    fail(item, f"It cannot be read ({error.strerror}).")
                    continue
                except BilingualError as error:
                    fail(item, str(error))
                    continue
                for note in document.notes:
                    say(f"{item.name}: {note}")
                pending.append((item, source, signature))
                yield document

        _begin_run(out, record)
        try:
            for translated in translate_documents(documents(), translator, options=job.options):
                item, source, signature = pending.popleft()
                try:
                    files = job.files(item, out, journal.ours)
                    writer.begin(file.relative_to(out).as_posix() for file in files)
                    outputs, scores = job.write(item, out, translated, translator, encoder)
                except BilingualError as error:
                    fail(item, str(error))
                    continue
                entry = _entry(item, source, signature, translated, outputs, scores)
                summary.entries[item.name] = entry
                summary.sentences += entry.segments
                writer.finish(entry)
                progress(Step(item, entry))
        finally:
            order = {item.name: number for number, item in enumerate(plan.items)}
            summary.entries = dict(sorted(summary.entries.items(), key=lambda pair: order[pair[0]]))
            summary.failed.sort(key=lambda pair: order[pair[0]])
            summary.seconds = time.monotonic() - begin
            _end_run(out, record, summary)
    return summary


def count_run(record: Record, summary: Summary) -> None:
    """Put the counts and the failures of a summary into a record."""
    issues: Counter[str] = Counter()
    for entry in summary.entries.values():
        issues.update(entry.severities)
    record["counts"] = {
        "documents": len(summary.entries),
        "failed": len(summary.failed),
        "sentences": sum(entry.segments for entry in summary.entries.values()),
        "issues": dict(sorted(issues.items())),
    }
    record["failed"] = [list(pair) for pair in summary.failed]


def _begin_run(out: Path, record: Record) -> None:
    """Write the record with a run that has not ended."""
    record["runs"] = [*record["runs"], {"begun": now(), "ended": None}]
    write_record(out, record)


def _end_run(out: Path, record: Record, summary: Summary) -> None:
    """Write the record with what this run did; one that found everything done leaves no trace in it."""
    *before, run = record["runs"]
    documents = len(summary.entries) - summary.skipped
    done = {
        "ended": now(),
        "seconds": round(summary.seconds, 1),
        "documents": documents,
        "sentences": summary.sentences,
        "machine": record["machine"],
    }
    record["runs"] = [*before, run | done] if documents or summary.failed else before
    count_run(record, summary)
    write_record(out, record)


def _entry(
    item: Item, source: str, signature: str, translated: Translated, outputs: dict[str, str], scores: list[str]
) -> Entry:
    """Make the journal's line about a finished document."""
    issues = [issue for unit in translated.units for issue in unit.issues]
    return Entry(
        name=item.name,
        source=source,
        signature=signature,
        outputs=outputs,
        segments=len(translated.units),
        severities=dict(Counter(issue.severity for issue in issues)),
        codes=dict(Counter(issue.code for issue in issues)),
        scores=scores,
    )


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
