"""Two directories of documents -> pairs: by name where names agree, by content where they differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bilingual.bitext import Document
from bilingual.protocols import Encoder

__all__ = ["MIN_CONTENT_SCORE", "Pair", "pair_documents", "plain_name"]

MIN_CONTENT_SCORE = 0.5
"""Cosine of two documents' mean vectors under which a pair by content is doubtful; and it must be each other's best."""
_SAMPLE = 40
"""Sentences of a document that are encoded to find its counterpart, spread over its length."""
_LANGUAGE = re.compile(r"(?:[._-](?:zh|zho|chi|cn|zh-cn|zh-tw|zh-hans|zh-hant|en|eng|en-us|en-gb))+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A source and a target document by their index; `score` is None for a pair by name, else a cosine."""

    source: int
    target: int
    score: float | None


def plain_name(name: str) -> str:
    """Drop extension and language from a document's name.

    >>> plain_name("a/report.zh.txt"), plain_name("a/report_EN.md"), plain_name("a/then.txt")
    ('a/report', 'a/report', 'a/then')
    """
    stem = name.rsplit(".", 1)[0] if "." in name.rsplit("/", 1)[-1] else name
    return _LANGUAGE.sub("", stem)


def pair_documents(
    sources: Sequence[Document], targets: Sequence[Document], encoder: Callable[[], Encoder]
) -> tuple[list[Pair], list[int], list[int]]:
    """Pair documents.

    Args:
        sources: In one language.
        targets: In the other.
        encoder: Called only when names leave some unpaired.

    Returns:
        The pairs in the order of the sources, the sources and the targets that found none.
    """
    by_name: dict[str, list[int]] = {}
    for index, target in enumerate(targets):
        by_name.setdefault(plain_name(target.name).casefold(), []).append(index)
    pairs, taken = [], set()
    for index, source in enumerate(sources):
        found = by_name.get(plain_name(source.name).casefold(), [])
        if len(found) == 1 and found[0] not in taken:
            pairs.append(Pair(index, found[0], None))
            taken.add(found[0])
    paired = {pair.source for pair in pairs}
    left = [index for index in range(len(sources)) if index not in paired]
    right = [index for index in range(len(targets)) if index not in taken]
    if left and right:
        pairs += _by_content([sources[i] for i in left], [targets[j] for j in right], left, right, encoder())
    paired, taken = {pair.source for pair in pairs}, {pair.target for pair in pairs}
    return (
        sorted(pairs, key=lambda pair: pair.source),
        [index for index in range(len(sources)) if index not in paired],
        [index for index in range(len(targets)) if index not in taken],
    )


def _by_content(
    sources: Sequence[Document],
    targets: Sequence[Document],
    left: Sequence[int],
    right: Sequence[int],
    encoder: Encoder,
) -> list[Pair]:
    """Pair the documents that are each other's best by the mean of their sentence vectors."""
    import numpy as np

    def means(documents: Sequence[Document]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        rows = []
        for document in documents:
            segments = document.segments
            step = max(1, len(segments) // _SAMPLE)
            mean = encoder.encode(segments[::step][:_SAMPLE]).mean(0)
            rows.append(mean / np.linalg.norm(mean))
        return np.stack(rows)

    similarity = means(sources) @ means(targets).T
    pairs = []
    for i, j in enumerate(similarity.argmax(1)):
        score = float(similarity[i, j])
        if similarity[:, j].argmax() == i and score >= MIN_CONTENT_SCORE:
            pairs.append(Pair(left[i], right[int(j)], score))
    return pairs
