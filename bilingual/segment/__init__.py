"""Documents get their sentences, and sentences too long for an engine are cut: pure functions, exact offsets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bilingual.bitext import Document, Paragraph, Sentence, visible
from bilingual.segment.chinese import segment_chinese
from bilingual.segment.cut import cut_sentence
from bilingual.segment.english import segment_english
from bilingual.segment.scan import HAN

__all__ = [
    "cut_sentence",
    "segment_chinese",
    "segment_document",
    "segment_english",
    "segment_lines",
    "segment_paragraph",
]

_WHOLE = frozenset({"code", "metadata"})
"""Kinds of paragraphs that are one sentence, whatever stands in them."""


def segment_document(document: Document) -> Document:
    """Fill in the sentences of every paragraph, by the rules of the document's language.

    Code and metadata are one sentence; a paragraph without visible text has none.
    """
    return _with_sentences(
        document,
        lambda paragraph: (
            _whole(paragraph.text) if paragraph.kind in _WHOLE else segment_paragraph(paragraph.text, document.lang)
        ),
    )


def segment_lines(document: Document) -> Document:
    """Make every paragraph one sentence: for lists of segments, which come one a line."""
    return _with_sentences(document, lambda paragraph: _whole(paragraph.text))


def segment_paragraph(text: str, lang: str) -> tuple[Sentence, ...]:
    """Segment one paragraph: by Chinese rules for zh, zh-Hant ... when it holds Chinese, else by English ones.

    What lies between the sentences is white space, control and format characters. A line end is the end of a sentence:
    soft wraps are for the reader to remove.

    >>> [(s.start, s.end) for s in segment_paragraph("　他来了。 我走了！", "zh-Hans")]
    [(1, 5), (6, 10)]
    """
    if lang.lower().split("-")[0] == "zh" and HAN.search(text):
        return segment_chinese(text)
    return segment_english(text)


def _with_sentences(document: Document, segment: Callable[[Paragraph], tuple[Sentence, ...]]) -> Document:
    paragraphs = (replace(paragraph, sentences=segment(paragraph)) for paragraph in document.paragraphs)
    return replace(document, paragraphs=tuple(paragraphs))


def _whole(text: str) -> tuple[Sentence, ...]:
    """Make a text one sentence, without the white space around it; none when nothing is visible in it."""
    if not visible(text):
        return ()
    start = len(text) - len(text.lstrip())
    content = text.strip()
    return (Sentence(content, start, start + len(content)),)
