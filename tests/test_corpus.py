"""Many bitexts to one corpus: folding, duplicates, rules, splits, report, and the commands."""

from __future__ import annotations

import html
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.bitext import Issue, TranslationUnit, unit_id
from bilingual.corpus import Input, Plan, Report, Rules, build_corpus, fold, read_splits, sample_units, stated, stats_of
from bilingual.corpus.language import is_language
from bilingual.errors import InputError
from bilingual.formats import read_units, write_units
from bilingual.page import text_hash
from bilingual.review import Decision, Decisions, Piece, Stamp, write_decisions

PLAIN = Rules(checks=False)
MORE = "Qinghe planted more than thirty thousand willows and poplars along the river this year."


def unit(source: str, target: str, document: str = "a.txt", **fields: object) -> TranslationUnit:
    made = TranslationUnit(
        unit_id(document, source, 1), document, 1, 1, "text", 0, "zh-Hans", "en", source, target, origin="human"
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def build(folder: Path, units: list[TranslationUnit], **plan: object) -> tuple[Report, list[TranslationUnit]]:
    write_units(units, folder / "in.tsv", "tsv")
    made = build_corpus([Input(folder / "in.tsv")], Plan(**{"output": folder / "out.tsv", "rules": PLAIN, **plan}))  # type: ignore[arg-type]
    return made, list(read_units(folder / "out.tsv")) if (folder / "out.tsv").exists() else []


def numbered(count: int, document: str = "a.txt") -> list[TranslationUnit]:
    """Rows that have nothing in common."""
    draw = random.Random(document)
    units = []
    for n in range(count):
        name = "".join(draw.choices([chr(0x4E00 + k) for k in range(3000)], k=16))
        words = " ".join("".join(draw.choices("abcdefghijklmnopqrstuvw", k=7)) for _ in range(6))
        units.append(unit(f"{name}{n}。", f"{words}.", document))
    return units


def test_copies_go_and_the_reviewed_then_the_surer_then_the_first_stays(tmp_path: Path) -> None:
    units = [
        unit("他买了 3 本书。", "He bought 3 books.", "a.txt", confidence=0.5),
        unit("他买了3本书！", "he bought 7 books", "b.txt", confidence=0.9),
        unit("他买了３本书。", "He bought 3 books!", "c.txt", confidence=0.2, status="accepted"),
        unit("天黑了。", "It grew dark.", "a.txt", confidence=0.5),
        unit("天黑了。", "It grew dark.", "b.txt", confidence=0.9),
        unit("雨停了。", "The rain stopped.", "a.txt", confidence=0.5),
        unit("雨停了。", "The rain stopped.", "b.txt", confidence=0.5),
    ]
    report, kept = build(tmp_path, units)
    assert [(u.source, u.document) for u in kept] == [
        ("他买了３本书。", "c.txt"),
        ("天黑了。", "b.txt"),
        ("雨停了。", "a.txt"),
    ]
    assert dict(report.dropped) == {"duplicate": 2, "duplicate-folded": 2}


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), st.sampled_from(["ab", "AB", "c!"]), st.floats(0, 1)), min_size=1))
def test_hashes_keep_what_a_dictionary_of_texts_would(rows: list[tuple[str, str, float]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        units = [unit(zh, en, f"{n}.txt", confidence=c) for n, (zh, en, c) in enumerate(rows)]
        rules = replace(PLAIN, boilerplate=0)
        _, kept = build(Path(name), units, rules=rules)
    best: dict[str, TranslationUnit] = {}
    for row in units:
        key = fold(row.source) + "\t" + fold(row.target)
        # Columns of 32 bits: what they cannot tell apart is equal.
        if key not in best or float32(row.confidence) > float32(best[key].confidence):
            best[key] = row
    assert {u.document for u in kept} == {u.document for u in best.values()}


def float32(value: float | None) -> float:
    import numpy as np

    return float(np.float32(value))


def test_near_copies_go_only_when_asked_and_both_sides_are_near(tmp_path: Path) -> None:
    units = [
        unit("清河县今年在沿河两岸种下了三万多棵柳树和杨树。", MORE),
        unit("清河县今年在沿河两岸种下三万多棵柳树和杨树。", MORE.replace("more than", "over")),
        unit("清河县今年在沿河两岸种下了三万多棵柳树与杨树。", "The county's new trees line both banks."),
    ]  # fmt: skip
    assert len(build(tmp_path, units)[1]) == 3
    report, kept = build(tmp_path, units, rules=replace(PLAIN, near=0.7))
    assert [u.source for u in kept] == [units[0].source, units[2].source]
    assert dict(report.dropped) == {"duplicate-near": 1}


def test_every_reason_to_drop_is_written_with_the_row(tmp_path: Path) -> None:
    wrong = Issue("number-mismatch", "error", 1.0, "5 is not 6")
    units = [
        unit("好天气来了。", "Fine weather came."),
        unit("被拒绝的话。", "A rejected row.", status="rejected"),
        unit("没有译文。", ""),
        unit("Nur hier", "Nur hier"),
        unit("这句话的译文不是英文。", "Der Satz ist nicht in der Sprache, die wir suchen."),
        unit("This side is not in the language of the column.", "This row is wrong."),
        unit("五个人来了。", "Six people came.", issues=(wrong,)),
        unit("六个人来了。", "Five people came.", issues=(wrong,), status="accepted"),
        unit("长" * 30, "long " * 30),
    ]
    report, kept = build(tmp_path, units, rules=replace(PLAIN, max_chars=100), dropped=tmp_path / "gone.tsv")
    assert [u.source for u in kept] == ["好天气来了。", "六个人来了。"]
    reasons = {u.source[:6]: dict(u.extra)["dropped"] for u in read_units(tmp_path / "gone.tsv")}
    assert reasons == {
        "被拒绝的话。": "rejected",
        "没有译文。": "empty",
        "Nur hi": "copy",
        "这句话的译文": "target-language",
        "This s": "source-language",
        "五个人来了。": "issue:number-mismatch",
        "长" * 6: "too-long",
    }
    assert (report.read, report.kept, sum(report.dropped.values())) == (9, 2, 7)


def test_limits_of_a_code_go_before_the_severity(tmp_path: Path) -> None:
    units = [
        unit("一。", "One.", issues=(Issue("quotes", "warning", 1.0, ""),)),
        unit("二。", "Two.", issues=(Issue("numbers", "error", 1.0, ""),)),
    ]
    assert [u.target for u in build(tmp_path, units)[1]] == ["One."]
    rules = replace(PLAIN, limits={"quotes": "none", "numbers": "error"})
    assert [u.target for u in build(tmp_path, units, rules=rules)[1]] == ["Two."]


def test_the_checks_run(tmp_path: Path) -> None:
    units = [*numbered(3), unit("工厂里有25名工人。", "There are 52 workers in the factory.")]
    report, kept = build(tmp_path, units, rules=Rules())
    assert (len(kept), dict(report.dropped)) == (3, {"issue:number-mismatch": 1})


def test_boilerplate_is_what_stands_in_many_documents(tmp_path: Path) -> None:
    units = [unit("未经许可不得转载。", f"Do not copy, {n}.", f"{n}.txt") for n in "abcd"]
    units += [unit("他说。", f"He said {n}.", "one.txt") for n in "abcd"]
    report, kept = build(tmp_path, units, rules=replace(PLAIN, boilerplate=3))
    assert (dict(report.dropped), {u.source for u in kept}) == ({"boilerplate": 4}, {"他说。"})


@pytest.mark.parametrize("near", [None, 0.7])
def test_no_sentence_stands_on_both_sides_of_a_split(tmp_path: Path, near: float | None) -> None:
    units = [u for n in range(40) for u in numbered(5, f"{chr(0x4E00 + n)}.txt")]
    names = list(dict.fromkeys(u.document for u in units))
    units += [
        unit("县里修好了这座旧石桥，孩子们上学更近了。", f"Version {n}: the bridge was mended.", n) for n in names
    ]
    units += [unit(f"人们{n}去了。", "They went there again.", n) for n in names]
    rules = replace(PLAIN, near=near, boilerplate=0)
    report, _ = build(tmp_path, units, rules=rules, splits=read_splits("train,dev=20%,test=30"))
    parts = {name: list(read_units(tmp_path / f"out.{name}.tsv")) for name in ("train", "dev", "test")}
    assert report.dropped["leak"] > 0
    for first, second in (("train", "dev"), ("train", "test"), ("dev", "test")):
        for side in ("source", "target"):
            assert not {fold(getattr(u, side)) for u in parts[first]} & {fold(getattr(u, side)) for u in parts[second]}
        assert not {u.document for u in parts[first]} & {u.document for u in parts[second]}
    assert all(parts.values())


def test_near_sentences_leak_too(tmp_path: Path) -> None:
    held = "水利部门在上游修建了一座新的水库，可以供五万人饮水。"
    near = held.replace("一座新的", "一座大的")
    units = [u for n in range(20) for u in numbered(3, f"{n}.txt")]
    splits = read_splits("train,test=30%")
    rules = replace(PLAIN, near=0.7, boilerplate=0)
    build(tmp_path, units, rules=rules, splits=splits)
    held_out = {u.document for u in read_units(tmp_path / "out.test.tsv")}
    # Targets that have nothing in common: no row is a near duplicate of another.
    units += [replace(u, source=held if u.document in held_out else near, target=f"{u.id} {u.id[::-1]}") for u in units]
    report, _ = build(tmp_path, units, rules=rules, splits=splits)
    assert held in {u.source for u in read_units(tmp_path / "out.test.tsv")}
    assert not {held, near} & {u.source for u in read_units(tmp_path / "out.train.tsv")}
    assert dict(report.dropped) == {"leak": 3 * (20 - len(held_out))}


@pytest.mark.parametrize("text", ["train,train", "train=5", "train,dev=0", "train,dev=x", "train,a=60%,b=60%", "a/b"])
def test_splits_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_splits(text)


def test_a_split_without_documents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the split train would be empty: there are 1 documents"):
        build(tmp_path, numbered(9), splits=read_splits("train,dev=3"))
    assert not list(tmp_path.glob("out*"))


def test_provenance_is_carried_and_ids_are_unique(tmp_path: Path) -> None:
    write_units([unit("同一句。", "One wording.")], tmp_path / "a.tsv", "tsv")
    write_units([unit("同一句。", "Another text.")], tmp_path / "b.jsonl", "jsonl")
    inputs = [Input(tmp_path / "a.tsv"), Input(tmp_path / "b.jsonl")]
    stated(inputs, ["CC0-1.0", "b.*=CC-BY-4.0"], "license")
    stated(inputs, ["b.jsonl=Lin"], "attribution")
    made = build_corpus(inputs, Plan(output=tmp_path / "out.jsonl", formats=("jsonl",), rules=PLAIN))
    kept = list(read_units(tmp_path / "out.jsonl"))
    assert [dict(u.extra) for u in kept] == [
        {"input": "a.tsv", "input_row": "1", "license": "CC0-1.0"},
        {"input": "b.jsonl", "input_row": "1", "license": "CC-BY-4.0", "attribution": "Lin"},
    ]
    assert kept[0].id == unit("同一句。", "").id != kept[1].id
    assert made.licenses() == [("CC0-1.0", "", 1), ("CC-BY-4.0", "Lin", 1)]
    with pytest.raises(InputError, match="no input is called"):
        stated(inputs, ["c.tsv=MIT"], "license")


def test_a_copy_of_what_a_reviewer_rejected_goes_too_unless_another_accepted_it(tmp_path: Path) -> None:
    one, two = numbered(2)
    units = [
        one,
        two,
        replace(one, document="b.txt", status="rejected"),
        replace(two, document="b.txt", status="rejected"),
        replace(two, document="c.txt", status="accepted"),
    ]
    made, kept = build(tmp_path, units)
    assert made.dropped == {"rejected": 4}
    assert [(u.document, u.source) for u in kept] == [("c.txt", two.source)]


@pytest.mark.parametrize("splits", ["", "train,dev,test"])
def test_where_no_input_can_be_read_all_are_named(tmp_path: Path, splits: str) -> None:
    (tmp_path / "bad.tsv").write_text("one cell", encoding="utf-8")
    plan = Plan(output=tmp_path / "c.tsv", splits=read_splits(splits) if splits else ())
    with pytest.raises(InputError) as raised:
        build_corpus([Input(tmp_path / "bad.tsv"), Input(tmp_path / "no.tsv")], plan)
    assert str(raised.value).startswith(f"no row is left for {tmp_path / 'c.tsv'}: {tmp_path / 'bad.tsv'}:1: ")
    assert f"; {tmp_path / 'no.tsv'}: no such file" in str(raised.value)


def test_a_bad_input_is_left_out_whole(tmp_path: Path) -> None:
    write_units(numbered(4), tmp_path / "good.tsv", "tsv")
    (tmp_path / "bad.tsv").write_text("你好\tHello\n" * 1500 + "再见\n", encoding="utf-8")
    inputs = [Input(tmp_path / "bad.tsv"), Input(tmp_path / "no.tsv"), Input(tmp_path / "good.tsv")]
    made = build_corpus(inputs, Plan(output=tmp_path / "out.tsv", rules=replace(PLAIN, near=0.7)))
    assert (made.read, [source.rows for source in inputs]) == (4, [0, 0, 4])
    assert [source.error.split(": the")[0] for source in made.failed] == [
        f"{tmp_path}/bad.tsv:1501",
        f"{tmp_path}/no.tsv: no such file; check the name",
    ]


def test_all_formats_hold_the_same_rows_and_datasets_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = [u for n in range(12) for u in numbered(3, f"{n}.txt")]
    formats = ("tsv", "jsonl", "parquet", "tmx", "moses")
    build(tmp_path, units, formats=formats, splits=read_splits("train,test=6"))
    for name in ("train", "test"):
        texts = {
            end: [(u.source, u.target) for u in read_units(tmp_path / f"out.{name}.{end}")]
            for end in ("tsv", "jsonl", "parquet", "tmx", "zh")
        }
        assert len({tuple(rows) for rows in texts.values()}) == 1
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    script = f"""
import datasets
plain = {{"sep": "\\t", "quoting": 3}}
files = {{name: r"{tmp_path}/out." + name + ".%s" for name in ("train", "test")}}
for kind, end, more in (("json", "jsonl", {{}}), ("parquet", "parquet", {{}}), ("csv", "tsv", plain)):
    data = datasets.load_dataset(kind, data_files={{k: v % end for k, v in files.items()}}, **more)
    print(data["train"].num_rows + data["test"].num_rows, data["train"][0]["source"])
"""
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)
    first = next(iter(read_units(tmp_path / "out.train.tsv"))).source
    assert done.stdout.splitlines() == [f"36 {first}"] * 3, done.stderr[-2000:]


def test_the_report_needs_nothing_else_and_escapes_texts(tmp_path: Path) -> None:
    units = [
        *numbered(5),
        unit("<script>坏</script>的话。", "<b>bad</b> words", issues=(Issue("quotes", "info", 1.0, "<i>"),)),
    ]
    made, _ = build(tmp_path, units, report=tmp_path / "out.report", command="bilingual corpus build in.tsv")
    page = html.unescape(head := (tmp_path / "out.report.html").read_text(encoding="utf-8"))
    assert "default-src 'none'; style-src 'sha256-" in page
    assert not re.search(r"<(?:script|b|i|link|img)\b|\sstyle=|https?://", head)
    assert page.count("<svg") == page.count("</svg>") >= 4
    record = json.loads((tmp_path / "out.report.json").read_text(encoding="utf-8"))
    assert (record["read"], record["kept"], record["command"]) == (6, 6, "bilingual corpus build in.tsv")
    assert record["signature"] == made.signature
    assert record["splits"]["all"]["issues"] == {"info:quotes": 1}
    assert len(record["sample"]) == 6


def test_a_sample_is_even_and_the_same_in_every_run() -> None:
    units = [
        *numbered(90),
        *(unit(f"错{n}。", f"Bad {n}.", issues=(Issue("quotes", "info", 1.0, ""),)) for n in range(9)),
    ]
    first = sample_units(lambda: units, 20, "issue", seed=1)
    assert first == sample_units(lambda: units, 20, "issue", seed=1) != sample_units(lambda: units, 20, "issue", seed=2)
    assert (len(first), sum(bool(u.issues) for u in first)) == (20, 9)


def test_stats_count() -> None:
    record = stats_of([unit("他来了。", "He came."), unit("他走了。", "He left.", "b.txt")]).record()
    assert {name: record[name] for name in ("rows", "documents", "source_chars", "target_words")} == {
        "rows": 2,
        "documents": 2,
        "source_chars": 8,
        "target_words": 4,
    }
    assert (record["source_vocabulary"], record["target_vocabulary"]) == (4, 3)


@pytest.mark.parametrize(
    ("text", "lang", "may_be"),
    [
        ("习近平主持会议", "zh-Hans", True),
        ("使用 pip install bilingual 命令。", "zh-Hans", True),
        ("Il ne faut pas le dire aux autres dans la rue.", "en", False),
        ("Le Monde reported it.", "en", True),
        ("Guangzhou, Shenzhen, Zhuhai, Foshan", "en", True),
        ("他来了", "fr", True),
        ("Пришёл человек", "en", False),
    ],
)
def test_languages_of_sentences(text: str, lang: str, may_be: bool) -> None:
    assert is_language(text, lang) is may_be


def test_decisions_on_a_sample_flow_back(tmp_path: Path) -> None:
    from bilingual.review import apply_decisions

    _, kept = build(tmp_path, numbered(30))
    chosen = sample_units(lambda: read_units(tmp_path / "out.tsv"), 5)
    stamps = [Stamp(u.document, u.id, text_hash(u.source), text_hash(u.target)) for u in chosen]
    decisions = [
        Decision((stamp,), (Piece(u.source, u.target, "rejected"),)) for stamp, u in zip(stamps, chosen, strict=True)
    ]
    with (tmp_path / "d.json").open("wb") as file:
        write_decisions(Decisions("out.tsv", tuple(decisions)), file)
    applied = apply_decisions(kept, decisions)
    assert (applied.applied, applied.stale) == (5, ())
    report, again = build(tmp_path, list(applied.units))
    assert (dict(report.dropped), len(again)) == ({"rejected": 5}, 25)


def test_a_killed_build_leaves_no_corpus(tmp_path: Path) -> None:
    write_units((u for n in range(10) for u in numbered(600, f"{chr(0x4E00 + n)}.txt")), tmp_path / "in.tsv", "tsv")
    code = (
        "import sys; from pathlib import Path; from bilingual.corpus import *\n"
        f"p = Path({str(tmp_path)!r}); print('go', flush=True)\n"
        "build_corpus([Input(p / 'in.tsv')], Plan(output=p / 'out.tsv', splits=read_splits('train,dev=9'),"
        " report=p / 'out', rules=Rules(checks=False)))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".*.tmp")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL  # it was still at work
    process.stdout.close()
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["in.tsv"]
