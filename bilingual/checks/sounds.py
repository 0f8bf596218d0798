"""Sounds: where a Chinese text sounds like the letters of an English spelling."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from bilingual.bitext import Span

__all__ = ["Heard", "letters_of"]

_LONGEST = 6
"""Letters of the longest syllable: zhuang."""


def letters_of(text: str) -> str:
    """Keep the letters, without case and accents: "Wang Xiao-ming" and "Wang Xiaoming" are spelled alike.

    >>> letters_of("Wang Xiao-míng, Lü")
    'wangxiaominglu'
    """
    lowered = text.lower()
    if lowered.isascii() and lowered.isalpha():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if c.isalpha())


class Heard:
    """A Chinese text as it sounds, all readings of every character, without tones."""

    def __init__(self, source: str) -> None:
        """Look up the readings."""
        sounds = _sounds()
        self._at = [sounds.get(character, ()) for character in source]
        self._starts: dict[str, list[int]] = defaultdict(list)
        for place, readings in enumerate(self._at):
            for sound in readings:
                self._starts[sound].append(place)

    def places(self, letters: str) -> Iterator[Span]:
        """Find where two or more characters sound like the letters, all of them.

        >>> list(Heard("他在望川工作").places("wangchuan"))
        [(2, 4)]
        """
        for length in range(1, _LONGEST + 1):
            for start in self._starts.get(letters[:length], ()):
                end = self._end(letters, length, start + 1)
                if end > start + 1:
                    yield start, end

    def _end(self, letters: str, used: int, place: int) -> int:
        """Say where the rest of the letters ends if it begins at a place; 0 where it does not."""
        if used == len(letters):
            return place
        if place < len(self._at):
            for sound in self._at[place]:
                if letters.startswith(sound, used) and (end := self._end(letters, used + len(sound), place + 1)):
                    return end
        return 0


@cache
def _sounds() -> Mapping[str, tuple[str, ...]]:
    """Give the readings of every character; ü is u, as `letters_of` makes it."""
    from pypinyin.pinyin_dict import pinyin_dict

    return {
        chr(code): tuple(dict.fromkeys(map(letters_of, readings.split(","))))
        for code, readings in pinyin_dict.items()
        if 0x4E00 <= code < 0xA000
    }
