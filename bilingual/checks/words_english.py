"""English words for numbers, and what they are worth."""

from __future__ import annotations

__all__ = ["ABBREVIATED", "FIXED", "MAGNITUDES", "MONTHS", "ONES", "ORDINALS", "PLURALS", "ROMANS", "SCALES", "TENS"]

ONES = dict(
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
TENS = dict(
    zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True)
)
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
ABBREVIATED = {"m": 1e6, "mn": 1e6, "mln": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12, "trn": 1e12, "k": 1e3}
ORDINALS = (
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
    | {f"{word[:-1]}ieth": value for word, value in TENS.items()}
    | {"hundredth": 100, "thousandth": 1000, "millionth": 10**6, "billionth": 10**9}
)
MONTHS = {
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
PLURALS = {f"{word[:-1]}ies": 1900.0 + value for word, value in TENS.items()}
FIXED: dict[str, tuple[float, ...]] = {
    "both": (2,), "twice": (2,), "twofold": (2,), "double": (2, 1), "doubled": (2, 1), "doubling": (2, 1),
    "doubles": (2, 1), "couple": (2,), "couples": (2,), "pair": (2,), "pairs": (2,), "duo": (2,), "twin": (2,),
    "twins": (2,), "dual": (2,), "bilateral": (2,), "triple": (3, 2), "tripled": (3, 2), "tripling": (3, 2),
    "trio": (3,), "trilateral": (3,), "thrice": (3,), "threefold": (3, 2), "quadruple": (4, 3),
    "quadrupled": (4, 3), "quartet": (4,), "fourfold": (4, 3), "quintuple": (5, 4), "quintupled": (5, 4),
    "fivefold": (5, 4), "tenfold": (10, 9), "half": (0.5, 30, 50, 6, 1, 2), "halves": (0.5, 2), "halved": (0.5, 50),
    "halving": (0.5,), "semi": (0.5,), "midway": (0.5,), "decade": (10, 1), "decades": (10,), "century": (100, 1),
    "centuries": (100,), "centennial": (100,), "centenary": (100,), "millennium": (1000,), "fortnight": (14, 2),
    "score": (20,), "scores": (20,), "dozen": (12, 10), "teens": (10, 13), "quarter": (0.25, 25, 15, 1, 4, 3),
    "quarters": (0.25, 0.75), "quarterly": (1, 4, 3), "once": (1,), "single": (1,), "yearly": (1,),
    "millionaire": (1e6,), "billionaire": (1e9, 1e8), "quintet": (5,), "pentagon": (5,), "octogenarian": (80,),
    "nonagenarian": (90,), "septuagenarian": (70,), "sextuple": (6,), "eightfold": (8,), "triangle": (3,),
    "triangular": (3,), "quadrilateral": (4,), "decade-long": (10,), "biennial": (2,), "biannual": (2,),
    "secondary": (2,), "tertiary": (3,), "primary": (1,), "midnight": (0, 12, 24), "noon": (12,), "teenage": (10,),
    "teenager": (10,), "centenarian": (100,), "singles": (11,), "christmas": (25, 12), "halloween": (31,),
    "weekend": (2,),
}  # fmt: skip
MAGNITUDES = {"tens": 1e1, "dozens": 1e1, "scores": 1e1, "hundreds": 1e2, "thousands": 1e3, "millions": 1e6,
               "billions": 1e9, "trillions": 1e12}  # fmt: skip
_ROMAN_TENS = ("", "x", "xx", "xxx")
_ROMAN_ONES = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
ROMANS = {
    tens + ones: float(10 * ten + one)
    for ten, tens in enumerate(_ROMAN_TENS)
    for one, ones in enumerate(_ROMAN_ONES)
    if 2 <= len(tens + ones) <= 5
}
"""ii ... xxxix, as far as they are no single letters."""
