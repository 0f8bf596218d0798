"""What can be read off the segments without knowing the words: length, marks at the end, quotation marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MARKS", "Surface", "read_surface"]

MARKS = {"?": 1, "？": 1, "!": 2, "！": 2, ".": 3, "。": 3, "．": 3, ":": 4, "：": 4, ";": 5, "；": 5, "…": 6, ",": 7, "，": 7,
         "—": 8, "、": 7}  # fmt: skip
"""Class of the last mark of a segment; 0 is none of these."""

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_CLOSERS = "”’\"'」』）)]】》〉*_"
_OPEN = "“「『«"
_CLOSE = "”」』»"
_LATIN_WEIGHT = 0.4
"""A Latin letter in a Chinese text takes as much English as 0.4 Chinese characters."""


@dataclass(frozen=True, slots=True)
class Surface:
    """One document's segments, as arrays of n.

    Attributes:
        length: float64, Chinese characters and 0.4 per other visible one; in another language visible characters.
        mark: int8, class of the last mark (`MARKS`), closing quotes and brackets stripped.
        opens: bool, the first character is an opening quotation mark.
        closes: bool, the last character is a closing quotation mark.
        openings, closings: int64, number of opening and of closing quotation marks.
        inside: bool, a quotation is open after the segment.
        breaks: bool, the segment is the last of its paragraph (the document's end is no break).
    """

    length: NDArray[np.float64]
    mark: NDArray[np.int8]
    opens: NDArray[np.bool_]
    closes: NDArray[np.bool_]
    openings: NDArray[np.int64]
    closings: NDArray[np.int64]
    inside: NDArray[np.bool_]
    breaks: NDArray[np.bool_]


def read_surface(segments: Sequence[str], *, chinese: bool, breaks: Sequence[bool] = ()) -> Surface:
    """Read the surface of a document.

    Args:
        segments: In order.
        chinese: How lengths are counted.
        breaks: For each segment whether its paragraph ends with it; nothing when there are no paragraphs.
    """
    marks = [_last_mark(segment) for segment in segments]
    opens, closes, inside = [], [], []
    counts: list[tuple[int, int]] = []
    single = _uses_single_quotes(segments)
    depth = 0
    for segment in segments:
        signs = _quotation_signs(segment, single)
        depth = max(0, min(1, depth))
        for _, step in signs:
            depth = max(0, depth + step)
        visible = segment.strip()
        first, last = len(segment) - len(segment.lstrip()), len(segment.rstrip()) - 1
        opens.append(bool(visible) and (first, 1) in signs)
        closes.append(bool(visible) and (last, -1) in signs)
        inside.append(depth > 0)
        opening = sum(step > 0 for _, step in signs)
        counts.append((opening, len(signs) - opening))
    return Surface(
        length=np.array([_length(segment, chinese) for segment in segments], np.float64),
        mark=np.array(marks, np.int8),
        opens=np.array(opens, bool),
        closes=np.array(closes, bool),
        openings=np.array([opening for opening, _ in counts], np.int64),
        closings=np.array([closing for _, closing in counts], np.int64),
        inside=np.array(inside, bool),
        breaks=np.array(breaks, bool) if len(breaks) else np.zeros(len(segments), bool),
    )


def _length(segment: str, chinese: bool) -> float:
    """Count visible characters; in Chinese text those of other scripts for less."""
    total = len(segment) - sum(map(segment.count, " \t\u00a0\u3000\n"))
    if not chinese:
        return float(total)
    han = len(_HAN.findall(segment))
    return han + _LATIN_WEIGHT * (total - han)


def _last_mark(segment: str) -> int:
    """Classify the last mark behind closing quotes and brackets."""
    text = segment.rstrip().rstrip(_CLOSERS).rstrip()
    if text.endswith("..."):
        return MARKS["…"]
    return MARKS.get(text[-1:], 0)


def _uses_single_quotes(segments: Sequence[str]) -> bool:
    """Tell whether single quotation marks do the work of double ones, as in British novels."""
    single = sum(len(re.findall(r"(?:^|[\s(—])['‘](?=\w)", segment)) for segment in segments)
    double = sum(segment.count("“") + segment.count('"') / 2 + segment.count("「") for segment in segments)
    return single > double


def _quotation_signs(segment: str, single: bool) -> list[tuple[int, int]]:
    """Find opening (+1) and closing (-1) quotation marks: (position, step), in order."""
    signs = []
    for place, sign in enumerate(segment):
        if sign in _OPEN:
            signs.append((place, 1))
        elif sign in _CLOSE:
            signs.append((place, -1))
        elif sign == '"' or (single and sign in "'‘’"):
            before, after = segment[place - 1 : place] if place else "", segment[place + 1 : place + 2]
            if (not before or before in " \t\u3000([—-“\"'‘") and after and not after.isspace() and sign != "’":
                signs.append((place, 1))
            elif sign == '"' or (not after.isalnum() and before and (not before.isalnum() or sign == "’")):
                signs.append((place, -1))
    return signs
