"""Scores of beads: weighted sums of features. The weights were fitted by `scripts/train_aligner.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from bilingual.align.features import TYPES, Evidence, bead_features, starts_of_type, type_class

__all__ = ["Weights", "load_weights", "score_beads"]

_CHUNK = 100_000
"""Beads whose features are in memory at a time."""
_NO_BEAD = -1e12
MEAN_FREENESS = 0.25
MAX_FREENESS = 0.7


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights by feature name.

    Attributes:
        feature: Weight of each feature.
        freeness: Added to the weight of a type's bias per unit of freeness above `MEAN_FREENESS`.
    """

    feature: Mapping[str, float]
    freeness: Mapping[str, float]


@cache
def load_weights() -> Weights:
    """Load the weights that the package ships."""
    data = json.loads((files("bilingual.align") / "weights.json").read_text(encoding="utf-8"))
    return Weights(data["feature"], data["freeness"])


def score_beads(evidence: Evidence, weights: Weights) -> dict[tuple[int, int], NDArray[np.float64]]:
    """Score every bead of the band.

    Returns:
        For each type the score of the bead that starts at each node; -1e12 where it does not fit.
    """
    result = {}
    for a, b in TYPES:
        values = np.full(len(evidence.band.i), _NO_BEAD)
        start, end = starts_of_type(evidence.band, a, b)
        kind = type_class(a, b)
        bias = weights.freeness.get(kind, 0.0) * (evidence.freeness - MEAN_FREENESS)
        for first in range(0, len(start), _CHUNK):
            part = slice(first, first + _CHUNK)
            total = np.full(len(start[part]), bias)
            for name, value in bead_features(evidence, a, b, start[part], end[part]).items():
                weight = weights.feature.get(name, 0.0)
                if weight:
                    total += weight * value
            values[start[part]] = total
        result[a, b] = values
    return result
