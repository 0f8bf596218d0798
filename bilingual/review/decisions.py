"""A reviewer's decisions, and the file that holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

from bilingual.bitext import Status
from bilingual.errors import InputError

__all__ = ["Conflict", "Decision", "Decisions", "Piece", "Stamp", "read_decisions", "write_decisions"]

FORMAT = "bilingual-decisions"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Stamp:
    """A unit as it was when it was reviewed.

    `occurrence` and `of` tell apart units that share one id: the second of three. Both are 1 where the id is alone.
    """

    document: str
    id: str
    source_hash: str
    target_hash: str
    occurrence: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """What a unit, or a part of one, or several, shall be."""

    source: str
    target: str
    status: Status = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Neighbouring units and what becomes of them."""

    units: tuple[Stamp, ...]
    becomes: tuple[Piece, ...]

    def __str__(self) -> str:
        """Give the beginning of its text, for lists."""
        text = " ".join(piece.source or piece.target for piece in self.becomes)
        return text if len(text) <= 60 else text[:59] + "…"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two decisions about the same unit that cannot both hold."""

    first: Decision
    second: Decision
    reason: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """A decisions file. `conflicts` are those that a merge left open; they are not applied."""

    document: str
    decisions: tuple[Decision, ...]
    conflicts: tuple[Conflict, ...] = ()


def read_decisions(file: BinaryIO, name: str) -> Decisions:
    """Read a decisions file as exported by the page.

    Args:
        file: UTF-8 JSON.
        name: The path, for messages.

    Raises:
        InputError: It is not JSON (the line is named), not a decisions file, of a newer version, or damaged.
    """
    try:
        value = json.loads(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not UTF-8 ({error.reason}); export the decisions again") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{name}:{error.lineno}: is not JSON: {error.msg}; export the decisions again") from None
    except RecursionError:
        raise InputError(f"{name}: is nested too deeply for a decisions file") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT or not isinstance(value.get("decisions"), list):
        raise InputError(f"{name}: is not a decisions file; Export on the page writes one")
    if not isinstance(value.get("version"), int) or value["version"] > VERSION:
        raise InputError(f"{name}: was made by a newer version of bilingual; update it (pip install -U bilingual)")
    decisions = []
    for number, entry in enumerate(value["decisions"], 1):
        decisions.append(_decision(entry, f"{name}: decision {number}"))
    conflicts = []
    for number, entry in enumerate(value.get("conflicts", []), 1):
        where = f"{name}: conflict {number}"
        if not isinstance(entry, dict):
            raise InputError(f"{where} is damaged: it is no object")
        first, second = _decision(entry.get("first"), where), _decision(entry.get("second"), where)
        conflicts.append(Conflict(first, second, str(entry.get("reason", ""))))
    return Decisions(str(value.get("document", "")), tuple(decisions), tuple(conflicts))


def _decision(entry: object, where: str) -> Decision:
    if not isinstance(entry, dict):
        raise InputError(f"{where} is damaged: it is no object")
    stamps, pieces = entry.get("units"), entry.get("becomes")
    if not isinstance(stamps, list) or not isinstance(pieces, list) or not stamps or not pieces:
        raise InputError(f"{where} is damaged: it needs `units` and `becomes`, lists that are not empty")
    return Decision(tuple(_stamp(stamp, where) for stamp in stamps), tuple(_piece(piece, where) for piece in pieces))


def _stamp(value: object, where: str) -> Stamp:
    document, name, source_hash, target_hash = _texts(value, ("document", "id", "source_hash", "target_hash"), where)
    mapping = cast(Mapping[str, object], value)
    occurrence, of = mapping.get("occurrence", 1), mapping.get("of", 1)
    if not isinstance(occurrence, int) or not isinstance(of, int) or not 1 <= occurrence <= of:
        raise InputError(f"{where} is damaged: `occurrence` must be a number from 1 to `of`")
    return Stamp(document, name, source_hash, target_hash, occurrence, of)


def _piece(value: object, where: str) -> Piece:
    source, target, status, note = _texts(value, ("source", "target", "status", "note"), where)
    if status not in ("", "accepted", "edited", "rejected"):
        raise InputError(f"{where} is damaged: {status!r} is no status")
    return Piece(source, target, cast(Status, status), note)


def _texts(value: object, names: Sequence[str], where: str) -> list[str]:
    if not isinstance(value, dict):
        raise InputError(f"{where} is damaged: it holds something that is no object")
    texts = [value.get(name) for name in names]
    for name, text in zip(names, texts, strict=True):
        if not isinstance(text, str):
            raise InputError(f"{where} is damaged: `{name}` must be a text")
    return cast(list[str], texts)


def write_decisions(decisions: Decisions, file: BinaryIO) -> None:
    """Write a decisions file, one decision a line."""
    head = json.dumps({"format": FORMAT, "version": VERSION, "document": decisions.document}, ensure_ascii=False)
    lines = ",\n".join(json.dumps(_entry(decision), ensure_ascii=False) for decision in decisions.decisions)
    text = f'{head[:-1]}, "decisions": [\n{lines}\n]'
    if decisions.conflicts:
        entries = (
            {"first": _entry(conflict.first), "second": _entry(conflict.second), "reason": conflict.reason}
            for conflict in decisions.conflicts
        )
        text += ', "conflicts": [\n' + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries) + "\n]"
    file.write((text + "}\n").encode("utf-8", "backslashreplace"))


def _entry(decision: Decision) -> dict[str, object]:
    return {
        "units": [
            {
                "document": stamp.document,
                "id": stamp.id,
                "source_hash": stamp.source_hash,
                "target_hash": stamp.target_hash,
                **({"occurrence": stamp.occurrence, "of": stamp.of} if stamp.of > 1 else {}),
            }
            for stamp in decision.units
        ],
        "becomes": [
            {"source": piece.source, "target": piece.target, "status": piece.status, "note": piece.note}
            for piece in decision.becomes
        ],
    }
