"""Train a compact MarianMT model on what prepare.py wrote: on CPU cores or on one GPU, resumable.

    python scripts/train/train.py WORK OUT --minutes 120                      from scratch, or on from OUT/state.pt
    python scripts/train/train.py WORK OUT --start models/zh-en-small ...     from a checkpoint
    python scripts/train/train.py WORK OUT --minutes 40 --cool 1              the cool-down before publishing

Every process takes its own batches and they average their gradients. Ctrl-C or SIGTERM saves and ends; the same
command goes on. With `--steps` instead of `--minutes` an interrupted run ends with the weights of an uninterrupted one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F
from links import NO_LINK
from model import END, Marian, Shape, read_checkpoint, shift
from numpy.typing import NDArray
from optimizer import MuonAdam
from softmax_loss import SoftmaxLoss
from torch import Tensor

_POOL = 24_000  # pairs that are sorted by length together
_AVERAGE_EVERY = 4  # steps
_LAYERS = ("width", "feed_forward", "heads", "encoder_layers", "decoder_layers")


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
        self.model.load_state_dict(weights, strict=False)
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
            age = self.step - self.first
            keep = min(r.average, (1 + age) / (10 + age)) ** _AVERAGE_EVERY
            for name, p in self.model.named_parameters():
                self.average[name].lerp_(p.detach(), 1 - keep)
        return {"nll": nll, "links": link_loss, "norm": norm, "rate": rate}


def train(
    work: Path,
    out: Path,
    recipe: Recipe,
    layers: dict[str, int],
    start: Path | None = None,
    device: str = "cpu",
    rank: int = 0,
    world: int = 1,
    stopped: Sequence[int] = (),
) -> None:
    """Train in this process, as number `rank` of `world`; writes OUT/state.pt and prints to OUT/log.tsv and stdout.

    Args:
        work: What prepare.py wrote.
        out: Where the state is kept.
        recipe: What can be chosen.
        layers: The size of a new model, fields of `Shape`; not used when there is a state or a checkpoint.
        start: A checkpoint to go on from when OUT has no state.
        device: `cpu`, `cuda` or `cuda:N`.
        rank: Number of this process.
        world: Number of processes.
        stopped: Not empty once the run shall save and end.

    Raises:
        ValueError: The checkpoint or the state has another vocabulary than WORK.
    """
    pairs, path = Pairs(work), out / "state.pt"
    state = torch.load(path, map_location=device, weights_only=True) if path.exists() else None
    weights, shape = None, Shape(pairs.n_pieces, pairs.n_target, **layers)
    if state is not None:
        shape = Shape(**state["shape"])
    elif start is not None:
        weights, shape = read_checkpoint(start)
    if (shape.n_pieces, shape.n_target) != (pairs.n_pieces, pairs.n_target):
        raise ValueError(f"{work}: another vocabulary than the model's; run prepare.py with --start CHECKPOINT")
    trainer = Trainer(pairs, shape, recipe, device, rank, world)
    if state is not None:
        trainer.resume(state)
    elif weights is not None:
        trainer.start_from(weights)

    begin = saved = mark = time.time()
    tokens_at_mark, n, sums = trainer.tokens, 0, dict.fromkeys(("nll", "links", "norm", "rate"), 0.0)

    def save() -> None:
        if rank == 0:
            loss = held_out_loss(trainer.model, trainer.average, pairs, device)
            trainer.save(path)
            with (out / "log.tsv").open("a", encoding="utf-8") as log:
                log.write(f"{trainer.step}\t{trainer.tokens}\t{loss:.4f}\n")
            print(f"step {trainer.step}: saved; held out {loss:.3f} nats per token", flush=True)

    if state is None:
        save()
    share = trainer.step / recipe.steps if recipe.steps else 0.0
    while share < 1:
        for name, value in trainer.take_step(share).items():
            sums[name] += value
        n += 1
        share = trainer.step / recipe.steps if recipe.steps else (time.time() - begin) / 60 / recipe.minutes
        progress = torch.tensor([share, float(bool(stopped))])
        if world > 1:
            dist.broadcast(progress, 0)
        share = float(progress[0])
        if rank == 0 and trainer.step % 25 == 0:
            speed = (trainer.tokens - tokens_at_mark) / (time.time() - mark)
            print(
                f"step {trainer.step}: {sums['nll'] / n:.3f} nats, links {sums['links'] / n:.3f}, "
                f"norm {sums['norm'] / n:.2f}, rate {sums['rate'] / n:.1e}, {speed:,.0f} target tokens/s, "
                f"{trainer.tokens / 1e6:.2f} M seen, {share:.0%} done",
                flush=True,
            )
            mark, tokens_at_mark, n, sums = time.time(), trainer.tokens, 0, dict.fromkeys(sums, 0.0)
        if progress[1]:
            break
        if time.time() - saved > recipe.every * 60:
            save()
            saved = time.time()
    save()


def _note_signals() -> list[int]:
    """Let Ctrl-C and SIGTERM fill the list that is returned, in place of ending the process."""
    stopped: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: stopped.append(received))
    return stopped


def _process(rank: int, port: int, world: int, arguments: dict[str, Any]) -> None:
    stopped = _note_signals()
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=world)
    train(**arguments, rank=rank, world=world, stopped=stopped)
    dist.destroy_process_group()


def run(arguments: dict[str, Any], world: int) -> None:
    """Call `train` with `arguments` in `world` processes of one thread each; signals are passed on to them."""
    if world == 1:
        train(**arguments, stopped=_note_signals())
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = mp.spawn(_process, (port, world, arguments), nprocs=world, join=False)

    def pass_on(number: int, _: Any) -> None:
        for process in context.processes:
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, lambda *_: None)  # a terminal sends Ctrl-C to the children itself
    while not context.join():
        pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("work", type=Path, help="folder that prepare.py wrote")
    parser.add_argument("out", type=Path, help="folder for the state; training goes on from what is there")
    parser.add_argument("--start", type=Path, help="checkpoint directory to go on from")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:N")
    parser.add_argument("--processes", type=int, default=0, help="default: one for each core, on a GPU one")
    size = Shape(0, 0)
    for name in _LAYERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(size, name), help="of a new model")
    for name, value in asdict(Recipe()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value, help=f"default {value}; see class Recipe")
    a = vars(parser.parse_args(arguments))
    work, out = a["work"], a["out"]
    out.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(**{name: a[name] for name in asdict(Recipe())})
    layers = {name: a[name] for name in _LAYERS}
    cuda = a["device"].startswith("cuda")
    arguments = {
        "work": work,
        "out": out,
        "recipe": recipe,
        "layers": layers,
        "start": a["start"],
        "device": a["device"],
    }
    run(arguments, a["processes"] or (1 if cuda else len(os.sched_getaffinity(0))))


if __name__ == "__main__":
    main()
