"""Workbooks: strings that never execute, the same after a round trip, and damage in one sentence."""

import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError, OutputError
from bilingual.formats.fields import COLUMNS
from bilingual.formats.xlsx import read_xlsx, write_xlsx
from unit_samples import HUMAN, MACHINE, UNITS, extras_of, file_of, plain, table_form, units_of

ODD = st.sampled_from("<>&\"'=+-@\t\n\r\x00\x0b\x85\u2028\ud83d\ufffe_x0041_")
TEXT = st.text(st.one_of(st.characters(), ODD), max_size=40)


def written(units: list[TranslationUnit]) -> bytes:
    file = file_of("")
    write_xlsx(units, file)
    return file.getvalue()


def read(data: bytes) -> list[TranslationUnit]:
    return list(read_xlsx(file_of(data), "m/a.xlsx"))


def book(*rows: list[object], sheets: int = 1) -> bytes:
    workbook = Workbook()
    workbook.worksheets[0].title = "First"
    for row in rows:
        workbook.worksheets[0].append(row)
    for _ in range(sheets - 1):
        workbook.create_sheet()
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def changed(data: bytes, member: str, content: bytes) -> bytes:
    """Exchange one member of an archive."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), member]):
            new.writestr(name, content if name == member else old.read(name))
    return file.getvalue()


def test_openpyxl_reads_strings() -> None:
    units = [replace(HUMAN, source="=1+1", target="@SUM(A1)", note="<r>x</r>"), replace(MACHINE, document="a/lake.txt")]
    workbook = load_workbook(file_of(written(units)))
    assert workbook.sheetnames == ["lake.txt", "lake.txt (2)"]
    sheet = workbook["lake.txt"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        list(COLUMNS),
        ["ffeeddccbbaa0099", "news/lake.txt", "1", "1", "heading", "2", "zh-Hans", "en", "=1+1", "@SUM(A1)", None,
         "0.875", None, "human", "edited", "<r>x</r>"],
    ]  # fmt: skip
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert sheet.freeze_panes == "A2"
    assert sheet["I2"].alignment.wrap_text
    [choices] = sheet.data_validations.dataValidation
    assert (choices.formula1, str(choices.sqref)) == ('"accepted,edited,rejected"', "O2:O1048576")


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_reading_gives_what_was_written(data: st.DataObject) -> None:
    names = data.draw(extras_of(TEXT.filter(bool)))
    units = [
        replace(unit, extra=tuple((name, data.draw(TEXT)) for name in names))
        for unit in data.draw(st.lists(units_of(TEXT), min_size=1, max_size=3))
    ]
    documents = list(dict.fromkeys(unit.document for unit in units))
    by_sheet = sorted(units, key=lambda unit: documents.index(unit.document))
    assert plain(read(written(units))) == plain(map(table_form, by_sheet))


def test_foreign_workbook() -> None:
    data = book(["target", "score", "source", None], ["Hi", 3, "你好"], [], [None, 2.5, "雨"], sheets=2)
    assert [(u.source, u.target, u.extra, u.paragraph, u.document) for u in read(data)] == [
        ("你好", "Hi", (("score", "3"),), 1, "a.xlsx"),
        ("雨", "", (("score", "2.5"),), 2, "a.xlsx"),
    ]
    assert [(u.source, u.target) for u in read(book(["你好", "Hi"], ["雨", "rain"]))] == [
        ("你好", "Hi"),
        ("雨", "rain"),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            book(["a", "b", "c"]),
            ": sheet 'First', row 1: no columns named source and target, and not two columns; "
            "name them in the first row",
        ),
        (
            book(["source", "target"], ["a", "b", "c"]),
            ": sheet 'First', row 2: the header has 2 cells, this row 3; name or empty the others",
        ),
        (
            book(["source", "target", "level"], ["a", "b", "x"]),
            ": sheet 'First', row 2: level 'x' is not a whole number; write one, or nothing",
        ),
        (
            book(["source", "target", "source"]),
            ": sheet 'First', row 1: the column 'source' stands twice in the header; rename one",
        ),
        (book(sheets=1000), ": has 1,000 sheets; at most 255 are read: divide it"),
        (b"", ": is damaged or cut off (File is not a zip file); fetch or export it again"),
        (book(["a", "b"])[:-300], ": is damaged or cut off (File is not a zip file); fetch or export it again"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            ": is encrypted, or in the old binary format; save it without a password as a new file",
        ),
        (
            changed(book(["a", "b"]), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData>\n<row>"),
            "/xl/worksheets/sheet1.xml:2: not well-formed XML: Premature end of data in tag row line 2; "
            "export it again from the program that wrote it",
        ),
        (
            changed(book(["a", "b"]), "[Content_Types].xml", b"<Types/>"),
            ": is no workbook that can be read (OSError); save it as .xlsx again",
        ),
        (
            changed(book(["a", "b"]), "xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><workbook/>'),
            ": xl/workbook.xml declares XML entities, which are not read; save it as a new file",
        ),
        (
            changed(book(["a", "b"]), "xl/media/a.bin", bytes(20_000_000)),
            ": 'xl/media/a.bin' unpacks to 20,000,000 bytes, a zip bomb; do not use it",
        ),
        (
            changed(book(["a", "b"]), "../../etc/a", b"x"),
            ": the archive names a file outside of itself ('../../etc/a'); do not use it",
        ),
    ],
)
def test_bad_files_in_one_sentence(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data)
    assert str(caught.value) == f"m/a.xlsx{message}"


def test_a_cell_of_20_million_characters_is_refused() -> None:
    text = "".join(f"{number:x}" for number in range(3_000_000))
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
        f'<c t="inlineStr"><is><t>{text}</t></is></c></row></sheetData></worksheet>'
    )
    with pytest.raises(InputError) as caught:
        read(changed(book(["a", "b"]), "xl/worksheets/sheet1.xml", sheet.encode()))
    assert str(caught.value) == "m/a.xlsx: sheet 'First', row 1: a cell is longer than 10,000,000; divide it"


def test_too_much_for_a_workbook_is_refused() -> None:
    fits = "a😀" * 10_922 + "b"
    assert read(written([replace(HUMAN, source=fits)]))[0].source == fits
    with pytest.raises(OutputError) as caught:
        written([replace(HUMAN, target=fits + "b")])
    assert str(caught.value) == (
        "XLSX: the target of unit ffeeddccbbaa0099 in news/lake.txt has more than 32,767 characters, "
        "a cell's most: use tsv"
    )
    with pytest.raises(OutputError, match=r"^XLSX: 256 documents need as many sheets; at most 255: use tsv$"):
        written([replace(HUMAN, document=str(number)) for number in range(256)])


def test_sheet_names() -> None:
    documents = ["", "'a/b[1]?.txt'", "x/" + "long" * 20, "y/" + "long" * 20, "History", "A", "a"]
    data = written([replace(unit, document=document) for document in documents for unit in UNITS])
    assert load_workbook(file_of(data)).sheetnames == [
        "units", "b 1  .txt", "longlonglonglonglonglonglonglon", "longlonglonglonglonglo (2)",
        "History (2)", "A", "a (2)",
    ]  # fmt: skip
