from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.engines import is_passthrough
from bilingual.engines.segments import batch_indices, max_target_tokens


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\u3000\u00a0",
        "——",
        "……",
        "═══════",
        "***",
        "😀👍🏽",
        "3.14",
        "２０１６",
        "-12,500.75%",
        "(1)",
        "OK",
        "Python 3.11",
        "https://example.org/a?b=c",
        "http://example.org/新闻/第1页",
        "www.example.org/首页",
        "someone@example.org",
        "\x00",
    ],
)
def test_what_holds_no_chinese_or_is_an_address_is_copied(text: str) -> None:
    assert is_passthrough(text)


@pytest.mark.parametrize(
    "text",
    [
        "好",
        "第3条",
        "2016年",
        "〇",
        "见 https://example.org 一文",
        "www.example.org是官网",
        "https://example.org是官网",
        "𠮷",
        "OK了",
    ],
)
def test_what_holds_chinese_is_translated(text: str) -> None:
    assert not is_passthrough(text)


@settings(deadline=None)
@given(st.lists(st.integers(1, 60), max_size=80), st.integers(1, 100), st.booleans())
def test_batches_hold_every_segment_once_and_keep_the_budget(lengths: list[int], budget: int, padded: bool) -> None:
    batches = batch_indices(lengths, budget, padded=padded)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget
        assert padded or len({lengths[i] for i in batch}) == 1
    flat = [lengths[index] for batch in batches for index in batch]
    assert flat == sorted(flat, reverse=True)


def test_the_longest_target_follows_the_source_and_stays_under_the_positions() -> None:
    assert [max_target_tokens(n, 512) for n in (1, 10, 96, 163, 164, 500)] == [23, 50, 308, 509, 510, 510]
