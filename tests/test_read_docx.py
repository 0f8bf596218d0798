"""Word documents as input: every block, in order, with what its style says, and nothing deleted or hidden."""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml

from bilingual.bitext import Document, check_ledger
from bilingual.errors import InputError
from bilingual.reading import read_document
from bilingual.segment import segment_document

MAIN = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SPACE = "http://schemas.openxmlformats.org"
LONG = "".join(chr(0x4E00 + number % 20_000) for number in range(4_000_000))
EXTERNAL = '<!DOCTYPE a [<!ENTITY b SYSTEM "/etc/hosts">]><a>&b;</a>'
MORE = f'{MAIN} xmlns:mc="{SPACE}/markup-compatibility/2006"'


def read(data: bytes) -> Document:
    document = segment_document(read_document(None, data, name="a.docx"))
    check_ledger(document)
    return document


def saved(word: object) -> bytes:
    file = io.BytesIO()
    word.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


def blocks(data: bytes) -> list[tuple[str, str, int]]:
    return [(paragraph.text, paragraph.kind, paragraph.level) for paragraph in read(data).paragraphs]


def with_parts(data: bytes, parts: dict[str, str]) -> bytes:
    """Exchange or add parts of an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return file.getvalue()


def with_body(body: str) -> bytes:
    text = f"<w:document {MORE}><w:body>{body}</w:body></w:document>"
    return with_parts(saved(docx.Document()), {"word/document.xml": text})


def test_paragraphs_headings_lists_and_tables() -> None:
    word = docx.Document()
    word.add_paragraph("青禾镇的湖", style="Title")
    word.add_paragraph("\u3000\u3000湖水变清了。")
    word.add_paragraph("治理", style="Heading 1")
    word.add_paragraph("过程\n说明", style="Heading 2")
    word.add_paragraph("第一步", style="List Bullet")
    word.add_paragraph("第二步", style="List Number 2")
    table = word.add_table(rows=2, cols=2)
    for cell, text in zip([c for row in table.rows for c in row.cells], ["年份", "鱼", "2020", "三种"], strict=True):
        cell.text = text
    merged = table.add_row()
    merged.cells[0].merge(merged.cells[1]).text = "合计"
    word.add_paragraph("一行。\n又一行。")
    word.add_paragraph("水清则鱼乐。", style="Quote")
    word.add_paragraph("图一", style="Caption")
    word.add_paragraph(" ")
    assert blocks(saved(word)) == [
        ("青禾镇的湖", "title", 0),
        ("湖水变清了。", "text", 0),
        ("治理", "heading", 1),
        ("过程 说明", "heading", 2),
        ("第一步", "list_item", 1),
        ("第二步", "list_item", 1),
        ("年份", "text", 0),
        ("鱼", "text", 0),
        ("2020", "text", 0),
        ("三种", "text", 0),
        ("合计", "text", 0),
        ("一行。", "text", 0),
        ("又一行。", "text", 0),
        ("水清则鱼乐。", "quote", 0),
        ("图一", "caption", 0),
    ]


def test_tracked_changes_boxes_and_merged_cells() -> None:
    body = (
        "<w:p><w:r><w:t>湖</w:t></w:r><w:ins><w:r><w:t>水</w:t></w:r></w:ins><w:del><w:r><w:delText>河</w:delText></w:r>"
        "</w:del><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>框中一</w:t></w:r></w:p>"
        "<w:p><w:r><w:txbxContent><w:p><w:r><w:t>框中框</w:t></w:r></w:p></w:txbxContent></w:r></w:p></w:txbxContent>"
        "</mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>框中一</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent></w:r><w:r><w:t>清。</w:t></w:r></w:p>"
        "<w:del><w:p><w:r><w:t>没有了</w:t></w:r></w:p></w:del>"
        "<w:sdt><w:sdtContent><w:p><w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='3'/></w:numPr></w:pPr>"
        "<w:r><w:t>项目</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:pPr><w:outlineLvl w:val='2'/></w:pPr><w:r><w:t>小节</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:tcPr><w:vMerge w:val='restart'/></w:tcPr>"
        "<w:p><w:r><w:t>上</w:t></w:r></w:p></w:tc></w:tr>"
        "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p><w:r><w:t>藏</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    assert blocks(with_body(body)) == [
        ("湖水清。", "text", 0),
        ("框中一", "text", 0),
        ("框中框", "text", 0),
        ("项目", "list_item", 2),
        ("小节", "heading", 3),
        ("上", "text", 0),
    ]


def test_footnotes_in_order_headers_and_comments_said() -> None:
    word = docx.Document()
    word.sections[0].header.paragraphs[0].text = "第一版"
    paragraph = word.add_paragraph("湖水")
    for number in (7, 2):
        reference = f'<w:r {MAIN}><w:footnoteReference w:id="{number}"/></w:r>'
        paragraph._p.append(parse_xml(reference))  # type: ignore[arg-type]
    paragraph.add_run("变清了。")
    notes = "".join(
        f'<w:footnote w:id="{number}"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote>'
        for number, text in ((-1, "——"), (2, "注二。"), (7, "注一。"))
    )
    data = saved(word)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        relations = archive.read("word/_rels/document.xml.rels").decode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    relation = f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    document = read(
        with_parts(
            data,
            {
                "word/footnotes.xml": f"<w:footnotes {MAIN}>{notes}</w:footnotes>",
                "word/_rels/document.xml.rels": relations.replace("</Relationships>", relation),
            },
        )
    )
    assert [paragraph.text for paragraph in document.paragraphs] == ["湖水变清了。", "注一。", "注二。"]
    assert document.notes == ("its headers and footers were left out",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04" + bytes(50),
         "a.docx: is damaged or cut off (File is not a zip file); fetch or export it again"),
        (saved(docx.Document())[:-200],
         "a.docx: is damaged or cut off (File is not a zip file); fetch or export it again"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99),
            "a.docx: is encrypted, or in the old binary format; save it without a password as a new file",
        ),
        (saved(docx.Document()), "a.docx: nothing in it but white space: give a file that has text"),
        (
            with_body("<w:p><w:r></w:p>"),
            "a.docx/word/document.xml:1: not well-formed XML: Opening and ending tag mismatch: r line 1 and p; "
            "export it again from the program that wrote it",
        ),
        (
            with_parts(saved(docx.Document()), {"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
            "a.docx/word/document.xml: declares XML entities, which are not read; replace them by their text",
        ),
        (
            with_parts(saved(docx.Document()), {"word/document.xml": EXTERNAL}),
            "a.docx/word/document.xml: declares XML entities, which are not read; replace them by their text",
        ),
        (
            with_parts(saved(docx.Document()), {"word/document.xml": "<document/>"}),
            "a.docx: it is no Word document, or one of the strict kind; save it as .docx (Word document)",
        ),
        (
            with_parts(saved(docx.Document()), {"word/media/a.png": "\0" * 20_000_000}),
            "a.docx: 'word/media/a.png' unpacks to 20,000,000 bytes, a zip bomb; do not use it",
        ),
        (
            with_parts(saved(docx.Document()), {"../../etc/passwd": "x"}),
            "a.docx: the archive names a file outside of itself ('../../etc/passwd'); do not use it",
        ),
        (
            with_body(f"<w:p><w:r><w:t>{LONG}</w:t></w:r></w:p>"),
            "a.docx/word/document.xml:1: a text is longer than 10,000,000 bytes; divide it",
        ),
    ],
)  # fmt: skip
def test_bad_files_in_one_sentence(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data)
    assert str(caught.value) == message
