"""A book as a folder of pages: a page a chapter, written all or none."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bilingual.bitext import Kind
from bilingual.book import chapter_files, is_book, render_book, write_book
from bilingual.errors import OutputError
from bilingual.page import PageFacts
from unit_samples import MACHINE

BLOCKS: list[tuple[int, Kind, str]] = [(1, "title", "第一章 雨"), (2, "text", "下雨了。"), (3, "title", "第二章 风")]
UNITS = [
    replace(MACHINE, document="书.epub", paragraph=number, kind=kind, source=source) for number, kind, source in BLOCKS
]


def test_a_page_for_each_chapter_and_an_index() -> None:
    pages = render_book(UNITS, title="书", facts=PageFacts(model="zh-en-small"))
    assert list(pages) == ["index.html", "001-第一章 雨.html", "002-第二章 风.html"]
    assert "2 chapters" in pages["index.html"].decode()
    first, second = (pages[name].decode() for name in list(pages)[1:])
    assert ("下雨了。" in first, "下雨了。" in second) == (True, False)
    assert "书.epub/001-第一章 雨" in first  # so that decisions on one chapter are not taken for those on another


def test_a_folder_is_written_again_and_other_files_stay(tmp_path: Path) -> None:
    folder = tmp_path / "book"
    write_book(folder, {"index.html": b"1", "001-a.html": b"1", "002-b.html": b"1"})
    assert is_book(folder)
    (folder / "notes.html").write_text("mine", "utf-8")
    write_book(folder, {"index.html": b"2", "001-c.html": b"2"})
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        "index.html": b"2", "001-c.html": b"2", "notes.html": b"mine"
    }  # fmt: skip
    assert [file.name for file in chapter_files(folder)] == ["index.html", "001-c.html"]
    assert not is_book(folder)
    assert os.listdir(tmp_path) == ["book"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no/book: not written: No such file or directory"):
        write_book(tmp_path / "no" / "book", {"index.html": b""})
    assert os.listdir(tmp_path) == []
