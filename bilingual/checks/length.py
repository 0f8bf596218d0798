"""Length: a target far longer or shorter than its source lets expect."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from bilingual.bitext import Issue, TranslationUnit
from bilingual.checks.evidence import Evidence, Lengths

__all__ = ["check_length", "length_deviation"]

_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SHORT, _LONG = -3.5, 4.0  # standard deviations


def check_length(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report targets of an unlikely length: code `length-ratio`, measured in standard deviations."""
    for index, unit in enumerate(units):
        deviation = length_deviation(unit.source, unit.target, evidence.lengths)
        if _SHORT < deviation < _LONG:
            continue
        word = "short" if deviation < 0 else "long"
        message = f"The target is unusually {word} for its source ({deviation:+.1f} standard deviations)."
        yield index, Issue("length-ratio", "warning", round(deviation, 2), message)


def length_deviation(source: str, target: str, lengths: Lengths) -> float:
    """Measure how far the target's length is from what the source lets expect, in standard deviations.

    0 where either side is empty or the source has no Chinese (copied text).

    >>> round(length_deviation("他昨天在北京参加了一个关于教育改革的会议。", "Yes.", Lengths()), 1)
    -10.5
    """
    han = len(_HAN.findall(source))
    target_chars = len(target) - target.count(" ")
    if not han or not target_chars:
        return 0.0
    source_units = han + lengths.other * (len(source) - source.count(" ") - han)
    spread = math.sqrt(lengths.variance + lengths.short_variance / source_units)
    return math.log(target_chars / (lengths.ratio * source_units)) / spread
