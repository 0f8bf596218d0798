"""Identical segments are decoded once, across calls as well: a translator with a bounded memory."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from bilingual.bitext import Translation
from bilingual.protocols import Decoding, Translator

__all__ = ["MAX_SEGMENTS", "Reuse", "ReusingTranslator"]

MAX_SEGMENTS = 50_000
"""Segments kept: some 40 MB with word links. A corpus repeats its headlines and bylines close together."""


@dataclass(slots=True)
class Reuse:
    """How often a segment was asked for, and how often it was known."""

    asked: int = 0
    known: int = 0

    @property
    def rate(self) -> float:
        """Share that was known, in [0, 1]."""
        return self.known / self.asked if self.asked else 0.0


class ReusingTranslator:
    """A `Translator` that remembers what it was asked last.

    What comes out is what the engine gives, as long as the engine gives a segment the same translation in any company.

    Attributes:
        signature: The engine's.
        model_name: The engine's.
        license: The engine's.
        reuse: How often it helped; equal segments within one call count as known.
    """

    def __init__(self, translator: Translator, max_segments: int = MAX_SEGMENTS) -> None:
        """Put a memory of the last `max_segments` segments before a translator."""
        self.signature = translator.signature
        self.model_name = translator.model_name
        self.license = translator.license
        self.reuse = Reuse()
        self._translator = translator
        self._max_segments = max_segments
        # Pickled, a translation with its word links takes a tenth of its objects' memory.
        self._known: OrderedDict[tuple[str, Decoding], bytes] = OrderedDict()

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        """Translate segments as the engine does; only those not remembered are decoded, all in one call."""
        found: dict[str, list[Translation]] = {}
        unknown: list[str] = []
        for segment in dict.fromkeys(segments):
            stored = self._known.get((segment, decoding))
            if stored is None:
                unknown.append(segment)
            else:
                self._known.move_to_end((segment, decoding))
                found[segment] = pickle.loads(stored)
        for segment, translations in zip(unknown, self._translator.translate(unknown, decoding), strict=True):
            found[segment] = translations
            self._known[segment, decoding] = pickle.dumps(translations, pickle.HIGHEST_PROTOCOL)
            if len(self._known) > self._max_segments:
                self._known.popitem(last=False)
        self.reuse.asked += len(segments)
        self.reuse.known += len(segments) - len(unknown)
        return [list(found[segment]) for segment in segments]
