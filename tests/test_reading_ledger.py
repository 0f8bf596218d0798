"""Whatever the text, every visible character of the document is in a paragraph or in the declared markup."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bilingual.bitext import Document, Sentence, check_ledger, visible
from bilingual.errors import InputError
from bilingual.reading import READERS, ReadOptions, read_lines
from bilingual.reading.options import Reader

PIECES = st.sampled_from(
    [
        *("\n", "\n\n", "\r\n", "\r", " ", "  ", "    ", "\u00a0" * 4, "\u3000", "\t", "\\\n", "  \n", "\x0b", "\x0c"),
        *("•", "- ", "* ", "+ ", "1. ", "（2）", "一、", "①", "> ", ">", "# ", "## ", "——", "【关注】", "相关新闻"),
        *(
            "**",
            "*",
            "_",
            "`",
            "```\n",
            "~~",
            "~",
            "[",
            "]",
            '(http://a.example/ "题")',
            "![",
            "\\",
            "[a]: /u\n",
            "[a]",
        ),
        *("&amp;", "&copy", "&#20013;", "&lt;", "<b>", "</b>", "<br>", "<div>", "</div>", "<!--", "-->", "<p>", "</p>"),
        *("<a href='x'>", "<https://例.example/%E4>", "|", "|甲|乙|\n|---|---|\n", "|a|b|c|\n", "---\n", "===\n"),
        *(
            "title: ",
            "+++\n",
            "2024-04-18 09:51:29",
            "来源:某报",
            "(本报记者 某某)",
            "。",
            "，",
            ":",
            "?",
            "“",
            "”",
            "……",
        ),
        *("字", "河边的石头很多", "望川市推行河段长制度以来水质一年比一年好两岸居民", "word", "Long words of English"),
        *("12", "3.14", "🙂", "\x00", "\u202e", "\ufeff", "\u2028", "\x85", "𠀀", "é"),
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=40).map("".join)


def as_one_sentence_each(document: Document) -> Document:
    paragraphs = tuple(
        replace(p, sentences=(Sentence(p.text, 0, len(p.text)),) if p.text else ()) for p in document.paragraphs
    )
    return replace(document, paragraphs=paragraphs)


def check_places(document: Document) -> None:
    position = 0
    for paragraph in document.paragraphs:
        assert position <= paragraph.start <= paragraph.end <= len(document.text)
        position = paragraph.end
        assert paragraph.text == paragraph.text.strip("\r\n")
    end = 0
    for start, stop in document.markup:
        assert end <= start < stop
        assert visible(document.text[start:stop])
        end = stop


@pytest.mark.parametrize("extension", [".txt", ".md"])
@settings(deadline=None, max_examples=100)
@given(text=TEXTS, lang=st.sampled_from([None, "zh-Hans", "en"]))
def test_every_character_is_in_a_paragraph_or_in_the_markup(extension: str, text: str, lang: str | None) -> None:
    reader: Reader = READERS[extension]
    if not visible(text):
        with pytest.raises(InputError):
            reader(text.encode(), "a" + extension, ReadOptions("utf-8", lang))
        return
    document = reader(text.encode(), "a" + extension, ReadOptions("utf-8", lang))
    check_ledger(as_one_sentence_each(document))
    check_places(document)
    if extension == ".txt":
        assert document.text == text.removeprefix("\ufeff")
        for paragraph in document.paragraphs:
            raw = document.text[paragraph.start : paragraph.end]
            if paragraph.kind != "quote":
                assert visible(raw) == visible(paragraph.text)


@settings(deadline=None, max_examples=150)
@given(text=TEXTS)
def test_lines_go_out_as_they_come_in(text: str) -> None:
    if not visible(text):
        return
    document = read_lines(text.encode(), "a.txt", ReadOptions("utf-8"))
    lines = document.text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    assert [visible(line) for line in lines] == [visible(p.text) for p in document.paragraphs]
    assert {p.kind for p in document.paragraphs} == {"text"}
    check_ledger(as_one_sentence_each(document))


@settings(deadline=None, max_examples=100)
@given(text=TEXTS)
@example("<p>a<script>")
def test_any_page_gives_blocks_that_are_the_text(text: str) -> None:
    try:
        document = READERS[".html"](text.encode(), "a.html", ReadOptions("utf-8", whole_page=True))
    except InputError:
        return
    check_ledger(as_one_sentence_each(document))
    check_places(document)
    assert document.markup == ()
    assert all(document.text[p.start : p.end] == p.text for p in document.paragraphs)
