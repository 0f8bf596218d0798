"""A flagged segment is decoded again, differently, until a candidate passes the checks.

The ladder, each rung in one batch for all segments that are still flagged: cut at a clause boundary and joined; a
wider beam, its hypotheses ranked by the checks; no n-gram twice; a coverage penalty; placeholders for numbers,
addresses and Latin words that came out wrong. A candidate replaces the translation only when the checks find less in it
and the model itself does not find it much less likely. What helped is its origin: `repair:split`, `repair:beam`,
`repair:ngram`, `repair:coverage`, `repair:placeholder`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bilingual.bitext import Link, Translation, TranslationUnit
from bilingual.checks.amounts import Amount, Strength
from bilingual.checks.numbers import compare_numbers
from bilingual.checks.numbers_chinese import chinese_amounts
from bilingual.protocols import Decoding, Translator
from bilingual.terms import Mask, decode_masked

__all__ = ["MAX_SHARE", "REPAIRABLE", "Flagged", "badness", "repair_segments"]

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
MAX_SHARE = 0.4
"""Share of a window's segments that are decoded again at most, the worst first."""
_WEIGHT = {"error": 4.0, "warning": 1.5, "info": 0.2}
_MAX_LOSS = 0.35
"""Mean log probability per token that a candidate may be below the first translation."""
_WIDE_BEAM = 8
_STRONG_CUT = re.compile(r"[；;](?=.)|——|……")
_WEAK_CUT = re.compile(r"(?<!\d)[，,](?!\d)")
_ONLY = {"ngram": {"repetition", "unfinished", "length-ratio"}}
"""Codes without which a rung is not worth its time."""
_MIN_PIECE = 5
"""Characters of the shortest piece that is decoded by itself."""
_LATIN = re.compile(
    r"(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[A-Za-z][A-Za-z0-9.\-]*[A-Za-z0-9]", re.ASCII
)
"""Addresses, and Latin words of two characters and more."""
_NUMBER = re.compile(
    r"百分之[\d.零〇一二三四五六七八九十百]+|[\d.,．]*\d[%％]|(?:[\d.．]|[零〇一二三四五六七八九十百千万亿两,])+"
)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
_LOWERED = frozenset(
    (
        "The",
        "A",
        "An",
        "In",
        "It",
        "He",
        "She",
        "They",
        "We",
        "You",
        "This",
        "That",
        "These",
        "Those",
        "And",
        "But",
        "Or",
        "So",
        "To",
        "For",
        "With",
        "At",
        "On",
        "From",
        "By",
        "Of",
        "As",
        "After",
        "Before",
        "When",
        "While",
        "If",
        "Its",
        "His",
        "Her",
        "Their",
        "Our",
        "There",
        "Some",
        "Many",
        "Most",
        "All",
        "Each",
        "Every",
        "Today",
    )
)


@dataclass(frozen=True, slots=True)
class Flagged:
    """A segment to mend: the text for the engine, the unit as it is, and the translation it came from."""

    text: str
    unit: TranslationUnit
    translation: Translation


Check = Callable[[TranslationUnit, Translation], TranslationUnit]
"""Checks one unit again, with what the engine said of its new target."""


def badness(unit: TranslationUnit) -> float:
    """Weigh the repairable issues of a unit: 0 when there is none above a remark."""
    weights = [_WEIGHT[issue.severity] for issue in unit.issues if issue.code in REPAIRABLE]
    return sum(weights) if any(weight >= _WEIGHT["warning"] for weight in weights) else 0.0


def repair_segments(
    flagged: Sequence[Flagged], translator: Translator, decoding: Decoding, check: Check
) -> list[Translation | None]:
    """Look for a better translation of flagged segments.

    Args:
        flagged: What to mend.
        translator: The engine.
        decoding: How the first translations were searched for.
        check: Runs the checks on a candidate.

    Returns:
        For each the better translation, its origin set to the rung, or None where nothing better was found.
    """
    best: list[Translation | None] = [None] * len(flagged)
    left = [badness(one.unit) for one in flagged]
    for name, candidates_of in (
        ("split", _split),
        ("beam", _decoded(replace(decoding, beam=max(_WIDE_BEAM, decoding.beam), n_best=_WIDE_BEAM))),
        ("ngram", _decoded(replace(decoding, no_repeat_ngram=4))),
        ("coverage", _decoded(replace(decoding, coverage_penalty=0.2))),
        ("placeholder", _hidden),
    ):
        only = _ONLY.get(name)
        open_ = [
            place
            for place, value in enumerate(left)
            if value > 0 and (only is None or any(issue.code in only for issue in flagged[place].unit.issues))
        ]
        if not open_:
            continue
        rung = candidates_of([flagged[place] for place in open_], translator, decoding)
        for place, candidates in zip(open_, rung, strict=True):
            one = flagged[place]
            for candidate in candidates:
                if not candidate.text or candidate.text == one.unit.target or _is_unlikely(candidate, one.translation):
                    continue
                value = badness(check(replace(one.unit, target=candidate.text, links=candidate.links), candidate))
                if value < left[place]:
                    left[place] = value
                    best[place] = replace(candidate, origin=f"repair:{name}")
    return best


def _is_unlikely(candidate: Translation, first: Translation) -> bool:
    """Say whether the model finds a candidate much less likely than its first translation."""
    if math.isnan(candidate.log_prob) or math.isnan(first.log_prob):
        return False
    return candidate.log_prob < first.log_prob - _MAX_LOSS


_Candidates = Callable[[Sequence[Flagged], Translator, Decoding], Iterable[list[Translation]]]


def _decoded(other: Decoding) -> _Candidates:
    """Make a rung that decodes the whole segment in another way."""

    def candidates(flagged: Sequence[Flagged], translator: Translator, decoding: Decoding) -> list[list[Translation]]:
        return translator.translate([one.text for one in flagged], other)

    return candidates


def _hidden(flagged: Sequence[Flagged], translator: Translator, decoding: Decoding) -> list[list[Translation]]:
    """Decode with placeholders for what came out wrong, where there is any such thing.

    Of 129 segments of news whose numbers came out wrong, one placeholder search for 8 hypotheses left 49 without an
    issue, the same search without placeholders 34, with the English number in the source 37; for 1 hypothesis 34, 0, 8.
    """
    wide = replace(decoding, beam=max(_WIDE_BEAM, decoding.beam), n_best=_WIDE_BEAM)
    masks = [_masks(one.text, one.unit.target) for one in flagged]
    with_masks = [place for place, found in enumerate(masks) if found]
    decoded = decode_masked(
        [flagged[place].text for place in with_masks], [masks[place] for place in with_masks], translator, wide
    )
    found = dict(zip(with_masks, decoded, strict=True))
    return [found.get(place, []) for place in range(len(flagged))]


def _masks(source: str, target: str) -> list[Mask]:
    """Give the numbers, addresses and Latin words of a source that its translation lacks, with what they shall be.

    >>> [mask.target for mask in _masks("投入12.8亿元，见www.example.org", "It cost 12.8 billion yuan.")]
    ['1.28 billion', 'www.example.org']
    """
    masks = [Mask(match.span(), match[0], True) for match in _LATIN.finditer(source) if match[0] not in target]
    wrong = {span for issue in compare_numbers(source, target) for span in issue.source_spans}
    for amount in chinese_amounts(source):
        number = _NUMBER.match(source, amount.start, amount.end)
        if amount.kind not in ("plain", "percent"):
            continue
        if (amount.start, amount.end) in wrong and number and amount.strength is Strength.HARD:
            masks.append(Mask(number.span(), _written(amount, number[0]), True))
    kept: list[Mask] = []
    for mask in sorted(masks, key=lambda one: one.span):
        if not kept or mask.span[0] >= kept[-1].span[1]:
            kept.append(mask)
    return kept


def _written(amount: Amount, text: str) -> str:
    """Write a Chinese amount in English: digits as they are, millions and more in words where they are round."""
    digits = text.translate(_FULL_WIDTH)
    if amount.kind == "percent":
        return f"{amount.value * 100:.6g}%"
    if digits.isascii():
        return digits
    for scale, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if amount.value >= scale and math.isclose(rounded := round(amount.value / scale, 4), amount.value / scale):
            return f"{rounded:.10g} {word}"
    return f"{amount.value:,.0f}" if amount.value % 1 == 0 else f"{amount.value:,.6g}"


def _split(flagged: Sequence[Flagged], translator: Translator, decoding: Decoding) -> list[list[Translation]]:
    """Decode the pieces of each segment by themselves and join them."""
    pieces = [cut_pieces(one.text) for one in flagged]
    flat = [piece for parts in pieces for piece, _ in parts]
    decoded = iter([found[0] for found in translator.translate(flat, decoding)])
    result = []
    for parts in pieces:
        translations = [next(decoded) for _ in parts]
        result.append([_joined(parts, translations)] if len(parts) > 1 else [])
    return result


def cut_pieces(text: str) -> list[tuple[str, int]]:
    """Cut a segment at its strong boundaries, or where it has none at the comma nearest its middle.

    Returns:
        Pieces and where each starts; joined they are the text.

    >>> cut_pieces("水质达标，下游补给上游；水质超标，上游赔给下游。")
    [('水质达标，下游补给上游；', 0), ('水质超标，上游赔给下游。', 12)]
    """
    cuts = [m.end() for m in _STRONG_CUT.finditer(text) if _is_outside_quotes(text, m.end())]
    if not cuts:
        commas = [m.end() for m in _WEAK_CUT.finditer(text) if _is_outside_quotes(text, m.end())]
        cuts = sorted(commas, key=lambda place: abs(place - len(text) / 2))[:1]
    places = [0]
    for place in cuts:
        if place - places[-1] >= _MIN_PIECE and len(text) - place >= _MIN_PIECE:
            places.append(place)
    return [(text[start:end], start) for start, end in zip(places, [*places[1:], len(text)], strict=True)]


def _is_outside_quotes(text: str, place: int) -> bool:
    before = text[:place]
    return all(before.count(mark) == before.count(other) for mark, other in ("“”", "《》", "（）", "「」", "()", "‘’"))


def _joined(parts: Sequence[tuple[str, int]], translations: Sequence[Translation]) -> Translation:
    """Join the pieces' translations to one sentence; links move with their text."""
    text, links = "", list[Link]()
    for number, ((piece, start), translation) in enumerate(zip(parts, translations, strict=True)):
        body = translation.text.strip()
        if number + 1 < len(parts) and body.endswith("."):
            body = body[:-1] + (";" if piece.rstrip()[-1:] in "；;" else ",")
        first = body.split(" ", 1)[0]
        if number and first in _LOWERED:
            body = body[0].lower() + body[1:]
        shift = len(text) + bool(text)
        text = f"{text} {body}" if text else body
        links += [(a + start, b + start, c + shift, d + shift) for a, b, c, d in translation.links]
    return Translation(
        text,
        log_prob=sum(one.log_prob for one in translations) / len(translations),
        links=tuple(link for link in links if link[3] <= len(text)),
        unknown=sum(one.unknown for one in translations),
        finished=all(one.finished for one in translations),
    )
