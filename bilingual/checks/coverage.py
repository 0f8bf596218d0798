"""Coverage: clauses of the source that the target says nothing of, targets that mean something else.

Where the engine gave word links, a clause that no link touches was dropped. Where there are none (people translated),
the sentence encoder decides: without a clause that was left out, the rest of the source is *more* like the target.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

import numpy as np

from bilingual.bitext import Issue, Span, TranslationUnit
from bilingual.checks.evidence import Evidence, Lengths
from bilingual.checks.length import length_deviation

__all__ = [
    "OMISSION_WEIGHTS",
    "check_low_similarity",
    "check_omission",
    "clauses",
    "omission_features",
]

MIN_HAN = 6
"""Chinese characters of the shortest clause that is reported."""
_LINKED_SHARE = 0.1
"""Share of a clause's Chinese characters that links touch, up to which it counts as dropped."""
_CUT = re.compile(r"(?<!\d)[，,；;：:](?!\d)[”’」』）)]*|[。！？!?]+[”’」』）)]*|——+|…+")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")

OMISSION_WEIGHTS = (-5.91, 2.59, -0.64, -0.92, 0.33, -1.23, -1.56, 5.71, -0.10, -4.13, 12.96, 2.19, -1.47)
"""Logistic regression on `omission_features`, fitted by `scripts/fit_omission.py` on pairs written for this project,
with a clause of a neighbouring sentence put into the source."""
OMISSION_THRESHOLD = 0.3
"""Log odds from which a clause is reported: about 4 % of human references are above it."""

LOW_SIMILARITY = 0.33
"""Cosine under which a pair is suspect; 1 % of human pairs of news are below it."""
VERY_LOW_SIMILARITY = 0.12
_SWAP_MARGIN = 0.12
"""How much nearer two neighbours must be to each other's target, in the mean, to count as exchanged."""
_MIN_SURE = 12
"""Characters of the shortest source of which a very low similarity is an error."""
_MIN_COMPARED = 5
"""Chinese characters of the shortest source whose meaning is compared: vectors of single words scatter."""


def clauses(text: str) -> list[Span]:
    """Cut a Chinese sentence into clauses of at least `MIN_HAN` Chinese characters; the spans cover the text.

    >>> clauses("河水变清了很多，山也绿了，鸟儿都飞回来了。")
    [(0, 8), (8, 21)]
    """
    spans: list[Span] = []
    start = 0
    for end in [*(match.end() for match in _CUT.finditer(text)), len(text)]:
        if len(_HAN.findall(text[start:end])) >= MIN_HAN:
            spans.append((start, end))
            start = end
    if start < len(text):
        spans[-1:] = [(spans[-1][0] if spans else 0, len(text))]
    return spans


def check_omission(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report clauses of the source without a counterpart: code `omission`."""
    unlinked = []
    for index, unit in enumerate(units):
        if not unit.target or unit.kind in ("code", "metadata") or unit.origin == "copy":
            continue
        if unit.links:
            for span in _dropped(unit):
                yield index, _omission(unit, span, 1.0)
        elif len(_HAN.findall(unit.source)) >= 2 * MIN_HAN and unit.source_lang.startswith("zh"):
            unlinked.append(index)
    if evidence.encoder is not None and unlinked:
        pairs = [(units[index].source, units[index].target) for index in unlinked]
        for index, found in zip(unlinked, omission_features(pairs, evidence), strict=True):
            odds = [float(np.dot(OMISSION_WEIGHTS, features)) for _, features in found]
            if odds and max(odds) >= OMISSION_THRESHOLD and len(found) > 1:
                best = odds.index(max(odds))
                yield index, _omission(units[index], found[best][0], round(odds[best], 2))


def _dropped(unit: TranslationUnit) -> Iterator[Span]:
    """Give the clauses that hardly a link touches."""
    linked = bytearray(len(unit.source))
    for start, end, _, _ in unit.links:
        linked[start:end] = b"\x01" * (end - start)
    for start, end in clauses(unit.source):
        places = [place for place in range(start, end) if _HAN.match(unit.source[place])]
        if len(places) >= MIN_HAN and sum(linked[place] for place in places) <= _LINKED_SHARE * len(places):
            yield start, end


def _omission(unit: TranslationUnit, span: Span, value: float) -> Issue:
    clause = unit.source[slice(*span)].strip()
    shown = clause if len(clause) <= 24 else f"{clause[:23]}…"
    return Issue("omission", "warning", value, f"The target may leave out “{shown}”.", (span,))


def omission_features(
    pairs: Sequence[tuple[str, str]], evidence: Evidence
) -> list[list[tuple[Span, tuple[float, ...]]]]:
    """Measure for every clause of every source how well the target does without it.

    Args:
        pairs: Source and target.
        evidence: With an encoder.

    Returns:
        For each pair its clauses, each with 13 numbers: 1; n = log(characters + 1); the deviation z of the target's
        length; its absolute value; how much that shrinks without the clause; whether the clause is alone; the cosine
        of source and target; the gain e of the cosine without the clause; the cosine c of clause and target; c minus
        the mean of the other clauses; e n; 10 e |e|; c n.
    """
    if evidence.encoder is None:
        raise ValueError("omission is measured with an encoder")
    number: dict[str, int] = {}
    plans = []
    for source, target in pairs:
        spans = clauses(source)
        texts = [source, target]
        for start, end in spans:
            texts += [source[start:end], (source[:start] + source[end:]).strip() or source]
        plans.append((spans, [number.setdefault(text, len(number)) for text in texts]))
    vectors = evidence.encoder.encode(list(number))
    return [
        _clause_features(pair, spans, vectors[places], evidence.lengths)
        for pair, (spans, places) in zip(pairs, plans, strict=True)
    ]


def _clause_features(
    pair: tuple[str, str],
    spans: Sequence[Span],
    vectors: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    lengths: Lengths,
) -> list[tuple[Span, tuple[float, ...]]]:
    source, target = pair
    cosines = vectors @ vectors[1]
    whole, alone, without = float(cosines[0]), cosines[2::2], cosines[3::2]
    single = len(spans) == 1
    z = length_deviation(source, target, lengths)
    found: list[tuple[Span, tuple[float, ...]]] = []
    for place, (start, end) in enumerate(spans):
        n = math.log(len(_HAN.findall(source[start:end])) + 1)
        shrinks = -1.0 if single else abs(z) - abs(length_deviation(source[:start] + source[end:], target, lengths))
        gain = 0.0 if single else float(without[place]) - whole
        c = float(alone[place])
        others = 0.4 if single else float(np.delete(alone, place).mean())
        features = (1.0, n, z, abs(z), shrinks, float(single), whole, gain, c, c - others, gain * n)
        found.append(((start, end), (*features, 10 * gain * abs(gain), c * n)))
    return found


def check_low_similarity(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report pairs that do not mean the same, and neighbours whose targets are exchanged: code `low-similarity`."""
    places = [
        index
        for index, unit in enumerate(units)
        if unit.target and len(_HAN.findall(unit.source)) >= _MIN_COMPARED and unit.kind not in ("code", "metadata")
    ]
    if evidence.encoder is None or not places:
        return
    texts = {text: None for index in places for text in (units[index].source, units[index].target)}
    row = {text: number for number, text in enumerate(texts)}
    vectors = evidence.encoder.encode(list(texts))
    source = vectors[[row[units[index].source] for index in places]]
    target = vectors[[row[units[index].target] for index in places]]
    straight = (source * target).sum(1)
    exchanged = set()
    for first in range(len(places) - 1):
        second = first + 1
        if places[second] != places[first] + 1:
            continue
        crossed = float(source[first] @ target[second] + source[second] @ target[first]) / 2
        if crossed > float(straight[first] + straight[second]) / 2 + _SWAP_MARGIN:
            exchanged |= {first, second}
    for number, index in enumerate(places):
        value = round(float(straight[number]), 3)
        if number in exchanged:
            message = "The target looks like the translation of a neighbouring row."
            yield index, Issue("low-similarity", "error", value, message)
        elif value < LOW_SIMILARITY:
            sure = value < VERY_LOW_SIMILARITY and len(units[index].source) >= _MIN_SURE
            message = f"Source and target do not seem to mean the same (similarity {value:.2f})."
            yield index, Issue("low-similarity", "error" if sure else "warning", value, message)
