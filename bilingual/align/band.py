"""The band: the pairs of boundaries that the search may visit, a run of target boundaries for each source boundary.

Boundary i lies before segment i; a document of n segments has n + 1. Values over the band are flat arrays, one entry a
node, rows one after another: node (i, j) has the index `offset[i] + j - low[i]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Band", "full_band", "span_band"]

_MARGIN = 8
"""Target boundaries added on both sides: no gold bead of the development sets lay outside."""
_WIDTHS = (400, 200, 100, 50)
"""A wider row stands between anchors far apart; it is cut to the diagonal between them: to the first of these widths
with which the band is small enough."""
_NODES_PER_SEGMENT = 60
_FREE_NODES = 100_000
"""A band may have 60 nodes for each segment of the longer side, or 100,000 where that is more. Documents that have
anchors everywhere need 20; at 60 all that comes after embedding takes three quarters of the time of embedding."""

_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Band:
    """Which boundary pairs are in.

    Attributes:
        low, high: int64 [n_source + 1], first and last target boundary (inclusive) of each source boundary; both
            ascend, `low[0] == 0` and `high[-1] == n_target`.
        offset: int64 [n_source + 2], where each row begins in flat arrays; the last entry is the number of nodes.
        i, j: int32 [n_nodes], the coordinates of each node.
    """

    low: _Ints
    high: _Ints
    offset: _Ints = field(init=False)
    i: NDArray[np.int32] = field(init=False)
    j: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the nodes."""
        width = self.high - self.low + 1
        object.__setattr__(self, "offset", np.concatenate(([0], np.cumsum(width))))
        rows = np.repeat(np.arange(len(self.low)), width)
        object.__setattr__(self, "i", rows.astype(np.int32))
        columns = np.arange(self.offset[-1]) - self.offset[rows] + self.low[rows]
        object.__setattr__(self, "j", columns.astype(np.int32))

    @property
    def n_source(self) -> int:
        """Number of source segments."""
        return len(self.low) - 1

    @property
    def n_target(self) -> int:
        """Number of target segments."""
        return int(self.high[-1])

    def index(self, i: NDArray[np.integer], j: NDArray[np.integer]) -> _Ints:
        """Give the flat index of nodes; -1 for those outside the band or the documents."""
        row = np.clip(i, 0, self.n_source)
        inside = (i == row) & (j >= self.low[row]) & (j <= self.high[row])
        return np.where(inside, self.offset[row] + j - self.low[row], -1)


def full_band(n_source: int, n_target: int) -> Band:
    """Let the search visit everything: for short documents and for tests."""
    return Band(np.zeros(n_source + 1, np.int64), np.full(n_source + 1, n_target, np.int64))


def span_band(anchors: Sequence[tuple[int, int]], n_source: int, n_target: int) -> Band:
    """Span the band around anchors.

    Row i reaches from the anchor before the last one at or before i to the anchor after the first one at or after i,
    and `_MARGIN` boundaries further on both sides. Whole rectangles between anchors are searched, so a stretch with
    few anchors widens by itself, as far as the whole band stays linear in the length of the documents.

    Args:
        anchors: (source index, target index) of segments, ascending on both sides.
        n_source: Source segments.
        n_target: Target segments.
    """
    points = np.array([(0, 0), *[(i, j) for i, j in anchors], (n_source, n_target)], np.int64)
    rows = np.arange(n_source + 1)
    last = np.searchsorted(points[:, 0], rows, side="right") - 1
    first = np.searchsorted(points[:, 0], rows, side="left")
    low = points[np.maximum(last - 1, 0), 1] - _MARGIN
    high = points[np.minimum(first + 1, len(points) - 1), 1] + 1 + _MARGIN
    middle = np.interp(rows, points[:, 0], points[:, 1]).round().astype(np.int64)
    width = high - low
    most = max(_FREE_NODES, _NODES_PER_SEGMENT * max(n_source, n_target))
    limit = next((limit for limit in _WIDTHS if np.minimum(width, limit).sum() <= most), _WIDTHS[-1])
    low = np.where(width > limit, np.maximum(low, middle - limit // 2), low)
    high = np.where(width > limit, np.minimum(high, middle + limit // 2), high)
    low = np.minimum.accumulate(np.clip(low, 0, n_target)[::-1])[::-1]
    high = np.maximum.accumulate(np.clip(high, 0, n_target))
    low[0], high[-1] = 0, n_target
    # neighbouring rows must overlap, or no path leads from one to the next
    high[:-1] = np.maximum(high[:-1], low[1:])
    high = np.maximum.accumulate(high)
    return Band(low, high)
