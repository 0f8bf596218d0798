"""The columns of a table of units: cells of text to a unit and back, the same for TSV, XLSX and Parquet."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import cast, get_args

from bilingual.bitext import Issue, Kind, Severity, Status, TranslationUnit, unit_id
from bilingual.errors import InputError

__all__ = ["COLUMNS", "MAX_RECORD_BYTES", "Seen", "cells_of", "counted_id", "read_choice", "unit_of", "unit_of_pair"]

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

_KNOWN = frozenset(COLUMNS)
_NUMBERS: dict[str, type[int] | type[float]] = {
    "paragraph": int,
    "sentence": int,
    "level": int,
    "log_prob": float,
    "confidence": float,
}
_KINDS, _SEVERITIES, _STATUSES = get_args(Kind), get_args(Severity), get_args(Status)


def counted_id(seen: Seen, document: str, text: str) -> str:
    """Make the id of a unit whose file gives none, counting the occurrences of its text in `seen`."""
    key = hash((document, text))  # 64 bits: of a million texts two are taken for one with a chance of 3 in 100 million
    seen[key] = occurrence = seen.get(key, 0) + 1
    return unit_id(document, text, occurrence)


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
    get = cells.get
    document = get("document", document)
    source, target = cells["source"], cells["target"]
    try:
        paragraph, sentence, level = int(get("paragraph") or number), int(get("sentence") or 1), int(get("level") or 0)
        log_prob, confidence = float(get("log_prob") or math.nan), float(get("confidence") or math.nan)
    except ValueError:
        raise InputError(_bad_number(cells, where)) from None
    return TranslationUnit(
        id=get("id") or counted_id(seen, document, source or target),
        document=document,
        paragraph=paragraph,
        sentence=sentence,
        kind=cast(Kind, read_choice(get("kind") or "text", "kind", _KINDS, where)),
        level=level,
        source_lang=get("source_lang", "zh"),
        target_lang=get("target_lang", "en"),
        source=source,
        target=target,
        log_prob=log_prob,
        confidence=None if math.isnan(confidence) else confidence,
        issues=tuple([_read_issue(word, where) for word in get("issues", "").split()]),
        origin=get("origin", "human"),
        status=cast(Status, read_choice(get("status", ""), "status", _STATUSES, where)),
        note=get("note", ""),
        extra=tuple([(name, value) for name, value in cells.items() if name not in _KNOWN]),
    )


def unit_of_pair(source: str, target: str, document: str, number: int, seen: Seen) -> TranslationUnit:
    """Make a unit of a row that has nothing but the two texts: what `unit_of` makes of it, in half the time."""
    return TranslationUnit(
        counted_id(seen, document, source or target),
        document,
        number,
        1,
        "text",
        0,
        "zh",
        "en",
        source,
        target,
        origin="human",
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


def _bad_number(cells: Mapping[str, str], where: str) -> str:
    """Say which cell of a row should hold a number and does not."""
    for column, parse in _NUMBERS.items():
        cell = cells.get(column, "")
        try:
            parse(cell or 0)
        except ValueError:
            break
    wanted = "a whole number" if parse is int else "a number"
    return f"{where}: {column} {cell[:40]!r} is not {wanted}; write one, or nothing"
