"""Measure a corpus on Ray against `batch`: python scripts/bench_scale.py [--sentences 20000] [--json figures.json].

Prints Markdown tables of ratios of one run on one machine. `scripts/at_scale.py` computes costs from the JSON. The
sentences are those of `bench_translate.py`; 20,000 take an hour on two cores, --sentences 1000 some minutes.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
from bench_translate import _processor, make_sentences, table
from slow_disk import WRITE_S, SlowDisk

from bilingual.batch import Job, plan_batch, run_batch
from bilingual.batch.ray import Actors, ClusterSummary, run_on_ray
from bilingual.batch.record import describe_run
from bilingual.batch.sources import find_sources
from bilingual.batch.task import Opened, open_translation, translating
from bilingual.bitext import Translation
from bilingual.checks import Evidence, check_units
from bilingual.encoders import load_encoder
from bilingual.engines import load_translator
from bilingual.formats import FORMATS, read_units
from bilingual.pipeline import Options
from bilingual.protocols import Decoding
from bilingual.reading import READERS
from bilingual.segment import cut_sentence

PER_DOCUMENT = 50
"""Sentences of a document in the throughput table."""


class Copier:
    """A translator that takes no time: what remains is what the engine of the cluster costs."""

    signature = "copier@1"
    model_name = "copier"
    license: str | None = None

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        """Give every segment back."""
        return [[Translation(segment, -1.0)] for segment in segments]


def open_copier() -> Opened:
    """Open it."""
    return translating(Copier(), Options(checks=False), {})


def write_documents(folder: Path, sentences: Sequence[str], each: int) -> None:
    """Write documents of `each` sentences, four a paragraph."""
    folder.mkdir()
    for first in range(0, len(sentences), each):
        of_one = sentences[first : first + each]
        text = "\n\n".join("".join(of_one[i : i + 4]) for i in range(0, len(of_one), 4))
        (folder / f"{first:07}.txt").write_text(text, encoding="utf-8")


def on_ray(folder: Path, out: Path | str, opener: Callable[[], Opened], actors: int) -> ClusterSummary:
    """Run on the cluster that is connected."""
    return run_on_ray(
        lambda done: find_sources(str(folder), str(out), actors, done),
        str(out),
        (),
        opener,
        describe_run(opener(), {}),
        Actors(actors),
    )


def bench_throughput(number: int, scratch: Path) -> dict[str, Any]:
    """Translate the same documents by `batch` on two cores, and by one and two actors of one core each."""
    folder = scratch / "in"
    write_documents(folder, make_sentences(number), PER_DOCUMENT)
    decoding = Decoding(links=True)
    options = Options(decoding=decoding)
    translator = load_translator(cut=cut_sentence, threads=2)
    job = Job(to=("parquet",), options=options)
    plan = plan_batch(folder, scratch / "batch", job.to, READERS, ".zh-en")
    batch_s = run_batch(plan, scratch / "batch", job, translator).seconds
    opener = partial(
        open_translation,
        model="zh-en-small",
        engine="ctranslate2",
        threads=1,
        cache_dir=None,
        decoding=decoding,
        checks=True,
        repair=True,
        memory=None,
        glossary=None,
        reading={},
    )
    one, two = (on_ray(folder, scratch / f"ray-{n}", opener, n) for n in (1, 2))
    outputs = [sorted(map(repr, _units(scratch / name))) for name in ("batch", "ray-1", "ray-2")]
    rates = [number / batch_s, *(number / (run.seconds - run.ready_seconds) for run in (one, two))]
    rows = [
        [name, f"{rate:.1f}", f"{rate / rates[0]:.2f}", f"{rate / rates[1]:.2f}", "yes" if same else "NO"]
        for name, rate, same in zip(
            ("batch, two cores", "one actor of one core", "two actors of one core"),
            rates,
            (output == outputs[0] for output in outputs),
            strict=True,
        )
    ]
    head = "what|sentences per second|against batch|against one actor|the rows of batch"
    table(f"Throughput, {number} sentences (the start of cluster and actors excluded)", head, rows)
    peaks = [max(run.peak_bytes.values()) / 1e6 for run in (one, two)]
    print(f"\nPeak memory of an actor: {peaks[0]:.0f} MB of one, {peaks[1]:.0f} MB of two.", flush=True)
    return {
        "sentences": number,
        "batch_per_s": rates[0],
        "one_actor_per_s": rates[1],
        "two_actors_per_s": rates[2],
        "same_rows": outputs[0] == outputs[1] == outputs[2],
        "peak_mb": max(peaks),
    }


def _units(out: Path) -> list[Any]:
    return [unit for path in sorted(out.rglob("*.parquet")) for unit in read_units(path)]


def bench_overhead(scratch: Path, sizes: Sequence[int]) -> dict[str, Any]:
    """Run short documents through a translator that takes no time."""
    rows, figures = [], {}
    for size in sizes:
        folder = scratch / f"short-{size}"
        write_documents(folder, make_sentences(size), 1)
        job = Job(to=("parquet",), options=Options(checks=False))
        plan = plan_batch(folder, scratch / f"plain-{size}", job.to, READERS, ".zh-en")
        batch_s = run_batch(plan, scratch / f"plain-{size}", job, Copier()).seconds
        run = on_ray(folder, scratch / f"on-{size}", open_copier, 2)
        ray_ms, batch_ms = (1000 * s / size for s in (run.seconds - run.ready_seconds, batch_s))
        figures[str(size)] = {"ray_ms": ray_ms, "batch_ms": batch_ms, "ready_s": run.ready_seconds}
        rows.append([f"{size}", f"{ray_ms:.2f}", f"{batch_ms:.2f}", f"{run.ready_seconds:.1f}"])
    table(
        "Overhead of a document of one sentence, no time for its translation",
        "documents|Ray, two actors, ms|batch, ms|until the first actor was ready, s",
        rows,
    )
    return figures


def bench_slow_writer(scratch: Path, documents: int = 200) -> dict[str, Any]:
    """Write to a disk that takes `WRITE_S` a file, and see that memory does not grow meanwhile."""
    fsspec.register_implementation("slow", SlowDisk)
    folder = scratch / "slow"
    write_documents(folder, make_sentences(documents * 20), 20)
    runs: list[ClusterSummary] = []
    parts = 0
    for scheme in ("", "slow://"):
        out = scratch / f"disk-{len(runs)}"
        runs.append(on_ray(folder, f"{scheme}{out}", open_copier, 2))
        parts = len(list(out.glob("parquet/*.parquet")))
    peaks = [max(run.peak_bytes.values()) / 1e6 for run in runs]
    times = [run.seconds - run.ready_seconds for run in runs]
    table(
        f"Back-pressure: {parts} parts, two actors, a disk that takes {WRITE_S} s for each",
        "what|seconds|peak memory of an actor, MB",
        [[name, f"{s:.1f}", f"{mb:.0f}"] for name, s, mb in zip(("fast", "slow"), times, peaks, strict=True)],
    )
    least_s = parts * WRITE_S / 2
    return {"fast_mb": peaks[0], "slow_mb": peaks[1], "slow_s": times[1], "least_s": least_s, "write_s": WRITE_S}


def bench_reuse(scratch: Path) -> dict[str, Any]:
    """Count how many segments of a corpus that repeats itself are decoded: a quarter of these are new."""
    folder = scratch / "repeating"
    write_documents(folder, make_sentences(2000) * 4, PER_DOCUMENT)
    run = on_ray(folder, scratch / "reused", open_copier, 2)
    rate = run.known / run.asked
    print(f"\nKnown before, a corpus that stands there four times, two actors: {rate:.1%} (at most 75 %).", flush=True)
    return {"known": rate}


def bench_stages(scratch: Path) -> dict[str, float]:
    """Time the stages of one core by themselves, in sentences per second."""
    units = _units(scratch / "batch")[:2000]
    encoder = load_encoder()
    texts = [unit.source for unit in units]

    def write() -> None:
        with (scratch / "stage.parquet").open("wb") as file:
            FORMATS["parquet"].write(units, file)

    actions: dict[str, Callable[[], object]] = {
        "check": lambda: check_units(units, Evidence()),
        "encoder": lambda: encoder.encode(texts),
        "writing": write,
    }
    rates = {}
    for name, action in actions.items():
        begin = time.perf_counter()
        action()
        rates[name] = len(units) / (time.perf_counter() - begin)
    table("Stages, one core", "stage|sentences per second", [[name, f"{rate:.0f}"] for name, rate in rates.items()])
    return rates


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sentences", type=int, default=20_000, help="of the throughput table")
    parser.add_argument("--documents", default="100,1000,10000", help="sizes of the overhead table")
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    import ray

    from bilingual.batch.ray import connect

    print(f"{_processor()}, Python {platform.python_version()}, Ray {ray.__version__}", flush=True)
    connect(None)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        figures: dict[str, Any] = {"machine": _processor(), "ray": ray.__version__}
        figures["overhead"] = bench_overhead(scratch, [int(size) for size in arguments.documents.split(",")])
        figures["back_pressure"] = bench_slow_writer(scratch)
        figures["reuse"] = bench_reuse(scratch)
        figures["throughput"] = bench_throughput(arguments.sentences, scratch)
        figures["stages"] = bench_stages(scratch)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        page = Path(__file__).with_name("at_scale.py")
        subprocess.run([sys.executable, str(page), str(arguments.json)], check=True)


if __name__ == "__main__":
    main()
