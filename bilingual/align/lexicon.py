"""The second signal: a small table of which Chinese characters and pairs of them mean which English words.

The table holds p(e | z) of IBM model 1; z is a Chinese character, a pair of neighbouring ones, or a Latin word or
number; e an English word in lower case cut to six letters. A Chinese segment becomes the bag of English words that it
leads one to expect, an English one the bag of its words, both weighted with the idf and hashed to `WIDTH` numbers;
a span is the sum of its bags, square root taken, of unit length. Its cosine is used like that of the encoder.

`scripts/build_lexicon.py` makes the file; `LEXICON.md` beside it names the texts and their licences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["WIDTH", "BagSpans", "Lexicon", "chinese_units", "english_words", "load_lexicon"]

WIDTH = 1024
"""Numbers a bag is hashed to; 4096 gave the same F1."""
_WORD_LETTERS = 6
_COPIED_WEIGHT = 8.0
"""Weight of a Latin word or number that the table does not know: it is expected to stand on the other side as it is."""
_HAN_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3})")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """p(e | z) as a sparse matrix.

    Attributes:
        units: Row number of each z.
        words: Column number of each e.
        start: int64 [n_units + 1], where each row begins.
        word: int32 [n_entries], column numbers.
        weight: float32 [n_entries], p(e | z) idf(e).
        idf: float32 [n_words], natural logarithm of sentences per sentence with the word.
    """

    units: dict[str, int]
    words: dict[str, int]
    start: NDArray[np.int64]
    word: NDArray[np.int32]
    weight: NDArray[np.float32]
    idf: NDArray[np.float32]

    def bags(self, segments: Sequence[str], *, chinese: bool) -> NDArray[np.float32]:
        """Make the bag of each segment: float32 [n_segments, WIDTH]."""
        result = np.zeros((len(segments), WIDTH), np.float32)
        for row, segment in zip(result, segments, strict=True):
            places, weights = self._expected(segment) if chinese else self._found(segment)
            np.add.at(row, places, weights)
        return result

    def _expected(self, segment: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """List the English words that a Chinese segment leads one to expect."""
        places, weights = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for unit in chinese_units(segment):
            row = self.units.get(unit)
            if row is not None:
                entries = slice(self.start[row], self.start[row + 1])
                places.append(_hashed(self.word[entries]))
                weights.append(self.weight[entries])
            elif unit[0] < "\u3400":
                places.append(_copied(unit))
                weights.append(np.array([_COPIED_WEIGHT], np.float32))
        return np.concatenate(places), np.concatenate(weights)

    def _found(self, segment: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """List the English words of a segment."""
        places, weights = [np.zeros(0, np.int64)], []
        for word in english_words(segment):
            column = self.words.get(word)
            places.append(_copied(word) if column is None else _hashed(np.array([column])))
            weights.append(_COPIED_WEIGHT if column is None else self.idf[column])
        return np.concatenate(places), np.array(weights, np.float32)


@dataclass(frozen=True, slots=True)
class BagSpans:
    """Spans as normalised sums of bags.

    Attributes:
        sums: float32 [n + 1, WIDTH], sums of the bags of the first n segments.
    """

    bags: NDArray[np.float32]

    def vectors(self, start: int, stop: int, max_span: int) -> list[NDArray[np.float32]]:
        """Give the unit vectors of the spans that begin at start .. stop - 1 (`align.spans.Spans`)."""
        result = []
        n = len(self.bags)
        total = np.zeros((0, self.bags.shape[1]), np.float32)
        for k in range(1, max_span + 1):
            count = max(0, min(stop, n - k + 1) - start)
            added = self.bags[start + k - 1 : start + k - 1 + count]
            total = added.copy() if k == 1 else total[:count] + added
            root = np.sqrt(total)
            root /= np.sqrt(np.maximum(total.sum(axis=1, keepdims=True), 1e-9))
            result.append(root)
        return result


def chinese_units(segment: str) -> list[str]:
    """Cut a Chinese segment into characters, pairs of neighbouring characters, Latin words and numbers.

    >>> chinese_units("我爱Python 3")
    ['我', '爱', '我爱', 'python', '3']
    """
    units = []
    for run in _HAN_RUN.findall(segment):
        units += list(run) + [run[i : i + 2] for i in range(len(run) - 1)]
    return units + english_words(segment)


def english_words(segment: str) -> list[str]:
    """List the words and numbers of a segment in lower case, words cut to six letters.

    >>> english_words("The translators' 1,024 words")
    ['the', 'transl', '1024', 'words']
    """
    text = _SEPARATOR.sub("", segment.lower().replace("’", "'"))
    return [word.split("'")[0][:_WORD_LETTERS] for word in _WORD.findall(text)]


def _hashed(column: NDArray[np.integer]) -> NDArray[np.int64]:
    """Spread column numbers over the bag (Knuth's multiplicative hash)."""
    return (column.astype(np.int64) * 2654435761 >> 7) % WIDTH


def _copied(word: str) -> NDArray[np.int64]:
    """Give an unknown word its place; the same in every process."""
    return np.array([int.from_bytes(word.encode("utf-8", "surrogatepass"), "little") % 2147483647 % WIDTH])


@cache
def load_lexicon() -> Lexicon:
    """Load the table that the package ships."""
    with (files("bilingual.align") / "lexicon.npz").open("rb") as file, np.load(file, allow_pickle=False) as data:
        units = data["units"].tobytes().decode("utf-8").split("\n")
        words = data["words"].tobytes().decode("utf-8").split("\n")
        start = np.concatenate(([0], np.cumsum(data["counts"].astype(np.int64))))
        word = data["word"].astype(np.int32)
        idf = data["idf"].astype(np.float32)
        weight = data["probability"].astype(np.float32) / 255 * idf[word]
    return Lexicon(
        {unit: row for row, unit in enumerate(units)},
        {word_: column for column, word_ in enumerate(words)},
        start,
        word,
        weight.astype(np.float32),
        idf,
    )
