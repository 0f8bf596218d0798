"""Fit the weights of the omission check: python scripts/fit_omission.py DATA_DIR [--pairs N].

DATA_DIR holds `own.tsv.xz` (corpus TAB zh TAB en), pairs written for this project. Into the source of every pair a
clause of the next pair is put, which the target of course says nothing of; logistic regression (ridge penalty 1,
Newton's method) learns to tell such clauses from the others. Prints what goes into `bilingual/checks/coverage.py`.
"""

from __future__ import annotations

import argparse
import lzma
import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bilingual.checks import Evidence
from bilingual.checks.coverage import clauses, omission_features
from bilingual.encoders import load_encoder

LEFT_OUT = ("own_words", "own_test")
"""Corpora of single words, and the one that is kept for tests."""


def main() -> None:
    """Read, inject, measure, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pairs", type=int, default=2500)
    arguments = parser.parse_args()
    with lzma.open(arguments.data / "own.tsv.xz", "rt", encoding="utf-8", newline="\n") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    rows = [row for row in rows if row[0].startswith("own_") and row[0] not in LEFT_OUT]
    generator = random.Random(3)
    pairs: list[tuple[str, str]] = []
    injected: list[tuple[int, int]] = []
    for index in generator.sample(range(len(rows) - 1), arguments.pairs):
        source, target = rows[index][1], rows[index][2]
        pairs.append((source, target))
        injected.append((0, 0))
        others = [rows[index + 1][1][a:b] for a, b in clauses(rows[index + 1][1])]
        places = [start for start, _ in clauses(source)]
        if others and places:
            clause = generator.choice(others).rstrip("，,；;：:。！？!?”’」』") + "，"
            place = generator.choice(places)
            pairs.append((source[:place] + clause + source[place:], target))
            injected.append((place, place + len(clause)))
    features, labels = [], []
    for found, (start, end) in zip(omission_features(pairs, Evidence(encoder=load_encoder())), injected, strict=True):
        for (first, last), numbers in found:
            shared = min(last, end) - max(first, start)
            if shared <= 0 or shared >= 0.6 * (last - first):
                features.append(numbers)
                labels.append(shared > 0)
    weights = fit(np.array(features), np.array(labels, float))
    print(f"{len(labels)} clauses, {int(sum(labels))} of them put in")
    print("OMISSION_WEIGHTS =", tuple(float(round(weight, 2)) for weight in weights))


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
