from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pytest

from bilingual.bitext import Issue, Span, Translation, TranslationUnit
from bilingual.checks import CHECKS, CODES, Evidence, TermUse, check_units
from bilingual.checks.sounds import Heard

EXTRA = ("negation",)


def unit(source: str, target: str, **fields: object) -> TranslationUnit:
    base = TranslationUnit("1", "a.txt", 1, 1, "text", 0, "zh-Hans", "en", source, target)
    return replace(base, **fields)  # type: ignore[arg-type]


def found(source: str, target: str, **fields: object) -> list[tuple[str, str]]:
    """Give (severity, code) of every issue, the optional checks included."""
    (checked,) = check_units([unit(source, target, **fields)], extra=EXTRA)
    return [(issue.severity, issue.code) for issue in checked.issues]


# One row for each rule: (source, target, severity, code).
FOUND = [
    ("河水变清了。", "", "error", "empty"),
    ("河水变清了，山也绿了。", "河水变清了，山也绿了。", "error", "untranslated"),
    ("他在望川工作。", "He works in 望川 city.", "error", "untranslated"),
    ("姓名、电话都写在牌子上。", "Names and names and names and names are on the sign.", "error", "repetition"),
    ("他去公园。", "He went to the park to the park to the park.", "error", "repetition"),
    ("他笑了。", "He laughed and laughed and laughed hahahahahahahahahahahaha.", "warning", "repetition"),
    ("昨天他参加了一个关于教育改革的会议。", "Yes.", "warning", "length-ratio"),
    (
        "好的。",
        "I would like to say that this is all very good and that I agree with everything that was said today.",
        "warning",
        "length-ratio",
    ),
    ("老王说：“河水变清了，鱼也回来了。”", "Old Wang said the river is clear.", "warning", "quotes"),
    ("这是“老大难”问题。", "This is a difficult problem.", "info", "quotes"),
    ("世界卫生组织发布了报告。", "The World Health Organization (WHO released a report.", "warning", "brackets"),
    ("望川市（原名青石县）很大。", "Wangchuan is large.", "info", "brackets"),
    ("谁来管？", "Someone will take care of it.", "info", "terminal-punctuation"),
    ("河水变清了。", "The river is clear?", "info", "terminal-punctuation"),
    ("河水变清了，山也绿了。", "The river is clear, and the hills,", "info", "terminal-punctuation"),
    ("请访问https://example.org/a。", "Please visit the site.", "error", "url-email"),
    ("他没有来。", "He came yesterday.", "info", "negation"),
    ("他来了。", "He did not come.", "info", "negation"),
    ("他不懂。", "He understands.", "info", "negation"),
    ("他们没有讨论。", "They had a discussion.", "info", "negation"),
    ("", "The river is clear.", "warning", "empty"),
    ("他去公园，然后回家吃晚饭。", "He went to the park and then went home home.", "warning", "repetition"),
    ("他去公园，然后回家。", "He went to the park and went home and went home.", "error", "repetition"),
    (
        "今年他们先修了桥，后来又在山下种了许多树。",
        "This year they built a bridge at the foot of the hill, then trees at the foot of the hill.",
        "info",
        "repetition",
    ),
    (
        "老师们今年夏天带着孩子参观了博物馆、工厂和果园。",
        "The teachers took teachers and teachers to a museum, teachers, and the teachers of orchards.",
        "warning",
        "repetition",
    ),
    # The source says a thing twice, the target four times.
    ("他一直走，一直走。", "He walked on walked on walked on walked on walked on.", "error", "repetition"),
    ("老王说：“好的。”", 'Old Wang said: "Good.', "info", "quotes"),
    ("河水变清了。", "The river is clea", "info", "terminal-punctuation"),
    ("来信请寄wen@example.org。", "Please write to us.", "error", "url-email"),
]


@pytest.mark.parametrize(("source", "target", "severity", "code"), FOUND)
def test_each_rule_finds_its_fault(source: str, target: str, severity: str, code: str) -> None:
    assert (severity, code) in found(source, target)


# A near miss for each rule: nothing worse than a remark, and not this code.
SILENT = [
    ("河水变清了。", "The river is clear.", "empty"),
    ("他姓“张”。", "His surname is “Zhang”.", "untranslated"),
    ("他非常非常高兴。", "He was very, very happy.", "repetition"),
    ("越来越多的人来了。", "More and more people came.", "repetition"),
    ("昨天他参加了一个会议。", "Yesterday he attended a meeting.", "length-ratio"),
    ("老王说：“河水变清了。”", "“The river is clear,” said Old Wang.", "quotes"),
    ("a）第一步。", "a) The first step.", "brackets"),
    ("谁来管？", "Who will take care of it?", "terminal-punctuation"),
    ("河水变清了：", "The river is clear:", "terminal-punctuation"),
    ("请访问https://example.org/a。", "Please visit https://example.org/a.", "url-email"),
    ("来信请寄wen@example.org。", "Please write to wen@example.org.", "url-email"),
    ("他很高兴。", "He was no doubt happy.", "negation"),
    ("他没有来。", "He failed to come.", "negation"),
    ("他一直走，一直走。", "He walked on, walked on.", "repetition"),
    (
        "十三家公司竞买新丰化工厂地块，今天出让的新丰化工厂地块很大。",
        "Thirteen firms bid for the Xinfeng Chemical Plant land. The Xinfeng Chemical Plant land sold today is large.",
        "repetition",
    ),
    ("姓名、电话都写在牌子上。", "Names and telephone numbers are on the sign.", "repetition"),
    ("老师教老师，老师学老师。", "Teachers teach teachers, and teachers learn from teachers.", "repetition"),
    ("这是‘好’的。", "This is 'good'.", "quotes"),
    ("河水变清了（今年）。", "The river is clear (this year).", "brackets"),
    ("他姓张", "His surname is Zhang", "terminal-punctuation"),
    ("好的。", "Good.", "length-ratio"),
    ("他在ABC公司工作。", "He works at ABC.", "untranslated"),
    ("这不公平。", "This is unfair.", "negation"),
    ("她不喜欢下雨。", "She dislikes rain.", "negation"),
    ("他不断努力。", "He kept trying.", "negation"),
    ("这不仅是责任。", "This is a responsibility too.", "negation"),
    ("未成年的孩子在非洲防不胜防。", "Children are exposed in Africa.", "negation"),
]


@pytest.mark.parametrize(("source", "target", "code"), SILENT)
def test_near_misses_are_silent(source: str, target: str, code: str) -> None:
    assert code not in [name for _, name in found(source, target)]


def test_every_check_of_a_single_row_has_a_row_and_a_near_miss() -> None:
    of_the_engine = {"low-log-prob", "unknown-pieces", "unfinished"}
    elsewhere = {"numbers", "omission", "addition", "low-similarity", "name-inconsistent", "term-missing"}
    expected = set(CHECKS) - of_the_engine - elsewhere
    assert {code for *_, code in FOUND} == expected
    assert {code for *_, code in SILENT} == expected


def names(pairs: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Check pairs as one document: for each its (severity, message) of inconsistent names."""
    rows = [unit(source, target, id=str(number)) for number, (source, target) in enumerate(pairs)]
    checked = check_units(rows, only=["name-inconsistent"])
    return [[(issue.severity, issue.message) for issue in row.issues] for row in checked]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        # Spelled by its sounds.
        (
            [
                ("温望川来了。", "Wen Wangchuan came."),
                ("温望川走了。", "Then Wen Wangchuan left."),
                ("温望川病了。", "Wen Wangchun is ill."),
            ],
            "温望川 is “Wen Wangchuan” elsewhere, here “Wen Wangchun”.",
        ),
        # A foreign name: its word is the one that stands in its rows and in no other.
        (
            [
                ("克里登斯基来了。", "Kridensky came."),
                ("克里登斯基走了。", "Later Kridensky left."),
                ("河水变清了。", "The river is clear."),
                ("克里登斯基病了。", "Now Kredinsky is ill."),
            ],
            "克里登斯基 is “Kridensky” elsewhere, here “Kredinsky”.",
        ),
    ],
)
def test_a_name_spelled_in_two_ways_is_found(pairs: list[tuple[str, str]], message: str) -> None:
    *others, last = names(pairs)
    assert others == [[] for _ in others]
    assert last == [("warning", message)]


def test_the_usual_spelling_is_the_one_that_most_rows_have() -> None:
    pairs = [
        ("平望很美。", "Pyeongwang is lovely."),
        ("平望很大。", "Big Pyeongwang."),
        ("平望下雨。", "In Pingwang it rains."),
    ]
    assert names(pairs) == [[], [], [("warning", "平望 is “Pyeongwang” elsewhere, here “Pingwang”.")]]


def test_one_against_one_is_a_remark() -> None:
    pairs = [("温望川来了。", "Wen Wangchuan came."), ("温望川病了。", "Wen Wangchun is ill.")]
    assert names(pairs)[1] == [("info", "温望川 is “Wen Wangchuan” elsewhere, here “Wen Wangchun”.")]


@pytest.mark.parametrize(
    "pairs",
    [
        # A surname alone, a pronoun, another order, a hyphen, an accent, a possessive.
        [("温望川来了。", "Wen Wangchuan came."), ("温望川走了。", "Wen left.")],
        [("温望川来了。", "Wen Wangchuan came."), ("温望川走了。", "He left.")],
        [("温望川来了。", "Wen Wangchuan came."), ("温望川走了。", "Wen Wang-chuan left.")],
        [("温望川来了。", "Wen Wangchuan came."), ("温望川走了。", "Wén Wàngchuān left.")],
        [("温望川来了。", "Wen Wangchuan came."), ("温望川的书。", "Wen Wangchuan's book.")],
        # Another person, whose name is spelled right.
        [("温望川来了。", "Wen Wangchuan came."), ("温望川和温望春走了。", "He and Wen Wangchun left.")],
        # A name inside a longer one.
        [
            ("上海很大。", "Shanghai is big."),
            ("上海南站很大。", "Shanghai South is big."),
            ("海南很大。", "Hainan is big."),
        ],
        # An adjective, a plural.
        [("克里登斯基来了。", "Kridenia."), ("克里登斯基走了。", "Kridenia."), ("克里登斯基人。", "The Kridenian.")],
        # Two foreign names that are alike, each with its own characters.
        [
            ("马丁内斯来了。", "Martinez came."),
            ("马尔蒂尼走了。", "Martinek left."),
            ("马丁内斯病了。", "Martinez is ill."),
        ],
        # An old spelling that belongs to an institution.
        [("北京很大。", "Beijing is big."), ("北京大学。", "Peking University.")],
        [("温望川来了。", "Wen Wangchuan came.")],
    ],
)
def test_names_that_are_no_slip_are_silent(pairs: list[tuple[str, str]]) -> None:
    assert names(pairs) == [[] for _ in pairs]


def test_another_language_has_no_sounds() -> None:
    rows = [
        unit("Wangchuan est belle.", "Wangchuan.", source_lang="fr"),
        unit("Wangchuan.", "Wangchun.", source_lang="fr"),
    ]
    assert [row.issues for row in check_units(rows, only=["name-inconsistent"])] == [(), ()]


def test_where_chinese_sounds_like_letters() -> None:
    assert list(Heard("他在望川和重庆").places("wangchuan")) == [(2, 4)]
    assert list(Heard("他在望川和重庆").places("chongqing")) == [(5, 7)]  # 重 is zhong and chong
    assert list(Heard("女儿吕女士").places("lunushi")) == [(2, 5)]  # ü is u
    assert list(Heard("望").places("wang")) == []  # one character sounds like too much
    assert list(Heard("西安").places("xian")) == [(0, 2)]
    assert list(Heard("").places("xian")) == []


class Terms:
    """A glossary of one term, as another room would give it."""

    def uses(self, source: str, target: str) -> list[TermUse]:
        if "望川" not in source:
            return []
        at, found = source.index("望川"), target.find("Wangchuan")
        return [Used("望川", "Wangchuan", (at, at + 2), (found, found + 9) if found >= 0 else None)]


@dataclass(frozen=True)
class Used:
    source: str
    wanted: str
    source_span: Span
    target_span: Span | None


def test_a_term_that_is_missing_and_one_that_is_there() -> None:
    rows = [
        unit("他在望川。", "He is at Lookout River."),
        unit("他在望川。", "He is in Wangchuan."),
        unit("他在望川。", ""),
    ]
    checked = check_units(rows, Evidence(glossary=Terms()), only=["term-missing"])
    expected = Issue("term-missing", "warning", 1.0, "The glossary wants “Wangchuan” for 望川.", ((2, 4),))
    assert [row.issues for row in checked] == [(expected,), (), ()]


def test_a_gloss_in_brackets_is_only_a_remark() -> None:
    assert ("info", "untranslated") in found("他姓张。", "His surname is Zhang (张).")


def test_negation_runs_only_when_asked_for() -> None:
    (checked,) = check_units([unit("他没有来。", "He came yesterday.")])
    assert "negation" not in [issue.code for issue in checked.issues]


def test_what_the_engine_was_unsure_of() -> None:
    one = unit("他没有来。", "He did not come.", log_prob=-2.0)
    evidence = Evidence(translations={"1": Translation(one.target, -2.0, unknown=2, finished=False)})
    (checked,) = check_units([one], evidence)
    assert [(issue.severity, issue.code, issue.value) for issue in checked.issues] == [
        ("error", "unfinished", 16.0),
        ("warning", "unknown-pieces", 2.0),
        ("info", "low-log-prob", -2.0),
    ]
    assert found("他没有来。", "He did not come.", log_prob=-0.5) == []
    assert math.isnan(unit("甲", "A").log_prob)


def test_only_and_kept_issues() -> None:
    old = Issue("person-says", "warning", 1.0, "kept")
    one = unit("全市有37条河流。", "The city has 73 rivers", issues=(old,))
    (checked,) = check_units([one], only=["number-mismatch"])
    assert [issue.code for issue in checked.issues] == ["number-mismatch", "person-says"]
    (again,) = check_units([checked], only=["quotes"])
    assert [issue.code for issue in again.issues] == ["number-mismatch", "person-says"]
    with pytest.raises(ValueError, match="no such check: grammar"):
        check_units([one], only=["grammar"])


def test_every_issue_has_a_sentence_and_spans_inside_the_texts() -> None:
    for source, target, _, _ in FOUND:
        (checked,) = check_units([unit(source, target)], extra=EXTRA)
        for issue in checked.issues:
            assert issue.message[0].isupper() or issue.message[0] in "“"
            assert issue.message.endswith(".")
            assert all(0 <= start <= end <= len(source) for start, end in issue.source_spans)
            assert all(0 <= start <= end <= len(target) for start, end in issue.target_spans)


def test_every_check_declares_its_codes() -> None:
    assert set(CODES) == set(CHECKS)


@pytest.mark.parametrize("text", ["好，", "河水变清了，", "3.2亿，", "(", "“", "ha ", "to the park ", "？"])
def test_a_text_of_a_hundred_thousand_characters_is_checked_in_no_time(text: str) -> None:
    """Nothing here may be quadratic: at 100,000 characters that would be hours (the runner's patience is the limit)."""
    long = text * (100_000 // len(text))
    check_units([unit(long, long), unit("好。", long), unit(long, "Fine.")], extra=EXTRA)
