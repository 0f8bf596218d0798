"""Cut a segment where a clause ends, and join the translations of the pieces to one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bilingual.bitext import Link, Translation

__all__ = ["cut_pieces", "join_pieces"]

_STRONG_CUT = re.compile(r"[；;](?=.)|——|……")
_WEAK_CUT = re.compile(r"(?<!\d)[，,](?!\d)")
_MIN_PIECE = 5
"""Characters of the shortest piece that is decoded by itself."""
_LOWERED = re.compile(
    "The|A|An|In|It|He|She|They|We|You|This|That|These|Those|And|But|Or|So|To|For|With|At|On|From|By|Of|As|After|Before"
    "|When|While|If|Its|His|Her|Their|Our|There|Some|Many|Most|All|Each|Every|Today"
)
"""Words that begin a sentence with a capital and lose it inside one."""


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


def join_pieces(parts: Sequence[tuple[str, int]], translations: Sequence[Translation]) -> Translation:
    """Join the pieces' translations to one sentence; links move with their text."""
    text, links = "", list[Link]()
    for number, ((piece, start), translation) in enumerate(zip(parts, translations, strict=True)):
        body = translation.text.strip()
        if number + 1 < len(parts) and body.endswith("."):
            body = body[:-1] + (";" if piece.rstrip()[-1:] in "；;" else ",")
        first = body.split(" ", 1)[0]
        if number and _LOWERED.fullmatch(first):
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
