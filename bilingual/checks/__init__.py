"""Checks: (source, target) → issues.

Each check takes the units of one document and an `Evidence` and yields (index of the unit, issue). It measures a number
and compares it with a threshold, and its issue carries both the number and a sentence for people. Adding a check is one
function and one line in `CHECKS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bilingual.bitext import Issue, TranslationUnit
from bilingual.checks.coverage import check_addition, check_omission
from bilingual.checks.decoding import check_log_prob, check_unfinished, check_unknown
from bilingual.checks.evidence import Evidence, Glossary, Lengths, Lexicon, TermUse
from bilingual.checks.glossary import check_terms
from bilingual.checks.length import check_length
from bilingual.checks.names import check_names
from bilingual.checks.negation import check_negation
from bilingual.checks.numbers import check_numbers
from bilingual.checks.punctuation import check_brackets, check_quotes, check_terminal
from bilingual.checks.repetition import check_repetition
from bilingual.checks.similarity import check_low_similarity
from bilingual.checks.untranslated import check_addresses, check_empty, check_untranslated

__all__ = [
    "CHECKS",
    "CODES",
    "OPTIONAL",
    "Check",
    "Evidence",
    "Glossary",
    "Lengths",
    "Lexicon",
    "TermUse",
    "check_units",
    "kept_issues",
]

Check = Callable[[Sequence[TranslationUnit], Evidence], Iterable[tuple[int, Issue]]]

CHECKS: dict[str, Check] = {
    "numbers": check_numbers,
    "empty": check_empty,
    "untranslated": check_untranslated,
    "repetition": check_repetition,
    "length-ratio": check_length,
    "quotes": check_quotes,
    "brackets": check_brackets,
    "terminal-punctuation": check_terminal,
    "url-email": check_addresses,
    "negation": check_negation,
    "term-missing": check_terms,
    "name-inconsistent": check_names,
    "low-log-prob": check_log_prob,
    "unknown-pieces": check_unknown,
    "unfinished": check_unfinished,
    "omission": check_omission,
    "addition": check_addition,
    "low-similarity": check_low_similarity,
}
"""Every check by its name; a check of one code has that code for its name."""

CODES: dict[str, tuple[str, ...]] = {name: (name,) for name in CHECKS} | {
    "numbers": ("number-mismatch", "number-scale")
}
"""The codes that each check reports."""

OPTIONAL = frozenset({"negation"})
"""Checks that run only when asked for."""

_MEASURABLE: dict[str, Callable[[TranslationUnit, Evidence], bool]] = {
    "term-missing": lambda unit, evidence: evidence.glossary is not None,
    "low-log-prob": lambda unit, evidence: not math.isnan(unit.log_prob),
    "unknown-pieces": lambda unit, evidence: unit.id in evidence.translations,
    "unfinished": lambda unit, evidence: unit.id in evidence.translations,
    "omission": lambda unit, evidence: bool(unit.links) or evidence.encoder is not None,
    "addition": lambda unit, evidence: not unit.links and evidence.encoder is not None,
    "low-similarity": lambda unit, evidence: evidence.encoder is not None,
}
"""Whether a code can be measured on a unit with this evidence; codes not named here always can."""

_RANK = {"error": 0, "warning": 1, "info": 2}


def check_units(
    units: Sequence[TranslationUnit],
    evidence: Evidence = Evidence(),
    *,
    only: Collection[str] | None = None,
    extra: Collection[str] = (),
) -> list[TranslationUnit]:
    """Run the checks over the units of one document.

    Args:
        units: All units of the document, in order: some checks compare neighbours or the whole.
        evidence: What the checks may know beside the units.
        only: Names of checks or codes to run instead of all; codes not named are not reported.
        extra: Names of optional checks to run too.

    Returns:
        The units with their issues, errors first. Of those that the units already had `kept_issues` stay.

    Raises:
        ValueError: A name is neither a check nor a code.
    """
    wanted = _wanted(only, extra)
    issues: list[list[Issue]] = [[] for _ in units]
    for name, codes in wanted.items():
        for index, issue in CHECKS[name](units, evidence):
            if issue.code in codes:
                issues[index].append(issue)
    result = []
    for unit, found in zip(units, issues, strict=True):
        if not found and not unit.issues:
            result.append(unit)
            continue
        kept = _kept(unit, evidence, wanted)
        ordered = sorted(kept + found, key=lambda i: (_RANK[i.severity], i.code, i.source_spans, i.target_spans))
        result.append(replace(unit, issues=tuple(ordered)))
    return result


def kept_issues(
    unit: TranslationUnit,
    evidence: Evidence = Evidence(),
    *,
    only: Collection[str] | None = None,
    extra: Collection[str] = (),
) -> list[Issue]:
    """Give the issues of a unit that `check_units` leaves as they are.

    They are of codes that are not asked for, or that cannot be measured with this evidence: an omission that was found
    with the sentence encoder does not go away because the next run has none.

    Raises:
        ValueError: A name is neither a check nor a code.
    """
    return _kept(unit, evidence, _wanted(only, extra))


def _kept(unit: TranslationUnit, evidence: Evidence, wanted: Mapping[str, frozenset[str]]) -> list[Issue]:
    return [
        issue
        for issue in unit.issues
        if not any(issue.code in codes for codes in wanted.values())
        or (issue.code in _MEASURABLE and not _MEASURABLE[issue.code](unit, evidence))
    ]


def _wanted(only: Collection[str] | None, extra: Collection[str]) -> dict[str, frozenset[str]]:
    """Give the checks to run, each with the codes to report."""
    known = set(CODES) | {code for codes in CODES.values() for code in codes}
    if unknown := sorted({*(only or ()), *extra} - known):
        raise ValueError(f"no such check: {', '.join(unknown)} (there are {', '.join(CODES)})")
    if only is None:
        return {name: frozenset(codes) for name, codes in CODES.items() if name not in OPTIONAL or name in extra}
    names = {*only, *extra}
    wanted = {name: frozenset(codes if name in names else names & set(codes)) for name, codes in CODES.items()}
    return {name: codes for name, codes in wanted.items() if codes}
