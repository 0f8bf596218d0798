"""The list of other articles below an article: heads, headlines, timestamps, summaries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bilingual.bitext import Kind, Paragraph
from bilingual.reading.marks import ends_sentence
from bilingual.reading.metadata import is_metadata, is_stamp

__all__ = ["is_trailer_head", "label_trailer"]

_TRAILER_HEADS = frozenset(
    [
        "相关新闻",
        "相关阅读",
        "相关报道",
        "相关链接",
        "相关文章",
        "相关推荐",
        "相关稿件",
        "延伸阅读",
        "扩展阅读",
        "拓展阅读",
        "推荐阅读",
        "热门推荐",
        "热门新闻",
        "热门文章",
        "热门阅读",
        "精彩推荐",
        "为您推荐",
        "为你推荐",
        "猜你喜欢",
        "更多新闻",
        "更多阅读",
        "更多推荐",
        "更多报道",
        "热点推荐",
        "热点新闻",
        "今日热点",
        "新闻排行",
        "相關新聞",
        "相關閱讀",
        "相關報導",
        "相關連結",
        "相關文章",
        "相關推薦",
        "延伸閱讀",
        "推薦閱讀",
        "熱門推薦",
        "熱門新聞",
        "熱門文章",
        "猜你喜歡",
        "更多新聞",
        "更多閱讀",
    ]
)
_HEAD_FRAME = " \u00a0\u3000【】〖〗[]「」:：>＞»›·|"
_DETAILS = re.compile(
    r"[\[【［(（]?(?:详细|詳細|详情|详细内容|全文|阅读全文|閱讀全文|查看全文|更多)[\]】］)）]?[>＞»]*$"
)
_MAX_HEADLINE = 60


def is_trailer_head(text: str) -> bool:
    """Tell whether a line is the head of a list of other articles (相关新闻, 热门推荐 ...)."""
    return len(text) <= 16 and text.strip(_HEAD_FRAME).removesuffix("更多").strip(_HEAD_FRAME) in _TRAILER_HEADS


def label_trailer(blocks: list[Paragraph]) -> int:
    """Label the trailer from the first head on below which nothing else stands; give back where the body ends."""
    texts = [block.text for block in blocks]
    start = 0
    while start < len(blocks):
        if not is_trailer_head(texts[start]):
            start += 1
            continue
        levels, end = _trailer_levels(texts, start)
        if end == len(blocks):
            for index, level in enumerate(levels, start):
                kind: Kind = "metadata" if level is None else "trailer"
                blocks[index] = replace(blocks[index], kind=kind, level=level or 0)
            return start
        start = end + 1  # a head on the way would have come to the same stop
    return len(blocks)


def _trailer_levels(texts: Sequence[str], start: int) -> tuple[list[int | None], int]:
    """Read heads, headlines, timestamps and summaries: their levels, None for metadata.

    Also gives where reading stopped: at the end, or at a block that shows that this is a section of the article
    which merely has such a name.
    """
    levels: list[int | None] = []
    i = start
    while i < len(texts):
        if is_trailer_head(texts[i]):
            levels.append(1)
            i += 1
            continue
        if is_metadata(texts[i]):
            levels.append(None)
            i += 1
            continue
        stamped = i + 1 < len(texts) and is_stamp(texts[i + 1])
        if len(texts[i]) > _MAX_HEADLINE or (ends_sentence(texts[i]) and not stamped):
            return levels, i
        headline = texts[i]
        levels.append(2)
        i += 1
        if stamped:
            levels.append(None)
            i += 1
        summaries = 0
        while i < len(texts) and not is_trailer_head(texts[i]) and not is_metadata(texts[i]):
            repeated = texts[i] == headline
            last = bool(_DETAILS.search(texts[i]))
            if not repeated:
                followed = i + 1 < len(texts) and is_stamp(texts[i + 1])
                if followed or not (last or ends_sentence(texts[i]) or len(texts[i]) > _MAX_HEADLINE):
                    break
                summaries += not _DETAILS.fullmatch(texts[i])
            if summaries > (2 if stamped else 1):
                return levels, i
            levels.append(0)
            i += 1
    return levels, i
