"""A book's units, chapter by chapter."""

from dataclasses import replace

from bilingual.bitext import Kind, TranslationUnit
from bilingual.formats.chapters import split_chapters
from unit_samples import MACHINE


def unit(paragraph: int, kind: Kind, source: str) -> TranslationUnit:
    return replace(MACHINE, paragraph=paragraph, kind=kind, source=source)


def test_a_title_begins_a_chapter() -> None:
    book = [
        unit(1, "text", "献给阿宝。"),
        unit(2, "title", "第一章？"),
        unit(2, "title", "雨/风！"),
        unit(3, "text", "下雨了。"),
        unit(4, "title", "……"),
        unit(5, "title", "第三章"),
    ]
    chapters = list(split_chapters(book))
    assert [(c.number, c.title, c.stem, len(c.units)) for c in chapters] == [
        (0, "", "000", 1),
        (1, "第一章？雨/风！", "001-第一章 雨 风", 3),
        (2, "……", "002", 1),
        (3, "第三章", "003-第三章", 1),
    ]
    assert [part for chapter in chapters for part in chapter.units] == book
    assert list(split_chapters([])) == []
