"""What a corpus is like: counts, lengths, scores, issues, vocabulary; added up row by row in bounded memory."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bilingual.bitext import TranslationUnit

__all__ = ["Histogram", "Stats", "stats_of"]

MAX_VOCABULARY = 1_000_000
"""Words counted at most, about 100 bytes each."""

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ASCII_WORD = re.compile("[a-z]+(?:['-][a-z]+)*")
"""What `_WORD` finds in lower-case ASCII, in half the time."""
_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


@dataclass(slots=True)
class Histogram:
    """Counts between edges: counts[i] of values in [edges[i], edges[i + 1]); outliers go to the first and last bin."""

    name: str
    edges: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        """Start at zero."""
        self.counts = self.counts or [0] * (len(self.edges) - 1)

    def add(self, value: float) -> None:
        """Count a value; bins are of equal width."""
        edges, counts = self.edges, self.counts
        place = int((value - edges[0]) // (edges[1] - edges[0]))
        counts[place if 0 <= place < len(counts) else 0 if place < 0 else -1] += 1
        self.total += value

    @property
    def number(self) -> int:
        """How many values were counted."""
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """The mean of all values, NaN without any."""
        return self.total / self.number if self.number else math.nan


def _edges(low: float, high: float, bins: int) -> tuple[float, ...]:
    return tuple(round(low + (high - low) * i / bins, 6) for i in range(bins + 1))


class Stats:
    """Sums over rows."""

    def __init__(self) -> None:
        """Start at zero."""
        self.rows = 0
        self.source_chars = 0
        self.target_chars = 0
        self.target_words = 0
        self.documents: set[str] = set()
        self.characters: set[str] = set()
        self.words: set[str] = set()
        self.origins: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.licenses: Counter[str] = Counter()
        self.issues: Counter[tuple[str, str]] = Counter()
        self.source_length = Histogram("Source length (characters)", _edges(0, 200, 20))
        self.target_length = Histogram("Target length (characters)", _edges(0, 600, 20))
        self.ratio = Histogram("Target characters per source character", _edges(0, 10, 20))
        self.confidence = Histogram("Confidence", _edges(0, 1, 20))
        self.log_prob = Histogram("Mean log probability per token", _edges(-4, 0, 20))

    @property
    def source_vocabulary(self) -> int:
        """How many different Chinese characters the sources have."""
        return sum(1 for character in self.characters if _HAN.match(character))

    @property
    def histograms(self) -> list[Histogram]:
        """Those that have counted anything."""
        all_ = (self.source_length, self.target_length, self.ratio, self.confidence, self.log_prob)
        return [histogram for histogram in all_ if histogram.number]

    def add(self, unit: TranslationUnit) -> None:
        """Count a unit."""
        source, target = len(unit.source), len(unit.target)
        self.rows += 1
        self.source_chars += source
        self.target_chars += target
        self.documents.add(unit.document)
        self.characters.update(unit.source)
        lower = unit.target.lower()
        words = (_ASCII_WORD if lower.isascii() else _WORD).findall(lower)
        self.target_words += len(words)
        if len(self.words) < MAX_VOCABULARY:
            self.words.update(words)
        self.origins[unit.origin] += 1
        self.statuses[unit.status or "unreviewed"] += 1
        self.kinds[unit.kind] += 1
        self.licenses[dict(unit.extra).get("license", "") or "not stated"] += 1
        for code in dict.fromkeys((issue.code, issue.severity) for issue in unit.issues) if unit.issues else ():
            self.issues[code] += 1
        self.source_length.add(source)
        self.target_length.add(target)
        if source:
            self.ratio.add(target / source)
        if unit.confidence is not None:
            self.confidence.add(unit.confidence)
        if not math.isnan(unit.log_prob):
            self.log_prob.add(max(unit.log_prob, -1e3))

    def watch(self, units: Iterable[TranslationUnit]) -> Iterator[TranslationUnit]:
        """Count units as they pass."""
        for unit in units:
            self.add(unit)
            yield unit

    def lines(self) -> list[tuple[str, str]]:
        """Give the table for people: name and value."""
        more = "more than " if len(self.words) >= MAX_VOCABULARY else ""
        per_row = max(1, self.rows)
        return [
            ("rows", f"{self.rows:,}"),
            ("documents", f"{len(self.documents):,}"),
            ("source characters", f"{self.source_chars:,} ({self.source_chars / per_row:.1f} a row)"),
            ("target characters", f"{self.target_chars:,} ({self.target_chars / per_row:.1f} a row)"),
            ("target words", f"{self.target_words:,} ({self.target_words / per_row:.1f} a row)"),
            ("target per source character", "-" if not self.ratio.number else f"{self.ratio.mean:.2f} on average"),
            ("different Chinese characters", f"{self.source_vocabulary:,}"),
            ("different target words", f"{more}{len(self.words):,}"),
            ("rows with an issue", self._named(self._issue_rows())),
            ("origin", self._named(self.origins.most_common())),
            ("status", self._named(self.statuses.most_common())),
            ("kind", self._named(self.kinds.most_common())),
            ("licence", self._named(self.licenses.most_common())),
        ]

    def _issue_rows(self) -> Sequence[tuple[str, int]]:
        return [(f"{severity}:{code}", count) for (code, severity), count in self.issues.most_common()]

    @staticmethod
    def _named(counts: Sequence[tuple[str, int]]) -> str:
        return ", ".join(f"{name} {count:,}" for name, count in counts) or "none"

    def record(self) -> dict[str, Any]:
        """Give what JSON can hold."""
        return {
            "rows": self.rows,
            "documents": len(self.documents),
            "source_chars": self.source_chars,
            "target_chars": self.target_chars,
            "target_words": self.target_words,
            "source_vocabulary": self.source_vocabulary,
            "target_vocabulary": len(self.words),
            "origin": dict(self.origins.most_common()),
            "status": dict(self.statuses.most_common()),
            "kind": dict(self.kinds.most_common()),
            "license": dict(self.licenses.most_common()),
            "issues": dict(self._issue_rows()),
            "histograms": {
                histogram.name: {
                    "edges": list(histogram.edges),
                    "counts": histogram.counts,
                    "mean": round(histogram.mean, 4),
                }
                for histogram in self.histograms
            },
        }


def stats_of(units: Iterable[TranslationUnit]) -> Stats:
    """Count units."""
    stats = Stats()
    for unit in units:
        stats.add(unit)
    return stats
