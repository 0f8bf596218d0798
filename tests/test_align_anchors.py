"""Anchors: candidates against their definition, and long documents, of which only a sample is compared whole."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bilingual.align.anchors import best_chain, find_anchors, mutual_best, rough_ranges, supported
from bilingual.align.document import _with_fixed

Floats = NDArray[np.float32]


def unit(rows: NDArray[np.float64]) -> Floats:
    scaled: Floats = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def translated(
    n: int, *, lost: slice = slice(0), added: int = 0, noise: float = 0.8
) -> tuple[Floats, Floats, list[int]]:
    """Make vectors of a document and of its translation, which leaves some out and adds some before the last third.

    Every seventh segment is one of three sentences that come again and again.

    Returns:
        Both, and for each target segment the number of its source segment, -1 where it has none.
    """
    draw = np.random.default_rng(n)
    meaning = draw.normal(size=(n, 64))
    meaning[::7] = meaning[:3][draw.integers(0, 3, len(meaning[::7]))]
    kept = [number for number in range(n) if number not in range(*lost.indices(n))]
    place = len(kept) * 2 // 3
    counterpart = [*kept[:place], *[-1] * added, *kept[place:]]
    own = draw.normal(size=(len(counterpart), 64))
    target = np.where(np.array(counterpart)[:, None] < 0, own, meaning[counterpart] + noise * own)
    return unit(meaning + noise * draw.normal(size=meaning.shape)), unit(target), counterpart


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 1000))
def test_candidates_are_each_others_best(n: int, m: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    source, target = unit(draw.normal(size=(n, 4))), unit(draw.normal(size=(m, 4)))
    cosine = source @ target.T
    expected = [
        (i, int(cosine[i].argmax()))
        for i in range(n)
        if cosine[:, cosine[i].argmax()].argmax() == i and cosine[i].max() > 0.3
    ]
    i, j, found = mutual_best(source, target)
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == expected
    np.testing.assert_allclose(found, cosine[i, j], atol=1e-6)


def test_candidates_do_not_depend_on_the_blocks() -> None:
    source, target, _ = translated(1200)
    i, j, _ = mutual_best(source, np.concatenate([target] * 5))  # 6,000 columns: two blocks; the first of equals wins
    again, best, _ = mutual_best(source, target)
    assert i.tolist() == again.tolist()
    assert (j % len(target)).tolist() == best.tolist()


def test_the_chain_is_the_heaviest_one() -> None:
    draw = np.random.default_rng(3)
    for _ in range(30):
        j, weight = draw.integers(0, 6, 8), draw.normal(size=8)
        chain = best_chain(np.arange(8), j, weight)
        subsets = itertools.chain.from_iterable(itertools.combinations(range(8), size) for size in range(9))
        ascending = [s for s in subsets if all(j[p] < j[q] for p, q in itertools.pairwise(s))]
        assert weight[chain].sum() == pytest.approx(max(weight[list(s)].sum() for s in ascending))


def test_an_anchor_alone_is_dropped() -> None:
    assert supported([(0, 0), (1, 1), (3, 20), (4, 4)], 1.0) == [(0, 0), (1, 1), (4, 4)]


@pytest.mark.parametrize(
    ("lost", "added"),
    [(slice(0), 0), (slice(2000, 4400), 0), (slice(0, 3000), 0), (slice(4000, 6000), 0), (slice(0), 3000)],
)
def test_a_sample_finds_what_the_whole_finds(lost: slice, added: int) -> None:
    """Also where a chapter is missing at the start, the end or between, or another one was put in."""
    source, target, counterpart = translated(6000, lost=lost, added=added)
    low, high = rough_ranges(source, target, sample=200)
    inside = [low[i] <= j < high[i] for j, i in enumerate(counterpart) if i >= 0]
    assert all(inside)
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
    assert (high - low).mean() < 2200  # 930 without a hole; whole rectangles where something is missing
    whole, sampled = find_anchors(source, target), find_anchors(source, target, whole=0)
    right = {(i, j) for j, i in enumerate(counterpart)}
    assert len(set(sampled) & right) >= len(set(whole) & right)
    assert len(set(sampled) - right) <= len(set(whole) - right) + 5


def test_of_two_texts_with_nothing_in_common_everything_is_compared() -> None:
    draw = np.random.default_rng(1)
    source, target = unit(draw.normal(size=(500, 512))), unit(draw.normal(size=(700, 512)))
    low, high = rough_ranges(source, target, sample=50)
    assert (low.tolist(), high.tolist()) == ([0] * 500, [700] * 500)
    assert find_anchors(source, target, whole=0) == []


def test_a_pair_a_person_fixed_drops_the_anchors_that_cross_or_touch_it() -> None:
    draw = np.random.default_rng(2)
    for _ in range(50):
        anchors = sorted({(int(i), int(j)) for i, j in draw.integers(0, 12, (6, 2))})
        fixed = [(int(i), int(j)) for i, j in draw.integers(0, 12, (int(draw.integers(0, 4)), 2))]
        kept = [(i, j) for i, j in anchors if all((i - x) * (j - y) > 0 for x, y in fixed)]
        assert _with_fixed(anchors, fixed) == sorted({*kept, *fixed})
