"""Similarity: pairs that do not mean the same, and neighbours that were exchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bilingual.bitext import Issue, TranslationUnit
from bilingual.checks.evidence import Evidence

__all__ = ["check_low_similarity"]

LOW_SIMILARITY = 0.33
"""Cosine under which a pair is suspect; 1 % of human pairs of news are below it."""
LOW_SHORT_SIMILARITY = 0.22
"""The same for sources of fewer than `_SHORT` characters, whose vectors scatter more."""
_SHORT = 15
VERY_LOW_SIMILARITY = 0.12
_SWAP_MARGIN = 0.12
"""How much nearer two neighbours must be to each other's target, in the mean, to count as exchanged."""
_MIN_SURE = 12
"""Characters of the shortest source of which a very low similarity is an error."""
_MIN_COMPARED = 5
"""Chinese characters of the shortest source whose meaning is compared: vectors of single words scatter."""
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


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
        elif value < (LOW_SIMILARITY if len(units[index].source) >= _SHORT else LOW_SHORT_SIMILARITY):
            sure = value < VERY_LOW_SIMILARITY and len(units[index].source) >= _MIN_SURE
            message = f"Source and target do not seem to mean the same (similarity {value:.2f})."
            yield index, Issue("low-similarity", "error" if sure else "warning", value, message)
