"""The lattice of beads: forward-backward sums, the posterior of every bead, the best path.

A bead of type (a, b) leads from node (i, j) to node (i + a, j + b). A path from (0, 0) to the end is an alignment, its
score the sum of its beads' scores s, and its probability exp(score) / Z with Z the sum over all paths:

    alpha(node) = log sum over paths that lead here,    beta(node) = log sum over paths that lead on to the end
    p(bead) = exp(alpha(start) + s + beta(end) - log Z)

Rows are done one after another, all nodes and types of a row at once. Only 0-1 beads stay within a row; that recurrence
x_j = base_j (+) x_{j-1} s_j is a running (+) of base_j - c_j with c the running sum of s ((+) adds probabilities, or
takes the better path).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bilingual.align.band import Band

__all__ = ["FORBIDDEN", "Lattice", "best_path", "build_lattice", "posteriors"]

FORBIDDEN = -1e6
"""Score of a bead that may not be: a path of such beads is taken only where no other exists."""
_NOWHERE = -1e12
"""Stands for log 0; finite, so that differences stay numbers."""

_STRIDE_SPARE = 16
"""More than the longest bead: a segment past the end of the target is no segment of the next row."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lattice:
    """The beads of the band by the node that they end in.

    Attributes:
        types: (a, b) of each type; (0, 1) is the last.
        before: int32 [n_types, n_nodes], the node that the bead of this type ending here starts from; n_nodes where
            there is none.
        score: float64 [n_types, n_nodes], its score; `_NOWHERE` where there is none.
    """

    band: Band
    types: tuple[tuple[int, int], ...]
    before: NDArray[np.int32]
    score: _Floats


def build_lattice(band: Band, scores: dict[tuple[int, int], _Floats]) -> Lattice:
    """Arrange scores by end nodes.

    Args:
        band: The nodes.
        scores: For each type (0-1 and 1-0 among them) the score of the bead starting at each node, float64 [n_nodes].
    """
    types = (*(t for t in scores if t != (0, 1)), (0, 1))
    n = len(band.i)
    before = np.empty((len(types), n), np.int32)
    score = np.empty((len(types), n))
    for row, (a, b) in enumerate(types):
        start = band.index(band.i - a, band.j - b)
        before[row] = np.where(start < 0, n, start)
        score[row] = np.where(start < 0, _NOWHERE, scores[a, b][start])
    return Lattice(band, types, before, score)


def posteriors(lattice: Lattice) -> tuple[_Floats, float]:
    """Compute the probability of every bead.

    Returns:
        float64 [n_types, n_nodes] by end node, and log Z.
    """
    alpha = _forward(lattice, summed=True)
    beta = _backward(lattice)
    n = len(lattice.band.i)
    log_z = float(alpha[n - 1])
    probability = np.empty_like(lattice.score)
    with np.errstate(under="ignore"):
        for row, (before, score) in enumerate(zip(lattice.before, lattice.score, strict=True)):
            probability[row] = np.exp(np.minimum(alpha[before] + score + beta[:n] - log_z, 0.0))
    return probability, log_z


def best_path(lattice: Lattice) -> list[tuple[int, int]]:
    """Find the alignment with the highest score.

    Returns:
        (type number, end node) of its beads, in order.
    """
    best = _forward(lattice, summed=False)
    node, path = len(lattice.band.i) - 1, []
    while node > 0:
        kind = int(np.argmax(best[lattice.before[:, node]] + lattice.score[:, node]))
        path.append((kind, node))
        node = int(lattice.before[kind, node])
    return path[::-1]


def _forward(lattice: Lattice, *, summed: bool) -> _Floats:
    """Compute alpha (or the best score) of every node; one more entry stands for "nowhere"."""
    offset = lattice.band.offset.tolist()
    value = np.full(offset[-1] + 1, _NOWHERE)
    for row in range(len(offset) - 1):
        nodes = slice(offset[row], offset[row + 1])
        reached = value[lattice.before[:-1, nodes]] + lattice.score[:-1, nodes]
        base = _log_sum(reached) if summed else reached.max(axis=0)
        if row == 0:
            base[0] = 0.0
        step = lattice.score[-1, nodes].copy()
        step[0] = 0.0
        value[nodes] = _run(base, np.cumsum(step), summed)
    return value


def _backward(lattice: Lattice) -> _Floats:
    """Compute beta of every node; one more entry stands for "nowhere"."""
    band = lattice.band
    offset = band.offset.tolist()
    n = offset[-1]
    value = np.full(n + 1, _NOWHERE)
    after = np.full((len(lattice.types), n + 1), n, np.int32)
    score = np.full((len(lattice.types), n + 1), _NOWHERE)
    for row in range(len(lattice.types)):
        after[row, lattice.before[row]] = np.arange(n)
        score[row, lattice.before[row]] = lattice.score[row]
    after[:, n], score[:, n] = n, _NOWHERE
    for row in range(len(offset) - 2, -1, -1):
        nodes = slice(offset[row], offset[row + 1])
        base = _log_sum(value[after[:-1, nodes]] + score[:-1, nodes])
        if row == len(offset) - 2:
            base[-1] = 0.0
        step = score[-1, nodes][::-1].copy()
        step = np.concatenate(([0.0], step[1:]))
        value[nodes] = _run(base[::-1], np.cumsum(step), True)[::-1]
    return value


def _run(base: _Floats, steps: _Floats, summed: bool) -> _Floats:
    """Solve x_j = base_j (+) x_{j-1} s_j; `steps` is the running sum of s."""
    ufunc = np.logaddexp if summed else np.maximum
    result: _Floats = steps + ufunc.accumulate(base - steps)
    return result


def _log_sum(values: _Floats) -> _Floats:
    """Add probabilities given as logarithms, over the first axis."""
    top = values.max(axis=0)
    with np.errstate(under="ignore"):
        result: _Floats = top + np.log(np.exp(values - top).sum(axis=0))
    return result


def restrict(
    scores: dict[tuple[int, int], _Floats],
    band: Band,
    *,
    together: Sequence[tuple[int, int]] = (),
    apart: Sequence[tuple[int, int]] = (),
) -> None:
    """Forbid, in place, the beads that contradict what a person has decided.

    Args:
        scores: By type, at the start node.
        band: The nodes.
        together: (source index, target index) of segments that are in one bead.
        apart: Of segments that are not.
    """
    i, j = band.i.astype(np.int64), band.j.astype(np.int64)
    joined, parted = _Pairs(together, band), _Pairs(apart, band)
    for (a, b), values in scores.items():
        if together:
            one_side = joined.source[np.minimum(i + a, band.n_source)] - joined.source[i]
            one_side += joined.target[np.minimum(j + b, band.n_target)] - joined.target[j]
            values[one_side > 2 * joined.inside(i, j, a, b)] = FORBIDDEN
        if apart:
            values[parted.inside(i, j, a, b) > 0] = FORBIDDEN


class _Pairs:
    """Counts the pairs that a bead holds, on one side or on both: all beads of a type at once, however many pairs.

    Attributes:
        source: int64 [n_source + 1], pairs whose source segment lies before the boundary.
        target: The same of the target.
    """

    def __init__(self, pairs: Sequence[tuple[int, int]], band: Band) -> None:
        points = np.array(sorted(set(pairs)), np.int64).reshape(-1, 2)
        points = points[(points >= 0).all(axis=1) & (points < (band.n_source, band.n_target)).all(axis=1)]
        self._stride = band.n_target + _STRIDE_SPARE
        self._keys = np.append(points[:, 0] * self._stride + points[:, 1], np.iinfo(np.int64).max)
        self._found: dict[tuple[int, int], NDArray[np.bool_]] = {}
        self.source, self.target = (
            np.concatenate(([0], np.cumsum(np.bincount(points[:, side], minlength=size))))
            for side, size in ((0, band.n_source), (1, band.n_target))
        )

    def inside(self, i: NDArray[np.int64], j: NDArray[np.int64], a: int, b: int) -> NDArray[np.int64]:
        """Count the pairs with both segments in the beads i .. i + a - 1, j .. j + b - 1; always of the same nodes."""
        total = np.zeros(len(i), np.int64)
        for x, y in itertools.product(range(a), range(b)):
            if (x, y) not in self._found:
                key = (i + x) * self._stride + j + y
                self._found[x, y] = self._keys[np.searchsorted(self._keys, key)] == key
            total += self._found[x, y]
        return total
