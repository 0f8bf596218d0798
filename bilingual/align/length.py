"""Alignment by length alone (Gale and Church 1993): the baseline, and the method without an encoder.

A translator makes of every source character about r target characters, with variance s2 per character; the cost of a
bead is the improbability of its lengths under a normal distribution plus that of its type:

    delta = (target - source) / sqrt(mean s2),    cost = -log 2 (1 - Phi(|delta|)) - log p(type)

Lengths are made comparable first (target lengths divided by r, estimated from the document's totals or its anchors).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bilingual.align.band import Band

__all__ = ["TYPE_PROBABILITY", "length_scores"]

TYPE_PROBABILITY = {
    (1, 1): 0.89, (1, 0): 0.00495, (0, 1): 0.00495, (1, 2): 0.0445, (2, 1): 0.0445, (2, 2): 0.011,
}  # fmt: skip
"""Table 5 of the paper; 0.0099 and 0.089 are shared by the two directions."""
_VARIANCE = 6.8
"""s2 per source character, the paper's figure."""
_CHARACTERS = 3.0
"""A Chinese character says as much as three letters, on which the paper's variance was measured."""


def length_scores(
    band: Band, source: NDArray[np.float64], target: NDArray[np.float64]
) -> dict[tuple[int, int], NDArray[np.float64]]:
    """Score every bead by its lengths.

    Args:
        band: The nodes.
        source: Length of each source segment, in Chinese characters.
        target: Length of each target segment, in the same measure (divided by r).

    Returns:
        For each type the score (minus the cost) of the bead that starts at each node.
    """
    source_sum = np.concatenate(([0.0], np.cumsum(source))) * _CHARACTERS
    target_sum = np.concatenate(([0.0], np.cumsum(target))) * _CHARACTERS
    i, j = band.i, band.j
    scores = {}
    for (a, b), probability in TYPE_PROBABILITY.items():
        fits = (i + a <= band.n_source) & (j + b <= band.n_target)
        k, m = i[fits], j[fits]
        lz, le = source_sum[k + a] - source_sum[k], target_sum[m + b] - target_sum[m]
        delta = np.abs(le - lz) / np.sqrt(np.maximum((lz + le) / 2, 1.0) * _VARIANCE)
        values = np.full(len(i), -1e12)
        values[fits] = _log_two_tailed(delta) + math.log(probability)
        scores[a, b] = values
    return scores


def _log_two_tailed(delta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give log(2 (1 - Phi(delta))) for delta >= 0, by the bound of Abramowitz and Stegun 26.2.17 (error < 1e-6).

    Beyond 5 standard deviations the leading term of the asymptotic series is used.
    """
    t = 1 / (1 + 0.2316419 * delta)
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    log_density = -delta * delta / 2 - 0.5 * math.log(2 * math.pi)
    tail = np.where(delta < 5, series, 1 / np.maximum(delta, 1.0))
    result: NDArray[np.float64] = np.minimum(math.log(2) + log_density + np.log(tail), 0.0)
    return result
