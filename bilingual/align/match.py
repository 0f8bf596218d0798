"""Are two documents translations of each other? A score for their best region, and the least that is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bilingual.align.features import Evidence
from bilingual.bitext import Bead

__all__ = ["MIN_SCORE", "document_score", "similarities"]

MIN_SCORE = 0.22
"""Score under which two documents are refused: the greatest round one that refuses no true pair of the development
sets, whole or with up to three quarters of one side deleted. The lowest of those, 4 sentences against 12, has .224, the
next .29; of false pairs, most of them pages of one technical book, 99 in 100 are below
(`scripts/evaluate_refusal.py`)."""
_LEAST_SEGMENTS = 20
_LEAST_SHARE = 0.15
_SHORT_SHARE = 0.7
"""Of a side shorter than 20 segments so much has to hold: with all of it a single sentence without a counterpart weighs
too much, with half of it chance pairs are enough."""


def similarities(
    beads: Sequence[Bead], evidence: Evidence, source: Sequence[str], target: Sequence[str]
) -> NDArray[np.float64]:
    """Say how alike the two sides of each bead are: posterior times the mean cosine of all channels; one-sided 0.

    A posterior alone says which of the possible beads is the best, not that it is good: two texts that repeat
    themselves have clear best paths and nothing in common. It also falls where lines are repeated, since either may be
    meant; for such beads the cosine stands alone.

    Args:
        beads: With posteriors, in order.
        evidence: What they were decoded from.
        source: Segments.
        target: Segments.
    """
    repeated = [{text for text, count in Counter(side).items() if count > 1} for side in (source, target)]
    result = np.zeros(len(beads))
    for number, bead in enumerate(beads):
        if not bead.source or not bead.target:
            continue
        node = evidence.band.index(np.array(bead.source[:1]), np.array(bead.target[:1]))[0]
        size = len(bead.source) - 1, len(bead.target) - 1
        cosine = float(np.mean([channel.table[(*size, node)] for channel in evidence.channels.values()]))
        ambiguous = source[bead.source[0]] in repeated[0] and target[bead.target[0]] in repeated[1]
        result[number] = max(0.0, cosine) * (1.0 if ambiguous else bead.confidence or 0.0)
    return result


def document_score(beads: Sequence[Bead], similarity: NDArray[np.float64]) -> float:
    """Say how well the best contiguous region of an alignment holds: its mean similarity, in [0, 1].

    The mean is taken over the segments of both sides. The region has at least 20 segments a side, or 15 % of the
    shorter side where that is more, or 70 % of it where it has fewer than 20: one side translated only in part is
    enough.

    Args:
        beads: In order.
        similarity: float64 [n_beads], see `similarities`.
    """
    size = np.array([len(bead.source) + len(bead.target) for bead in beads], float)
    shorter = min(sum(len(bead.source) for bead in beads), sum(len(bead.target) for bead in beads))
    if not shorter:
        return 0.0
    least = 2 * min(_SHORT_SHARE * shorter, max(_LEAST_SEGMENTS, _LEAST_SHARE * shorter))
    sizes, goods = np.concatenate(([0.0], np.cumsum(size))), np.concatenate(([0.0], np.cumsum(size * similarity)))
    stop = np.searchsorted(sizes, sizes[:-1] + least)
    inside = stop < len(sizes)
    start = np.flatnonzero(inside)
    return float(((goods[stop[inside]] - goods[start]) / (sizes[stop[inside]] - sizes[start])).max())
