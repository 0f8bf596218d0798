"""Decisions written into units."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from bilingual.bitext import TranslationUnit, unit_id, visible
from bilingual.page.rows import text_hash
from bilingual.review.decisions import Decision, Piece

__all__ = ["Applied", "Stale", "apply_decisions"]


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
