"""What a translation got wrong that can be put in word for word: numbers, addresses, Latin words."""

from __future__ import annotations

import math
import re

from bilingual.checks.amounts import Amount, Strength
from bilingual.checks.numbers import compare_numbers
from bilingual.checks.numbers_chinese import chinese_amounts
from bilingual.terms import Mask

__all__ = ["missing_masks"]

_LATIN = re.compile(
    r"(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[A-Za-z][A-Za-z0-9.\-]*[A-Za-z0-9]", re.ASCII
)
"""Addresses, and Latin words of two characters and more."""
_NUMBER = re.compile(
    r"百分之[\d.零〇一二三四五六七八九十百]+|[\d.,．]*\d[%％]|(?:[\d.．]|[零〇一二三四五六七八九十百千万亿两,])+"
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


def missing_masks(source: str, target: str) -> list[Mask]:
    """Give the numbers, addresses and Latin words of a source that its translation lacks, with what they shall be.

    >>> [mask.target for mask in missing_masks("投入12.8亿元，见www.example.org", "It cost 12.8 billion yuan.")]
    ['1.28 billion', 'www.example.org']
    """
    masks = [Mask(match.span(), match[0], True) for match in _LATIN.finditer(source) if match[0] not in target]
    wrong = {span for issue in compare_numbers(source, target) for span in issue.source_spans}
    for amount in chinese_amounts(source):
        number = _NUMBER.match(source, amount.start, amount.end)
        if amount.kind not in ("plain", "percent"):
            continue
        if (amount.start, amount.end) in wrong and number and amount.strength is Strength.HARD:
            masks.append(Mask(number.span(), _written(amount, number[0]), True))
    kept: list[Mask] = []
    for mask in sorted(masks, key=lambda one: one.span):
        if not kept or mask.span[0] >= kept[-1].span[1]:
            kept.append(mask)
    return kept


def _written(amount: Amount, text: str) -> str:
    """Write a Chinese amount in English: digits as they are, millions and more in words where they are round."""
    digits = text.translate(_FULL_WIDTH)
    if amount.kind == "percent":
        return f"{amount.value * 100:.6g}%"
    if digits.isascii():
        return digits
    for scale, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if amount.value >= scale and math.isclose(rounded := round(amount.value / scale, 4), amount.value / scale):
            return f"{rounded:.10g} {word}"
    return f"{amount.value:,.0f}" if amount.value % 1 == 0 else f"{amount.value:,.6g}"
