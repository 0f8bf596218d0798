"""The seams between the rooms: what an engine and an encoder promise, and how decoding is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bilingual.bitext import Span, Translation

__all__ = ["Cut", "Decoding", "Encoder", "Translator"]

Cut = Callable[[str, Callable[[str], int], int], list[Span]]
"""cut(text, count, max_tokens): spans that cover the text in order, each of at most `max_tokens` by `count` where a
place to cut can be found; the last resort is a cut anywhere."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How an engine searches; the same values mean the same in every engine.

    Attributes:
        beam: Number of hypotheses kept; 1 is greedy.
        n_best: Hypotheses returned per segment, at most `beam`.
        length_penalty: Exponent of the length by which a hypothesis' log probability is divided (1 = mean per token).
        coverage_penalty: Weight of the coverage term (Wu et al. 2016); 0 is off. CTranslate2 only.
        no_repeat_ngram: Size of the n-gram that may not occur twice in a hypothesis; 0 is off.
        links: Whether word links are wanted.
    """

    beam: int = 4
    n_best: int = 1
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0
    no_repeat_ngram: int = 0
    links: bool = False


class Translator(Protocol):
    """An engine with a model loaded.

    Attributes:
        signature: Model, its hash, engine, precision: "zh-en-small@1a2b3c4d|ctranslate2:4.8.5|int8|...".
        model_name: Bundled name, hub id or directory name.
        license: SPDX name of the weights' licence, or None when nothing says.
    """

    signature: str
    model_name: str
    license: str | None

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        """Translate segments: one list of at most `n_best` translations each, best first, in the same order.

        An empty segment gives an empty text. Never raises on length and never cuts silently: an overlong segment is
        decoded in pieces and joined, an unfinished hypothesis is marked.
        """
        ...


class Encoder(Protocol):
    """A multilingual sentence encoder."""

    signature: str

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts to vectors of unit length: float32 [n_texts, n_dimensions]."""
        ...
