"""Random rows of a corpus, evenly from all strata: what a person looks at to judge the whole."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from bilingual.bitext import TranslationUnit
from bilingual.corpus.fold import hash64

__all__ = ["STRATA", "Sampler", "Stratify", "sample_units", "share_out"]

Stratify = Literal["none", "issue", "document", "input", "origin", "status", "kind"]


def _issue(unit: TranslationUnit) -> str:
    """Name the gravest issue: they stand gravest first."""
    return unit.issues[0].code if unit.issues else "no issue"


STRATA: dict[str, Callable[[TranslationUnit], str]] = {
    "none": lambda unit: "",
    "issue": _issue,
    "document": lambda unit: unit.document,
    "input": lambda unit: dict(unit.extra).get("input", ""),
    "origin": lambda unit: unit.origin,
    "status": lambda unit: unit.status or "unreviewed",
    "kind": lambda unit: unit.kind,
}
"""What rows can be divided by: the name of the stratum of a unit."""


def share_out(counts: Mapping[str, int], n: int, seed: int = 0) -> dict[str, int]:
    """Share out `n` places evenly; what a small stratum leaves goes to the larger ones.

    >>> share_out({"a": 100, "b": 2, "c": 50}, 12)
    {'a': 5, 'b': 2, 'c': 5}
    """
    shares = dict.fromkeys(counts, 0)
    left = min(n, sum(counts.values()))
    while left:
        open_ = sorted(
            (name for name in counts if shares[name] < counts[name]), key=lambda name: hash64(str(seed), name)
        )
        each = max(1, left // len(open_))
        for name in open_[:left]:
            more = min(each, counts[name] - shares[name], left)
            shares[name] += more
            left -= more
    return shares


class Sampler:
    """At most `limit` random rows of every stratum, in one pass: those whose id, hashed with the seed, is smallest."""

    def __init__(self, limit: Callable[[str], int], stratum: Callable[[TranslationUnit], str], seed: int) -> None:
        """Start empty; `limit` gives the number of rows wanted of a stratum."""
        self._limit, self._stratum, self._seed = limit, stratum, str(seed)
        self._rows: dict[str, list[tuple[int, int, TranslationUnit]]] = {}
        self._count = 0

    def add(self, unit: TranslationUnit) -> None:
        """Take a row into account."""
        self._count += 1
        name = self._stratum(unit)
        limit = self._limit(name)
        rows = self._rows.setdefault(name, [])
        # The heap holds the largest hash on top, which a smaller one pushes out.
        entry = (-hash64(self._seed, unit.id, unit.document), -self._count, unit)
        if len(rows) < limit:
            heapq.heappush(rows, entry)
        elif limit and entry[:2] > rows[0][:2]:
            heapq.heapreplace(rows, entry)

    def taken(self, n: int) -> list[tuple[str, TranslationUnit]]:
        """Give at most `n` rows, evenly from all strata, as (stratum, unit): by stratum, then as they were met."""
        shares = share_out({name: len(rows) for name, rows in self._rows.items()}, n)
        result = []
        for name in sorted(self._rows):
            best = sorted(self._rows[name], key=lambda entry: entry[:2], reverse=True)[: shares[name]]
            result += [(name, unit) for _, _, unit in sorted(best, key=lambda entry: -entry[1])]
        return result


def sample_units(
    read: Callable[[], Iterable[TranslationUnit]], n: int, stratify: Stratify = "issue", seed: int = 0
) -> list[TranslationUnit]:
    """Draw rows of a corpus at random, the same ones in every run with one seed.

    Args:
        read: Reads the corpus from its start; called twice, so that memory holds no more than the sample.
        n: Rows wanted.
        stratify: What the strata are.
        seed: Another one draws other rows.

    Returns:
        At most `n` units, in the order of the corpus within a stratum; those of one document stand together.
    """
    stratum = STRATA[stratify]
    counts: dict[str, int] = {}
    for unit in read():
        name = stratum(unit)
        counts[name] = counts.get(name, 0) + 1
    shares = share_out(counts, n, seed)
    sampler = Sampler(lambda name: shares.get(name, 0), stratum, seed)
    for unit in read():
        sampler.add(unit)
    return [unit for _, unit in sampler.taken(n)]
