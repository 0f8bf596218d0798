"""Chinese names in English spelling: which pinyin words of the one document sound in the other.

A lexicon knows few names, and names say best which sentence belongs to which: "Qiyao" stands where 琦瑶 does.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

__all__ = ["Names", "find_names"]

_CAPITALISED = re.compile(r"[A-Z][a-z]+(?:[-'’][A-Za-z]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_SMALL = re.compile(r"\b[a-z]{2,}\b")
_MAX_SYLLABLES = 3
_LONGEST = 6
"""Letters of the longest syllable: zhuang."""
_MIN_WEIGHT, _MAX_WEIGHT = 2.0, 8.0
"""Weight of a name that every segment has, and the most; rare names weigh as much as other copied words."""
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方"
    "白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严張劉陳楊黃趙吳孫馬鄭謝許韓馮鄧蕭蔣葉蘇魏呂盧鍾譚陸賈韋鄒閆龍賀顧龔萬錢嚴"
)
"""The hundred most frequent surnames, in both scripts: a lone syllable is a name only where one of these is read so."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that two documents share.

    Attributes:
        weight: Of each name, by its letters.
        starts: Syllables that a name begins with.
    """

    weight: Mapping[str, float]
    starts: frozenset[str]

    def in_english(self, text: str) -> list[str]:
        """List the names in an English text."""
        return [name for name in _spellings(text) if name in self.weight]

    def in_chinese(self, text: str) -> list[str]:
        """List the names that sound in a Chinese text."""
        sounds, weight = _sounds(), self.weight
        found = []
        for place, character in enumerate(text):
            for first in sounds.get(character, ()):
                if first not in self.starts:
                    continue
                if first in weight and character in _SURNAMES:
                    found.append(first)
                for second in sounds.get(text[place + 1 : place + 2], ()):
                    if first + second in weight:
                        found.append(first + second)
                    for third in sounds.get(text[place + 2 : place + 3], ()):
                        if first + second + third in weight:
                            found.append(first + second + third)
        return found


def find_names(zh: Sequence[str], en: Sequence[str]) -> Names:
    """Find the names of an English document that sound in the Chinese one.

    A capitalised word that is also written small is no name, nor is one that is no pinyin of up to three syllables. A
    name weighs 2 + ln(segments / Chinese segments with it), at most 8.

    >>> sorted(find_names(["王琦瑶来了。"], ["Wang Qiyao came, and Robert long after."]).weight)
    ['qiyao', 'wang']
    """
    small = {word for segment in en for word in _SMALL.findall(segment)}
    spelled = {name for segment in en for name in _spellings(segment)} - small
    wanted = {name: 0.0 for name in spelled if _is_pinyin(name)}
    candidates = Names(wanted, _starts(wanted))
    count = Counter(name for segment in zh for name in set(candidates.in_chinese(segment))) if wanted else Counter()
    weight = {name: min(_MAX_WEIGHT, _MIN_WEIGHT + math.log((len(zh) + 1) / number)) for name, number in count.items()}
    return Names(weight, _starts(weight))


def _spellings(text: str) -> Iterator[str]:
    """List the letters of capitalised words."""
    for word in _CAPITALISED.findall(text):
        yield _letters(_POSSESSIVE.sub("", word))


def _letters(text: str) -> str:
    """Keep the letters, small and without tones; ü is u."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if c.isalpha())


@cache
def _sounds() -> Mapping[str, tuple[str, ...]]:
    """Give the readings of every character."""
    from pypinyin.pinyin_dict import pinyin_dict

    return {
        chr(code): tuple(dict.fromkeys(_letters(reading) for reading in readings.split(",")))
        for code, readings in pinyin_dict.items()
        if 0x4E00 <= code < 0xA000
    }


@cache
def _syllables() -> frozenset[str]:
    return frozenset(reading for readings in _sounds().values() for reading in readings)


def _starts(names: Mapping[str, float]) -> frozenset[str]:
    return frozenset(name[:k] for name in names for k in range(1, _LONGEST + 1)) & _syllables()


def _is_pinyin(word: str, left: int = _MAX_SYLLABLES) -> bool:
    """Tell whether a word can be cut into so many syllables or fewer."""
    if not word:
        return True
    lengths = range(1, min(_LONGEST, len(word)) + 1) if left else ()
    return any(word[:k] in _syllables() and _is_pinyin(word[k:], left - 1) for k in lengths)
