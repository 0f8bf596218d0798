"""Locks: the pairs that a person has accepted or edited stay together when the documents are aligned again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from bilingual.align.pair import UNDECIDED, Constraints
from bilingual.bitext import Bead, Document, TranslationUnit, visible

__all__ = ["Locks", "find_locks", "keep_decisions"]


@dataclass(frozen=True, slots=True)
class Locks:
    """Reviewed units found again in two documents.

    Attributes:
        held: Unit and bead, in order.
        lost: Reviewed units whose text has changed on one side or the other, so that they hold no longer.
    """

    held: tuple[tuple[TranslationUnit, Bead], ...]
    lost: tuple[TranslationUnit, ...]

    def constraints(self, others: Constraints = UNDECIDED) -> Constraints:
        """Say it to the aligner: these segments in one bead, and none of their neighbours with them."""
        together, apart = list(others.together), list(others.apart)
        for _, bead in self.held:
            together += [(i, j) for i in bead.source for j in bead.target]
            apart += [(i, bead.target[0]) for i in (bead.source[0] - 1, bead.source[-1] + 1) if i >= 0]
            apart += [(bead.source[0], j) for j in (bead.target[0] - 1, bead.target[-1] + 1) if j >= 0]
        return Constraints(tuple(together), tuple(apart))


def find_locks(units: Iterable[TranslationUnit], source: Document, target: Document) -> Locks:
    """Find the accepted and edited units again, in order; white space does not count.

    Args:
        units: Of a reviewed file. Those with a side that is empty lock nothing.
        source: As it is now.
        target: As it is now.
    """
    places = _Runs(source.segments), _Runs(target.segments)
    held: list[tuple[TranslationUnit, Bead]] = []
    lost = []
    next_source = next_target = 0
    for unit in units:
        if unit.status not in ("accepted", "edited") or not visible(unit.source) or not visible(unit.target):
            continue
        first, second = places[0].find(unit.source, next_source), places[1].find(unit.target, next_target)
        if first and second:
            held.append((unit, Bead(first, second)))
            next_source, next_target = first[-1] + 1, second[-1] + 1
        else:
            lost.append(unit)
    return Locks(tuple(held), tuple(lost))


def keep_decisions(rows: Sequence[TranslationUnit], beads: Sequence[Bead], locks: Locks) -> list[TranslationUnit]:
    """Give the units of locked beads the status and the note that a person gave them.

    Args:
        rows: The units of the new alignment, one per bead.
        beads: Its beads.
        locks: What was found again.
    """
    decided = {(bead.source, bead.target): unit for unit, bead in locks.held}
    result = []
    for row, bead in zip(rows, beads, strict=True):
        unit = decided.get((bead.source, bead.target))
        result.append(row if unit is None else replace(row, status=unit.status, note=unit.note, confidence=None))
    return result


class _Runs:
    """Finds the run of whole segments whose joined visible text is a given one."""

    def __init__(self, segments: Sequence[str]) -> None:
        texts = [visible(segment) for segment in segments]
        self._text = "".join(texts)
        self._start = [0, *accumulate(map(len, texts))]
        self._segment = {start: number for number, start in reversed(list(enumerate(self._start)))}

    def find(self, text: str, first: int) -> tuple[int, ...]:
        """Find the first such run from segment `first` on; empty when there is none."""
        wanted = visible(text)
        at = self._text.find(wanted, self._start[first])
        while at >= 0:
            if at in self._segment and at + len(wanted) in self._segment:
                return tuple(range(self._segment[at], self._segment[at + len(wanted)]))
            at = self._text.find(wanted, at + 1)
        return ()
