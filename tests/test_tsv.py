"""The table: bytes out, units back, and one sentence with the line for whatever is wrong."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.bitext import TranslationUnit, unit_id
from bilingual.errors import InputError
from bilingual.formats.tsv import escape_cell, read_tsv, unescape_cell, write_tsv
from unit_samples import HUMAN, MACHINE, UNITS, extras_of, file_of, plain, table_form, units_of

HEADER = (
    "id\tdocument\tparagraph\tsentence\tkind\tlevel\tsource_lang\ttarget_lang\tsource\ttarget\tlog_prob\tconfidence\t"
    "issues\torigin\tstatus\tnote"
)
# Every code point, those that a row cannot hold most of the time.
ODD = st.sampled_from("\\\t\n\r\x00\x0b\x0c\x1c\x85\u2028\u2029\ud83d\udc4d\ufeffntu")
TEXT = st.text(st.one_of(st.characters(), ODD))


def written(units: list[TranslationUnit]) -> str:
    file = file_of("")
    write_tsv(units, file)
    return file.getvalue().decode()


def read(text: str | bytes) -> list[TranslationUnit]:
    return list(read_tsv(file_of(text), "data/a.tsv"))


def test_rows_as_written() -> None:
    assert written(UNITS) == (
        f"{HEADER}\n"
        "ffeeddccbbaa0099\tnews/lake.txt\t1\t1\theading\t2\tzh-Hans\ten\t湖水变清了\t"
        'The lake is "clear" <again> & again\t\t0.875\t\thuman\tedited\tchecked by Bo\\nand Ana\n'
        "00112233aabbccdd\tnews/lake.txt\t2\t1\ttext\t0\tzh-Hans\ten\t青禾镇去年接待游客3.2万人次。\t"
        "Qinghe welcomed 32,000 visitors last year.\t-0.41253\t\twarning:number-missing info:long\tmachine\t\t\n"
    )


def test_no_units_is_a_header() -> None:
    assert written([]) == f"{HEADER}\n"
    assert read(f"{HEADER}\n") == []


@settings(deadline=None)
@given(st.data())
def test_reading_gives_what_was_written(data: st.DataObject) -> None:
    names = data.draw(extras_of(TEXT))
    units = [
        replace(unit, extra=tuple((name, data.draw(TEXT)) for name in names))
        for unit in data.draw(st.lists(units_of(TEXT), min_size=1, max_size=3))
    ]
    text = written(units)
    assert text.count("\n") == len(text.splitlines()) == len(units) + 1
    back = read(text)
    assert plain(back) == plain(map(table_form, units))
    assert written(back) == text


@given(TEXT)
def test_escapes_are_undone(text: str) -> None:
    assert unescape_cell(escape_cell(text)) == text


def test_extra_columns_of_any_unit_are_in_the_header() -> None:
    one, two = replace(HUMAN, extra=(("client", "A"),)), replace(MACHINE, extra=(("team", "B\tC"),))
    text = written([MACHINE, one, two])
    assert text.splitlines()[0] == f"{HEADER}\tclient\tteam"
    assert [row.split("\t")[16:] for row in text.splitlines()[1:]] == [["", ""], ["A", ""], ["", "B\\tC"]]
    assert [unit.extra for unit in read(text)] == [
        (("client", ""), ("team", "")),
        (("client", "A"), ("team", "")),
        (("client", ""), ("team", "B\tC")),
    ]


def test_columns_are_read_by_name() -> None:
    [unit] = read("score\ttarget\tsource\r\n0.5\tGood\\tday\t你好\r\n")
    assert plain([unit]) == plain(
        [
            TranslationUnit(
                unit_id("a.tsv", "你好", 1), "a.tsv", 1, 1, "text", 0, "zh", "en", "你好", "Good\tday", origin="human",
                extra=(("score", "0.5"),),
            )
        ]
    )  # fmt: skip


def test_without_header_a_row_is_source_and_target_literally() -> None:
    units = read("\ufeff路径 C:\\new\tthe path C:\\new\n\n你好\tHi\n你好\tHello")
    assert [(unit.source, unit.target, unit.paragraph) for unit in units] == [
        ("路径 C:\\new", "the path C:\\new", 1),
        ("你好", "Hi", 2),
        ("你好", "Hello", 3),
    ]
    assert [unit.id for unit in units[1:]] == [unit_id("a.tsv", "你好", 1), unit_id("a.tsv", "你好", 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HEADER}\na\tb\n",
         "data/a.tsv:2: the header has 16 cells, this row 2; "
         "add or remove some, and write a tab inside of a text as \\t"),
        ("source\ttarget\n你好\tHi\n一\t二\t三\n",
         "data/a.tsv:3: the header has 2 cells, this row 3; "
         "add or remove some, and write a tab inside of a text as \\t"),
        (
            "你好\tHi\n一\t二\t三\n",
            "data/a.tsv:2: the row should have 2 cells and has 3; write source, tab, target, or put a header that "
            "names source, target and the other columns on top",
        ),
        (
            "你好\n",
            "data/a.tsv:1: the row should have 2 cells and has 1; write source, tab, target, or put a header that "
            "names source, target and the other columns on top",
        ),
        ("source\ttarget\tsource\n", "data/a.tsv:1: the column 'source' stands twice in the header; rename one"),
        ("source\ttarget\tlevel\na\tb\tx\n", "data/a.tsv:2: level 'x' is not a whole number; write one, or nothing"),
        ("source\ttarget\tlog_prob\na\tb\thigh\n",
         "data/a.tsv:2: log_prob 'high' is not a number; write one, or nothing"),
        (
            "source\ttarget\tstatus\na\tb\tok\n",
            "data/a.tsv:2: status 'ok' is unknown; write one of: empty, accepted, edited, rejected",
        ),
        ("source\ttarget\tissues\na\tb\tlong\n",
         "data/a.tsv:2: issue 'long' is not of the form severity:code; write such as warning:long, or nothing"),
        (
            "source\ttarget\tissues\na\tb\tbad:long\n",
            "data/a.tsv:2: severity 'bad' is unknown; write one of: info, warning, error",
        ),
        ("你好\tHi\n".encode() + b"\xb0\xa1\tA\n", "data/a.tsv:2: byte 1 is not UTF-8; save the file as UTF-8"),
        ("你好\tHi\n".encode("utf-16"), "data/a.tsv:1: byte 1 is not UTF-8; save the file as UTF-8"),
        ("你" * 3_400_000 + "\tHi\n", "data/a.tsv:1: the line is longer than 10,000,000 bytes; divide it"),
    ],
)  # fmt: skip
def test_bad_rows_name_their_line(text: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert str(caught.value) == message
