"""Names in pinyin, bags of clauses, and what both sides' paragraphs have in common."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bilingual.align.lexicon import clauses_of, load_lexicon
from bilingual.align.marks import agreement_of_breaks, paragraph_features, quote_features
from bilingual.align.names import find_names
from bilingual.align.surface import Surface, read_surface


def test_names_are_found_on_both_sides() -> None:
    zh = ["汪小满把信交给周教授。", "教授没有拆信。", "小满走了。"]
    en = ["Wang Xiaoman gave the letter to Professor Zhou.", "Zhou's letter stayed shut.", "Then Xiao-man left."]
    names = find_names(zh, en)
    assert names.weight == {
        "xiaoman": pytest.approx(2 + math.log(4 / 2)),
        "wang": pytest.approx(2 + math.log(4 / 1)),
        "zhou": pytest.approx(2 + math.log(4 / 1)),
    }
    assert [sorted(names.in_chinese(text)) for text in zh] == [["wang", "xiaoman", "zhou"], [], ["xiaoman"]]
    assert [sorted(names.in_english(text)) for text in en] == [["wang", "xiaoman", "zhou"], ["zhou"], ["xiaoman"]]


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("他和他走了。", "He and he left."),  # also written small
        ("望着远处。", "Wang looked away."),  # read so, but no surname
        ("罗伯特来了。", "Robert came."),  # no pinyin
        ("没有名字。", "No name at all"),
    ],
)
def test_what_is_no_name(zh: str, en: str) -> None:
    assert find_names([zh], [en]).weight == {}


def test_a_shared_name_brings_the_bags_together() -> None:
    zh, en = ["琦瑶不说话。", "天黑了。"], ["Qiyao kept silent.", "Night fell."]
    lexicon, names = load_lexicon(), find_names(["琦瑶不说话。", "天黑了。"], ["Qiyao kept silent.", "Night fell."])

    def cosine(*, named: bool) -> float:
        sides = [lexicon.bags(side, chinese=side is zh, names=names if named else None) for side in (zh, en)]
        return float(sides[0].vectors(0, 1, 1)[0][0] @ sides[1].vectors(0, 1, 1)[0][0])

    assert cosine(named=True) > cosine(named=False) + 0.1


def test_bags_of_clauses() -> None:
    lexicon = load_lexicon()
    together, apart = (
        lexicon.bags(side, chinese=True) for side in (["春天来了，河水涨起来。"], ["春天来了，", "河水涨起来。"])
    )
    assert together.bags[0] == pytest.approx(apart.bags.sum(axis=0), rel=1e-5)
    heads, tails = together.edges()
    vectors = apart.vectors(0, 2, 1)[0]
    assert np.concatenate((heads, tails)) == pytest.approx(vectors, abs=2e-3)


def test_bags_of_a_very_long_segment() -> None:
    lexicon = load_lexicon()
    one, many = (lexicon.bags(["春天来了，" * count], chinese=True) for count in (1, 20_000))
    assert many.bags[0] == pytest.approx(20_000 * one.bags[0], rel=1e-3)
    assert many.heads.tolist() == many.tails.tolist() == one.heads.tolist()


@pytest.mark.parametrize(
    ("segment", "clauses"),
    [
        ("春天来了，河水涨起来。", ["春天来了，", "河水涨起来。"]),
        ("是，他来了。", ["是，他来了。"]),
        ("他来了。”", ["他来了。”"]),
        ("", [""]),
    ],
)
def test_clauses(segment: str, clauses: list[str]) -> None:
    assert clauses_of(segment, 4) == clauses


def side(breaks: str, texts: list[str] | None = None) -> Surface:
    """Segments whose paragraph ends where a | stands."""
    return read_surface(texts or ["x"] * len(breaks), chinese=False, breaks=[sign == "|" for sign in breaks])


def test_agreement_of_breaks() -> None:
    pairs = [(0, 0), (1, 1), (3, 3)]
    # both: the start, after 1, and after 1 once more seen ... the breaks after 0 and 2 stand on one side only
    assert agreement_of_breaks(side(".|.."), side(".|.."), pairs) == pytest.approx(math.log(3))
    assert agreement_of_breaks(side(".|.."), side("|..."), pairs) == pytest.approx(math.log(2 / 4))
    assert agreement_of_breaks(side(".|.."), side(".|.."), []) == 0.0


def test_paragraph_features_count_by_agreement() -> None:
    i, j = np.array([0, 1]), np.array([0, 1])
    found = paragraph_features(side(".|."), side("..."), 3.0, 1, 1, i, j)
    assert found["par_one"].tolist() == [0.0, 1.0]
    assert found["par_one agree"].tolist() == [0.0, 1.0]
    found = paragraph_features(side(".|."), side("..."), 1.0, 1, 1, i, j)
    assert found["par_one agree"].tolist() == [0.0, -1.0]


def test_quotation_marks_are_counted() -> None:
    zh = read_surface(["“走。”她说，“快走。”", "没人动。"], chinese=True)
    en = read_surface(["“Go,” she said.", "“Be quick.”", "Nobody moved."], chinese=False)

    def found(start: tuple[int, int], stop: tuple[int, int]) -> float:
        boundaries = (np.array([place]) for place in (*start, *stop))
        return float(quote_features(zh, en, *boundaries)["quotes_diff"][0])

    assert found((0, 0), (1, 1)) == 2.0
    assert found((0, 0), (1, 2)) == 0.0
    assert found((1, 0), (2, 1)) == 2.0
