"""A corpus on Ray Data: portions go to actors that load the model once and write parts of the output.

What travels is a description of where documents are, and a report of what was done; texts and translations never pass
Ray's object store, so memory is bounded by one portion an actor, and a slow file system slows down the actors that
write to it and nothing piles up anywhere. A run goes on with the documents that are in no part yet.
"""

from __future__ import annotations

import json
import logging
import pickle
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from bilingual import errors
from bilingual.batch.ledger import Ledger
from bilingual.batch.parts import (
    LAYOUT,
    Before,
    digests_of,
    prepare_parts,
    read_done,
    read_run,
    remove_parts,
    remove_unfinished,
    write_run,
)
from bilingual.batch.record import Record, now
from bilingual.batch.sources import Sources, open_place
from bilingual.batch.task import Opener
from bilingual.batch.worker import Target, Worker
from bilingual.errors import BilingualError, InputError, ModelError, OutputError

__all__ = ["Actors", "ClusterSummary", "Report", "connect", "plan_actors", "run_on_ray"]

_OURS = re.compile(r"bilingual\.errors\.(\w+Error): (.+)")
NO_COUNTERPART = "No file of the same name stands beside it; without --ray, pairs are also found by content."
_STORE_BYTES = 100_000_000
"""Object store of a cluster on one machine; only descriptions and reports pass it."""


@dataclass(frozen=True, slots=True)
class Actors:
    """How many actors, and what each takes: `cpus` cores, `gpus` GPUs."""

    count: int
    cpus: int = 1
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """One document is through: number of segments, issues by severity, or the reason why it failed."""

    name: str
    size_bytes: int
    segments: int
    severities: dict[str, int]
    error: str
    notes: list[str]


@dataclass(slots=True)
class ClusterSummary:
    """What a run did.

    Attributes:
        documents: Finished now.
        skipped: Done before.
        sentences: Units of the finished documents.
        severities: Their issues.
        failed: Name and reason, by name.
        seconds: From the first portion handed out to the last report, the start of the actors included, that of the
            cluster not.
        ready_seconds: Of them, until the first actor took a portion.
        peak_bytes: Most memory of each actor that finished a portion.
        asked: Segments that the engine was asked for, repairs included.
        known: How many of them an actor had decoded before.
    """

    documents: int = 0
    skipped: int = 0
    sentences: int = 0
    severities: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    ready_seconds: float = 0.0
    peak_bytes: dict[str, int] = field(default_factory=dict)
    asked: int = 0
    known: int = 0


def connect(address: str | None) -> None:
    """Join the cluster at an address, or start one on this machine; one that is connected already stays.

    Raises:
        ModelError: Ray is not installed.
        InputError: There is no cluster at the address.
    """
    _ray()
    import ray.data  # it sets its loggers up, so that whoever wants them otherwise can set them after this

    if ray.is_initialized():
        return
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address:
            _knock(address)
            ray.init(address=address, **quiet)
        else:
            ray.init(address="local", include_dashboard=False, object_store_memory=_STORE_BYTES, **quiet)
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"No Ray cluster answers at {address or 'this machine'}: {error}") from error


def _knock(address: str) -> None:
    """See whether anything listens at HOST:PORT or ray://HOST:PORT: Ray itself would ask for ten minutes.

    Raises:
        OSError: Nothing does.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()


def plan_actors(count: int, cpus: int, *, gpus: bool) -> Actors:
    """Choose the number of actors for the cluster that is connected.

    Args:
        count: As many; 0 is as many as there is room for.
        cpus: Cores of each.
        gpus: Whether the engine can use one; then each actor gets one where there are any.

    Raises:
        InputError: There is no room for so many.
    """
    resources = _ray().cluster_resources()
    cores, cards = int(resources.get("CPU", 0)), int(resources.get("GPU", 0)) if gpus else 0
    room = min(cores // cpus, cards) if cards else cores // cpus
    if not room or count > room:
        raise InputError(
            f"The cluster has {cores} cores{f' and {cards} GPUs' if cards else ''}: room for {room} actors of {cpus} "
            f"cores{' and a GPU' if cards else ''}, not {count or 1}."
        )
    return Actors(count or room, cpus, 1 if cards else 0)


def run_on_ray(
    find: Callable[[frozenset[str]], Sources],
    out: str,
    to: Sequence[str],
    opener: Opener,
    record: Record,
    actors: Actors,
    *,
    restart: bool = False,
    planned: Callable[[Sources], None] = lambda sources: None,
    progress: Callable[[Report], None] = lambda report: None,
) -> ClusterSummary:
    """Work on all documents that the output does not hold yet.

    Args:
        find: Gives the documents; takes the names of those that are done.
        out: The output folder, path or URI.
        to: Formats of `parts.LAYOUT`; Parquet is always written.
        opener: Loads the model in an actor and says what is done with a document.
        record: What `describe_run` says about the run; counts and times are added.
        actors: How many.
        restart: Begin anew: earlier parts are removed.
        planned: Called once with what `find` gave.
        progress: Called once for every document.

    Raises:
        InputError: The input or the parts in the output cannot be read.
        ModelError: An actor cannot load the model, or loads another one.
        OutputError: The output cannot be written, or was made otherwise.
    """
    ray = _ray()
    filesystem, folder = open_place(out)
    to = tuple(name for name in LAYOUT if name in to or name == "parquet")
    earlier = read_run(filesystem, folder)
    if earlier and not restart:
        _check_same(earlier, record, out)
    prepare_parts(filesystem, folder, to)
    if restart:
        remove_parts(filesystem, folder)
    done = read_done(filesystem, folder)
    remove_unfinished(filesystem, folder, done)
    sources = find(done.documents)
    planned(sources)
    runs = earlier["runs"] if earlier and not restart else []
    write_run(filesystem, folder, record | {"runs": [*runs, {"begun": now(), "ended": None}]})
    summary = ClusterSummary(skipped=len(done.documents))
    ledger = ray.remote(Ledger).options(num_cpus=0).remote()
    target = Target(sources.filesystem, filesystem, folder, to)
    constructor = (opener, record["signature"], target, ledger, ray.put(digests_of(done.documents)))
    begun, begin_s = now(), time.monotonic()
    try:
        for name in sources.alone:
            _count(summary, Report(name, 0, 0, {}, NO_COUNTERPART, []), progress)
        for report in _reports(sources, constructor, actors):
            summary.ready_seconds = summary.ready_seconds or time.monotonic() - begin_s - report["seconds"]
            for document in report["documents"]:
                _count(summary, Report(**document), progress)
            peak = summary.peak_bytes.get(report["actor"], 0)
            summary.peak_bytes[report["actor"]] = max(peak, report["peak_bytes"])
            summary.asked += report["asked"]
            summary.known += report["known"]
    finally:
        summary.seconds = time.monotonic() - begin_s
        summary.failed.sort()
        ray.kill(ledger)
        write_run(filesystem, folder, _ended(record, done, runs, begun, summary))
    return summary


def _reports(sources: Sources, constructor: tuple[Any, ...], actors: Actors) -> Iterator[dict[str, Any]]:
    """Hand out the portions and give the reports as they come, in no order."""
    import ray.data

    if not sources.portions:
        return
    ray.data.DataContext.get_current().enable_progress_bars = False
    rows = [{"portion": pickle.dumps(portion)} for portion in sources.portions]
    portions = ray.data.from_items(rows, override_num_blocks=len(rows))
    reports = portions.map_batches(
        Worker,
        fn_constructor_args=constructor,
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=min(actors.count, len(rows))),
        num_cpus=actors.cpus,
        num_gpus=actors.gpus,
    )
    try:
        for row in reports.iter_rows():
            yield json.loads(row["report"])
    except ray.exceptions.RayError as error:
        raise _cause(error) from error


def _cause(error: BaseException) -> BilingualError:
    """Find what an actor raised: under what Ray wraps around it, or in the text of the actor's traceback."""
    inner: BaseException | None = error
    texts = []
    while inner is not None:
        if isinstance(inner, BilingualError):
            return type(inner)(str(inner).strip().split("\n")[-1])
        texts.append(str(inner).strip() or type(inner).__name__)
        inner = getattr(inner, "cause", None) or inner.__cause__
    for kind, sentence in _OURS.findall("\n".join(texts)):
        return cast(type[BilingualError], getattr(errors, kind))(sentence)
    return ModelError("The work on the cluster ended: " + texts[-1].split("\n")[-1])


def _count(summary: ClusterSummary, report: Report, progress: Callable[[Report], None]) -> None:
    if report.error:
        summary.failed.append((report.name, report.error))
    else:
        summary.documents += 1
        summary.sentences += report.segments
        summary.severities.update(report.severities)
    progress(report)


def _check_same(before: Record, record: Record, out: str) -> None:
    """Hold the record of an earlier run against this one.

    Raises:
        OutputError: Something that decides the rows is not the same.
    """
    for key in ("bilingual", "signature", "options"):
        if before[key] != record[key]:
            raise OutputError(
                f"{out} was made with {key} {before[key]}, now it is {record[key]}: take another folder, or --restart."
            )


def _ended(record: Record, done: Before, runs: list[Any], begun: str, summary: ClusterSummary) -> Record:
    """Give the record after a run; one that found everything done leaves no trace in it."""
    run = {
        "begun": begun,
        "ended": now(),
        "seconds": round(summary.seconds, 1),
        "documents": summary.documents,
        "sentences": summary.sentences,
        "machine": record["machine"],
        "actors": len(summary.peak_bytes),
    }
    counts = {
        "documents": len(done.documents) + summary.documents,
        "failed": len(summary.failed),
        "sentences": done.units + summary.sentences,
        "issues": dict(sorted((Counter(done.severities) + summary.severities).items())),
    }
    worked = summary.documents or summary.failed
    failed = [list(pair) for pair in summary.failed]
    return record | {"runs": [*runs, run] if worked else runs, "counts": counts, "failed": failed}


def _ray() -> Any:
    """Import Ray where it is needed: it is large, and few have it.

    Raises:
        ModelError: It is not installed.
    """
    try:
        import ray
    except ImportError:
        raise ModelError("This needs Ray: pip install 'bilingual[ray]'") from None
    return ray
