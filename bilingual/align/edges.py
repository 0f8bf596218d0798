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

_BLOCK = 32
"""Rows of the band compared in one matrix product."""
_NAMES = ("source_tail", "source_head", "target_tail", "target_head", "clauses")
_LONE_SOURCE, _LONE_TARGET = 5, 6

_Floats = NDArray[np.float32]
_A = NDArray[np.float64]
_I = NDArray[np.int64]


@runtime_checkable
class EdgeSpans(Protocol):
    """The spans of a document that also know the first and the last clause of each segment."""

    def vectors(self, start: int, stop: int, max_span: int) -> list[_Floats]:
        """Give the vectors of spans (`spans.Spans`)."""
        ...

    def edges(self) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Give the unit vectors of the first and of the last clause of each segment, [n, d] both."""
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

    Negative: a clause belongs to the other side. Two more numbers say how well the segment after the boundary fits a
    clause beside it, for when it stands alone:

        max(cos(s[i], t'[j-1]), cos(s[i], h'[j])),      max(cos(u[j], t[i-1]), cos(u[j], h[i]))

    Returns:
        float32 [7, n_nodes]; 0 at the borders of the documents.
    """
    m, n = band.n_source, band.n_target
    result = np.zeros((len(_NAMES) + 2, len(band.i)), np.float32)
    source_edges, target_edges = source.edges(), target.edges()
    for start in range(1, m, _BLOCK):
        stop = min(start + _BLOCK, m)
        first, last = max(int(band.low[start]), 1), min(int(band.high[stop - 1]) + 1, n)
        if first >= last:
            continue
        part = slice(int(band.offset[start]), int(band.offset[stop]))
        inside = (band.j[part] > 0) & (band.j[part] < n)
        i, j = band.i[part][inside] - start, band.j[part][inside] - first
        # row or column k is the segment before boundary start + k or first + k, k + 1 the one after it
        rows = [source.vectors(start - 1, stop, 1)[0], *(side[start - 1 : stop] for side in source_edges)]
        columns = [target.vectors(first - 1, last, 1)[0], *(side[first - 1 : last] for side in target_edges)]
        product = np.concatenate(rows, dtype=np.float32) @ np.concatenate(columns, dtype=np.float32).T
        product = product.reshape(3, len(rows[0]), 3, len(columns[0]))
        whole, head, tail = range(3)
        found = result[:, part]
        found[0, inside] = product[tail, i, whole, j] - product[tail, i, whole, j + 1]
        found[1, inside] = product[head, i + 1, whole, j + 1] - product[head, i + 1, whole, j]
        found[2, inside] = product[whole, i, tail, j] - product[whole, i + 1, tail, j]
        found[3, inside] = product[whole, i + 1, head, j + 1] - product[whole, i, head, j + 1]
        found[4, inside] = (
            product[tail, i, tail, j]
            + product[head, i + 1, head, j + 1]
            - product[tail, i, head, j + 1]
            - product[head, i + 1, tail, j]
        )
        found[_LONE_SOURCE, inside] = np.maximum(product[whole, i + 1, tail, j], product[whole, i + 1, head, j + 1])
        found[_LONE_TARGET, inside] = np.maximum(product[tail, i, whole, j + 1], product[head, i + 1, whole, j + 1])
    return result


def lone_features(edges: _Floats, a: int, start: _I, end: _I) -> dict[str, _A]:
    """Say of lone segments how well they fit a clause beside them.

    `lone_clause` is the better cosine; `lone_edge` the lesser advantage that the neighbours have over the lone segment
    for the clauses on both sides of it.
    """
    before, after = (2, 3) if a else (0, 1)
    return {
        "lone_clause": edges[_LONE_SOURCE if a else _LONE_TARGET, start].astype(np.float64),
        "lone_edge": np.minimum(edges[before, start], edges[after, end]).astype(np.float64),
    }


def edge_features(edges: _Floats, band: Band, a: int, b: int, start: _I, end: _I) -> dict[str, _A]:
    """Say whether the boundaries of beads separate what belongs together.

    The five numbers e of the boundary after the bead, and min(0, e) of each. With E the sum of the first four:
    `edge_ends` = E(start) + E(end) of beads of more than two segments; `edge_inside` the greatest E at a boundary
    inside an m-n bead when that is positive: the bead could be cut there.

    Args:
        edges: Of `compare_edges`.
        band: The nodes.
        a: Source segments of the type.
        b: Target segments.
        start: int64 [n_beads], the node each bead starts at.
        end: int64 [n_beads], the node each ends at.
    """
    f: dict[str, _A] = {}
    for name, values in zip(_NAMES, edges[: len(_NAMES)], strict=True):
        value = values[end].astype(np.float64)
        f[f"edge_{name}"], f[f"edge_{name}-"] = value, np.minimum(value, 0)
    total = edges[:4].sum(axis=0, dtype=np.float64)
    if a + b > 2:
        f["edge_ends"] = total[start] + total[end]
    if a > 1 and b > 1:
        inner = np.zeros(len(start))
        for x in range(1, a):
            for y in range(1, b):
                node = band.index(band.i[start] + x, band.j[start] + y)
                inner = np.maximum(inner, np.where(node < 0, 0.0, total[node]))
        f["edge_inside"] = inner
    return f
