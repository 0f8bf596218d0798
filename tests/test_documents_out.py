"""`bilingual translate` on documents that are no plain text: what comes out, and where it stands."""

import os
import re
import zipfile
from pathlib import Path

import docx
import pytest

from command import Command

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="p.opf"/>'
    "</rootfiles></container>"
)
PACKAGE = (
    '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
    '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
    '<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/>'
    '</manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
)
PAGE = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{}</h1><p>{}</p></body></html>'


def test_subtitles_stay_subtitles(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,500\n今天下雨。\n", "utf-8")
    assert command("translate", str(path), "--to", "srt,vtt", "--beam", "1").code == 0
    number, timing, source, target = (tmp_path / "a.zh-en.srt").read_text("utf-8").splitlines()
    assert (number, timing, source) == ("1", "00:00:01,000 --> 00:00:02,500", "今天下雨。")
    assert target.isascii()
    assert target
    assert (tmp_path / "a.zh-en.vtt").read_text("utf-8") == (
        f"WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n今天下雨。\n{target}\n\n"
    )


@pytest.mark.parametrize("output", ["x.srt", "x.vtt", "x.xlf", "x.htm"])
def test_aligned_subtitles(command: Command, tmp_path: Path, output: str) -> None:
    source, target, path = tmp_path / "a.srt", tmp_path / "a.en.srt", tmp_path / output
    timing = "1\n00:00:01,000 --> 00:00:02,500\n"
    source.write_text(f"{timing}今天下雨。\n", "utf-8")
    target.write_text(f"{timing}It is raining today.\n", "utf-8")
    assert command("align", str(source), str(target), "--method", "length", "-o", str(path)).code == 0
    text = path.read_text("utf-8")
    start = {".srt": timing, ".vtt": "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n", ".xlf": "<?xml", ".htm": "<!doctype"}
    assert text.startswith(start[path.suffix])
    assert text.index("今天下雨。") < text.index("It is raining today.")


def write_epub(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("META-INF/container.xml", CONTAINER)
        book.writestr("p.opf", PACKAGE)
        book.writestr("a.xhtml", PAGE.format("第一章 雨", "下雨了。"))
        book.writestr("b.xhtml", PAGE.format("第二章 风", "起风了。"))


def test_the_overview_of_books_leads_to_the_index_of_each(command: Command, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_epub(tmp_path / "in" / "a.epub")
    out = tmp_path / "out"
    assert command("batch", str(tmp_path / "in"), "-o", str(out), "--to", "chapters,tsv", "--beam", "1").code == 0
    links = re.findall('<a href="([^"]*)"', (out / "index.html").read_text("utf-8"))
    book = "./a.zh-en.chapters/index.html"
    assert links == [book, book, "./a.zh-en.tsv"]
    assert len(os.listdir(out / "a.zh-en.chapters")) == 3


def test_a_book_becomes_a_page_a_chapter(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    write_epub(path)
    for _ in range(2):  # the second run replaces the pages
        assert command("translate", str(path), "--beam", "1").code == 0
        assert sorted(os.listdir(tmp_path)) == ["a.epub", "a.zh-en.chapters"]
        assert sorted(os.listdir(tmp_path / "a.zh-en.chapters")) == [
            "001-第一章 雨.html", "002-第二章 风.html", "index.html"
        ]  # fmt: skip


def test_word_in_both_forms(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    made = docx.Document()
    made.add_heading("湖", 1)
    made.add_paragraph("今天下雨。")
    made.save(str(path))
    assert command("translate", str(path), "--to", "docx,docx-below", "--beam", "1").code == 0
    [table] = docx.Document(str(tmp_path / "a.zh-en.docx")).tables
    assert [row.cells[0].text for row in table.rows] == ["zh-Hans", "湖", "今天下雨。"]
    below = docx.Document(str(tmp_path / "a.zh-en.below.docx")).paragraphs
    assert [(p.style.name if p.style else "") for p in below] == ["Heading 1", "Heading 1", "Normal", "Normal"]
    assert [p.text for p in below][::2] == ["湖", "今天下雨。"]


@pytest.mark.parametrize("to", ["srt", "vtt"])
def test_subtitles_are_made_of_subtitles_only(command: Command, tmp_path: Path, to: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("今天下雨。\n", "utf-8")
    done = command("translate", str(path), "--to", to)
    said = f"{path} has no timings: {to} is made of .srt and .vtt files only, so choose another format with --to."
    assert (done.code, done.out, done.err) == (1, "", f"Error: {said}\n")
    assert os.listdir(tmp_path) == ["a.txt"]
