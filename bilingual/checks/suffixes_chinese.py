"""What stands beside a Chinese numeral: 第, 周, 年, 个月, 成, 倍, units of measurement, measure words.

It decides what is counted, which further readings there are, and how much a missing counterpart says.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bilingual.checks.amounts import Amount, Strength
from bilingual.checks.numerals_chinese import DIGITS, evaluate_numeral

__all__ = ["classify"]

_SOFT, _WEAK, _HARD = Strength.SOFT, Strength.WEAK, Strength.HARD
_SUFFIX = re.compile(
    r"\s?(?P<approximate>[多余来几]?)(?:"
    r"(?P<percent>%|‰|个?百分点|个百分比)"
    r"|(?P<tenths>成(?P<tenths_more>[一二三四五六七八九](?![十百千万亿]))?(?![为功立员长果都了型本就名]))|(?P<off>折(?![扣腾磨射中合断]))"
    r"|(?P<times>倍)(?P<times_half>半)?"
    r"|(?P<century>世纪)|(?P<since>[0后])(?=[^\d]|$)"
    r"|(?P<year>年)(?P<year_half>半)?|(?P<months>个(?P<months_half>半)?月)|(?P<month>月份?)|(?P<day>[日号])"
    r"|(?P<hour>[时点]钟?)(?P<hour_half>半)?|(?P<minute>分(?!之|钟|公司|店|局|校|会|部|行)|分钟)|(?P<age>旬)"
    r"|(?P<decimal>[米秒块元斤度](?P<decimals>\d{1,2}(?![\d.,万亿千百个名人%元分英厘毫公平寸吋米])|[一二三四五六七八九]{1,2}(?![十百千万亿个名人元五六七八九])两?))"
    r"|(?P<tenth>[毛角])"
    r"|(?P<unit>平方公里|平方千米|平方米|公里|千米|厘米|毫米|英里|海里|华里|米|公顷|亩|两(?![百千万亿名个位次国天年岁人])|公斤|千克|市?斤|毫克|克|吨|小时|钟头|天|周(?!年)"
    r"|星期|季度|秒|摄氏度|度|里(?![的面边约达昂拉]|程)|尺|丈|寸)(?P<unit_half>半)?"
    r"|(?P<measure>[个名位人件条项家所座次届任层楼栋幢辆架艘台部本册篇首幅张片只头匹棵株根枚颗粒份套组班队支场轮局盘趟遍度级等户口种类批段期集章节款"
    r"页字句岁元块角分美欧日英港韩泰卢万亿国省市县区乡镇村校院军方路站国胜负平比对届连环号线街码强大家对声双筐箱桶瓶杯碗顿餐门步招处起"
    r"例宗桩道代辈番])(?P<measure_half>半)?)?"
)
_UNITS = {
    "平方公里": "square kilometer", "平方千米": "square kilometer", "平方米": "square meter", "公里": "kilometer",
    "千米": "kilometer", "厘米": "centimeter", "毫米": "millimeter", "英里": "mile", "海里": "", "华里": "li",
    "里": "li", "米": "meter", "公顷": "hectare", "亩": "mu", "公斤": "kilogram", "千克": "kilogram", "斤": "jin",
    "市斤": "jin", "毫克": "", "克": "gram", "吨": "ton", "小时": "hour", "钟头": "hour", "天": "day", "周": "week",
    "星期": "week", "季度": "", "两": "liang", "秒": "second", "摄氏度": "celsius", "度": "celsius", "尺": "chi",
    "丈": "zhang", "寸": "cun",
}  # fmt: skip
_APPROXIMATE = re.compile(r"(?:近|约|逾|上|超|过|达|大概|左右|超过|将近|接近|至少|不到|不足|突破)$")
_RANGE_DIGITS = re.compile(
    r"(?<![零〇一二两三四五六七八九\d])([一二两三四五六七八])([二两三四五六七八九])(?![零〇一二两三四五六七八九点])"
)


def classify(text: str, match: re.Match[str]) -> Amount | None:
    """Classify a `core` by what stands before and behind it; None when it is no number."""
    core, start, end = match["core"], match.start(), match.end()
    if core[0] in "零〇" and core.strip("零〇") == "":
        return Amount(0, start, end, _SOFT)
    if (
        core[-1] == "千"
        and len(core) > 1
        and core[-2] not in "数几"
        and end < len(text)
        and text[end] in "克米瓦卡伏赫帕焦牛安"
    ):
        core, end = core[:-1], end - 1  # 5千克 is 5 kilograms
    arabic = core.isascii() or core[0].isascii()
    before = text[max(0, start - 2) : start]
    value = evaluate_numeral(core)
    others: tuple[float, ...] = ()
    if not arabic and (pair := _RANGE_DIGITS.search(core)) and _is_range(pair[1], pair[2]):
        low = evaluate_numeral(core[: pair.start(2)] + core[pair.end(2) :])
        value, others = low, (evaluate_numeral(core[: pair.start(1)] + core[pair.end(1) :]),)
    elif not arabic and core[-1] in DIGITS and len(core) > 2 and core[-2] in "百千万":
        others = (value - value % _unit_below(core[-2]) + DIGITS[core[-1]],)
    scale = 1e8 if core[-1] == "亿" else 1e4 if core[-1] == "万" else 1e12 if core[-1] == "兆" else 1.0
    scale = scale * 1e4 if core.endswith("万亿") else scale
    amount = Amount(value, start, end, _HARD, others=others, scale=scale)
    suffix = _SUFFIX.match(text, end)
    assert suffix is not None  # every part of the pattern may be empty
    approximate = bool(suffix["approximate"]) or core[0] in "数几" or bool(_APPROXIMATE.search(before))
    approximate = approximate or any(c in core for c in "多余来几")
    if core[0] in "数几":
        return replace(amount, strength=_SOFT, kind="vague", approximate=True)
    if core != "十" and all(c in "十百千万亿兆多余来" for c in core):
        if approximate and not before.endswith("第"):
            return replace(amount, strength=_SOFT, kind="vague", approximate=True)
        return replace(amount, strength=_SOFT)
    if not arabic and len(core) == 2 and core[0] in DIGITS and core[1] in DIGITS and not others and not suffix["year"]:
        return replace(amount, strength=_SOFT, others=(float(DIGITS[core[0]]), float(DIGITS[core[1]])))  # 唯一一家
    amount = replace(amount, approximate=approximate)
    if before.endswith("第"):
        return _ordinal(amount, core, arabic, suffix)
    if before.endswith(("周", "星期", "礼拜")) and not arabic and len(core) == 1 and not suffix["year"]:
        return Amount(value, start, end, _SOFT, "weekday")
    return _with_suffix(amount, suffix, core, arabic)


def _is_range(low: str, high: str) -> bool:
    return DIGITS[high] == DIGITS[low] + 1 or (low, high) in (("三", "五"), ("一", "两"))


def _unit_below(unit: str) -> float:
    return {"百": 100.0, "千": 1000.0, "万": 10000.0}[unit]


def _ordinal(amount: Amount, core: str, arabic: bool, suffix: re.Match[str]) -> Amount:
    """Grade 第三: small Chinese ordinals are often worded (第三方, 第一时间)."""
    strength = _HARD if arabic or amount.value > 10 else _WEAK if amount.value > 3 and suffix["measure"] else _SOFT
    return replace(amount, strength=strength, kind="ordinal", start=amount.start - 1)


def _with_suffix(amount: Amount, suffix: re.Match[str], core: str, arabic: bool) -> Amount | None:
    """Add what the suffix says: kind, unit, further readings, strength."""
    value, others, end = amount.value, amount.others, suffix.end()
    small = not arabic and len(core) == 1
    strength = _WEAK if small or core == "1" else _HARD if value else _SOFT
    if arabic and len(core) == 4 and core.isdigit() and 1900 <= value < 2100:
        others = (*others, value % 100)
        amount = replace(amount, others=others)
    if not arabic and ((value < 100 and amount.approximate) or _RANGE_DIGITS.search(core)):
        strength = _WEAK
    if small and core in "一两":
        strength = _SOFT
    if suffix["percent"]:
        per = 1000 if suffix["percent"] == "‰" else 100
        return replace(
            amount,
            value=value / per,
            others=(value, *(o / per for o in others)),
            kind="percent",
            end=end,
            strength=strength,
        )
    if suffix["tenths"] and value <= 10:
        value += DIGITS[suffix["tenths_more"]] / 10 if suffix["tenths_more"] else 0
        tenths = (value * 10, value, *(o / 10 for o in others), *(o * 10 for o in others))
        return replace(amount, value=value / 10, others=tenths, kind="percent", end=end, strength=max(strength, _WEAK))
    if suffix["off"] and value <= 100:
        part = value / 10 if value < 10 else value / 100
        others = (1 - part, (1 - part) * 100, part * 100, value)
        return replace(amount, value=part, others=others, kind="percent", end=end, strength=max(strength, _WEAK))
    if suffix["times"]:
        value += 0.5 if suffix["times_half"] else 0
        others = (value + 1, value - 1, value * 100, *others)
        return replace(amount, value=value, others=others, kind="multiple", end=end, strength=max(strength, _WEAK))
    if suffix["century"] and not amount.approximate:
        others = ((value - 1) * 100, value * 100)
        return replace(amount, others=others, kind="century", end=end, strength=_HARD if value > 10 else strength)
    if suffix["since"] and suffix["since"] == "后" and arabic and value in (0, 10, 50, 60, 70, 80, 90, 95):
        decade = 1900 + value if value >= 40 else 2000 + value
        return replace(amount, value=decade, others=(value,), kind="decade", end=end)
    return _with_unit(amount, suffix, core, arabic, strength)


def _with_unit(amount: Amount, suffix: re.Match[str], core: str, arabic: bool, strength: Strength) -> Amount | None:
    """Go on with `_with_suffix`: dates, times, units of measurement, measure words."""
    value, others, end = amount.value, amount.others, suffix.end()
    half = any(suffix[f"{name}_half"] for name in ("year", "months", "hour", "unit", "measure"))
    if suffix["year"]:
        return _year(amount, core, arabic, strength, end, half)
    if suffix["months"]:
        value += 0.5 if half else 0
        years = (value / 12,) if value % 6 == 0 else ()
        return replace(
            amount, value=value, others=(*others, *years, amount.value), unit="month", end=end, strength=strength
        )
    if suffix["month"] and 1 <= value <= 12:
        return replace(amount, kind="month", end=end, strength=_HARD if arabic or value > 1 else _SOFT)
    if suffix["day"] and 1 <= value <= 31 and not amount.approximate:
        return replace(amount, end=end, strength=strength)
    if suffix["hour"] and value <= 24:
        clock = (value - 12 if value > 12 else value + 12, 0.0 if value == 24 else value)
        return replace(
            amount, others=(*others, *clock, *((30, value + 0.5) if half else ())), end=end, strength=strength
        )
    if suffix["minute"]:
        quarters = (0.5, 2.0) if value == 30 else (0.25, 0.75, 1.0, 3.0) if value in (15, 45) else ()
        if not arabic and len(core) == 1:
            quarters = (value * 10, value / 10)  # 九分落实 = 90 percent
        return replace(amount, others=(*others, *quarters), unit="minute", end=end, strength=strength)
    if suffix["age"]:
        return replace(amount, value=value * 10, others=(value * 10 + 1900,), end=end, strength=min(strength, _WEAK))
    if suffix["decimal"]:
        digits = suffix["decimals"].rstrip("两")
        digits = digits if digits.isascii() else "".join(str(DIGITS[c]) for c in digits)
        unit = _UNITS.get(suffix["decimal"][0], "")
        value += float(f"0.{digits}")
        return replace(amount, value=value, others=(*others, amount.value), unit=unit, end=end, strength=strength)
    if suffix["tenth"]:
        return replace(amount, value=value / 10, others=(value, value * 10), end=end, strength=min(strength, _WEAK))
    if suffix["unit"]:
        others = (*others, value + 0.5, value) if half else others
        value += 0.5 if half else 0
        if suffix["unit"] in ("周", "星期"):
            others = (*others, value * 7)
        strength = min(strength, _WEAK) if suffix["unit"] == "里" and not arabic else strength
        return replace(amount, value=value, others=others, unit=_UNITS[suffix["unit"]], end=end, strength=strength)
    if suffix["measure"]:
        others = (*others, value + 0.5) if half else others
        return replace(amount, others=others, strength=strength)
    if not arabic and len(core) == 3 and all(c in DIGITS for c in core):
        return replace(amount, strength=_SOFT)  # 七零八落
    if arabic or amount.scale > 1 or value >= 100:
        return replace(amount, strength=strength)
    return replace(amount, strength=_WEAK if len(core) > 1 and len(core) < 5 and "十" in core else _SOFT)


def _year(amount: Amount, core: str, arabic: bool, strength: Strength, end: int, half: bool) -> Amount:
    """Give 2016年, 〇八年, 98年, 三年, 一年半, 二十年."""
    value, others = amount.value, amount.others
    digits = core if arabic else ""
    sequence = not arabic and all(c in DIGITS for c in core) and len(core) in (2, 4) and not others
    if (len(digits) == 4 and digits.isdigit()) or (sequence and len(core) == 4):
        return replace(amount, kind="year", end=end, others=(value % 100,), strength=_HARD)
    if half:
        return replace(amount, value=value + 0.5, others=((value + 0.5) * 12, value, *others), unit="year", end=end)
    if (len(digits) == 2 and digits.isdigit()) or sequence:
        others = (*others, 1900 + value, 2000 + value)
    if value >= 10 and value % 10 == 0:
        others = (*others, value / 10, *((value / 100,) if value % 100 == 0 else ()))
    if value <= 5:
        others = (*others, value * 12)
    return replace(amount, others=others, unit="year", end=end, strength=strength)
