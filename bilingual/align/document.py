"""Two documents -> beads with confidences, or a refusal when they are not translations of each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bilingual.align.anchors import find_anchors
from bilingual.align.band import Band, full_band, span_band
from bilingual.align.decode import best_path, build_lattice, posteriors, restrict
from bilingual.align.features import Evidence, make_channel
from bilingual.align.holes import favour_holes
from bilingual.align.length import length_scores
from bilingual.align.lexicon import load_lexicon
from bilingual.align.match import MIN_SCORE, document_score, similarities
from bilingual.align.names import find_names
from bilingual.align.pair import UNDECIDED, Constraints, check_pair
from bilingual.align.potentials import MAX_FREENESS, Weights, load_weights, score_beads
from bilingual.align.spans import Spans, cosines, embed_spans
from bilingual.align.surface import Surface, read_surface
from bilingual.bitext import Bead, Bitext, Document
from bilingual.errors import AlignmentError
from bilingual.protocols import Encoder

__all__ = ["align_documents", "align_evidence", "align_semantic", "gather_evidence"]

_MIN_RATIO_CHARACTERS = 4
_MIN_RATIO_ANCHORS = 10
_RATIOS = (2.0, 5.0)
"""Target letters per Chinese character, at least and at most, where only the totals speak: those of a pair of which one
side is a part are far off. Documents of the development sets had 2.5 to 3.8."""
_FULL_NODES = 4000
"""Up to so many nodes the whole matrix is searched."""


def align_documents(
    source: Document,
    target: Document,
    *,
    encoder: Encoder | None,
    method: Literal["semantic", "length"] = "semantic",
    constraints: Constraints = UNDECIDED,
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
    chinese_first = check_pair(source, target, constraints=constraints, force=force)
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
    constraints: Constraints = UNDECIDED,
    weights: Weights | None = None,
    progress: Callable[[int], None] = lambda segments: None,
) -> tuple[list[Bead], float]:
    """Align a Chinese document and an English one, and score how well they match (see `document_score`)."""
    evidence = gather_evidence(zh, en, encoder, constraints=constraints, progress=progress)
    beads = align_evidence(evidence, constraints=constraints, weights=weights)
    return beads, document_score(beads, similarities(beads, evidence, zh.segments, en.segments))


def align_evidence(
    evidence: Evidence, *, constraints: Constraints = UNDECIDED, weights: Weights | None = None
) -> list[Bead]:
    """Score all beads of the band and take the best path through them."""
    scores = score_beads(evidence, weights or load_weights())
    favour_holes(scores, evidence)
    restrict(scores, evidence.band, together=constraints.together, apart=constraints.apart)
    return _decode(evidence.band, scores)


def gather_evidence(
    zh: Document,
    en: Document,
    encoder: Encoder,
    *,
    constraints: Constraints = UNDECIDED,
    progress: Callable[[int], None] = lambda segments: None,
) -> Evidence:
    """Encode both documents, span the band, compare spans."""
    zh_segments, en_segments = zh.segments, en.segments
    zh_spans = embed_spans(encoder, zh_segments, spaced=False, progress=progress)
    en_spans = embed_spans(encoder, en_segments, spaced=True, progress=progress)
    anchors = find_anchors(zh_spans.vectors(0, len(zh_segments), 1)[0], en_spans.vectors(0, len(en_segments), 1)[0])
    lexicon = load_lexicon()
    names = find_names(zh_segments, en_segments)
    zh_bags = lexicon.bags(zh_segments, chinese=True, names=names)
    en_bags = lexicon.bags(en_segments, chinese=False, names=names)
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
    constraints: Constraints = UNDECIDED,
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
    """Add pairs a person has fixed, and drop the anchors that cross or touch one."""
    if not fixed:
        return anchors
    i, j = np.array(anchors, np.int64).reshape(-1, 2).T
    x, y = np.array(sorted(fixed), np.int64).T
    highest_before = np.concatenate(([-1], np.maximum.accumulate(y)))
    lowest_after = np.concatenate((np.minimum.accumulate(y[::-1])[::-1], [np.iinfo(np.int64).max]))
    first, past = np.searchsorted(x, i, side="left"), np.searchsorted(x, i, side="right")
    kept = (first == past) & (highest_before[first] < j) & (j < lowest_after[past])
    return sorted({*zip(i[kept].tolist(), j[kept].tolist(), strict=True), *fixed})


def _breaks(document: Document) -> list[bool]:
    """Say for each segment whether its paragraph ends with it; a list of segments has no paragraphs."""
    if document.pre_segmented:
        return []
    breaks = []
    for paragraph in document.paragraphs:
        breaks += [False] * (len(paragraph.sentences) - 1) + [True] * (len(paragraph.sentences) > 0)
    return breaks
