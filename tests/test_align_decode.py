"""The lattice against all paths of small ones, and a person's decisions against their definition."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bilingual.align.band import Band, full_band, span_band
from bilingual.align.decode import FORBIDDEN, best_path, build_lattice, posteriors, restrict

TYPES = ((1, 0), (0, 1), (1, 1), (1, 2), (2, 1), (2, 2))
Scores = dict[tuple[int, int], NDArray[np.float64]]


def random_scores(band: Band, seed: int) -> Scores:
    draw = np.random.default_rng(seed)
    return {kind: draw.normal(size=len(band.i)) for kind in TYPES}


def all_paths(band: Band, node: int = 0) -> list[list[tuple[int, tuple[int, int], int]]]:
    """Every path from a node to the end, as lists of (start node, type, end node)."""
    if node == len(band.i) - 1:
        return [[]]
    paths = []
    for a, b in TYPES:
        end = int(band.index(band.i[node : node + 1] + a, band.j[node : node + 1] + b)[0])
        if end >= 0:
            paths += [[(node, (a, b), end), *rest] for rest in all_paths(band, end)]
    return paths


bands = st.one_of(
    st.builds(full_band, st.integers(1, 3), st.integers(1, 3)),
    st.just(Band(np.array([0, 0, 1, 2]), np.array([1, 2, 3, 4]))),
)


@settings(deadline=None, max_examples=60)
@given(bands, st.integers(0, 10_000))
def test_sums_and_best_path_are_those_of_all_paths(band: Band, seed: int) -> None:
    scores = random_scores(band, seed)
    lattice = build_lattice(band, scores)
    paths = all_paths(band)
    totals = np.array([sum(scores[kind][start] for start, kind, _ in path) for path in paths])
    log_z = float(np.logaddexp.reduce(totals))
    probability, found = posteriors(lattice)
    assert math.isclose(found, log_z, abs_tol=1e-9)
    expected = np.zeros_like(probability)
    for path, total in zip(paths, totals, strict=True):
        for _, kind, end in path:
            expected[lattice.types.index(kind), end] += math.exp(total - log_z)
    np.testing.assert_allclose(probability, expected, atol=1e-9)
    best = paths[int(totals.argmax())]
    assert best_path(lattice) == [(lattice.types.index(kind), end) for _, kind, end in best]


pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 6)), max_size=6)


@settings(deadline=None, max_examples=80)
@given(pairs, pairs, st.booleans())
def test_what_contradicts_a_person_is_forbidden(
    together: list[tuple[int, int]], apart: list[tuple[int, int]], narrow: bool
) -> None:
    """A bead holds both segments of a pair that belongs together or neither, and never both of one that does not."""
    band = span_band([(2, 2), (3, 4)], 6, 7) if narrow else full_band(6, 7)
    scores = random_scores(band, 1)
    before = {kind: values.copy() for kind, values in scores.items()}
    restrict(scores, band, together=together, apart=apart)
    for (a, b), node in itertools.product(TYPES, range(len(band.i))):
        source = range(int(band.i[node]), int(band.i[node]) + a)
        target = range(int(band.j[node]), int(band.j[node]) + b)
        wrong = any((i in source) != (j in target) for i, j in together)
        wrong = wrong or any(i in source and j in target for i, j in apart)
        assert scores[a, b][node] == (FORBIDDEN if wrong else before[a, b][node])


@pytest.mark.parametrize(
    ("anchors", "n_source", "n_target", "most"),
    [
        ([], 30_000, 33_000, 2_100_000),
        ([], 2_000, 2_200, 140_000),
        ([], 240, 240, 60_000),
        ([(n, n) for n in range(0, 30_000, 3)], 30_000, 33_000, 900_000),
        ([(n, n) for n in range(10_000)], 30_000, 10_000, 900_000),  # two thirds have no counterpart
        ([], 300, 30_000, 200_000),
        ([], 30_000, 300, 2_000_000),
        ([(5, 5)], 1, 1, 4),
    ],
)
def test_the_band_is_bounded_and_holds_together(
    anchors: list[tuple[int, int]], n_source: int, n_target: int, most: int
) -> None:
    band = span_band([pair for pair in anchors if pair[0] < n_source], n_source, n_target)
    assert len(band.i) <= most
    assert (band.low[0], band.high[-1]) == (0, n_target)
    assert (np.diff(band.low) >= 0).all()
    assert (np.diff(band.high) >= 0).all()
    assert (band.low[1:] <= band.high[:-1]).all()
    assert (band.low <= band.high).all()
