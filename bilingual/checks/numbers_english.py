"""Numbers in English text, by value.

The grammar, on lower-cased text::

    amount  = address | date | clock | figure suffix? | words suffix? | month | roman | vague | fixed
    figure  = "$"? ARABIC scale?                         3.2 million, 1,200, 4.5bn
    words   = (WORD | "-" | "and" | "a")+                 three hundred and twenty, twenty-five, half a million, two and a half
    suffix  = st nd rd th | % percent "percentage points" | s (1990s) | -fold times | am pm | unit of measurement
    vague   = (tens | dozens | hundreds | thousands | millions …) (of …)*, several hundred, a few thousand
    date    = 2016-10-24, 10/24/2016                      October 24 is a month and a figure
    month   = January … Dec.                              "May" and "March" with a capital
    roman   = II … XX, with capitals                      World War II
    fixed   = both twice couple dozen decade half quarter third double triple …

Strength: figures and number words from eleven on are hard; two ... ten, the ordinals third ... tenth and months are weak;
one, first, second, fractions and fixed words are soft.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

from bilingual.checks.amounts import Amount, Kind, Strength, share_scale
from bilingual.checks.suffixes_english import with_unit
from bilingual.checks.words_english import (
    ABBREVIATED,
    FIXED,
    MAGNITUDES,
    MONTHS,
    ONES,
    ORDINALS,
    PLURALS,
    ROMANS,
    SCALES,
    TENS,
)

__all__ = ["english_amounts"]

_SOFT, _WEAK, _HARD = Strength.SOFT, Strength.WEAK, Strength.HARD

_NUMBER_WORD = "|".join(sorted([*ONES, *TENS], key=len, reverse=True))
_SCALE_WORD = "hundred|thousand|million|billion|trillion|dozen"
_ORDINAL_WORD = "|".join(sorted(ORDINALS, key=len, reverse=True))
_MAGNITUDE = "|".join(MAGNITUDES)
_ARABIC = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_MASTER = re.compile(
    r"(?P<address>(?:https?://|www\.)\S+)"
    r"|(?P<date>(?<![\d/])(?:(?:1[5-9]|20)\d\d(?P<separator>[-/.])\d{1,2}(?P=separator)\d{1,2}|\d{1,2}/\d{1,2}/\d{2,4})(?![\d/]))"
    r"|(?P<clock>(?<![\d:])\d{1,2}(?:(?::\d{2})+(?:\.\d+)?(?![\d:])|\.\d\d(?=\s?[ap]\.?m)))"
    rf"|(?P<arabic>{_ARABIC})"
    rf"|(?:"
    rf"(?P<vague>(?:{_MAGNITUDE})(?:[ -]of[ -](?:{_MAGNITUDE}))*|(?:several|few|many|couple of)[ -](?:{_SCALE_WORD})s?"
    rf"(?:[ -](?:{_SCALE_WORD})s?)*)"
    rf"|(?P<words>(?:half[ -]an?[ -]|quarter[ -]of[ -]a[ -]|an?[ -])?(?:{_NUMBER_WORD}|{_SCALE_WORD})"
    rf"(?:(?:[ -]|(?<=(?:dred|sand|lion))[ -]and[ -])(?:{_NUMBER_WORD}|{_SCALE_WORD}))*(?:(?<=ty)[ -](?:{_ORDINAL_WORD})|(?<=(?:hundred|housand))(?: and)? (?:{_ORDINAL_WORD})"
    rf"|[ -](?:{_SCALE_WORD})th)?)"
    rf"|(?P<ordinal>{_ORDINAL_WORD})s?"
    rf"|(?P<month>(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})(?=\b))"
    rf"|(?P<plural>{'|'.join(PLURALS)})"
    rf"|(?P<fixed>{'|'.join(sorted(FIXED, key=len, reverse=True))})"
    r"|(?P<roman>[ivx]{2,5})"
    r")\b",
    re.ASCII,
)
_TOKEN = re.compile(r"\d|[a-z]+", re.ASCII)
_VOCABULARY = frozenset(
    {"http", "https", "www", "a", "an", "several", "few", "many", "couple", "quarter", "half"}
    | ONES.keys() | TENS.keys() | SCALES.keys() | ORDINALS.keys() | {f"{word}s" for word in ORDINALS}
    | MONTHS.keys() | PLURALS.keys() | FIXED.keys() | MAGNITUDES.keys()
)  # fmt: skip
_READ = _VOCABULARY | ROMANS.keys() | frozenset("0123456789")
"""Tokens at which a number may begin."""
_ARTICLES = frozenset({"a", "an", "several", "few", "many", "couple"})
_BEFORE_SCALE = re.compile(rf"[a-z]+[ -](?:of[ -]a?[ -]?)?(?:{_SCALE_WORD})", re.ASCII)
_ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+", re.ASCII)
_SUFFIX = re.compile(
    rf"(?P<ordinal>st|nd|rd|th)\b"
    rf"|(?P<scale>(?:[ -]ten(?=[ -]thousand))?[ -]?(?:{_SCALE_WORD})(?:th)?\b(?:[ -](?:{_SCALE_WORD})\b)*|\s?(?:mn|mln|bn|tn|trn|[mbk])\b(?![.']))"
    r"|[ -]?(?P<prefix>kilo|mega|giga)(?=pixel|watt|hertz|byte|volt)"
    r"|(?P<decade>'?s)\b",
    re.ASCII,
)
_APPROXIMATE = re.compile(
    r"(?:about|around|approximately|roughly|nearly|almost|some|over|than|least|up to|under|below|above)[ $]*$"
)
_JOINED = re.compile(r"\s*(?:-|–|—|to|or|and|,|~)\s*(?:about |the )?(?:us|hk)?[$€£¥]?\s*", re.ASCII)


def english_amounts(text: str) -> list[Amount]:
    """Find the numbers of an English text, in order; spans are code points of `text`.

    >>> [(a.value, a.kind) for a in english_amounts("On October 24, 2016, thirty percent of 3.2 million")]
    [(10.0, 'month'), (24.0, 'plain'), (2016.0, 'plain'), (0.3, 'percent'), (3200000.0, 'plain')]
    """
    lowered = text.lower()
    if len(lowered) != len(text):  # "İ" becomes two characters
        lowered = "".join(c if len(c.lower()) > 1 else c.lower() for c in text)
    if "@" in lowered:
        lowered = _ADDRESSES.sub(lambda match: "_" * len(match[0]), lowered)
    amounts = list(_scan(lowered, text))
    joined = [
        0 <= b.start - a.end <= 14 and _JOINED.fullmatch(lowered, a.end, b.start) is not None
        for a, b in itertools.pairwise(amounts)
    ]
    return share_scale(amounts, joined) if any(joined) else amounts


def _scan(text: str, original: str) -> Iterator[Amount]:
    position = 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word not in _READ:
            continue
        start = token.start()
        if start < position:
            continue
        if word.isalpha():
            if word not in _VOCABULARY:
                if not original[start].isupper():
                    continue
            elif word in _ARTICLES and not _BEFORE_SCALE.match(text, start) and word != "couple":
                continue
        match = _MASTER.match(text, start)
        if match is None:
            continue
        position = match.end()
        for amount in _read(text, original, match):
            yield amount
            position = max(position, amount.end)


def _read(text: str, original: str, match: re.Match[str]) -> Iterator[Amount]:
    """Read one match of the grammar."""
    group = match.lastgroup or ""
    start, end = match.span()
    if group == "arabic":
        yield _figure(text, match)
    elif group == "words":
        yield _words(text, match)
    elif group == "ordinal":
        yield _ordinal(match)
    elif group in ("date", "clock"):
        yield from _parts(match[group], start, clock=group == "clock")
    elif group == "vague":
        value = 1.0
        for word in re.findall("[a-z]+", match["vague"]):
            value *= MAGNITUDES.get(word) or SCALES.get(word.rstrip("s"), 1.0)
        yield Amount(10.0 if value == 12 else value, start, end, _SOFT, "vague", approximate=True)
    elif group == "month" and original[start].isupper():
        soft = match["month"] in ("may", "march") and not _is_date(text, start, end)
        yield Amount(float(MONTHS[match["month"]]), start, end, _SOFT if soft else _WEAK, "month")
    elif group == "plural":
        value = PLURALS[match["plural"]]
        yield Amount(value, start, end, _SOFT, "decade", (value - 1900,))
    elif group == "fixed":
        first, *others = FIXED[match["fixed"]]
        yield Amount(float(first), start, end, _SOFT, others=tuple(map(float, others)))
    elif group == "roman" and match["roman"] in ROMANS and original[start:end].isupper():
        yield Amount(ROMANS[match["roman"]], start, end, _SOFT, "ordinal")


def _parts(text: str, start: int, *, clock: bool) -> Iterator[Amount]:
    """Give the components of 10/24/2016 or 9:30; zeros of a clock are nothing."""
    for number, digits in enumerate(re.finditer(r"\d+", text, re.ASCII)):
        value = float(digits[0])
        if clock and number and not value:
            continue
        hour = clock and not number and value <= 24
        others: tuple[float, ...] = ((value + 12) % 24, value % 12) if hour else ()
        kind: Kind = "year" if value >= 1000 else "plain"
        strength = _WEAK if clock and number == 2 else _HARD
        yield Amount(value, start + digits.start(), start + digits.end(), strength, kind, others)


def _is_date(text: str, start: int, end: int) -> bool:
    """Say whether a digit or a word of dates stands beside "May" or "March"."""
    return bool(re.match(r"\.?,? (?:the )?\d", text[end : end + 8])) or bool(
        re.search(
            r"(?:\d(?:st|nd|rd|th)?|in|of|since|early|late|mid|last|this|until|by|from|to|and) ?-?$", text[:start][-8:]
        )
    )


def _figure(text: str, match: re.Match[str]) -> Amount:
    """Read a figure with its suffix."""
    start, end = match.span("arabic")
    digits = match["arabic"].replace(",", "")
    value = float(digits)
    amount = Amount(value, start, end, approximate=_APPROXIMATE.search(text, max(0, start - 15), start) is not None)
    if value in (0, 1):
        amount = replace(amount, strength=_WEAK if value else _SOFT)
    if suffix := _SUFFIX.match(text, end):
        if suffix["ordinal"]:
            amount = replace(amount, kind="ordinal", end=suffix.end())
        elif suffix["scale"]:
            scale = 1.0
            for word in suffix["scale"].replace("-", " ").replace("th", "").replace("ousand", "thousand").split():
                scale *= 10 if word == "ten" else SCALES.get(word) or ABBREVIATED[word]
            others = (value,) if len(suffix["scale"].strip()) == 1 else ()
            amount = replace(amount, value=value * scale, scale=scale, others=others, end=suffix.end())
        elif suffix["prefix"]:
            amount = replace(amount, others=(value * {"kilo": 1e3, "mega": 1e6, "giga": 1e9}[suffix["prefix"]],))
        elif suffix["decade"] and value % 10 == 0:
            return _decade(amount, suffix.end())
    if (
        len(digits) == 4
        and digits.isdigit()
        and 1000 <= value < 2100
        and amount.value == value
        and "," not in match["arabic"]
    ):
        pair = re.match(r"[-–/](\d\d)(?!\d)", text[end : end + 4], re.ASCII)
        amount = replace(amount, others=(value % 100, *((value - value % 100 + float(pair[1]),) if pair else ())))
    elif len(digits) == 2 and text[start - 1 : start] in ("'", "’", "-", "–", "/"):
        amount = replace(amount, others=(1900 + value, 2000 + value))
    return with_unit(text, amount)


def _decade(amount: Amount, end: int) -> Amount:
    """Read 1990s, 90s; 190s are not short for anything."""
    value = amount.value
    if value >= 100:
        others: tuple[float, ...] = (value % 100, value // 100 + 1) if value % 100 == 0 else (value % 100,)
        return replace(amount, kind="decade", others=others, end=end)
    return replace(amount, kind="decade", others=(1900 + value, 2000 + value, 1800 + value), end=end)


def _words(text: str, match: re.Match[str]) -> Amount:
    """Read number words: three hundred and twenty, a dozen, half a million."""
    start, end = match.span("words")
    words = re.findall("[a-z]+", match["words"])
    if len(words) >= 2 and words[0] in ONES and ONES[words[0]] > 0 and (words[1] in TENS or ONES.get(words[1], 0) > 9):
        return _two_numbers(match, words)
    factor, total, current, scale = 1.0, 0.0, 0.0, 1.0
    if words[0] in ("half", "quarter"):
        factor = 0.5 if words[0] == "half" else 0.25
    for word in words:
        if word in ONES:
            current += ONES[word]
        elif word in TENS:
            current += TENS[word]
        elif word in ("hundred", "dozen"):
            current = (current or 1.0) * SCALES[word]
        elif word in SCALES:
            scale = SCALES[word]
            total, current = total + (current or 1.0) * scale, 0.0
        elif word.removesuffix("th") in SCALES:
            total, current = (total + (current or 1.0)) * SCALES[word.removesuffix("th")], 0.0
        elif word in ORDINALS:
            current += ORDINALS[word]
    value = (total + current) * factor
    single = len(words) == 1 or words[0] in ("a", "an")
    strength = _SOFT if value <= 1 or words[-1] == "dozen" or (single and value in (100, 1000, 1e6, 1e9)) else _WEAK
    if value > 10 and not (single and words[-1] in SCALES):
        strength = _HARD
    others: tuple[float, ...] = (10.0,) if words[-1] == "dozen" and single else ()
    if words[0] in TENS and len(words) == 2 and current - TENS[words[0]] > 9:  # "twenty fifteen"
        others = (TENS[words[0]] * 100.0 + current - TENS[words[0]],)
    if words[-1] == "dozen":
        others = (*others, value / 1.2)
    if words[-1].endswith("dth") and words[0] in ("one", "a", "an"):
        strength, others = _SOFT, (1 / value,)
    kind: Kind = "ordinal" if words[-1] in ORDINALS else "plain"
    return with_unit(text, Amount(value, start, end, strength, kind, others, scale=scale))


def _two_numbers(match: re.Match[str], words: list[str]) -> Amount:
    """Read four thirty (a time) and nineteen eighty-four (a year)."""
    first = float(ONES[words[0]])
    second = float(sum(TENS.get(word) or ONES.get(word, 0) for word in words[1:]))
    strength = _HARD if first >= 13 else _WEAK
    value, others = (first * 100 + second, (second,)) if first >= 13 else (first, (second, first * 100 + second))
    return Amount(value, match.start("words"), match.end("words"), strength, others=others)


def _ordinal(match: re.Match[str]) -> Amount:
    """Read third, twentieth; as a noun after "one" or "a" it is a fraction."""
    word = match["ordinal"]
    value = float(ORDINALS[word])
    strength = _SOFT if value < 4 else _WEAK if value <= 10 else _HARD
    others = (1 / value, round(1 / value, 2), round(100 / value)) if 3 <= value <= 10 or value >= 100 else ()
    strength = _SOFT if value >= 100 else strength
    return Amount(value, match.start(), match.end(), strength, "ordinal", others)
