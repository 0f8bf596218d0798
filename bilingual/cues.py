"""The cues of subtitles (SubRip and WebVTT), with the place of each in the file's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bilingual.bitext import Span
from bilingual.errors import InputError

__all__ = ["Cue", "parse_cues"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_TAG = re.compile(
    r"</?(?:[biu]|font|ruby|rt|c|v|lang|s)(?:[ .][^<>]{0,200})?>|<(?:\d+:)?\d\d:\d\d\.\d{3}>|\{\\[^{}]{0,200}\}",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:amp|nbsp|lrm|rlm);")


@dataclass(frozen=True, slots=True)
class Cue:
    """What is on the screen at one time.

    Attributes:
        start_ms: When it appears, in milliseconds.
        end_ms: When it disappears.
        lines: Where its lines are in the file's text: (start, end) without the line's end.
        markup: The tags in its lines.
    """

    start_ms: int
    end_ms: int
    lines: tuple[Span, ...]
    markup: tuple[Span, ...]

    def texts(self, text: str) -> list[str]:
        """Give the lines without their tags; `text` is that of the file."""
        return [_without(text, line, self.markup) for line in self.lines]


def parse_cues(text: str) -> list[Cue]:
    """Find the cues of a subtitle file.

    A text after a blank line belongs to the cue above it in SubRip, where WebVTT knows only comments and styles there.

    Args:
        text: The decoded file.

    Raises:
        InputError: A line with an arrow is no timing, or there is no cue.
    """
    lines = [(found.start(), found[0].rstrip("\r\n")) for found in _LINE.finditer(text) if found[0]]
    web = text.lstrip("\ufeff").startswith("WEBVTT")
    cues: list[Cue] = []
    timing: re.Match[str] | None = None
    spans: list[Span] = []
    blank = True
    for number, (start, line) in enumerate(lines):
        if "-->" in line:
            found = _TIMING.fullmatch(line)
            if found is None:
                raise InputError(f"line {number + 1}: {line[:60]!r} is no timing; write 00:01:02,500 --> 00:01:04,000")
            _add(cues, timing, spans, text)
            timing, spans, blank = found, [], False
            continue
        if not line.strip():
            blank = True
            if web and timing is not None:
                _add(cues, timing, spans, text)
                timing, spans = None, []
            continue
        names_next = blank and number + 1 < len(lines) and "-->" in lines[number + 1][1]
        if timing is not None and not (names_next and (web or line.strip().isdecimal())):
            spans.append((start, start + len(line)))
        blank = False
    _add(cues, timing, spans, text)
    if not cues:
        raise InputError(
            "no cue in it (a line such as 00:01:02,500 --> 00:01:04,000); if it is a text, rename it to .txt"
        )
    return cues


def _add(cues: list[Cue], timing: re.Match[str] | None, spans: list[Span], text: str) -> None:
    """Add the cue that ends here, if one does."""
    if timing is not None:
        parts = timing.groups()
        markup = tuple(span for line in spans for span in _markup(text, line))
        cues.append(Cue(_milliseconds(parts[:4]), _milliseconds(parts[4:]), tuple(spans), markup))


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = parts
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def _markup(text: str, line: Span) -> Iterator[Span]:
    """Find tags, and of an entity all that is not its character; `&lt;` and `&gt;` stay as they are written."""
    for found in sorted([*_TAG.finditer(text, *line), *_ENTITY.finditer(text, *line)], key=re.Match.start):
        yield found.start() + (found[0] == "&amp;"), found.end()


def _without(text: str, line: Span, markup: tuple[Span, ...]) -> str:
    """Give a line without the markup in it."""
    pieces, position = [], line[0]
    for start, end in markup:
        if line[0] <= start < line[1]:
            pieces.append(text[position:start])
            position = end
    return "".join([*pieces, text[position : line[1]]])
