"""Hold the engine to a glossary.

A term that the engine does not render as wanted is hidden from it: the segment is decoded again with placeholders
(NT-1, NT-2 ...) in the terms' place, which are then replaced by what the glossary wants. Measured with the bundled
model, beam 4: of 18 forms of placeholder in 16 sentences of our own, NT-1 had the highest chrF (71) of those that came
out once in each. In 362 segments of news and talks with 407 uses of 64 names and terms, mined from their references
(`scripts/evaluate_terms.py`), the engine alone has 245 as wanted (BLEU 19.3, chrF 46.1), the best of 8 hypotheses 253
(19.8, 46.3), the English term put into the Chinese sentence 361 (20.3, 47.4), placeholders 391 (20.5, 47.9).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bilingual.bitext import Link, Span, Translation
from bilingual.protocols import Decoding, Translator
from bilingual.terms.glossary import ARTICLE, Glossary

__all__ = ["Mask", "TermTranslator", "decode_masked"]

_PLACEHOLDER = re.compile(r"NT-\d+")


@dataclass(frozen=True, slots=True)
class Mask:
    """A place of a source that the engine shall not see, and the text that stands for it in the target."""

    span: Span
    target: str
    case_sensitive: bool = False


class TermTranslator:
    """A `Translator` that keeps to a glossary: segments whose terms come out otherwise are decoded with placeholders.

    Attributes:
        signature: The engine's.
        model_name: The engine's.
        license: The engine's.
    """

    def __init__(self, translator: Translator, glossary: Glossary) -> None:
        """Put a glossary before an engine."""
        self.signature = translator.signature
        self.model_name = translator.model_name
        self.license = translator.license
        self._translator = translator
        self._glossary = glossary

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        """Translate segments as the engine does, terms as the glossary wants.

        A segment whose terms come out otherwise is decoded with all of them hidden and, where the engine loses a
        placeholder, with the missing ones alone. Where that has no more of the terms, the engine's own translation
        stays, for the checks to report.
        """
        result = self._translator.translate(segments, decoding)
        wide = replace(decoding, n_best=decoding.beam)
        tried: dict[int, list[Mask]] = {}
        for hide in (self._all, self._missing):
            masks = {
                index: hide(segments[index], found[0].text)
                for index, found in enumerate(result)
                if found and self._misses(segments[index], found[0])
            }
            masks = {index: one for index, one in masks.items() if one != tried.get(index)}
            tried = masks
            decoded = decode_masked([segments[index] for index in masks], list(masks.values()), self._translator, wide)
            for index, candidates in zip(masks, decoded, strict=True):
                own = self._misses(segments[index], result[index][0])
                better = [one for one in candidates if self._misses(segments[index], one) < own]
                if better:
                    result[index] = better[: decoding.n_best]
        return result

    def _all(self, source: str, target: str) -> list[Mask]:
        return [Mask(span, term.target, term.case_sensitive) for term, span in self._glossary.find(source)]

    def _missing(self, source: str, target: str) -> list[Mask]:
        missing = {use.source_span for use in self._glossary.uses(source, target) if use.target_span is None}
        return [
            Mask(span, term.target, term.case_sensitive)
            for term, span in self._glossary.find(source)
            if span in missing
        ]

    def _misses(self, source: str, translation: Translation) -> int:
        return sum(use.target_span is None for use in self._glossary.uses(source, translation.text))


def decode_masked(
    texts: Sequence[str], masks: Sequence[Sequence[Mask]], translator: Translator, decoding: Decoding
) -> list[list[Translation]]:
    """Decode texts with placeholders in the place of their masks, and put the masks' targets in.

    Args:
        texts: The segments.
        masks: For each its masks, in order, without overlap.
        translator: The engine.
        decoding: How it searches.

    Returns:
        For each the hypotheses that kept all placeholders; none where the engine lost one.
    """
    hidden = [_masked(text, spans) for text, spans in zip(texts, masks, strict=True)]
    decoded = translator.translate([text for text, _ in hidden], decoding) if hidden else []
    return [
        [better for one in found if (better := _restored(one, spans, text, starts)) is not None]
        for found, spans, (text, starts) in zip(decoded, masks, hidden, strict=True)
    ]


def _masked(text: str, masks: Sequence[Mask]) -> tuple[str, list[tuple[Span, str]]]:
    """Put placeholders into a text, equal ones for equal targets; also give where each stands in what comes out."""
    first = next(n for n in range(1, 1000) if not any(f"NT-{n + k}" in text for k in range(len(masks) + 1)))
    names: dict[tuple[str, bool], str] = {}
    result, position, places = "", 0, []
    for mask in masks:
        result += text[position : mask.span[0]]
        name = names.setdefault((mask.target, mask.case_sensitive), f"NT-{first + len(names)}")
        # Latin letters and digits beside it would be read as part of it.
        result += " " if re.search(r"[0-9A-Za-z]$", result) else ""
        places.append(((len(result), len(result) + len(name)), name))
        result += name
        position = mask.span[1]
        result += " " if re.match(r"[0-9A-Za-z]", text[position:]) else ""
    return result + text[position:], places


def _restored(
    translation: Translation, masks: Sequence[Mask], hidden: str, places: Sequence[tuple[Span, str]]
) -> Translation | None:
    """Put the targets in; None when a placeholder is missing, or there is one too many. Links move with the text."""
    found: list[tuple[int, int, str]] = []
    by_name = {name: mask for mask, (_, name) in zip(masks, places, strict=True)}
    for name, mask in by_name.items():
        number = name.removeprefix("NT-")
        pattern = rf"(?:\b(?P<article>the|an?)\s+)?(?<![A-Za-z0-9])NT\s?-\s?{number}(?!\d)"
        matches = list(re.finditer(pattern, translation.text, re.IGNORECASE))
        if not matches:
            return None
        for match in matches:
            found.append((*match.span(), _inserted(mask, match["article"], starts=not match.start())))
    rest = "".join(
        translation.text[end:start]
        for (_, end), (start, _) in pairwise([(0, 0), *sorted(one[:2] for one in found), (len(translation.text), 0)])
    )
    if set(_PLACEHOLDER.findall(rest)) - (set(_PLACEHOLDER.findall(hidden)) - set(by_name)):
        return None
    text, position, moves = "", 0, list[tuple[Span, Span]]()
    for start, end, inserted in sorted(found):
        text += translation.text[position:start]
        moves.append(((start, end), (len(text), len(text) + len(inserted))))
        text += inserted
        position = end
    text += translation.text[position:]
    sources = [(span, mask.span) for (span, _), mask in zip(places, masks, strict=True)]
    links: list[Link] = [(*_moved((a, b), sources), *_moved((c, d), moves)) for a, b, c, d in translation.links]
    return replace(translation, text=text, links=tuple(dict.fromkeys(links)))


def _inserted(mask: Mask, article: str | None, *, starts: bool) -> str:
    """Word a target where a placeholder stood, with the article before it: one of the two, and a or an as it sounds."""
    target = mask.target
    if article and not ARTICLE.match(target):
        if article.lower() != "the":
            article = article[0] + ("n" if re.match("[aeiouAEIOU]", target) else "")
        target = f"{article} {target}"
    return target[0].upper() + target[1:] if starts and not mask.case_sensitive else target


def _moved(span: Span, moves: Sequence[tuple[Span, Span]]) -> Span:
    """Move a span of a text to where it is after replacements; one that touches a replaced place takes all of it."""
    start, end = span
    new_start, new_end = start, end
    for (old_start, old_end), (place_start, place_end) in moves:
        if start >= old_end:
            new_start = start - old_end + place_end
        elif end > old_start and start >= old_start:
            new_start = place_start
        if end >= old_end:
            new_end = end - old_end + place_end
        elif end > old_start:
            new_end = place_end
    return new_start, new_end
