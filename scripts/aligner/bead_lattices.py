"""Candidate beads of a document with their features, the hopeless ones left away; kept in a folder between runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gold_documents import GoldDocument, allowed_beads
from numpy.typing import NDArray

import bilingual.align
from bilingual.align.decode import build_lattice, posteriors
from bilingual.align.document import gather_evidence
from bilingual.align.features import TYPES, Evidence, bead_features, starts_of_type
from bilingual.align.potentials import Weights, score_beads
from bilingual.protocols import Encoder

__all__ = ["BeadLattice", "code_digest", "load_or_measure", "measure"]

_LEAST_POSTERIOR = 1e-4
"""Beads less likely than this at half their score (1e-8 at the whole) are left away: of 560,000 beads 280,000 stayed,
and the scores did not change."""


@dataclass(frozen=True, slots=True)
class BeadLattice:
    """The candidate beads of one document.

    Attributes:
        n_source, n_target: Segments.
        freeness: Of the document (`align.features.Evidence`).
        a, b, i, j: int32 [n_beads]: types and start nodes.
        gold: bool [n_beads]: whether the bead agrees with gold.
        names: Of the features.
        features: float32 [n_beads, n_features].
    """

    n_source: int
    n_target: int
    freeness: float
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    i: NDArray[np.int32]
    j: NDArray[np.int32]
    gold: NDArray[np.bool_]
    names: tuple[str, ...]
    features: NDArray[np.float32]


def measure(document: GoldDocument, encoder: Encoder, weights: Weights) -> BeadLattice:
    """Compute the features of a document's beads.

    Args:
        document: With gold.
        encoder: Of the sentences; it remembers texts, so that copies of a document cost little.
        weights: Only to find the hopeless beads.
    """
    evidence = gather_evidence(*document.documents(), encoder)
    return lattice_of(document, evidence, weights)


def lattice_of(document: GoldDocument, evidence: Evidence, weights: Weights) -> BeadLattice:
    """Keep the beads that gold or the weights (at half their score) find possible, with their features."""
    band = evidence.band
    half = {kind: np.where(score > -1e11, score / 2, score) for kind, score in score_beads(evidence, weights).items()}
    lattice = build_lattice(band, half)
    probability, _ = posteriors(lattice)
    row = {kind: number for number, kind in enumerate(lattice.types)}
    columns: list[tuple[int, int, NDArray[np.int64], NDArray[np.bool_], dict[str, NDArray[np.float64]]]] = []
    for a, b in TYPES:
        start, end = starts_of_type(band, a, b)
        gold = allowed_beads(document, band.i[start].astype(np.int64), band.j[start].astype(np.int64), a, b)
        keep = (probability[row[a, b], end] > _LEAST_POSTERIOR) | (gold & (not document.zh_paragraphs or a == b == 1))
        if keep.any():
            columns.append((a, b, start[keep], gold[keep], bead_features(evidence, a, b, start[keep], end[keep])))
    names = tuple(sorted({name for column in columns for name in column[4]}))
    place = {name: number for number, name in enumerate(names)}
    features = np.zeros((sum(len(column[2]) for column in columns), len(names)), np.float32)
    first = 0
    for *_, start, _, values in columns:
        for name, value in values.items():
            features[first : first + len(start), place[name]] = value
        first += len(start)
    starts = np.concatenate([column[2] for column in columns])
    return BeadLattice(
        n_source=band.n_source,
        n_target=band.n_target,
        freeness=evidence.freeness,
        a=np.concatenate([np.full(len(column[2]), column[0], np.int32) for column in columns]),
        b=np.concatenate([np.full(len(column[2]), column[1], np.int32) for column in columns]),
        i=band.i[starts],
        j=band.j[starts],
        gold=np.concatenate([column[3] for column in columns]),
        names=names,
        features=features,
    )


def load_or_measure(
    document: GoldDocument, encoder: Encoder, weights: Weights, folder: Path | None, digest: str
) -> BeadLattice:
    """Take a lattice from the folder, or measure it and put it there; the digest tells whether it still holds."""
    if folder is None:
        return measure(document, encoder, weights)
    key = hashlib.sha256(f"{digest} {encoder.signature} {document!r}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    path = folder / f"{document.collection}-{document.name}-{key}.npz"
    if path.is_file():
        with np.load(path, allow_pickle=False) as data:
            n_source, n_target = (int(number) for number in data["size"])
            return BeadLattice(
                n_source, n_target, float(data["freeness"]), data["a"], data["b"], data["i"], data["j"], data["gold"],
                tuple(str(name) for name in data["names"]), data["features"],
            )  # fmt: skip
    lattice = measure(document, encoder, weights)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(
        path, size=np.array([lattice.n_source, lattice.n_target]), freeness=np.array(lattice.freeness), a=lattice.a,
        b=lattice.b, i=lattice.i, j=lattice.j, gold=lattice.gold, names=np.array(lattice.names),
        features=lattice.features,
    )  # fmt: skip
    return lattice


def code_digest() -> str:
    """Digest the code and the lexicon that features come from."""
    folder = Path(bilingual.align.__file__).parent
    names = (
        "anchors.py",
        "band.py",
        "document.py",
        "edges.py",
        "features.py",
        "lexicon.npz",
        "lexicon.py",
        "marks.py",
        "names.py",
        "spans.py",
        "surface.py",
    )
    digest = hashlib.sha256()
    for name in names:
        digest.update((folder / name).read_bytes())
    digest.update((folder.parent / "encoders" / "usem3.py").read_bytes())
    return digest.hexdigest()
