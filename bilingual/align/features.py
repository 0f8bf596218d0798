"""What speaks for and against a bead: numbers, computed for all candidate beads of a type at once."""

from __future__ import annotations

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


def type_class(a, b):
    if (a, b) in ((1, 0), (0, 1), (1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2)):
        return f"{a}-{b}"
    return "1-4+" if a == 1 else "4+-1" if b == 1 else "m-n"


@dataclass(frozen=True, slots=True)
class Channel:
    table: NDArray[np.float32]  # [A,B,N]
    row_before: NDArray[np.float32]  # best single-single cosine in the row left of node
    row_after: NDArray[np.float32]  # at or right
    col_before: NDArray[np.float32]
    col_after: NDArray[np.float32]


def make_channel(table, band: Band) -> Channel:
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
    band: Band
    source: Surface
    target: Surface
    channels: dict  # name -> Channel
    edges: NDArray[np.float32] | None  # [4, N] LL FF LF FL
    ratio: float
    freeness: float
    source_length: _A  # cumulative
    target_length: _A  # cumulative, in source units


def starts_of_type(band: Band, a: int, b: int):
    """start nodes and end nodes."""
    start = np.arange(len(band.i))
    end = band.index(band.i + a, band.j + b)
    keep = end >= 0
    return start[keep], end[keep]


def _get(values, index):
    out = values[np.maximum(index, 0)].astype(np.float64)
    out[index < 0] = np.nan
    return out


def nanmean(parts):
    parts = np.stack(parts)
    ok = ~np.isnan(parts)
    return np.where(ok, parts, 0).sum(0) / np.maximum(ok.sum(0), 1), ok.any(0)


def bead_features(ev: Evidence, a: int, b: int, start: _I, end: _I) -> dict:
    band, S, T = ev.band, ev.source, ev.target
    i, j = band.i[start].astype(np.int64), band.j[start].astype(np.int64)
    m, n = band.n_source, band.n_target
    f = {}
    f[f"type {type_class(a, b)}"] = np.ones(len(i))
    # paragraph breaks
    if S.breaks.any() or T.breaks.any():
        sb, tb = np.concatenate(([0], np.cumsum(S.breaks))), np.concatenate(([0], np.cumsum(T.breaks)))
        ins = sb[i + max(a - 1, 0)] - sb[i] if a else np.zeros(len(i))
        int_ = tb[j + max(b - 1, 0)] - tb[j] if b else np.zeros(len(i))
        f["par_in_both"] = np.minimum(ins, int_)
        f["par_in_one"] = np.abs(ins - int_)
        zb = np.where(i + a > 0, S.breaks[np.maximum(i + a - 1, 0)], True) if m else True
        eb = np.where(j + b > 0, T.breaks[np.maximum(j + b - 1, 0)], True) if n else True
        zb = zb | (i + a == m) | (i + a == 0)
        eb = eb | (j + b == n) | (j + b == 0)
        f["par_both"] = (zb & eb).astype(float)
        f["par_one"] = (zb ^ eb).astype(float)
    lz = ev.source_length[i + a] - ev.source_length[i]
    le = ev.target_length[j + b] - ev.target_length[j]
    # quote state after
    inz = np.where(i + a > 0, S.inside[np.maximum(i + a - 1, 0)], False) if m else False
    ine = np.where(j + b > 0, T.inside[np.maximum(j + b - 1, 0)], False) if n else False
    f["quote_state"] = (inz != ine).astype(float)
    if not (a and b):
        for name, ch in ev.channels.items():
            p = name
            if a:
                rest = (i, j)
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
        z = lambda x, y: np.abs(np.log((y + 2) / (x + 2)))
        ip, jp = np.maximum(i - 1, 0), np.maximum(j - 1, 0)
        i1, j1 = np.minimum(i + a + 1, m), np.minimum(j + b + 1, n)
        SL, TL = ev.source_length, ev.target_length
        before = z(SL[i] - SL[ip], TL[j] - TL[jp]) - z(SL[i + a] - SL[ip], TL[j + b] - TL[jp])
        after = z(SL[i1] - SL[i + a], TL[j1] - TL[j + b]) - z(SL[i1] - SL[i], TL[j1] - TL[j])
        f["null_lgain"] = np.clip(np.maximum(before, after), -2, 2)
        return f
    h = (a + b) / 2
    q = np.minimum(lz, le) / np.maximum(np.maximum(lz, le), 1e-9)
    z = np.log((le + 2) / (lz + 2))
    for p, ch in ev.channels.items():
        t = ch.table
        c = t[a - 1, b - 1][start].astype(float)
        around, any_ = nanmean(
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
            trims = np.stack(trims)
            f[p + "trim_min"] = np.nan_to_num(np.nanmin(np.where(np.isnan(trims), 9, trims), 0) * 1.0)
            f[p + "trim_min"] = np.where(f[p + "trim_min"] > 5, 0, f[p + "trim_min"])
            f[p + "trim_neg"] = np.nansum(np.minimum(0, trims), 0)
        if a > 1 and b > 1:
            best = np.full(len(i), -1.0)
            for x in range(1, a):
                for y in range(1, b):
                    k = band.index(i + x, j + y)
                    v = (t[x - 1, y - 1][start] + _get(t[a - x - 1, b - y - 1], k)) / 2
                    best = np.fmax(best, v)
            f[p + "split"] = np.maximum(best - c, -0.5)
            if a == 2 and b == 2:
                cross = (_get(t[0, 0], band.index(i, j + 1)) + _get(t[0, 0], band.index(i + 1, j))) / 2
                straight = (t[0, 0][start] + _get(t[0, 0], band.index(i + 1, j + 1))) / 2
                f[p + "cross"] = np.nan_to_num(cross - straight)
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
    if ev.edges is not None:
        e = ev.edges
        k = end
        ok = (i + a < m) & (j + b < n)
        LL, FF, LF, FL = (np.where(ok, np.nan_to_num(x[k]), 0) for x in e)
        d = LL + FF - LF - FL
        f["edge"] = np.where(ok, d, 0)
        f["edge_neg"] = np.where(ok, np.minimum(d, 0), 0)
        if b > 1:
            # last target segment: last clause of source vs first clause of next source
            f["edge_t"] = np.where(ok, LL - FL, 0)
        if a > 1:
            f["edge_s"] = np.where(ok, LL - LF, 0)
        k = start
        ok = (i > 0) & (j > 0)
        LL, FF, LF, FL = (np.where(ok, np.nan_to_num(x[k]), 0) for x in e)
        if b > 1:
            f["edge_t"] = f["edge_t"] + np.where(ok, FF - LF, 0)
        if a > 1:
            f["edge_s"] = f["edge_s"] + np.where(ok, FF - FL, 0)
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
    qs, qt = np.concatenate(([0], np.cumsum(S.quotes))), np.concatenate(([0], np.cumsum(T.quotes)))
    nq, mq = qs[i + a] - qs[i], qt[j + b] - qt[j]
    f["quotes_diff"] = np.minimum(np.abs(nq - mq), 3).astype(float)
    f["quotes_any"] = ((nq > 0) ^ (mq > 0)).astype(float)
    share, miss = token_counts(ev, a, b, i, j)
    f["tok_share"], f["tok_miss"] = share, miss
    return f


_TOK = {}


def token_counts(ev, a, b, i, j):
    share = np.zeros(len(i))
    miss = np.zeros(len(i))
    vocabulary = frozenset().union(*ev.source.tokens) if ev.source.tokens else frozenset()
    has = np.array([bool(x) for x in ev.source.tokens])
    cum = np.concatenate(([0], np.cumsum(has)))
    busy = np.flatnonzero(cum[i + a] > cum[i])
    for e in busy.tolist():
        x, y = i[e], j[e]
        s = frozenset().union(*ev.source.tokens[x : x + a])
        t = frozenset().union(*ev.target.tokens[y : y + b])
        k = len(s & t)
        share[e] = min(k, 4)
        miss[e] = min(len(s) - k, 4)
    return share, miss
