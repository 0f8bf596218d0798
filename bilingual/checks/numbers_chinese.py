"""Numbers in Chinese text, by value.

The grammar, on text whose full-width digits and traditional numerals are folded (`fold`)::

    amount    = address | silent | fixed | plan | date | clock | roman | decade | fraction | times | prefix? core tail? suffix?
    core      = ("几" | "数")? (ARABIC | HAN)+            十二 3.2亿 5千万 3万2千 二〇一六 几百万; 多余来几 may stand before 万 亿
    tail      = "点" HAN_DIGIT+ scale?                   三点五亿
    prefix    = 第 (ordinal) | 近 约 逾 上 超 过 数 几 (approximate) | 周 星期 (weekday)
    suffix    = 多 余 来 几 | 年 年代 世纪 月 个月 日 号 时 点 分 % ‰ 个百分点 成 折 倍 半 | unit of measurement | measure word
    fraction  = core 分之 core                           百分之三十, 三分之一
    times     = 翻 N 番                                  翻两番 = 4
    roman     = Ⅰ … Ⅻ                                    Ⅱ型, soft
    plan      = N 五 规划 | “N五”                          “十三五” = the 13th five-year plan, soft
    fixed     = 上半年 双十一 五四 百分之百 一百八十度 …          known readings, soft
    silent    = 十分 五角大楼 …                            no number, though a measure word seems to follow

Strength: digits, fractions and Chinese numerals of several characters before a measure word are hard; small Chinese
numerals before a measure word (三家) are weak; 一, 两, numerals before anything else (三思, 四面八方), half and fixed
readings are soft; lone 百 千 万 亿 are nothing without a word of approximation (百姓, 千里眼, 万一).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from bilingual.checks.amounts import Amount, Kind, Strength, share_scale
from bilingual.checks.numerals_chinese import CORE, DIGITS, HAN, evaluate_numeral, fold
from bilingual.checks.suffixes_chinese import classify

__all__ = ["chinese_amounts"]

_SOFT, _WEAK, _HARD = Strength.SOFT, Strength.WEAK, Strength.HARD
# Known readings, all soft, the longest first; an empty tuple is silent.
_FIXED: dict[str, tuple[float, ...]] = {
    "一?百八十度": (180,),
    "百分之百|百分百": (1, 100),
    "两会|两岸|两院|一带一路|一国两制|一举两得": (1, 2),
    "[前头](?:三个?|3个?)季度": (3, 9, 0.75),
    "[上下前后]半(?:年|场|程|生|叶|部|段|月|周|夜)": (0.5, 1, 2, 6),
    "半个世纪": (50, 0.5),
    "半个?月": (15, 0.5),
    "半年|半载": (6, 0.5),
    "半[天日]": (0.5, 12),
    "半个?(?:小时|钟头)": (30, 0.5),
    "半百": (50,),
    "而立之年|而立": (30,),
    "不惑之年|不惑": (40,),
    "花甲": (60,),
    "古稀": (70,),
    "辛亥": (1911,),
    "甲午": (1894,),
    "戊戌": (1898,),
    "庚子": (1900,),
    "腊月": (12,),
    "正月": (1,),
    "三维": (3,),
    "九九八十一": (81,),
    "双(?:十一|11)": (11,),
    "双(?:十二|12)": (12,),
    "五一(?!四)": (5, 1),
    "五四(?=运动|青年|精神)": (5, 4),
    "六一": (6, 1),
    "八一": (8, 1, 81),
    "十一(?=黄金周|长假|假期|国庆|期间|小长假)": (10, 1, 11),
    "九一八": (9, 18),
    "七七事变": (7,),
    "减半|对半|折半|一半|大半|过半|半数|多半": (0.5, 50),
    "翻倍|翻了?一?番|加倍|成倍|倍增": (2, 1),
    "一刻钟": (15,),
    "(?:十几|十来|十多|十余)(?![万亿])": (10, 12, 11, 13, 14, 15),
    "成千上万|成百上千|千千万万|千百万|亿万|数以[十百千万亿]+计|上百上千": (100, 1e3, 1e4, 1e5, 1e6, 1e8, 1e9),
    "二战|二次大战": (2,),
    "一战|一次大战": (1,),
    "百(?=年|岁)": (100,),
    "千(?=年)": (1000,),
    r"十分(?!钟|之|[一二三四五六七八九])|百分点|万分(?!之)|(?<![一二两三四五六七八九十百千\d])万一|五角(?=大楼|星)|三角|三轮车|三[元里](?=里|屯)|四周|一点一[点滴]|一点点|百姓|千里眼|一五一十|三三两两|七七八八|八九不离十|千万(?=别|不|要|莫|勿|记)|零售|零部件|零件|零食": (),
}
_NUMERAL = "[一二三四五六七八九十]"
_MASTER = re.compile(
    r"(?P<address>(?:https?://|www\.)[!-~]+)"
    + "".join(f"|(?P<fixed{i}>{pattern})" for i, pattern in enumerate(_FIXED))
    + rf"|(?P<plan>十?{_NUMERAL}五(?=规划|计划|时期|期间|末|以来|收官|开局|[”\"」’]))"
    r"|(?P<date>(?:1[5-9]|20)\d\d(?P<separator>[-/.])\d{1,2}(?P=separator)\d{1,2}(?!\d))"
    r"|(?P<clock>(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?![\d:]))"
    rf"|(?:(?P<century>{CORE}|上|本)\s?世纪)?\s?(?P<decades>(?:[1-9]、)?\d0|[一二三四五六七八九]、?[一二三四五六七八九]{{0,2}}十)\s?年代"
    rf"|(?P<below>{CORE})分之(?P<above>{CORE})"
    rf"|翻了?[近约]?(?P<times>{CORE})番"
    r"|(?P<event>(?<=[“\"‘「『])\d{1,2}[.·・]\d{1,2}(?![\d%])|\d{1,2}[·・]\d{1,2}(?![\d%]))"
    r"|(?P<roman>[Ⅰ-Ⅻ])"
    rf"|(?P<core>{CORE})",
    re.ASCII,
)
_JOINED = re.compile(r"\s*(?:-|－|—+|–|~|～|至|到|、|或|和|,)\s*", re.ASCII)
_START = re.compile(rf"[\d{HAN}数几半双上下前后头大过对折减多翻加成倍花古而不辛甲戊庚腊正Ⅰ-Ⅻ]|https?:|www\.", re.ASCII)
_ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+\.[!-~]+", re.ASCII)


def chinese_amounts(text: str) -> list[Amount]:
    """Find the numbers of a Chinese text, in order; spans are code points of `text`.

    >>> [(a.value, a.kind) for a in chinese_amounts("2016年10月，百分之三十的老百姓")]
    [(2016.0, 'year'), (10.0, 'month'), (0.3, 'percent')]
    """
    folded = fold(text)
    if "@" in folded:
        folded = _ADDRESSES.sub(lambda match: "_" * len(match[0]), folded)
    amounts = list(_scan(folded))
    joined = [
        0 <= b.start - a.end <= 4 and _JOINED.fullmatch(folded, a.end, b.start) is not None
        for a, b in itertools.pairwise(amounts)
    ]
    return share_scale(amounts, joined) if any(joined) else amounts


def _scan(text: str) -> Iterator[Amount]:
    position = 0
    while begin := _START.search(text, position):
        match = _MASTER.match(text, begin.start())
        if match is None:
            position = begin.end()
            continue
        position = match.end()
        group = match.lastgroup or ""
        start, end = match.span()
        if group.startswith("fixed"):
            readings = _READINGS[int(group[5:])]
            if readings:
                yield Amount(float(readings[0]), start, end, _SOFT, others=readings[1:])
        elif group == "plan":
            plan = evaluate_numeral(match["plan"][:-1])
            yield Amount(plan, start, end - 1, _SOFT, others=(plan + 5,))
            yield Amount(5, end - 1, end, _SOFT)
        elif group == "date":
            yield from _parts(match["date"], start, ("year", "month", "plain"))
        elif group == "clock":
            yield from _parts(match["clock"], start, ("plain", "plain", "plain"))
        elif group == "event":
            yield from _event(match)
        elif group == "decades":
            yield from _decades(match)
        elif group == "above":
            yield _fraction(match)
        elif group == "times":
            doublings = evaluate_numeral(match["times"])
            if 0 < doublings < 20:
                yield Amount(2.0**doublings, start, end, _WEAK, "multiple", (2.0**doublings - 1, doublings))
        elif group == "roman":
            yield Amount(ord(match["roman"]) - ord("Ⅰ") + 1.0, start, end, _SOFT, "ordinal")
        elif group == "core":
            amount = classify(text, match)
            if amount:
                yield amount
                position = max(position, amount.end)


_READINGS = list(_FIXED.values())


def _parts(text: str, start: int, kinds: tuple[Kind, ...]) -> Iterator[Amount]:
    """Give the components of 2016-10-24 or 9:51:29; zeros of a clock are nothing."""
    for number, (digits, kind) in enumerate(zip(re.finditer(r"\d+", text, re.ASCII), kinds, strict=False)):
        value = float(digits[0])
        clock = kinds[0] == "plain"
        if clock and number and not value:
            continue
        others = ((value + 12) % 24, value % 12) if clock and not number and value <= 24 else ()
        strength = _WEAK if clock and number == 2 else _HARD
        yield Amount(value, start + digits.start(), start + digits.end(), strength, kind, others)


def _event(match: re.Match[str]) -> Iterator[Amount]:
    """Give the month and the day of an event named after its date: “7·21”特大暴雨."""
    text, start = match["event"], match.start()
    first, second = re.findall(r"\d+", text, re.ASCII)
    whole = float(first + second), float(f"{first}.{second}")
    yield Amount(float(first), start, start + len(first), _WEAK, "month", whole)
    yield Amount(float(second), match.end() - len(second), match.end(), _WEAK, others=whole)


def _decades(match: re.Match[str]) -> Iterator[Amount]:
    """Give 90年代, 20世纪90年代, 六七十年代."""
    text, start, end = match["decades"], match.start(), match.end()
    century = match["century"]
    hundreds = 1900.0
    if century and century not in "上本":
        hundreds = (evaluate_numeral(century) - 1) * 100
    if text[0].isdigit() and text[0].isascii():
        values = [float(f"{digits[0]}0") for digits in text.split("、")]  # 7、80年代
    else:
        values = [DIGITS[c] * 10.0 for c in text[:-1] if c != "、"]
    for value in values:
        others = (value,) if century and century != "本" else (value, 1800 + value, 2000 + value)
        if century and century not in "上本":
            others = (*others, hundreds / 100 + 1)
        yield Amount(hundreds + value, start, end, _HARD, "decade", others)


def _fraction(match: re.Match[str]) -> Amount:
    """Give 三分之一 = 1/3, 百分之三十 = 30 %."""
    below, above = evaluate_numeral(match["below"]), evaluate_numeral(match["above"])
    value = above / below if below else 0.0
    if below in (100, 1000, 10000):
        return Amount(value, match.start(), match.end(), _HARD, "percent", (above, value * 100))
    rounded = (round(value, 2), round(value, 3), float(int(value * 100)) / 100, below, above)
    strength = _WEAK if below < 10 else _HARD
    return Amount(value, match.start(), match.end(), strength, "percent", rounded, approximate=True)
