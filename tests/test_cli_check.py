from __future__ import annotations

from pathlib import Path

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
    assert lines[1].split() == ["error", "number-scale", "1", "50.0%"]
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


def test_an_unknown_check_is_named_with_the_known_ones(command: Command, tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text(ROWS, encoding="utf-8")
    done = command("check", str(table), "--only", "grammar")
    assert done.code == 1
    assert "There is no check 'grammar'; there are addition, brackets, " in done.err
