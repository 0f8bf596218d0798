"""The columns of a table of units: cells of text to a unit and back, the same for TSV, XLSX and Parquet."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeVar, cast, get_args

from bilingual.bitext import Issue, Kind, Severity, Status, TranslationUnit, unit_id
from bilingual.errors import InputError

__all__ = ["COLUMNS", "MAX_RECORD_BYTES", "Seen", "cells_of", "counted_id", "read_choice", "unit_of"]

COLUMNS = (
    "id",
    "document",
    "paragraph",
    "sentence",
    "kind",
    "level",
    "source_lang",
    "target_lang",
    "source",
    "target",
    "log_prob",
    "confidence",
    "issues",
    "origin",
    "status",
    "note",
)
"""The columns in their order; readers go by name, and other columns end up in `TranslationUnit.extra`."""

MAX_RECORD_BYTES = 10_000_000
"""Longest line, record or cell that is read. libxml2 stops a text at the same length, so all formats agree; a whole
novel in one cell stays under it."""

Seen = Counter[int]
"""How often each text has been met in each document, by hash: about 100 bytes a unit, and only for units without id."""

_T = TypeVar("_T")
_KINDS, _SEVERITIES, _STATUSES = get_args(Kind), get_args(Severity), get_args(Status)


def counted_id(seen: Seen, document: str, text: str) -> str:
    """Make the id of a unit whose file gives none, counting the occurrences of its text in `seen`."""
    digest = hashlib.blake2b(f"{document}\x1f{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    key = int.from_bytes(digest)
    seen[key] += 1
    return unit_id(document, text, seen[key])


def cells_of(unit: TranslationUnit) -> list[str]:
    """Give the cells of a unit in the order of `COLUMNS`, `extra` left to the caller.

    Numbers are written so that reading them gives the same value; a NaN or None is an empty cell.
    """
    return [
        unit.id,
        unit.document,
        str(unit.paragraph),
        str(unit.sentence),
        unit.kind,
        str(unit.level),
        unit.source_lang,
        unit.target_lang,
        unit.source,
        unit.target,
        "" if math.isnan(unit.log_prob) else repr(unit.log_prob),
        "" if unit.confidence is None or math.isnan(unit.confidence) else repr(unit.confidence),
        " ".join(f"{issue.severity}:{issue.code}" for issue in unit.issues),
        unit.origin,
        unit.status,
        unit.note,
    ]


def unit_of(cells: Mapping[str, str], where: str, document: str, number: int, seen: Seen) -> TranslationUnit:
    """Make a unit of a row.

    Args:
        cells: Column name to text. `source` and `target` must be there; a unit without `id` gets one, without
            `paragraph` gets the row's number. Names not in `COLUMNS` go to `extra`.
        where: "name:line", the head of an error message.
        document: The unit's document where the row names none.
        number: The row's number, 1-based.
        seen: Occurrences so far, for ids.

    Returns:
        The unit. Its issues have a code and a severity, no message, and NaN for the value.

    Raises:
        InputError: A cell does not hold what its column asks for.
    """
    document = cells.get("document", document)
    source, target = cells["source"], cells["target"]
    log_prob = _parsed(cells, "log_prob", float, math.nan, where)
    confidence = _parsed(cells, "confidence", float, math.nan, where)
    return TranslationUnit(
        id=cells.get("id") or counted_id(seen, document, source or target),
        document=document,
        paragraph=_parsed(cells, "paragraph", int, number, where),
        sentence=_parsed(cells, "sentence", int, 1, where),
        kind=cast(Kind, read_choice(cells.get("kind") or "text", "kind", _KINDS, where)),
        level=_parsed(cells, "level", int, 0, where),
        source_lang=cells.get("source_lang", "zh"),
        target_lang=cells.get("target_lang", "en"),
        source=source,
        target=target,
        log_prob=log_prob,
        confidence=None if math.isnan(confidence) else confidence,
        issues=tuple(_read_issue(word, where) for word in cells.get("issues", "").split()),
        origin=cells.get("origin", "human"),
        status=cast(Status, read_choice(cells.get("status", ""), "status", _STATUSES, where)),
        note=cells.get("note", ""),
        extra=tuple((name, value) for name, value in cells.items() if name not in COLUMNS),
    )


def read_choice(value: str, column: str, allowed: tuple[str, ...], where: str) -> str:
    """Hold a value against the words that its column knows.

    Raises:
        InputError: It is none of them.
    """
    if value not in allowed:
        known = ", ".join(word or "empty" for word in allowed)
        raise InputError(f"{where}: {column} {value[:40]!r} is unknown; write one of: {known}")
    return value


def _read_issue(word: str, where: str) -> Issue:
    """Read `severity:code`."""
    severity, colon, code = word.partition(":")
    if not (colon and code):
        raise InputError(
            f"{where}: issue {word[:40]!r} is not of the form severity:code; write such as warning:long, or nothing"
        )
    return Issue(code, cast(Severity, read_choice(severity, "severity", _SEVERITIES, where)), math.nan, "")


def _parsed(cells: Mapping[str, str], column: str, parse: Callable[[str], _T], default: _T, where: str) -> _T:
    """Parse a cell that holds a number; empty or missing gives the default."""
    cell = cells.get(column, "")
    if not cell:
        return default
    try:
        return parse(cell)
    except ValueError:
        wanted = "a whole number" if parse is int else "a number"
        raise InputError(f"{where}: {column} {cell[:40]!r} is not {wanted}; write one, or nothing") from None
