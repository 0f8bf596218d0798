"""Translation scores: BLEU, chrF and TER as sacrebleu defines them, each with its signature.

Sources: Papineni et al. 2002 (BLEU), Popović 2015 (chrF), Snover et al. 2006 (TER), Post 2018 (signatures), Koehn 2004
(bootstrap confidence intervals).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bilingual.errors import InputError

__all__ = ["BOOTSTRAP_SAMPLES", "Score", "evaluate_lines"]

BOOTSTRAP_SAMPLES = 1000
"""Resamples for the 95 % confidence interval; sacrebleu's own default."""


@dataclass(frozen=True, slots=True)
class Score:
    """One corpus score.

    Attributes:
        name: `BLEU`, `chrF2` or `TER`.
        score: 0 to 100 (TER may exceed it); higher is better, except for TER.
        half_width: Half the 95 % bootstrap confidence interval; None when it was not asked for.
        signature: sacrebleu's signature; quote it with the number.
    """

    name: str
    score: float
    half_width: float | None
    signature: str

    def __str__(self) -> str:
        """Print as `BLEU 23.4 ± 0.8 (signature)`."""
        interval = "" if self.half_width is None else f" ± {self.half_width:.1f}"
        return f"{self.name} {self.score:.1f}{interval} ({self.signature})"


def evaluate_lines(
    hypotheses: Sequence[str], references: Sequence[Sequence[str]], *, bootstrap: int = BOOTSTRAP_SAMPLES
) -> list[Score]:
    """Score hypotheses against one or more references, line by line.

    Args:
        hypotheses: One segment a line.
        references: One list per reference translation, each as long as `hypotheses`.
        bootstrap: Resamples for the confidence interval; 0 leaves it out.

    Returns:
        BLEU, chrF2 and TER, in this order.

    Raises:
        InputError: Line counts differ (both are named), or there is nothing to score.
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

    if not hypotheses:
        raise InputError("There is nothing to score: the hypothesis has no lines.")
    for number, reference in enumerate(references, 1):
        if len(reference) != len(hypotheses):
            which = f"reference {number}" if len(references) > 1 else "the reference"
            raise InputError(
                f"The hypothesis has {len(hypotheses)} lines, {which} has {len(reference)}: they must match line by "
                "line. For a reference that does not line up give the hypothesis as TSV, or add --source FILE."
            )
    scores = []
    for metric in (BLEU(), CHRF(), TER()):
        result = metric.corpus_score(list(hypotheses), [list(r) for r in references], n_bootstrap=bootstrap)
        half_width = float(getattr(result, "_ci", -1)) if bootstrap else None
        if half_width is not None and (half_width < 0 or math.isnan(half_width)):
            half_width = None  # sacrebleu's mark for "not estimated"
        scores.append(Score(result.name, float(result.score), half_width, str(metric.get_signature())))
    return scores
