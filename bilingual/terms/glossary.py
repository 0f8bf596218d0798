"""A glossary: which of its terms a source holds, and where their translations stand in the target."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from bilingual.bitext import Span, TranslationUnit

__all__ = ["ARTICLE", "Glossary", "Term", "Use", "count_uses"]

ARTICLE = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
"""An English article and the space after it."""
_LETTER = "[^\\W\u3400-\u9fff]"
"""A letter or digit that would make a word longer; a Chinese character beside it would not."""


@dataclass(frozen=True, slots=True)
class Term:
    """One entry: a Chinese term, its English, whether capitals count, and the line that it stands in."""

    source: str
    target: str
    note: str = ""
    case_sensitive: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """A term that stands in a source, and where its translation stands; None when it is missing."""

    term: Term
    source_span: Span
    target_span: Span | None

    @property
    def source(self) -> str:
        """The Chinese term."""
        return self.term.source

    @property
    def wanted(self) -> str:
        """What the glossary wants it to be."""
        return self.term.target


class Glossary:
    """Terms and their translations.

    Attributes:
        terms: One per Chinese term, in the order of the file.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        """Index the terms; of several with one Chinese side the first counts."""
        self._by_source: dict[str, Term] = {}
        for term in terms:
            self._by_source.setdefault(term.source, term)
        self.terms = tuple(self._by_source.values())
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for term in self.terms:
            lengths[term.source[0]].add(len(term.source))
        self._lengths = dict(lengths)

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[str]]:
        return {term.source: _target_pattern(term) for term in self.terms}

    def content_hash(self) -> str:
        """Give 16 hexadecimal digits that change when a term, its translation or its case flag does."""
        rows = sorted(f"{term.source}\t{term.target}\t{term.case_sensitive}" for term in self.terms)
        return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def with_variants(self, variant: Callable[[str], str]) -> Glossary:
        """Add every term's variant, for instance in the other script; an entry of its own goes before."""
        return Glossary([*self.terms, *(replace(term, source=variant(term.source)) for term in self.terms)])

    def find(self, source: str) -> list[tuple[Term, Span]]:
        """Find the terms of a text, in order: of overlapping ones the longest, of equally long ones the first.

        >>> terms = [Term("河长", "river chief"), Term("河长制", "river chief system")]
        >>> [(term.target, span) for term, span in Glossary(terms).find("河长推行河长制")]
        [('river chief', (0, 2)), ('river chief system', (4, 7))]
        """
        spans = [
            (start, start + length)
            for start, first in enumerate(source)
            for length in self._lengths.get(first, ())
            if source[start : start + length] in self._by_source
        ]
        taken: set[int] = set()
        found = []
        for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                found.append((self._by_source[source[start:end]], (start, end)))
        return sorted(found, key=lambda pair: pair[1])

    def uses(self, source: str, target: str) -> list[Use]:
        """Find the terms of a source, longest first, and their translations.

        An article before, a plural or possessive ending and, unless the entry says that case counts, capitals make no
        difference. A place of the target stands for one term only. A term that is used again may become a pronoun: only
        where none of its uses is translated are they missing.
        """
        places: dict[str, list[Span]] = defaultdict(list)
        terms = {}
        for term, span in self.find(source):
            places[term.source].append(span)
            terms[term.source] = term
        claimed: list[Span] = []
        result = []
        for term in sorted(terms.values(), key=lambda one: -len(one.target)):
            free = [
                match.span()
                for match in self._patterns[term.source].finditer(target)
                if all(match.end() <= start or match.start() >= end for start, end in claimed)
            ]
            spans = places[term.source]
            used = free[: len(spans)]
            claimed += used
            for number, span in enumerate(spans):
                result.append(Use(term, span, used[min(number, len(used) - 1)] if used else None))
        return sorted(result, key=lambda use: (use.source_span[0] - use.source_span[1], use.source_span[0]))


def _target_pattern(term: Term) -> re.Pattern[str]:
    """Write the pattern of a translation: white space and hyphens alike, the last word in singular or plural."""
    words = re.split(r"[\s\-]+", ARTICLE.sub("", term.target, count=1) if ARTICLE.match(term.target) else term.target)
    words = [re.escape(word).replace("'", "['’]").replace("’", "['’]") for word in words if word]
    last = words[-1]
    if re.search(r"[a-z]$", last):
        last = f"(?:{last[:-1]}(?:y|ies))" if re.search(r"[^aeiou]y$", last) else f"{last}(?:e?s)?"
    pattern = r"[\s\-]+".join([*words[:-1], last])
    return re.compile(rf"(?<!{_LETTER}){pattern}(?!{_LETTER})", 0 if term.case_sensitive else re.IGNORECASE)


def count_uses(glossary: Glossary, units: Iterable[TranslationUnit]) -> list[tuple[Term, int, int]]:
    """Count for every term that is used how often its translation is there, and how often it is missing.

    Returns:
        (term, hits, misses), the terms with most misses first, then by use.
    """
    hits: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    for unit in units:
        for use in glossary.uses(unit.source, unit.target):
            (misses if use.target_span is None else hits)[use.source] += 1
    used = [(term, hits[term.source], misses[term.source]) for term in glossary.terms]
    return sorted((row for row in used if row[1] or row[2]), key=lambda row: (-row[2], -row[1]))
