"""Anchors: pairs of segments that are surely each other's translation, from which the search band is spanned.

A pair is a candidate when each segment is the other's best neighbour. The heaviest monotone chain of candidates is
kept, and of it the members that have a neighbour near the same diagonal.

Short documents are compared whole. In long ones a sample of source segments is compared with the whole target first;
the chain of what it finds says roughly where each stretch lies, and the neighbours are sought there. So the time grows
with the length and not with its square, and a missing chapter is only a jump of the chain.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_chain", "find_anchors", "mutual_best", "rough_ranges", "supported"]

_MIN_COSINE = 0.3
"""Candidates below it are chance: on novels no correct 1-1 bead that was mutually best lay below."""
_CHAIN_COSINE = 0.25
"""Subtracted from the cosine, so that a link of the chain that says nothing weighs nothing."""
_SUPPORT_SEGMENTS = 12
_SUPPORT_DIAGONAL = 6
_SLOPES = (0.5, 2.0)
"""Of two documents one of which is a part of the other, what stands on both sides still has about as many segments."""
_ROWS, _COLUMNS = 500, 4000
"""Similarities in memory at a time: 8 MB."""
_WHOLE = 16_000_000
"""Up to so many pairs (4,000 x 4,000 segments) are all compared: 2 % of the time that embedding takes."""
_SAMPLE = 2000
"""Source segments of the sample: every 15th of a document of 30,000."""
_DRIFT = 0.2
"""Share by which a stretch between two sampled pairs may be longer or shorter than most, and they still confirm each
other."""
_AROUND = 400
"""Segments by which the ranges of the sample are widened: so many neighbours compete for a segment that chance pairs
are as rare as in the whole (of a text of 4,293 x 4,909 segments 64 gave 3,305 anchors, the whole 3,221)."""

_Floats = NDArray[np.float32]
_Ints = NDArray[np.int64]


def mutual_best(
    source: _Floats, target: _Floats, ranges: tuple[_Ints, _Ints] | None = None
) -> tuple[_Ints, _Ints, NDArray[np.float64]]:
    """Find the pairs in which each segment is the other's nearest neighbour.

    Args:
        source: float32 [n_source, d], unit vectors.
        target: float32 [n_target, d].
        ranges: First and last + 1 target segment that each source segment is compared with at least, int64
            [n_source] both, ascending; everything when left out.

    Returns:
        Source indices (ascending), target indices, cosines.
    """
    n_source, n_target = len(source), len(target)
    best_target, best_cosine = np.zeros(n_source, np.int64), np.full(n_source, -2.0, np.float32)
    best_source, column_cosine = np.zeros(n_target, np.int64), np.full(n_target, -2.0, np.float32)
    for start in range(0, n_source, _ROWS):
        rows = slice(start, min(start + _ROWS, n_source))
        first, last = (0, n_target) if ranges is None else (int(ranges[0][start]), int(ranges[1][rows.stop - 1]))
        for left in range(first, last, _COLUMNS):
            columns = slice(left, min(left + _COLUMNS, last))
            similarity = source[rows] @ target[columns].T
            _improve(best_target[rows], best_cosine[rows], similarity, left)
            _improve(best_source[columns], column_cosine[columns], similarity.T, start)
    i = np.arange(n_source)
    keep = best_cosine > _MIN_COSINE
    if n_target:
        keep &= best_source[best_target] == i
    return i[keep], best_target[keep], best_cosine[keep].astype(np.float64)


def _improve(best: _Ints, cosine: _Floats, similarity: _Floats, first: int) -> None:
    """Replace, in place, the best of each row where the new columns, which begin at `first`, hold a better one."""
    top = similarity.max(axis=1)
    better = np.flatnonzero(top > cosine)
    best[better] = similarity[better].argmax(axis=1) + first
    cosine[better] = top[better]


def best_chain(i: NDArray[np.int64], j: NDArray[np.int64], weight: NDArray[np.float64]) -> list[int]:
    """Choose the subset of points with ascending i and strictly ascending j that has the greatest sum of weights.

    Args:
        i: Strictly ascending.
        j: The other coordinate.
        weight: A point of weight 0 or less is never chosen.

    Returns:
        Positions in the lists, ascending.

    >>> best_chain(np.array([0, 1, 2, 3]), np.array([0, 9, 1, 2]), np.array([1.0, 1.5, 1.0, 1.0]))
    [0, 2, 3]
    """
    # frontier: ascending j with ascending total weight; only undominated ends of chains are kept
    front_j: list[int] = []
    front_total: list[float] = []
    front_point: list[int] = []
    before = [-1] * len(i)
    for point, (column, value) in enumerate(zip(j.tolist(), weight.tolist(), strict=True)):
        if value <= 0:
            continue
        place = bisect.bisect_left(front_j, column)
        total = value + (front_total[place - 1] if place else 0.0)
        before[point] = front_point[place - 1] if place else -1
        end = place
        while end < len(front_j) and front_total[end] <= total:
            end += 1
        if place < len(front_j) and front_j[place] == column and end == place:
            continue  # an equal column is reached with more weight
        front_j[place:end], front_total[place:end], front_point[place:end] = [column], [total], [point]
    chain = []
    point = front_point[-1] if front_point else -1
    while point >= 0:
        chain.append(point)
        point = before[point]
    return chain[::-1]


def supported(
    anchors: Sequence[tuple[int, int]], slope: float, step: int = 1, drift: float = 0.0
) -> list[tuple[int, int]]:
    """Keep the anchors that one of the four nearest others confirms.

    Args:
        anchors: Ascending on both sides.
        slope: Source segments per target segment.
        step: Source segments from one that was looked at to the next.
        drift: Share of their distance that two may be off the diagonal, beyond what is always allowed.
    """
    kept = []
    for place, (i, j) in enumerate(anchors):
        for other in (place - 2, place - 1, place + 1, place + 2):
            if 0 <= other < len(anchors):
                di, dj = abs(anchors[other][0] - i), abs(anchors[other][1] - j)
                if di <= _SUPPORT_SEGMENTS * step and abs(di - slope * dj) <= _SUPPORT_DIAGONAL + drift * di:
                    kept.append((i, j))
                    break
    return kept


def rough_ranges(source: _Floats, target: _Floats, sample: int = _SAMPLE) -> tuple[_Ints, _Ints]:
    """Say in which range of the target the counterpart of each source segment lies, from a sample of the source.

    A range reaches from the sampled pair before the last one at or before the segment to the pair after the first one
    behind it, so that one wrong pair does not cut off what is right. Where the sample finds nothing that a neighbour
    confirms, the range is all that lies between.

    Args:
        source: float32 [n_source, d], unit vectors; n_source >= 1.
        target: float32 [n_target, d].
        sample: Source segments to compare with everything.

    Returns:
        First and last + 1 target segment of each source segment, int64 [n_source] both, ascending.
    """
    n_source, n_target = len(source), len(target)
    step = max(1, n_source // sample)
    picked = np.arange(0, n_source, step)
    i, j, cosine = mutual_best(source[picked], target)
    chain = best_chain(i, j, cosine - _CHAIN_COSINE)
    pairs = [(int(picked[i[point]]), int(j[point])) for point in chain]
    # the lengths of the documents say nothing where a part is missing, those between the pairs do
    di, dj = np.diff(np.array(pairs, np.int64).reshape(-1, 2), axis=0).T
    slope = _bounded(float(np.median(di / dj))) if len(di) else 1.0
    pairs = supported(pairs, slope, step, _DRIFT)
    points = np.array([(-1, -1), *pairs, (n_source, n_target)], np.int64)
    rows = np.arange(n_source)
    last = np.searchsorted(points[:, 0], rows, side="right") - 1
    low = points[np.maximum(last - 1, 0), 1] - _AROUND
    high = points[np.minimum(last + 2, len(points) - 1), 1] + 1 + _AROUND
    return np.clip(low, 0, n_target), np.clip(high, 0, n_target)


def find_anchors(source: _Floats, target: _Floats, whole: int = _WHOLE) -> list[tuple[int, int]]:
    """Find anchors: (source index, target index), ascending on both sides.

    Args:
        source: float32 [n_source, d], the unit vectors of single segments.
        target: float32 [n_target, d].
        whole: Documents with more pairs of segments than this are sampled first.
    """
    ranges = rough_ranges(source, target) if len(source) * len(target) > whole else None
    i, j, cosine = mutual_best(source, target, ranges)
    chain = best_chain(i, j, cosine - _CHAIN_COSINE)
    anchors = [(int(i[point]), int(j[point])) for point in chain]
    return supported(anchors, _bounded(len(source) / max(1, len(target))))


def _bounded(slope: float) -> float:
    return min(max(slope, _SLOPES[0]), _SLOPES[1])
