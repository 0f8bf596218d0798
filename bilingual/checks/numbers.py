"""Numbers compared by value: 3.2亿 must not become 32 million.

Every number that counts on one side needs an equal on the other. What is left over on both sides is paired: a ratio of
a power of ten is `number-scale`, anything else `number-mismatch`, both errors (warnings for orders of magnitude such
as 数百万). What is left over on one side alone is a `number-mismatch` of severity warning: people leave numbers out and
put them in, machines too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from bilingual.bitext import Issue, TranslationUnit
from bilingual.checks.amounts import Amount, Strength, is_converted, is_rounding, keys, without_counterpart
from bilingual.checks.evidence import Evidence
from bilingual.checks.numbers_chinese import chinese_amounts
from bilingual.checks.numbers_english import english_amounts

__all__ = ["check_numbers", "compare_numbers"]

MAX_NUMBERS = 300
"""Numbers of a segment up to which conversions and roundings are looked for: every pair has to be held together."""
_SOFT, _HARD = Strength.SOFT, Strength.HARD
_DATES = ("year", "decade", "century")


def check_numbers(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report numbers without a counterpart: codes `number-mismatch` and `number-scale`."""
    for index, unit in enumerate(units):
        if unit.source and unit.target:
            for issue in compare_numbers(unit.source, unit.target):
                yield index, issue


def compare_numbers(source: str, target: str) -> list[Issue]:
    """Compare the numbers of a Chinese source and an English target.

    >>> [(i.code, i.message) for i in compare_numbers("投资3.2亿元。", "An investment of 32 million yuan.")]
    [('number-scale', 'The source says 3.2亿 (320,000,000), the target says 32 million (32,000,000).')]
    """
    ours, theirs = chinese_amounts(source), english_amounts(target)
    if not ours and not theirs:
        return []
    missing, added = without_counterpart(ours, keys(theirs)), without_counterpart(theirs, keys(ours))
    if not missing and not added:
        return []
    missing, added = _once(missing), _once(added)
    if len(ours) <= MAX_NUMBERS and len(theirs) <= MAX_NUMBERS:
        open_ours, open_theirs = set(missing), set(added)
        # 645英里（1040公里）: the miles do not excuse "1,060 km" while the kilometres are still open.
        rivals = {a.unit for a in missing} & {b.unit for b in added} - {""}
        missing = [
            a for a in missing if not any(_is_explained(a, b, b in open_theirs, a.unit in rivals) for b in theirs)
        ]
        added = [b for b in added if not any(_is_explained(a, b, a in open_ours, b.unit in rivals) for a in ours)]
    issues = []
    for a, b, is_scale in list(_pairs(missing, added)):
        issues.append(_mismatch(a, b, is_scale, source, target))
        missing.remove(a)
        added.remove(b)
    issues += [_lone(a, source, in_source=True) for a in missing if a.strength is _HARD]
    issues += [_lone(b, target, in_source=False) for b in added if b.strength is _HARD]
    return issues


def _is_explained(source: Amount, target: Amount, is_open: bool, has_rival: bool) -> bool:
    """Say whether the target is the source converted, rounded, or one of its order of magnitude.

    Args:
        source: An amount of the source.
        target: An amount of the target.
        is_open: Whether the one that would explain the other has no counterpart of its own. An order of magnitude
            (数百) explains a figure (300) only then.
        has_rival: Whether the other side has an open amount in the very unit of the explained one: then a conversion
            counts only from an open amount.
    """
    if source.kind == "vague" and target.kind != "vague":
        return is_open and source.value <= target.value < 10 * source.value
    if target.kind == "vague" and source.kind != "vague":
        return is_open and target.value <= source.value < 10 * target.value
    return ((is_open or not has_rival) and is_converted(source, target)) or is_rounding(source, target)


def _once(amounts: Iterable[Amount]) -> list[Amount]:
    """Keep the first of equal amounts."""
    return list({(a.value, a.kind): a for a in reversed(list(amounts))}.values())[::-1]


def _pairs(missing: Sequence[Amount], added: Sequence[Amount]) -> Iterator[tuple[Amount, Amount, bool]]:
    """Pair what is left over, the likeliest first: powers of ten, then like digits, then nearness in the order.

    Yields:
        Source amount, target amount, whether their ratio is a power of ten; each amount at most once.
    """
    candidates = []
    for i, a in enumerate(missing):
        for j, b in enumerate(added):
            strengths = (a.strength, b.strength)
            if _class(a) != _class(b):
                continue
            if _class(a) != "magnitude" and (min(strengths) is _SOFT or max(strengths) is not _HARD):
                continue
            is_scale = _is_power_of_ten(a, b)
            candidates.append((not is_scale, _digit_distance(a.value, b.value), abs(i - j), i, j))
    used_i: set[int] = set()
    used_j: set[int] = set()
    for not_scale, _, _, i, j in sorted(candidates):
        if i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            yield missing[i], added[j], not not_scale


def _class(amount: Amount) -> str:
    """Say what an amount can be mistaken for: a date for a date, a month for a month, 百万 for "a billion"."""
    if amount.kind in ("month", "weekday"):
        return amount.kind
    if amount.kind == "vague" or (
        amount.strength < _HARD and amount.value >= 100 and math.log10(amount.value) % 1 == 0
    ):
        return "magnitude"
    if amount.kind in _DATES:
        return "date"
    is_year = amount.kind == "plain" and amount.scale == 1 and 1000 <= amount.value < 2100
    is_year = is_year and not amount.unit and not amount.approximate
    return "date" if is_year and amount.value % 1 == 0 and amount.end - amount.start == 4 else "plain"


def _is_power_of_ten(a: Amount, b: Amount) -> bool:
    if not a.value or not b.value or _class(a) == "date":
        return False
    power = math.log10(b.value / a.value)
    return abs(power) > 0.5 and abs(power - round(power)) < 1e-6


def _digit_distance(a: float, b: float) -> int:
    """Count the significant digits in which two values differ."""
    first, second = (f"{v:.9e}".split("e")[0].replace(".", "").rstrip("0") for v in (a, b))
    return sum(x != y for x, y in zip(first, second, strict=False)) + abs(len(first) - len(second))


def _mismatch(a: Amount, b: Amount, is_scale: bool, source: str, target: str) -> Issue:
    return Issue(
        "number-scale" if is_scale else "number-mismatch",
        "warning" if _class(a) == "magnitude" else "error",
        b.value / a.value if a.value else math.inf,
        f"The source says {_worded(a, source)}, the target says {_worded(b, target)}.",
        ((a.start, a.end),),
        ((b.start, b.end),),
    )


def _lone(amount: Amount, text: str, *, in_source: bool) -> Issue:
    span = ((amount.start, amount.end),)
    if in_source:
        message = f"The source says {_worded(amount, text)}; the target has no such number."
        return Issue("number-mismatch", "warning", amount.value, message, span)
    message = f"The target says {_worded(amount, text)}; the source has no such number."
    return Issue("number-mismatch", "warning", amount.value, message, (), span)


def _worded(amount: Amount, text: str) -> str:
    """Quote a number as written, with its value where that is not plain to see."""
    written = text[amount.start : amount.end]
    if amount.kind == "percent":
        value = f"{amount.value * 100:.6g}%"
    elif amount.kind in ("month", "weekday", "vague", *_DATES):
        return written
    else:
        value = f"{amount.value:,.0f}" if amount.value % 1 == 0 else f"{amount.value:,.6g}"
    return written if value in written or value.replace(",", "") in written else f"{written} ({value})"
