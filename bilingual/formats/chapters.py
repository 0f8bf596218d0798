"""The units of a book, chapter by chapter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bilingual.bitext import TranslationUnit

__all__ = ["Chapter", "split_chapters"]

_MAX_NAME_CHARS = 40
"""Characters of a title in a file's name: 120 bytes of Chinese, half of what file systems take."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter.

    Attributes:
        number: 1-based place in the book; 0 for what stands before the first title.
        title: The text of its title, in the language of the source; empty for chapter 0.
        units: Its units, the title first.
    """

    number: int
    title: str
    units: tuple[TranslationUnit, ...]

    @property
    def stem(self) -> str:
        """Name the chapter's file, without an ending: "003-第三章 云"."""
        name = re.sub(r"[\W_]+", " ", self.title)[:_MAX_NAME_CHARS].strip()
        return f"{self.number:03}-{name}" if name else f"{self.number:03}"


def split_chapters(units: Iterable[TranslationUnit]) -> Iterator[Chapter]:
    """Divide the units of a book where a unit of kind `title` stands; a title of several sentences divides once."""
    number, group, opened = 0, list[TranslationUnit](), 0
    for unit in units:
        if unit.kind == "title" and unit.paragraph != opened:
            if group:
                yield _chapter(number, group)
            number, group, opened = number + 1, [], unit.paragraph
        group.append(unit)
    if group:
        yield _chapter(number, group)


def _chapter(number: int, group: list[TranslationUnit]) -> Chapter:
    title = "".join(u.source for u in group if u.kind == "title" and u.paragraph == group[0].paragraph)
    return Chapter(number, title, tuple(group))
