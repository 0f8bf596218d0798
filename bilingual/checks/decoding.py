"""What the engine itself was unsure of: low probability, unknown pieces, hypotheses that did not end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bilingual.bitext import Issue, TranslationUnit
from bilingual.checks.evidence import Evidence

__all__ = ["check_log_prob", "check_unfinished", "check_unknown"]

LOW_LOG_PROB = -1.4
"""Mean natural log probability per target token; the lowest 2 % of news sentences with the bundled model."""


def check_log_prob(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report segments that the model itself finds unlikely: code `low-log-prob`."""
    for index, unit in enumerate(units):
        if not math.isnan(unit.log_prob) and unit.log_prob < LOW_LOG_PROB:
            message = f"The model was unsure of this translation (mean log probability {unit.log_prob:.2f})."
            yield index, Issue("low-log-prob", "info", unit.log_prob, message)


def check_unknown(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report pieces that the model's vocabulary does not hold: code `unknown-pieces`."""
    for index, unit in enumerate(units):
        translation = evidence.translations.get(unit.id)
        if translation is not None and translation.unknown:
            what = (
                "1 rare character or sign"
                if translation.unknown == 1
                else f"{translation.unknown} rare characters or signs"
            )
            message = f"The model's vocabulary lacks {what}; names may be wrong."
            yield index, Issue("unknown-pieces", "warning", float(translation.unknown), message)


def check_unfinished(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report translations that stopped at the length limit: code `unfinished`."""
    for index, unit in enumerate(units):
        translation = evidence.translations.get(unit.id)
        if translation is not None and not translation.finished:
            span = ((len(unit.target), len(unit.target)),)
            message = "Decoding stopped at the length limit: the end of the sentence is missing or the text loops."
            yield index, Issue("unfinished", "error", float(len(unit.target)), message, (), span)
