"""What stands behind an English number: percent, "and a half", thirds, times, o'clock, units of measurement."""

from __future__ import annotations

import re
from dataclasses import replace

from bilingual.checks.amounts import Amount, Strength
from bilingual.checks.words_english import SCALES

__all__ = ["with_unit"]

_SOFT, _WEAK = Strength.SOFT, Strength.WEAK
_UNIT = re.compile(
    r"(?P<percent>\s?%|[ -](?:percent(?:age)?|per ?cent)\b(?:[ -]points?\b)?|\s?‰|[ -](?:pct|pc)\b)"
    r"|(?P<half>[ -]and[ -]a[ -](?:half|quarter)\b(?:[ -](?P<half_scale>thousand|million|billion|trillion)\b)?)"
    r"|(?P<part>(?:[ -])(?:halves|thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?)\b"
    r"(?![ -](?:of[ -](?:the[ -])?(?:last|this|next|year)|consecutive|in[ -]a[ -]row)))"
    r"|(?P<times>-?fold\b|[ -]times\b)"
    r"|(?P<clock>\s?(?:a\.m|p\.m|am|pm|o'clock)\b)"
    r"|(?P<world>(?:st|nd|rd|th)?[ -]century\b)|(?P<decades>[ -]decades?\b)|(?P<centuries>[ -]centuries\b)"
    r"|[ -](?P<unit>(?:square|sq)\.?[ -](?:kilomet(?:er|re)s?|km|met(?:er|re)s?|miles?|feet|foot|ft)|km2"
    r"|kilomet(?:er|re)s?|kms?|met(?:er|re)s?|centimet(?:er|re)s?|cm|millimet(?:er|re)s?|mm|miles?|yards?|feet|foot|ft|inch(?:es)?"
    r"|hectares?|acres?|mu|kilograms?|kilos?|kg|grams?|pounds?|lbs?|ounces?|tons?|tonnes?|jin|catty|catties|li|hours?|hrs?|minutes?"
    r"|mins?|seconds?|secs?|days?|weeks?|months?|years?|yrs?|degrees?(?: (?:celsius|fahrenheit|c|f)\b)?)\b",
    re.ASCII,
)
_UNITS = {
    "km": "kilometer", "kms": "kilometer", "km2": "square kilometer", "cm": "centimeter", "mm": "millimeter",
    "ft": "foot", "feet": "foot", "inches": "inch", "kg": "kilogram", "kilo": "kilogram", "lb": "pound",
    "catty": "jin", "catties": "jin", "tonne": "ton", "hr": "hour", "min": "minute", "sec": "second", "yr": "year",
    "mu": "mu", "square km": "square kilometer", "square mile": "sq mile", "square foot": "sq foot",
    "square feet": "sq foot", "square ft": "sq foot", "degree": "celsius", "degree celsius": "celsius",
    "degree c": "celsius", "degree fahrenheit": "fahrenheit", "degree f": "fahrenheit",
}  # fmt: skip
_DENOMINATORS = {"hal": 2, "thi": 3, "qua": 4, "fou": 4, "fif": 5, "six": 6, "sev": 7, "eig": 8, "nin": 9, "ten": 10}


def with_unit(text: str, amount: Amount) -> Amount:
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
        scale = SCALES.get(suffix["half_scale"] or "", 1.0)
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
