from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.engines import simplify_segment


@pytest.mark.parametrize(
    ("text", "simplified", "offsets"),
    [
        ("", "", [0]),
        ("他沿著河看著船。", "他沿着河看着船。", list(range(9))),
        ("記憶體", "内存", [0, 1, 3]),
        ("買記憶體，換印表機。", "买内存，换打印机。", [0, 1, 2, 4, 5, 6, 7, 8, 9, 10]),
        ("简体不变", "简体不变", list(range(5))),
        ("Python 3.11", "Python 3.11", list(range(12))),
    ],
)
def test_simplified_text_and_where_it_comes_from(text: str, simplified: str, offsets: list[int]) -> None:
    assert simplify_segment(text) == (simplified, offsets)


@settings(deadline=None, max_examples=200)
@given(st.text("記憶體軟體資訊看著的。，a \n\U00020bb7", max_size=40))
def test_offsets_cover_the_text_in_order(text: str) -> None:
    simplified, offsets = simplify_segment(text)
    assert len(offsets) == len(simplified) + 1
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(text)


def test_a_long_text_without_marks_is_converted_in_linear_time() -> None:
    text = "臺灣記憶體" * 4_000
    simplified, offsets = simplify_segment(text)
    assert simplified.startswith("台湾内存台湾内存")
    assert offsets[-1] == len(text)
