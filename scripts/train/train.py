"""Train a compact MarianMT model on what prepare.py wrote: on CPU cores or on one GPU, resumable.

    python scripts/train/train.py WORK OUT --minutes 120                      from scratch, or on from OUT/state.pt
    python scripts/train/train.py WORK OUT --start models/zh-en-small ...     from a checkpoint
    python scripts/train/train.py WORK OUT --minutes 40 --cool 1              the cool-down before publishing

Every process takes its own batches and they average their gradients. Ctrl-C or SIGTERM saves and ends; the same
command goes on. With `--steps` instead of `--minutes` an interrupted run ends with the weights of an uninterrupted one.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from model import Shape, read_checkpoint
from pairs import Pairs
from torch.multiprocessing.spawn import spawn
from trainer import Recipe, Trainer, held_out_loss

_LAYERS = ("width", "feed_forward", "heads", "encoder_layers", "decoder_layers")


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
    context = spawn(_process, (port, world, arguments), nprocs=world, join=False)  # type: ignore[no-untyped-call]

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
    chosen = {"work": work, "out": out, "recipe": recipe, "layers": layers, "start": a["start"], "device": a["device"]}
    run(chosen, a["processes"] or (1 if a["device"].startswith("cuda") else _cores()))


def _cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    main()
