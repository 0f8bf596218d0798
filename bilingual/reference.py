"""A reference beside a translation: matched unit by unit, or aligned where it is an article of its own; then scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from bilingual.align import align_documents
from bilingual.bitext import Bead, Document, Paragraph, Sentence, TranslationUnit
from bilingual.errors import InputError
from bilingual.evaluate import Score, evaluate_lines
from bilingual.pipeline import load_document
from bilingual.protocols import Encoder

__all__ = ["ALIGNED_NOTE", "Matched", "match_reference", "source_of"]

ALIGNED_NOTE = (
    "The reference was aligned to the source first. What has no counterpart is not scored, and alignment can raise the "
    "score: compare only with scores made the same way."
)


@dataclass(frozen=True, slots=True)
class Matched:
    """A reference matched to the units of one document.

    Attributes:
        by_unit: Reference text by unit id; where several units share one, it stands at the first.
        hypotheses: What is scored, one text per pair.
        references: The reference's texts, as many.
        source_covered: Share of the source's characters that stand in a pair.
        reference_covered: Share of the reference's characters that stand in a pair.
        aligned: Whether the pairs were found by the aligner.
    """

    by_unit: Mapping[str, str]
    hypotheses: tuple[str, ...]
    references: tuple[str, ...]
    source_covered: float = 1.0
    reference_covered: float = 1.0
    aligned: bool = False

    def scores(self) -> list[Score]:
        """Score this document by itself."""
        return evaluate_lines(self.hypotheses, [self.references])

    @property
    def note(self) -> str:
        """Say of an aligned reference how much of both sides is scored; empty when it lines up by itself."""
        if not self.aligned:
            return ""
        covered = f"{self.source_covered:.0%} of the source and {self.reference_covered:.0%} of the reference"
        return f"Scored on {len(self.hypotheses)} aligned pairs, {covered}. {ALIGNED_NOTE}"

    def lines(self) -> list[str]:
        """Say the scores, and the note where there is one."""
        return [*map(str, self.scores()), *([self.note] if self.note else [])]


def match_reference(
    source: Document, units: Sequence[TranslationUnit], path: Path, encoder: Callable[[], Encoder]
) -> Matched:
    """Match a reference file to the units of a translated document.

    A file with one line per segment is taken line by line; blank lines count only in a list of segments. Any other is
    read as an article and aligned to the source.

    Args:
        source: The source document.
        units: Its units, one per source segment.
        path: The reference.
        encoder: Called for the aligner's encoder, only when it is needed.

    Raises:
        InputError: The file cannot be read, or does not line up with a list of segments.
        AlignmentError: It is no translation of the source.
    """
    lines = [paragraph.text for paragraph in load_document(path, pre_segmented=True).paragraphs]
    if source.pre_segmented and len(lines) == len(source.paragraphs):
        lines = [line for line, paragraph in zip(lines, source.paragraphs, strict=True) if paragraph.sentences]
    elif len(lines) != len(units):
        lines = [line for line in lines if line.strip()]
    if len(lines) == len(units):
        by_unit = {unit.id: line for unit, line in zip(units, lines, strict=True)}
        return Matched(by_unit, tuple(unit.target for unit in units), tuple(lines))
    if source.pre_segmented:
        raise InputError(
            f"{source.name} has {len(source.paragraphs)} lines, {path} has {len(lines)}: with --pre-segmented they "
            "must match line by line."
        )
    reference = load_document(path, lang="en")
    beads = align_documents(source, reference, encoder=encoder()).beads
    return _pairs(units, reference, [bead for bead in beads if bead.source and bead.target])


def source_of(units: Sequence[TranslationUnit]) -> Document:
    """Rebuild the source document that units were made from, a sentence per unit."""
    paragraphs: list[Paragraph] = []
    for _, group in groupby(units, lambda unit: unit.paragraph):
        text, sentences = "", []
        for unit in group:
            sentences.append(Sentence(unit.source, len(text), len(text) + len(unit.source)))
            text += unit.source
        start = paragraphs[-1].end + 1 if paragraphs else 0
        paragraphs.append(Paragraph(text, start, start + len(text), sentences=tuple(sentences)))
    text = "\n".join(paragraph.text for paragraph in paragraphs)
    return Document(units[0].source_lang, units[0].document, text, tuple(paragraphs))


def _pairs(units: Sequence[TranslationUnit], reference: Document, beads: Sequence[Bead]) -> Matched:
    """Join the units and the reference's segments of each bead, and count what is covered."""
    segments = reference.segments
    by_unit, hypotheses, references = {}, [], []
    for bead in beads:
        text = " ".join(segments[i] for i in bead.target)
        by_unit[units[bead.source[0]].id] = text
        hypotheses.append(" ".join(units[i].target for i in bead.source))
        references.append(text)
    covered = sum(len(units[i].source) for bead in beads for i in bead.source)
    return Matched(
        by_unit,
        tuple(hypotheses),
        tuple(references),
        covered / sum(len(unit.source) for unit in units),
        sum(len(segments[i]) for bead in beads for i in bead.target) / sum(map(len, segments)),
        aligned=True,
    )
