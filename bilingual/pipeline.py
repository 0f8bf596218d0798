"""The flow from a Chinese file to a checked bitext, readable in one sitting.

    file ─read─▶ Document ─segment─▶ Document ─translate─▶ Bitext ─▶ units ─check─▶ units ─repair─▶ units

Translating never runs the aligner: every source segment is in a bead of its own, known by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

from bilingual.align import Constraints, align_documents
from bilingual.bitext import (
    Bead,
    Bitext,
    Document,
    Kind,
    Paragraph,
    Sentence,
    Translation,
    TranslationUnit,
    check_accounts,
    units,
)
from bilingual.checks import Evidence, check_units
from bilingual.encoders import load_encoder
from bilingual.engines import simplify_segment
from bilingual.errors import LedgerError
from bilingual.memory import Match, Memory, settled
from bilingual.metadata import metadata_parts
from bilingual.protocols import Decoding, Encoder, Translator
from bilingual.reading import read_document
from bilingual.repair import Flagged, badness, repair_segments
from bilingual.segment import segment_document, segment_lines
from bilingual.terms import Glossary, TermTranslator

__all__ = ["WINDOW_SEGMENTS", "Options", "Translated", "align_pair", "load_document", "translate_documents"]

LONG_SENTENCE = 600
"""Characters from which a sentence is pointed out: it probably lacks its punctuation."""
_ALWAYS_CHECKED = ("empty",)
"""What is pointed out even when no checks are wanted: a source without a translation."""
WINDOW_SEGMENTS = 2000
"""Segments decoded together. Batches of similar length need a few hundred to choose from; more only costs memory."""


@cache
def shared_encoder() -> Encoder:
    """Load the bundled encoder, once a process."""
    return load_encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How documents are translated and checked.

    Attributes:
        decoding: How the engine searches.
        checks: Whether the units are checked.
        repair: Whether flagged segments are decoded again; needs the checks.
        memory: A translation memory: exact matches are used as they are, similar ones offered.
        glossary: Terms that the engine is held to, with the checks and without.
        encoder: Loads the sentence encoder with which repair compares meanings, when it has something to compare; None
            does without.
    """

    decoding: Decoding = Decoding(links=True)
    checks: bool = True
    repair: bool = True
    memory: Memory | None = None
    glossary: Glossary | None = None
    encoder: Callable[[], Encoder] | None = shared_encoder

    @property
    def signature(self) -> str:
        """Name everything here that decides what comes out."""
        memory = f"|memory:{self.memory.content_hash()}" if self.memory else ""
        terms = f"|terms:{self.glossary.content_hash()}" if self.glossary else ""
        return f"beam:{self.decoding.beam}|checks:{self.checks}|repair:{self.checks and self.repair}{memory}{terms}"


@dataclass(frozen=True, slots=True)
class Translated:
    """A document with its translation, by an engine or by people.

    Attributes:
        bitext: Both documents and the beads between them.
        units: Its units with what the checks found, one per source segment.
        offers: By unit id, what the translation memory holds of similar segments.
    """

    bitext: Bitext
    units: tuple[TranslationUnit, ...]
    offers: Mapping[str, Sequence[Match]] = field(default_factory=dict)


def load_document(
    path: Path | None,
    data: bytes | None = None,
    *,
    name: str = "",
    encoding: str | None = None,
    lang: str | None = None,
    pre_segmented: bool = False,
    whole_page: bool = False,
) -> Document:
    """Read a file (or `data`, for standard input) and divide its paragraphs into sentences.

    Args:
        path: The file; None when `data` is given.
        data: The bytes to read instead of a file.
        name: The document's name; the file's name by default.
        encoding: Decode with this instead of guessing.
        lang: Language tag instead of guessing.
        pre_segmented: Take every line as one segment and guess no structure.
        whole_page: Keep the blocks of an HTML page that lie outside the article.

    Raises:
        InputError: The file is missing, empty, binary, of an unknown kind, or not in the encoding named.
    """
    document = read_document(
        path,
        data,
        name=name or (path.name if path else "stdin"),
        encoding=encoding,
        lang=lang,
        pre_segmented=pre_segmented,
        whole_page=whole_page,
    )
    if pre_segmented:
        return replace(segment_lines(document), pre_segmented=True)
    segmented = segment_document(document)
    longest = max((len(sentence.text) for sentence in segmented.sentences), default=0)
    if longest > LONG_SENTENCE:
        note = f"a sentence has {longest:,} characters; it goes to the engine in pieces, so look at it closely"
        segmented = replace(segmented, notes=(*segmented.notes, note))
    return segmented


def translate_documents(
    documents: Iterable[Document],
    translator: Translator,
    *,
    options: Options = Options(),
    progress: Callable[[int], None] = lambda segments: None,
) -> Iterator[Translated]:
    """Translate segmented documents; sentences of several are decoded together, results come in order.

    Args:
        documents: Read lazily, at most `WINDOW_SEGMENTS` segments (and one document) ahead.
        translator: The engine.
        options: How it searches, and what is checked.
        progress: Called with the number of segments just finished.

    Raises:
        LedgerError: A character of a source is not accounted for.
    """
    for window in _windows(documents):
        remembered = [_remembered(document, options.memory) for document in window]
        stored = [[settled(matches) for matches in document] for document in remembered]
        engine = _held_to_terms(translator, options.glossary, window)
        decoded = _translate_window(window, stored, engine, options.decoding)
        signature = f"{translator.signature}|{options.signature}"
        if options.checks and options.repair:
            rows = [
                _checked(units(_bitext(document, translations, signature)), translations, options.glossary)
                for document, translations in zip(window, decoded, strict=True)
            ]
            _repair_window(window, decoded, rows, engine, options)
        for document, translations, matches in zip(window, decoded, remembered, strict=True):
            bitext = _bitext(document, translations, signature)
            result = units(bitext)
            offers = {
                unit.id: found for unit, found in zip(result, matches, strict=True) if found and unit.origin != "memory"
            }
            result = (
                _checked(result, translations, options.glossary)
                if options.checks
                else check_units(result, only=_ALWAYS_CHECKED)
            )
            check_accounts(bitext, result)
            progress(len(translations))
            yield Translated(bitext, tuple(result), offers)


def _held_to_terms(translator: Translator, glossary: Glossary | None, window: Sequence[Document]) -> Translator:
    """Put the glossary before the engine, which gets simplified Chinese whatever the user's terms are written in."""
    if glossary is None:
        return translator
    if any(document.lang == "zh-Hant" for document in window):
        glossary = glossary.with_variants(lambda term: simplify_segment(term)[0])
    return TermTranslator(translator, glossary)


def _checked(
    rows: Sequence[TranslationUnit], translations: Sequence[Translation], glossary: Glossary | None
) -> list[TranslationUnit]:
    """Run the checks over a document, with what the engine said of each segment."""
    by_id = {unit.id: translation for unit, translation in zip(rows, translations, strict=True)}
    return check_units(rows, Evidence(translations=by_id, glossary=glossary))


def _repair_window(
    window: Sequence[Document],
    decoded: list[list[Translation]],
    rows: Sequence[Sequence[TranslationUnit]],
    translator: Translator,
    options: Options,
) -> None:
    """Put better translations of flagged segments in their place in `decoded`.

    Equal segments of a document are mended once. What becomes of a document does not depend on the others.
    """
    places: dict[tuple[int, str, str], list[int]] = {}
    for number, units_ in enumerate(rows):
        for index, unit in enumerate(units_):
            if unit.origin == "machine" and unit.kind not in ("code", "metadata") and badness(unit) > 0:
                places.setdefault((number, unit.source, unit.target), []).append(index)
    flagged, moves = [], []
    for (number, source, _), (index, *_) in places.items():
        text, offsets = simplify_segment(source) if window[number].lang == "zh-Hant" else (source, None)
        flagged.append(Flagged(text, rows[number][index], decoded[number][index], number))
        moves.append(offsets)

    def check(unit: TranslationUnit, candidate: Translation) -> TranslationUnit:
        return _checked([unit], [candidate], options.glossary)[0]

    sizes = {number: sum(len(unit.source) for unit in units_) for number, units_ in enumerate(rows)}
    mended = repair_segments(flagged, translator, options.decoding, check, encoder=options.encoder, sizes=sizes)
    for ((number, _, target), indices), better, offsets in zip(places.items(), mended, moves, strict=True):
        moved = better if offsets is None or better.text == target else _moved(better, offsets)
        for index in indices:
            decoded[number][index] = moved


def align_pair(
    source: Document,
    target: Document,
    *,
    encoder: Encoder | None,
    method: Literal["semantic", "length"] = "semantic",
    constraints: Constraints = Constraints(),
    checks: bool = True,
    glossary: Glossary | None = None,
    force: bool = False,
    progress: Callable[[int], None] = lambda segments: None,
) -> Translated:
    """Align two segmented documents, one of them Chinese, and check the pairs.

    Args:
        source: In either language.
        target: In the other.
        encoder: For the method `semantic`, and for the checks that compare meaning.
        method: `semantic`, or `length` (Gale and Church).
        constraints: What a person has decided.
        checks: Whether the units are checked.
        glossary: Terms that the checks look for.
        force: Align even what looks like no translation.
        progress: Takes the number of segments (of both sides) just encoded.

    Raises:
        AlignmentError: A side is empty, both are in one language, or they are no translations of each other.
        LedgerError: A character of either side is not accounted for.
    """
    bitext = align_documents(
        source, target, encoder=encoder, method=method, constraints=constraints, force=force, progress=progress
    )
    result = units(bitext)
    if checks and source.lang.startswith("zh"):
        result = check_units(result, Evidence(encoder=encoder, glossary=glossary))
    else:
        result = check_units(result, only=_ALWAYS_CHECKED)
    check_accounts(bitext, result)
    return Translated(bitext, tuple(result))


def _windows(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Group documents until they hold `WINDOW_SEGMENTS` segments."""
    window: list[Document] = []
    size = 0
    for document in documents:
        window.append(document)
        size += len(document.sentences)
        if size >= WINDOW_SEGMENTS:
            yield window
            window, size = [], 0
    if window:
        yield window


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a segment's translation: text as it stands, or the place of its source in the list to decode."""

    text: str
    index: int = -1


def _remembered(document: Document, memory: Memory | None) -> list[list[Match]]:
    """Look up every segment of a document, its neighbours with it."""
    segments = document.segments
    if memory is None:
        return [[] for _ in segments]
    around = ["", *segments, ""]
    return [
        memory.find(segment, around[place], around[place + 2], langs=(document.lang, "en"))
        for place, segment in enumerate(segments)
    ]


def _translate_window(
    window: Sequence[Document],
    stored: Sequence[Sequence[Match | None]],
    translator: Translator,
    decoding: Decoding,
) -> list[list[Translation]]:
    """Translate all segments of some documents in one call; one list per document, one entry per source segment.

    A segment with a match in `stored` is not decoded.

    Raises:
        LedgerError: The engine returned no translation of a segment.
    """
    sources: list[str] = []
    offsets: list[list[int] | None] = []
    plans: list[list[list[_Piece]]] = []
    for document, matches in zip(window, stored, strict=True):
        traditional = document.lang == "zh-Hant"
        plan: list[list[_Piece]] = []
        for paragraph in document.paragraphs:
            for sentence in paragraph.sentences:
                if matches[len(plan)]:
                    plan.append([])
                    continue
                simplified, origin = simplify_segment(sentence.text) if traditional else (sentence.text, None)
                pieces = []
                for text, decode in _parts(paragraph.kind, sentence.text, simplified):
                    pieces.append(_Piece(text, len(sources) if decode else -1))
                    if decode:
                        sources.append(text)
                        offsets.append(origin)
                plan.append(pieces)
        plans.append(plan)
    found = translator.translate(sources, decoding)
    if len(found) != len(sources) or not all(found):
        raise LedgerError(
            f"The engine was given {len(sources)} segments and translated {sum(map(bool, found))}: "
            f"{translator.signature} loses text. Nothing was written; please report this with the input file."
        )
    best = [candidates[0] for candidates in found]
    best = [t if o is None or not t.links else _moved(t, o) for t, o in zip(best, offsets, strict=True)]
    return [
        [
            Translation(match.target, origin="memory") if match else _assembled(pieces, best)
            for pieces, match in zip(plan, matches, strict=True)
        ]
        for plan, matches in zip(plans, stored, strict=True)
    ]


def _parts(kind: Kind, text: str, simplified: str) -> list[tuple[str, bool]]:
    """Say which parts of a sentence go to the engine: of code nothing, of metadata what no table knows."""
    if kind == "code":
        return [(text, False)]
    if kind == "metadata":
        return [(part.text, part.decode) for part in metadata_parts(simplified)]
    return [(simplified, True)]


def _moved(translation: Translation, offsets: Sequence[int]) -> Translation:
    """Move links from the simplified text back to the user's characters."""
    links = tuple((offsets[a], offsets[b], c, d) for a, b, c, d in translation.links)
    return replace(translation, links=links)


def _assembled(pieces: Sequence[_Piece], best: Sequence[Translation]) -> Translation:
    """Join the pieces of one segment. A lone decoded piece keeps everything the engine said of it."""
    decoded = [best[piece.index] for piece in pieces if piece.index >= 0]
    if len(pieces) == 1 and decoded:
        return replace(decoded[0], text=decoded[0].text.strip())
    text = "".join(best[piece.index].text if piece.index >= 0 else piece.text for piece in pieces)
    if not decoded:
        return Translation(text.strip(), origin="copy")
    return Translation(
        text.strip(),
        log_prob=sum(t.log_prob for t in decoded) / len(decoded),
        unknown=sum(t.unknown for t in decoded),
        finished=all(t.finished for t in decoded),
    )


def _bitext(document: Document, translations: Sequence[Translation], signature: str) -> Bitext:
    """Build the English document, a paragraph for each of the source, and the beads between the two."""
    paragraphs: list[Paragraph] = []
    beads: list[Bead] = []
    kept: list[Translation] = []
    text = ""
    index = 0
    for paragraph in document.paragraphs:
        sentences: list[Sentence] = []
        body = ""
        for _ in paragraph.sentences:
            translation = translations[index]
            if translation.text:
                body += " " if body else ""
                sentences.append(Sentence(translation.text, len(body), len(body) + len(translation.text)))
                body += translation.text
                beads.append(Bead((index,), (len(kept),)))
                kept.append(translation)
            else:
                beads.append(Bead((index,), ()))
            index += 1
        text += "\n\n" if text else ""
        start = len(text)
        text += body
        paragraphs.append(replace(paragraph, text=body, start=start, end=len(text), sentences=tuple(sentences)))
    target = Document("en", document.name, text, tuple(paragraphs), pre_segmented=document.pre_segmented)
    return Bitext(document, target, tuple(beads), tuple(kept), signature)
