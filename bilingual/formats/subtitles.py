"""Bilingual subtitles: the file as it was, with the translation of each cue below its lines."""

from __future__ import annotations

import bisect
import html
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import BinaryIO

from bilingual.bitext import TranslationUnit, unit_id, visible
from bilingual.cues import Cue, parse_cues
from bilingual.errors import OutputError

__all__ = ["cue_units", "divide_text", "write_subtitles"]

_PLACE = re.compile(r"(?<=[\s\u2013\u2014-])(?=\S)")
_AFTER_PAUSE = re.compile(r"[,;:.!?\u2013\u2014]\s*$")
_PAUSE_WORTH = 0.15
"""Share of the whole text by which a place may be off the ideal and still be taken, if it follows a pause."""


def write_subtitles(units: Iterable[TranslationUnit], text: str, file: BinaryIO, kind: str) -> None:
    """Write the subtitles that `text` holds with the translation below each original; all timings stay as they are.

    A file that stays of its kind keeps everything else too (styles, comments, tags, line ends); of the other kind it
    keeps the texts and the timings.

    Args:
        units: The units made from these subtitles, all and in order.
        text: The decoded subtitle file: `Document.text`.
        file: Gets UTF-8.
        kind: `srt` or `vtt`.

    Raises:
        OutputError: The units are of another file.
    """
    cues = parse_cues(text)
    lines = [" ".join(unit.target.split()).replace("-->", "→") for unit in cue_units(units, text)]
    web = text.lstrip("\ufeff").startswith("WEBVTT")
    if kind == "vtt":
        lines = [_for_web(line) for line in lines]
    written = _filled if web == (kind == "vtt") else _rewritten
    file.write(written(cues, lines, text, kind == "vtt").encode("utf-8", "replace"))


def _filled(cues: Sequence[Cue], lines: Sequence[str], text: str, web: bool) -> str:
    """Put the lines into the file as it is."""
    newline = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")
    pieces, position = [], 0
    for cue, line in zip(cues, lines, strict=True):
        if line and cue.lines:
            end = cue.lines[-1][1]
            pieces += [text[position:end], newline, line]
            position = end
    return "".join([*pieces, text[position:]])


def _rewritten(cues: Sequence[Cue], lines: Sequence[str], text: str, web: bool) -> str:
    """Write a file of the other kind; a cue without text, which has nothing to show, is left out."""
    pieces, number = ["WEBVTT\n\n"] if web else [], 0
    for cue, line in zip(cues, lines, strict=True):
        shown = [found for found in cue.texts(text) if visible(found)]
        if not shown:
            continue
        number += 1
        shown = [_for_web(found) for found in shown] if web else [html.unescape(found) for found in shown]
        head = [] if web else [str(number)]
        timing = f"{_clock(cue.start_ms, web)} --> {_clock(cue.end_ms, web)}"
        pieces.append("\n".join([*head, timing, *shown, *filter(None, [line])]) + "\n\n")
    return "".join(pieces)


def _for_web(line: str) -> str:
    """Escape what WebVTT would take for a tag."""
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(time_ms: int, web: bool) -> str:
    """Write a time.

    >>> _clock(3_723_004, True), _clock(3_723_004, False)
    ('01:02:03.004', '01:02:03,004')
    """
    minutes, rest = divmod(time_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{'.' if web else ','}{rest % 1000:03}"


def cue_units(units: Iterable[TranslationUnit], text: str) -> list[TranslationUnit]:
    """Make one unit of each cue: sentences that run over cues are divided, several sentences of one cue joined.

    Args:
        units: The units made from these subtitles, all and in order.
        text: The decoded subtitle file.

    Returns:
        As many units as there are cues; the target of a cue without text is empty. What belongs to a sentence
        (links, issues, confidence) is left out.

    Raises:
        OutputError: The units are of another file.
    """
    units, cues = list(units), parse_cues(text)
    shown = [" ".join(line.strip() for line in cue.texts(text)) for cue in cues]
    if visible("".join(shown)) != visible("".join(unit.source for unit in units)):
        raise OutputError("the subtitles do not hold the text of these units: take the file that they were made from")
    ends = list(itertools.accumulate(len(visible(line)) for line in shown))
    targets: list[list[str]] = [[] for _ in cues]
    owners: list[TranslationUnit | None] = [None] * len(cues)
    position = 0
    for unit in units:
        end = position + len(visible(unit.source))
        first = bisect.bisect_right(ends, position)
        over = [number for number in range(first, len(cues)) if number == first or ends[number - 1] < end]
        over = [number for number in over if visible(shown[number])] or [min(first, len(cues) - 1)]
        weights = [min(end, ends[n]) - max(position, ends[n] - len(visible(shown[n]))) for n in over]
        for number, part in zip(over, divide_text(unit.target, weights), strict=True):
            targets[number].append(part)
            owners[number] = owners[number] or unit
        position = end
    return [
        _unit_of(number, cue_text, " ".join(filter(None, parts)), owner or units[0], cue)
        for number, (cue_text, parts, owner, cue) in enumerate(zip(shown, targets, owners, cues, strict=True), 1)
    ]


def divide_text(text: str, weights: Sequence[float]) -> list[str]:
    """Divide a text between words into parts about as long as the weights say, after a pause where one is near.

    >>> divide_text("If it rains, we stay at home.", [3, 4])
    ['If it rains,', 'we stay at home.']
    >>> divide_text("Go!", [1, 1])
    ['Go!', '']
    """
    total, done, start = sum(weights) or 1, 0.0, 0
    places = [found.start() for found in _PLACE.finditer(text)]
    parts = []
    for weight in weights[:-1]:
        done += weight
        ideal = len(text) * done / total
        later = [place for place in places if place > start]
        if not later:
            break
        bonus = _PAUSE_WORTH * len(text)
        best = min(later, key=lambda at: abs(at - ideal) - (bonus if _AFTER_PAUSE.search(text[:at]) else 0))
        parts.append(text[start:best].strip())
        start = best
    parts.append(text[start:].strip())
    return parts + [""] * (len(weights) - len(parts))


def _unit_of(number: int, source: str, target: str, owner: TranslationUnit, cue: Cue) -> TranslationUnit:
    """Make the unit of a cue, with its timing as extra columns."""
    return replace(
        owner,
        id=unit_id(owner.document, source, number),
        paragraph=number,
        sentence=1,
        source=source,
        target=target,
        links=(),
        issues=(),
        confidence=None,
        extra=(("start_ms", str(cue.start_ms)), ("end_ms", str(cue.end_ms))),
    )
