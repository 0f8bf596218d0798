"""Where overlong sentences are cut."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.segment import cut_sentence

Count = Callable[[str], int]


def pieces(text: str, max_tokens: int) -> list[str]:
    return [text[start:end] for start, end in cut_sentence(text, len, max_tokens)]


def words(text: str) -> int:
    """Count as an engine might: a Latin word or number is one token, any other visible character too."""
    return len(re.findall(r"[A-Za-z]+|[0-9]+|\S", text))


@pytest.mark.parametrize(
    ("max_tokens", "expected"),
    [
        (20, ["春天来了，花开了；夏天到了，雨多了。"]),
        (10, ["春天来了，花开了；", "夏天到了，雨多了。"]),
        (5, ["春天来了，", "花开了；", "夏天到了，", "雨多了。"]),
    ],
)
def test_semicolons_come_before_commas(max_tokens: int, expected: list[str]) -> None:
    assert pieces("春天来了，花开了；夏天到了，雨多了。", max_tokens) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一二三四五六，七；八九十一二三四。", ["一二三四五六，七；", "八九十一二三四。"]),
        ("一二三；四五六七，八九十一二三四。", ["一二三；", "四五六七，八九十一二三四。"]),
        ("一二三……四五六七，八九十一二三四。", ["一二三……", "四五六七，八九十一二三四。"]),
        ("一二三，四五六七、八九十一二三四。", ["一二三，", "四五六七、八九十一二三四。"]),
        ("一二三四五六：七八九十一二三四五。", ["一二三四五六：", "七八九十一二三四五。"]),
        ("一二三四五六,七八九;十一二三四五.", ["一二三四五六,七八九;", "十一二三四五."]),
        ("一二三。四五六七；八九十一二三四五", ["一二三。四五六七；", "八九十一二三四五"]),
    ],
)
def test_places_are_graded(text: str, expected: list[str]) -> None:
    assert pieces(text, 14) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他说“一二三；四五六七”，八九十。", ["他说“一二三；四五六七”，", "八九十。"]),
        ("他读《一二三，四五六七》，八九十。", ["他读《一二三，四五六七》，", "八九十。"]),
        ("他走（一二三，四五六七），八九十。", ["他走（一二三，四五六七），", "八九十。"]),
        ('他说"一二三；四五六七"，八九十。', ['他说"一二三；四五六七"，', "八九十。"]),
        ("共有一二三1,234,567人，八九十四", ["共有一二三1,234,567人，", "八九十四"]),
        ("他走了，“一二三四五六；七八”他说", ["他走了，", "“一二三四五六；七八”他说"]),
    ],
)
def test_quotes_titles_brackets_and_numbers_stay_whole(text: str, expected: list[str]) -> None:
    assert pieces(text, 16) == expected


def test_a_quote_that_is_too_long_is_cut_inside() -> None:
    assert pieces("“一二三四五，六七八九十。”", 8) == ["“一二三四五，", "六七八九十。”"]


def test_no_tiny_tail_is_left() -> None:
    assert pieces("一二三四，一二三四，一二三四，一二三四，一二。", 20) == [
        "一二三四，一二三四，",
        "一二三四，一二三四，一二。",
    ]


def test_without_punctuation_words_and_numbers_stay_whole() -> None:
    text = "河水变清山也绿了" * 40 + "Wangchuan" + "鱼儿成群鸟也来了" * 40 + "1234567890" + "大家高兴" * 40
    found = cut_sentence(text, words, 20)
    spans = {(m.start(), m.end()) for m in re.finditer("[A-Za-z]+|[0-9]+", text)}
    assert all(not start < place < end for start, end in spans for place, _ in found)
    assert all(words(text[start:end]) <= 20 for start, end in found)
    assert len(found) <= 1.3 * words(text) / 20


def test_english_is_cut_at_spaces() -> None:
    found = pieces("the river ran clean again and the fish came back", 20)
    assert "".join(found) == "the river ran clean again and the fish came back"
    assert all(piece.endswith(" ") for piece in found[:-1])


def test_short_empty_and_wrong() -> None:
    assert cut_sentence("", len, 5) == []
    assert cut_sentence("好。", len, 5) == [(0, 2)]
    assert cut_sentence("好😀", lambda text: 4 * len(text), 3) == [(0, 1), (1, 2)]
    with pytest.raises(ValueError, match="max_tokens must be at least 1, not 0"):
        cut_sentence("好。", len, 0)


@given(
    text=st.text(st.sampled_from("一二，；。、：……“”《》（）\" 'ab1,.\u3000😀\u0301\u200d\n"), max_size=80),
    max_tokens=st.integers(1, 20),
    count=st.sampled_from(
        [
            len,
            words,
            lambda text: len(text.encode()),
            lambda text: len(set(text)),
            lambda text: len(text) ** 2 // 16 + 1,
        ]
    ),
)
@settings(deadline=None, max_examples=1000)
def test_spans_cover_the_text_and_fit(text: str, max_tokens: int, count: Count) -> None:
    spans = cut_sentence(text, count, max_tokens)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(start < end for start, end in spans)
    assert all(count(text[start:end]) <= max_tokens or end - start == 1 for start, end in spans)


@pytest.mark.parametrize("unit", ["河水变清山也绿了", "，", "“", "河，", "a", "。”", "1,", "a "])
def test_few_calls_for_long_texts(unit: str) -> None:
    """The work is bounded by the number of places, and by the number of pieces where there are none."""
    text = unit * (100_000 // len(unit))
    counted = 0

    def count(part: str) -> int:
        nonlocal counted
        counted += len(part)
        return len(part)

    spans = cut_sentence(text, count, 96)
    assert (spans[0][0], spans[-1][1]) == (0, len(text))
    assert max(end - start for start, end in spans) <= 96
    assert min(end - start for start, end in spans) >= 40
    assert counted <= 5 * len(text)
