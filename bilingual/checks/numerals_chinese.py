"""Chinese numerals: their characters, the pattern of one, and its value."""

from __future__ import annotations

import re

__all__ = ["ARABIC", "CORE", "DIGITS", "HAN", "evaluate_numeral", "fold"]

_FOLD = str.maketrans(
    "０１２３４５６７８９．％：／－萬億兩餘幾數來倆雙點個號時歲條項間隻種層輛戶塊紀後週鐘噸畝裡達過約將進線屆這還從壹貳贰叁柒捌玖佰仟圓縣場檔輪遍顆組隊國處",
    "0123456789.%:/-万亿两余几数来俩双点个号时岁条项间只种层辆户块纪后周钟吨亩里达过约将进线届这还从一二二三七八九百千元县场档轮遍颗组队国处",
)
DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_BIG_UNITS = {"万": 1e4, "亿": 1e8, "兆": 1e12}

HAN = "零〇一二两三四五六七八九十百千万亿廿卅"
ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_MORE = r"(?:个[多来]?|[多余来几])"  # before 万 and 亿: 十多万, 两个多亿
CORE = (
    rf"(?:[数几](?=[十百千万亿]))?(?:{ARABIC}(?:\s(?=[多余]?[百千万亿]))?|[{HAN}])"
    rf"(?:(?<![\d.]){ARABIC}|[{HAN.replace('两', '')}]|两(?=[百千万亿])"
    rf"|(?<=一)两(?=[个名天年月周成块倍次位人种条岁小部句页步层家])"
    rf"|{_MORE}(?=[万亿](?!元以))|兆(?=[元美日台新韩]))*"
    r"(?:点[零〇一二三四五六七八九]+(?![十百千分])[百千万亿]*)?"
)


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
        fraction = "".join(str(DIGITS[c]) for c in decimals if c in DIGITS)
        scale = 1.0
        for c in decimals:
            scale *= _SMALL_UNITS.get(c, 1) * _BIG_UNITS.get(c, 1)
        return (evaluate_numeral(whole) + float(f"0.{fraction}")) * scale
    big = middle = small = 0.0  # above 亿, above 万, below
    number: float | None = None
    last = 1.0  # the unit just read, for 两千三 = 2,300
    for token in re.findall(rf"{ARABIC}|.", whole, re.ASCII):
        if token[0].isdigit() and token[0].isascii():
            number = float(token.replace(",", ""))
        elif token in DIGITS:
            digit = DIGITS[token]
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
    if number is not None and last >= 100 and number < 10 and whole[-1] in DIGITS:
        number *= last / 10
    return big + middle + small + (number or 0)
