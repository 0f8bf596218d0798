"""The decisions of two reviewers put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bilingual.review.decisions import Conflict, Decision

__all__ = ["Merged", "merge_decisions"]


@dataclass(frozen=True, slots=True)
class Merged:
    """Decisions of two reviewers together; `conflicts` holds what only people can settle."""

    decisions: tuple[Decision, ...]
    conflicts: tuple[Conflict, ...]


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
