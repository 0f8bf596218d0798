"""Subtitles (SubRip, WebVTT) -> paragraphs: a sentence that runs over cues is put together again."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from bilingual.bitext import Document, Paragraph, Span
from bilingual.cues import Cue, parse_cues
from bilingual.reading.encoding import decode, describe_encoding
from bilingual.reading.language import detect_language
from bilingual.reading.marks import ends_sentence
from bilingual.reading.options import ReadOptions, has_visible, notes_on, refuse_blank
from bilingual.reading.text import join_wrapped

__all__ = ["read_subtitles"]

_MAX_PAUSE_MS = 2000
"""A sentence does not go on after a longer silence: speakers breathe for under a second."""
_MAX_CUES = 8
"""Most cues put together: at 3 seconds each nobody speaks a longer sentence."""
_MIN_STOPPED_SHARE = 0.2
"""Many subtitles have no final stops at all; where fewer cues than this have one, each cue stands alone."""
_PAUSE = re.compile(r"[，、,；;—-]\s*$")
_SPEAKER = re.compile(r"\s*[-–—－]\s*\S")


def read_subtitles(data: bytes, name: str, options: ReadOptions) -> Document:
    """Read subtitles. `Document.text` is the whole file; numbers, timings, comments and tags are markup."""
    text, encoding = decode(data, options.encoding)
    refuse_blank(text)
    cues = parse_cues(text)
    shown = [span for cue in cues for line in cue.lines for span in _outside(line, cue.markup)]
    plain = "".join(text[start:end] for start, end in shown)
    refuse_blank(plain)
    lang = options.lang or detect_language(plain)
    paragraphs = tuple(_paragraphs(cues, text, lang.startswith("zh")))
    markup = tuple(_outside((0, len(text)), shown))
    notes = [note for note in (describe_encoding(encoding), *notes_on(plain, options.lang)) if note]
    return Document(lang, name, text, paragraphs, markup, tuple(notes))


def _outside(whole: Span, parts: Sequence[Span]) -> Iterator[Span]:
    """Give what lies in `whole` and in none of the parts, which are in order."""
    position = whole[0]
    for start, end in parts:
        if whole[0] <= start < whole[1]:
            if position < start:
                yield position, start
            position = end
    if position < whole[1]:
        yield position, whole[1]


def _paragraphs(cues: Sequence[Cue], text: str, chinese: bool) -> Iterator[Paragraph]:
    """Put lines together while a sentence goes on."""
    full = [cue for cue in cues if any(map(has_visible, cue.texts(text)))]
    stopped = sum(ends_sentence(cue.texts(text)[-1]) for cue in full)
    punctuated = stopped >= _MIN_STOPPED_SHARE * len(full)
    group: list[Cue] = []
    for cue in full:
        if group and not (len(group) < _MAX_CUES and _goes_on(group[-1], cue, text, punctuated)):
            yield from _paragraphs_of(group, text, chinese, punctuated)
            group = []
        group.append(cue)
    yield from _paragraphs_of(group, text, chinese, punctuated)


def _goes_on(cue: Cue, after: Cue, text: str, punctuated: bool) -> bool:
    """Tell whether the sentence at the end of a cue goes on in the next."""
    last = cue.texts(text)[-1]
    if after.start_ms - cue.end_ms > _MAX_PAUSE_MS or _SPEAKER.match(after.texts(text)[0]):
        return False
    return not ends_sentence(last) if punctuated else _PAUSE.search(last) is not None


def _paragraphs_of(group: Sequence[Cue], text: str, chinese: bool, punctuated: bool) -> Iterator[Paragraph]:
    """Make one paragraph of the lines of these cues, or one for each speaker."""
    lines = [
        (line, shown)
        for cue in group
        for line, shown in zip(cue.lines, cue.texts(text), strict=True)
        if has_visible(shown)
    ]
    starts = [number for number, (_, shown) in enumerate(lines) if number == 0 or _SPEAKER.match(shown)]
    for first, last in itertools.pairwise([*starts, len(lines)]):
        joined = ""
        for _, shown in lines[first:last]:
            shown = shown.strip()
            between = join_wrapped(joined, shown, chinese) if punctuated or not joined else " "
            joined += between + shown
        yield Paragraph(joined, lines[first][0][0], lines[last - 1][0][1])
