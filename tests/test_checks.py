from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bilingual.bitext import Issue, Translation, TranslationUnit
from bilingual.checks import CHECKS, CODES, Evidence, check_units

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
    ("他不断努力。", "He kept trying.", "negation"),
    ("这不仅是责任。", "This is a responsibility too.", "negation"),
    ("未成年的孩子在非洲防不胜防。", "Children are exposed in Africa.", "negation"),
]


@pytest.mark.parametrize(("source", "target", "code"), SILENT)
def test_near_misses_are_silent(source: str, target: str, code: str) -> None:
    assert code not in [name for _, name in found(source, target)]


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
