"""Whether a boundary cuts something in two: the clauses beside it, compared with the segments on both sides of it.

Span vectors see a wrong boundary only as a slightly worse cosine; the last clause of a segment, and the first of the
next, say directly on which side their translation lies.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bilingual.align.band import Band

__all__ = ["EdgeSpans", "compare_edges", "edge_features"]

_BLOCK = 4096
"""Nodes whose clause vectors are in memory at a time."""
_NAMES = ("source_tail", "source_head", "target_tail", "target_head", "clauses")

_Floats = NDArray[np.float32]
_A = NDArray[np.float64]
_I = NDArray[np.int64]


@runtime_checkable
class EdgeSpans(Protocol):
    """The spans of a document that also know the first and the last clause of each segment."""

    def vectors(self, start: int, stop: int, max_span: int) -> list[_Floats]:
        """Give the vectors of spans (`spans.Spans`)."""
        ...

    def edges(self) -> tuple[_Floats, _Floats]:
        """Give the unit vectors of the first and of the last clause of each segment, float32 [n, d] both."""
        ...


def compare_edges(source: EdgeSpans, target: EdgeSpans, band: Band) -> _Floats:
    """Say of every boundary pair how well the clauses beside it stay with the segments on their own side of it.

    With the last clause t and the first clause h of a segment, whole segments s (source) and u (target), and ' for the
    target's clauses, node (i, j) has

        cos(t[i-1], u[j-1]) - cos(t[i-1], u[j])        the source clause before the boundary
        cos(h[i], u[j]) - cos(h[i], u[j-1])            the source clause after it
        cos(t'[j-1], s[i-1]) - cos(t'[j-1], s[i])      the target clause before it
        cos(h'[j], s[i]) - cos(h'[j], s[i-1])          the target clause after it
        cos(t[i-1], t'[j-1]) + cos(h[i], h'[j]) - cos(t[i-1], h'[j]) - cos(h[i], t'[j-1])      the clauses themselves

    Negative: a clause belongs to the other side.

    Returns:
        float32 [5, n_nodes]; 0 at the borders of the documents.
    """
    m, n = band.n_source, band.n_target
    result = np.zeros((len(_NAMES), len(band.i)), np.float32)
    inside = np.flatnonzero((band.i > 0) & (band.i < m) & (band.j > 0) & (band.j < n))
    if not len(inside):
        return result
    s, u = source.vectors(0, m, 1)[0], target.vectors(0, n, 1)[0]
    (source_head, source_tail), (target_head, target_tail) = source.edges(), target.edges()
    for first in range(0, len(inside), _BLOCK):
        nodes = inside[first : first + _BLOCK]
        i, j = band.i[nodes], band.j[nodes]
        tails, heads = (source_tail[i - 1], target_tail[j - 1]), (source_head[i], target_head[j])
        forward, backward = u[j] - u[j - 1], s[i] - s[i - 1]
        result[0, nodes] = -_dot(tails[0], forward)
        result[1, nodes] = _dot(heads[0], forward)
        result[2, nodes] = -_dot(tails[1], backward)
        result[3, nodes] = _dot(heads[1], backward)
        result[4, nodes] = _dot(tails[0] - heads[0], tails[1] - heads[1])
    return result


def edge_features(edges: _Floats, band: Band, a: int, b: int, start: _I, end: _I) -> dict[str, _A]:
    """Say whether the boundaries of beads separate what belongs together.

    The five numbers e of the boundary after the bead, and min(0, e) of each. With E the sum of the first four:
    `edge_ends` = E(start) + E(end) of beads of more than two segments; `edge_inside` the greatest E at a boundary
    inside an m-n bead (at least -1), `edge_inside+` the same when positive: the bead could be cut there.

    Args:
        edges: Of `compare_edges`.
        band: The nodes.
        a: Source segments of the type.
        b: Target segments.
        start: int64 [n_beads], the node each bead starts at.
        end: int64 [n_beads], the node each ends at.
    """
    f: dict[str, _A] = {}
    for name, values in zip(_NAMES, edges, strict=True):
        value = values[end].astype(np.float64)
        f[f"edge_{name}"], f[f"edge_{name}-"] = value, np.minimum(value, 0)
    total = edges[:4].sum(axis=0, dtype=np.float64)
    if a + b > 2:
        f["edge_ends"] = total[start] + total[end]
    if a > 1 and b > 1:
        inner = np.full(len(start), -1.0)
        for x in range(1, a):
            for y in range(1, b):
                node = band.index(band.i[start] + x, band.j[start] + y)
                inner = np.maximum(inner, np.where(node < 0, -1.0, total[node]))
        f["edge_inside"], f["edge_inside+"] = inner, np.maximum(inner, 0)
    return f


def _dot(x: _Floats, y: _Floats) -> _Floats:
    """Multiply row by row, and add."""
    result: _Floats = np.einsum("ij,ij->i", x, y)
    return result
