"""Marks of single lines: do they end a sentence, and with which number do they start?"""

from __future__ import annotations

import re

__all__ = ["ends_sentence", "enumerator"]

_CLOSERS = "”’\"'」』）)】］\\]》〉*_"
_STOP = re.compile(rf"(?:[。！？!?…｡．]|—{{2}}|～|(?<=[^\W\d_])\.|\.{{3}})[{_CLOSERS}]*\s*$")
_ENUMERATOR = re.compile(
    r"(?:(\d{1,3})(?:[.、．](?!\d)|[)）])|[（(](\d{1,3})[)）]|([①-⑳])|([一二三四五六七八九十]{1,3})、|"
    r"[（(]([一二三四五六七八九十]{1,3})[)）])(?=\s*\S)"
)


def ends_sentence(text: str) -> bool:
    """Tell whether a line ends with a final stop, closing quotes and brackets aside.

    >>> ends_sentence("“走吧。”"), ends_sentence("化解综治工作“顽疾”"), ends_sentence("他说：")
    (True, False, False)
    """
    return _STOP.search(text[-12:]) is not None


def enumerator(text: str) -> int | None:
    """Read the number that a list item starts with: "3. ", "（2）", "①", "四、".

    >>> enumerator("（2）带伞"), enumerator("十二、附则"), enumerator("3.14是圆周率")
    (2, 12, None)
    """
    found = _ENUMERATOR.match(text)
    if not found:
        return None
    arabic, bracketed, circled, chinese, chinese_bracketed = found.groups()
    if circled:
        return ord(circled) - ord("①") + 1
    digits = arabic or bracketed
    return int(digits) if digits else _small_number(chinese or chinese_bracketed)


def _small_number(numeral: str) -> int:
    """Read a Chinese numeral under one hundred."""
    tens, ten, ones = numeral.rpartition("十")
    values = "零一二三四五六七八九"
    if not ten:
        return values.find(numeral[-1])
    return (values.find(tens[-1]) if tens else 1) * 10 + (values.find(ones[0]) if ones else 0)
