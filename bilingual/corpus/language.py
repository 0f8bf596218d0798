"""Is a text in the language that its column says? Made for single sentences, where a guess must not be bold."""

from __future__ import annotations

import re

__all__ = ["is_language"]

_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")
_FOREIGN = re.compile("[\u0370-\u1cff\u3041-\u3096\u30a1-\u30fa\ua4d0-\uabff\uac00-\ud7a3]+")
_WORD = re.compile(r"\b[a-z\u00df-\u024f]+(?:'[a-z]+)?\b")
_LETTERS_PER_HAN = 3
"""A Chinese character says about as much as three Latin letters."""
_MAX_NAME_WORDS = 4
"""So many Latin words without Chinese may be a name or a code that both languages share."""
_MIN_FOREIGN_WORDS = 2
"""Function words of another language before a sentence counts as written in it: one may be a name (Le Monde)."""

_ENGLISH_WORDS = (
    "the of and to a in per is that for it was on with as he be at by i this had not are but from or have an "
    "they which you were her she his their we has been there would what will if no out up so said who its "
    "my more can all when one about into than them some our after other over how your do did could only "
    "these also then us"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHERS = {
    "de": (
        "der die das und ist nicht ein eine einen einem einer mit auf für von dem den des im sich auch wird "
        "sind aus bei nach wie über oder werden wurde hat haben zu zum zur es er sie wir ich aber noch durch "
        "dass am vom nur kann"
    ),
    "fr": (
        "le la les des et est une un dans que qui pour sur pas avec ce il elle sont du au aux par plus ne se "
        "cette ses nous vous été mais ont ou être fait comme leur à où très d'un d'une c'est qu'il je"
    ),
    "es": (
        "el los las y es una un que de en por con para su se lo del al como más pero sus le ya fue este ha sí "
        "porque esta entre cuando muy sin sobre también hasta hay donde quien desde está son la"
    ),
    "it": (
        "il gli è una un che di e in per con non si da del della dei delle al sono anche come più ma ha nel "
        "nella alla questo ed lo suo essere stato dal dalla"
    ),
    "pt": (
        "os as é uma um que de em para com não por se na no da do dos das ao mais mas foi como são também ele "
        "ela sua seu à pela pelo está"
    ),
    "nl": (
        "het een en van is dat op te zijn met voor niet aan er om ook als bij door naar heeft maar uit nog "
        "worden deze wordt ze hij wij over de"
    ),
    "sv": (
        "och att det som en är på för med av inte den till har de ett om var jag men så kan från vi han hon eller när"
    ),
    "pl": ("się nie na jest że do to jak po ale od za przez przy dla są był była może tego tylko oraz jego w z i"),
    "id": ("yang dan di untuk dengan dari pada ini itu tidak adalah akan dalam oleh juga telah sebagai ke atau karena"),
    "vi": ("là của và các có được trong cho không người với này những một đã khi để từ"),
}
_FOREIGN_WORDS = {lang: frozenset(words.split()) - _ENGLISH for lang, words in _OTHERS.items()}
_ANY_FOREIGN = frozenset().union(*_FOREIGN_WORDS.values())


def is_language(text: str, lang: str) -> bool:
    """Say whether a text may be in a language; only Chinese and English are verified, others always may.

    A text without letters (numbers, dashes) may be in any language, and so may up to four Latin words in Chinese: a
    name, a code.

    Args:
        text: One segment.
        lang: BCP 47.

    >>> [is_language(text, "en") for text in ("He came.", "他来了。", "Er ist nicht in das Haus gegangen.", "3.5%")]
    [True, False, False, True]
    >>> [is_language(text, "zh-Hans") for text in ("他来了。", "He came home late.", "彼は来ました。", "GDP", "")]
    [True, True, False, True, True]
    >>> is_language("He came home late in the evening.", "zh")
    False
    """
    language = lang.lower().split("-")[0]
    if language == "zh":
        return _is_chinese(text)
    if language == "en":
        return _is_english(text)
    return True


def _count(runs: re.Pattern[str], text: str) -> int:
    """Count the characters of all runs: they are few, and finding one at a time is slow."""
    return sum(map(len, runs.findall(text)))


def _is_chinese(text: str) -> bool:
    han = _count(_HAN, text)
    if text.isascii() or not han:
        words = len(_WORD.findall(text.lower()))
        return words <= _MAX_NAME_WORDS and not _FOREIGN.search(text)
    if _count(_KANA, text) > 0.1 * han:
        return False
    if _count(_FOREIGN, text) > han:
        return False
    # Names and commands in Latin letters are no English sentence: that takes function words.
    latin = _count(_LATIN, text)
    if latin <= _LETTERS_PER_HAN * han:
        return True
    mixed = _WORD.findall(text.lower())
    return sum(word in _ENGLISH for word in mixed) < 0.12 * len(mixed)


def _is_english(text: str) -> bool:
    if not text.isascii():
        latin = _count(_LATIN, text)
        if _LETTERS_PER_HAN * _count(_HAN, text) > latin or _count(_FOREIGN, text) > latin:
            return False
    words = _WORD.findall(text.lower())
    if len(words) < 3:
        return True
    english = sum(map(_ENGLISH.__contains__, words))
    if english >= 0.25 * len(words):
        return True
    if sum(map(_ANY_FOREIGN.__contains__, words)) < _MIN_FOREIGN_WORDS:
        return True
    for known in _FOREIGN_WORDS.values():
        count = sum(map(known.__contains__, words))
        if count >= _MIN_FOREIGN_WORDS and count > english and count >= 0.15 * len(words):
            return False
    return True
