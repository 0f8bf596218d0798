"""What a page says besides its units: who made it, with what, how good it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["IndexEntry", "Offer", "PageFacts"]


@dataclass(frozen=True, slots=True)
class Offer:
    """Another target for a unit, found in a translation memory.

    Attributes:
        source: The stored source; where it differs from the unit's the page shows how.
        target: The stored target.
        score: Similarity of the two sources in [0, 1]; 1 is the same text.
    """

    source: str
    target: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What the footer says, and what stands beside the units.

    Attributes:
        model: Name of the model, or of the aligner where people translated.
        license: Licence of the model's weights.
        signature: What makes the result reproducible, on one line.
        date: When it was made, as it shall be read.
        made_by: The program and its version.
        modest: The bundled model made it: say that its quality is modest and how to get a better one.
        scores: Finished lines, such as "BLEU 21.3 ± 1.9, ...".
        notes: Sentences for people about how the document was read, aligned or repaired.
        reference: Reference translations by unit id; given for any unit, the page has a third column.
        offers: Targets from a translation memory by unit id, best first.
    """

    model: str = ""
    license: str = ""
    signature: str = ""
    date: str = ""
    made_by: str = "bilingual"
    modest: bool = False
    scores: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reference: Mapping[str, str] = field(default_factory=dict)
    offers: Mapping[str, Sequence[Offer]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """One document of a directory.

    Attributes:
        document: Its name relative to the input's root.
        outputs: Paths of its outputs relative to the index, forward slashes, not percent-encoded.
        status: One word or two: "done", "unchanged", "failed".
        reason: Why it failed, or a warning; empty otherwise.
        sentences: Number of units.
        errors: Issues of this severity; so are `warnings` and `infos`.
        warnings: See `errors`.
        infos: See `errors`.
    """

    document: str
    outputs: tuple[str, ...] = ()
    status: str = "done"
    reason: str = ""
    sentences: int = 0
    errors: int = 0
    warnings: int = 0
    infos: int = 0
