"""Tables that say whether confidences can be relied on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["area_under_curve", "print_reliability", "share_kept"]

KEPT_PRECISION = 0.95
_BINS = (0.0, 0.5, 0.7, 0.9, 0.97, 0.99, 1.01)


def print_reliability(judged: Sequence[tuple[float, bool]]) -> None:
    """Print the precision by confidence as a Markdown table, the share that can be kept, and the area under the curve.

    Args:
        judged: The confidence of each bead, and whether it is right.
    """
    print("\n| confidence | beads | right |\n|---|---|---|")
    for low, high in itertools.pairwise(_BINS):
        inside = [right for confidence, right in judged if low <= confidence < high]
        if inside:
            print(f"| {low:.2f} to {min(high, 1):.2f} | {len(inside)} | {sum(inside) / len(inside):.3f} |")
    confidences, verdicts = (np.array(column) for column in zip(*judged, strict=True))
    share = share_kept(confidences, verdicts)
    area = area_under_curve(confidences, verdicts)
    print(f"\nKept at precision {KEPT_PRECISION}: {share:.1%}; AUC {area:.3f}")


def share_kept(confidence: NDArray[np.float64], right: NDArray[np.bool_], precision: float = KEPT_PRECISION) -> float:
    """Give the greatest share of beads, the most confident first, of which so many are right.

    >>> share_kept(np.array([.9, .8, .7, .6]), np.array([True, True, False, False]), .6)
    0.75
    """
    best = np.argsort(-confidence, kind="stable")
    kept = np.flatnonzero(np.cumsum(right[best]) >= precision * np.arange(1, len(best) + 1))
    return float((kept[-1] + 1) / len(best)) if len(kept) else 0.0


def area_under_curve(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Give the probability that a right bead has a higher confidence than a wrong one; ties count half.

    >>> area_under_curve(np.array([.9, .8, .7]), np.array([True, False, True]))
    0.5
    """
    wrong = np.sort(confidence[~right])
    below = np.searchsorted(wrong, confidence[right], side="left") + np.searchsorted(
        wrong, confidence[right], side="right"
    )
    return float(below.mean() / (2 * max(1, len(wrong))))
