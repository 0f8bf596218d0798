"""The corpus on a Ray cluster: a real one, of two cores, started once."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow
import pytest
import ray
from pyarrow import parquet

from bilingual.batch import Job, plan_batch, run_batch
from bilingual.batch.ledger import Ledger
from bilingual.batch.portions import Source
from bilingual.batch.ray import Actors, ClusterSummary, run_on_ray
from bilingual.batch.record import describe_run
from bilingual.batch.sources import find_pairs, find_sources
from bilingual.batch.task import Done, Opened, translating
from bilingual.errors import InputError, ModelError, OutputError
from bilingual.pairing import plain_name
from bilingual.pipeline import Options
from bilingual.reading import READERS
from command import Command
from test_batch import Shouter, tree

# What Ray's own modules say about Ray's own settings, and files that its processes leave open.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*is deprecated.*:DeprecationWarning:ray.*"),
    pytest.mark.filterwarnings("ignore:.*:FutureWarning:ray.*"),
    pytest.mark.filterwarnings("ignore:.*:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SHORT = "它在里面。"
KILLED = "It ended the worker twice and is set aside; the others are finished."


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))  # the actors import this module
        ray.init(
            address="local",
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            object_store_memory=80_000_000,
        )
        yield
        ray.shutdown()


def open_shouter(deadly: str = "", once: str = "", wait_s: float = 0.0) -> Opened:
    """Open a translator without a model, whose process dies over some text: always, or until a file exists."""
    opened = translating(Shouter(), Options(checks=False), {})

    def work(sources: Sequence[Source]) -> Iterator[Done]:
        for source in sources:
            text = source.contents[0].decode()
            time.sleep(wait_s)
            if deadly and deadly in text:
                os.kill(os.getpid(), signal.SIGKILL)
            if once and "致命" in text and not Path(once).exists():
                Path(once).touch()
                os.kill(os.getpid(), signal.SIGKILL)
        yield from opened.work(sources)

    return Opened(work, opened.signature, "shouter", None, opened.reuse)


def run(place: Path, out: Path, actors: int = 1, restart: bool = False, **options: Any) -> ClusterSummary:
    opener = partial(open_shouter, **options)
    return run_on_ray(
        lambda done: find_sources(str(place), str(out), actors, done),
        str(out),
        ("jsonl",),
        opener,
        describe_run(open_shouter(), {}),
        Actors(actors),
        restart=restart,
    )


def rows(out: Path) -> list[dict[str, Any]]:
    """Read all units of an output, in the order of documents; both formats have to hold the same."""
    lines = [line for path in sorted(out.glob("jsonl/*.jsonl")) for line in path.read_text("utf-8").split("\n") if line]
    found = sorted((json.loads(line) for line in lines), key=lambda row: (row["document"], row["paragraph"]))
    tables = [parquet.read_table(path).to_pylist() for path in sorted(out.glob("parquet/*.parquet"))]
    assert sorted(row["id"] for table in tables for row in table) == sorted(row["id"] for row in found)
    assert [path.name for path in out.glob("*/.*")] == []
    return found


def by_batch(folder: Path, out: Path) -> list[dict[str, Any]]:
    """Give the rows that `batch` makes."""
    job = Job(to=("jsonl",), options=Options(checks=False))
    run_batch(plan_batch(folder, out, job.to, READERS, ""), out, job, Shouter())
    lines = [line for path in out.glob("*.jsonl") for line in path.read_text("utf-8").split("\n") if line]
    return sorted((json.loads(line) for line in lines), key=lambda row: (row["document"], row["paragraph"]))


def texts(n: int) -> dict[str, str]:
    """Make documents of 4 kB, so that some fill a portion."""
    return {
        f"{k:03}.txt": f"第{k}篇。\n\n" + "\n\n".join(f"第{k}篇第{i}段，{SHORT}" for i in range(100)) for k in range(n)
    }


def test_one_actor_and_two_and_a_table_give_the_same_rows(tmp_path: Path) -> None:
    files = {**texts(24), "empty.txt": ""}
    folder = tree(tmp_path / "in", files)
    expected = by_batch(folder, tmp_path / "batch")
    one, two = run(folder, tmp_path / "1", 1), run(folder, tmp_path / "2", 2)
    for summary in (one, two):
        assert (summary.documents, summary.sentences, summary.skipped) == (24, 24 * 101, 0)
        assert [name for name, _ in summary.failed] == ["empty.txt"]
    assert (len(one.peak_bytes), len(two.peak_bytes)) == (1, 2)
    assert rows(tmp_path / "1") == rows(tmp_path / "2") == expected
    assert len({row["id"] for row in expected}) == 24 * 101
    table = pyarrow.table({"id": list(files), "text": list(files.values())})
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=7)
    run(tmp_path / "in.parquet", tmp_path / "3", 2)
    assert rows(tmp_path / "3") == expected
    # A second run reads what is there and adds nothing; one with other options is refused.
    again = run(folder, tmp_path / "2", 2)
    assert (again.documents, again.skipped, [name for name, _ in again.failed]) == (0, 24, ["empty.txt"])
    assert rows(tmp_path / "2") == expected
    with pytest.raises(OutputError, match="was made with options"):
        run_on_ray(
            lambda done: find_sources(str(folder), str(tmp_path / "2"), 1, done),
            str(tmp_path / "2"),
            (),
            open_shouter,
            describe_run(open_shouter(), {"lang": "zh"}),
            Actors(1),
        )


def test_a_run_goes_on_with_what_is_in_no_part(tmp_path: Path) -> None:
    folder, out = tree(tmp_path / "in", texts(12)), tmp_path / "out"
    run(folder, out)
    parts = sorted(out.glob("parquet/*.parquet"))
    assert len(parts) > 2
    parts[0].unlink()  # as a kill between the JSONL of a part and its Parquet leaves it
    (out / "parquet" / ".part-0123456789abcdef.0123456789abcdef.tmp").write_bytes(b"torn")
    summary = run(folder, out)
    assert 0 < summary.documents < 12
    assert summary.documents + summary.skipped == 12
    assert rows(out) == by_batch(folder, tmp_path / "batch")
    record = json.loads((out / "run.json").read_text())
    assert record["counts"] == {"documents": 12, "failed": 0, "sentences": 12 * 101, "issues": {}}


def test_an_actor_killed_in_mid_batch_loses_and_duplicates_nothing(tmp_path: Path) -> None:
    files = texts(12)
    files["005.txt"] += "\n\n致命。"
    folder = tree(tmp_path / "in", files)
    killed = tmp_path / "killed"
    summary = run(folder, tmp_path / "out", 2, once=str(killed))
    assert killed.exists()
    assert (summary.documents, summary.failed) == (12, [])
    assert rows(tmp_path / "out") == by_batch(folder, tmp_path / "batch")


def test_poison_and_giants_are_named_and_the_others_finished(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", texts(8))
    expected = by_batch(folder, tmp_path / "batch")
    tree(folder, {"poison.txt": "毒药。"})
    with (folder / "giant.txt").open("wb") as file:
        file.truncate(200_000_000)
    summary = run(folder, tmp_path / "out", deadly="毒药")
    assert summary.failed == [
        ("giant.txt", "It has 200 MB of text, over 10 MB: divide it."),
        ("poison.txt", KILLED),
    ]
    assert summary.documents == 8
    assert rows(tmp_path / "out") == expected
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert [name for name, _ in record["failed"]] == ["giant.txt", "poison.txt"]


def test_the_ledger_refuses_one_name_in_two_portions_and_a_portion_that_cannot_be_read() -> None:
    ledger = Ledger()
    assert ledger.begin(0, [1, 2]) == ["first", "first"]
    assert ledger.begin(1, [2, 3]) == ["twice", "first"]
    assert [ledger.enter(2) for _ in range(3)] == [True, True, False]


def test_another_model_on_the_actors_is_refused(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", {"a.txt": "甲。"})
    record = describe_run(open_shouter(), {}) | {"signature": "other@2"}
    with pytest.raises(ModelError, match=r"would translate otherwise: it has shouter@1\|.*, the run has other@2"):
        run_on_ray(
            lambda done: find_sources(str(folder), "out", 1, done),
            str(tmp_path / "out"),
            (),
            open_shouter,
            record,
            Actors(1),
        )


def test_pairs_are_found_by_name(tmp_path: Path) -> None:
    zh = tree(tmp_path / "zh", {"a.zh.txt": "甲。", "b/c.txt": "丙。", "d.txt": "丁。"})
    en = tree(tmp_path / "en", {"a.en.md": "A.", "b/c.txt": "C.", "e.txt": "E."})
    found = find_pairs((str(zh), str(en)), "out", 1, plain_name)
    assert [(name, [Path(p).name for p in paths]) for name, paths in found.portions[0].files] == [
        ("a.zh.txt", ["a.zh.txt", "a.en.md"]),
        ("b/c.txt", ["c.txt", "c.txt"]),
    ]
    assert found.alone == (f"{zh}: d.txt", f"{en}: e.txt")
    skipped = find_pairs((str(zh), str(en)), "out", 1, plain_name, frozenset(["a.zh.txt"]))
    assert [name for name, _ in skipped.portions[0].files] == ["b/c.txt"]
    with pytest.raises(InputError, match="two directories are aligned"):
        find_pairs((str(zh / "a.zh.txt"), str(en)), "out", 1, plain_name)


def test_commands_give_the_rows_of_those_without_ray(command: Command, tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", {"a.txt": "河水变清了。\n\n山变绿了，2016年有3000棵树。", "b.txt": "河水变清了。"})
    assert command("batch", str(folder), "-o", str(tmp_path / "one"), "--to", "jsonl").code == 0
    done = command("batch", str(folder), "-o", str(tmp_path / "ray"), "--ray", "--actors", "1", "--to", "jsonl")
    assert done.code == 0
    assert "2 translated, 0 were done before, 0 failed; 3 sentences." in done.err
    assert "MB at most in each of 1." in done.err
    lines = [line for n in "ab" for line in (tmp_path / "one" / f"{n}.zh-en.jsonl").read_text("utf-8").split("\n")]
    assert rows(tmp_path / "ray") == [json.loads(line) for line in lines if line]
    built = command("corpus", "build", *map(str, (tmp_path / "ray").glob("parquet/*")), "-o", str(tmp_path / "c.tsv"))
    assert built.code == 0
    refused = command("batch", str(folder), "auto", "-o", str(tmp_path / "no"))
    assert refused.err == "Error: auto: one argument too many; an address follows --ray.\n"
    refused = command("batch", str(folder), "-o", str(tmp_path / "no"), "--ray", "--actors", "3")
    assert "room for 2 actors of 1 cores, not 3." in refused.err


def test_align_command_pairs_two_directories(command: Command, tmp_path: Path) -> None:
    zh = tree(tmp_path / "zh", {"a.zh.txt": "河水变清了。山变绿了。", "b.txt": "丁。"})
    en = tree(tmp_path / "en", {"a.en.txt": "The river is clear. The hills are green."})
    done = command("align", str(zh), str(en), "-o", str(tmp_path / "out"), "--ray", "--to", "jsonl", "--actors", "1")
    assert done.code == 1
    assert "1 aligned, 0 were done before, 1 failed; 2 sentences." in done.err
    assert f"Error: {zh}: b.txt: No file of the same name stands beside it" in done.err
    assert [row["target"] for row in rows(tmp_path / "out")] == ["The river is clear.", "The hills are green."]


DRIVER = """
import sys
from pathlib import Path
import ray
ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False, object_store_memory=80_000_000)
import test_ray
test_ray.run(Path(sys.argv[1]), Path(sys.argv[2]), wait_s=0.15)
"""


def test_a_killed_driver_goes_on(tmp_path: Path) -> None:
    folder, out = tree(tmp_path / "in", texts(12)), tmp_path / "out"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, str(folder), str(out)], env=environment)
    try:
        deadline_s = time.monotonic() + 60
        while not list(out.glob("parquet/part-*")) and time.monotonic() < deadline_s:
            time.sleep(0.05)
    finally:
        driver.kill()
        driver.wait()
    assert json.loads((out / "run.json").read_text())["runs"][-1]["ended"] is None
    time.sleep(2)  # its workers end with it
    summary = run(folder, out)
    assert summary.skipped
    assert summary.documents + summary.skipped == 12
    assert rows(out) == by_batch(folder, tmp_path / "batch")
