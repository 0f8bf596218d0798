"""Hashes of files, and small records of what was found out, both kept in the cache."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["file_hashes", "hash_file", "recall", "remember"]

_logger = logging.getLogger(__name__)


def hash_file(path: Path) -> str:
    """Compute the sha256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_hashes(path: Path, names: list[str], cache: Path | None) -> dict[str, str]:
    """Give the sha256 of each file; one whose size and time did not change since it was last read is not read again."""
    if cache is None:
        return {name: hash_file(path / name) for name in names}
    record = cache / "verified" / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}.json"
    known = recall(record)
    fresh: dict[str, list[Any]] = {}
    for name in names:
        status = (path / name).stat()
        stamp = [status.st_size, status.st_mtime_ns, status.st_ino]
        entry = known.get(name, [])
        fresh[name] = entry if entry[:3] == stamp and len(entry) == 4 else [*stamp, hash_file(path / name)]
    if fresh != known:
        remember(record, fresh)
    return {name: entry[3] for name, entry in fresh.items()}


def recall(record: Path) -> dict[str, Any]:
    """Read facts that `remember` kept; none when there is no such record."""
    try:
        value = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def remember(record: Path, facts: Mapping[str, Any]) -> None:
    """Keep facts in the cache; one that cannot be written costs time, nothing else."""
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        temporary = record.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(facts), encoding="utf-8")
        os.replace(temporary, record)
    except OSError as error:
        _logger.debug("%s: %s", record, error)
