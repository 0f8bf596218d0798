"""The nouns: what every room of the house takes and gives.

All are frozen, slotted dataclasses. Offsets are code points, 0-based, half-open. A `Bead` speaks of *indices* (what
aligners make and F1 counts), a `TranslationUnit` of *text* (what people review and files store); `units` goes from
the first to the second.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bilingual.errors import LedgerError

__all__ = [
    "Bead",
    "Bitext",
    "Document",
    "Issue",
    "Kind",
    "Link",
    "Paragraph",
    "Sentence",
    "Severity",
    "Span",
    "Status",
    "Translation",
    "TranslationUnit",
    "check_accounts",
    "check_ledger",
    "paragraph_beads",
    "unit_id",
    "units",
    "visible",
]

Kind = Literal["title", "heading", "text", "list_item", "quote", "code", "caption", "metadata", "trailer"]
Severity = Literal["info", "warning", "error"]
Status = Literal["", "accepted", "edited", "rejected"]
Span = tuple[int, int]
"""(start, end) in code points."""
Link = tuple[int, int, int, int]
"""(source start, source end, target start, target end) in code points: these two words stand for each other."""

_Joined = tuple[str, list[int]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with its place in the paragraph: `paragraph.text[start:end] == text`."""

    text: str
    start: int
    end: int

    def __post_init__(self) -> None:
        """Hold the text against the length of its span."""
        if self.end - self.start != len(self.text) or not self.text:
            raise ValueError(f"sentence {self.text!r} does not fill [{self.start}, {self.end})")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of a document.

    `text` is the block as one line, soft wraps removed (without a space between Chinese characters);
    `document.text[start:end]` is its raw form. `level` is the depth of a heading (1 the highest) or of a list item
    (1 the outermost), in a trailer 1 the head, 2 a headline; otherwise 0. What lies between the sentences is white
    space.
    """

    text: str
    start: int
    end: int
    kind: Kind = "text"
    level: int = 0
    sentences: tuple[Sentence, ...] = ()

    def __post_init__(self) -> None:
        """Hold the sentences against the text: each in its place, in order, nothing visible between them."""
        position = 0
        for sentence in self.sentences:
            if sentence.start < position or self.text[sentence.start : sentence.end] != sentence.text:
                raise ValueError(f"sentence {sentence.text!r} is not at [{sentence.start}, {sentence.end})")
            if visible(self.text[position : sentence.start]):
                raise ValueError(f"text between sentences: {self.text[position : sentence.start]!r}")
            position = sentence.end
        if self.sentences and visible(self.text[position:]):
            raise ValueError(f"text after the last sentence: {self.text[position:]!r}")


@dataclass(frozen=True, slots=True)
class Document:
    """One text as read: `text` is what the reader extracted, `paragraphs` its blocks in order.

    `lang` is a BCP 47 tag (`zh-Hans`, `zh-Hant`, `en`, `und`); `name` the path relative to the input's root, with
    forward slashes; `markup` the spans of `text` that are the format's own signs (`# `, `**`, `- `) and belong to no
    sentence; `notes` sentences for people about how it was read (encoding, blocks left out); `pre_segmented` that each
    paragraph is one line of a list of segments, empty ones included.
    """

    lang: str
    name: str
    text: str
    paragraphs: tuple[Paragraph, ...] = ()
    markup: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()
    pre_segmented: bool = False

    @property
    def sentences(self) -> list[Sentence]:
        """All sentences, flat and in order."""
        return [sentence for paragraph in self.paragraphs for sentence in paragraph.sentences]

    @property
    def segments(self) -> list[str]:
        """The texts of all sentences, flat and in order: what an engine or an aligner takes."""
        return [sentence.text for sentence in self.sentences]


@dataclass(frozen=True, slots=True)
class Translation:
    """What an engine made of one segment.

    Attributes:
        text: The target text.
        log_prob: Mean natural logarithm of the probability per target token, the end mark included; NaN when no
            model was asked (copied text).
        links: Word links, from the attention of a guided checkpoint; empty when not asked for or not known.
        unknown: Source pieces that the vocabulary does not hold, source characters that it holds only as bytes, and in
            the hypothesis unknown pieces and byte runs that form no UTF-8.
        finished: False when decoding stopped at the length limit before the end mark.
        origin: `machine`, `copy`, `memory` or `repair:STEP`.
    """

    text: str
    log_prob: float = float("nan")
    links: tuple[Link, ...] = ()
    unknown: int = 0
    finished: bool = True
    origin: str = "machine"


@dataclass(frozen=True, slots=True)
class Bead:
    """Segments that stand for each other: indices into `Document.segments` of both sides.

    Both are ascending runs of neighbours, 0-based; one may be empty. `confidence` is the probability that the bead is
    right, or None when it is known by construction.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    confidence: float | None = None

    @property
    def type(self) -> str:
        """The numbers of segments on both sides, as in "2-1"."""
        return f"{len(self.source)}-{len(self.target)}"


@dataclass(frozen=True, slots=True)
class Bitext:
    """Two documents and the beads between them; every segment is in exactly one bead, and order is kept.

    `translations` holds one entry per target segment, or nothing when people translated. `signature` says what made
    it: the engine's or the aligner's.
    """

    source: Document
    target: Document
    beads: tuple[Bead, ...]
    translations: tuple[Translation, ...] = ()
    signature: str = ""

    def __post_init__(self) -> None:
        """Hold the beads against both documents."""
        for side, document in (("source", self.source), ("target", self.target)):
            covered = [index for bead in self.beads for index in getattr(bead, side)]
            if covered != list(range(len(document.sentences))):
                raise ValueError(f"the beads do not cover the {side} segments once each, in order")
        if any(not bead.source and not bead.target for bead in self.beads):
            raise ValueError("a bead is empty on both sides")
        if self.translations and len(self.translations) != len(self.target.sentences):
            raise ValueError("there must be one translation per target segment, or none at all")


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that a check found in a unit.

    `value` is what was measured, `message` one sentence for people, the spans the code points it speaks of in the
    unit's source and target.
    """

    code: str
    severity: Severity
    value: float
    message: str
    source_spans: tuple[Span, ...] = ()
    target_spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class TranslationUnit:
    """One row of a table, one record of JSONL, one `tu` of TMX.

    `paragraph` and `sentence` are 1-based: the row of `paragraph_beads` and the place in it. `log_prob` is NaN where
    no model was asked, `confidence` None where the bead is known by construction. `extra` holds the columns of a
    foreign table, name and value, so that they survive a round trip.
    """

    id: str
    document: str
    paragraph: int
    sentence: int
    kind: Kind
    level: int
    source_lang: str
    target_lang: str
    source: str
    target: str
    log_prob: float = float("nan")
    confidence: float | None = None
    links: tuple[Link, ...] = ()
    issues: tuple[Issue, ...] = ()
    origin: str = "machine"
    status: Status = ""
    note: str = ""
    extra: tuple[tuple[str, str], ...] = ()


_Row = tuple[list[int], list[int], list[Bead]]
"""Source paragraphs, target paragraphs, beads."""


def visible(text: str) -> str:
    r"""Drop white space, control and format characters (Unicode Z*, Cc, Cf): what the ledger counts.

    >>> visible("\u3000 你\u200b好 ")
    '你好'
    """
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))


def check_ledger(
    document: Document,
    rows: Iterable[TranslationUnit] | None = None,
    *,
    side: Literal["source", "target"] = "source",
) -> None:
    """Verify that the visible code points of the document are, in order, those of its segments and its markup.

    Args:
        document: One side of a bitext.
        rows: The units made from it; given, their texts are counted in place of the segments.
        side: Which of the units' texts are the document's.

    Raises:
        LedgerError: Naming the first place where they differ.
    """
    pieces, position = [], 0
    for start, end in document.markup:
        pieces.append(document.text[position:start])
        position = end
    pieces.append(document.text[position:])
    expected = visible("".join(pieces))
    found = visible("".join(document.segments if rows is None else [getattr(unit, side) for unit in rows]))
    if expected == found:
        return
    pairs = enumerate(zip(expected, found, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(expected), len(found)))
    raise LedgerError(
        f"{document.name}: the segments do not account for every character: after {expected[max(0, at - 20) : at]!r} "
        f"the document has {expected[at : at + 20]!r}, the segments have {found[at : at + 20]!r}. "
        "Nothing was written; please report this with the input file."
    )


def check_accounts(bitext: Bitext, rows: Sequence[TranslationUnit]) -> None:
    """Verify that nothing of either document is lost in its units, and that what has no translation is flagged.

    Args:
        bitext: Both documents.
        rows: The units made from it, checked.

    Raises:
        LedgerError: A character of either side is in no unit, or a source without a target has no issue `empty`.
    """
    check_ledger(bitext.source, rows)
    check_ledger(bitext.target, rows, side="target")
    for unit in rows:
        if visible(unit.source) and not visible(unit.target) and all(issue.code != "empty" for issue in unit.issues):
            raise LedgerError(
                f"{bitext.source.name}: “{unit.source[:20]}” has no translation, and nothing says so. "
                "Nothing was written; please report this with the input file."
            )


def unit_id(document: str, text: str, occurrence: int) -> str:
    """Make the id of a unit: it survives a re-run, a better model and a new order of the documents.

    Args:
        document: The document's name.
        text: The source text, or the target text when the source is empty.
        occurrence: 1 for the first unit of the document with this text, 2 for the second ...

    Returns:
        16 hexadecimal digits of a SHA-256.
    """
    return hashlib.sha256("\x1f".join((document, text, str(occurrence))).encode("utf-8", "surrogatepass")).hexdigest()[
        :16
    ]


def paragraph_beads(bitext: Bitext) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Group the paragraphs of both sides as finely as possible so that no bead crosses a group.

    Returns:
        (source paragraph indices, target paragraph indices) in order, 0-based; every paragraph with sentences is in
        exactly one group, and one side of a group may be empty. This is the page's row and the unit's `paragraph`.
    """
    return [(tuple(source), tuple(target)) for source, target, _ in _rows(bitext)]


def _rows(bitext: Bitext) -> list[_Row]:
    """Group beads into rows of paragraphs, each ascending."""
    source_of, target_of = _paragraph_of(bitext.source), _paragraph_of(bitext.target)
    rows: list[_Row] = []
    last_source = last_target = -1  # the last row that has paragraphs of this side
    for bead in bitext.beads:
        source = sorted({source_of[i] for i in bead.source})
        target = sorted({target_of[i] for i in bead.target})
        first = len(rows)
        if source and last_source >= 0 and source[0] == rows[last_source][0][-1]:
            first = last_source
        if target and last_target >= 0 and target[0] == rows[last_target][1][-1]:
            first = min(first, last_target)
        merged = rows[first:]
        row: _Row = merged[0] if merged else ([], [], [])
        for part in [*merged[1:], (source, target, [bead])]:
            row[0].extend(p for p in part[0] if p not in row[0])
            row[1].extend(p for p in part[1] if p not in row[1])
            row[2].extend(part[2])
        rows[first:] = [row]
        last_source = first if row[0] else last_source
        last_target = first if row[1] else last_target
    return rows


def _paragraph_of(document: Document) -> list[int]:
    """Give the paragraph index of every segment."""
    return [number for number, paragraph in enumerate(document.paragraphs) for _ in paragraph.sentences]


def _joined(document: Document, sentences: Sequence[Sentence], indices: Sequence[int], of: Sequence[int]) -> _Joined:
    """Join neighbouring segments into one text and say where each starts in it; `of` is `_paragraph_of(document)`.

    Inside a paragraph the text between them is kept as it stands; paragraphs are joined with a space, in Chinese
    without one.
    """
    text, starts = "", []
    for position, index in enumerate(indices):
        if position:
            before = indices[position - 1]
            if of[before] == of[index]:
                text += document.paragraphs[of[index]].text[sentences[before].end : sentences[index].start]
            elif not document.lang.startswith("zh"):
                text += " "
        starts.append(len(text))
        text += sentences[index].text
    return text, starts


def units(bitext: Bitext) -> list[TranslationUnit]:
    """Turn beads into translation units, one each, in order."""
    return list(_units(bitext))


def _units(bitext: Bitext) -> Iterator[TranslationUnit]:
    source_of, target_of = _paragraph_of(bitext.source), _paragraph_of(bitext.target)
    sources, targets = bitext.source.sentences, bitext.target.sentences
    seen: Counter[str] = Counter()
    for row_number, (_, _, beads) in enumerate(_rows(bitext), 1):
        for place, bead in enumerate(beads, 1):
            source, _ = _joined(bitext.source, sources, bead.source, source_of)
            target, starts = _joined(bitext.target, targets, bead.target, target_of)
            if bead.source:
                paragraph = bitext.source.paragraphs[source_of[bead.source[0]]]
            else:
                paragraph = bitext.target.paragraphs[target_of[bead.target[0]]]
            key = source or target
            seen[key] += 1
            unit = TranslationUnit(
                id=unit_id(bitext.source.name, key, seen[key]),
                document=bitext.source.name,
                paragraph=row_number,
                sentence=place,
                kind=paragraph.kind,
                level=paragraph.level,
                source_lang=bitext.source.lang,
                target_lang=bitext.target.lang,
                source=source,
                target=target,
                confidence=bead.confidence,
                origin="human",
            )
            if bitext.translations and bead.target:
                unit = _with_translations(unit, [bitext.translations[i] for i in bead.target], starts)
            yield unit


def _with_translations(
    unit: TranslationUnit, translations: Sequence[Translation], starts: Iterable[int]
) -> TranslationUnit:
    """Add what the engine said: mean log probability, links moved to their place, origin of the least certain."""
    links: list[Link] = []
    for translation, start in zip(translations, starts, strict=True):
        links += [(a, b, c + start, d + start) for a, b, c, d in translation.links]
    log_prob = sum(translation.log_prob for translation in translations) / len(translations)
    return replace(unit, log_prob=log_prob, links=tuple(links), origin=translations[0].origin)
