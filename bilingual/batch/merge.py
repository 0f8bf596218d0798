"""The output folders of several runs, shards of one directory, become what one run would have written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bilingual import __version__
from bilingual.batch.index import corpus_scores, write_index
from bilingual.batch.journal import Entry, Journal, JournalWriter, is_done, read_journal, sha256_of
from bilingual.batch.plan import parse_shard, place_of
from bilingual.batch.record import Record, read_record, write_record
from bilingual.batch.run import Summary, count_run
from bilingual.engines import DEFAULT_MODEL
from bilingual.errors import InputError, OutputError
from bilingual.evaluate import Score
from bilingual.formats import write_atomically
from bilingual.output import is_replaceable
from bilingual.page import PageFacts

__all__ = ["Merged", "merge_batches"]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge gave.

    Attributes:
        summary: As of one run over everything; `skipped` counts what the merged folder held before.
        missing: Shards, as "2/8", that no folder is of.
        scores: Of all documents with a reference together.
        index: The overview page.
    """

    summary: Summary
    missing: tuple[str, ...]
    scores: list[Score] = field(default_factory=list)
    index: Path = Path()


def merge_batches(
    outs: Sequence[Path],
    merged: Path,
    *,
    force: bool = False,
    progress: Callable[[int], None] = lambda documents: None,
) -> Merged:
    """Bring the journals and outputs of several output folders into one, which a later run goes on with.

    A document whose output is no longer what its run wrote, and one that two runs made differently, is not taken and
    named among the failures. Running it again copies only what is new.

    Args:
        outs: Output folders of `bilingual batch`.
        merged: The folder to fill; made when missing.
        force: Replace files there that no run of ours wrote.
        progress: Takes the number of documents just copied.

    Raises:
        InputError: A folder is no output of a batch, or two were made with another model or other options.
        OutputError: The folder cannot be written, or is one of those to merge.
    """
    if merged.resolve() in {out.resolve() for out in outs}:
        raise OutputError(f"{merged} is one of the folders to merge: choose another with -o.")
    records = [_record_of(out) for out in outs]
    record = _joined(outs, records)
    found, reasons = _gathered(outs)
    known = read_journal(merged)
    summary = Summary()
    with JournalWriter(merged) as writer:
        for name in sorted({*found, *reasons}, key=place_of):
            out, entry = found.get(name, (merged, None))
            reason = reasons.get(name) or (entry and _copied(out, entry, merged, known, writer, force))
            if entry is None or reason:
                summary.failed.append((name, reason or ""))
                writer.fail(name, reason or "")
            else:
                summary.entries[name] = entry
                summary.skipped += known.entries.get(name) == entry
            progress(1)
    scores = corpus_scores(merged, summary)
    record["scores"] = [str(score) for score in scores]
    count_run(record, summary)
    write_record(merged, record)
    facts = PageFacts(
        model=record["model"]["name"],
        license=record["model"]["license"] or "not stated",
        signature=record["signature"],
        date=date.today().isoformat(),
        made_by=f"bilingual {__version__}",
        modest=record["model"]["name"] == DEFAULT_MODEL,
        scores=tuple(record["scores"]),
    )
    names = sorted((*summary.entries, *(name for name, _ in summary.failed)), key=place_of)
    return Merged(summary, _missing(records), scores, write_index(merged, names, summary, facts))


def _record_of(out: Path) -> Record:
    """Read the run record of a folder that has to have one.

    Raises:
        InputError: It has none.
    """
    record = read_record(out)
    if record is None:
        raise InputError(f"{out} is no output of 'bilingual batch': it has no run.json.")
    return record


def _joined(outs: Sequence[Path], records: Sequence[Record]) -> Record:
    """Make the record of the merged folder: that of a run over everything, with the runs of all.

    Raises:
        InputError: Two were made differently.
    """
    first = records[0]
    for out, record in zip(outs, records, strict=True):
        for key in ("bilingual", "signature", "options"):
            if record[key] != first[key]:
                raise InputError(
                    f"{outs[0]} and {out} were not made alike: {key} is {first[key]} there and {record[key]} here. "
                    "Run one of them again as the other."
                )
    runs = [run for record in records for run in record["runs"]]
    return first | {"shard": None, "runs": sorted(runs, key=lambda run: str(run["begun"]))}


def _missing(records: Sequence[Record]) -> tuple[str, ...]:
    """Name the shards that are not there."""
    shards = [parse_shard(record["shard"]) for record in records if record["shard"]]
    counts = {shard.count for shard in shards}
    have = {str(shard) for shard in shards}
    wanted = [f"{index}/{count}" for count in sorted(counts) for index in range(1, count + 1)]
    return tuple(shard for shard in wanted if shard not in have)


def _gathered(outs: Sequence[Path]) -> tuple[dict[str, tuple[Path, Entry]], dict[str, str]]:
    """Collect the finished documents of all journals with their folder, and the reasons why others failed."""
    found: dict[str, tuple[Path, Entry]] = {}
    reasons: dict[str, str] = {}
    owners: dict[str, str] = {}
    journals = [(out, read_journal(out)) for out in outs]
    for _, journal in journals:
        reasons |= journal.failed
    for out, journal in journals:
        for name, entry in journal.entries.items():
            if name in journal.failed:
                continue
            reasons.pop(name, None)  # another run could do it
            other, mine = found.setdefault(name, (out, entry))
            if (mine.source, mine.signature, mine.outputs) != (entry.source, entry.signature, entry.outputs):
                reasons[name] = f"It was made differently in {other} and in {out}: run one of them again."
            for path in entry.outputs:
                owner = owners.setdefault(path, name)
                if owner != name:
                    reasons[name] = f"Its output {path} is also that of {owner}: these are no shards of one directory."
    return found, reasons


def _copied(out: Path, entry: Entry, merged: Path, known: Journal, writer: JournalWriter, force: bool) -> str:
    """Copy the outputs of one document and note it; give the reason when that is impossible, else an empty text."""
    if known.entries.get(entry.name) == entry and is_done(entry, entry.source, entry.signature, merged):
        if entry.name in known.failed:
            writer.finish(entry)
        return ""
    contents = {}
    for path, digest in entry.outputs.items():
        if Path(path).is_absolute() or ".." in Path(path).parts:
            return f"Its journal names {path}, which lies outside the folder."
        try:
            contents[path] = (out / path).read_bytes()
        except OSError as error:
            return f"{out / path} cannot be read ({error.strerror})."
        if sha256_of(contents[path]) != digest:
            return f"{out / path} is not what the run wrote: run it again, or take the file by hand."
    for path in contents:
        if not (force or path in known.ours or is_replaceable(merged / path)):
            return f"{merged / path} exists and may hold your work: add --force to replace it."
    writer.begin(contents)
    try:
        for path, data in contents.items():
            (merged / path).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(merged / path, lambda file, data=data: file.write(data))  # type: ignore[misc]
    except (OSError, OutputError) as error:
        return f"It cannot be written: {error}"
    writer.finish(entry)
    return ""
