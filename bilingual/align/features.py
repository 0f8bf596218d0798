"""What speaks for and against a bead: numbers, computed for all candidate beads of a type at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bilingual.align.band import Band
from bilingual.align.edges import edge_features, lone_features
from bilingual.align.marks import (
    agreement_of_breaks,
    mark_features,
    paragraph_features,
    quote_features,
    quote_state,
)
from bilingual.align.spans import Similarities
from bilingual.align.surface import Surface

__all__ = ["TYPES", "Channel", "Evidence", "bead_features", "starts_of_type", "type_class"]

TYPES = (
    (1, 0), (0, 1), (1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (1, 4), (4, 1), (1, 5), (5, 1), (1, 6), (6, 1),
    (2, 2), (2, 3), (3, 2), (3, 3), (2, 4), (4, 2),
)  # fmt: skip

_A = NDArray[np.float64]
_I = NDArray[np.int64]


def type_class(a: int, b: int) -> str:
    """Name the class of a bead type that shares one bias: rare types are pooled."""
    if (a, b) in ((1, 0), (0, 1), (1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2)):
        return f"{a}-{b}"
    return "1-4+" if a == 1 else "4+-1" if b == 1 else "m-n"


@dataclass(frozen=True, slots=True)
class Channel:
    """Similarities of spans in the band, by one kind of evidence (sentence vectors, or the lexicon).

    Attributes:
        table: float32 [6, 6, n_nodes]: cosine of the span of a+1 source segments and that of b+1 target segments that
            start at the node; NaN outside.
        row_before: float32 [n_nodes]: best single-segment cosine in the node's row to its left.
        row_after: The same, at the node or to its right.
        col_before: Best in the node's column above it.
        col_after: The same, at the node or below it.
        edges: float32 [7, n_nodes] of `spans.compare_edges`, or None.
    """

    table: NDArray[np.float32]
    row_before: NDArray[np.float32]
    row_after: NDArray[np.float32]
    col_before: NDArray[np.float32]
    col_after: NDArray[np.float32]
    edges: NDArray[np.float32] | None = None


def make_channel(similarities: Similarities, band: Band) -> Channel:
    """Add to the cosines of a band the best single-segment partners around each node."""
    table = similarities.table
    single = np.where(np.isnan(table[0, 0]), -np.inf, table[0, 0]).astype(np.float32)
    n = len(single)
    rb = np.full(n, -np.inf, np.float32)
    ra = single.copy()
    cb = np.full(n, -np.inf, np.float32)
    ca = single.copy()
    off, low, high = band.offset, band.low, band.high
    m = band.n_source
    for i in range(m + 1):
        s, e = off[i], off[i + 1]
        row = single[s:e]
        rb[s + 1 : e] = np.maximum.accumulate(row[:-1])
        ra[s:e] = np.maximum.accumulate(row[::-1])[::-1]
        if i:
            # columns in both rows: low[i]..high[i-1]
            a, b = low[i], high[i - 1]
            if a <= b:
                p = slice(off[i - 1] + a - low[i - 1], off[i - 1] + b - low[i - 1] + 1)
                q = slice(s + a - low[i], s + b - low[i] + 1)
                cb[q] = np.maximum(cb[p], single[p])
    for i in range(m - 1, -1, -1):
        a, b = low[i + 1], high[i]
        if a <= b:
            p = slice(off[i + 1] + a - low[i + 1], off[i + 1] + b - low[i + 1] + 1)
            q = slice(off[i] + a - low[i], off[i] + b - low[i] + 1)
            ca[q] = np.maximum(ca[q], ca[p])
    return Channel(table, rb, ra, cb, ca, similarities.edges)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the features are computed from.

    Attributes:
        band: The nodes that are searched.
        source: What the source segments look like: lengths, marks, quotes, paragraph breaks.
        target: The same of the target.
        channels: Similarities by name, `U_` of sentence vectors, `L_` of the lexicon.
        ratio: Target letters per source character in this pair of documents.
        freeness: 1 - anchors per segment of the shorter side, at most `MAX_FREENESS`.
        source_length: float64 [n_source + 1]: cumulative length.
        target_length: float64 [n_target + 1]: the same, in source units.
        anchors: (source, target) segments that are surely each other's translation, ascending on both sides.
        agreement: How far the paragraphs of both sides agree (`marks.agreement_of_breaks`).
    """

    band: Band
    source: Surface
    target: Surface
    channels: dict[str, Channel]
    ratio: float
    freeness: float
    source_length: _A
    target_length: _A
    anchors: tuple[tuple[int, int], ...] = ()
    agreement: float = field(init=False)

    def __post_init__(self) -> None:
        """Ask how far the paragraphs of both sides agree."""
        object.__setattr__(self, "agreement", agreement_of_breaks(self.source, self.target, self.anchors))


def starts_of_type(band: Band, a: int, b: int) -> tuple[_I, _I]:
    """Give the start and the end nodes of every bead of a type that fits the band."""
    start = np.arange(len(band.i))
    end = band.index(band.i + a, band.j + b)
    keep = end >= 0
    return start[keep], end[keep]


def _get(values: NDArray[np.float32], index: _I) -> _A:
    out: _A = values[np.maximum(index, 0)].astype(np.float64)
    out[index < 0] = np.nan
    return out


def _nanmean(parts: Sequence[_A]) -> tuple[_A, NDArray[np.bool_]]:
    """Give the mean over the parts that are there, and whether any is."""
    stacked = np.stack(parts)
    ok: NDArray[np.bool_] = ~np.isnan(stacked)
    present: NDArray[np.bool_] = np.any(ok, axis=0)
    return np.where(ok, stacked, 0).sum(0) / np.maximum(ok.sum(0), 1), present


def bead_features(ev: Evidence, a: int, b: int, start: _I, end: _I) -> dict[str, _A]:
    """Compute the features of all beads of one type.

    Args:
        ev: The evidence.
        a: Number of source segments of the type.
        b: Number of target segments.
        start: int64 [n_beads]: the node each bead starts at.
        end: int64 [n_beads]: the node each ends at.

    Returns:
        float64 [n_beads] by the feature's name; a feature that is 0 for the whole type may be missing.
    """
    i, j = ev.band.i[start].astype(np.int64), ev.band.j[start].astype(np.int64)
    f: dict[str, _A] = {f"type {type_class(a, b)}": np.ones(len(i))}
    source, target = ev.source, ev.target
    if source.breaks.any() or target.breaks.any():
        f |= paragraph_features(source, target, ev.agreement, a, b, i, j)
    f["quote_state"] = quote_state(source, target, i + a, j + b)
    if not (a and b):
        return f | _one_sided_features(ev, a, b, i, j, start, end)
    lengths = ev.source_length[i + a] - ev.source_length[i], ev.target_length[j + b] - ev.target_length[j]
    for name, channel in ev.channels.items():
        found = _span_features(channel, ev.band, a, b, i, j, start, lengths)
        if channel.edges is not None:
            found |= edge_features(channel.edges, ev.band, a, b, start, end)
        f |= {name + key: value for key, value in found.items()}
    f |= _length_features(*lengths)
    f |= mark_features(source, target, i, j, i + a - 1, j + b - 1)
    return f | quote_features(source, target, i, j, i + a, j + b)


def _one_sided_features(ev: Evidence, a: int, b: int, i: _I, j: _I, start: _I, end: _I) -> dict[str, _A]:
    """Judge a lone segment: its best partner, what joining it to a neighbour would change, the clauses beside it.

    `null_sim` is the best cosine in the band; `null_gain` the better change of the cosine of the 1-1 bead before or
    after (-.3 when there is none).
    """
    f: dict[str, _A] = {}
    before, after = ev.band.index(i - 1, j - 1), ev.band.index(i + a, j + b)
    for name, channel in ev.channels.items():
        sides = (channel.row_before, channel.row_after) if a else (channel.col_before, channel.col_after)
        best = np.maximum(sides[0][start], sides[1][start])
        single, joined = channel.table[0, 0], channel.table[a, b]
        gains = np.fmax(_get(joined, before) - _get(single, before), _get(joined, start) - _get(single, after))
        f[name + "null_sim"] = np.where(np.isfinite(best), best, 0)
        f[name + "null_gain"] = np.nan_to_num(gains, nan=-0.3)
        if channel.edges is not None:
            f |= {name + key: value for key, value in lone_features(channel.edges, a, start, end).items()}
    return f


def _span_features(
    channel: Channel, band: Band, a: int, b: int, i: _I, j: _I, start: _I, lengths: tuple[_A, _A]
) -> dict[str, _A]:
    """Compare the bead's two spans (cosine c) with the spans around them.

    `cos` = c; `mlen` = margin log2(1 + q), margin = c - mean cosine of each span to the single segment before and after
    the other, q the shorter length over the longer; both also times h = (a + b) / 2. `trim_min` is the least,
    `trim_neg` the sum of the negative ones among c - c(without an edge segment); `split` the best mean cosine of a cut
    in two, minus c, at least -.5.
    """
    t = channel.table
    cosine = t[a - 1, b - 1][start].astype(float)
    next_row = np.where(i + a < band.n_source, band.index(i + a, j), -1)
    next_column = np.where(j + b < band.n_target, band.index(i, j + b), -1)
    around = [
        _get(t[a - 1, 0], band.index(i, j - 1)),
        _get(t[a - 1, 0], next_column),
        _get(t[0, b - 1], band.index(i - 1, j)),
        _get(t[0, b - 1], next_row),
    ]
    mean, known = _nanmean(around)
    margin = np.where(known, cosine - mean, 0.3)
    shorter, longer = np.minimum(*lengths), np.maximum(*lengths)
    scaled = margin * np.log2(1 + shorter / np.maximum(longer, 1e-9))
    h = (a + b) / 2
    f = {"cos": cosine, "mlen": scaled}
    f |= {f"{name} h": value * h for name, value in f.items()}
    if a + b > 2:
        trims = [_get(t[a - 2, b - 1], node) for node in (band.index(i + 1, j), start)] if a > 1 else []
        trims += [_get(t[a - 1, b - 2], node) for node in (band.index(i, j + 1), start)] if b > 1 else []
        losses = cosine - np.stack(trims)
        smallest = np.where(np.isnan(losses), np.inf, losses).min(axis=0)
        f["trim_min"] = np.where(np.isfinite(smallest), smallest, 0)
        f["trim_neg"] = np.nansum(np.minimum(0, losses), axis=0)
    if a > 1 and b > 1:
        f["split"] = np.maximum(_best_split(t, band, a, b, i, j, start) - cosine, -0.5)
    return f


def _best_split(t: NDArray[np.float32], band: Band, a: int, b: int, i: _I, j: _I, start: _I) -> _A:
    """Give the best mean cosine of two beads that an m-n bead could be cut into; -1 when none is in the band."""
    best = np.full(len(i), -1.0)
    for x in range(1, a):
        for y in range(1, b):
            rest = _get(t[a - x - 1, b - y - 1], band.index(i + x, j + y))
            best = np.fmax(best, (t[x - 1, y - 1][start] + rest) / 2)
    return best


def _length_features(source: _A, target: _A) -> dict[str, _A]:
    """Compare lengths in one unit: z = log of their ratio."""
    z2 = np.log((target + 2) / (source + 2)) ** 2
    return {"z2": np.minimum(z2, 2), "z2 len": np.minimum(z2 * (source + target) / 20, 6)}
