"""Documents with gold beads, and the copies of them that an aligner learns from: with losses, with paragraph breaks."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bilingual.align.beads import read_beads
from bilingual.align.features import TYPES
from bilingual.bitext import Bead, Document, Paragraph, Sentence

__all__ = ["GoldDocument", "Rectangle", "allowed_beads", "corrupted", "gold_rectangles", "joined_beads",
           "read_gold_documents", "with_breaks"]  # fmt: skip

_LOSS_SHARE = 0.03
"""Share of the beads at which a run of lost segments begins; 1 to `_LOSS_BEADS` beads lose one side."""
_LOSS_BEADS = 5
_PARAGRAPH_BEADS = 8
"""Beads in a made-up paragraph, at most."""
_LOST_BREAKS = (0.0, 0.1, 0.3)
_SPURIOUS_BREAKS = (0.0, 0.03, 0.1)

Sides = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Segments start .. start + size of both sides that gold keeps together; `free` when their inside is open."""

    i: int
    j: int
    a: int
    b: int
    free: bool


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A pair of documents with gold.

    Attributes:
        collection: The set it belongs to.
        name: Its name in the set.
        zh, en: The segments.
        beads: Gold beads, 0-based.
        zh_breaks, en_breaks: Whether a paragraph ends with the segment; empty without paragraphs.
        zh_paragraphs, en_paragraphs: Each segment's paragraph where gold beads are whole paragraphs; or empty.
    """

    collection: str
    name: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    beads: tuple[Sides, ...]
    zh_breaks: tuple[bool, ...] = ()
    en_breaks: tuple[bool, ...] = ()
    zh_paragraphs: tuple[str, ...] = ()
    en_paragraphs: tuple[str, ...] = ()

    def documents(self) -> tuple[Document, Document]:
        """Give both sides as the aligner takes them."""
        return (
            _document("zh-Hans", self.name, self.zh, self.zh_breaks),
            _document("en", self.name, self.en, self.en_breaks),
        )


def read_gold_documents(folder: Path) -> list[GoldDocument]:
    """Read a set: zh/ID.txt, en/ID.txt, gold/ID.txt and, for gold of paragraphs, zh_par/ID.txt and en_par/ID.txt.

    The set `ntrex_synth` has paragraph numbers too, but its gold beads are sentences: a set has gold of paragraphs when
    no paragraph holds two gold beads.
    """
    result = []
    for path in sorted((folder / "gold").glob("*.txt")):
        zh, en = (_lines(folder / side / path.name) for side in ("zh", "en"))
        beads = tuple((bead.source, bead.target) for bead in read_beads(path.read_text(encoding="utf-8"), str(path)))
        numbers = [folder / f"{side}_par" / path.name for side in ("zh", "en")]
        paragraphs = [_lines(file) if file.is_file() else () for file in numbers]
        if paragraphs[0] and not _gold_of_paragraphs(beads, paragraphs[0]):
            paragraphs = [(), ()]
        result.append(
            GoldDocument(
                folder.name, path.stem, zh, en, beads, zh_paragraphs=paragraphs[0], en_paragraphs=paragraphs[1]
            )
        )
    return result


def with_breaks(document: GoldDocument, lost: float, spurious: float, chance: random.Random) -> GoldDocument:
    """Give a document of paragraph gold its breaks, each side with its own losses and additions.

    Args:
        document: With paragraph numbers.
        lost: Share of the breaks that go.
        spurious: Share of the other boundaries that get one.
        chance: Decides.
    """
    zh, en = (
        _noisy(_breaks(numbers), lost, spurious, chance) for numbers in (document.zh_paragraphs, document.en_paragraphs)
    )
    return replace(document, zh_breaks=zh, en_breaks=en)


def corrupted(document: GoldDocument, chance: random.Random) -> GoldDocument:
    """Copy a document with runs of beads that lose a side, and made-up paragraphs, some breaks lost or spurious."""
    zh: list[str] = []
    en: list[str] = []
    paragraphs: tuple[list[int], list[int]] = ([], [])
    beads: list[Sides] = []
    run, loses_zh, paragraph, left = 0, False, 0, chance.randint(1, _PARAGRAPH_BEADS)
    for box in gold_rectangles(document.beads, len(document.zh), len(document.en)):
        if run == 0 and chance.random() < _LOSS_SHARE:
            run, loses_zh = chance.randint(1, _LOSS_BEADS), chance.random() < 0.5
        i, j = len(zh), len(en)
        keeps_zh, keeps_en = not (run and loses_zh and box.b), not (run and not loses_zh and box.a)
        run = max(0, run - 1)
        if keeps_zh:
            zh += document.zh[box.i : box.i + box.a]
            paragraphs[0].extend([paragraph] * box.a)
        if keeps_en:
            en += document.en[box.j : box.j + box.b]
            paragraphs[1].extend([paragraph] * box.b)
        if keeps_zh and keeps_en:
            inside = (bead for bead in document.beads if _lies_in(bead, box))
            beads += [(tuple(x - box.i + i for x in s), tuple(y - box.j + j for y in t)) for s, t in inside]
        elif keeps_zh:
            beads += [((x,), ()) for x in range(i, len(zh))]
        elif keeps_en:
            beads += [((), (y,)) for y in range(j, len(en))]
        left -= 1
        if left == 0:
            paragraph, left = paragraph + 1, chance.randint(1, _PARAGRAPH_BEADS)
    lost, spurious = chance.choice(_LOST_BREAKS), chance.choice(_SPURIOUS_BREAKS)
    breaks = [_noisy(_breaks(numbers), lost, spurious, chance) for numbers in paragraphs]
    return GoldDocument(
        document.collection, f"{document.name}-corrupted", tuple(zh), tuple(en), tuple(beads), breaks[0], breaks[1]
    )


def gold_rectangles(beads: Sequence[Sides], n_source: int, n_target: int) -> list[Rectangle]:
    """Cover both documents with the smallest rectangles, in order, that no gold bead leaves.

    A rectangle of one contiguous bead of a known type is that bead; gold that crosses, has gaps, or is larger than the
    aligner's types leaves its rectangle free. Segments that gold does not name count as one-sided beads.

    >>> gold_rectangles([((0,), (1,)), ((1,), (0,)), ((2,), (2,))], 3, 3)
    [Rectangle(i=0, j=0, a=2, b=2, free=True), Rectangle(i=2, j=2, a=1, b=1, free=False)]
    """
    known = {i for source, _ in beads for i in source}, {j for _, target in beads for j in target}
    every: list[Sides] = [*beads]
    every += [((i,), ()) for i in range(n_source) if i not in known[0]]
    every += [((), (j,)) for j in range(n_target) if j not in known[1]]
    of_source = {i: number for number, (source, _) in enumerate(every) for i in source}
    of_target = {j: number for number, (_, target) in enumerate(every) for j in target}
    result = []
    i = j = 0
    while i < n_source or j < n_target:
        members = {_first_member(every, of_source.get(i), of_target.get(j))}
        while True:
            stop_i = max([i, *(x + 1 for number in members for x in every[number][0])])
            stop_j = max([j, *(y + 1 for number in members for y in every[number][1])])
            inside = {of_source[x] for x in range(i, stop_i)} | {of_target[y] for y in range(j, stop_j)}
            if inside <= members:
                break
            members |= inside
        a, b = stop_i - i, stop_j - j
        result.append(Rectangle(i, j, a, b, len(members) > 1 or (a, b) not in TYPES))
        i, j = stop_i, stop_j
    return result


def allowed_beads(
    document: GoldDocument, i: NDArray[np.int64], j: NDArray[np.int64], a: int, b: int
) -> NDArray[np.bool_]:
    """Tell which candidate beads of a type agree with gold.

    With gold of sentences a bead must be a gold bead, or lie in a free rectangle; with gold of paragraphs any two-sided
    bead inside a gold block agrees, and no one-sided one does.
    """
    result = np.zeros(len(i), bool)
    boxes = gold_rectangles(document.beads, len(document.zh), len(document.en))
    if document.zh_paragraphs:
        if not (a and b):
            return result
        boxes = [replace(box, free=True) for box in boxes]
    else:
        exact = {(box.i, box.j) for box in boxes if not box.free and (box.a, box.b) == (a, b)}
        result |= np.fromiter((place in exact for place in zip(i.tolist(), j.tolist(), strict=True)), bool, len(i))
    for box in boxes:
        if box.free:
            result |= (i >= box.i) & (i + a <= box.i + box.a) & (j >= box.j) & (j + b <= box.j + box.b)
    return result


def joined_beads(beads: Iterable[Sides], document: GoldDocument) -> Iterator[Bead]:
    """Join neighbouring beads that lie in one paragraph on both sides, for gold of paragraphs."""
    current: Sides | None = None
    place: str | None = None
    for source, target in beads:
        numbers = {document.zh_paragraphs[i] for i in source} | {document.en_paragraphs[j] for j in target}
        here = numbers.pop() if source and target and len(numbers) == 1 else None
        if current is not None and here is not None and here == place:
            current = (current[0] + source, current[1] + target)
        else:
            if current is not None:
                yield Bead(*current)
            current = (source, target)
        place = here
    if current is not None:
        yield Bead(*current)


def _first_member(beads: Sequence[Sides], source: int | None, target: int | None) -> int:
    """Choose the bead to begin a rectangle with: a one-sided one first, since it may stand alone."""
    if target is not None and (source is None or not beads[target][0]):
        return source if source is not None and not beads[source][1] else target
    if source is None:
        raise ValueError("no bead begins here")
    return source


def _lies_in(bead: Sides, box: Rectangle) -> bool:
    source, target = bead
    return all(box.i <= x < box.i + box.a for x in source) and all(box.j <= y < box.j + box.b for y in target)


def _gold_of_paragraphs(beads: Sequence[Sides], paragraphs: Sequence[str]) -> bool:
    firsts = [paragraphs[source[0]] for source, target in beads if source and target]
    return len(set(firsts)) == len(firsts)


def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))


def _breaks(numbers: Sequence[int] | Sequence[str]) -> list[bool]:
    """Say for each segment whether another paragraph begins after it; the end of the document is no break."""
    return [x != y for x, y in itertools.pairwise(numbers)] + [False] * (len(numbers) > 0)


def _noisy(breaks: Sequence[bool], lost: float, spurious: float, chance: random.Random) -> tuple[bool, ...]:
    """Lose some breaks, and add some."""
    last = len(breaks) - 1
    return tuple(
        chance.random() >= lost if there else place < last and chance.random() < spurious
        for place, there in enumerate(breaks)
    )


def _document(lang: str, name: str, segments: Sequence[str], breaks: Sequence[bool]) -> Document:
    """Make a document of segments; without breaks every segment is a block of a pre-segmented list."""
    paragraphs, start, first = [], 0, 0
    for last, _ in enumerate(segments, 1):
        if breaks and not breaks[last - 1] and last < len(segments):
            continue
        text, sentences = "", []
        for segment in segments[first:last]:
            if segment:
                sentences.append(Sentence(segment, len(text), len(text) + len(segment)))
            text += segment + " "
        paragraphs.append(Paragraph(text, start, start + len(text), sentences=tuple(sentences)))
        start, first = start + len(text), last
    text = "".join(paragraph.text for paragraph in paragraphs)
    return Document(lang, name, text, tuple(paragraphs), pre_segmented=not breaks)
