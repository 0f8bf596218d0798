"""Second look at a clause that seems to be left out: is there a place in the target that says it, and it alone?

A clause that is rendered freely, or somewhere else in the sentence, shares few words with its translation and adds
little to the likeness of the whole. But some clause or run of words of the target is like it, and less like every other
clause of the source; a clause that was dropped has no such place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bilingual.bitext import Span
from bilingual.protocols import Encoder

__all__ = ["Suspect", "counterpart_margins", "have_counterparts"]

LIKE = 0.3
"""Cosine from which a place of the target may be the counterpart of a clause."""
MARGIN = 0.1
"""How much nearer that place must be to the clause than to every other clause of the source. Of 700 clauses that were
put into pairs written for this project, and so have no counterpart, 3 % have a place like that."""
_WORDS_PER_CHARACTER = (0.6, 0.9)
"""English words for a Chinese character, few and many."""
_CLAUSE = re.compile(r"[,;:.!?]+[\"”’')\]]*\s+|\s[-–—]+\s|—")
_WORD = re.compile(r"\S+")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_MARKS = " \u3000，,；;：:。.！!？?“”‘’\"'"


@dataclass(frozen=True, slots=True)
class Suspect:
    """A clause to look for: both texts, the clauses of the source, and which of them it is."""

    source: str
    target: str
    clauses: Sequence[Span]
    place: int


def have_counterparts(suspects: Sequence[Suspect], encoder: Encoder) -> list[bool]:
    """Say for each clause whether the target has a place that says it."""
    return [margin >= MARGIN for margin in counterpart_margins(suspects, encoder)]


def counterpart_margins(suspects: Sequence[Suspect], encoder: Encoder) -> list[float]:
    """Measure for each clause how much nearer some place of the target is to it than to the other clauses.

    Returns:
        Differences of cosines; -1 where no place is like the clause.
    """
    number: dict[str, int] = {}
    plans = []
    for suspect in suspects:
        clauses = [suspect.source[start:end].strip(_MARKS) for start, end in suspect.clauses]
        places = _places(suspect.target, len(_HAN.findall(clauses[suspect.place])))
        plans.append(
            (
                [number.setdefault(text, len(number)) for text in clauses],
                [number.setdefault(text, len(number)) for text in places],
            )
        )
    if not number:
        return []
    vectors = encoder.encode(list(number))
    margins = []
    for suspect, (clauses_, places_) in zip(suspects, plans, strict=True):
        cosines = vectors[clauses_] @ vectors[places_].T
        own, others = cosines[suspect.place], np.delete(cosines, suspect.place, 0)
        nearest = others.max(0) if len(others) else np.zeros_like(own)
        like = (own - nearest)[own >= LIKE]
        margins.append(float(like.max()) if like.size else -1.0)
    return margins


def _places(target: str, n_characters: int) -> list[str]:
    """List the clauses of an English text, pairs of neighbouring ones, and runs of as many words as a clause takes."""
    cuts = [0, *(match.end() for match in _CLAUSE.finditer(target)), len(target)]
    spans = [(a, b) for a, b in pairwise(cuts) if target[a:b].strip()]
    spans += [(first, end) for (first, _), (_, end) in pairwise(spans)]
    words = [match.span() for match in _WORD.finditer(target)]
    for share in _WORDS_PER_CHARACTER:
        size = max(2, min(round(share * n_characters), len(words)))
        for start in range(0, len(words) - size + 1, max(1, size // 3)):
            spans.append((words[start][0], words[start + size - 1][1]))
    return list(dict.fromkeys(target[a:b].strip() for a, b in spans))
