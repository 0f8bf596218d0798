"""The Moses pair: line by line, and never out of step."""

from dataclasses import replace
from pathlib import Path

import pytest

from bilingual.errors import InputError
from bilingual.formats import read_units, write_units
from bilingual.formats.moses import read_moses, write_moses
from unit_samples import HUMAN, UNITS, file_of


@pytest.mark.parametrize("given", ["corpus", "corpus.zh", "corpus.en", "corpus.moses"])
def test_two_files(tmp_path: Path, given: str) -> None:
    write_units(UNITS, tmp_path / given, "moses")
    assert (tmp_path / "corpus.zh").read_text("utf-8") == "湖水变清了\n青禾镇去年接待游客3.2万人次。\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.en", "corpus.zh"]
    back = list(read_units(tmp_path / "corpus.en"))
    assert [(unit.source, unit.target, unit.document) for unit in back] == [
        (unit.source, unit.target, "corpus") for unit in UNITS
    ]


def test_line_breaks_become_spaces(caplog: pytest.LogCaptureFixture) -> None:
    source, target = file_of(""), file_of("")
    write_moses([replace(HUMAN, source="一\n二\u2028三", target="")], source, target)
    assert (source.getvalue().decode(), target.getvalue()) == ("一 二 三\n", b"\n")
    assert caplog.messages == ["Moses: 2 line breaks inside of texts were replaced by spaces"]


def test_empty_lines_keep_their_place() -> None:
    units = list(read_moses(file_of("一\n\n\n四"), file_of("one\n\nthree\nfour\n"), "a.zh"))
    assert [(unit.paragraph, unit.source, unit.target) for unit in units] == [
        (1, "一", "one"),
        (3, "", "three"),
        (4, "四", "four"),
    ]


def test_unequal_numbers_of_lines_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        list(read_moses(file_of("一\n二\n三\n"), file_of("one\n"), "m/a.zh"))
    assert str(caught.value) == (
        "m/a.zh has 3 lines and m/a.en 1: they are no pair; "
        "line 1 of one must translate line 1 of the other, and so on: export both again"
    )


def test_a_missing_half_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.zh").write_text("一\n", "utf-8")
    with pytest.raises(InputError, match=r"a\.en: no such file; check the name$"):
        list(read_units(tmp_path / "a.zh"))
