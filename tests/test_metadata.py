from __future__ import annotations

import pytest

from bilingual.metadata import LABELS, metadata_parts


def english(text: str) -> str:
    """Join the parts, what goes to the engine in angle brackets."""
    return "".join(f"<{part.text}>" if part.decode else part.text for part in metadata_parts(text))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2016-10-24 09:51:29", "2016-10-24 09:51:29"),
        ("2016年10月4日 09:51", "2016-10-04 09:51"),
        (
            "2016-10-24 09:51:29 来源:东湖日报 责任编辑:林月",
            "2016-10-24 09:51:29 Source: <东湖日报> Editor in charge: <林月>",
        ),
        ("来源：东湖日报　　作者：林月", "Source: <东湖日报>  Author: <林月>"),
        ("(本报记者 林月)", "(Our reporter <林月>)"),
        ("（本报记者 林月 通讯员 周远）", "(Our reporter <林月> Correspondent <周远>)"),
        ("【详细】", "[Details]"),
        ("（完）", "(End)"),
        ("东湖新闻网", "<东湖新闻网>"),
        ("编辑部的故事", "<编辑部的故事>"),
        ("", ""),
    ],
)
def test_metadata_line(line: str, expected: str) -> None:
    assert english(line) == expected


def test_nothing_to_decode_is_lost() -> None:
    for label in LABELS:
        assert english(f"{label}：周远") == f"{LABELS[label]}: <周远>"
