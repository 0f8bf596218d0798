"""What punctuation and layout say about a bead: marks at its ends, quotation marks, paragraph breaks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bilingual.align.surface import MARKS, Surface

__all__ = ["agreement_of_breaks", "mark_features", "paragraph_features", "quote_features",
           "quote_state"]  # fmt: skip

_MEAN_AGREEMENT = 2.0
"""Agreement from which the weights of paragraph breaks are counted: 88 % of the breaks on both sides."""

_A = NDArray[np.float64]
_I = NDArray[np.int64]


def agreement_of_breaks(source: Surface, target: Surface, anchors: Sequence[tuple[int, int]]) -> float:
    """Say how far both sides' paragraphs agree: ln((both + 1) / (one + 1)), 0 without anchors.

    Counted are the paragraph breaks before and after the segments of anchors: those that both sides have, and those
    that one side has. Where a translator kept the paragraphs, a break says much; where breaks got lost, little.
    """
    if not anchors:
        return 0.0
    i, j = np.array(anchors).T
    both, one = 1.0, 1.0
    for x, y in (
        (_before(source.breaks, i) | (i == 0), _before(target.breaks, j) | (j == 0)),
        (source.breaks[i], target.breaks[j]),
    ):
        both += float((x & y).sum())
        one += float((x ^ y).sum())
    return float(np.log(both / one))


def paragraph_features(
    source: Surface, target: Surface, agreement: float, a: int, b: int, i: _I, j: _I
) -> dict[str, _A]:
    """Compare paragraph breaks: inside the bead, and at its end; a document ends with a break.

    `par_in_both` and `par_in_one` are the lesser number of breaks inside and the difference of both; `par_both` and
    `par_one` say whether there is a break at the end. The same again times `agreement` (`agreement_of_breaks`).
    """
    inside, ends = [], []
    for breaks, first, size in ((source.breaks, i, a), (target.breaks, j, b)):
        total = np.concatenate(([0], np.cumsum(breaks)))
        inside.append(total[first + max(size - 1, 0)] - total[first])
        stop = first + size
        ends.append((stop == 0) | (stop == len(breaks)) | _before(breaks, stop))
    f = {
        "par_in_both": np.minimum(*inside).astype(float),
        "par_in_one": np.abs(inside[0] - inside[1]).astype(float),
        "par_both": (ends[0] & ends[1]).astype(float),
        "par_one": (ends[0] ^ ends[1]).astype(float),
    }
    return f | {f"{name} agree": value * (agreement - _MEAN_AGREEMENT) for name, value in f.items()}


def mark_features(s: Surface, t: Surface, i: _I, j: _I, last_i: _I, last_j: _I) -> dict[str, _A]:
    """Compare the marks at the end (classes of `surface.MARKS`), and quotation marks at both ends."""
    source, target = s.mark[last_i], t.mark[last_j]
    question = MARKS["?"]
    starts, ends = (s.opens[i], t.opens[j]), (s.closes[last_i], t.closes[last_j])
    tests = {
        "? both": (source == question) & (target == question),
        "? one": (source == question) ^ (target == question),
        "end_same": (source == target) & (source != question),
        "quote_starts both": starts[0] & starts[1],
        "quote_starts one": starts[0] ^ starts[1],
        "quote_ends both": ends[0] & ends[1],
        "quote_ends one": ends[0] ^ ends[1],
    }
    return {name: test.astype(float) for name, test in tests.items()}


def quote_state(s: Surface, t: Surface, stop_i: _I, stop_j: _I) -> _A:
    """Say whether after the bead one side is inside a quotation and the other is not."""
    return (_before(s.inside, stop_i) ^ _before(t.inside, stop_j)).astype(float)


def quote_features(s: Surface, t: Surface, i: _I, j: _I, stop_i: _I, stop_j: _I) -> dict[str, _A]:
    """Compare the numbers of quotation marks in the bead.

    `quotes_diff` is the difference of the opening plus that of the closing marks, at most 4.
    """
    difference = np.zeros(len(i))
    for source, target in ((s.openings, t.openings), (s.closings, t.closings)):
        x, y = (np.concatenate(([0], np.cumsum(marks))) for marks in (source, target))
        difference += np.abs((x[stop_i] - x[i]) - (y[stop_j] - y[j]))
    return {"quotes_diff": np.minimum(difference, 4)}


def _before(values: NDArray[np.bool_], boundary: _I) -> NDArray[np.bool_]:
    """Take the values of the segments that end at boundaries; false at the document's start."""
    result: NDArray[np.bool_] = np.concatenate(([False], values))[boundary]
    return result
