"""Word links for guided alignment: for each target token the source token that it comes from.

IBM model 2 with one parameter for the diagonal, and a Dirichlet prior that keeps rare words from collecting links, as
in fast_align (Dyer et al. 2013), on pieces instead of words. The table source piece x target piece is dense: half a
gigabyte at 20,000 x 8,000. Suffixes: B pairs, S source tokens (position 0 is "no source token"), T target tokens.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

NO_LINK = 255
_ITERATIONS = 4
_TRAINING_PAIRS = 300_000  # the table is learned on these; all pairs are linked with it
_CELLS = 4_000_000  # B x S x T in one go
_TENSION, _NULL, _PRIOR = 4.0, 0.08, 0.01  # fast_align's defaults: pull to the diagonal, no source token, Dirichlet


def word_links(arrays: dict[str, NDArray[np.generic]], n_pieces: int, n_target: int) -> NDArray[np.uint8]:
    """Link every target token to a source token of its pair.

    Args:
        arrays: `source` and `target`, the ids of all pairs one after the other, and `source_lengths` and
            `target_lengths`.
        n_pieces: Size of the joint vocabulary.
        n_target: Ids that a target token can have are below it.

    Returns:
        Position of the source token in its pair, 0-based, for every entry of `target`; `NO_LINK` for none.
    """
    source = torch.from_numpy(np.asarray(arrays["source"]).astype(np.int32))
    target = torch.from_numpy(np.asarray(arrays["target"]).astype(np.int32))
    source_lengths, target_lengths = (
        np.asarray(arrays[name]).astype(np.int64) for name in ("source_lengths", "target_lengths")
    )
    source_starts, target_starts = (np.cumsum(n) - n for n in (source_lengths, target_lengths))

    def groups(chosen: NDArray[np.int64]) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
        """Give cells [B, S, T] of the table, their log prior, which target positions are real, and where they stand."""
        order = chosen[np.lexsort((source_lengths[chosen], target_lengths[chosen]))]
        begin = 0
        while begin < len(order):
            end = begin + 1
            size = int(source_lengths[order[begin : begin + 20_000]].max() + 1) * int(target_lengths[order[begin]] + 1)
            end = begin + max(1, min(20_000, _CELLS // size))
            k = order[begin:end]
            begin = end
            s_len, t_len = torch.from_numpy(source_lengths[k]), torch.from_numpy(target_lengths[k])
            s_at, t_at = torch.arange(int(s_len.max())), torch.arange(int(t_len.max()))
            s_real, t_real = s_at < s_len[:, None], t_at < t_len[:, None]
            s_where = torch.from_numpy(source_starts[k])[:, None] + s_at
            t_where = torch.from_numpy(target_starts[k])[:, None] + t_at
            s_ids = source[s_where.clamp(max=len(source) - 1)].long().masked_fill(~s_real, n_pieces)
            s_ids = torch.cat([torch.full((len(k), 1), n_pieces), s_ids], 1)
            t_ids = target[t_where.clamp(max=len(target) - 1)].long().masked_fill(~t_real, 0)
            cells = s_ids[:, :, None] * n_target + t_ids[:, None, :]
            distance = (s_at + 0.5)[None, :, None] / s_len[:, None, None] - (t_at + 0.5)[None, None, :] / t_len[
                :, None, None
            ]
            prior = (-_TENSION * distance.abs()).masked_fill(~s_real[:, :, None], -torch.inf).softmax(1)
            prior = torch.cat([torch.full((len(k), 1, len(t_at)), _NULL), prior * (1 - _NULL)], 1)
            yield cells, prior, t_real, t_where

    everything = np.flatnonzero((source_lengths > 0) & (target_lengths > 0))
    learned = everything
    if len(everything) > _TRAINING_PAIRS:
        learned = np.sort(np.random.default_rng(0).choice(everything, _TRAINING_PAIRS, replace=False))
    table = torch.ones((n_pieces + 1) * n_target)
    for _ in range(_ITERATIONS):
        counts = torch.zeros_like(table)
        for cells, prior, t_real, _ in groups(learned):
            share = table[cells] * prior
            share = (share / share.sum(1, keepdim=True).clamp(min=1e-30)).masked_fill(~t_real[:, None, :], 0)
            counts.index_add_(0, cells.reshape(-1), share.reshape(-1))
        rows = counts.view(n_pieces + 1, n_target)
        for begin in range(0, len(rows), 1000):  # exp digamma, the mean of a Dirichlet's logarithm
            row = rows[begin : begin + 1000]
            whole = torch.digamma(row.sum(1, keepdim=True) + _PRIOR * n_target)
            row.copy_(torch.exp(torch.digamma(row + _PRIOR) - whole))
        table = counts

    found = torch.full((len(target),), NO_LINK, dtype=torch.uint8)
    for cells, prior, t_real, t_where in groups(everything):
        best = (table[cells] * prior).argmax(1) - 1
        best = torch.where((best < 0) | (best >= NO_LINK), NO_LINK, best)
        found[t_where[t_real]] = best[t_real].to(torch.uint8)
    links: NDArray[np.uint8] = found.numpy()
    return links
