from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.batch import (
    Item,
    Job,
    Plan,
    Shard,
    cite_record,
    find_record,
    merge_batches,
    parse_shard,
    plan_batch,
    read_journal,
    read_record,
    run_batch,
    shard_plan,
    write_index,
)
from bilingual.cli.live import Tally
from bilingual.cli.merge import merge
from bilingual.errors import InputError, OutputError
from bilingual.output import page_facts
from bilingual.pipeline import Options
from bilingual.protocols import Decoding
from test_batch import KINDS, Shouter, tree

TEXTS = {
    f"{folder}{n:02}.txt": f"第{n}篇。\n\n它在{folder or '外'}面。"
    for n in range(12)
    for folder in ("", "里/", "里/深/")
}
JOB = Job(to=("tsv", "html"), options=Options(checks=False))


def run(folder: Path, out: Path, shard: str = "", job: Job = JOB, translator: Shouter | None = None) -> list[str]:
    """Run a batch or a shard of it, with its overview; give what it said."""
    plan = plan_batch(folder, out, job.to, KINDS, ".zh-en")
    if shard:
        plan = shard_plan(plan, parse_shard(shard))
    said: list[str] = []
    translator = translator or Shouter()
    summary = run_batch(plan, out, job, translator, say=said.append)
    write_index(out, [item.name for item in plan.items], summary, page_facts(translator))
    return said


def files(out: Path) -> dict[str, bytes]:
    """Read every visible file of an output folder but the run record."""
    found = [path for path in out.rglob("*") if path.is_file()]
    names = {path.relative_to(out).as_posix(): path.read_bytes() for path in found}
    return {name: data for name, data in names.items() if not name.startswith(".") and name != "run.json"}


@given(st.lists(st.text(min_size=1), unique=True), st.integers(1, 9))
def test_shards_share_a_plan_without_overlap(names: list[str], count: int) -> None:
    plan = Plan(tuple(Item(Path(name), name, ()) for name in names), 0)
    parts = [shard_plan(plan, Shard(index, count)) for index in range(1, count + 1)]
    assert sorted(item.name for part in parts for item in part.items) == sorted(names)
    assert [str(part.shard) for part in parts] == [f"{index}/{count}" for index in range(1, count + 1)]


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "-1/3", "a/b", "1/3/5"])
def test_a_shard_is_one_of_n(text: str) -> None:
    with pytest.raises(InputError, match=r"write I/N, from 1/N to N/N"):
        parse_shard(text)


def test_merged_shards_are_what_one_run_writes(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", {**TEXTS, "里/坏.txt": ""})
    whole, merged = tmp_path / "one" / "out", tmp_path / "many" / "out"
    run(folder, whole)
    parts = [tmp_path / f"part-{index}" for index in (1, 2, 3)]
    for index, part in enumerate(parts, 1):
        run(folder, part, f"{index}/3")
        assert 0 < len(read_journal(part).entries) < len(TEXTS)
    done = merge_batches(parts, merged)
    assert files(merged) == files(whole)
    assert list(done.summary.entries) == list(read_journal(whole).entries)
    assert [name for name, _ in done.summary.failed] == ["里/坏.txt"]
    assert (done.missing, done.summary.skipped) == ((), 0)
    one, many = read_record(whole), read_record(merged)
    assert one
    assert many
    assert [one[key] for key in ("counts", "failed", "options", "model")] == [
        many[key] for key in ("counts", "failed", "options", "model")
    ]
    assert [run["documents"] for run in one["runs"]] == [36]
    assert sorted(run["documents"] for run in many["runs"]) == sorted(len(read_journal(p).entries) for p in parts)
    # The merged folder is one that a run goes on with, and merging again copies nothing.
    shouter = Shouter()
    run(folder, merged, translator=shouter)
    assert shouter.decoded == []
    assert merge_batches(parts, merged).summary.skipped == len(TEXTS)


def test_a_failure_that_another_run_mended_is_none(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", {"a.txt": "", "b.txt": "乙。"})
    run(folder, tmp_path / "out")
    assert list(read_journal(tmp_path / "out").failed) == ["a.txt"]
    tree(folder, {"a.txt": "甲。"})
    run(folder, tmp_path / "out")
    assert read_journal(tmp_path / "out").failed == {}


def test_merging_refuses_what_does_not_belong_together(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", TEXTS)
    run(folder, tmp_path / "1", "1/2")
    greedy = Job(to=JOB.to, options=Options(decoding=Decoding(beam=1), checks=False))
    run(folder, tmp_path / "2", "2/2", greedy)
    with pytest.raises(InputError, match=r"were not made alike: options is .*beam:4.* there and .*beam:1.* here"):
        merge_batches([tmp_path / "1", tmp_path / "2"], tmp_path / "out")
    with pytest.raises(InputError, match=r"in is no output of 'bilingual batch': it has no run\.json"):
        merge_batches([folder], tmp_path / "out")
    with pytest.raises(OutputError, match="is one of the folders to merge"):
        merge_batches([tmp_path / "1"], tmp_path / "1")
    assert merge_batches([tmp_path / "1"], tmp_path / "out").missing == ("2/2",)


def test_what_is_no_longer_what_a_run_wrote_is_named(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", {"a.txt": "甲。", "b.txt": "乙。", "c.txt": "丙。", "d.txt": "丁。"})
    run(folder, tmp_path / "1")
    run(folder, tmp_path / "2")
    (tmp_path / "1" / "a.zh-en.tsv").write_text("edited by hand")
    tree(folder, {"b.txt": "乙乙。"})
    run(folder, tmp_path / "2")
    journal = tmp_path / "1" / ".bilingual" / "journal.jsonl"
    journal.write_text(journal.read_text(encoding="utf-8").replace('"c.zh-en.tsv"', '"../c.tsv"'), encoding="utf-8")
    tree(tmp_path / "out", {"d.zh-en.tsv": "mine"})
    done = merge_batches([tmp_path / "1", tmp_path / "2"], tmp_path / "out")
    assert [(name, reason.replace(str(tmp_path), "")) for name, reason in done.summary.failed] == [
        ("a.txt", "/1/a.zh-en.tsv is not what the run wrote: run it again, or take the file by hand."),
        ("b.txt", "It was made differently in /1 and in /2: run one of them again."),
        ("c.txt", "It was made differently in /1 and in /2: run one of them again."),
        ("d.txt", "/out/d.zh-en.tsv exists and may hold your work: add --force to replace it."),
    ]
    assert (tmp_path / "out" / "d.zh-en.tsv").read_text() == "mine"
    only = merge_batches([tmp_path / "1"], tmp_path / "only")
    assert only.summary.failed[1] == ("c.txt", "Its journal names ../c.tsv, which lies outside the folder.")


def test_a_folder_belongs_to_one_shard(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", TEXTS)
    run(folder, tmp_path / "out", "1/2")
    with pytest.raises(OutputError, match=r"This folder holds shard 1/2, not shard 2/2: give each shard a folder"):
        run(folder, tmp_path / "out", "2/2")
    with pytest.raises(OutputError, match=r"holds shard 1/2, not a run over everything"):
        run(folder, tmp_path / "out")
    assert run(folder, tmp_path / "out", "1/2") == []


def test_the_record_says_what_changed_and_is_cited(tmp_path: Path) -> None:
    folder, out = tree(tmp_path / "in", {"a.txt": "甲乙。"}), tmp_path / "out"
    assert run(folder, out) == []
    greedy = Job(to=JOB.to, options=Options(decoding=Decoding(beam=1), checks=False))
    assert run(folder, out, job=greedy) == [
        "Changed since the last run here: options, beam:4|checks:False|repair:False → "
        "beam:1|checks:False|repair:False. All is done again."
    ]
    assert run(folder, out, job=greedy) == []
    record = read_record(out)
    assert record
    assert record["counts"] == {"documents": 1, "failed": 0, "sentences": 1, "issues": {}}
    assert record["model"] == {"name": "shouter", "hash": None, "license": None}
    assert record["options"]["to"] == ["tsv", "html"]
    # The third run found everything done and leaves no trace.
    assert [(run["documents"], run["sentences"]) for run in record["runs"]] == [(1, 1), (1, 1)]
    assert {"sentencepiece", "ctranslate2"} < set(record["versions"])
    day = record["runs"][-1]["begun"][:10]
    assert find_record(out / "a.zh-en.tsv") == record
    assert find_record(folder / "a.txt") is None
    assert cite_record(record).endswith(f", shouter@1, 1 documents, 1 sentences, {day}.")


def test_a_record_of_a_persons_is_not_replaced(tmp_path: Path) -> None:
    folder, out = tree(tmp_path / "in", {"a.txt": "甲。"}), tree(tmp_path / "out", {"run.json": '{"mine": 1}'})
    with pytest.raises(InputError, match=r"run\.json is no run record of this version"):
        run(folder, out)
    assert json.loads((out / "run.json").read_text()) == {"mine": 1}


def test_an_interrupted_run_leaves_its_record(tmp_path: Path) -> None:
    folder, out = tree(tmp_path / "in", {"a.txt": "甲。"}), tmp_path / "out"

    class Interrupted(Shouter):
        def translate(self, *_: object) -> list[list[object]]:  # type: ignore[override]
            begun = read_record(out)
            assert begun
            assert [run["ended"] for run in begun["runs"]] == [None]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(folder, out, translator=Interrupted())
    record = read_record(out)
    assert record
    assert (record["counts"]["documents"], record["runs"]) == (0, [])


@pytest.mark.skipif(os.name == "nt", reason="file names are Unicode there")
def test_a_name_that_is_no_unicode_goes_all_the_way(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    name = os.fsdecode("新闻.txt".encode("gbk"))
    (folder / name).write_text("甲。", encoding="utf-8")
    run(folder, tmp_path / "1", "1/1")
    assert list(merge_batches([tmp_path / "1"], tmp_path / "out").summary.entries) == [name]


def test_tally_says_rate_issues_and_time_left() -> None:
    tally = Tally(10_000, 40, begin_s=100.0)
    tally.add(5_000, 100, {"error": 7}, before=True)
    assert tally.line(110.0) == "1 of 40 documents, 0.0 sentences/s, 7 errors, 0 warnings"
    tally.add(1_000, 250, {"error": 1, "warning": 20, "info": 9})
    tally.add(500, failed=True)
    assert tally.line(200.0) == ("3 of 40 documents, 1 failed, 2.5 sentences/s, 8 errors, 20 warnings, 4 min left")
    assert Tally(0, begin_s=0).line(1) == "0 documents, 0.0 sentences/s, 0 errors, 0 warnings"


def test_merge_command_names_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import typer

    folder = tree(tmp_path / "in", TEXTS)
    monkeypatch.chdir(tmp_path)
    for index in (1, 2, 3):
        run(folder, Path(f"part-{index}"), f"{index}/3")
    with pytest.raises(typer.Exit):
        merge([Path("part-1"), Path("part-3")], Path("out"))
    missing = "Error: shard 2/3 is missing: run 'bilingual batch --shard 2/3' and merge its folder too.\n"
    assert capsys.readouterr().err.endswith(f"Overview: {Path('out', 'index.html')}\n{missing}")
    merge([Path("part-1"), Path("part-2"), Path("part-3")], Path("out"))
    assert capsys.readouterr().err.endswith("0 failed; 72 sentences.\nOverview: out/index.html\n")
