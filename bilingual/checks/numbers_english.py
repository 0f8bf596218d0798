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

__all__ = ["english_amounts"]

_SOFT, _WEAK, _HARD = Strength.SOFT, Strength.WEAK, Strength.HARD

_ONES = dict(
    zip(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        range(20),
        strict=True,
    )
)
_TENS = dict(
    zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True)
)
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
_ABBREVIATED = {"m": 1e6, "mn": 1e6, "mln": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12, "trn": 1e12, "k": 1e3}
_ORDINALS = (
    dict(
        zip(
            [
                "first",
                "second",
                "third",
                "fourth",
                "fifth",
                "sixth",
                "seventh",
                "eighth",
                "ninth",
                "tenth",
                "eleventh",
                "twelfth",
                "thirteenth",
                "fourteenth",
                "fifteenth",
                "sixteenth",
                "seventeenth",
                "eighteenth",
                "nineteenth",
            ],
            range(1, 20),
            strict=True,
        )
    )
    | {f"{word[:-1]}ieth": value for word, value in _TENS.items()}
    | {"hundredth": 100, "thousandth": 1000}
)
_MONTHS = {
    name[:length]: number
    for number, name in enumerate(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
        1,
    )
    for length in {3, 4 if name == "september" else 3, len(name)}
}
_PLURALS = {f"{word[:-1]}ies": 1900.0 + value for word, value in _TENS.items()}
_FIXED: dict[str, tuple[float, ...]] = {
    "both": (2,), "twice": (2,), "twofold": (2,), "double": (2, 1), "doubled": (2, 1), "doubling": (2, 1), "doubles": (2, 1),
    "couple": (2,), "couples": (2,), "pair": (2,), "pairs": (2,), "duo": (2,), "twin": (2,), "twins": (2,), "dual": (2,),
    "bilateral": (2,), "triple": (3, 2), "tripled": (3, 2), "tripling": (3, 2), "trio": (3,), "trilateral": (3,),
    "thrice": (3,), "threefold": (3, 2), "quadruple": (4, 3), "quadrupled": (4, 3), "quartet": (4,), "fourfold": (4, 3),
    "quintuple": (5, 4), "quintupled": (5, 4), "fivefold": (5, 4), "tenfold": (10, 9), "half": (0.5, 30, 50, 6, 1, 2),
    "halves": (0.5, 2), "halved": (0.5, 50), "halving": (0.5,), "semi": (0.5,), "midway": (0.5,), "decade": (10, 1),
    "decades": (10,), "century": (100, 1), "centuries": (100,), "centennial": (100,), "centenary": (100,),
    "millennium": (1000,), "fortnight": (14, 2), "score": (20,), "scores": (20,), "dozen": (12, 10), "teens": (10, 13),
    "quarter": (0.25, 25, 15, 1, 4, 3), "quarters": (0.25, 0.75), "quarterly": (1, 4, 3), "once": (1,), "single": (1,),
    "yearly": (1,), "millionaire": (1e6,), "billionaire": (1e9, 1e8), "quintet": (5,), "pentagon": (5,), "octogenarian": (80,),
    "nonagenarian": (90,), "septuagenarian": (70,), "sextuple": (6,), "eightfold": (8,), "triangle": (3,),
    "triangular": (3,), "quadrilateral": (4,), "decade-long": (10,), "biennial": (2,), "biannual": (2,), "secondary": (2,),
    "tertiary": (3,), "primary": (1,), "midnight": (0, 12, 24), "noon": (12,), "teenage": (10,), "teenager": (10,),
    "centenarian": (100,), "singles": (11,), "christmas": (25, 12), "halloween": (31,), "weekend": (2,),
}  # fmt: skip
_MAGNITUDES = {"tens": 1e1, "dozens": 1e1, "scores": 1e1, "hundreds": 1e2, "thousands": 1e3, "millions": 1e6,
               "billions": 1e9, "trillions": 1e12}  # fmt: skip

_NUMBER_WORD = "|".join(sorted([*_ONES, *_TENS], key=len, reverse=True))
_SCALE_WORD = "hundred|thousand|million|billion|trillion|dozen"
_ORDINAL_WORD = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_MAGNITUDE = "|".join(_MAGNITUDES)
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
    rf"(?:(?:[ -]|(?<=(?:dred|sand|lion))[ -]and[ -])(?:{_NUMBER_WORD}|{_SCALE_WORD}))*(?:(?<=ty)[ -](?:{_ORDINAL_WORD})|(?<=(?:hundred|housand))(?: and)? (?:{_ORDINAL_WORD}))?)"
    rf"|(?P<ordinal>{_ORDINAL_WORD})s?"
    rf"|(?P<month>(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})(?=\b))"
    rf"|(?P<plural>{'|'.join(_PLURALS)})"
    rf"|(?P<fixed>{'|'.join(sorted(_FIXED, key=len, reverse=True))})"
    r"|(?P<roman>[ivx]{2,5})"
    r")\b",
    re.ASCII,
)
_TOKEN = re.compile(r"\d|[a-z]+", re.ASCII)
_VOCABULARY = frozenset(
    {"http", "https", "www", "a", "an", "several", "few", "many", "couple", "quarter", "half"}
    | _ONES.keys() | _TENS.keys() | _SCALES.keys() | _ORDINALS.keys() | {f"{word}s" for word in _ORDINALS}
    | _MONTHS.keys() | _PLURALS.keys() | _FIXED.keys() | _MAGNITUDES.keys()
)  # fmt: skip
_ARTICLES = frozenset({"a", "an", "several", "few", "many", "couple"})
_BEFORE_SCALE = re.compile(rf"[a-z]+[ -](?:of[ -]a?[ -]?)?(?:{_SCALE_WORD})", re.ASCII)
_ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+", re.ASCII)
_SUFFIX = re.compile(
    rf"(?P<ordinal>st|nd|rd|th)\b"
    rf"|(?P<scale>[ -]?(?:{_SCALE_WORD})(?:th)?\b(?:[ -](?:{_SCALE_WORD})\b)*|\s?(?:mn|mln|bn|tn|trn|[mbk])\b(?![.']))"
    r"|[ -]?(?P<prefix>kilo|mega|giga)(?=pixel|watt|hertz|byte|volt)"
    r"|(?P<decade>'?s)\b",
    re.ASCII,
)
_UNIT = re.compile(
    r"(?P<percent>\s?%|[ -](?:percent(?:age)?|per ?cent)\b(?:[ -]points?\b)?|\s?‰|[ -](?:pct|pc)\b)"
    r"|(?P<half>[ -]and[ -]a[ -](?:half|quarter)\b(?:[ -](?P<half_scale>thousand|million|billion|trillion)\b)?)"
    r"|(?P<part>(?:[ -])(?:halves|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?)\b"
    r"(?![ -](?:of[ -](?:the[ -])?(?:last|this|next|year)|consecutive|in[ -]a[ -]row)))"
    r"|(?P<times>-?fold\b|[ -]times\b)"
    r"|(?P<clock>\s?(?:a\.m|p\.m|am|pm|o'clock)\b)"
    r"|(?P<world>(?:st|nd|rd|th)?[ -]century\b)|(?P<decades>[ -]decades?\b)|(?P<centuries>[ -]centuries\b)"
    r"|[ -](?P<unit>(?:square|sq)\.?[ -](?:kilomet(?:er|re)s?|km|met(?:er|re)s?|miles?|feet|foot|ft)|km2|kilomet(?:er|re)s?"
    r"|kms?|met(?:er|re)s?|centimet(?:er|re)s?|cm|millimet(?:er|re)s?|mm|miles?|yards?|feet|foot|ft|inch(?:es)?|hectares?"
    r"|acres?|mu|kilograms?|kilos?|kg|grams?|pounds?|lbs?|ounces?|tons?|tonnes?|jin|catty|catties|li|hours?|hrs?|minutes?"
    r"|mins?|seconds?|secs?|days?|weeks?|months?|years?|yrs?|degrees?(?: (?:celsius|fahrenheit|c|f)\b)?)\b",
    re.ASCII,
)
_UNITS = {
    "km": "kilometer", "kms": "kilometer", "km2": "square kilometer", "cm": "centimeter", "mm": "millimeter", "ft": "foot",
    "feet": "foot", "inches": "inch", "kg": "kilogram", "kilo": "kilogram", "lb": "pound", "catty": "jin",
    "catties": "jin", "tonne": "ton", "hr": "hour", "min": "minute", "sec": "second", "yr": "year", "mu": "mu",
    "square km": "square kilometer", "square mile": "sq mile", "square foot": "sq foot", "square feet": "sq foot",
    "square ft": "sq foot", "degree": "celsius", "degree celsius": "celsius", "degree c": "celsius",
    "degree fahrenheit": "fahrenheit", "degree f": "fahrenheit",
}  # fmt: skip
_APPROXIMATE = re.compile(
    r"(?:about|around|approximately|roughly|nearly|almost|some|over|than|least|up to|under|below|above)[ $]*$"
)
_JOINED = re.compile(r"\s*(?:-|–|—|to|or|and|,|~)\s*(?:about |the )?(?:us|hk)?[$€£¥]?\s*", re.ASCII)
_DENOMINATORS = {"hal": 2, "thi": 3, "qua": 4, "fou": 4, "fif": 5, "six": 6, "sev": 7, "eig": 8, "nin": 9, "ten": 10}
_ROMAN = {"i": 1, "v": 5, "x": 10}
_ROMAN_FORM = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})$")


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
        start = token.start()
        if start < position:
            continue
        word = token[0]
        if word.isalpha():
            if word not in _VOCABULARY:
                if len(word) > 5 or not original[start].isupper() or not _ROMAN_FORM.fullmatch(word) or len(word) < 2:
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
            value *= _MAGNITUDES.get(word) or _SCALES.get(word.rstrip("s"), 1.0)
        yield Amount(10.0 if value == 12 else value, start, end, _SOFT, "vague", approximate=True)
    elif group == "month" and original[start].isupper():
        soft = match["month"] in ("may", "march") and not _is_date(text, start, end)
        yield Amount(float(_MONTHS[match["month"]]), start, end, _SOFT if soft else _WEAK, "month")
    elif group == "plural":
        value = _PLURALS[match["plural"]]
        yield Amount(value, start, end, _SOFT, "decade", (value - 1900,))
    elif group == "fixed":
        first, *others = _FIXED[match["fixed"]]
        yield Amount(float(first), start, end, _SOFT, others=tuple(map(float, others)))
    elif group == "roman" and original[start:end].isupper():
        yield Amount(_roman(match["roman"]), start, end, _SOFT, "ordinal")


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
                scale *= _SCALES.get(word) or _ABBREVIATED[word]
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
    return _with_unit(text, amount)


def _decade(amount: Amount, end: int) -> Amount:
    """Read 1990s, 90s."""
    value = amount.value
    if value >= 1000:
        others: tuple[float, ...] = (value % 100, value // 100 + 1) if value % 100 == 0 else (value % 100,)
        return replace(amount, kind="decade", others=others, end=end)
    return replace(amount, kind="decade", others=(1900 + value, 2000 + value, 1800 + value), end=end)


def _words(text: str, match: re.Match[str]) -> Amount:
    """Read number words: three hundred and twenty, a dozen, half a million."""
    start, end = match.span("words")
    words = re.findall("[a-z]+", match["words"])
    if (
        len(words) >= 2
        and words[0] in _ONES
        and _ONES[words[0]] > 0
        and (words[1] in _TENS or _ONES.get(words[1], 0) > 9)
    ):
        return _two_numbers(match, words)
    factor, total, current, scale = 1.0, 0.0, 0.0, 1.0
    if words[0] in ("half", "quarter"):
        factor = 0.5 if words[0] == "half" else 0.25
    for word in words:
        if word in _ONES:
            current += _ONES[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word in ("hundred", "dozen"):
            current = (current or 1.0) * _SCALES[word]
        elif word in _SCALES:
            scale = _SCALES[word]
            total, current = total + (current or 1.0) * scale, 0.0
        elif word in _ORDINALS:
            current += _ORDINALS[word]
    value = (total + current) * factor
    single = len(words) == 1 or words[0] in ("a", "an")
    strength = _SOFT if value <= 1 or words[-1] == "dozen" or (single and value in (100, 1000, 1e6, 1e9)) else _WEAK
    if value > 10 and not (single and words[-1] in _SCALES):
        strength = _HARD
    others: tuple[float, ...] = (10.0,) if words[-1] == "dozen" and single else ()
    if words[0] in _TENS and len(words) == 2 and current - _TENS[words[0]] > 9:  # "twenty fifteen"
        others = (_TENS[words[0]] * 100.0 + current - _TENS[words[0]],)
    if words[-1] == "dozen":
        others = (*others, value / 1.2)
    kind: Kind = "ordinal" if words[-1] in _ORDINALS else "plain"
    return _with_unit(text, Amount(value, start, end, strength, kind, others, scale=scale))


def _two_numbers(match: re.Match[str], words: list[str]) -> Amount:
    """Read four thirty (a time) and nineteen eighty-four (a year)."""
    first = float(_ONES[words[0]])
    second = float(sum(_TENS.get(word) or _ONES.get(word, 0) for word in words[1:]))
    strength = _HARD if first >= 13 else _WEAK
    value, others = (first * 100 + second, (second,)) if first >= 13 else (first, (second, first * 100 + second))
    return Amount(value, match.start("words"), match.end("words"), strength, others=others)


def _ordinal(match: re.Match[str]) -> Amount:
    """Read third, twentieth; as a noun after "one" or "a" it is a fraction."""
    word = match["ordinal"]
    value = float(_ORDINALS[word])
    strength = _SOFT if value < 4 else _WEAK if value <= 10 else _HARD
    others = (1 / value, round(1 / value, 2), round(100 / value)) if 3 <= value <= 10 or value >= 100 else ()
    strength = _SOFT if value >= 100 else strength
    return Amount(value, match.start(), match.end(), strength, "ordinal", others)


def _with_unit(text: str, amount: Amount) -> Amount:
    """Add a percent sign, a half, a unit of measurement."""
    suffix = _UNIT.match(text, amount.end)
    if suffix is None:
        return amount
    value, end = amount.value, suffix.end()
    if suffix["percent"]:
        per = 1000 if "‰" in suffix["percent"] else 100
        strength = max(amount.strength, _WEAK)
        return replace(amount, value=value / per, others=(value,), kind="percent", end=end, strength=strength)
    if suffix["half"]:
        part = 0.25 if "quarter" in suffix["half"] else 0.5
        scale = _SCALES.get(suffix["half_scale"] or "", 1.0)
        value = (value + part) * scale if scale > 1 else value + part * amount.scale
        unit = _unit_after(text, end)
        months = (value * 12,) if unit == "year" else (value * 60,) if unit == "hour" else ()
        return replace(
            amount, value=value, others=(amount.value, *months), scale=max(scale, amount.scale), end=end, unit=unit
        )
    if suffix["part"]:
        parts = _DENOMINATORS[suffix["part"].strip(" -")[:3]]
        part = value / parts
        others = (round(part, 2), round(part, 3), float(int(part * 100)) / 100, round(part * 100), value, float(parts))
        return replace(amount, value=part, others=others, kind="percent", end=end, strength=_SOFT, approximate=True)
    if suffix["times"]:
        return replace(amount, kind="multiple", others=(value - 1, value * 100, value + 1), end=end)
    if suffix["clock"]:
        return replace(amount, others=((value + 12) % 24, value), end=end)
    if suffix["world"]:
        return replace(amount, kind="century", others=((value - 1) * 100, value * 100), end=end)
    if suffix["decades"]:
        return replace(amount, others=(value * 10,), end=end, unit="decade")
    if suffix["centuries"]:
        return replace(amount, others=(value * 100,), end=end, unit="century")
    return replace(amount, unit=_unit(suffix["unit"]), end=end)


def _unit_after(text: str, position: int) -> str:
    suffix = _UNIT.match(text, position)
    return _unit(suffix["unit"]) if suffix and suffix["unit"] else ""


def _unit(word: str) -> str:
    """Normalise a unit of measurement."""
    word = word.replace("-", " ").replace("sq. ", "square ").replace("sq ", "square ").replace("metre", "meter")
    if word.startswith("degrees"):
        word = "degree" + word[7:]
    for form in (word, word.rstrip("s")):
        if form in _UNITS:
            return _UNITS[form]
    return word.rstrip("s")


def _roman(text: str) -> float:
    values = [_ROMAN[c] for c in text]
    return float(sum(-v if any(w > v for w in values[i + 1 : i + 2]) else v for i, v in enumerate(values)))
