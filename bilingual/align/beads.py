"""Bead files, and how well one agrees with gold.

A line is `[source indices]:[target indices]`, 0-based, as Vecalign writes them; ours have a third field, 1 minus the
confidence, where Vecalign has its cost. Strict and lax scores follow the definitions of Vecalign's scorer (Thompson and
Koehn 2019):

- a bead is right *strictly* when gold has that very bead, *laxly* when its two sides overlap one gold bead;
- precision counts every hypothesis bead, one-sided ones included; recall counts two-sided gold beads and is held
  against two-sided hypothesis beads; a bead that stands twice counts once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bilingual.bitext import Bead, Bitext, Document, paragraph_beads
from bilingual.errors import InputError

__all__ = ["BeadScores", "join_paragraphs", "read_beads", "score_bead_files", "write_beads"]

_LINE = re.compile(r"\s*\[([\d,\s]*)\]\s*:\s*\[([\d,\s]*)\]\s*(?::\s*([-+.\deE]+)\s*)?")
_Sides = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class BeadScores:
    """Precision, recall and F1 in [0, 1], and strict recall by type of gold bead: type -> (number in gold, recall)."""

    strict_precision: float
    strict_recall: float
    strict_f1: float
    lax_precision: float
    lax_recall: float
    lax_f1: float
    by_type: dict[str, tuple[int, float]]


def write_beads(beads: Iterable[Bead]) -> str:
    r"""Write beads, one a line; beads known by construction have a cost of 0.

    >>> write_beads([Bead((0, 1), (0,), 0.75), Bead((), (1,))])
    '[0, 1]:[0]:0.250000\n[]:[1]:0.000000\n'
    """
    lines = (
        f"{list(bead.source)}:{list(bead.target)}:{1 - (1.0 if bead.confidence is None else bead.confidence):.6f}\n"
        for bead in beads
    )
    return "".join(lines)


def read_beads(text: str, name: str) -> list[Bead]:
    """Read a bead file; the third field may be missing, blank lines are passed over.

    Args:
        text: The file's text.
        name: Its name, for messages.

    Raises:
        InputError: A line is no bead.
    """
    beads = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise InputError(f"{name}:{number}: is no bead; a line looks like [0, 1]:[0]")
        source, target = (tuple(int(i) for i in match[side].replace(",", " ").split()) for side in (1, 2))
        cost = match[3]
        beads.append(Bead(source, target, None if cost is None else min(1.0, max(0.0, 1 - float(cost)))))
    return beads


def join_paragraphs(beads: Sequence[Bead], source: Document, target: Document, name: str) -> list[Bead]:
    """Turn beads of segments into beads of paragraphs (`paragraph_beads`), to be scored like any others.

    Args:
        beads: Of all segments, in order.
        source: With paragraphs.
        target: With paragraphs.
        name: The bead file's, for messages.

    Raises:
        InputError: The beads do not cover the segments of both documents once each, in order.
    """
    try:
        bitext = Bitext(source, target, tuple(beads))
    except ValueError as error:
        raise InputError(f"{name} does not fit {source.name} and {target.name}: {error}.") from error
    return [Bead(*sides) for sides in paragraph_beads(bitext)]


def score_bead_files(pairs: Sequence[tuple[Sequence[Bead], Sequence[Bead]]]) -> BeadScores:
    """Score hypotheses against gold, pooled over documents.

    Args:
        pairs: For each document the hypothesis and the gold beads.
    """
    precision, recall = Counter[str](), Counter[str]()
    gold_types, found_types = Counter[str](), Counter[str]()
    for hypothesis, gold in pairs:
        hypothesis_sides = {(bead.source, bead.target) for bead in hypothesis if bead.source or bead.target}
        gold_sides = {(bead.source, bead.target) for bead in gold if bead.source or bead.target}
        precision += _count(hypothesis_sides, gold_sides)
        recall += _count({side for side in gold_sides if all(side)}, {side for side in hypothesis_sides if all(side)})
        for bead in gold:
            gold_types[bead.type] += 1
            found_types[bead.type] += (bead.source, bead.target) in hypothesis_sides
    strict = _scores(precision, recall, "strict")
    lax = _scores(precision, recall, "lax")
    by_type = {kind: (n, found_types[kind] / n) for kind, n in gold_types.most_common()}
    return BeadScores(*strict, *lax, by_type)


def _count(beads: set[_Sides], others: set[_Sides]) -> Counter[str]:
    """Count the beads, those that stand among the others, and those that overlap one of them on both sides."""
    targets: dict[int, set[int]] = defaultdict(set)
    for source, target in others:
        for i in source:
            targets[i].update(target)
    counts = Counter(all=len(beads))
    for source, target in beads:
        same = (source, target) in others
        counts["strict"] += same
        counts["lax"] += same or any(targets[i] & set(target) for i in source)
    return counts


def _scores(precision: Counter[str], recall: Counter[str], kind: str) -> tuple[float, float, float]:
    p, r = (counts[kind] / counts["all"] if counts["all"] else 0.0 for counts in (precision, recall))
    return p, r, 2 * p * r / (p + r) if p + r else 0.0
