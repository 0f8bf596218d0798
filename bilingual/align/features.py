"""What speaks for and against a bead: numbers, computed for all candidate beads of a type at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bilingual.align.band import Band
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
    """

    table: NDArray[np.float32]
    row_before: NDArray[np.float32]
    row_after: NDArray[np.float32]
    col_before: NDArray[np.float32]
    col_after: NDArray[np.float32]


def make_channel(table: NDArray[np.float32], band: Band) -> Channel:
    """Add to the cosines of a band the best single-segment partners around each node."""
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
    return Channel(table, rb, ra, cb, ca)


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
    """

    band: Band
    source: Surface
    target: Surface
    channels: dict[str, Channel]
    ratio: float
    freeness: float
    source_length: _A
    target_length: _A


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


def _imbalance(x: _A, y: _A) -> _A:
    """Give the absolute log ratio of two lengths in one unit."""
    return np.abs(np.log((y + 2) / (x + 2)))


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
    band, S, T = ev.band, ev.source, ev.target
    i, j = band.i[start].astype(np.int64), band.j[start].astype(np.int64)
    m, n = band.n_source, band.n_target
    f: dict[str, _A] = {}
    f[f"type {type_class(a, b)}"] = np.ones(len(i))
    # paragraph breaks
    if S.breaks.any() or T.breaks.any():
        sb, tb = np.concatenate(([0], np.cumsum(S.breaks))), np.concatenate(([0], np.cumsum(T.breaks)))
        ins = sb[i + max(a - 1, 0)] - sb[i] if a else np.zeros(len(i))
        int_ = tb[j + max(b - 1, 0)] - tb[j] if b else np.zeros(len(i))
        f["par_in_both"] = np.minimum(ins, int_)
        f["par_in_one"] = np.abs(ins - int_)
        zb = (i + a == m) | (i + a == 0)
        zb |= S.breaks[np.maximum(i + a - 1, 0)] if m else True
        eb = (j + b == n) | (j + b == 0)
        eb |= T.breaks[np.maximum(j + b - 1, 0)] if n else True
        f["par_both"] = (zb & eb).astype(float)
        f["par_one"] = (zb ^ eb).astype(float)
    lz = ev.source_length[i + a] - ev.source_length[i]
    le = ev.target_length[j + b] - ev.target_length[j]
    # quote state after
    inz = (i + a > 0) & (S.inside[np.maximum(i + a - 1, 0)] if m else False)
    ine = (j + b > 0) & (T.inside[np.maximum(j + b - 1, 0)] if n else False)
    f["quote_state"] = (inz ^ ine).astype(float)
    if not (a and b):
        for name, ch in ev.channels.items():
            p = name
            if a:
                sim = np.maximum(ch.row_before[start], ch.row_after[start])
                g1 = _get(ch.table[1, 0], band.index(i - 1, j - 1)) - _get(ch.table[0, 0], band.index(i - 1, j - 1))
                g2 = _get(ch.table[1, 0], start) - _get(ch.table[0, 0], band.index(i + 1, j))
            else:
                sim = np.maximum(ch.col_before[start], ch.col_after[start])
                g1 = _get(ch.table[0, 1], band.index(i - 1, j - 1)) - _get(ch.table[0, 0], band.index(i - 1, j - 1))
                g2 = _get(ch.table[0, 1], start) - _get(ch.table[0, 0], band.index(i, j + 1))
            f[p + "null_sim"] = np.where(np.isfinite(sim), sim, 0)
            f[p + "null_gain"] = np.nan_to_num(np.fmax(g1, g2), nan=-0.3)
        f["null_len"] = np.log1p(lz + le)
        ip, jp = np.maximum(i - 1, 0), np.maximum(j - 1, 0)
        i1, j1 = np.minimum(i + a + 1, m), np.minimum(j + b + 1, n)
        SL, TL = ev.source_length, ev.target_length
        before = _imbalance(SL[i] - SL[ip], TL[j] - TL[jp]) - _imbalance(SL[i + a] - SL[ip], TL[j + b] - TL[jp])
        after = _imbalance(SL[i1] - SL[i + a], TL[j1] - TL[j + b]) - _imbalance(SL[i1] - SL[i], TL[j1] - TL[j])
        f["null_lgain"] = np.clip(np.maximum(before, after), -2, 2)
        return f
    h = (a + b) / 2
    q = np.minimum(lz, le) / np.maximum(np.maximum(lz, le), 1e-9)
    z = np.log((le + 2) / (lz + 2))
    for p, ch in ev.channels.items():
        t = ch.table
        c = t[a - 1, b - 1][start].astype(float)
        around, any_ = _nanmean(
            [
                _get(t[a - 1, 0], band.index(i, j - 1)),
                _get(t[a - 1, 0], np.where(j + b < n, band.index(i, j + b), -1)),
                _get(t[0, b - 1], band.index(i - 1, j)),
                _get(t[0, b - 1], np.where(i + a < m, band.index(i + a, j), -1)),
            ]
        )
        margin = np.where(any_, c - around, 0.3)
        f[p + "cos"] = c
        f[p + "cos h"] = c * h
        f[p + "margin"] = margin
        f[p + "margin h"] = margin * h
        ml = margin * np.log2(1 + q)
        f[p + "mlen"] = ml
        f[p + "mlen h"] = ml * h
        trims = []
        if a > 1:
            trims.append(c - _get(t[a - 2, b - 1], band.index(i + 1, j)))
            trims.append(c - _get(t[a - 2, b - 1], start))
        if b > 1:
            trims.append(c - _get(t[a - 1, b - 2], band.index(i, j + 1)))
            trims.append(c - _get(t[a - 1, b - 2], start))
        if trims:
            losses = np.stack(trims)
            smallest = np.where(np.isnan(losses), np.inf, losses).min(0)
            f[p + "trim_min"] = np.where(np.isfinite(smallest), smallest, 0)
            f[p + "trim_neg"] = np.nansum(np.minimum(0, losses), 0)
        if a > 1 and b > 1:
            best = np.full(len(i), -1.0)
            for x in range(1, a):
                for y in range(1, b):
                    k = band.index(i + x, j + y)
                    v = (t[x - 1, y - 1][start] + _get(t[a - x - 1, b - y - 1], k)) / 2
                    best = np.fmax(best, v)
            f[p + "split"] = np.maximum(best - c, -0.5)
        # best partner outside
        cnt = np.zeros(len(i))
        loss = np.zeros(len(i))
        for x in range(a):
            k = band.index(i + x, j)
            k2 = band.index(i + x, j + b)
            inside = np.full(len(i), -np.inf)
            for y in range(b):
                inside = np.fmax(inside, _get(t[0, 0], band.index(i + x, j + y)))
            outside = np.fmax(_get(ch.row_before, k), _get(ch.row_after, k2))
            d = np.where(np.isfinite(outside) & np.isfinite(inside), outside - inside, 0)
            cnt += d > 0
            loss += np.clip(d, 0, 0.6)
        for y in range(b):
            k = band.index(i, j + y)
            k2 = band.index(i + a, j + y)
            inside = np.full(len(i), -np.inf)
            for x in range(a):
                inside = np.fmax(inside, _get(t[0, 0], band.index(i + x, j + y)))
            outside = np.fmax(_get(ch.col_before, k), _get(ch.col_after, k2))
            d = np.where(np.isfinite(outside) & np.isfinite(inside), outside - inside, 0)
            cnt += d > 0
            loss += np.clip(d, 0, 0.6)
        f[p + "out_cnt"] = cnt
        f[p + "out_loss"] = loss
        exts = [
            _get(t[a, b - 1], np.where(i + a < m, start, -1)) - c if a < 6 else np.full(len(i), np.nan),
            _get(t[a - 1, b], np.where(j + b < n, start, -1)) - c if b < 6 else np.full(len(i), np.nan),
            _get(t[a, b - 1], band.index(i - 1, j)) - c if a < 6 else np.full(len(i), np.nan),
            _get(t[a - 1, b], band.index(i, j - 1)) - c if b < 6 else np.full(len(i), np.nan),
        ]
        ext = np.stack(exts)
        f[p + "ext_max"] = np.maximum(0, np.where(np.isnan(ext), -1, ext).max(0))
    f["z2"] = np.minimum(z * z, 2)
    if a == b == 1:
        f["z2 1-1"] = f["z2"]
    f["z2 len"] = np.minimum(z * z * (lz + le) / 20, 6)
    f["gc"] = np.minimum((le - lz) ** 2 / (2 * (lz + le) + 1), 8)
    f["abs z"] = np.minimum(np.abs(z), 2)
    mz, me = S.mark[i + a - 1], T.mark[j + b - 1]
    f["? both"] = ((mz == 1) & (me == 1)).astype(float)
    f["? one"] = ((mz == 1) ^ (me == 1)).astype(float)
    f["! one"] = ((mz == 2) ^ (me == 2)).astype(float)
    f["end_same"] = ((mz == me) & (mz != 1)).astype(float)
    f["end_soft"] = (np.isin(mz, (4, 5, 7)) & (me == 3)).astype(float)
    oz, oe, cz, ce = S.opens[i], T.opens[j], S.closes[i + a - 1], T.closes[j + b - 1]
    f["quote_starts both"] = (oz & oe).astype(float)
    f["quote_starts one"] = (oz ^ oe).astype(float)
    f["quote_ends both"] = (cz & ce).astype(float)
    f["quote_ends one"] = (cz ^ ce).astype(float)
    share, miss = _token_counts(ev, a, b, i, j)
    f["tok_share"], f["tok_miss"] = share, miss
    return f


def _token_counts(ev: Evidence, a: int, b: int, i: _I, j: _I) -> tuple[_A, _A]:
    """Count the Latin words and numbers of the source side that the target side has, and those it lacks; at most 4."""
    share, miss = np.zeros(len(i)), np.zeros(len(i))
    has = np.array([bool(tokens) for tokens in ev.source.tokens])
    seen = np.concatenate(([0], np.cumsum(has)))
    for bead in np.flatnonzero(seen[i + a] > seen[i]).tolist():
        x, y = i[bead], j[bead]
        source = frozenset[str]().union(*ev.source.tokens[x : x + a])
        target = frozenset[str]().union(*ev.target.tokens[y : y + b])
        common = len(source & target)
        share[bead], miss[bead] = min(common, 4), min(len(source) - common, 4)
    return share, miss
