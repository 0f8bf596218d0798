"""Word tables of two columns: written, read back, edited in Word by others; and the text with translations below."""

import zipfile
from dataclasses import replace
from io import BytesIO

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.bitext import TranslationUnit, unit_id
from bilingual.errors import InputError
from bilingual.formats.docx import read_docx_table, write_docx_below, write_docx_table
from bilingual.formats.inline import FORBIDDEN
from unit_samples import HUMAN, MACHINE, UNITS, file_of

ODD = st.sampled_from('<>&"\t\n\r\x00\x85\u2028\ud83d\ufffe')
TEXT = st.text(st.one_of(st.characters(), ODD), max_size=20)
MAIN = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def written(units: list[TranslationUnit]) -> bytes:
    file = file_of("")
    write_docx_table(units, file)
    return file.getvalue()


def read(data: bytes) -> list[TranslationUnit]:
    return list(read_docx_table(file_of(data), "m/a.docx"))


def table(*rows: list[str]) -> bytes:
    word = docx.Document()
    made = word.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            cell.text = text
    file = BytesIO()
    word.save(file)
    return file.getvalue()


def with_body(body: str) -> bytes:
    """Make a document with this body."""
    empty, file = table(["a", "b"]), BytesIO()
    with zipfile.ZipFile(BytesIO(empty)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            main = f"<w:document {MAIN}><w:body>{body}</w:body></w:document>".encode()
            new.writestr(name, main if name == "word/document.xml" else old.read(name))
    return file.getvalue()


def test_python_docx_reads_a_table_a_document() -> None:
    other = replace(HUMAN, document="b.txt", kind="list_item", level=2)
    word = docx.Document(file_of(written([*UNITS, other])))
    assert [paragraph.text for paragraph in word.paragraphs] == ["news/lake.txt", "b.txt"]
    assert [[[cell.text for cell in row.cells] for row in made.rows] for made in word.tables] == [
        [["zh-Hans", "en"], [HUMAN.source, HUMAN.target], [MACHINE.source, MACHINE.target]],
        [["zh-Hans", "en"], [HUMAN.source, HUMAN.target]],
    ]
    styles = [row.cells[1].paragraphs[0].style.name for made in word.tables for row in made.rows]
    assert styles == ["Normal", "Heading 2", "Normal", "Normal", "List Bullet 2"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(TEXT, TEXT).filter(any), min_size=1, max_size=3))
def test_texts_come_back(pairs: list[tuple[str, str]]) -> None:
    units = [replace(HUMAN, source=source, target=target) for source, target in pairs]
    expected = [(FORBIDDEN.sub("\ufffd", source), FORBIDDEN.sub("\ufffd", target)) for source, target in pairs]
    back = read(written(units))
    assert [(unit.source, unit.target) for unit in back] == expected
    assert {(unit.kind, unit.level, unit.document) for unit in back} == {("heading", 2, "news/lake.txt")}


def test_ids_come_back_as_they_were_made() -> None:
    texts = ["一。", "二。", "一。"]
    units = [replace(HUMAN, source=text, id=unit_id("a", text, texts[:at].count(text) + 1), document="a")
             for at, text in enumerate(texts)]  # fmt: skip
    assert [unit.id for unit in read(written(units))] == [unit.id for unit in units]


def test_replaced_characters_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    written([replace(HUMAN, source="a\x00", target="\x01\x02")])
    assert caplog.messages == ["DOCX: 3 characters that XML cannot hold were replaced by U+FFFD"]


def test_what_was_changed_in_word_counts() -> None:
    tracked = (
        "<w:p><w:r><w:t>湖</w:t></w:r><w:ins><w:r><w:t>水</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>河</w:delText></w:r></w:del></w:p><w:p><w:r><w:t>清</w:t><w:br/></w:r></w:p>"
    )
    english = (
        "<w:p><w:hyperlink><w:r><w:t>The</w:t><w:tab/></w:r></w:hyperlink>"
        '<w:r><w:br w:type="page"/><w:t>lake</w:t></w:r></w:p>'
    )
    body = f"<w:tbl><w:tr><w:tc>{tracked}</w:tc><w:tc>{english}</w:tc></w:tr></w:tbl>"
    assert [(unit.source, unit.target) for unit in read(with_body(body))] == [("湖水\n清\n", "The\tlake")]


def test_the_column_with_chinese_is_the_source() -> None:
    data = table(["Hello", "你好"], ["", ""], ["Wind", "风"])
    assert [(u.source_lang, u.source, u.target_lang, u.target, u.document) for u in read(data)] == [
        ("zh", "你好", "en", "Hello", "a.docx"),
        ("zh", "风", "en", "Wind", "a.docx"),
    ]
    [unit] = read(table(["en-GB", "zh_TW"], ["Hello", "你好"]))
    assert (unit.source_lang, unit.source, unit.target_lang) == ("zh-TW", "你好", "en-GB")


def test_each_paragraph_below_its_original() -> None:
    two = [replace(MACHINE, source="一。", target="One."), replace(MACHINE, source="二。", target="Two.")]
    file = file_of("")
    write_docx_below([HUMAN, *two, replace(MACHINE, paragraph=3, target="")], file)
    word = docx.Document(file)
    assert [(paragraph.style.name, paragraph.text) for paragraph in word.paragraphs if paragraph.style] == [
        ("Heading 2", HUMAN.source),
        ("Heading 2", HUMAN.target),
        ("Normal", "一。二。"),
        ("Normal", "One. Two."),
        ("Normal", MACHINE.source),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (table(["a", "b", "c"]), ": table 1, row 1: the row has 3 cells; it needs two, source and target"),
        (with_body("<w:p/>"), ": holds no table of two columns; to translate its text: bilingual translate m/a.docx"),
        (with_body("<w:p>")[:-30], ": is damaged or cut off (File is not a zip file); fetch or export it again"),
        (
            with_body("<w:p>"),
            "/word/document.xml:1: not well-formed XML: Opening and ending tag mismatch: p line 1 and body; "
            "export it again from the program that wrote it",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99),
            ": is encrypted, or in the old binary format; save it without a password as a new file",
        ),
    ],
)
def test_bad_files_in_one_sentence(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data)
    assert str(caught.value) == f"m/a.docx{message}"
