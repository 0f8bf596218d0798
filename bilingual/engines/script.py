"""Traditional to simplified Chinese, for the engine only: the user's characters stay in every output."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import cache

__all__ = ["simplify_segment"]

# OpenCC's words hold no punctuation, so a text is converted from one mark to the next; the search for places is
# quadratic in the length, hence a bound for texts without any.
_CHUNK = re.compile(r"[^\s，。；：！？、,;:!?]{0,60}[\s，。；：！？、,;:!?]*")


def simplify_segment(text: str) -> tuple[str, list[int]]:
    """Convert traditional Chinese, with the words of Taiwan, to simplified Chinese with the mainland's.

    OpenCC's `tw2sp` is used since `t2s` leaves 看著 and 沿著 as they are. It changes words (軟體 -> 软件), some in
    length (記憶體 -> 内存), so offsets have to be carried back.

    Returns:
        The simplified text and, for each of its code points and its end, the offset in `text`: ascending, the
        last `len(text)`.

    >>> simplify_segment("他看著記憶體")
    ('他看着内存', [0, 1, 2, 3, 4, 6])
    """
    simplified, offsets = "", []
    for chunk in _CHUNK.finditer(text):
        part, places = _simplify_chunk(chunk[0])
        simplified += part
        offsets += [chunk.start() + place for place in places]
    return simplified, [*offsets, len(text)]


def _simplify_chunk(text: str) -> tuple[str, list[int]]:
    """Convert a short text; the places are those of the code points alone, without the end."""
    simplified = _converter()(text)
    if len(simplified) == len(text):
        return simplified, list(range(len(text)))
    by_character = "".join(_simplify_character(character) for character in text)
    places: list[int] = []
    for _, a, b, c, d in SequenceMatcher(None, by_character, simplified, autojunk=False).get_opcodes():
        places += [a + (b - a) * i // (d - c) for i in range(d - c)]
    return simplified, places


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("tw2sp").convert
    return convert


@cache
def _simplify_character(character: str) -> str:
    """Convert one character by itself; a conversion that is not one character is no help for finding places."""
    simplified = _converter()(character)
    return simplified if len(simplified) == 1 else character
