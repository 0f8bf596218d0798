from __future__ import annotations

import textwrap

import pytest

from bilingual.reading import ReadOptions, read_lines, read_text
from bilingual.reading.text import join_wrapped


def texts(source: str, lang: str | None = None) -> list[str]:
    return [p.text for p in read_text(source.encode(), "a.txt", ReadOptions("utf-8", lang)).paragraphs]


def kinds(source: str, lang: str | None = None) -> list[tuple[str, int, str]]:
    document = read_text(source.encode(), "a.txt", ReadOptions("utf-8", lang))
    return [(p.kind, p.level, p.text) for p in document.paragraphs]


PROSE = (
    "青石河流经望川和临桑两座城市，两岸住着将近四十万人，河水曾经又黑又臭，人们走过桥的时候都要捂住鼻子，孩子们从来不知道"
    "河里也可以有鱼，直到三年以前，有人在桥头立起了第一块写着名字和电话的牌子"
)
ENGLISH = (
    "The old granary at the end of the village had stood empty for so many winters that nobody could say with any "
    "certainty who had last turned the key. Then a woman came up the road with two boxes of books, and asked whether "
    "the roof still kept the rain out. It did not, but the villagers said that it could be mended before the autumn."
)


def wrapped(text: str, columns: int) -> str:
    per_line = columns // 2
    return "\n".join(text[i : i + per_line] for i in range(0, len(text), per_line))


def test_blank_line_paragraphs() -> None:
    assert texts("第一段话在这里。\n\n  \n第二段话在那里。\n") == ["第一段话在这里。", "第二段话在那里。"]


def test_one_paragraph_a_line() -> None:
    assert texts("第一段话在这里。\n第二段话在那里。\r\n第三段\r第四段。") == [
        "第一段话在这里。",
        "第二段话在那里。",
        "第三段",
        "第四段。",
    ]


@pytest.mark.parametrize("indent", ["\u00a0" * 4, "\u3000\u3000", "    ", "\t"])
def test_indentation_is_a_gap(indent: str) -> None:
    assert texts(f"{indent}第一段话在这里。\n{indent}第二段话在那里。\n") == ["第一段话在这里。", "第二段话在那里。"]


@pytest.mark.parametrize("columns", [40, 60, 70, 80])
def test_hard_wrapped_chinese_is_joined_without_spaces(columns: int) -> None:
    source = wrapped(PROSE + "。", columns) + "\n\n" + wrapped(PROSE[::-1] + "。", columns)
    assert texts(source) == [PROSE + "。", PROSE[::-1] + "。"]


def test_hard_wrapped_paragraphs_parted_by_indentation_alone() -> None:
    first, second = wrapped("\u3000\u3000" + PROSE, 60), wrapped("\u3000\u3000" + PROSE[::-1], 60)
    assert texts(f"{first}\n{second}\n{first}") == [PROSE, PROSE[::-1], PROSE]


def test_a_line_that_ends_with_a_final_stop_ends_its_paragraph() -> None:
    line = "这一行字刚好写满了三十个汉字的宽度所以看起来像是被折断的。"
    assert texts(f"{line}\n{line}\n{line}") == [line] * 3


def test_lines_of_different_width_are_not_joined() -> None:
    lines = ["青石河", "望川市水务局局长陆远舟在会上介绍了近三年来的治理情况", "临桑市", "两市共同出资设立补偿基金"]
    assert texts("\n".join(lines)) == lines


def test_verse_is_not_joined() -> None:
    lines = ["小河弯弯向东流，", "两岸人家几度秋。", "不见当年撑船客，", "石桥依旧月当头。"]
    assert kinds("\n".join(lines)) == [("text", 0, line) for line in lines]


@pytest.mark.parametrize(
    ("before", "after", "chinese", "between"),
    [
        ("河水", "清了", True, ""),
        ("他说：", "“好”", True, ""),
        ("“好”", "“不好”", True, ""),
        ("用 Open", "Library 查", True, " "),
        ("Library", "的网页", True, ""),
        ("20", "16年", True, ""),
        ("the word 关注", "means", False, " "),
        ("well-", "known", False, ""),
        ("a -", "b", False, " "),
        ("wait—", "what", False, ""),
        ("", "a", False, ""),
    ],
)
def test_what_stands_for_a_soft_line_end(before: str, after: str, chinese: bool, between: str) -> None:
    assert join_wrapped(before, after, chinese) == between


@pytest.mark.parametrize("columns", [50, 70, 76])
def test_hard_wrapped_english_is_unwrapped_with_spaces(columns: int) -> None:
    source = textwrap.fill(ENGLISH, columns) + "\n\n" + textwrap.fill(ENGLISH[::-1], columns) + "\n"
    assert texts(source, "en") == [ENGLISH, ENGLISH[::-1]]


def test_hyphens_at_the_margin_are_kept() -> None:
    source = "The library was run by well-\nknown volunteers."
    assert texts("A first line that is as long as any other line of this text was a half-\nhearted try.", "en") == [
        "A first line that is as long as any other line of this text was a half-hearted try."
    ]
    assert texts(source, "en") == ["The library was run by well-", "known volunteers."]


def test_english_one_sentence_a_line_is_not_joined() -> None:
    lines = [
        "The library opened in the spring.",
        "It has more than a thousand books.",
        "Nobody pays for a library card.",
    ]
    assert texts("\n".join(lines), "en") == lines


def test_raw_form_of_an_unwrapped_paragraph() -> None:
    source = wrapped(PROSE + "。", 60)
    document = read_text(source.encode(), "a.txt", ReadOptions())
    (paragraph,) = document.paragraphs
    assert document.text[paragraph.start : paragraph.end] == source
    assert document.text == source


def test_bullets_are_markup_and_levels_come_from_indentation() -> None:
    source = "要带的东西有这些。\n- 雨伞\n  - 长柄的\n  - 折叠的\n- 水壶\n"
    document = read_text(source.encode(), "a.txt", ReadOptions())
    assert [(p.kind, p.level, p.text) for p in document.paragraphs] == [
        ("text", 0, "要带的东西有这些。"),
        ("list_item", 1, "雨伞"),
        ("list_item", 2, "长柄的"),
        ("list_item", 2, "折叠的"),
        ("list_item", 1, "水壶"),
    ]
    assert [document.text[a:b] for a, b in document.markup] == ["-", "-", "-", "-"]


def test_a_lone_dash_is_a_signature_no_list() -> None:
    assert kinds("谢谢大家读到这里。\n- 林见微") == [("text", 0, "谢谢大家读到这里。"), ("text", 0, "- 林见微")]


def test_numbered_items_keep_their_numbers() -> None:
    assert kinds("带上：\n1. 雨伞\n2. 水壶\n3. 地图") == [
        ("text", 0, "带上："),
        ("list_item", 1, "1. 雨伞"),
        ("list_item", 1, "2. 水壶"),
        ("list_item", 1, "3. 地图"),
    ]


def test_mail_quotes() -> None:
    assert kinds("> 你说的那条河在哪里？\n\n在青石桥下面。") == [
        ("quote", 0, "你说的那条河在哪里？"),
        ("text", 0, "在青石桥下面。"),
    ]


def test_lines_that_are_segmented_already() -> None:
    document = read_lines("  标题\n\n1. 甲\u2028乙\r\n\r\n- 丙\x0b丁\n".encode(), "a.txt", ReadOptions())
    assert [p.text for p in document.paragraphs] == ["标题", "", "1. 甲\u2028乙", "", "- 丙\x0b丁"]
    assert {(p.kind, p.level) for p in document.paragraphs} == {("text", 0)}
    assert document.pre_segmented


@pytest.mark.parametrize(
    "source", ["字" * 10_000, "🙂🙂", "\x00字\x00", "\u202e反\u202c", " " * 100_000 + "字", "。", "<script>&"]
)
def test_odd_texts_are_one_paragraph(source: str) -> None:
    assert texts(source) == [source.strip()]
