"""A dictionary as a witness: which characters of a source, and which words of a target, the other side accounts for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from bilingual.bitext import Span
from bilingual.checks.evidence import Lexicon

__all__ = ["Witness"]

_HAN_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_WORD_LETTERS = 6
"""English words are cut to so many letters in the lexicon."""
_CONTENT_IDF = 2.5
"""Words in more than one of 12 sentences (e^2.5) prove nothing."""
_ALONE = 0.5
"""Weight of a lone character beside that of a pair: it has more meanings."""
_UNSURE = 0.1
"""Weight of a stretch under which the lexicon has nothing to say about it."""


class Witness:
    """Compares texts by a lexicon; what it looked up once it remembers."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Make a witness; cheap."""
        self._lexicon = lexicon
        self._entries: dict[str, tuple[frozenset[int], float]] = {}

    def source_cover(self, source: str, target: str, spans: Sequence[Span]) -> list[tuple[float, float, float]]:
        """Measure how much of each span of a Chinese text the English text accounts for.

        Returns:
            For each span (weight, covered part, covered part when every English word is used only once, the best
            covered spans first); a part is 0.5 where the lexicon knows nothing.
        """
        words = Counter(self._columns(target))
        once = dict[int, float]()
        covers = [self._cover(source, span, set(words)) for span in spans]
        left = words.copy()
        for place in sorted(range(len(spans)), key=lambda p: -covers[p][1]):
            _, once[place], used = self._cover(source, spans[place], {word for word in left if left[word] > 0})
            left.subtract(used)
        return [(weight, part, once[place]) for place, (weight, part, _) in enumerate(covers)]

    def target_cover(self, source: str, target: str, spans: Sequence[Span]) -> list[tuple[float, float, float]]:
        """Measure how much of each span of an English text the Chinese text accounts for, as `source_cover` does."""
        lexicon = self._lexicon
        expected: set[int] = set()
        for run in _HAN_RUN.finditer(source):
            for start in range(run.start(), run.end()):
                expected |= self._entry(source[start])[0]
                if start + 1 < run.end():
                    expected |= self._entry(source[start : start + 2])[0]
        lowered = target.lower()
        result = []
        for start, end in spans:
            weight = covered = 0.0
            for word in dict.fromkeys(match[0][:_WORD_LETTERS] for match in _WORD.finditer(lowered, start, end)):
                column = lexicon.words.get(word)
                if column is None or lexicon.idf[column] <= _CONTENT_IDF:
                    continue
                weight += float(lexicon.idf[column])
                covered += float(lexicon.idf[column]) * (column in expected)
            part = covered / weight if weight > _UNSURE else 0.5
            result.append((weight, part, part))
        return result

    def _columns(self, english: str) -> list[int]:
        words = (match[0][:_WORD_LETTERS] for match in _WORD.finditer(english.lower()))
        return [column for word in words if (column := self._lexicon.words.get(word)) is not None]

    def _cover(self, source: str, span: Span, words: set[int]) -> tuple[float, float, set[int]]:
        """Give the weight of a span, the part of it that the words account for, and those of them that do."""
        start, end = span
        weights, covered = [0.0] * (end - start), [0.0] * (end - start)
        used: set[int] = set()
        for run in _HAN_RUN.finditer(source, start, end):
            for place in range(run.start(), run.end()):
                for unit in (source[place], source[place : place + 2]):
                    if len(unit) == 2 and place + 2 > run.end():
                        continue
                    known, weight = self._entry(unit)
                    weight *= _ALONE if len(unit) == 1 else 1
                    hits = known & words if weight else known
                    for at in range(place - start, place - start + len(unit)):
                        weights[at] = max(weights[at], weight)
                        if hits:
                            covered[at] = max(covered[at], weight)
                    used |= hits if weight else set()
        total = sum(weights)
        part = sum(map(min, covered, weights)) / total if total > _UNSURE else 0.5
        return total, part, used

    def _entry(self, unit: str) -> tuple[frozenset[int], float]:
        """Look up a character or a pair: the columns of its content words, and how sure it is of them."""
        found = self._entries.get(unit)
        if found is None:
            lexicon = self._lexicon
            row = lexicon.units.get(unit)
            found = (frozenset[int](), 0.0)
            if row is not None:
                entries = slice(int(lexicon.start[row]), int(lexicon.start[row + 1]))
                content = lexicon.idf[lexicon.word[entries]] > _CONTENT_IDF
                columns = frozenset(int(column) for column in lexicon.word[entries][content])
                found = (columns, float(lexicon.weight[entries][content].sum()))
            self._entries[unit] = found
        return found
