"""The tokenised corpus that prepare.py wrote, in batches of like length."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from links import NO_LINK
from model import END
from numpy.typing import NDArray
from torch import Tensor

_POOL = 24_000  # pairs that are sorted by length together


class Pairs:
    """The tokenised corpus of a WORK folder."""

    def __init__(self, work: Path) -> None:
        """Read it.

        Raises:
            FileNotFoundError: The folder was not made by prepare.py.
        """
        meta = json.loads((work / "meta.json").read_text(encoding="utf-8"))
        self.n_pieces = len(json.loads((work / "vocab.json").read_text(encoding="utf-8")))
        self.n_target: int = meta["n_target"]
        with np.load(work / "pairs.npz") as arrays:
            self.source, self.target = arrays["source"], arrays["target"]
            self.source_lengths, self.target_lengths = (
                arrays[name].astype(np.int64) for name in ("source_lengths", "target_lengths")
            )
            self.weights: NDArray[np.float32] = arrays["weights"]
        self.source_starts = np.cumsum(self.source_lengths) - self.source_lengths
        self.target_starts = np.cumsum(self.target_lengths) - self.target_lengths
        self.links = np.load(work / "links.npy") if (work / "links.npy").exists() else None
        n = len(self.source_lengths)
        self.training, self.held_out = np.arange(n - meta["n_held_out"]), np.arange(n - meta["n_held_out"], n)

    def collate(self, batch: NDArray[np.int64], device: str) -> tuple[Tensor, Tensor, Tensor]:
        """Give source [B, S], target [B, T], both with `</s>` and padded, and links [B, T], -1 where there is none.

        The end mark is linked to the end mark.
        """
        pad = self.n_pieces - 1
        width_S, width_T = self.source_lengths[batch].max() + 1, self.target_lengths[batch].max() + 1
        source, target = np.full((len(batch), width_S), pad), np.full((len(batch), width_T), pad)
        links = np.full((len(batch), width_T), -1)
        for row, k in enumerate(batch):
            n_S, n_T, at_S, at_T = (
                int(x[k]) for x in (self.source_lengths, self.target_lengths, self.source_starts, self.target_starts)
            )
            source[row, :n_S], source[row, n_S] = self.source[at_S : at_S + n_S], END
            target[row, :n_T], target[row, n_T] = self.target[at_T : at_T + n_T], END
            if self.links is not None:
                found = self.links[at_T : at_T + n_T].astype(np.int64)
                links[row, :n_T], links[row, n_T] = np.where(found == NO_LINK, -1, found), n_S
        a, b, c = (torch.from_numpy(x).to(device) for x in (source, target, links))
        return a, b, c

    def cut(self, order: NDArray[np.int64], tokens: int) -> list[NDArray[np.int64]]:
        """Cut pairs, sorted by length, into batches of at most `tokens` padded tokens of the longer side."""
        order = order[np.lexsort((self.source_lengths[order], self.target_lengths[order]))]
        lengths = np.maximum(self.source_lengths[order], self.target_lengths[order]) + 1
        batches, begin, longest = [], 0, 0
        for i, length in enumerate(lengths):
            longest = max(longest, int(length))
            if i > begin and longest * (i + 1 - begin) > tokens:
                batches.append(order[begin:i])
                begin, longest = i, int(length)
        return [*batches, order[begin:]] if len(order) else []

    def batches(self, tokens: int, seed: int) -> Iterator[NDArray[np.int64]]:
        """Give shuffled batches without end; a pair comes `weight` times per pass, on average."""
        rng = np.random.default_rng(seed)
        while True:
            weights = self.weights[self.training]
            times = np.floor(weights).astype(int) + (rng.random(len(weights)) < weights % 1)
            order = np.repeat(self.training, times)
            rng.shuffle(order)
            for start in range(0, len(order), _POOL):
                batches = self.cut(order[start : start + _POOL], tokens)
                yield from (batches[i] for i in rng.permutation(len(batches)))
