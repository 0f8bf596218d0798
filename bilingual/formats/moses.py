"""The Moses pair: two plain files, `corpus.zh` and `corpus.en`, whose lines with the same number belong together."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import BinaryIO

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError
from bilingual.formats.fields import Seen, unit_of_pair
from bilingual.formats.tsv import read_lines

__all__ = ["PARTS", "read_moses", "write_moses"]

_log = logging.getLogger(__name__)

PARTS = (".zh", ".en")
"""Endings of the source's and the target's file."""

# All that some tool takes for the end of a line; a lone surrogate cannot be written as UTF-8.
_BREAKS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029\ud800-\udfff]")


def read_moses(source: BinaryIO, target: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """Read a pair of files.

    Args:
        source: The open file of the source lines.
        target: The open file of the target lines.
        name: The path of either, for error messages; its last part without the ending is the document.

    Raises:
        InputError: The files have unequal numbers of lines, or a line is not UTF-8.
    """
    stem = name.removesuffix(PARTS[0]).removesuffix(PARTS[1])
    document, seen = os.path.basename(stem), Seen()
    lines = zip_longest(read_lines(source, stem + PARTS[0]), read_lines(target, stem + PARTS[1]), fillvalue=(0, ""))
    sources = targets = 0
    for (number, first), (other, second) in lines:
        sources, targets = number or sources, other or targets
        if number == other and (first or second):
            yield unit_of_pair(first, second, document, number, seen)
    if sources != targets:
        raise InputError(
            f"{stem}{PARTS[0]} has {sources:,} lines and {stem}{PARTS[1]} {targets:,}: they are no pair; "
            "line 1 of one must translate line 1 of the other, and so on: export both again"
        )


def write_moses(units: Iterable[TranslationUnit], source: BinaryIO, target: BinaryIO) -> None:
    """Write units as a pair of files; a line break inside of a text becomes a space.

    The number of line breaks replaced is logged as a warning.
    """
    replaced = 0
    for unit in units:
        for text, file in ((unit.source, source), (unit.target, target)):
            if not text.isprintable():  # all breaks are not, and looking for this first is faster
                text, count = _BREAKS.subn(" ", text)
                replaced += count
            file.write(f"{text}\n".encode())
    if replaced:
        _log.warning("Moses: %d line breaks inside of texts were replaced by spaces", replaced)
