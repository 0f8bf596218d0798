"""Segmentation: the golden rules, and what must hold for any text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.bitext import Document, Kind, Paragraph, Sentence, check_ledger, visible
from bilingual.segment import segment_document, segment_lines, segment_paragraph
from bilingual.segment.scan import match_pairs

GOLDEN = Path(__file__).parent / "golden" / "segment.tsv"


def golden_rows() -> list[tuple[str, str, str]]:
    header, *lines = GOLDEN.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    assert header == "lang\tsentences\treason"
    rows = []
    for line in lines:
        lang, sentences, reason = line.split("\t")
        rows.append((lang, sentences, reason))
    return rows


def texts(text: str, lang: str) -> list[str]:
    return [sentence.text for sentence in segment_paragraph(text, lang)]


@pytest.mark.parametrize(
    ("lang", "sentences", "reason"), golden_rows(), ids=[f"{row[0]}: {row[2]}" for row in golden_rows()]
)
def test_golden_rules(lang: str, sentences: str, reason: str) -> None:
    """A bar stands where a sentence ends; white space around it is the gap."""
    expected = [sentence.strip() for sentence in sentences.split("|")]
    assert texts(sentences.replace("|", ""), lang) == expected, reason


def test_golden_table_is_large_and_without_doubles() -> None:
    rows = golden_rows()
    assert len(rows) >= 120
    assert len({row[1].replace("|", "") for row in rows}) == len({(row[0], row[2]) for row in rows}) == len(rows)
    assert all(sum(row[0] == lang for row in rows) >= 40 for lang in ("zh", "en"))


ALPHABET = "。！？；，：…—~.!?;,:'\"“”‘’「」『』（）()《》【】[]1 2Aa说道，他我的\u3000 \n\t\u200b\ufeff😀\ufe0f"
WORDS = [
    "他说",
    "U.S.",
    "Mr. ",
    "3.14",
    "http://a.b/?c",
    "“好。”",
    "The ",
    "said",
    "……",
    "“",
    "。”",
    "\r\n",
    "1. ",
    "A. ",
]
ANY_TEXT = st.one_of(
    st.text(st.sampled_from(ALPHABET), max_size=40),
    st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(ALPHABET)), max_size=25).map("".join),
    st.text(max_size=20),
)


@given(text=ANY_TEXT, lang=st.sampled_from(["zh-Hans", "zh-Hant", "en"]))
@settings(deadline=None, max_examples=1500)
def test_sentences_and_gaps_rebuild_the_paragraph(text: str, lang: str) -> None:
    sentences = segment_paragraph(text, lang)
    position, rebuilt = 0, ""
    for sentence in sentences:
        gap = text[position : sentence.start]
        assert visible(gap) == ""
        assert visible(sentence.text[0])
        assert visible(sentence.text[-1])
        rebuilt += gap + sentence.text
        position = sentence.end
    assert visible(text[position:]) == ""
    assert rebuilt + text[position:] == text
    assert bool(sentences) == bool(visible(text))
    Paragraph(text, 0, len(text), sentences=sentences)  # holds its own invariant


@given(text=ANY_TEXT, lang=st.sampled_from(["zh-Hans", "en"]))
@settings(deadline=None, max_examples=500)
def test_segmenting_a_sentence_again_loses_nothing(text: str, lang: str) -> None:
    for sentence in texts(text, lang):
        assert visible("".join(texts(sentence, lang))) == visible(sentence)


@given(text=ANY_TEXT)
@settings(deadline=None, max_examples=500)
def test_pairs_are_nested(text: str) -> None:
    pairs = sorted(match_pairs(text))
    open_until: list[int] = []
    for start, end in pairs:
        assert start < end
        while open_until and open_until[-1] < start:
            open_until.pop()
        assert not open_until or end < open_until[-1]
        open_until.append(end)


def test_a_line_end_ends_a_sentence() -> None:
    assert texts("床前明月光，\n疑是地上霜。\r\n举头望明月", "zh") == ["床前明月光，", "疑是地上霜。", "举头望明月"]
    assert texts("The river runs\nto the sea", "en") == ["The river runs", "to the sea"]


def test_signs_without_words_join_their_neighbour_but_not_over_a_line_end() -> None:
    assert texts("！！！你好。", "zh") == ["！！！你好。"]
    assert texts("你好。——", "zh") == ["你好。——"]
    assert texts("你好。\n═══\n再见。", "zh") == ["你好。", "═══", "再见。"]
    assert texts("😀😀", "zh") == ["😀😀"]


def test_the_language_tag_and_the_script_choose_the_rules() -> None:
    assert texts("他来了。我走了。", "zh-Hant-TW") == ["他来了。", "我走了。"]
    assert texts("He left the U.S. The rest stayed.", "zh") == ["He left the U.S.", "The rest stayed."]
    assert texts("他来了。我走了。", "und") == ["他来了。", "我走了。"]


def test_a_long_bracket_is_no_aside() -> None:
    inside = "河水变清了，鱼也回来了，" * 10
    assert texts(f"他说（{inside}很好。{inside}真好。）", "zh") == [f"他说（{inside}很好。", f"{inside}真好。）"]
    assert texts("他说（很好。真好。）", "zh") == ["他说（很好。真好。）"]


def test_segment_document_keeps_code_and_metadata_whole() -> None:
    blocks: list[tuple[Kind, str]] = [
        ("code", "  print('a. B. C')\n    exit()\n"),
        ("metadata", "来源:某报. 责任编辑:某某."),
        ("text", "他来了。我走了。"),
        ("text", ""),
    ]
    text, paragraphs = "", []
    for kind, block in blocks:
        paragraphs.append(Paragraph(block, len(text), len(text) + len(block), kind=kind))
        text += block
    document = Document("zh-Hans", "a.md", text, tuple(paragraphs))
    done = segment_document(document)
    assert [[sentence.text for sentence in paragraph.sentences] for paragraph in done.paragraphs] == [
        ["print('a. B. C')\n    exit()"],
        ["来源:某报. 责任编辑:某某."],
        ["他来了。", "我走了。"],
        [],
    ]
    assert done.paragraphs[0].sentences == (Sentence("print('a. B. C')\n    exit()", 2, 29),)
    check_ledger(done)
    assert document.sentences == []


def test_segment_lines_makes_every_line_one_sentence() -> None:
    lines = ["他来了。我走了。", "", " 好。 ", "\u200b"]
    document = Document("zh-Hans", "a.txt", "\n".join(lines), tuple(Paragraph(line, 0, len(line)) for line in lines))
    done = segment_lines(document)
    assert [[sentence.text for sentence in paragraph.sentences] for paragraph in done.paragraphs] == [
        ["他来了。我走了。"],
        [],
        ["好。"],
        [],
    ]


@pytest.mark.parametrize("unit", ["“", "“”", "。", "！ ", "……”", "A. ", "'", "（", "“好。”他说，", "a", "。[1]", "“。"])
def test_hostile_texts_come_back_whole(unit: str) -> None:
    """A rule that looks back or ahead without a bound would not come to an end here."""
    text = unit * (100_000 // len(unit))
    for lang in ("zh", "en"):
        assert visible("".join(texts("中" + text, lang))) == visible("中" + text)


# Running articles, in reading order (CC0): the paragraphs as a newspaper would print them.
ARTICLE = """
昨天上午九点，家住和平里小区6楼的陈桂兰老人按下按钮，不到半分钟就到了一楼，这是她三年来第一次独自下楼买菜。
陈桂兰今年82岁，膝盖做过手术，以前每次出门都要儿子背着。
“盼了这么久，总算盼来了，我现在一天要下来两三趟。”她笑着说。
该小区建于1986年，共有14栋住宅楼、612户居民，其中60岁以上的老人占四成以上。
据社区党委书记刘洋介绍，加装电梯最大的难点不是资金，而是低楼层住户担心采光和噪音，迟迟不愿签字。
下一步，该局还将探索“代建租用”模式，居民无须一次性付费，只需按月缴纳使用费。
中国女排3比1逆转对手，四局比分依次为21比25、25比19、27比25和25比17。
“最困难的时候，大家没有互相埋怨，而是一分一分地咬。”队长赵雪在赛后接受采访时说。
他说：“以前是向江里要饭吃，现在是替子孙把这条江看好。”
数据显示，上月新增人民币贷款1.36万亿元，同比多增1800亿元；广义货币（M2）余额同比增长9.1%。
上面千条线，下面一根针，基层本来就任务繁重，如果再被层层加码压得喘不过气，哪里还有时间走村入户、为民办事？
治标更须治本。
""".strip().split("\n")


def test_a_running_article_falls_into_its_sentences() -> None:
    assert texts("".join(ARTICLE), "zh") == ARTICLE


def test_the_golden_table_is_no_table_of_full_stops() -> None:
    """Splitting behind every stop, the obvious rule, fails a third of the rows: the table tests the rules."""
    failed = 0
    for _, sentences, _ in golden_rows():
        expected = [sentence.strip() for sentence in sentences.split("|")]
        naive = re.split(r"(?<=[。！？!?.])(?![。！？!?.”])\s*", sentences.replace("|", "").strip())
        failed += [part for part in naive if part] != expected
    assert failed > len(golden_rows()) / 3
