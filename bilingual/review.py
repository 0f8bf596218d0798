"""What reviewers decide on the page, back in the data.

A decision speaks of a run of neighbouring units, named by id and by the hashes of both texts, and says what becomes of
them: as many pieces as there were units, fewer (merged) or more (split). It is applied only where its source stands
unchanged. An edit holds for its source whatever a machine says now; every other decision was made about one target and
holds for that target alone.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import BinaryIO, Literal, cast

from bilingual.bitext import Status, TranslationUnit, unit_id, visible
from bilingual.errors import InputError
from bilingual.page.rows import text_hash

__all__ = [
    "Applied",
    "Conflict",
    "Decision",
    "Decisions",
    "Merged",
    "Piece",
    "Stale",
    "Stamp",
    "apply_decisions",
    "merge_decisions",
    "read_decisions",
    "write_decisions",
]

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


@dataclass(frozen=True, slots=True)
class Stale:
    """A decision that does not fit the units, and why."""

    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True)
class Applied:
    """Units after review.

    Attributes:
        units: All units, in order.
        applied: How many decisions changed something.
        unchanged: How many had been applied before.
        stale: The decisions that were not applied.
        confirmed: Places in `units` of what a person has accepted or edited by these decisions: for the memory.
    """

    units: tuple[TranslationUnit, ...]
    applied: int
    unchanged: int
    stale: tuple[Stale, ...]
    confirmed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """Decisions of two reviewers together; `conflicts` holds what only people can settle."""

    decisions: tuple[Decision, ...]
    conflicts: tuple[Conflict, ...]


# -- reading and writing


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


# -- applying


def apply_decisions(units: Sequence[TranslationUnit], decisions: Iterable[Decision]) -> Applied:
    """Write decisions into units.

    Args:
        units: All units of a file, in order.
        decisions: In any order; of two about the same unit the first is applied.

    Returns:
        The units with what became of them and a list of what does not fit. Texts of both sides stay whole: a decision
        that would lose a visible character of a source is stale, and so is one that changes a target without saying so.
    """
    places, sources = _places(unit.id for unit in units), _places(unit.source for unit in units)
    taken: set[int] = set()
    runs: dict[int, tuple[int, Decision]] = {}
    stale: list[Stale] = []
    repeated: list[Decision] = []
    for decision in decisions:
        run, reason = _run(units, places, decision)
        if reason and _stands(units, sources, decision):
            repeated.append(decision)
        elif reason:
            stale.append(Stale(decision, reason))
        elif taken & set(run):
            stale.append(Stale(decision, "another decision in this file speaks of the same unit"))
        else:
            taken.update(run)
            runs[run.start] = (len(run), decision)
    result: list[TranslationUnit] = []
    confirmed: list[int] = []
    unchanged = len(repeated)
    ids = set(places)
    place = 0
    while place < len(units):
        count, decided = runs.get(place, (1, None))
        old = units[place : place + count]
        new = list(old) if decided is None else _become(old, decided, ids)
        if decided is not None:
            unchanged += new == list(old)
            confirmed += [len(result) + at for at, unit in enumerate(new) if _is_confirmed(unit)]
        result += new
        place += count
    sources = _places(unit.source for unit in result)
    for decision in repeated:
        confirmed += [at for at in _stands(result, sources, decision) if _is_confirmed(result[at])]
    regrouped = any(len(decision.units) + len(decision.becomes) > 2 for _, decision in runs.values())
    return Applied(
        units=tuple(_renumbered(result) if regrouped else result),
        applied=len(runs) - (unchanged - len(repeated)),
        unchanged=unchanged,
        stale=tuple(stale),
        confirmed=tuple(sorted(set(confirmed))),
    )


def _is_confirmed(unit: TranslationUnit) -> bool:
    return unit.status in ("accepted", "edited") and bool(unit.source) and bool(unit.target)


def _run(
    units: Sequence[TranslationUnit], places: Mapping[str, Sequence[int]], decision: Decision
) -> tuple[range, str]:
    """Find the run of units that a decision speaks of, or say why it cannot be applied."""
    nothing = range(0)
    first = decision.units[0]
    candidates = places.get(first.id, ())
    if not candidates:
        return nothing, "its unit is not in this file: the source has changed, or it is another document"
    if len(candidates) != first.of:
        return (
            nothing,
            f"{len(candidates)} units of this file have its id {first.id}, and {first.of} had it on the page",
        )
    start = candidates[first.occurrence - 1]
    run = range(start, start + len(decision.units))
    if run.stop > len(units) or any(units[i].id != stamp.id for i, stamp in zip(run, decision.units, strict=True)):
        return nothing, "its units are no longer neighbours"
    if any(text_hash(units[i].source) != stamp.source_hash for i, stamp in zip(run, decision.units, strict=True)):
        return nothing, "the source has changed"
    old = [units[i] for i in run]
    if visible("".join(unit.source for unit in old)) != visible("".join(piece.source for piece in decision.becomes)):
        return nothing, "it would change the source"
    edited = [piece.status == "edited" for piece in decision.becomes]
    if not all(edited) and any(
        text_hash(unit.target) != stamp.target_hash for unit, stamp in zip(old, decision.units, strict=True)
    ):
        return nothing, "the translation it was made for has changed"
    targets = visible("".join(piece.target for piece in decision.becomes))
    kept = visible("".join(unit.target for unit in old)) == targets
    if not kept and not any(edited) and not all(piece.status == "rejected" for piece in decision.becomes):
        return nothing, "it would change the translation without saying so"
    return run, ""


def _stands(
    units: Sequence[TranslationUnit], sources: Mapping[str, Sequence[int]], decision: Decision
) -> Sequence[int]:
    """Find where split or merged pieces stand already, as after applying them before; empty where they do not."""
    if len(decision.units) == len(decision.becomes) == 1:
        return ()
    for start in sources.get(decision.becomes[0].source, ()):
        run = range(start, min(start + len(decision.becomes), len(units)))
        if [_piece_of(units[i]) for i in run] == list(decision.becomes):
            return run
    return ()


def _piece_of(unit: TranslationUnit) -> Piece:
    return Piece(unit.source, unit.target, unit.status, unit.note)


def _places(keys: Iterable[str]) -> dict[str, list[int]]:
    """Say for every key at which places it stands."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        places[key].append(place)
    return places


def _become(old: Sequence[TranslationUnit], decision: Decision, ids: set[str]) -> list[TranslationUnit]:
    """Make the units that a decision asks for; `ids` are those in use and grows."""
    if len(old) == len(decision.becomes) == 1 and old[0].source == decision.becomes[0].source:
        return [_judged(old[0], decision.becomes[0])]
    if [unit.source for unit in old] == [piece.source for piece in decision.becomes]:
        return [_judged(unit, piece) for unit, piece in zip(old, decision.becomes, strict=True)]
    ids.difference_update(unit.id for unit in old)
    ends = list(accumulate(len(visible(unit.source)) for unit in old))
    position = 0
    new = []
    for piece in decision.becomes:
        model = next((unit for unit, end in zip(old, ends, strict=True) if position < end), old[-1])
        position += len(visible(piece.source))
        name = _free_id(model.document, piece.source or piece.target, ids)
        ids.add(name)
        new.append(
            replace(
                model,
                id=name,
                source=piece.source,
                target=piece.target,
                log_prob=math.nan,
                confidence=None,
                links=(),
                issues=(),
                origin="human" if piece.status == "edited" else model.origin,
                status=piece.status,
                note=piece.note,
            )
        )
    return new


def _judged(unit: TranslationUnit, piece: Piece) -> TranslationUnit:
    """Give a unit the status, comment and target of a piece; what was said about another target goes with it."""
    if piece.target == unit.target:
        return replace(unit, status=piece.status, note=piece.note)
    return replace(
        unit,
        target=piece.target,
        status=piece.status,
        note=piece.note,
        origin="human",
        log_prob=math.nan,
        links=(),
        issues=(),
    )


def _free_id(document: str, text: str, ids: set[str]) -> str:
    occurrence = 1
    while (name := unit_id(document, text, occurrence)) in ids:
        occurrence += 1
    return name


def _renumbered(units: Sequence[TranslationUnit]) -> list[TranslationUnit]:
    """Count sentences anew within their paragraphs; paragraphs keep their numbers."""
    seen: Counter[tuple[str, int]] = Counter()
    result = []
    for unit in units:
        seen[unit.document, unit.paragraph] += 1
        result.append(replace(unit, sentence=seen[unit.document, unit.paragraph]))
    return result


# -- merging


def merge_decisions(
    first: Sequence[Decision], second: Sequence[Decision], prefer: Literal["", "first", "second"] = ""
) -> Merged:
    """Put the decisions of two reviewers together.

    Two decisions about the same units agree when their texts are the same and one status is empty or both are alike;
    comments are joined. Everything else is a conflict.

    Args:
        first: Decisions of one reviewer.
        second: Decisions of the other.
        prefer: Whose decision to take where they conflict; nobody's by default.
    """
    owner = {stamp: decision for decision in first for stamp in _keys(decision)}
    replaced: dict[Decision, Decision | None] = {}
    added: list[Decision] = []
    conflicts: list[Conflict] = []
    for decision in second:
        others = list(dict.fromkeys(owner[key] for key in _keys(decision) if key in owner))
        if not others:
            added.append(decision)
            continue
        together, reason = (
            _agreed(others[0], decision) if len(others) == 1 else (None, "they split and merge differently")
        )
        if together is not None:
            replaced[others[0]] = together
            continue
        if prefer == "second":
            replaced.update(dict.fromkeys(others))
            added.append(decision)
        elif not prefer:
            conflicts += [Conflict(other, decision, reason) for other in others]
            replaced.update(dict.fromkeys(others))
    kept = [replaced.get(decision, decision) for decision in first]
    return Merged(tuple([decision for decision in kept if decision is not None] + added), tuple(conflicts))


def _keys(decision: Decision) -> list[tuple[str, str, int]]:
    return [(stamp.document, stamp.id, stamp.occurrence) for stamp in decision.units]


def _agreed(first: Decision, second: Decision) -> tuple[Decision | None, str]:
    """Combine two decisions that speak of one unit, or say why that cannot be."""
    if _keys(first) != _keys(second) or len(first.becomes) != len(second.becomes):
        return None, "they split and merge differently"
    if first.units != second.units:
        return None, "they were made on different versions"
    pieces = []
    for a, b in zip(first.becomes, second.becomes, strict=True):
        if a.source != b.source:
            return None, "they split and merge differently"
        if a.status and b.status and a.status != b.status:
            return None, f"one is {a.status}, the other {b.status}"
        if a.target != b.target and a.status and b.status:
            return None, "the translations differ"
        decided = a if a.status else b
        notes = dict.fromkeys(note for note in (a.note, b.note) if note)
        pieces.append(replace(decided, note=" / ".join(notes)))
    return Decision(first.units, tuple(pieces)), ""
