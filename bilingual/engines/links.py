"""Word links from the attention of a checkpoint that was trained with guided alignment.

Head 0 of the last decoder layer's cross attention says, for every target piece, which source pieces it stands for. The
rule: a target word is linked to every source piece that gets at least `MIN_SHARE` of the attention of one of the word's
pieces. (The strongest piece counts, not the mean: of Be-i-j-ing, the first looks at 北 and the last at 京.) A number or
Latin word of the source is linked as a whole. Neighbouring linked pieces become one span, and neighbouring target words
with the same spans become one link.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bilingual.bitext import Link, Span

__all__ = ["MIN_SHARE", "attention_links"]

# Read off the attention of the bundled model on sentences of our own: pieces of content words have 0.5 to 1.0 on their
# source, function words without a counterpart spread with 0.1 to 0.35 at most.
MIN_SHARE = 0.4
_WHOLE = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]+(?:[.,:'\-][0-9A-Za-z]+)*")
_WORD = re.compile(r"\w+(?:[.,:'’\-]\w+)*|[%‰°$€£¥]")


def attention_links(
    attention: NDArray[np.float32], source: str, source_spans: Sequence[Span], target: str, target_spans: Sequence[Span]
) -> tuple[Link, ...]:
    """Turn one hypothesis' attention into word links.

    Args:
        attention: float32 [n_target pieces, n_source pieces + 1]; the last column is the end mark's.
        source: The segment.
        source_spans: Code points of each source piece in it.
        target: The translation.
        target_spans: Code points of each target piece in it.

    Returns:
        Links in order of the target; a word that stands for two separate source spans has two.
    """
    wholes = [match.span() for match in _WHOLE.finditer(source)]
    places = [_grown(span, wholes) for span in source_spans]
    links: list[Link] = []
    before: tuple[list[Span], Span] | None = None  # the previous word's source spans, its own span with what was merged
    for match in _WORD.finditer(target):
        rows = [i for i, (a, b) in enumerate(target_spans) if a < match.end() and b > match.start()]
        if not rows:
            continue
        spans = _linked_spans(attention[rows].max(axis=0), source, places)
        if spans and before and spans == before[0] and target[before[1][1] : match.start()] == " ":
            span = (before[1][0], match.end())
            links[-len(spans) :] = [(a, b, *span) for a, b in spans]
        else:
            span = match.span()
            links += [(a, b, *span) for a, b in spans]
        before = (spans, span) if spans else None
    return tuple(links)


def _linked_spans(shares: NDArray[np.float32], source: str, source_spans: Sequence[Span]) -> list[Span]:
    """Choose the source spans for one target word: `shares` [n_source + 1] is its strongest attention."""
    spans: list[Span] = []
    for share, (start, end) in zip(shares, source_spans, strict=False):
        if share < MIN_SHARE or not any(_is_word(character) for character in source[start:end]):
            continue
        if spans and start <= spans[-1][1]:
            spans[-1] = (min(start, spans[-1][0]), max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _grown(span: Span, wholes: Sequence[Span]) -> Span:
    """Let a piece of a number or of a Latin word stand for the whole of it."""
    for start, end in wholes:
        if start <= span[0] and span[1] <= end and span[0] < span[1]:
            return (start, end)
    return span


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNS"
