"""A reference beside a translation: matched unit by unit, then scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bilingual.errors import InputError
from bilingual.evaluate import Score, evaluate_lines
from bilingual.pipeline import Translated, load_document

__all__ = ["Matched", "match_reference", "read_reference"]


@dataclass(frozen=True, slots=True)
class Matched:
    """A reference matched to the units of one document.

    Attributes:
        by_unit: Reference text by unit id.
        hypotheses: What is scored, one text per pair.
        references: The reference's texts, as many.
    """

    by_unit: Mapping[str, str]
    hypotheses: tuple[str, ...]
    references: tuple[str, ...]

    def scores(self) -> list[Score]:
        """Score this document by itself."""
        return evaluate_lines(self.hypotheses, [self.references])


def read_reference(path: Path) -> list[str]:
    """Read a reference of one segment a line; empty lines count.

    Raises:
        InputError: The file is missing, empty or undecodable.
    """
    return [paragraph.text for paragraph in load_document(path, pre_segmented=True).paragraphs]


def match_reference(translated: Translated, lines: list[str]) -> Matched:
    """Match a reference of one line per segment.

    Blank lines are ignored when the others are as many as the segments.

    Raises:
        InputError: The numbers of lines and segments differ.
    """
    units = translated.units
    if len(lines) != len(units):
        lines = [line for line in lines if line.strip()]
    if len(lines) != len(units):
        raise InputError(
            f"{translated.bitext.source.name} has {len(units)} segments, the reference {len(lines)} lines: give one "
            "line per segment, in the order that 'bilingual segment' prints them."
        )
    return Matched(
        {unit.id: line for unit, line in zip(units, lines, strict=True)},
        tuple(unit.target for unit in units),
        tuple(lines),
    )
