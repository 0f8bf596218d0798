"""What a reader is told, and what every reader says about what it read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bilingual.bitext import Document
from bilingual.errors import InputError
from bilingual.reading.language import has_chinese

__all__ = ["ReadOptions", "Reader", "has_visible", "notes_on", "refuse_blank"]

_VISIBLE = re.compile(r"[^\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    Attributes:
        encoding: Name of the encoding; None to recognise it.
        lang: BCP 47 tag of the text; None to recognise it.
        whole_page: Keep everything on a web page, not the article alone.
    """

    encoding: str | None = None
    lang: str | None = None
    whole_page: bool = False


Reader = Callable[[bytes, str, ReadOptions], Document]
"""(content, name of the document, options) -> the document, without sentences."""


def has_visible(text: str) -> bool:
    """Tell whether there is anything to see in a text: more than white space, control and format characters."""
    return _VISIBLE.search(text) is not None


def refuse_blank(text: str) -> None:
    """Raise InputError when there is nothing to see in the text."""
    if not has_visible(text):
        raise InputError("nothing in it but white space: give a file that has text")


def notes_on(text: str, lang: str | None) -> list[str]:
    """Say what a reader of the output should know about the text: hidden characters, no Chinese.

    Args:
        text: The text read.
        lang: The language asked for; Chinese is missed when it is None or Chinese.
    """
    notes = []
    if (lang is None or lang.startswith("zh")) and not has_chinese(text):
        notes.append("no Chinese was found in it; is it the right file?")
    if count := text.count("\x00"):
        notes.append(f"{_times(count, 'NUL character')} in it, kept; the file may be damaged")
    if count := len(_CONTROL.findall(text)) - count:
        notes.append(f"{_times(count, 'control character')} in it, kept")
    if count := len(_BIDI.findall(text)):
        notes.append(
            f"{_times(count, 'invisible character')} in it that can turn the direction of writing, kept; "
            "the text may read otherwise than it looks"
        )
    return notes


def _times(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count > 1)}"
