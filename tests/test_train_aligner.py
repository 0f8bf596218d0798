"""The aligner's trainer on toy lattices: gradient, falling loss, decoding, the weights file; and edge features."""

import importlib
import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bilingual.align.band import full_band
from bilingual.align.edges import compare_edges, edge_features, lone_features
from bilingual.align.features import TYPES, starts_of_type

SCRIPTS = Path(__file__).parent.parent / "scripts"


def script(name: str) -> Any:
    """Import a module of scripts/ or scripts/aligner/."""
    for folder in (SCRIPTS, SCRIPTS / "aligner"):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    return importlib.import_module(name)


def toy_lattice(seed: int, n: int = 4) -> Any:
    """Every bead of n by n segments; gold is the diagonal, which one feature hints at."""
    lattices = script("bead_lattices")
    rows = [(a, b, i, j) for a, b in TYPES for i in range(n - a + 1) for j in range(n - b + 1)]
    a, b, i, j = (np.array(column, np.int32) for column in zip(*rows, strict=True))
    gold = (a == 1) & (b == 1) & (i == j)
    noise = np.random.default_rng(seed).normal(size=(len(rows), 2))
    features = np.column_stack([gold + 0.5 * noise[:, 0], noise[:, 1], (a == 1) & (b == 1)]).astype(np.float32)
    return lattices.BeadLattice(n, n, 0.5, a, b, i, j, gold, ("hint", "noise", "type 1-1"), features)


NAMES = ("hint", "noise", "type 1-1", "freeness 1-1")


def test_the_gradient_is_that_of_the_loss() -> None:
    likelihood = script("likelihood")
    beads = likelihood.gather_beads([toy_lattice(1), toy_lattice(2, 3)], NAMES)
    weights, shares = np.array([0.3, -0.2, 0.5, 0.1]), np.array([1.0, 0.4])
    _, gradient = likelihood.loss(beads, weights, shares)
    for place in range(len(weights)):
        step = np.zeros(len(weights))
        step[place] = 0.01
        high, low = (likelihood.loss(beads, weights + sign * step, shares)[0] for sign in (1, -1))
        assert gradient[place] == pytest.approx((high - low) / 0.02, abs=2e-3)


def test_fitting_lowers_the_loss_and_finds_the_diagonal() -> None:
    likelihood = script("likelihood")
    beads = likelihood.gather_beads([toy_lattice(seed) for seed in range(6)], NAMES)
    weights, value = likelihood.fit(beads, penalty=0.1)
    assert value < 0.2 * likelihood.loss(beads, np.zeros(len(NAMES)))[0]
    paths = likelihood.best_alignments(beads, weights)
    assert [(source, target) for source, target, _ in paths[0]] == [((n,), (n,)) for n in range(4)]
    assert all(0 <= posterior <= 1 for path in paths for *_, posterior in path)


def test_weights_are_written_as_the_aligner_loads_them(tmp_path: Path) -> None:
    script("train_aligner").write_weights(NAMES, np.array([1.25, -0.5, 0.1234, 2.0]), tmp_path / "weights.json")
    assert json.loads((tmp_path / "weights.json").read_text(encoding="utf-8")) == {
        "feature": {"hint": 1.25, "noise": -0.5, "type 1-1": 0.123},
        "freeness": {"1-1": 2.0},
    }


def test_gold_that_crosses_leaves_its_rectangle_free() -> None:
    gold = script("gold_documents")
    beads = [((0,), (0,)), ((1, 3), (1,)), ((2,), ()), ((4,), (2,))]
    assert gold.gold_rectangles(beads, 5, 3) == [
        gold.Rectangle(0, 0, 1, 1, False),
        gold.Rectangle(1, 1, 3, 1, True),
        gold.Rectangle(4, 2, 1, 1, False),
    ]


def test_a_corrupted_copy_still_has_every_segment_in_one_bead() -> None:
    gold = script("gold_documents")
    segments = tuple(str(n) for n in range(300))
    document = gold.GoldDocument("toy", "one", segments, segments, tuple(((n,), (n,)) for n in range(300)))
    copy = gold.corrupted(document, random.Random(5))
    assert len(copy.zh) + len(copy.en) < 600
    assert sorted(i for source, _ in copy.beads for i in source) == list(range(len(copy.zh)))
    assert sorted(j for _, target in copy.beads for j in target) == list(range(len(copy.en)))
    assert all(copy.zh[s[0]] == copy.en[t[0]] for s, t in copy.beads if s and t)
    assert len(copy.zh_breaks) == len(copy.zh)


class ToySpans:
    """Random unit vectors for segments, and for their first and last clauses."""

    def __init__(self, n: int, seed: int) -> None:
        vectors = np.random.default_rng(seed).normal(size=(3, n, 5)).astype(np.float32)
        self.all = vectors / np.linalg.norm(vectors, axis=2, keepdims=True)

    def vectors(self, start: int, stop: int, max_span: int) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
        return [self.all[0, start:stop]][:max_span]

    def edges(self) -> tuple[np.ndarray[Any, np.dtype[np.float32]], np.ndarray[Any, np.dtype[np.float32]]]:
        return self.all[1], self.all[2]


def test_edge_features_against_their_definition() -> None:
    source, target, band = ToySpans(4, 1), ToySpans(3, 2), full_band(4, 3)
    edges = compare_edges(source, target, band)
    (s, h, t), (u, h_, t_) = source.all, target.all

    def expected(i: int, j: int) -> list[float]:
        if i in (0, 4) or j in (0, 3):
            return [0.0] * 7
        return [
            t[i - 1] @ u[j - 1] - t[i - 1] @ u[j],
            h[i] @ u[j] - h[i] @ u[j - 1],
            t_[j - 1] @ s[i - 1] - t_[j - 1] @ s[i],
            h_[j] @ s[i] - h_[j] @ s[i - 1],
            t[i - 1] @ t_[j - 1] + h[i] @ h_[j] - t[i - 1] @ h_[j] - h[i] @ t_[j - 1],
            max(s[i] @ t_[j - 1], s[i] @ h_[j]),
            max(u[j] @ t[i - 1], u[j] @ h[i]),
        ]

    for node, (i, j) in enumerate(zip(band.i.tolist(), band.j.tolist(), strict=True)):
        assert edges[:, node] == pytest.approx(expected(i, j), abs=1e-5)
    start, end = starts_of_type(band, 2, 2)
    found = edge_features(edges, band, 2, 2, start, end)
    for bead, (i, j) in enumerate(zip(band.i[start].tolist(), band.j[start].tolist(), strict=True)):
        before, inside, after = (sum(expected(i + k, j + k)[:4]) for k in (0, 1, 2))
        assert found["edge_ends"][bead] == pytest.approx(before + after, abs=1e-5)
        assert found["edge_inside"][bead] == pytest.approx(max(inside, 0), abs=1e-5)
        assert found["edge_clauses-"][bead] == pytest.approx(min(expected(i + 2, j + 2)[4], 0), abs=1e-5)
    for a, b in ((1, 0), (0, 1)):
        start, end = starts_of_type(band, a, b)
        found = lone_features(edges, a, start, end)
        for bead, (i, j) in enumerate(zip(band.i[start].tolist(), band.j[start].tolist(), strict=True)):
            here, there = expected(i, j), expected(i + a, j + b)
            assert found["lone_clause"][bead] == pytest.approx(here[5 if a else 6], abs=1e-5)
            assert found["lone_edge"][bead] == pytest.approx(
                min(here[2], there[3]) if a else min(here[0], there[1]), abs=1e-5
            )


def test_reliability_on_five_beads(capsys: pytest.CaptureFixture[str]) -> None:
    reliability = script("reliability")
    reliability.print_reliability([(0.995, True), (0.98, True), (0.8, True), (0.6, False), (0.4, True)])
    assert capsys.readouterr().out.split("\n")[3:] == [
        "| 0.00 to 0.50 | 1 | 1.000 |",
        "| 0.50 to 0.70 | 1 | 0.000 |",
        "| 0.70 to 0.90 | 1 | 1.000 |",
        "| 0.97 to 0.99 | 1 | 1.000 |",
        "| 0.99 to 1.00 | 1 | 1.000 |",
        "",
        "Kept at precision 0.95: 60.0%; AUC 0.750",
        "",
    ]


def test_groups_are_made_of_patterns() -> None:
    names = ["U_cos", "U_cos h", "L_cos", "? both", "freeness 1-1"]
    matching = script("train_aligner").matching
    assert matching(names, ("[UL]_cos*",)) == ["U_cos", "U_cos h", "L_cos"]
    assert matching(names, ("[?] *", "freeness *")) == ["? both", "freeness 1-1"]


def test_a_fit_goes_on_from_where_another_ended() -> None:
    likelihood = script("likelihood")
    beads = likelihood.gather_beads([toy_lattice(seed) for seed in range(4)], NAMES)
    weights, value = likelihood.fit(beads, penalty=0.5)
    again, same = likelihood.fit(beads, penalty=0.5, start=weights, iterations=3)
    assert same == pytest.approx(value, rel=1e-3)
    assert again == pytest.approx(weights, abs=0.1)
    smaller = beads.keep(np.array([True, False, True, True]))
    assert smaller.features.tolist() == beads.features[:, [0, 2, 3]].tolist()
