"""Vectors of spans of neighbouring segments, and the similarity of all spans in the band.

An encoder that can sum pools (`SpanEncoder`, the bundled one) encodes each text once; for any other `Encoder` the
joined text of every span is encoded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bilingual.align.band import Band
from bilingual.align.edges import EdgeSpans, compare_edges
from bilingual.protocols import Encoder

__all__ = [
    "MAX_SPAN",
    "JoinedSpans",
    "Similarities",
    "SpanEncoder",
    "Spans",
    "cosines",
    "embed_spans",
]

MAX_SPAN = 6
"""Segments in the longest span: beads go up to 1-6 and 6-1."""
_BLOCK = 32
"""Rows of the band compared in one matrix product."""

_Floats = NDArray[np.float32]


class Spans(Protocol):
    """The spans of one document."""

    def vectors(self, start: int, stop: int, max_span: int) -> list[_Floats]:
        """Give the unit vectors of the spans of 1 .. max_span segments that begin at start .. stop - 1.

        The array for spans of k segments is shorter where the document ends.
        """
        ...


@dataclass(frozen=True, slots=True)
class Similarities:
    """What two documents' spans have in common, over the nodes of a band.

    Attributes:
        table: float32 [MAX_SPAN, MAX_SPAN, n_nodes]: [a - 1, b - 1, node (i, j)] is the cosine of the spans
            i .. i + a - 1 and j .. j + b - 1, NaN where a span does not fit into its document.
        edges: float32 [5, n_nodes], see `edges.compare_edges`; None when the spans know no clauses.
    """

    table: _Floats
    edges: _Floats | None


@runtime_checkable
class SpanEncoder(Protocol):
    """An encoder that makes the vectors of spans without encoding their texts again."""

    def span_pools(self, segments: Sequence[str], *, spaced: bool, progress: Callable[[int], None]) -> Spans:
        """Encode the segments of a document; `spaced` says whether a space stands between two that are joined."""
        ...


@dataclass(frozen=True, slots=True)
class JoinedSpans:
    """Spans whose joined texts were encoded, for encoders that know no pools.

    Attributes:
        by_length: For k = 1, 2 .. the vectors of the spans of k segments, float32 [n - k + 1, d].
    """

    by_length: tuple[_Floats, ...]

    def vectors(self, start: int, stop: int, max_span: int) -> list[_Floats]:
        """Give the vectors of the spans that begin at start .. stop - 1; see `Spans`."""
        return [rows[start:stop] for rows in self.by_length[:max_span]]


def embed_spans(
    encoder: Encoder, segments: Sequence[str], *, spaced: bool, progress: Callable[[int], None] = lambda done: None
) -> Spans:
    """Encode a document so that the vectors of its spans are at hand.

    Args:
        encoder: A `SpanEncoder` is used as such.
        segments: In order.
        spaced: Whether joined segments are separated by a space (Chinese: no).
        progress: Called with the number of segments just finished.
    """
    if isinstance(encoder, SpanEncoder):
        return encoder.span_pools(segments, spaced=spaced, progress=progress)
    join = (" " if spaced else "").join
    texts = [[join(segments[i : i + k]) for i in range(len(segments) - k + 1)] for k in range(1, MAX_SPAN + 1)]
    distinct = list(dict.fromkeys(text for row in texts for text in row))
    place = {text: number for number, text in enumerate(distinct)}
    vectors = encoder.encode(distinct)
    progress(len(segments))
    return JoinedSpans(tuple(vectors[[place[text] for text in row]] for row in texts))


def cosines(source: Spans, target: Spans, band: Band) -> Similarities:
    """Compare all pairs of spans that begin at a node of the band, and the clauses on both sides of each node."""
    table = np.full((MAX_SPAN, MAX_SPAN, int(band.offset[-1])), np.nan, np.float32)
    for start in range(0, band.n_source, _BLOCK):
        stop = min(start + _BLOCK, band.n_source)
        first, last = int(band.low[start]), min(int(band.high[stop - 1]) + 1, band.n_target)
        if first >= last:
            continue
        rows = source.vectors(start, stop, MAX_SPAN)
        columns = target.vectors(first, last, MAX_SPAN)
        product = np.concatenate(rows) @ np.concatenate(columns).T
        row_start = np.cumsum([0, *map(len, rows)])
        column_start = np.cumsum([0, *map(len, columns)])
        nodes = slice(int(band.offset[start]), int(band.offset[stop]))
        i, j = band.i[nodes] - start, band.j[nodes] - first
        for a in range(len(rows)):
            for b in range(len(columns)):
                fits = (i < len(rows[a])) & (j < len(columns[b]))
                table[a, b, nodes][fits] = product[row_start[a] + i[fits], column_start[b] + j[fits]]
    edges = None
    if isinstance(source, EdgeSpans) and isinstance(target, EdgeSpans):
        edges = compare_edges(source, target, band)
    return Similarities(table, edges)
