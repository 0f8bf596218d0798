"""What every engine does around its search: copy, cut, batch, search, join, in the order of the segments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bilingual.bitext import Link, Translation
from bilingual.engines.links import attention_links
from bilingual.engines.pieces import Encoded, Pieces, detokenize
from bilingual.engines.segments import batch_indices, is_passthrough, max_target_tokens
from bilingual.protocols import Cut, Decoding

__all__ = ["MAX_SOURCE_TOKENS", "Batch", "Hypothesis", "Search", "SegmentTranslator"]

MAX_SOURCE_TOKENS = 96  # longer segments are cut: the value with the best BLEU by length on flores-dev
_LOOK_AHEAD = 2048  # parts that are sorted by length and in memory together
_SMALLEST_CUT = 8  # pieces; a part that runs on and on is cut again, but not to single words


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a search found for one part.

    Attributes:
        tokens: Target pieces without the end mark.
        log_prob: Sum of the natural log probabilities, the end mark included.
        finished: Whether the end mark was reached.
        attention: float32 [n_tokens, n_source + 1], the last column the end mark's; None when not asked for.
    """

    tokens: list[str]
    log_prob: float
    finished: bool
    attention: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Parts of like length that are searched together; `max_tokens` bounds their hypotheses, end mark included."""

    sources: list[list[str]]
    max_tokens: int


Search = Callable[[Iterable[Batch], Decoding], Iterator[list[list[Hypothesis]]]]
"""For each batch, in order: for each source, at most `n_best` hypotheses, best first."""

_Decoded = list[tuple[Translation, int]]
"""The hypotheses of one part, best first, each with its number of tokens, the end mark included."""


class SegmentTranslator:
    """A `Translator` on top of any search.

    Attributes:
        signature: Model, hash, engine, precision and tokenizer: "zh-en-small@1a2b3c4d|ctranslate2:4.8.5|int8|...".
        model_name: The model's name.
        license: SPDX name of the weights' licence, or None when nothing says.
        guided: Whether the attention is a word alignment; links are only given where it is.
    """

    def __init__(
        self,
        search: Search,
        pieces: Pieces,
        cut: Cut,
        *,
        signature: str,
        model_name: str,
        license: str | None,
        guided: bool,
        padded: bool,
        max_batch_tokens: int,
        positions: int,
    ) -> None:
        """Put a translator together.

        `padded` lets parts of unlike length share a batch; `positions` is how many the model has.
        """
        self.signature = signature
        self.model_name = model_name
        self.license = license
        self.guided = guided
        self._search = search
        self._pieces = pieces
        self._cut = cut
        self._padded = padded
        self._max_batch_tokens = max_batch_tokens
        self._positions = positions
        self._max_source_tokens = min(MAX_SOURCE_TOKENS, positions - 2)

    def count_tokens(self, text: str) -> int:
        """Count the source pieces of a text, without the end mark."""
        return self._pieces.count_tokens(text)

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        """Translate segments: one list of at most `n_best` translations each, best first, in the same order.

        Identical segments are decoded once. A segment without Chinese is copied. A segment over `MAX_SOURCE_TOKENS`
        pieces is cut and its translations joined with a space; `log_prob` is then the mean over all tokens. A part
        whose hypothesis does not end is cut smaller and tried once more; if that does not help, `finished` is False.
        `unknown` counts the source pieces that the vocabulary does not hold, source characters that fell to bytes,
        and in the hypothesis unknown pieces and byte runs that form no UTF-8.

        Raises:
            ValueError: `n_best` is larger than `beam`.
        """
        if not 1 <= decoding.n_best <= decoding.beam:
            raise ValueError(f"n_best must be between 1 and beam ({decoding.beam}), not {decoding.n_best}")
        decoding = replace(decoding, links=decoding.links and self.guided)
        done: dict[str, list[Translation]] = {}
        for window in self._windows(dict.fromkeys(segments)):
            parts = [part for spans in window.values() for part, _ in spans if not is_passthrough(part)]
            decoded = self._decode(list(dict.fromkeys(parts)), decoding, retry=True)
            for segment, spans in window.items():
                if is_passthrough(segment):
                    done[segment] = [Translation(segment if segment.strip() else "", origin="copy")]
                else:
                    done[segment] = [translation for translation, _ in self._join(spans, decoded, decoding)]
        return [list(done[segment]) for segment in segments]

    def _windows(self, segments: Iterable[str]) -> Iterator[dict[str, list[tuple[str, int]]]]:
        """Cut the segments into parts, a bounded number at a time: segment -> (part, its start) ..."""
        window: dict[str, list[tuple[str, int]]] = {}
        n_parts = 0
        for segment in segments:
            window[segment] = [] if is_passthrough(segment) else self._parts(segment, self._max_source_tokens)
            n_parts += len(window[segment])
            if n_parts >= _LOOK_AHEAD or len(window) >= _LOOK_AHEAD:
                yield window
                window, n_parts = {}, 0
        yield window

    def _parts(self, text: str, max_tokens: int) -> list[tuple[str, int]]:
        """Cut a text into parts of at most `max_tokens` pieces, each with its start."""
        if len(text) <= max_tokens // 4 or self.count_tokens(text) <= max_tokens:  # a character is at most 4 bytes
            return [(text, 0)]
        parts = [(text[start:end], start) for start, end in self._cut(text, self.count_tokens, max_tokens)]
        return [
            (part[i : i + step], start + i)
            for part, start in parts
            for step in [len(part) if self.count_tokens(part) < self._positions - 1 else max_tokens // 4]
            for i in range(0, len(part), step)
        ]

    def _decode(self, parts: list[str], decoding: Decoding, *, retry: bool) -> dict[str, _Decoded]:
        """Search all parts, in batches of like length."""
        encoded = self._pieces.encode(parts)
        lengths = [len(one.pieces) + 1 for one in encoded]
        groups = batch_indices(lengths, self._max_batch_tokens, padded=self._padded)
        limits = [max_target_tokens(length - 1, self._positions) for length in lengths]
        batches = (Batch([encoded[i].pieces for i in group], max(limits[i] for i in group)) for group in groups)
        decoded: dict[str, _Decoded] = {}
        again: list[int] = []
        for group, results in zip(groups, self._search(batches, decoding), strict=True):
            for index, hypotheses in zip(group, results, strict=True):
                part = parts[index]
                decoded[part] = [self._finish(part, encoded[index], one, limits[index]) for one in hypotheses]
                if retry and not decoded[part][0][0].finished:
                    again.append(index)
        smaller = {parts[i]: self._parts(parts[i], max(_SMALLEST_CUT, (lengths[i] - 1) // 2)) for i in sorted(again)}
        smaller = {part: spans for part, spans in smaller.items() if len(spans) > 1}
        if smaller:
            rest = dict.fromkeys(part for spans in smaller.values() for part, _ in spans if not is_passthrough(part))
            pieces = self._decode(list(rest), decoding, retry=False)
            decoded |= {part: self._join(spans, pieces, decoding) for part, spans in smaller.items()}
        return decoded

    def _finish(self, part: str, encoded: Encoded, hypothesis: Hypothesis, limit: int) -> tuple[Translation, int]:
        """Make a hypothesis a translation; one that is longer than its own limit, not its batch's, is cut to it."""
        tokens = hypothesis.tokens[: limit - 1]
        finished = hypothesis.finished and len(tokens) == len(hypothesis.tokens)
        text, spans, unknown = detokenize(tokens)
        links: tuple[Link, ...] = ()
        if hypothesis.attention is not None:
            source_spans = self._pieces.spans(part, encoded.pieces)
            links = attention_links(hypothesis.attention, part, source_spans, text, spans)
        n_tokens = len(hypothesis.tokens) + hypothesis.finished
        log_prob = hypothesis.log_prob / n_tokens if n_tokens else math.nan
        return Translation(text, log_prob, links, encoded.unknown + unknown, finished), n_tokens

    def _join(self, spans: list[tuple[str, int]], decoded: dict[str, _Decoded], decoding: Decoding) -> _Decoded:
        """Join the translations of the parts of one segment: the k-th best of each for the k-th best of all."""
        columns: list[tuple[_Decoded, int]] = [
            ([(Translation(part.strip(), origin="copy"), 0)] if is_passthrough(part) else decoded[part], start)
            for part, start in spans
        ]
        if len(columns) == 1:
            return columns[0][0]
        n_best = min(decoding.n_best, max(len(column) for column, _ in columns))
        return [
            _joined([(*column[min(rank, len(column) - 1)], start) for column, start in columns])
            for rank in range(n_best)
        ]


def _joined(parts: list[tuple[Translation, int, int]]) -> tuple[Translation, int]:
    """Join translations, each with its number of tokens and its start in the source, with a space between them."""
    texts: list[str] = []
    links: list[Link] = []
    end = 0  # of the joined text so far
    for translation, _, start in parts:
        if translation.text:
            shift = end + bool(texts)
            texts.append(translation.text)
            links += [(a + start, b + start, c + shift, d + shift) for a, b, c, d in translation.links]
            end = shift + len(translation.text)
    total = sum(n_tokens for _, n_tokens, _ in parts)
    weighted = sum(n_tokens * translation.log_prob for translation, n_tokens, _ in parts if n_tokens)
    return Translation(
        " ".join(texts),
        weighted / total if total else math.nan,
        tuple(links),
        unknown=sum(translation.unknown for translation, _, _ in parts),
        finished=all(translation.finished for translation, _, _ in parts),
    ), total
