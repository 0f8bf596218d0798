"""Amounts: what a number in a text is worth, and when two of them say the same.

Both parsers (`numbers_chinese`, `numbers_english`) give `Amount`s; the comparison never looks at digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal

__all__ = [
    "Amount",
    "Kind",
    "Strength",
    "is_converted",
    "is_rounding",
    "key",
    "keys",
    "share_scale",
    "without_counterpart",
]

Kind = Literal["plain", "percent", "year", "decade", "century", "month", "weekday", "ordinal", "multiple", "vague"]


class Strength(IntEnum):
    """How much a missing counterpart says.

    SOFT (一, half, second, the 13 of “十三五”) is only ever a counterpart for others; WEAK (三家, five) is wrong only
    where the other side has a number too much; HARD (32, 三百二十, 3.2亿) must be found again.
    """

    SOFT = 0
    WEAK = 1
    HARD = 2


@dataclass(frozen=True, slots=True)
class Amount:
    """One number as written.

    Attributes:
        value: In units of one: 3.2亿 is 320,000,000, 30% is 0.3, 90年代 is 1990, 八折 is 0.8.
        start: First code point.
        end: Behind the last.
        strength: How much a missing counterpart says.
        kind: What is counted; `vague` amounts (数百万, tens of thousands) are orders of magnitude.
        others: Further values that say the same: 八折 is also 0.2 (off), 15时 is also 3, 半年 is also 6.
        unit: The unit of measurement as in `_FACTORS`, or empty.
        scale: The scale word it is written with: 1e4 for 万, 1e6 for million; 1 for none.
        approximate: Whether a word like 约, 多 or "about" stands with it.
    """

    value: float
    start: int
    end: int
    strength: Strength = Strength.HARD
    kind: Kind = "plain"
    others: tuple[float, ...] = ()
    unit: str = ""
    scale: float = 1.0
    approximate: bool = False


def key(value: float) -> float:
    """Round a value so that equal amounts are equal numbers: 6 decimals below a million, then whole units.

    >>> key(0.1 + 0.2) == key(0.3), key(3.2 * 1e8) == key(320e6)
    (True, True)
    """
    return round(value, 6) if value < 1e6 else float(round(value))


def keys(amounts: Iterable[Amount]) -> tuple[set[float], set[float]]:
    """Collect the values, and the further readings."""
    values: set[float] = set()
    others: set[float] = set()
    for amount in amounts:
        values.add(key(amount.value))
        if amount.others:
            others.update(map(key, amount.others))
    return values, others


def without_counterpart(amounts: Iterable[Amount], known: tuple[set[float], set[float]]) -> list[Amount]:
    """Give the amounts of which neither the value nor a further reading is `known` on the other side.

    Two further readings do not make a counterpart: 1984 and 1684 are both written '84.
    """
    values, others = known
    return [
        amount
        for amount in amounts
        if key(amount.value) not in values
        and key(amount.value) not in others
        and not (amount.others and any(key(v) in values for v in amount.others))
    ]


# One unit of the first in units of the second. Translators convert; 4 % covers their rounding.
_FACTORS: dict[str, dict[str, float]] = {
    "mu": {
        "hectare": 1 / 15,
        "acre": 0.16474,
        "square meter": 666.67,
        "square kilometer": 1 / 1500,
        "sq mile": 0.0002574,
    },
    "hectare": {"acre": 2.4711, "square kilometer": 0.01, "square meter": 1e4},
    "square kilometer": {"sq mile": 0.3861, "hectare": 100, "acre": 247.1},
    "square meter": {"sq foot": 10.764, "hectare": 1e-4},
    "kilometer": {"mile": 0.62137, "meter": 1000},
    "meter": {"foot": 3.2808, "yard": 1.0936, "kilometer": 0.001, "centimeter": 100},
    "centimeter": {"inch": 0.3937, "foot": 0.0328, "meter": 0.01},
    "millimeter": {"inch": 0.03937, "centimeter": 0.1},
    "li": {"kilometer": 0.5, "mile": 0.3107, "meter": 500},
    "chi": {"meter": 1 / 3, "foot": 1.0936},
    "zhang": {"meter": 10 / 3, "foot": 10.936},
    "cun": {"centimeter": 10 / 3, "inch": 1.312},
    "jin": {"kilogram": 0.5, "pound": 1.1023, "gram": 500, "ton": 0.0005},
    "liang": {"gram": 50, "ounce": 1.764},
    "kilogram": {"pound": 2.2046, "ton": 0.001, "gram": 1000},
    "gram": {"ounce": 0.03527, "kilogram": 0.001},
    "ton": {"pound": 2204.6, "kilogram": 1000, "ounce": 35274},
    "day": {"hour": 24, "week": 1 / 7, "month": 1 / 30, "year": 1 / 365},
    "hour": {"minute": 60, "day": 1 / 24},
    "minute": {"second": 60, "hour": 1 / 60},
    "second": {"minute": 1 / 60},
    "week": {"day": 7, "month": 12 / 52},
    "month": {"year": 1 / 12, "week": 52 / 12, "day": 30},
    "year": {"month": 12, "decade": 0.1, "century": 0.01, "week": 52},
    "decade": {"year": 10},
    "century": {"year": 100},
    "celsius": {},
}
_TOLERANCE = 0.04


def is_converted(source: Amount, target: Amount) -> bool:
    """Say whether the target is the source in another unit: 100亩 and 6.7 hectares.

    >>> is_converted(Amount(100, 0, 1, unit="mu"), Amount(6.7, 0, 1, unit="hectare"))
    True
    """
    if not source.unit or not target.unit:
        return False
    if source.unit == "celsius" and target.unit == "fahrenheit":
        return abs(source.value * 1.8 + 32 - target.value) <= 1
    factor = _FACTORS.get(source.unit, {}).get(target.unit)
    if factor is None:
        back = _FACTORS.get(target.unit, {}).get(source.unit)
        factor = 1 / back if back else None
    if factor is None:
        return False
    readings = (source.value, *source.others)
    return any(abs(value * factor - target.value) <= _TOLERANCE * abs(target.value) for value in readings)


def is_rounding(exact: Amount, rounded: Amount) -> bool:
    """Say whether one amount is the other, rounded to at least two significant digits.

    Only a figure written with a scale word or a word of approximation counts as rounded, so that a changed last digit
    of an exact figure is not taken for rounding.

    >>> is_rounding(Amount(12_345_678, 0, 1), Amount(12_300_000, 0, 1, scale=1e6))
    True
    >>> is_rounding(Amount(12_345_678, 0, 1), Amount(12_500_000, 0, 1, scale=1e6))
    False
    """
    if rounded.scale == 1 and not rounded.approximate:
        return False
    digits = len(f"{rounded.value:.12e}".split("e")[0].rstrip("0").replace(".", ""))
    return digits >= 2 and float(f"{exact.value:.{digits}g}") == float(f"{rounded.value:.{digits}g}")


def share_scale(amounts: Sequence[Amount], joined: Sequence[bool]) -> list[Amount]:
    """Give the first number of a range the scale of the second as a further reading: 3至5万, 5 to 10 percent.

    Args:
        amounts: In the order of the text.
        joined: For each amount but the last, whether only a word like "to" stands between it and the next.

    >>> share_scale([Amount(3, 0, 1), Amount(50000, 2, 4, scale=1e4)], [True])[0].others
    (30000.0,)
    """
    result = list(amounts)
    for index in range(len(result) - 2, -1, -1):
        first, second = result[index], result[index + 1]
        if not joined[index] or first.kind not in ("plain", "ordinal") or first.scale > 1:
            continue
        if second.kind == "percent" or second.scale > 1:
            factor = 0.01 if second.kind == "percent" else second.scale
            others = (*first.others, first.value * factor)
            result[index] = replace(first, others=others, unit=first.unit or second.unit)
        elif second.unit and not first.unit:
            result[index] = replace(first, unit=second.unit)
    return result
