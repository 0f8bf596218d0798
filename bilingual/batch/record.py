"""The run record, `OUT/run.json`: what made an output folder, for a resumed run to check and for a score to cite."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Protocol

from bilingual import __version__
from bilingual.errors import InputError, OutputError
from bilingual.formats import write_atomically

__all__ = [
    "RECORD",
    "Record",
    "changes_since",
    "cite_record",
    "describe_run",
    "find_record",
    "note_scores",
    "now",
    "parse_record",
    "read_record",
    "record_bytes",
    "write_record",
]

RECORD = "run.json"
_FORMAT = "bilingual-run-1"

Record = dict[str, Any]
"""What `run.json` holds:

    format, bilingual               "bilingual-run-1", the program's version
    model                           name, hash (8 hexadecimal digits), license
    signature                       model, engine, precision, tokenizer
    options, shard                  what was asked for; "2/8" or null
    versions, machine               of the installed packages; system, processor, cores, Python
    counts                          documents, failed, sentences, issues by severity
    failed                          [name, reason] ...
    scores                          against references, as text
    runs                            for the first run and each that went on: begun, ended (UTC), seconds,
                                    documents and sentences translated in it, machine; ended is null after a kill
"""


def now() -> str:
    """Give the time as the record writes it: UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Engine(Protocol):
    """What a record says of an engine: `Translator` and `batch.task.Opened` have it."""

    @property
    def signature(self) -> str:
        """What decides the results."""

    @property
    def model_name(self) -> str:
        """Bundled name, hub id or directory name."""

    @property
    def license(self) -> str | None:
        """SPDX name of the weights' licence."""


def describe_run(translator: Engine, options: Mapping[str, Any], shard: str | None = None) -> Record:
    """Give the part of a record that is known before any work."""
    model_hash = re.search(r"@([0-9a-f]{8})\b", translator.signature)
    return {
        "format": _FORMAT,
        "bilingual": __version__,
        "model": {
            "name": translator.model_name,
            "hash": model_hash[1] if model_hash else None,
            "license": translator.license,
        },
        "signature": translator.signature,
        "options": dict(options),
        "shard": shard,
        "versions": _versions(),
        "machine": _machine(),
        "counts": {"documents": 0, "failed": 0, "sentences": 0, "issues": {}},
        "failed": [],
        "scores": [],
        "runs": [],
    }


def read_record(out: Path) -> Record | None:
    """Read the record of an output folder; None when there is none.

    Raises:
        InputError: The file there is no run record of ours, or damaged.
    """
    path = out / RECORD
    try:
        return parse_record(path.read_bytes(), str(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error


def parse_record(data: bytes, where: str) -> Record:
    """Read the content of a record.

    Raises:
        InputError: It is no run record of ours, or damaged.
    """
    try:
        record = json.loads(data)
    except ValueError as error:
        raise InputError(f"{where} cannot be read as a run record ({error}): move it away.") from error
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        raise InputError(f"{where} is no run record of this version: move it, or choose another folder with -o.")
    return record


def record_bytes(record: Record) -> bytes:
    """Give the content of a record's file."""
    return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def write_record(out: Path, record: Record) -> None:
    """Write the record of an output folder, whole or not at all.

    Raises:
        OutputError: It cannot be written.
    """
    write_atomically(out / RECORD, lambda file: file.write(record_bytes(record)))


def note_scores(out: Path, scores: Sequence[str]) -> None:
    """Add scores against references, as text, to the record of an output folder.

    Raises:
        InputError: The record is damaged.
        OutputError: It cannot be written.
    """
    record = read_record(out)
    if record:
        write_record(out, record | {"scores": list(scores)})


def changes_since(before: Record, record: Record) -> list[str]:
    """Say in sentences what a resumed run does otherwise than the record says.

    Raises:
        OutputError: The folder belongs to another shard.
    """
    if before["shard"] != record["shard"]:
        mine, theirs = (f"shard {shard}" if shard else "a run over everything" for shard in _shards(record, before))
        raise OutputError(
            f"This folder holds {theirs}, not {mine}: give each shard a folder of its own, then 'bilingual merge'."
        )
    sentences = []
    facts = [("program", "bilingual"), ("model or engine", "signature")]
    pairs = [(what, before[key], record[key]) for what, key in facts]
    names = dict.fromkeys((*before["options"], *record["options"]))
    pairs += [(name, before["options"].get(name), record["options"].get(name)) for name in names]
    for what, old, new in pairs:
        if old != new:
            sentences.append(f"Changed since the last run here: {what}, {old} → {new}. All is done again.")
    old, new = (one["machine"]["processor"] for one in (before, record))
    if old != new:
        sentences.append(f"The last run here was on another processor ({old}): rows may differ in their last digits.")
    return sentences


def cite_record(record: Record) -> str:
    """Say on one line what made a folder, for a score to cite."""
    counts, runs = record["counts"], record["runs"]
    when = runs[-1]["begun"][:10] if runs else "?"
    return (
        f"Made by bilingual {record['bilingual']}, {record['signature']}, {counts['documents']} documents, "
        f"{counts['sentences']} sentences, {when}."
    )


def find_record(path: Path) -> Record | None:
    """Find the record of the run that a file comes from, in its folder or one above; None when there is none."""
    for folder in path.resolve().parents:
        try:
            record = read_record(folder)
        except InputError:
            continue
        if record:
            return record
    return None


def _shards(*records: Record) -> list[str | None]:
    return [record["shard"] for record in records]


def _versions() -> dict[str, str]:
    """Give the versions of everything installed that this package may use."""
    found = {}
    for requirement in requires("bilingual") or []:
        name = re.split(r"[\s;<>=!~\[]", requirement, maxsplit=1)[0]
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return dict(sorted(found.items()))


def _machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "python": platform.python_version(),
    }


def _processor() -> str:
    """Name the processor; Linux tells it only here."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
