"""A model in training: what can be chosen, one step, what a state file holds."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from model import Marian, Shape, shift
from optimizer import MuonAdam
from pairs import Pairs
from softmax_loss import SoftmaxLoss
from torch import Tensor

_AVERAGE_EVERY = 4  # steps


@dataclass(frozen=True, slots=True)
class Recipe:
    """What can be chosen; the command line has the same names.

    Attributes:
        tokens: Padded tokens of the longer side per batch and process.
        accumulate: Batches that make one step, once the share `grow` of the run is over; one before. Small steps
            bring a young model further per token, large ones an older model.
        rate: Learning rate at its highest; it rises over `warmup` steps and falls over the last share `cool`.
        average: Factor per step of the exponential average of the weights, which is what is published.
        guide: Weight of the word-alignment loss.
        smoothing: Of the labels.
        steps: Total steps; or 0, and `minutes` of this call count, pauses included.
        every: Minutes between saves.
    """

    tokens: int = 3200
    accumulate: int = 2
    grow: float = 0.6
    rate: float = 1.6e-3
    warmup: int = 100
    cool: float = 0.25
    average: float = 0.998
    dropout: float = 0.0
    guide: float = 0.1
    smoothing: float = 0.1
    steps: int = 0
    minutes: float = 60.0
    every: float = 8.0
    seed: int = 1


def fastest_dtype(device: str) -> torch.dtype:
    """Find out what products are computed in: bfloat16 on a GPU and on a CPU that has it in hardware, else float32.

    Measured, not looked up: without the instructions bfloat16 is thirty times slower than float32.
    """
    if device.startswith("cuda"):
        return torch.bfloat16
    took = {}
    for dtype in (torch.float32, torch.bfloat16):
        a, b = torch.ones(512, 320, dtype=dtype), torch.ones(320, 1280, dtype=dtype)
        torch.mm(a, b)
        begin = time.perf_counter()
        for _ in range(3):
            torch.mm(a, b)
        took[dtype] = time.perf_counter() - begin
    return torch.bfloat16 if took[torch.bfloat16] < 0.8 * took[torch.float32] else torch.float32


@torch.no_grad()
def held_out_loss(model: Marian, weights: dict[str, Tensor], pairs: Pairs, device: str) -> float:
    """Measure the weights on the held-out pairs: nats per target token, without smoothing; NaN when there are none."""
    kept = {name: p.detach().clone() for name, p in model.named_parameters()}
    _assign(model, weights)
    model.eval()
    total = n_tokens = 0.0
    pad = pairs.n_pieces - 1
    for batch in pairs.cut(pairs.held_out, 4000):
        source, target, _ = pairs.collate(batch, device)
        hidden, _ = model(source, shift(target, pad))
        real = target != pad
        logits = F.linear(hidden[real], model.embedding.weight[: pairs.n_target], model.out_bias)
        total += float(F.cross_entropy(logits, target[real], reduction="sum"))
        n_tokens += int(real.sum())
    model.train()
    _assign(model, kept)
    return total / n_tokens if n_tokens else float("nan")


@torch.no_grad()
def _assign(model: Marian, weights: dict[str, Tensor]) -> None:
    for name, parameter in model.named_parameters():
        parameter.copy_(weights[name])


class Trainer:
    """A model in training: what a state file holds, and one step of it."""

    def __init__(self, pairs: Pairs, shape: Shape, recipe: Recipe, device: str, rank: int, world: int) -> None:
        """Make a model with random weights."""
        torch.manual_seed(recipe.seed)
        self.pairs, self.recipe, self.device, self.rank, self.world = pairs, recipe, device, rank, world
        self.dtype = fastest_dtype(device)
        self.model = Marian(shape, recipe.dropout).to(device)
        self.optimizer = MuonAdam(self.model, self.dtype, rank, world)
        self.step = self.first = 0  # steps taken; steps taken before the warm-up
        self.tokens = 0  # target tokens seen by all processes
        self.drawn = 0  # batches taken from the stream
        self.average = {name: p.detach().clone() for name, p in self.model.named_parameters()}
        self.stream = pairs.batches(recipe.tokens, recipe.seed)

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Take the weights of a checkpoint; the optimizer starts anew."""
        self.model.load_state_dict(weights)
        self.model.pin_pad()
        self.average = {name: p.detach().clone() for name, p in self.model.named_parameters()}

    def save(self, path: Path) -> None:
        """Write the state, whole or not at all."""
        state = {
            "model": {name: p.detach() for name, p in self.model.named_parameters()},
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "tokens": self.tokens,
            "drawn": self.drawn,
            "shape": asdict(self.model.shape),
            "recipe": asdict(self.recipe),
        }
        temporary = path.with_suffix(".tmp")
        torch.save(state, temporary)
        os.replace(temporary, path)

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a saved state, at the same place of the stream."""
        _assign(self.model, state["model"])
        self.average = {name: tensor.to(self.device) for name, tensor in state["average"].items()}
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.tokens, self.drawn = state["step"], state["tokens"], state["drawn"]
        if not self.recipe.steps:  # another share of minutes: warm up again
            self.first = self.step
        for _ in range(self.drawn):
            next(self.stream)

    def rate(self, share: float) -> float:
        """Give the learning rate when `share` of the run is over."""
        r = self.recipe
        rate = r.rate * min(1.0, (self.step - self.first + 1) / r.warmup)
        if r.cool and share > 1 - r.cool:
            rate *= max(0.05, 1 - 0.95 * (share - (1 - r.cool)) / r.cool)
        return rate

    def take_step(self, share: float) -> dict[str, float]:
        """Take one step; gives nats per target token, the link loss, the gradient's norm and the rate."""
        r, pad = self.recipe, self.pairs.n_pieces - 1
        torch.manual_seed((r.seed * 1_000_003 + self.step) * self.world + self.rank)  # dropout, the same after a resume
        n_batches = r.accumulate if share >= r.grow else 1
        nll = link_loss = 0.0
        for _ in range(n_batches):
            mine = [next(self.stream) for _ in range(self.world)][self.rank]
            self.drawn += self.world
            source, target, links = self.pairs.collate(mine, self.device)
            kind = self.device.split(":")[0]
            with torch.autocast(kind, torch.bfloat16, enabled=self.dtype is torch.bfloat16):
                hidden, scores = self.model(source, shift(target, pad))
            real = target != pad
            weight, bias = self.model.embedding.weight[: self.pairs.n_target], self.model.out_bias
            chunk = 8192 if kind == "cuda" else 256
            loss, plain = SoftmaxLoss.apply(hidden[real], weight, bias, target[real], r.smoothing, self.dtype, chunk)  # type: ignore[no-untyped-call]
            linked = links >= 0
            if r.guide and self.pairs.links is not None and bool(linked.any()):
                guide = F.cross_entropy(scores.float()[linked], links[linked])
                loss = loss + r.guide * guide
                link_loss += float(guide.detach()) / n_batches
            (loss / n_batches).backward()
            nll += float(plain) / n_batches
            self.tokens += int(real.sum()) * self.world  # of the other processes: about as many
        rate = self.rate(share)
        norm = self.optimizer.step(rate)
        self.model.pin_pad()
        self.step += 1
        if self.step % _AVERAGE_EVERY == 0:
            keep = min(r.average, (1 + self.step) / (10 + self.step)) ** _AVERAGE_EVERY  # short while young
            for name, p in self.model.named_parameters():
                self.average[name].lerp_(p.detach(), 1 - keep)
        return {"nll": nll, "links": link_loss, "norm": norm, "rate": rate}
