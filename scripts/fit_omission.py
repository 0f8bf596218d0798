"""Fit the weights of omission and addition: python scripts/fit_omission.py DATA_DIR [--pairs N].

DATA_DIR holds `own.tsv.xz` (corpus TAB zh TAB en), pairs written for this project. Into one side of every pair a clause
of the next pair is put, which the other side of course says nothing of; logistic regression (ridge penalty 1, Newton's
method) learns to tell such clauses from the others. Prints `WEIGHTS` of `bilingual/checks/coverage.py`.
"""

from __future__ import annotations

import argparse
import lzma
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bilingual.align.lexicon import load_lexicon
from bilingual.bitext import Span
from bilingual.checks import Evidence
from bilingual.checks.coverage import Side, clauses, coverage_features, english_clauses
from bilingual.encoders import load_encoder

LEFT_OUT = ("own_words", "own_test")
"""Corpora of single words, and the one that is kept for tests."""
ENCODER_FEATURES = 13
"""Those that need no lexicon come first."""
Pair = tuple[str, str]


def main() -> None:
    """Read, inject, measure, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pairs", type=int, default=2500)
    arguments = parser.parse_args()
    rows = read_pairs(arguments.data / "own.tsv.xz")
    chosen = random.Random(3).sample(range(len(rows) - 1), arguments.pairs)
    neighbours = [(rows[index], rows[index + 1]) for index in chosen]
    evidence = Evidence(encoder=load_encoder(), lexicon=load_lexicon())
    print("WEIGHTS: dict[tuple[Side, bool], tuple[float, ...]] = {")
    sides: tuple[Side, ...] = ("source", "target")
    for side in sides:
        pairs, injected = inject(neighbours, side, random.Random(4))
        features, labels = [], []
        for found, (start, end) in zip(coverage_features(pairs, evidence, side), injected, strict=True):
            for (first, last), numbers in found:
                shared = min(last, end) - max(first, start)
                if shared <= 0 or shared >= 0.6 * (last - first):
                    features.append(numbers)
                    labels.append(shared > 0)
        for lexicon in (False, True):
            used = np.array(features)[:, : None if lexicon else ENCODER_FEATURES]
            weights = fit(used, np.array(labels, float))
            print(f"    ({side!r}, {lexicon}): {tuple(float(round(weight, 2)) for weight in weights)},")
    print("}")


def read_pairs(path: Path) -> list[Pair]:
    """Read the pairs of sentences written for this project, in their order."""
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [(row[1], row[2]) for row in rows if row[0].startswith("own_") and row[0] not in LEFT_OUT]


def inject(neighbours: list[tuple[Pair, Pair]], side: Side, generator: random.Random) -> tuple[list[Pair], list[Span]]:
    """Give every pair as it is, and with a clause of the other put into one side; and where that clause is."""
    place, cut, end = (0, clauses, "，") if side == "source" else (1, english_clauses, ", ")
    pairs: list[Pair] = []
    injected: list[Span] = []
    for pair, other in neighbours:
        pairs.append(pair)
        injected.append((0, 0))
        spare = [other[place][a:b] for a, b in cut(other[place])]
        starts = [start for start, _ in cut(pair[place])]
        if spare and starts:
            clause = generator.choice(spare).rstrip("，,；;：:。.！？!?”’」』\"' ") + end
            at = generator.choice(starts)
            text = pair[place][:at] + clause + pair[place][at:]
            pairs.append((text, pair[1]) if side == "source" else (pair[0], text))
            injected.append((at, at + len(clause)))
    return pairs, injected


def fit(x: NDArray[np.float64], y: NDArray[np.float64], penalty: float = 1.0) -> NDArray[np.float64]:
    """Fit a logistic regression; the first feature, always 1, is not penalised.

    Args:
        x: float64 [n_rows, n_features].
        y: float64 [n_rows], 0 or 1.
        penalty: Of the ridge.
    """
    weights = np.zeros(x.shape[1])
    ridge = penalty * np.eye(x.shape[1])
    ridge[0, 0] = 1e-9
    for _ in range(60):
        probability = 1 / (1 + np.exp(-x @ weights))
        hessian = (x * (probability * (1 - probability))[:, None]).T @ x + ridge
        weights -= np.linalg.solve(hessian, x.T @ (probability - y) + ridge @ weights)
    return weights


if __name__ == "__main__":
    main()
