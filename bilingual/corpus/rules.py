"""What a unit must be like to enter a corpus, and the reason why one does not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from bilingual.bitext import Issue, Severity, TranslationUnit
from bilingual.corpus.fold import fold
from bilingual.corpus.language import is_language

__all__ = ["DEFAULT_LIMITS", "Allowed", "Rules", "is_reviewed", "reason_to_drop"]

Allowed = Literal["none", "info", "warning", "error"]
"""The gravest issue that a unit may have; `none` allows no issue at all, `error` every one."""

_HAN = re.compile("[\u4e00-\u9fff]")
_RANK: dict[Severity | Allowed, int] = {"none": 0, "info": 1, "warning": 2, "error": 3}

DEFAULT_LIMITS: Mapping[str, Allowed | float] = MappingProxyType({"length-ratio": 4.5, "low-similarity": "none"})
"""Codes judged otherwise than by `max_severity`. A length 4.5 standard deviations off is hardly ever a translation; the
warning starts earlier, for people to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is dropped.

    Attributes:
        max_severity: The gravest issue that a unit may have.
        limits: By code of issue, what it may be instead: a severity, or a number that its value must not exceed
            (without sign).
        checks: Whether the checks run; issues that units bring along count in any case.
        languages: Whether both sides must be in their language.
        min_chars: Fewest characters on either side.
        max_chars: Most characters on either side: longer ones are no sentences, and no engine takes them whole.
        boilerplate: In how many documents a source may stand before it is boilerplate; 0 is without bound.
        folded: Whether texts equal after folding are duplicates too.
        near: Jaccard similarity of character n-grams from which texts are the same; None is off.
    """

    max_severity: Allowed = "warning"
    limits: Mapping[str, Allowed | float] = field(default_factory=lambda: DEFAULT_LIMITS)
    checks: bool = True
    languages: bool = True
    min_chars: int = 1
    max_chars: int = 2000
    boilerplate: int = 10
    folded: bool = True
    near: float | None = None

    def lines(self) -> list[tuple[str, str]]:
        """Give name and value of every rule, for reports and signatures."""
        limits = ", ".join(f"{code}={value}" for code, value in sorted(self.limits.items())) or "none"
        return [
            ("max-severity", self.max_severity),
            ("limits", limits),
            ("checks", "on" if self.checks else "off"),
            ("languages", "on" if self.languages else "off"),
            ("chars", f"{self.min_chars}..{self.max_chars}"),
            ("boilerplate", f"more than {self.boilerplate} documents" if self.boilerplate else "off"),
            ("duplicates", "folded" if self.folded else "exact"),
            ("near", "off" if self.near is None else f"{self.near:g}"),
        ]


def is_reviewed(unit: TranslationUnit) -> bool:
    """Say whether a person has accepted or edited a unit."""
    return unit.status in ("accepted", "edited")


def reason_to_drop(unit: TranslationUnit, rules: Rules) -> str:
    """Give the first reason why a unit may not enter a corpus, or an empty text.

    A reviewed unit is dropped only where a side is empty: a person has said that it is right.
    """
    status = unit.status
    if status == "rejected":
        return status
    source, target = unit.source, unit.target
    shortest = min(len(source.strip()), len(target.strip()))
    if not shortest:
        return "empty"
    if status and is_reviewed(unit):
        return ""
    if shortest < rules.min_chars:
        return "too-short"
    if max(len(source), len(target)) > rules.max_chars:
        return "too-long"
    if rules.languages:
        if _is_copy(source, target):
            return "copy"
        if not is_language(source, unit.source_lang):
            return "source-language"
        if not is_language(target, unit.target_lang):
            return "target-language"
    for issue in unit.issues:
        if _exceeds(issue, rules):
            return f"issue:{issue.code}"
    return ""


def _is_copy(source: str, target: str) -> bool:
    """Say whether both sides are equal after folding; Chinese never folds to ASCII, which spares most rows the work."""
    return not (target.isascii() and _HAN.search(source)) and fold(source) == fold(target)


def _exceeds(issue: Issue, rules: Rules) -> bool:
    """Hold an issue against the limit of its code; an issue from a table has no value, then its severity decides."""
    limit = rules.limits.get(issue.code, rules.max_severity)
    if isinstance(limit, str):
        return _RANK[issue.severity] > _RANK[limit]
    if math.isnan(issue.value):
        return _RANK[issue.severity] > _RANK[rules.max_severity]
    return abs(issue.value) > limit
