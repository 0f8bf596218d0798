"""Numbers in Chinese text, by value.

The grammar, on text whose full-width digits and traditional numerals are folded (`fold`)::

    amount    = address | silent | fixed | plan | date | clock | decade | fraction | times | prefix? core tail? suffix?
    core      = ("几" | "数")? (ARABIC | HAN)+            十二 3.2亿 5千万 3万2千 二〇一六 几百万; 多余来几 may stand before 万 亿
    tail      = "点" HAN_DIGIT+ scale?                   三点五亿
    prefix    = 第 (ordinal) | 近 约 逾 上 超 过 数 几 (approximate) | 周 星期 (weekday)
    suffix    = 多 余 来 几 | 年 年代 世纪 月 个月 日 号 时 点 分 % ‰ 个百分点 成 折 倍 半 | unit of measurement | measure word
    fraction  = core 分之 core                           百分之三十, 三分之一
    times     = 翻 N 番                                  翻两番 = 4
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
from dataclasses import replace

from bilingual.checks.amounts import Amount, Kind, Strength, share_scale

__all__ = ["chinese_amounts", "evaluate_numeral", "fold"]

_SOFT, _WEAK, _HARD = Strength.SOFT, Strength.WEAK, Strength.HARD
_FOLD = str.maketrans(
    "０１２３４５６７８９．％：／－萬億兩餘幾數來倆雙點個號時歲條項間隻種層輛戶塊紀後週鐘噸畝裡達過約將進線屆這還從壹貳贰叁柒捌玖佰仟圓縣場檔輪遍顆組隊國處",
    "0123456789.%:/-万亿两余几数来俩双点个号时岁条项间只种层辆户块纪后周钟吨亩里达过约将进线届这还从一二二三七八九百千元县场档轮遍颗组队国处",
)
_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_BIG_UNITS = {"万": 1e4, "亿": 1e8, "兆": 1e12}

_HAN = "零〇一二两三四五六七八九十百千万亿廿卅"
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_MORE = r"(?:个[多来]?|[多余来几])"  # before 万 and 亿: 十多万, 两个多亿
_CORE = (
    rf"(?:[数几](?=[十百千万亿]))?(?:{_ARABIC}(?:\s(?=[百千万亿]))?|[{_HAN}])"
    rf"(?:(?<![\d.]){_ARABIC}|[{_HAN.replace('两', '')}]|两(?=[百千万亿])|(?<=一)两(?=[个名天年月周成块倍次位人种条岁小部句页步层家])|{_MORE}(?=[万亿](?!元以))|兆(?=[元美日台新韩]))*"
    r"(?:点[零〇一二三四五六七八九]+(?![十百千分])[百千万亿]*)?"
)

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
    r"十分(?!钟|之|[一二三四五六七八九])|百分点|万分(?!之)|(?<![一二两三四五六七八九十百千\d])万一|五角(?=大楼|星)|三角|三轮车|三[元里](?=里|屯)|四周|一点一[点滴]|一点点|百姓|千里眼|千万(?=别|不|要|莫|勿|记)|零售|零部件|零件|零食": (),
}
_NUMERAL = "[一二三四五六七八九十]"
_MASTER = re.compile(
    r"(?P<address>(?:https?://|www\.)[!-~]+)"
    + "".join(f"|(?P<fixed{i}>{pattern})" for i, pattern in enumerate(_FIXED))
    + rf"|(?P<plan>十?{_NUMERAL}五(?=规划|计划|时期|期间|末|以来|收官|开局|[”\"」’]))"
    r"|(?P<date>(?:1[5-9]|20)\d\d(?P<separator>[-/.])\d{1,2}(?P=separator)\d{1,2}(?!\d))"
    r"|(?P<clock>(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?![\d:]))"
    rf"|(?:(?P<century>{_CORE}|上|本)\s?世纪)?\s?(?P<decades>\d0|[一二三四五六七八九]{{1,3}}十)\s?年代"
    rf"|(?P<below>{_CORE})分之(?P<above>{_CORE})"
    rf"|翻了?[近约]?(?P<times>{_CORE})番"
    r"|(?P<event>(?<=[“\"‘「『])\d{1,2}[.·・]\d{1,2}(?![\d%])|\d{1,2}[·・]\d{1,2}(?![\d%]))"
    rf"|(?P<core>{_CORE})",
    re.ASCII,
)
_SUFFIX = re.compile(
    r"\s?(?P<approximate>[多余来几]?)(?:"
    r"(?P<percent>%|‰|个?百分点|个百分比)"
    r"|(?P<tenths>成(?P<tenths_more>[一二三四五六七八九](?![十百千万亿]))?(?![为功立员长果都了型本就名]))|(?P<off>折(?![扣腾磨射中合断]))"
    r"|(?P<times>倍)(?P<times_half>半)?"
    r"|(?P<century>世纪)|(?P<since>[0后])(?=[^\d]|$)"
    r"|(?P<year>年)(?P<year_half>半)?|(?P<months>个(?P<months_half>半)?月)|(?P<month>月份?)|(?P<day>[日号])"
    r"|(?P<hour>[时点]钟?)(?P<hour_half>半)?|(?P<minute>分(?!之|钟|公司|店|局|校|会|部|行)|分钟)|(?P<age>旬)"
    r"|(?P<decimal>[米秒块元斤度](?P<decimals>\d{1,2}(?![\d.,万亿千百个名人%元分])|[一二三四五六七八九]{1,2}(?![十百千万亿个名人元五六七八九])两?))"
    r"|(?P<tenth>[毛角])"
    r"|(?P<unit>平方公里|平方千米|平方米|公里|千米|厘米|毫米|英里|海里|华里|米|公顷|亩|两(?![百千万亿名个位次国天年岁人])|公斤|千克|市?斤|毫克|克|吨|小时|钟头|天|周(?!年)"
    r"|星期|季度|秒|摄氏度|度|里(?![的面边约达昂拉]|程)|尺|丈|寸)(?P<unit_half>半)?"
    r"|(?P<measure>[个名位人件条项家所座次届任层楼栋幢辆架艘台部本册篇首幅张片只头匹棵株根枚颗粒份套组班队支场轮局盘趟遍度级等户口种类批段期集章节款"
    r"页字句岁元块角分美欧日英港韩泰卢万亿国省市县区乡镇村校院军方路站国胜负平比对届连环号线街码强大家对声双筐箱桶瓶杯碗顿餐门步招处起"
    r"例宗桩道代辈番])(?P<measure_half>半)?)?"
)
_UNITS = {
    "平方公里": "square kilometer", "平方千米": "square kilometer", "平方米": "square meter", "公里": "kilometer",
    "千米": "kilometer", "厘米": "centimeter", "毫米": "millimeter", "英里": "mile", "海里": "", "华里": "li", "里": "li",
    "米": "meter", "公顷": "hectare", "亩": "mu", "公斤": "kilogram", "千克": "kilogram", "斤": "jin", "市斤": "jin",
    "毫克": "", "克": "gram", "吨": "ton", "小时": "hour", "钟头": "hour", "天": "day", "周": "week", "星期": "week",
    "季度": "", "两": "liang", "秒": "second", "摄氏度": "celsius", "度": "celsius", "尺": "chi", "丈": "zhang", "寸": "cun",
}  # fmt: skip
_APPROXIMATE = re.compile(r"(?:近|约|逾|上|超|过|达|大概|左右|超过|将近|接近|至少|不到|不足|突破)$")
_RANGE_DIGITS = re.compile(
    r"(?<![零〇一二两三四五六七八九\d])([一二两三四五六七八])([二两三四五六七八九])(?![零〇一二两三四五六七八九点])"
)
_JOINED = re.compile(r"\s*(?:-|－|—+|–|~|～|至|到|、|或|和|,)\s*", re.ASCII)
_START = re.compile(rf"[\d{_HAN}数几半双上下前后头大过对折减多翻加成倍花古而不辛甲戊庚腊正]|https?:|www\.", re.ASCII)
_ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+\.[!-~]+", re.ASCII)


def fold(text: str) -> str:
    """Replace full-width digits and traditional numerals and measure words, one character for one.

    >>> fold("３.２億")
    '3.2亿'
    """
    return text.translate(_FOLD)


def evaluate_numeral(text: str) -> float:
    """Give the value of a `core`: Arabic and Chinese digits with 十 百 千 万 亿 in any order that people write.

    >>> [evaluate_numeral(t) for t in ("三百二十", "3万2千", "1.5万亿", "二〇一六", "两千三", "一万零三", "五千万")]
    [320.0, 32000.0, 1500000000000.0, 2016.0, 2300.0, 10003.0, 50000000.0]
    """
    whole, point, decimals = text.partition("点")
    if point:
        fraction = "".join(str(_DIGITS[c]) for c in decimals if c in _DIGITS)
        scale = 1.0
        for c in decimals:
            scale *= _SMALL_UNITS.get(c, 1) * _BIG_UNITS.get(c, 1)
        return (evaluate_numeral(whole) + float(f"0.{fraction}")) * scale
    big = middle = small = 0.0  # above 亿, above 万, below
    number: float | None = None
    last = 1.0  # the unit just read, for 两千三 = 2,300
    for token in re.findall(rf"{_ARABIC}|.", whole, re.ASCII):
        if token[0].isdigit() and token[0].isascii():
            number = float(token.replace(",", ""))
        elif token in _DIGITS:
            digit = _DIGITS[token]
            if number is None:
                number = float(digit)
                last = 1.0 if token in "零〇" else last
            else:
                number, last = number * 10 + digit, 1.0
        elif token in _SMALL_UNITS:
            last = _SMALL_UNITS[token]
            small += (1.0 if number is None else number) * last
            number = None
        elif token in "廿卅":
            small, number, last = small + (20 if token == "廿" else 30), None, 1.0
        elif token in _BIG_UNITS:
            last = _BIG_UNITS[token]
            below = small + (number or 0)
            if token == "万":
                middle += (below or 1) * last
            else:
                big += ((middle + below) or 1) * last
                middle = 0.0
            small, number = 0.0, None
    if number is not None and last >= 100 and number < 10 and whole[-1] in _DIGITS:
        number *= last / 10
    return big + middle + small + (number or 0)


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
        elif group == "core":
            amount = _amount(text, match)
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
        values = [float(text)]
    else:
        values = [_DIGITS[c] * 10.0 for c in text[:-1]] or [10.0]
    for value in values:
        others = (value,) if century and century not in "上本" else (value, 1800 + value, 2000 + value)
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


def _amount(text: str, match: re.Match[str]) -> Amount | None:
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
    elif not arabic and core[-1] in _DIGITS and len(core) > 2 and core[-2] in "百千万":
        others = (value - value % _unit_below(core[-2]) + _DIGITS[core[-1]],)
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
    if (
        not arabic
        and len(core) == 2
        and core[0] in _DIGITS
        and core[1] in _DIGITS
        and not others
        and not suffix["year"]
    ):
        return replace(amount, strength=_SOFT, others=(float(_DIGITS[core[0]]), float(_DIGITS[core[1]])))  # 唯一一家
    amount = replace(amount, approximate=approximate)
    if before.endswith("第"):
        return _ordinal(amount, core, arabic, suffix)
    if before.endswith(("周", "星期", "礼拜")) and not arabic and len(core) == 1 and not suffix["year"]:
        return Amount(value, start, end, _SOFT, "weekday")
    return _with_suffix(amount, suffix, core, arabic)


def _is_range(low: str, high: str) -> bool:
    return _DIGITS[high] == _DIGITS[low] + 1 or (low, high) in (("三", "五"), ("一", "两"))


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
        value += _DIGITS[suffix["tenths_more"]] / 10 if suffix["tenths_more"] else 0
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
        digits = digits if digits.isascii() else "".join(str(_DIGITS[c]) for c in digits)
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
    if not arabic and len(core) == 3 and all(c in _DIGITS for c in core):
        return replace(amount, strength=_SOFT)  # 七零八落
    if arabic or amount.scale > 1 or value >= 100:
        return replace(amount, strength=strength)
    return replace(amount, strength=_WEAK if len(core) > 1 and len(core) < 5 and "十" in core else _SOFT)


def _year(amount: Amount, core: str, arabic: bool, strength: Strength, end: int, half: bool) -> Amount:
    """Give 2016年, 〇八年, 98年, 三年, 一年半, 二十年."""
    value, others = amount.value, amount.others
    digits = core if arabic else ""
    sequence = not arabic and all(c in _DIGITS for c in core) and len(core) in (2, 4) and not others
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
