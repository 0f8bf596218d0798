"""Which language is a text in, and which form of Chinese?"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

__all__ = ["detect_language", "has_chinese"]

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")
_KANA = re.compile("[\u3041-\u30fa]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_OTHER_LETTERS = re.compile("[\u0370-\u1fff\ua4d0-\uabff]+")
_LETTERS_PER_HAN = 3
"""A Chinese character says about as much as three Latin letters (2.96 on flores-dev)."""
_LETTERS_PER_HAN_AMONG_NAMES = 10
"""Where the Latin words are no English sentences but names and commands, fewer characters make a text Chinese."""
_MAX_KANA_SHARE = 0.1
"""Kana per Han character; Japanese has more kana than Han, Chinese texts quote a word at most."""
_ENGLISH_WORDS = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "a",
        "is",
        "that",
        "for",
        "it",
        "was",
        "on",
        "with",
        "as",
        "he",
        "be",
        "at",
        "by",
        "i",
        "this",
        "had",
        "not",
        "are",
        "but",
        "from",
        "or",
        "have",
        "an",
        "they",
        "which",
        "you",
        "were",
        "her",
        "she",
        "his",
        "their",
        "we",
        "has",
        "been",
        "there",
        "would",
        "what",
        "will",
        "if",
        "no",
        "out",
        "up",
        "so",
        "said",
        "who",
        "its",
        "my",
        "me",
        "more",
        "can",
        "all",
    ]
)
_MIN_ENGLISH_SHARE = 0.12
"""Share of these words among all. On flores-dev it is 0.38, and at least 0.17 in any 30 words on end; French and German
have under 0.1. Spanish shares more of the words and may pass for English."""
_MIN_WORDS = 30
"""Fewer words than this decide nothing: names and headings are taken for English."""


def detect_language(text: str) -> str:
    """Name the language of a text: `zh-Hans`, `zh-Hant`, `en` or `und`.

    Chinese or not is decided by the share of its script, the form by the characters that exist in one form only;
    without any such character it is `zh-Hans`.

    >>> [detect_language(text) for text in ("這是臺灣的圖書館。", "你好", "Hello.", "123")]
    ['zh-Hant', 'zh-Hans', 'en', 'und']
    """
    han = "".join(_HAN.findall(text))
    latin = _LATIN.findall(text)
    letters = sum(map(len, latin))
    words = [word.lower() for word in latin[:10_000]]
    english = sum(word in _ENGLISH_WORDS for word in words) >= _MIN_ENGLISH_SHARE * len(words)
    other = sum(map(len, _OTHER_LETTERS.findall(text))) + len(_HANGUL.findall(text))
    per_han = _LETTERS_PER_HAN if english else _LETTERS_PER_HAN_AMONG_NAMES
    if han and per_han * len(han) >= letters + other:
        if len(_KANA.findall(text)) > _MAX_KANA_SHARE * len(han):
            return "und"
        return _chinese_form(han)
    if not letters or other > letters:
        return "und"
    return "en" if english or len(words) < _MIN_WORDS else "und"


def has_chinese(text: str) -> bool:
    """Tell whether there is any Chinese character."""
    return _HAN.search(text) is not None


def _chinese_form(han: str) -> str:
    """Count the characters that exist in one form only."""
    simplified, traditional = _one_form_only()
    counts = Counter(han)
    n_simplified = sum(n for character, n in counts.items() if character in simplified)
    n_traditional = sum(n for character, n in counts.items() if character in traditional)
    return "zh-Hant" if n_traditional > n_simplified else "zh-Hans"


@cache
def _one_form_only() -> tuple[frozenset[str], frozenset[str]]:
    """Take from OpenCC's tables the characters that only simplified and only traditional texts have.

    A character that may also stay as it is (后, 里, 台) tells nothing.
    """
    from importlib.resources import files

    sets = []
    for table in ("STCharacters.txt", "TSCharacters.txt"):
        content = (files("opencc") / "dictionary" / table).read_text(encoding="utf-8")
        pairs = [line.split("\t") for line in content.split("\n") if "\t" in line]
        sets.append({key for key, values in pairs if len(key) == 1 and key not in values.split()})
    return frozenset(sets[0] - sets[1]), frozenset(sets[1] - sets[0])
