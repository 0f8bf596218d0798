"""Glossary terms that the target lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bilingual.bitext import Issue, TranslationUnit
from bilingual.checks.evidence import Evidence

__all__ = ["check_terms"]


def check_terms(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report terms of the glossary that stand in the source and not in the target: code `term-missing`."""
    if evidence.glossary is None:
        return
    for index, unit in enumerate(units):
        if not unit.target:
            continue
        for use in evidence.glossary.uses(unit.source, unit.target):
            if use.target_span is None:
                message = f"The glossary wants “{use.wanted}” for {use.source}."
                yield index, Issue("term-missing", "warning", 1.0, message, (use.source_span,))
