"""`bilingual corpus` as a user types it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bilingual.cli.corpus import app
from bilingual.cli.review import app as review_app
from bilingual.errors import InputError, OutputError
from bilingual.formats import read_units, write_units
from bilingual.page import text_hash
from bilingual.review import Decision, Decisions, Piece, Stamp, write_decisions
from test_corpus import numbered, unit


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, [*arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.stdout


def test_build_sample_review_and_build_again(tmp_path: Path) -> None:
    units = [u for n in range(20) for u in numbered(4, f"{n}.txt")]
    write_units([*units, *units[:7]], tmp_path / "a.tsv", "tsv")
    corpus = tmp_path / "corpus.tsv"
    out = run("build", str(tmp_path / "a.tsv"), "-o", str(corpus), "--no-checks", "--license", "CC0-1.0")
    assert [line.split() for line in out.splitlines()] == [["read", "87"], ["-", "duplicate", "7"], ["kept", "80"]]
    assert "CC0-1.0 80" in run("stats", str(corpus))
    assert json.loads(run("stats", str(corpus), "--json"))["rows"] == 80
    run("sample", str(corpus), "--n", "10", "--stratify", "document")
    page = (tmp_path / "corpus.sample.html").read_text(encoding="utf-8")
    chosen = [u for u in read_units(corpus) if u.id in page]
    assert len(chosen) == 10
    made = [
        Decision(
            (Stamp(u.document, u.id, text_hash(u.source), text_hash(u.target)),),
            (Piece(u.source, u.target, "rejected") if n % 2 else Piece(u.source, f"Better {u.target}", "edited"),),
        )
        for n, u in enumerate(chosen)
    ]
    with (tmp_path / "d.json").open("wb") as file:
        write_decisions(Decisions("corpus.tsv", tuple(made)), file)
    applied = CliRunner().invoke(review_app, ["apply", str(tmp_path / "d.json"), str(corpus)])
    assert applied.exit_code == 0, applied.output
    reviewed = tmp_path / "corpus.reviewed.tsv"
    out = run("build", str(reviewed), "-o", str(tmp_path / "second.tsv"), "--no-checks", "--no-report")
    assert [line.split() for line in out.splitlines()] == [["read", "80"], ["-", "rejected", "5"], ["kept", "75"]]
    kept = {u.id: u for u in read_units(tmp_path / "second.tsv")}
    assert sum(u.target.startswith("Better ") for u in kept.values()) == 5
    assert {dict(u.extra)["input"] for u in kept.values()} == {"a.tsv"}


def test_a_folder_of_parquet_parts_is_an_input(tmp_path: Path) -> None:
    (tmp_path / "parquet").mkdir()
    for name in ("part-1", "part-2"):
        write_units(numbered(3, name), tmp_path / "parquet" / f"{name}.parquet", "parquet")
    run("build", str(tmp_path / "parquet"), "-o", str(tmp_path / "c.tsv"), "--no-checks", "--no-report")
    kept = list(read_units(tmp_path / "c.tsv"))
    assert [dict(u.extra)["input"] for u in kept] == ["part-1.parquet"] * 3 + ["part-2.parquet"] * 3


def test_a_bad_input_is_named_and_the_rest_is_built(tmp_path: Path) -> None:
    write_units(numbered(3), tmp_path / "good.tsv", "tsv")
    (tmp_path / "bad.tmx").write_text("<tmx", encoding="utf-8")
    files = [str(tmp_path / name) for name in ("bad.tmx", "good.tsv")]
    out = run("build", *files, "-o", str(tmp_path / "c.jsonl"), "--no-checks", code=1)
    assert re.findall(r"kept +3", out)
    record = json.loads((tmp_path / "c.report.json").read_text(encoding="utf-8"))
    assert [bool(source["error"]) for source in record["inputs"]] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--limit", "nonsense=error"], "there is no issue 'nonsense'"),
        (["--limit", "quotes=much"], "write none, info, warning, error or a number"),
        (["--to", "pdf"], "There is no format 'pdf'"),
        (["--license", "other.tsv=MIT"], "no input is called 'other.tsv'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_work(tmp_path: Path, arguments: list[str], message: str) -> None:
    write_units(numbered(3), tmp_path / "a.tsv", "tsv")
    with pytest.raises(InputError, match=re.escape(message)):
        run("build", str(tmp_path / "a.tsv"), "-o", str(tmp_path / "c.tsv"), *arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tsv"]


def test_neither_an_input_nor_a_persons_work_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    write_units([replace(unit("好。", "Good."), note="mine")], path, "tsv")
    with pytest.raises(OutputError, match="is an input"):
        run("build", str(path), "-o", str(path), "--force")
    (tmp_path / "c.tsv").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="may hold your work"):
        run("build", str(path), "-o", str(tmp_path / "c.tsv"))
