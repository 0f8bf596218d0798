"""The journal of an output folder: what is finished, what was begun, what failed.

`OUT/.bilingual/journal.jsonl` gains a line before the outputs of a document are written, so that what a killed run
leaves is known to be ours, one when they are in place, and one when a document fails. A document is done when its
source's hash and the run's signature match its entry and every output still has the hash it was written with. That a
file exists proves nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bilingual.errors import OutputError

__all__ = ["JOURNAL", "Entry", "Journal", "JournalWriter", "is_done", "read_journal", "sha256_of"]

JOURNAL = ".bilingual/journal.jsonl"


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
class Journal:
    """What a journal says.

    Attributes:
        entries: The last entry of each document by name.
        ours: Every path (relative to OUT) that a run has ever begun to write.
        failed: Documents that failed and were not finished since, with the reason.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    ours: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)


class JournalWriter:
    """An open journal; every line is on its way to the disk when its method returns."""

    def __init__(self, out: Path) -> None:
        """Open the journal of an output folder, which is made when missing.

        Raises:
            OutputError: The folder cannot be made or written.
        """
        path = out / JOURNAL
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # File names that are no UTF-8 are lone surrogates here.
            self._file = path.open("a", encoding="utf-8", errors="surrogatepass", newline="\n")
        except OSError as error:
            raise OutputError(f"{out} cannot be written ({error.strerror}): choose another folder with -o.") from error
        if self._file.tell():
            self._file.write("\n")  # the last line of a killed run may be torn

    def __enter__(self) -> Self:
        """Give the journal itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def begin(self, paths: Iterable[str]) -> None:
        """Note which files (relative to OUT) are about to be written."""
        self._write({"begun": list(paths)})

    def finish(self, entry: Entry) -> None:
        """Note a finished document."""
        self._write(asdict(entry))

    def fail(self, name: str, reason: str) -> None:
        """Note a document that failed."""
        self._write({"failed": name, "reason": reason})

    def _write(self, record: dict[str, Any]) -> None:
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._file.flush()


def read_journal(out: Path) -> Journal:
    """Read the journal of an output folder; a torn line, as a killed run leaves, counts for nothing."""
    path = out / JOURNAL
    journal = Journal()
    for line in path.read_bytes().split(b"\n") if path.exists() else []:
        try:
            record = json.loads(line)
            if "begun" in record:
                journal.ours.update(record["begun"])
            elif "failed" in record:
                journal.failed[record["failed"]] = record["reason"]
            else:
                entry = Entry(**record)
                journal.entries[entry.name] = entry
                journal.failed.pop(entry.name, None)
        except (ValueError, TypeError, KeyError):
            continue
    return journal


def is_done(entry: Entry, source: str, signature: str, out: Path) -> bool:
    """Hold an entry against the source, the run and the files as they are now."""
    if entry.source != source or entry.signature != signature:
        return False
    try:
        return all(sha256_of((out / path).read_bytes()) == digest for path, digest in entry.outputs.items())
    except OSError:
        return False


def sha256_of(data: bytes) -> str:
    """Give the SHA-256 of some bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()
