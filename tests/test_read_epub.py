"""Books as input: pages in the order of the spine, a title where each chapter begins, notes, and nothing lost."""

import io
import zipfile

import pytest

from bilingual.bitext import Document, check_ledger
from bilingual.errors import InputError
from bilingual.reading import read_document
from bilingual.segment import segment_document

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
HTML = "application/xhtml+xml"


def page(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "xhtml11.dtd">\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title/></head><body>{body}</body></html>"
    )


def package(items: str, spine: str, attributes: str = "") -> str:
    return (
        f'<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>{items}</manifest>'
        f"<spine{attributes}>{spine}</spine></package>"
    )


def epub(files: dict[str, str], *, container: str = CONTAINER) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        for name, text in files.items():
            archive.writestr(name, text)
    return file.getvalue()


def book(pages: dict[str, str], contents: str = "", **more: str) -> bytes:
    """Make a book of these pages, with a table of contents of the third version."""
    nav = page(
        f'<nav epub:type="toc"><ol>{contents}</ol></nav><nav epub:type="landmarks"><a href="p1.xhtml">不</a></nav>'
    )
    items = "".join(f'<item id="{name}" href="text/{name}.xhtml" media-type="{HTML}"/>' for name in pages)
    items += f'<item id="nav" href="text/nav.xhtml" media-type="{HTML}" properties="nav"/>'
    linear = {name: ' linear="no"' if name == "notes" else "" for name in pages}
    spine = "".join(f'<itemref idref="{name}"{linear.get(name, "")}/>' for name in ["nav", *pages])
    files = {f"OEBPS/text/{name}.xhtml": page(body) for name, body in pages.items()}
    return epub({"OEBPS/book.opf": package(items, spine), "OEBPS/text/nav.xhtml": nav, **files, **more})


def read(data: bytes) -> Document:
    document = segment_document(read_document(None, data, name="a.epub"))
    check_ledger(document)
    return document


def blocks(data: bytes) -> list[tuple[str, str, int]]:
    return [(paragraph.text, paragraph.kind, paragraph.level) for paragraph in read(data).paragraphs]


def test_chapters_in_the_order_of_the_spine() -> None:
    data = book(
        {
            "cover": "<p>湖边</p>",
            "p2": "<div>第二卷</div><h2>第二章&nbsp;&nbsp;风</h2><p>风来了。</p>",
            "notes": "<p>注一。</p>",
            "p1": '<p class="t">第一章 雨</p><p>下雨了<a epub:type="noteref" href="notes.xhtml#n1">[1]</a>。</p>'
            '<aside epub:type="footnote"><p>[1] 小雨&hellip;&hellip;</p></aside>',
            "p1b": "<h3>夜</h3><p>还在下。</p>",
            "p3": "<p>没有题目的一章。</p>",
        },
        '<li><a href="p2.xhtml">第二章 风</a><ol><li><a href="p2.xhtml#later">节</a></li></ol></li>'
        '<li><a href="p1.xhtml#top">第一章 雨</a></li><li><a href="./p3.xhtml">第三章 <b>云</b></a></li>',
    )
    document = read(data)
    assert blocks(data) == [
        ("湖边", "text", 0),
        ("第二卷", "title", 0),
        ("第二章\u00a0\u00a0风", "heading", 2),
        ("风来了。", "text", 0),
        ("第一章 雨", "title", 0),
        ("下雨了[1]。", "text", 0),
        ("[1] 小雨……", "text", 0),
        ("夜", "heading", 3),
        ("还在下。", "text", 0),
        ("第三章 云", "title", 0),
        ("没有题目的一章。", "text", 0),
        ("注一。", "text", 0),
    ]
    assert document.notes == ("its table of contents was left out",)


def test_table_of_contents_of_the_second_version() -> None:
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>第一章</text></navLabel>'
        '<content src="a%20b.html#x"/></navPoint></navMap></ncx>'
    )
    items = '<item id="t" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item id="p" href="a%20b.html" media-type="text/html"/>'  # noqa: E501
    opf = package(items, '<itemref idref="p"/>', ' toc="t"')
    data = epub({"OEBPS/book.opf": opf, "OEBPS/toc.ncx": ncx, "OEBPS/a b.html": page("<p>第一章</p><p>雨。</p>")})
    assert blocks(data) == [("第一章", "title", 0), ("雨。", "text", 0)]


def test_without_contents_a_heading_on_top_begins_a_chapter() -> None:
    data = book({"p1": "<h1>雨</h1><p>下雨了。</p>", "p2": "<p>还在下。</p>", "p3": "<h2>风</h2><p>风来了。</p>"})
    assert [(text, kind) for text, kind, _ in blocks(data)] == [
        ("雨", "title"), ("下雨了。", "text"), ("还在下。", "text"), ("风", "title"), ("风来了。", "text"),
    ]  # fmt: skip


def test_a_page_that_is_no_xml_is_read_as_html() -> None:
    assert blocks(book({"p1": "<p>雨<br>风<p>云 &nosuch; &"})) == [
        ("雨", "text", 0), ("风", "text", 0), ("云 &nosuch; &", "text", 0),
    ]  # fmt: skip


ENCRYPTED = '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:CipherReference URI="OEBPS/text/p1.xhtml"/></encryption>'  # noqa: E501


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (book({"p1": "<p>雨。</p>"})[:-60],
         "a.epub: is damaged or cut off (File is not a zip file); fetch or export it again"),
        (
            epub({}, container="<container/>"),
            "a.epub: the book names no package file; it is damaged or no EPUB: take another copy",
        ),
        (epub({}), "a.epub: holds no OEBPS/book.opf; the file is damaged or of another kind: export it again"),
        (
            epub({"OEBPS/book.opf": package("", "")}),
            "a.epub: the book has no pages of text in its spine; take one with text, not with pictures of it",
        ),
        (
            epub({"OEBPS/book.opf": package('<item id="p" href="p.xhtml"/>', '<itemref idref="p"/>')}),
            "a.epub: holds no OEBPS/p.xhtml; the file is damaged or of another kind: export it again",
        ),
        (
            epub({"OEBPS/book.opf": '<!DOCTYPE p [<!ENTITY a "b">]><package/>'}),
            "a.epub/OEBPS/book.opf: declares XML entities, which are not read; replace them by their text",
        ),
        (
            book({"p1": "<p>雨。</p>"}, **{"META-INF/encryption.xml": ENCRYPTED}),
            "a.epub: the book is encrypted (DRM) and cannot be read; take a copy without",
        ),
        (book({"p1": "<p> </p>"}), "a.epub: nothing in it but white space: give a file that has text"),
        (
            book({"p1": "<p>雨。</p>"}, **{"/etc/passwd": "x"}),
            "a.epub: the archive names a file outside of itself ('/etc/passwd'); do not use it",
        ),
        (
            book({"p1": "<p>雨。</p>"}, **{"OEBPS/big.css": " " * 20_000_000}),
            "a.epub: 'OEBPS/big.css' unpacks to 20,000,000 bytes, a zip bomb; do not use it",
        ),
    ],
)  # fmt: skip
def test_bad_files_in_one_sentence(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data)
    assert str(caught.value) == message


def test_a_bomb_of_entities_in_a_page_is_refused() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><html><body><p>雨&b;</p></body></html>'
    with pytest.raises(InputError) as caught:
        read(book({"p1": "<p>风</p>"}, **{"OEBPS/text/p1.xhtml": bomb}))
    assert str(caught.value) == (
        "a.epub/OEBPS/text/p1.xhtml: declares XML entities, which are not read; replace them by their text"
    )
