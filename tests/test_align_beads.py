from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.align.beads import read_beads, score_bead_files, write_beads
from bilingual.bitext import Bead
from bilingual.errors import InputError

GOLD = [Bead((0,), (0,)), Bead((1, 2), (1,)), Bead((3,), ()), Bead((4,), (2, 3)), Bead((5,), (4,))]


def test_scores_by_hand() -> None:
    """Strict: 2 of 6 right; lax: (2,):(1,) overlaps 1,2-1. Recall: two-sided gold beads only, 2 of 4 strictly."""
    hypothesis = [
        Bead((0,), (0,)),
        Bead((1,), ()),
        Bead((2,), (1,)),
        Bead((3,), (2,)),
        Bead((4,), (3,)),
        Bead((5,), (4,)),
    ]
    scores = score_bead_files([(hypothesis, GOLD)])
    assert (scores.strict_precision, scores.strict_recall) == (2 / 6, 2 / 4)
    assert (scores.lax_precision, scores.lax_recall) == (4 / 6, 4 / 4)
    assert scores.strict_f1 == pytest.approx(0.4)
    assert scores.by_type == {"1-1": (2, 1.0), "2-1": (1, 0.0), "1-0": (1, 0.0), "1-2": (1, 0.0)}


def test_gold_against_itself_is_full_marks_and_nothing_is_none() -> None:
    assert score_bead_files([(GOLD, GOLD)]).strict_f1 == 1.0
    assert score_bead_files([([], GOLD)]).strict_f1 == 0.0


runs = st.lists(st.integers(0, 9), max_size=3, unique=True).map(lambda run: tuple(sorted(run)))
beads = st.lists(st.builds(Bead, runs, runs, st.none() | st.integers(0, 1000).map(lambda n: n / 1000)), max_size=8)


@given(beads, beads)
def test_scores_agree_with_a_plain_count(hypothesis: list[Bead], gold: list[Bead]) -> None:
    """Brute force: a bead is laxly right when one of its pairs is a pair of some other bead."""
    mine = {(b.source, b.target) for b in hypothesis if b.source or b.target}
    theirs = {(b.source, b.target) for b in gold if b.source or b.target}
    pairs = {(i, j) for source, target in theirs for i in source for j in target}
    lax = sum((s, t) in theirs or any((i, j) in pairs for i in s for j in t) for s, t in mine)
    scores = score_bead_files([(hypothesis, gold)])
    assert scores.lax_precision == (lax / len(mine) if mine else 0.0)
    assert scores.strict_precision == (len(mine & theirs) / len(mine) if mine else 0.0)


@given(beads)
def test_files_round_trip(some: list[Bead]) -> None:
    read = read_beads(write_beads(some), "a.beads")
    assert [(b.source, b.target) for b in read] == [(b.source, b.target) for b in some]
    for bead, other in zip(read, some, strict=True):
        assert bead.confidence == pytest.approx(1.0 if other.confidence is None else other.confidence, abs=1e-6)


def test_a_bad_line_is_named() -> None:
    with pytest.raises(InputError, match=r"gold\.txt:2: is no bead"):
        read_beads("[0]:[0]\n0:0\n", "gold.txt")
