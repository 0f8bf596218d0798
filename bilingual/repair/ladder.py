"""The ladder: ways to decode a flagged segment again, each in one batch for all segments that are still flagged.

    ngram         no n-gram of four twice, half the beam; where something is said twice or does not end
    split         the segment cut at a clause boundary, its pieces translated and joined
    placeholder   numbers, addresses and Latin words that came out wrong are hidden from the engine and put in after
    coverage      hypotheses rewarded for attending to all of the source; where a part was left out or said too often
    beam          eight hypotheses, ranked by the checks

A candidate replaces the translation only when the checks find less in it, its meaning is not further from the source
(cosine of the sentence encoder), and the model does not find it much less likely. What was tried becomes the origin:
`repair:split`, `repair:beam (tried split)`, `machine (tried split, beam)` where nothing better was found.

Every document has a budget, in characters decoded as the first time, and its worst segments come first. Where many
are flagged the pieces are searched with a smaller beam: on 211 flagged segments of news and talks a beam of 2 mended as
many as one of 4 (99 and 93 on news), in 0.7 of the time. Of the same segments a coverage penalty alone mended 34 of 139
(0.2) and 45 (0.5 with four hypotheses, in 2.2 times the time of splitting, which mended 93), a length penalty 26 (1.5)
and 45 (2.0). So the penalty comes after the pieces, and after the placeholders: on 500 lines of news before them it
mended 2 segments and took the time of others, which left 7 more numbers wrong; behind them, charged no more than the
pieces, it mended 1. Of 500 lines of FLORES the other steps left it none that it could mend; charged what it costs it
adds no time to 300 lines of news.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bilingual.bitext import Translation, TranslationUnit
from bilingual.protocols import Decoding, Encoder, Translator
from bilingual.repair.masks import missing_masks
from bilingual.repair.pieces import cut_pieces, join_pieces
from bilingual.terms import decode_masked

__all__ = ["BUDGET_SHARE", "MIN_BUDGET", "REPAIRABLE", "Check", "Flagged", "badness", "repair_segments"]

REPAIRABLE = frozenset(
    (
        "empty",
        "length-ratio",
        "number-mismatch",
        "number-scale",
        "omission",
        "quotes",
        "repetition",
        "term-missing",
        "unfinished",
        "untranslated",
        "url-email",
    )
)
"""Codes of issues that another way of decoding can mend."""
BUDGET_SHARE = 0.3
"""Characters that may be decoded again, as a part of the document's; each counts (beam + 1) / (first beam + 1), which
is how long it takes (measured for beams of 1 to 8)."""
MIN_BUDGET = 300.0
"""Characters that may be decoded again in a short document: two or three sentences, the whole ladder."""
_FIRST_SHARE = 0.85
"""Part of the budget that the pieces may use before they are searched with a smaller beam."""
_MIN_BEAM = 2
"""Smallest beam for pieces: greedy ones mend as many issues, but lost 0.2 BLEU on news."""
_WEIGHT = {"error": 4.0, "warning": 1.5, "info": 0.2}
_MAX_LOSS = 0.35
"""Mean log probability per token that a candidate may be below the first translation."""
SIMILARITY_SLACK = 0.02
"""Cosine that a candidate may be below the first translation: closer than that two wordings of one sentence are not
told apart. On 211 flagged segments it kept all of the gain in chrF and a third fewer segments lost 2 chrF and more than
without the condition; with no slack at all a third fewer are mended."""
_COMPARED = 3
"""Candidates of one step whose meaning is compared, the best by the checks."""
_WIDE_BEAM = 8
_LOOPS = frozenset(("repetition", "unfinished"))
_PARTIAL = frozenset(("length-ratio", "omission", "repetition"))
"""Issues of segments of which the engine translated a part too little or too often."""
_COVERAGE = 0.5
"""Weight of the coverage penalty, which only CTranslate2 has: with transformers the step is four hypotheses, ranked."""
_COVERAGE_PRICE = 2.2
"""What a character costs with it, each hypothesis being scored once more: measured, against pieces of the same beam."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """A segment to mend: the text for the engine, the unit as it is, the translation it came from, its document."""

    text: str
    unit: TranslationUnit
    translation: Translation
    document: int = 0


Check = Callable[[TranslationUnit, Translation], TranslationUnit]
"""Checks one unit again, with what the engine said of its new target."""


@dataclass(slots=True)
class _Case:
    """A flagged segment on its way up.

    Attributes:
        flagged: Where it started.
        left: How bad it still is.
        best: The best translation so far, and the step that it came from.
        tried: The steps taken.
        similarity: Cosine of the source and its first translation; NaN as long as nothing was compared.
        codes: What is still the matter with it.
    """

    flagged: Flagged
    left: float
    best: Translation | None = None
    step: str = ""
    tried: list[str] = field(default_factory=list)
    similarity: float = math.nan
    codes: frozenset[str] = frozenset()

    @property
    def target(self) -> str:
        """The best target so far."""
        return self.best.text if self.best else self.flagged.unit.target

    def result(self) -> Translation:
        """Give the translation to use, its origin saying what was tried."""
        others = ", ".join(name for name in self.tried if name != self.step)
        kept = self.best or self.flagged.translation
        origin = f"repair:{self.step}" if self.best else kept.origin
        return replace(kept, origin=f"{origin} (tried {others})" if others else origin)


def badness(unit: TranslationUnit) -> float:
    """Weigh the repairable issues of a unit: 0 when there is none above a remark."""
    weights = [_WEIGHT[issue.severity] for issue in unit.issues if issue.code in REPAIRABLE]
    return sum(weights) if any(weight >= _WEIGHT["warning"] for weight in weights) else 0.0


def _codes(unit: TranslationUnit) -> frozenset[str]:
    return frozenset(issue.code for issue in unit.issues if issue.code in REPAIRABLE and issue.severity != "info")


def repair_segments(
    flagged: Sequence[Flagged],
    translator: Translator,
    decoding: Decoding,
    check: Check,
    *,
    encoder: Callable[[], Encoder] | None = None,
    sizes: Mapping[int, int] | None = None,
) -> list[Translation]:
    """Look for better translations of flagged segments.

    Args:
        flagged: What to mend.
        translator: The engine.
        decoding: How the first translations were searched for.
        check: Runs the checks on a candidate.
        encoder: Loads the sentence encoder; called when there is a candidate to compare. None compares no meanings.
        sizes: Characters of each document, by `Flagged.document`, of which `BUDGET_SHARE` may be decoded again; None is
            no limit.

    Returns:
        For each segment the better translation, or its first where none was found; the origin says what was tried.
    """
    cases = [_Case(one, badness(one.unit), codes=_codes(one.unit)) for one in flagged]
    budgets = {} if sizes is None else {n: max(MIN_BUDGET, BUDGET_SHARE * size) for n, size in sizes.items()}
    climb = _Climb(translator, decoding, check, encoder, budgets)
    half = max(1, decoding.beam // 2)
    looping = [case for case in cases if any(issue.code in _LOOPS for issue in case.flagged.unit.issues)]
    climb.step("ngram", looping, replace(decoding, beam=half, no_repeat_ngram=4), _whole)
    divisible = [case for case in cases if case.left > 0 and len(cut_pieces(case.flagged.text)) > 1]
    for beam, some in climb.piece_beams(divisible).items():
        climb.step("split", some, replace(decoding, beam=beam), _split)
    maskable = [case for case in cases if case.left > 0 and missing_masks(case.flagged.text, case.target)]
    climb.step("placeholder", maskable, replace(decoding, n_best=decoding.beam), _masked)
    partial = [case for case in cases if case.left > 0 and case.codes & _PARTIAL]
    climb.step("coverage", partial, replace(decoding, n_best=decoding.beam, coverage_penalty=_COVERAGE), _whole)
    climb.step("beam", cases, replace(decoding, beam=max(_WIDE_BEAM, decoding.beam), n_best=_WIDE_BEAM), _whole)
    return [case.result() for case in cases]


_Rating = tuple[float, Translation, frozenset[str]]
"""How bad a candidate is, the candidate, and the codes of its issues."""
_Step = Callable[[Sequence[_Case], Translator, Decoding], list[list[Translation]]]
"""Gives the candidates of each case."""


@dataclass(frozen=True, slots=True)
class _Climb:
    """What the steps of one ladder share; `budgets` is what is left to each document, empty when there is no limit."""

    translator: Translator
    decoding: Decoding
    check: Check
    encoder: Callable[[], Encoder] | None
    budgets: dict[int, float]

    def step(self, name: str, cases: Sequence[_Case], decoding: Decoding, candidates: _Step) -> None:
        """Take one step for the cases that are open and within the budget, the worst first."""
        chosen = []
        for case in sorted(cases, key=lambda one: -one.left):
            cost = len(case.flagged.text) * self._price(decoding.beam)
            cost *= _COVERAGE_PRICE if decoding.coverage_penalty else 1
            left = self.budgets.get(case.flagged.document, math.inf)
            if case.left > 0 and cost <= left:
                self.budgets[case.flagged.document] = left - cost
                case.tried.append(name)
                chosen.append(case)
        better = []
        for case, found in zip(chosen, candidates(chosen, self.translator, decoding) if chosen else [], strict=True):
            unit, first = case.flagged.unit, case.flagged.translation
            rated = [
                (badness(checked), one, _codes(checked))
                for one in found
                if one.text and one.text != unit.target and not _is_unlikely(one, first)
                for checked in [self.check(replace(unit, target=one.text, links=one.links, issues=()), one)]
            ]
            fewer = sorted((rating for rating in rated if rating[0] < case.left), key=lambda rating: rating[0])
            better.append((case, fewer[:_COMPARED]))
        for case, rating in self._alike(better):
            case.left, case.best, case.codes = rating
            case.step = name

    def piece_beams(self, cases: Sequence[_Case]) -> dict[int, list[_Case]]:
        """Say with which beam the pieces of each case are searched: the widest with which all of its document's fit."""
        characters: Counter[int] = Counter()
        for case in cases:
            characters[case.flagged.document] += len(case.flagged.text)
        beams: defaultdict[int, list[_Case]] = defaultdict(list)
        for case in cases:
            document = case.flagged.document
            budget = _FIRST_SHARE * self.budgets.get(document, math.inf)
            least = min(_MIN_BEAM, self.decoding.beam)
            fitting = range(self.decoding.beam, least, -1)
            beam = next((b for b in fitting if characters[document] * self._price(b) <= budget), least)
            beams[beam].append(case)
        return beams

    def _price(self, beam: int) -> float:
        return (beam + 1) / (self.decoding.beam + 1)

    def _alike(self, better: Sequence[tuple[_Case, list[_Rating]]]) -> Iterator[tuple[_Case, _Rating]]:
        """Give for each case its first candidate that is not further from the source than the first translation."""
        if self.encoder is None:
            yield from ((case, found[0]) for case, found in better if found)
            return
        texts: dict[str, None] = {}
        for case, found in better:
            if found:
                known = () if math.isfinite(case.similarity) else (case.flagged.unit.target,)
                texts |= dict.fromkeys((case.flagged.text, *known, *(one.text for _, one, _ in found)))
        if not texts:
            return
        encoder = self.encoder()
        # One at a time: in company a vector has other last digits, and once in many thousand rows another choice.
        vectors = {text: encoder.encode([text])[0] for text in texts}
        for case, found in better:
            if not found:
                continue
            source = vectors[case.flagged.text]
            if not math.isfinite(case.similarity):
                case.similarity = float(source @ vectors[case.flagged.unit.target])
            for rating in found:
                if float(source @ vectors[rating[1].text]) >= case.similarity - SIMILARITY_SLACK:
                    yield case, rating
                    break


def _is_unlikely(candidate: Translation, first: Translation) -> bool:
    """Say whether the model finds a candidate much less likely than its first translation."""
    if math.isnan(candidate.log_prob) or math.isnan(first.log_prob):
        return False
    return candidate.log_prob < first.log_prob - _MAX_LOSS


def _whole(cases: Sequence[_Case], translator: Translator, decoding: Decoding) -> list[list[Translation]]:
    """Decode the whole segments."""
    return translator.translate([case.flagged.text for case in cases], decoding)


def _split(cases: Sequence[_Case], translator: Translator, decoding: Decoding) -> list[list[Translation]]:
    """Decode the pieces of each segment by themselves and join them."""
    pieces = [cut_pieces(case.flagged.text) for case in cases]
    decoded = iter(translator.translate([piece for parts in pieces for piece, _ in parts], decoding))
    return [[join_pieces(parts, [next(decoded)[0] for _ in parts])] for parts in pieces]


def _masked(cases: Sequence[_Case], translator: Translator, decoding: Decoding) -> list[list[Translation]]:
    """Decode with placeholders for what came out wrong.

    Of 129 segments of news whose numbers came out wrong, one placeholder search for 8 hypotheses left 49 without an
    issue, the same search without placeholders 34, with the English number in the source 37; for 1 hypothesis 34, 0, 8.
    """
    texts = [case.flagged.text for case in cases]
    masks = [missing_masks(text, case.target) for text, case in zip(texts, cases, strict=True)]
    return decode_masked(texts, masks, translator, decoding)
