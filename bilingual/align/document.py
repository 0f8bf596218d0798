"""Two documents -> beads with confidences, or a refusal when they are not translations of each other."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bilingual.align.anchors import find_anchors
from bilingual.align.band import Band, full_band, span_band
from bilingual.align.decode import best_path, build_lattice, posteriors, restrict
from bilingual.align.features import Evidence, make_channel
from bilingual.align.holes import favour_holes
from bilingual.align.length import length_scores
from bilingual.align.lexicon import BagSpans, load_lexicon
from bilingual.align.match import MIN_SCORE, document_score, similarities
from bilingual.align.potentials import MAX_FREENESS, Weights, load_weights, score_beads
from bilingual.align.spans import MAX_SPAN, Spans, cosines, embed_spans
from bilingual.align.surface import Surface, read_surface
from bilingual.bitext import Bead, Bitext, Document
from bilingual.errors import AlignmentError
from bilingual.protocols import Encoder

__all__ = ["Constraints", "align_documents", "align_semantic", "gather_evidence"]

_MIN_RATIO_CHARACTERS = 4
_MIN_RATIO_ANCHORS = 10
_RATIOS = (2.0, 5.0)
"""Target letters per Chinese character, at least and at most, where only the totals speak: those of a pair of which one
side is a part are far off. Documents of the development sets had 2.5 to 3.8."""
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_FULL_NODES = 4000
"""Up to so many nodes the whole matrix is searched."""


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a person has decided: pairs (source index, target index), 0-based.

    Attributes:
        together: Segments that are in one bead.
        apart: Segments that are not.
    """

    together: tuple[tuple[int, int], ...] = ()
    apart: tuple[tuple[int, int], ...] = ()


def align_documents(
    source: Document,
    target: Document,
    *,
    encoder: Encoder | None,
    method: Literal["semantic", "length"] = "semantic",
    constraints: Constraints = Constraints(),
    force: bool = False,
    weights: Weights | None = None,
    progress: Callable[[int], None] = lambda segments: None,
) -> Bitext:
    """Align two documents, one of them Chinese, in either direction.

    Args:
        source: With sentences.
        target: With sentences, in the other language.
        encoder: Needed by the method `semantic`.
        method: `semantic`, or `length` (Gale and Church).
        constraints: What a person has decided.
        force: Align even what looks like no translation, or to be in another language than said.
        weights: Instead of those that the package ships.
        progress: Called with the number of segments (of both sides) just encoded.

    Returns:
        The bitext, each bead with its posterior probability as confidence.

    Raises:
        AlignmentError: One side is empty, both are in one language, a constraint cannot be, or no stretch of them is a
            translation.
    """
    if not force:
        for document in (source, target):
            _check_language(document)
    chinese_first = _direction(source, target)
    _check_constraints(constraints, source, target)
    zh, en = (source, target) if chinese_first else (target, source)
    if not chinese_first:
        constraints = Constraints(
            tuple((j, i) for i, j in constraints.together), tuple((j, i) for i, j in constraints.apart)
        )
    if method == "length":
        beads = _align_by_length(zh, en, constraints)
        signature = "length:gale-church-1993"
    else:
        if encoder is None:
            raise ValueError("the semantic method needs an encoder")
        beads, score = align_semantic(zh, en, encoder, constraints=constraints, weights=weights, progress=progress)
        signature = f"semantic:{encoder.signature}"
        if not force and score < MIN_SCORE:
            raise AlignmentError(
                f"{source.name} and {target.name} do not look like translations of each other (score {score:.2f}, "
                f"needed {MIN_SCORE:.2f}): check the pair, or add --force to align them all the same."
            )
    if not chinese_first:
        beads = [Bead(bead.target, bead.source, bead.confidence) for bead in beads]
    return Bitext(source, target, tuple(beads), signature=signature)


def align_semantic(
    zh: Document,
    en: Document,
    encoder: Encoder,
    *,
    constraints: Constraints = Constraints(),
    weights: Weights | None = None,
    progress: Callable[[int], None] = lambda segments: None,
) -> tuple[list[Bead], float]:
    """Align a Chinese document and an English one, and score how well they match (see `document_score`)."""
    evidence = gather_evidence(zh, en, encoder, constraints=constraints, progress=progress)
    scores = score_beads(evidence, weights or load_weights())
    favour_holes(scores, evidence)
    restrict(scores, evidence.band, together=constraints.together, apart=constraints.apart)
    beads = _decode(evidence.band, scores)
    return beads, document_score(beads, similarities(beads, evidence, zh.segments, en.segments))


def gather_evidence(
    zh: Document,
    en: Document,
    encoder: Encoder,
    *,
    constraints: Constraints = Constraints(),
    progress: Callable[[int], None] = lambda segments: None,
) -> Evidence:
    """Encode both documents, span the band, compare spans."""
    zh_segments, en_segments = zh.segments, en.segments
    zh_spans = embed_spans(encoder, zh_segments, spaced=False, progress=progress)
    en_spans = embed_spans(encoder, en_segments, spaced=True, progress=progress)
    anchors = find_anchors(_singles(zh_spans), _singles(en_spans), len(zh_segments), len(en_segments))
    lexicon = load_lexicon()
    zh_bags = BagSpans(lexicon.bags(zh_segments, chinese=True))
    en_bags = BagSpans(lexicon.bags(en_segments, chinese=False))
    return evidence_from(
        read_surface(zh_segments, chinese=True, breaks=_breaks(zh)),
        read_surface(en_segments, chinese=False, breaks=_breaks(en)),
        {"U_": (zh_spans, en_spans), "L_": (zh_bags, en_bags)},
        anchors,
        constraints,
    )


def evidence_from(
    source: Surface,
    target: Surface,
    spans: dict[str, tuple[Spans, Spans]],
    anchors: list[tuple[int, int]],
    constraints: Constraints = Constraints(),
) -> Evidence:
    """Span the band and compare the spans of every channel in it."""
    m, n = len(source.length), len(target.length)
    ratio = _length_ratio(source, target, anchors, _RATIOS)
    freeness = min(1 - len(anchors) / max(1, min(m, n)), MAX_FREENESS)
    fixed = _with_fixed(anchors, constraints.together)
    band = full_band(m, n) if (m + 1) * (n + 1) <= _FULL_NODES else span_band(fixed, m, n)
    channels = {name: make_channel(cosines(zh, en, band), band) for name, (zh, en) in spans.items()}
    return Evidence(
        band, source, target, channels, ratio, freeness,
        np.concatenate(([0.0], np.cumsum(source.length))),
        np.concatenate(([0.0], np.cumsum(target.length))) / ratio,
        tuple(fixed),
    )  # fmt: skip


def _decode(band: Band, scores: dict[tuple[int, int], NDArray[np.float64]]) -> list[Bead]:
    """Take the best path, each bead with its posterior."""
    lattice = build_lattice(band, scores)
    probability, _ = posteriors(lattice)
    beads = []
    for kind, node in best_path(lattice):
        a, b = lattice.types[kind]
        i, j = int(band.i[node]), int(band.j[node])
        confidence = float(probability[kind, node])
        beads.append(Bead(tuple(range(i - a, i)), tuple(range(j - b, j)), confidence))
    return beads


def _align_by_length(zh: Document, en: Document, constraints: Constraints) -> list[Bead]:
    source, target = read_surface(zh.segments, chinese=True), read_surface(en.segments, chinese=False)
    m, n = len(source.length), len(target.length)
    ratio = _length_ratio(source, target, [])
    fixed = sorted(constraints.together)
    band = full_band(m, n) if (m + 1) * (n + 1) <= _FULL_NODES else span_band(fixed, m, n)
    scores = length_scores(band, source.length, target.length / ratio)
    restrict(scores, band, together=constraints.together, apart=constraints.apart)
    return _decode(band, scores)


def _length_ratio(
    source: Surface,
    target: Surface,
    anchors: Sequence[tuple[int, int]],
    bounds: tuple[float, float] = (0.0, math.inf),
) -> float:
    """Estimate target letters per Chinese character: the median over anchors; when they are few the totals, bounded."""
    ratios = [
        target.length[j] / source.length[i]
        for i, j in anchors
        if source.length[i] >= _MIN_RATIO_CHARACTERS and target.length[j]
    ]
    if len(ratios) >= _MIN_RATIO_ANCHORS:
        return float(np.median(ratios))
    totals = float(max(target.length.sum(), 1.0) / max(source.length.sum(), 1.0))
    return min(max(totals, bounds[0]), bounds[1])


def _with_fixed(anchors: list[tuple[int, int]], fixed: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Add pairs a person has fixed, and drop the anchors that cross one."""
    kept = [(i, j) for i, j in anchors if all((i - x) * (j - y) > 0 for x, y in fixed)]
    return sorted({*kept, *fixed})


def _singles(spans: Spans) -> Callable[[int, int], NDArray[np.float32]]:
    return lambda start, stop: spans.vectors(start, stop, 1)[0]


def _breaks(document: Document) -> list[bool]:
    """Say for each segment whether its paragraph ends with it; a list of segments has no paragraphs."""
    if document.pre_segmented:
        return []
    breaks = []
    for paragraph in document.paragraphs:
        breaks += [False] * (len(paragraph.sentences) - 1) + [True] * (len(paragraph.sentences) > 0)
    return breaks


def _direction(source: Document, target: Document) -> bool:
    """Tell whether the source is the Chinese side.

    Raises:
        AlignmentError: A side is empty, or both are in one language.
    """
    for document in (source, target):
        if not document.sentences:
            raise AlignmentError(f"{document.name} has no text: there is nothing to align.")
    source_zh, target_zh = source.lang.startswith("zh"), target.lang.startswith("zh")
    if source_zh and target_zh:
        raise AlignmentError(f"{source.name} and {target.name} are both in Chinese: one of the two must be English.")
    if source.lang == target.lang == "en":
        raise AlignmentError(f"{source.name} and {target.name} are both in English: one of the two must be Chinese.")
    if not source_zh and not target_zh and "und" not in (source.lang, target.lang):
        raise AlignmentError(f"Neither {source.name} nor {target.name} is in Chinese: one of the two must be.")
    return source_zh or (not target_zh and target.lang != "und")


def _check_language(document: Document) -> None:
    """Hold a document's language, which a person may have given, against its letters; without letters anything goes.

    Raises:
        AlignmentError: It is said to be Chinese and has no Chinese character, or not to be and most letters are.
    """
    letters = [character for segment in document.segments for character in segment if character.isalpha()]
    chinese = sum(map(bool, map(_HAN.match, letters)))
    if letters and document.lang.startswith("zh") and not chinese:
        raise AlignmentError(
            f"{document.name} is taken for Chinese, and no Chinese character is in it: check the pair, or add --force."
        )
    if document.lang not in ("und", "") and not document.lang.startswith("zh") and chinese > len(letters) / 2:
        raise AlignmentError(
            f"{document.name} is taken for {document.lang}, and most of its letters are Chinese: check --source-lang "
            "and --target-lang, or add --force."
        )


def _check_constraints(constraints: Constraints, source: Document, target: Document) -> None:
    """See that what a person has decided can be.

    Raises:
        AlignmentError: A segment does not exist, or two decisions contradict each other.
    """
    for i, j in constraints.together:
        for number, document in ((i, source), (j, target)):
            size = len(document.sentences)
            if number >= size:
                raise AlignmentError(
                    f"There is no segment {number} in {document.name}: its {size} segments count from 0."
                )
    if both := set(constraints.together) & set(constraints.apart):
        i, j = min(both)
        raise AlignmentError(f"Segments {i} and {j} cannot be both together and apart.")
    top = (-1, -1)
    for i, j in sorted(set(constraints.together)):
        if j < top[1] and max(i - top[0], top[1] - j) >= MAX_SPAN:
            raise AlignmentError(
                f"Segments {top[0]} and {top[1]} together, and {i} and {j}: these cross, too far apart for one bead."
            )
        top = max(top, (i, j), key=lambda pair: pair[1])
