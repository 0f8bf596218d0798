"""Anchors: pairs of segments that are surely each other's translation, from which the search band is spanned.

A pair is a candidate when each segment is the other's best neighbour in the whole other document. The heaviest
monotone chain of candidates is kept, and of it the members that have a neighbour near the same diagonal.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_chain", "find_anchors", "mutual_best", "supported"]

_MIN_COSINE = 0.3
"""Candidates below it are chance: on novels no correct 1-1 bead that was mutually best lay below."""
_CHAIN_COSINE = 0.25
"""Subtracted from the cosine, so that a link of the chain that says nothing weighs nothing."""
_BLOCK = 1000
_SUPPORT_SEGMENTS = 12
_SUPPORT_DIAGONAL = 6
_SLOPES = (0.5, 2.0)
"""Of two documents one of which is a part of the other, what stands on both sides still has about as many segments."""

Vectors = Callable[[int, int], NDArray[np.float32]]
"""vectors(start, stop): the unit vectors of single segments, float32 [stop - start, d]."""


def mutual_best(
    source: Vectors, target: Vectors, n_source: int, n_target: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Find the pairs in which each segment is the other's nearest neighbour.

    The similarity matrix is made in blocks, n_source x n_target products in all: the one step that grows with the
    square of the length (8,400 x 9,300 segments: 1.3 s).

    Returns:
        Source indices (ascending), target indices, cosines.
    """
    best_target = np.zeros(n_source, np.int64)
    best_cosine = np.full(n_source, -2.0)
    column_best = np.full(n_target, -2.0, np.float32)
    column_row = np.zeros(n_target, np.int64)
    blocks = [target(start, min(start + _BLOCK, n_target)) for start in range(0, n_target, _BLOCK)]
    for start in range(0, n_source, _BLOCK):
        rows = source(start, min(start + _BLOCK, n_source))
        here = slice(start, start + len(rows))
        for number, columns in enumerate(blocks):
            similarity = rows @ columns.T
            there = slice(number * _BLOCK, number * _BLOCK + len(columns))
            best = similarity.argmax(axis=1)
            value = similarity[np.arange(len(rows)), best]
            better = value > best_cosine[here]
            best_cosine[here][better] = value[better]
            best_target[here][better] = best[better] + there.start
            best = similarity.argmax(axis=0)
            value = similarity[best, np.arange(len(columns))]
            better = value > column_best[there]
            column_best[there][better] = value[better]
            column_row[there][better] = best[better] + start
    i = np.arange(n_source)
    keep = (column_row[best_target] == i) & (best_cosine > _MIN_COSINE) if n_source and n_target else i < 0
    return i[keep], best_target[keep], best_cosine[keep]


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


def supported(anchors: Sequence[tuple[int, int]], slope: float) -> list[tuple[int, int]]:
    """Keep the anchors that one of the four nearest others confirms.

    Args:
        anchors: Ascending on both sides.
        slope: Source segments per target segment.
    """
    kept = []
    for place, (i, j) in enumerate(anchors):
        for other in (place - 2, place - 1, place + 1, place + 2):
            if 0 <= other < len(anchors):
                di, dj = abs(anchors[other][0] - i), abs(anchors[other][1] - j)
                if di <= _SUPPORT_SEGMENTS and abs(di - slope * dj) <= _SUPPORT_DIAGONAL:
                    kept.append((i, j))
                    break
    return kept


def find_anchors(source: Vectors, target: Vectors, n_source: int, n_target: int) -> list[tuple[int, int]]:
    """Find anchors: (source index, target index), ascending on both sides."""
    i, j, cosine = mutual_best(source, target, n_source, n_target)
    chain = best_chain(i, j, cosine - _CHAIN_COSINE)
    anchors = [(int(i[point]), int(j[point])) for point in chain]
    return supported(anchors, min(max(n_source / max(1, n_target), _SLOPES[0]), _SLOPES[1]))
