from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.align.lexicon import load_lexicon
from bilingual.bitext import TranslationUnit
from bilingual.checks import Evidence, check_units
from bilingual.checks.counterpart import Suspect, have_counterparts
from bilingual.checks.coverage import WEIGHTS, Side, clauses, coverage_features, english_clauses
from bilingual.checks.lexical import Witness
from bilingual.encoders import load_encoder

PAIRS = [
    (
        "昨天下午，市水务局公布了今年的治理计划。",
        "Yesterday afternoon the city water bureau published this year's plan.",
    ),
    ("退休教师老文每天清晨都要沿着河岸走上一圈。", "Every morning the retired teacher Wen walks along the river bank."),
    (
        "工厂把污水偷偷排进了河里，被罚了二十万元。",
        "The factory secretly dumped sewage into the river and was fined 200,000 yuan.",
    ),
    ("孩子们在河边上了一堂特别的自然课。", "The children had a special nature lesson by the river."),
]


@pytest.fixture(scope="module", params=["encoder", "encoder and lexicon"])
def evidence(request: pytest.FixtureRequest) -> Evidence:
    return Evidence(encoder=load_encoder(), lexicon=load_lexicon() if "lexicon" in request.param else None)


def units(pairs: list[tuple[str, str]]) -> list[TranslationUnit]:
    return [
        TranslationUnit(str(n), "a", n, 1, "text", 0, "zh-Hans", "en", source, target, origin="human")
        for n, (source, target) in enumerate(pairs, 1)
    ]


def codes(pairs: list[tuple[str, str]], evidence: Evidence) -> list[list[str]]:
    checked = check_units(units(pairs), evidence, only=["omission", "addition", "low-similarity"])
    return [[issue.code for issue in unit.issues] for unit in checked]


def test_good_pairs_are_silent(evidence: Evidence) -> None:
    assert codes(PAIRS, evidence) == [[], [], [], []]


def test_without_an_encoder_nothing_is_compared() -> None:
    swapped = [(PAIRS[0][0], PAIRS[1][1]), (PAIRS[1][0], PAIRS[0][1])]
    assert codes(swapped, Evidence()) == [[], []]


def test_exchanged_neighbours_are_found(evidence: Evidence) -> None:
    swapped = [PAIRS[0], (PAIRS[1][0], PAIRS[2][1]), (PAIRS[2][0], PAIRS[1][1]), PAIRS[3]]
    found = [[code for code in row if code == "low-similarity"] for row in codes(swapped, evidence)]
    assert found == [[], ["low-similarity"], ["low-similarity"], []]


def test_another_meaning_is_found(evidence: Evidence) -> None:
    assert codes([(PAIRS[0][0], "My grandmother bakes excellent apple cakes.")], evidence) == [["low-similarity"]]


def test_a_dropped_clause_is_named_with_its_place(evidence: Evidence) -> None:
    source = "昨天下午，市水务局公布了今年的治理计划，三所小学的学生参观了新建的科技馆。"
    (unit,) = check_units(units([(source, PAIRS[0][1])]), evidence, only=["omission"])
    (issue,) = unit.issues
    assert (issue.code, issue.severity) == ("omission", "warning")
    assert source[slice(*issue.source_spans[0])] == "三所小学的学生参观了新建的科技馆。"
    assert issue.message == "The target may leave out “三所小学的学生参观了新建的科技馆。”."


ERHU = "已经有两个孩子在学拉二胡，如今拉得像模像样了，我们打算再请一位老师。"


def test_a_free_rendering_is_no_omission() -> None:
    """By the likeness of the whole the clause in the middle is left out; a place in the target is like it alone."""
    evidence = Evidence(encoder=load_encoder())
    target = (
        "Two children are learning the erhu, and they are doing quite well by now, so we plan to hire another teacher."
    )
    assert codes([(ERHU, target)], evidence) == [[]]
    shorter = "Two children are learning the erhu, so we plan to hire another teacher."
    assert codes([(ERHU, shorter)], evidence) == [["omission"]]


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        pytest.param(
            "“我并不担心，因为这条河总有一天会变清，”林溪镇的罗青山说。",
            "“I am not worried, because one day this river will be clear,” said Luo Qingshan.",
            [True, True],
            id="who says it",
        ),
        pytest.param(
            "不管发生什么事情，老文每天清晨都要沿着河岸走上一圈。",
            "Wen walks along the river bank every morning, come what may.",
            [True, True],
            id="at another place",
        ),
        pytest.param(
            "不管发生什么事情，老文每天清晨都要沿着河岸走上一圈。",
            "Wen walks along the river bank every morning.",
            [False, True],
            id="nowhere",
        ),
        pytest.param(
            "水质达标的时候，下游给上游补钱；水质超标的时候，上游给下游赔钱。",
            "When the water is clean, the lower town pays the upper one.",
            [False, False, False, False],
            id="clauses alike, of which none has a place alone",
        ),
    ],
)
def test_a_clause_has_a_counterpart_where_a_place_is_like_it_and_no_other(
    source: str, target: str, expected: list[bool]
) -> None:
    spans = clauses(source)
    suspects = [Suspect(source, target, spans, place) for place in range(len(spans))]
    assert have_counterparts(suspects, load_encoder()) == expected
    assert have_counterparts([], load_encoder()) == []


def test_an_added_clause_is_named_with_its_place(evidence: Evidence) -> None:
    target = (
        "Every morning the retired teacher Wen walks along the river bank, the bank lowered its interest rates again."
    )
    (unit,) = check_units(units([(PAIRS[1][0], target)]), evidence, only=["addition"])
    (issue,) = unit.issues
    assert (issue.code, issue.severity, issue.source_spans) == ("addition", "warning", ())
    assert target[slice(*issue.target_spans[0])] == "the bank lowered its interest rates again."
    assert issue.message == "The source may have nothing of “the bank lowered its interest rates again.”."


@pytest.mark.parametrize(("side", "n"), [("source", 2), ("target", 2)])
def test_there_is_a_weight_for_every_feature(side: Side, n: int, evidence: Evidence) -> None:
    pair = (PAIRS[2][0], PAIRS[2][1].replace(" and", ", and it"))
    (found,) = coverage_features([pair], evidence, side)
    assert len(found) == n
    assert {len(features) for _, features in found} == {len(WEIGHTS[side, evidence.lexicon is not None])}
    with pytest.raises(ValueError, match="measured with an encoder"):
        coverage_features([pair], Evidence(), side)


def test_the_lexicon_sees_what_is_covered() -> None:
    witness = Witness(load_lexicon())
    source, target = "学生参观了工厂，银行降低了利率。", "The students visited the factory."
    (_, first, _), (_, second, _) = witness.source_cover(source, target, [(0, 8), (8, 16)])
    assert first > 0.8
    assert second < 0.2
    longer = f"{target} The bank cut interest rates."
    (_, one, _), (_, two, _) = witness.target_cover("学生参观了工厂。", longer, [(0, 33), (34, len(longer))])
    assert one > 0.8
    assert two < 0.2
    # One word stands for one clause: "bank" cannot cover both.
    twice, once_only = "银行降低了利率，银行上调了利率。", "The bank cut interest rates."
    covers = witness.source_cover(twice, once_only, [(0, 8), (8, 16)])
    assert min(once for _, _, once in covers) < min(part for _, part, _ in covers)
    assert witness.source_cover("", "", [(0, 0)]) == [(0.0, 0.5, 0.5)]


def test_with_word_links_a_clause_that_none_touches_was_dropped() -> None:
    source = "河水今年变得非常清澈，山上的树也全部绿了。"
    (unit,) = units([(source, "The river became very clear this year.")])
    links = tuple((place, place + 1, 0, 3) for place in range(10))
    (checked,) = check_units([replace(unit, links=links)], only=["omission"])
    assert [source[slice(*issue.source_spans[0])] for issue in checked.issues] == ["山上的树也全部绿了。"]
    everywhere = tuple((place, place + 1, 0, 3) for place in range(len(source)))
    (checked,) = check_units([replace(unit, links=everywhere)], only=["omission"])
    assert checked.issues == ()


@given(st.text(alphabet="河水变清了，；。！？”a1 …—:", max_size=60))
def test_clauses_cover_the_text(text: str) -> None:
    spans = clauses(text)
    assert "".join(text[start:end] for start, end in spans) == text


@given(st.text(alphabet='abc d,.;: -—’"1', max_size=60))
def test_english_clauses_cover_the_text(text: str) -> None:
    spans = english_clauses(text)
    assert "".join(text[start:end] for start, end in spans) == text
