"""What `--ray` does, for translating and for aligning alike."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bilingual.cli.live import Tally, live_tally, minutes
from bilingual.cli.terminal import say
from bilingual.errors import InputError, OutputError

if TYPE_CHECKING:
    from bilingual.batch.ray import ClusterSummary, Report
    from bilingual.batch.sources import Sources
    from bilingual.batch.task import Opener

__all__ = [
    "Address",
    "NumberOfActors",
    "Ray",
    "align_on_ray",
    "cluster_formats",
    "model_cache",
    "name_failures",
    "refuse_address",
    "run_cluster",
]

Ray = Annotated[bool, typer.Option("--ray", help="Work on a Ray cluster; write Parquet (and --to jsonl) parts.")]
Address = Annotated[
    str | None,
    typer.Argument(help="After --ray: the cluster to join (auto, HOST:PORT); without, one on this machine."),
]
NumberOfActors = Annotated[int, typer.Option("--actors", min=0, help="With --ray; 0 is as many as there is room for.")]

_NOTES = 20
"""Notes about single documents that are said; of a large corpus there may be thousands."""


def refuse_address(address: str | None) -> None:
    """Take no cluster's address where no cluster was asked for.

    Raises:
        InputError: There is one.
    """
    if address is not None:
        raise InputError(f"{address}: one argument too many; an address follows --ray.")


def cluster_formats(to: Sequence[str] | None) -> tuple[str, ...]:
    """Turn what --to says into formats of parts.

    Raises:
        InputError: Parts do not come in one of them.
    """
    from bilingual.batch.parts import LAYOUT

    names = {name.strip().lower() for value in to or () for name in value.split(",") if name.strip()}
    if wrong := names - set(LAYOUT):
        raise InputError(
            f"--to {min(wrong)}: with --ray, parquet is always written and jsonl if asked for; 'bilingual convert' "
            "makes the others of a part."
        )
    return tuple(sorted(names | {"parquet"}))


def run_cluster(
    find: Callable[[int, frozenset[str]], Sources],
    out: str,
    to: tuple[str, ...],
    opener: Opener,
    settings: Mapping[str, Any],
    *,
    address: str | None,
    actors: int,
    cpus: int,
    gpus: bool,
    restart: bool,
    verb: str,
) -> ClusterSummary:
    """Run on a cluster, and say on standard error how it goes and what came of it.

    Args:
        find: Gives the documents for a number of actors, those done left out.
        out: Output folder, path or URI.
        to: Formats of the parts.
        opener: What an actor loads.
        settings: What was asked for and decides the rows, for the record.
        address: The cluster; None starts one.
        actors: How many, 0 for as many as there is room for.
        cpus: Cores of each.
        gpus: Whether the engine can use one.
        restart: Begin anew.
        verb: What is done to documents: "translated".

    Raises:
        BilingualError: As `run_on_ray` raises them.
    """
    from bilingual.batch.ray import connect, plan_actors, run_on_ray
    from bilingual.batch.record import describe_run

    if "://" not in out and Path(out).exists() and not Path(out).is_dir():
        raise OutputError(f"{out} is a file: choose a folder with -o.")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # its errors are raised here, in words
    record = describe_run(opener(), {"to": list(to), **settings})
    connect(address)
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # and what it tells of its progress, the tally tells
    pool = plan_actors(actors, cpus, gpus=gpus)
    say(f"{pool.count} actors of {cpus} cores{' and a GPU' if pool.gpus else ''}.")
    tally = Tally(0)
    notes = 0

    def planned(sources: Sources) -> None:
        nonlocal tally
        if sources.others:
            what = "files have no counterpart" if sources.alone else "files of other kinds are left alone"
            say(f"{sources.others} {what}.")
        tally.bytes_total = sum(portion.size_bytes for portion in sources.portions)

    with live_tally(verb.capitalize(), tally) as shown:

        def count_document(report: Report) -> None:
            nonlocal notes
            tally.add(report.size_bytes, report.segments, report.severities, failed=bool(report.error))
            for note in report.notes:
                notes += 1
                if notes <= _NOTES:
                    say(f"{report.name}: {note}")
            shown()

        try:
            summary = run_on_ray(
                lambda done: find(pool.count, done),
                out,
                to,
                opener,
                record,
                pool,
                restart=restart,
                planned=planned,
                progress=count_document,
            )
        except KeyboardInterrupt:
            say("Interrupted. What is finished is kept; the same command goes on from there.")
            raise
    if notes > _NOTES:
        say(f"{notes - _NOTES} more notes like these.")
    say(
        f"{summary.documents} {verb}, {summary.skipped} were done before, {len(summary.failed)} failed; "
        f"{summary.sentences} sentences."
    )
    if summary.sentences:
        say(
            f"{summary.sentences / summary.seconds:.1f} sentences a second, {minutes(summary.seconds)} in all, "
            f"{summary.ready_seconds:.0f} s of them until the first actor was ready."
        )
    if summary.peak_bytes:
        say(f"Memory: {max(summary.peak_bytes.values()) / 1e6:.0f} MB at most in each of {len(summary.peak_bytes)}.")
    if summary.asked:
        say(f"Known before: {summary.known / summary.asked:.1%} of {summary.asked} segments were not decoded again.")
    say(f"Output: {out}")
    return summary


def align_on_ray(
    places: tuple[str, str],
    out: str,
    to: Sequence[str] | None,
    settings: Mapping[str, Any],
    *,
    address: str | None,
    actors: int,
    restart: bool,
) -> None:
    """Align two directories on a cluster; documents are paired by name.

    Args:
        places: Directory of originals, and of translations.
        out: Output folder, path or URI.
        to: What --to says.
        settings: Keywords of `open_alignment`.
        address: The cluster; None starts one.
        actors: How many, 0 for as many as there is room for.
        restart: Begin anew.

    Raises:
        BilingualError: As `run_on_ray` raises them.
        typer.Exit: With 1 when a document failed.
    """
    from bilingual.batch.sources import find_pairs
    from bilingual.batch.task import open_alignment
    from bilingual.pairing import plain_name

    name_failures(
        run_cluster(
            lambda count, done: find_pairs(places, out, count, lambda name: plain_name(name).casefold(), done),
            out,
            cluster_formats(to),
            partial(open_alignment, **settings),
            {name: str(value) for name, value in settings.items() if name in ("langs", "reading")},
            address=address,
            actors=actors,
            cpus=1,
            gpus=False,
            restart=restart,
            verb="aligned",
        )
    )


def name_failures(summary: ClusterSummary) -> None:
    """Name the documents that failed.

    Raises:
        typer.Exit: With 1 when there is one.
    """
    for name, reason in summary.failed:
        say(f"Error: {name}: {reason}")
    if summary.failed:
        raise typer.Exit(1)


def model_cache() -> Path | None:
    """Give the folder of converted and pulled models that the environment names."""
    cache = os.environ.get("BILINGUAL_CACHE")
    return Path(cache).resolve() if cache else None
