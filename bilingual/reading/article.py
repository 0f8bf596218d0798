"""The structure of an article: title, metadata, heads, list items, captions, trailer.

Nothing here changes a text; blocks that are plain `text` get a kind and a level where their form and their neighbours
leave little doubt. A novel, a poem or a list of names has no heads, so none must be found in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bilingual.bitext import Paragraph
from bilingual.reading.marks import ends_sentence, enumerator
from bilingual.reading.metadata import has_stamp, is_byline, is_metadata, label_of
from bilingual.reading.trailer import label_trailer

__all__ = ["label_article"]

_PAUSE = re.compile(r"[，、；：,;:]\s*$")
_ENGLISH_STOP = re.compile(r"[.!?…][”’\"')\]*_]*\s*$")
_QUOTED = re.compile(r"[“「『\"].*[”」』\"]$")

_MAX_TITLE = 60
_MAX_HEAD = 36
"""Characters: generous bounds by judgement, twice the length of an ordinary headline and head."""
_MIN_BELOW_HEAD = 20
"""A head stands above a paragraph, and a paragraph has at least so many characters."""
_MIN_STOPPED_SHARE = 0.6
"""Prose: so many of its blocks end with a final stop. Lists, poems and tables have fewer, and get no heads."""
_MAX_DIALOGUE_SHARE = 0.4
"""Fiction: from so many blocks opening with a quotation mark on, short lines are speech or signs, not heads."""
_MAX_ENGLISH_TITLE = 120
_MAX_ENGLISH_HEAD = 80

_COLUMN_HEAD = re.compile(r"[【〖][^【】〖〗]{1,20}[】〗]$")
_CHAPTER = re.compile(
    r"第\s?[〇零一二两三四五六七八九十百千\d]{1,6}\s?([卷部编篇集章回节節幕场場讲講课課])(?=[\s:：、]|$)"
)
_NAMED_PART = re.compile(r"(?:楔子|引子|序|序言|序章|前言|引言|导言|導言|尾声|尾聲|后记|後記|结语|結語|附录|附錄)$")
_SECTION = re.compile(r"(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）])(?=\S)")
_CAPTION = re.compile(r"(?:(?:图|圖|表)\s?\d+(?:[-.．]\d+)?(?:[\s:：]|$)|[上下左右]?[图圖][为為]|[▲△▼]\s?[\w“《])")
_CREDIT = re.compile(
    r"(?:[\s(（](?:[\w\u00b7]{2,8}\s?)?(?:摄|攝|供图|供圖|资料图片?|資料圖片?|图片来源[:：]\s?\w+))[)）]?$"
)
_MAX_CAPTION = 100
_ENGLISH_CHAPTER = re.compile(r"(?:chapter|part|book|section|act|scene)\s+(?:\d+|[ivxlc]+|[a-z]+)\b", re.IGNORECASE)
_ENGLISH_CAPTION = re.compile(r"(?:figure|fig\.|table)\s\d+[.:]", re.IGNORECASE)


def label_article(
    paragraphs: Sequence[Paragraph], lang: str, alone: Sequence[bool] | None = None, *, heads: bool = True
) -> tuple[Paragraph, ...]:
    """Give kind and level to the blocks that are still plain text.

    Args:
        paragraphs: The blocks in order.
        lang: BCP 47; the Chinese rules for `zh-*`, otherwise those for English.
        alone: For each block whether blank lines stand on both sides; None when all do.
        heads: Whether title and heads are to be found; False where the format marks them itself.
    """
    blocks = list(paragraphs)
    apart = [True] * len(blocks) if alone is None else list(alone)
    if not lang.startswith("zh"):
        return _label_english(blocks, apart, heads)
    body = label_trailer(blocks)
    _label_metadata(blocks, body)
    if heads and blocks:
        _label_title(blocks, body)
    _label_lists(blocks, body)
    if heads:
        _label_heads(blocks, body)
    return tuple(blocks)


# Metadata and captions ---------------------------------------------------------------------------------------------


def _label_metadata(blocks: list[Paragraph], body: int) -> None:
    """Label timestamps, source and editor lines, bylines and captions of the body."""
    labels = [label_of(block.text) for block in blocks[:body]]
    for index, block in enumerate(blocks[:body]):
        if block.kind != "text":
            continue
        text = block.text
        near_edge = index < 5 or index >= body - 6
        speaker = labels[index] is not None and labels.count(labels[index]) > 2  # an interview: 记者：… 记者：…
        if is_byline(text, near_edge) or (is_metadata(text) and (has_stamp(text) or (near_edge and not speaker))):
            blocks[index] = replace(block, kind="metadata")
        elif len(text) <= _MAX_CAPTION and (_CAPTION.match(text) or (_CREDIT.search(text) and not ends_sentence(text))):
            blocks[index] = replace(block, kind="caption")


# Title, lists, heads -----------------------------------------------------------------------------------------------


def _is_prose(texts: Sequence[str]) -> bool:
    """Tell whether these blocks are paragraphs, among which a short line without a stop stands out as a head.

    There may be as many as two heads a paragraph; more short lines than that are a list or verse.
    """
    paragraphs = [t for t in texts if len(t) > _MAX_HEAD or (len(t) >= _MIN_BELOW_HEAD and ends_sentence(t))]
    stopped = sum(map(ends_sentence, texts))
    open_short = sum(len(text) <= _MAX_HEAD and not ends_sentence(text) for text in texts)
    return (
        bool(paragraphs)
        and open_short <= 2 * len(paragraphs)
        and stopped >= _MIN_STOPPED_SHARE * (len(texts) - open_short)
    )


def _label_title(blocks: list[Paragraph], body: int) -> None:
    """Label the first block of the body when it is a headline: short, without a stop, above prose."""
    at = next((i for i in range(body) if blocks[i].kind != "metadata"), body)
    if at >= body or blocks[at].kind != "text" or any(block.kind == "title" for block in blocks):
        return
    text, below = blocks[at].text, blocks[at + 1 : body]
    prose = [block.text for block in below if block.kind == "text"]
    if not prose or len(text) > _MAX_TITLE or _PAUSE.search(text) or len(text) >= max(map(len, prose)):
        return
    dated = below[0].kind == "metadata"
    if _QUOTED.match(text) and not dated:
        return
    if ends_sentence(text) and not (text[-1] in "？！?!" and dated):
        return
    if _is_prose(prose) or dated or (_CHAPTER.match(text) and ends_sentence(prose[0])):
        blocks[at] = replace(blocks[at], kind="title", level=0)
        if len(below) > 1 and below[0].kind == "text" and re.match(r"(?:——|--)\s?\w", below[0].text):
            subtitle = below[0]
            if len(subtitle.text) <= _MAX_HEAD and not ends_sentence(subtitle.text):
                blocks[at + 1] = replace(subtitle, kind="heading", level=1)


def _label_lists(blocks: list[Paragraph], body: int) -> None:
    """Label runs of blocks that are numbered one after another; "一、" only when the items are short."""
    numbers = [enumerator(block.text) if block.kind == "text" else None for block in blocks[:body]]
    short = [not ends_sentence(block.text) for block in blocks[:body]]
    for index, number in enumerate(numbers):
        if number is None:
            continue
        section = _SECTION.match(blocks[index].text) is not None
        for other, step in ((index - 1, -1), (index + 1, 1)):
            if (
                0 <= other < body
                and numbers[other] == number + step
                and (_SECTION.match(blocks[other].text) is not None) == section
                and (not section or (short[index] and short[other]))
            ):
                blocks[index] = replace(blocks[index], kind="list_item", level=1)


def _label_heads(blocks: list[Paragraph], body: int) -> None:
    """Label heads inside the body: numbered, in 【】, or a short line without a stop above a paragraph."""
    texts = [block.text for block in blocks[:body] if block.kind == "text"]
    speech = sum(text.startswith(("“", "「", '"', "『")) for text in texts)
    plain = _is_prose(texts) and speech <= _MAX_DIALOGUE_SHARE * len(texts)
    for index in range(body):
        block = blocks[index]
        text = block.text
        if block.kind != "text" or len(text) > _MAX_HEAD or ends_sentence(text):
            continue
        after = blocks[index + 1] if index + 1 < body else None
        before = blocks[index - 1] if index else None
        chapter = _CHAPTER.match(text)
        if chapter:
            blocks[index] = replace(block, kind="heading", level=2 if chapter[1] in "节節" else 1)
        elif _COLUMN_HEAD.match(text) or (_NAMED_PART.match(text) and len(blocks) > 2):
            blocks[index] = replace(block, kind="heading", level=1)
        elif _SECTION.match(text) and after is not None and not _PAUSE.search(text):
            blocks[index] = replace(block, kind="heading", level=2 if text[0] in "（(" else 1)
        elif plain and after is not None and _stands_above(text, before, after):
            blocks[index] = replace(block, kind="heading", level=1)


def _stands_above(text: str, before: Paragraph | None, after: Paragraph) -> bool:
    """Tell whether a short line without a stop is a head: prose above it (or a head), a paragraph below it."""
    if _PAUSE.search(text) or _QUOTED.fullmatch(text) or not re.search(r"[^\W\d_]", text):
        return False
    if before is not None and before.kind == "text" and not ends_sentence(before.text):
        return False
    if before is not None and before.kind == "title" and len(text) <= 4:  # an author's name, as likely as a head
        return False
    if after.kind == "list_item":
        return len(text) >= 4
    return after.kind in ("text", "quote") and len(after.text) >= _MIN_BELOW_HEAD and len(after.text) > len(text)


# English -----------------------------------------------------------------------------------------------------------


def _label_english(blocks: list[Paragraph], alone: Sequence[bool], heads: bool) -> tuple[Paragraph, ...]:
    """Label an English (or other) text by blank lines and length; nothing is known of its words but dates."""
    for index, block in enumerate(blocks):
        if block.kind != "text":
            continue
        if (index < 5 or index >= len(blocks) - 3) and (is_metadata(block.text) or is_byline(block.text, True)):
            blocks[index] = replace(block, kind="metadata")
        elif len(block.text) <= 2 * _MAX_CAPTION and _ENGLISH_CAPTION.match(block.text):
            blocks[index] = replace(block, kind="caption")
    if not heads:
        return tuple(blocks)
    texts = [block.text for block in blocks if block.kind == "text"]
    first = next((i for i, block in enumerate(blocks) if block.kind != "metadata"), len(blocks))
    for index, block in enumerate(blocks[:-1]):
        text = block.text
        limit = _MAX_ENGLISH_TITLE if index == first else _MAX_ENGLISH_HEAD
        if block.kind != "text" or not alone[index] or len(text) > limit or not re.match(r"[A-Z\d“\"'‘(]", text):
            continue
        chapter = _ENGLISH_CHAPTER.match(text) is not None
        if (_ENGLISH_STOP.search(text) and not chapter) or _PAUSE.search(text) or _QUOTED.match(text):
            continue
        after = next((b for b in blocks[index + 1 :] if b.kind != "metadata"), None)
        below = after is not None and (len(after.text) > len(text) and _ENGLISH_STOP.search(after.text) is not None)
        prose = sum(_ENGLISH_STOP.search(t) is not None for t in texts) >= len(texts) / 2
        if index == first and below and prose and not any(b.kind == "title" for b in blocks):
            blocks[index] = replace(block, kind="title", level=0)
        elif chapter or (below and prose):
            blocks[index] = replace(block, kind="heading", level=1)
    return tuple(blocks)
