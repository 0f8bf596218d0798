"""What a check may know beside the units themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bilingual.bitext import Span, Translation
from bilingual.protocols import Encoder

__all__ = ["Evidence", "Glossary", "Lengths", "Lexicon", "TermUse"]


class TermUse(Protocol):
    """One glossary term that stands in a source."""

    @property
    def source(self) -> str:
        """The term."""
        ...

    @property
    def wanted(self) -> str:
        """What the glossary wants it to be in the target."""
        ...

    @property
    def source_span(self) -> Span:
        """Where it stands."""
        ...

    @property
    def target_span(self) -> Span | None:
        """Where its translation stands; None when it is missing."""
        ...


class Glossary(Protocol):
    """Terms and their translations."""

    def uses(self, source: str, target: str) -> Sequence[TermUse]:
        """Find the terms of a source, longest first, and their translations."""
        ...


class Lexicon(Protocol):
    """A bilingual lexicon p(e | z) as a sparse matrix: `bilingual.align.lexicon` ships one.

    z is a Chinese character or a pair of neighbouring ones, e an English word in lower case cut to six letters.
    """

    @property
    def units(self) -> Mapping[str, int]:
        """Row number of each z."""
        ...

    @property
    def words(self) -> Mapping[str, int]:
        """Column number of each e."""
        ...

    @property
    def start(self) -> NDArray[np.int64]:
        """Where each row begins: int64 [n_units + 1]."""
        ...

    @property
    def word(self) -> NDArray[np.int32]:
        """Column numbers: int32 [n_entries]."""
        ...

    @property
    def weight(self) -> NDArray[np.float32]:
        """p(e | z) idf(e): float32 [n_entries]."""
        ...

    @property
    def idf(self) -> NDArray[np.float32]:
        """Natural logarithm of sentences per sentence with the word: float32 [n_words]."""
        ...


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long translations are, as a log-normal expectation for one pair of languages.

    The length of a source is counted in Chinese characters, other visible characters counting `other` each; that of a
    target in characters without spaces. The defaults were measured on 30,000 human sentence pairs (news and written).

    Attributes:
        ratio: Target characters per source unit.
        other: Weight of a source character that is not Chinese.
        variance: Of the natural log of the ratio, for long segments.
        short_variance: Further variance of a segment of one unit; of n units a part of n.
    """

    ratio: float = 3.12
    other: float = 0.4
    variance: float = 0.048
    short_variance: float = 0.45


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check may know; whatever is missing switches off what needs it.

    Attributes:
        encoder: For low-similarity, and omission and addition where no word links are known.
        glossary: For term-missing.
        lexicon: A second witness for omission and addition.
        lengths: For length-ratio.
        translations: By unit id, what the engine said: unknown pieces, whether it finished.
    """

    encoder: Encoder | None = None
    glossary: Glossary | None = None
    lexicon: Lexicon | None = None
    lengths: Lengths = Lengths()
    translations: Mapping[str, Translation] = field(default_factory=lambda: MappingProxyType({}))
