"""A corpus on Ray Data: portions go to actors that load the model once and write parts of the output.

What travels is a description of where documents are, and a report of what was done; texts and translations never pass
Ray's object store, so memory is bounded by one portion an actor, and a slow file system slows down the actors that
write to it and nothing piles up anywhere. A run goes on with the documents that are in no part yet.
"""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bilingual.batch.parts import LAYOUT, digests_of, prepare_parts, read_done, remove_parts
from bilingual.batch.record import RECORD, Record, now, parse_record, record_bytes
from bilingual.batch.sources import Sources, open_place
from bilingual.batch.worker import Ledger, Opener, Target, Worker
from bilingual.errors import BilingualError, InputError, ModelError, OutputError

__all__ = ["Actors", "ClusterSummary", "Report", "connect", "plan_actors", "run_on_ray"]


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
    severities: Mapping[str, int]
    error: str
    notes: tuple[str, ...]


@dataclass(slots=True)
class ClusterSummary:
    """What a run did.

    Attributes:
        documents: Translated now.
        skipped: Done before.
        sentences: Segments of the translated documents.
        severities: Their issues.
        failed: Name and reason, by name.
        seconds: From the first portion handed out to the last report; the start of the cluster is not in it.
        peak_bytes: Most memory of each actor that finished a portion.
        asked: Segments that the engine was asked for, repairs included.
        known: How many of them an actor had decoded before.
    """

    documents: int = 0
    skipped: int = 0
    sentences: int = 0
    severities: dict[str, int] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    peak_bytes: dict[str, int] = field(default_factory=dict)
    asked: int = 0
    known: int = 0


def connect(address: str | None) -> None:
    """Join the cluster at an address, or start one on this machine; one that is connected already stays.

    Raises:
        ModelError: Ray is not installed.
        InputError: There is no cluster at the address.
    """
    ray = _ray()
    if ray.is_initialized():
        return
    try:
        if address:
            ray.init(address=address, log_to_driver=False)
        else:
            ray.init(address="local", include_dashboard=False, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(f"No Ray cluster answers at {address or 'this machine'}: {error}") from error


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
        progress: Called once for every document.

    Raises:
        InputError: The input or the parts in the output cannot be read.
        ModelError: An actor cannot load the model, or loads another one.
        OutputError: The output cannot be written, or was made otherwise.
    """
    ray = _ray()
    filesystem, folder = open_place(out)
    to = tuple(name for name in LAYOUT if name in to or name == "parquet")
    prepare_parts(filesystem, folder, to)
    before = _read_record(filesystem, folder)
    if before and not restart:
        _check_same(before, record, out)
        record |= {name: before[name] for name in ("runs", "counts", "failed")}
    if restart:
        remove_parts(filesystem, folder)
    done = read_done(filesystem, folder)
    sources = find(done)
    ledger = ray.remote(Ledger).options(num_cpus=0).remote()
    target = Target(sources.filesystem, filesystem, folder, to)
    constructor = (opener, record["signature"], target, ledger, ray.put(digests_of(done)))
    earlier = record["runs"]
    record["runs"] = [*earlier, {"begun": now(), "ended": None}]
    _write_record(filesystem, folder, record)
    summary = ClusterSummary(skipped=len(done))
    begin = time.monotonic()
    try:
        for report in _reports(sources, constructor, actors):
            _count(summary, report)
            for found in report["documents"]:
                progress(
                    Report(
                        found["name"],
                        found["bytes"],
                        found["segments"],
                        found["severities"],
                        found["error"],
                        tuple(found["notes"]),
                    )
                )
    finally:
        summary.seconds = time.monotonic() - begin
        summary.failed.sort()
        ray.kill(ledger)
        _end_record(record, earlier, summary)
        _write_record(filesystem, folder, record)
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
    """Find what an actor raised under what Ray wraps around it."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, BilingualError):
            return type(inner)(str(inner).strip().split("\n")[-1])
        inner = getattr(inner, "cause", None) or inner.__cause__
    last = str(error).strip().split("\n")[-1]
    return ModelError(f"The work on the cluster ended: {last}")


def _count(summary: ClusterSummary, report: dict[str, Any]) -> None:
    for document in report["documents"]:
        if document["error"]:
            summary.failed.append((document["name"], document["error"]))
            continue
        summary.documents += 1
        summary.sentences += document["segments"]
        for severity, count in document["severities"].items():
            summary.severities[severity] = summary.severities.get(severity, 0) + count
    known = summary.peak_bytes.get(report["actor"], 0)
    summary.peak_bytes[report["actor"]] = max(known, report["peak_bytes"])
    summary.asked += report["asked"]
    summary.known += report["known"]


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


def _end_record(record: Record, earlier: list[Any], summary: ClusterSummary) -> None:
    """Add what a run did; one that found everything done leaves no trace."""
    counts = record["counts"]
    if not (summary.documents or summary.failed):
        record["runs"] = earlier
        return
    run = {
        "ended": now(),
        "seconds": round(summary.seconds, 1),
        "documents": summary.documents,
        "sentences": summary.sentences,
        "machine": record["machine"],
        "actors": len(summary.peak_bytes),
    }
    record["runs"][-1] |= run
    issues = {name: counts["issues"].get(name, 0) + n for name, n in summary.severities.items()}
    record["counts"] = {
        "documents": summary.skipped + summary.documents,
        "failed": len(summary.failed),
        "sentences": counts["sentences"] + summary.sentences,
        "issues": dict(sorted((counts["issues"] | issues).items())),
    }
    record["failed"] = [list(pair) for pair in summary.failed]


def _read_record(filesystem: Any, folder: str) -> Record | None:
    try:
        with filesystem.open_input_stream(f"{folder}/{RECORD}") as file:
            return parse_record(file.read(), f"{folder}/{RECORD}")
    except FileNotFoundError:
        return None


def _write_record(filesystem: Any, folder: str, record: Record) -> None:
    try:
        with filesystem.open_output_stream(f"{folder}/.{RECORD}.tmp") as file:
            file.write(record_bytes(record))
        filesystem.move(f"{folder}/.{RECORD}.tmp", f"{folder}/{RECORD}")
    except OSError as error:
        raise OutputError(f"{folder}/{RECORD} cannot be written ({error.strerror or error}).") from error


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
