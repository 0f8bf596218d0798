"""The score that decides whether two documents are translations of each other: of their best region."""

from __future__ import annotations

import numpy as np
import pytest

from bilingual.align.match import document_score
from bilingual.bitext import Bead


def pairs(*runs: tuple[int, str, float]) -> tuple[list[Bead], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Make runs of beads: how many, of which type, how alike."""
    beads: list[Bead] = []
    similarity: list[float] = []
    i = j = 0
    for count, kind, value in runs:
        a, b = map(int, kind.split("-"))
        for _ in range(count):
            beads.append(Bead(tuple(range(i, i + a)), tuple(range(j, j + b)), 1.0))
            similarity.append(value)
            i, j = i + a, j + b
    return beads, np.array(similarity)


@pytest.mark.parametrize(
    ("runs", "score"),
    [
        ([], 0.0),
        ([(1, "1-1", 0.6)], 0.6),
        ([(1, "1-0", 0.0)], 0.0),
        ([(50, "1-1", 0.6)], 0.6),
        ([(80, "0-1", 0.0), (20, "1-1", 0.6), (80, "1-0", 0.0)], 0.6),  # a stretch of 20 is enough
        ([(80, "0-1", 0.0), (10, "1-1", 0.6), (80, "1-0", 0.0)], 0.3),  # of 10 it is not, on sides that have 90
        ([(300, "1-1", 0.0), (30, "1-1", 0.6), (70, "1-1", 0.0)], 0.3),  # 15 % of 400
        ([(40, "0-1", 0.0), (5, "1-1", 0.6)], 0.6),  # 5 is all that one side has
        ([(2, "1-1", 0.6), (20, "0-1", 0.0), (8, "1-1", 0.6)], 0.6),  # 70 % of 10 stand together
        ([(5, "1-1", 0.6), (20, "0-1", 0.0), (5, "1-1", 0.6)], 10 * 0.6 / 14),  # but 50 % are too few
        ([(10, "1-2", 0.9), (10, "2-1", 0.3)], (30 * 0.9 + 12 * 0.3) / 42),  # segments count, not beads
    ],
)
def test_the_score_is_that_of_the_best_region(runs: list[tuple[int, str, float]], score: float) -> None:
    assert document_score(*pairs(*runs)) == pytest.approx(score)


def test_what_stands_outside_the_best_region_does_not_count() -> None:
    inside = (25, "1-1", 0.5)
    alone = document_score(*pairs(inside))
    assert document_score(*pairs((100, "1-0", 0.0), inside, (60, "1-1", 0.1))) == pytest.approx(alone)
