from __future__ import annotations

from pathlib import Path

import pytest

from bilingual.formats import read_units
from command import Command

ROWS = "去年新增就业1200万人。\tLast year 1.2 million jobs were added.\n河水变清了。\tThe river is clear.\n"


def test_a_plain_table_is_checked_and_summed_up(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text(ROWS, encoding="utf-8")
    done = command("check", str(table), "--no-encoder")
    assert done.code == 0, done.err
    lines = done.out.split("\n")
    assert lines[0] == "2 units, 1 with errors or warnings"
    assert lines[1:3] == [
        "severity code                    issues   units",
        "error    number-scale                 1   50.0%",
    ]
    assert "  去年新增就业1200万人。" in lines


def test_fail_on_decides_the_exit_code(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text(ROWS, encoding="utf-8")
    assert command("check", str(table), "--no-encoder", "--fail-on", "error").code == 1
    table.write_text(ROWS.split("\n")[1] + "\n", encoding="utf-8")
    assert command("check", str(table), "--no-encoder", "--fail-on", "info").code == 0


def test_checked_units_are_written(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text(ROWS, encoding="utf-8")
    out = tmp_path / "out.tsv"
    assert command("check", str(table), "--no-encoder", "-o", str(out), "--to", "tsv,html").code == 0
    assert [[issue.code for issue in unit.issues] for unit in read_units(out)] == [["number-scale"], []]
    assert "number-scale" in (tmp_path / "out.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("to", "names"), [("html", ["html"]), ("jsonl,tmx", ["jsonl", "tmx"])])
def test_without_a_name_the_checked_units_go_beside_the_input(
    command: Command, tmp_path: Path, to: str, names: list[str]
) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text(ROWS, encoding="utf-8")
    done = command("check", str(table), "--no-encoder", "--to", to)
    assert done.code == 0, done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *(f"pairs.checked.{name}" for name in names),
        "pairs.tsv",
    ]


def test_a_header_names_the_columns(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text("source\ttarget\n" + ROWS, encoding="utf-8")
    assert command("check", str(table), "--no-encoder").out.split("\n")[0] == "2 units, 1 with errors or warnings"
    table.write_text("no tab\n", encoding="utf-8")
    done = command("check", str(table), "--no-encoder")
    assert (done.code, "pairs.tsv:1: " in done.err) == (1, True)


def test_an_unknown_check_is_named_with_the_known_ones(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text(ROWS, encoding="utf-8")
    done = command("check", str(table), "--only", "grammar")
    assert done.code == 1
    assert "There is no check 'grammar'; there are addition, brackets, " in done.err


def test_a_glossary_is_held_against_the_targets(command: Command, tmp_path: Path) -> None:
    table, terms = tmp_path / "pairs.tsv", tmp_path / "terms.tsv"
    table.write_text(
        "望川的河水变清了。\tThe river at Wangchuan is clear.\n望川很美。\tIt is lovely.\n", encoding="utf-8"
    )
    terms.write_text("望川\tWangchuan\n", encoding="utf-8")
    done = command("check", str(table), "--no-encoder", "--only", "term-missing", "--glossary", str(terms))
    assert done.code == 0, done.err
    assert done.err.split("\n")[0] == "Glossary: 1 of 1 terms used, 1 times as wanted, 1 times not."
    assert done.out == (
        "2 units, 1 with errors or warnings\n"
        "severity code                    issues   units\n"
        "warning  term-missing                 1   50.0%\n"
        "\n"
        "pairs.tsv 2.1\n"
        "  望川很美。\n"
        "  It is lovely.\n"
        "  warning term-missing: The glossary wants “Wangchuan” for 望川.\n"
    )


@pytest.mark.parametrize("name", ["out.tsv", "out.jsonl", "out.tmx", "out.xlsx", "out.xlf"])
def test_every_format_that_is_written_is_checked_again(command: Command, tmp_path: Path, name: str) -> None:
    table, out = tmp_path / "pairs.tsv", tmp_path / name
    table.write_text(ROWS, encoding="utf-8")
    assert command("check", str(table), "--no-encoder", "-o", str(out)).code == 0
    done = command("check", str(out), "--no-encoder", "--rows", "0", "--fail-on", "error")
    assert done.code == 1, done.err
    assert done.out.split("\n")[2] == "error    number-scale                 1   50.0%"


def test_a_clean_table_has_no_table_of_issues(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text("河水变清了。\tThe river is clear.\n", encoding="utf-8")
    assert command("check", str(table), "--no-encoder").out == "1 units, 0 with errors or warnings\n"


STORED = (
    "id\tsource\ttarget\tissues\n"
    "a\t河水变清了，山也绿了，鸟儿都飞回来了。\tThe river is clear.\t"
    "warning:omission error:number-scale error:unfinished\n"
)


def test_issues_that_this_run_cannot_measure_stay_and_are_named(command: Command, tmp_path: Path) -> None:
    table, out = tmp_path / "pairs.tsv", tmp_path / "out.tsv"
    table.write_text(STORED, encoding="utf-8")
    done = command("check", str(table), "--no-encoder", "-o", str(out))
    assert done.err.split("\n")[0] == (
        f"Not measured in this run, kept as they were in {table}: 1 omission, 1 unfinished."
    )
    assert [[issue.code for issue in unit.issues] for unit in read_units(out)] == [
        ["unfinished", "length-ratio", "omission"]
    ]
    assert "  warning omission: found in an earlier run\n" in done.out
    done = command("check", str(table), "--no-encoder", "--only", "numbers", "-o", str(out), "--force")
    assert done.err.split("\n")[0].endswith(": 1 omission, 1 unfinished.")
    assert [[issue.code for issue in unit.issues] for unit in read_units(out)] == [["unfinished", "omission"]]


def test_issues_that_this_run_measures_are_measured_again(command: Command, tmp_path: Path) -> None:
    table, out = tmp_path / "pairs.tsv", tmp_path / "out.tsv"
    table.write_text(
        "source\ttarget\tissues\n河水变清了。\tThe river is clear.\terror:low-similarity warning:omission\n",
        encoding="utf-8",
    )
    done = command("check", str(table), "-o", str(out))
    assert (done.code, done.out) == (0, "1 units, 0 with errors or warnings\n")
    assert "Not measured" not in done.err
    assert [unit.issues for unit in read_units(out)] == [()]


@pytest.mark.parametrize(("format", "more"), [("tsv", []), ("tmx", ["--from", "tmx"]), ("jsonl", ["--from", "jsonl"])])
def test_standard_input_is_checked(command: Command, tmp_path: Path, format: str, more: list[str]) -> None:
    table, stored = tmp_path / "pairs.tsv", tmp_path / f"stored.{format}"
    table.write_text(ROWS, encoding="utf-8")
    if format != "tsv":
        assert command("convert", str(table), str(stored)).code == 0
    data = (table if format == "tsv" else stored).read_bytes()
    out = tmp_path / "out.tsv"
    done = command("check", "-", "--no-encoder", "--fail-on", "error", "-o", str(out), *more, stdin=data)
    assert done.code == 1
    assert done.out.split("\n")[2] == "error    number-scale                 1   50.0%"
    assert done.err == f"stdin → {out}\n"
    assert [unit.target for unit in read_units(out)] == [row.split("\t")[1] for row in ROWS.splitlines()]


def test_the_units_do_not_go_where_the_summary_goes(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text(ROWS, encoding="utf-8")
    done = command("check", str(table), "--no-encoder", "-o", "-")
    assert (done.code, done.out, done.err) == (
        1,
        "",
        "Error: Standard output takes the summary: name a file with -o.\n",
    )


def test_empty_standard_input_and_what_cannot_be_piped_are_refused(command: Command) -> None:
    assert command("check", "-", "--no-encoder", stdin=b"").err == (
        "Error: Standard input holds no translation unit (it is empty, or a header alone): pipe a table in.\n"
    )
    assert command("check", "-", "--from", "moses", stdin=b"").err == (
        "Error: moses cannot be read from standard input: name a file.\n"
    )


@pytest.mark.parametrize("option", ["--only", "--extra"])
def test_remarks_that_were_asked_for_are_shown(command: Command, tmp_path: Path, option: str) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text("他不懂。\tHe understands.\n", encoding="utf-8")
    done = command("check", str(table), "--no-encoder", option, "negation")
    assert done.out.split("\n") == [
        "1 units, 0 with errors or warnings",
        "severity code                    issues   units",
        "info     negation                     1  100.0%",
        "",
        "pairs.tsv 1.1",
        "  他不懂。",
        "  He understands.",
        "  info negation: The source negates (“不”), the target shows no negation.",
        "",
    ]
