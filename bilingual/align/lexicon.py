"""The second signal: a small table of which Chinese characters and pairs of them mean which English words.

The table holds p(e | z) of IBM model 1; z is a Chinese character, a pair of neighbouring ones, or a Latin word or
number; e an English word in lower case cut to six letters. A Chinese segment becomes the bag of English words that it
leads one to expect, an English one the bag of its words, both weighted with the idf and hashed to `WIDTH` numbers;
names that both documents share join them. A span is the sum of its bags, square root taken, of unit length. Its cosine
is used like that of the encoder.

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

from bilingual.align.names import Names

__all__ = ["WIDTH", "BagSpans", "Lexicon", "chinese_units", "clauses_of", "english_words", "load_lexicon"]

WIDTH = 1024
"""Numbers a bag is hashed to; 4096 gave the same F1."""
_BLOCK = 500
"""Segments whose clauses have bags in memory at a time."""
_CLAUSE_CHARACTERS = {True: 4, False: 12}
"""Characters of a clause at least, by whether it is Chinese."""
_WORD_LETTERS = 6
_COPIED_WEIGHT = 8.0
"""Weight of a Latin word or number that the table does not know: it is expected to stand on the other side as it is."""
_CLAUSE_END = re.compile(r"(?<=[,，;；:：。.?？!！…—])(?!\d)")
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

    def bags(self, segments: Sequence[str], *, chinese: bool, names: Names | None = None) -> BagSpans:
        """Make the bags of a document.

        Args:
            segments: In order.
            chinese: Which side it is.
            names: Of people and places, which both sides have (`names.find_names`).
        """
        bags = np.zeros((len(segments), WIDTH), np.float32)
        heads, tails = np.zeros((2, len(segments), WIDTH), np.float16)
        for start in range(0, len(segments), _BLOCK):
            part = slice(start, start + _BLOCK)
            pieces = [_ends_of(clauses_of(segment, _CLAUSE_CHARACTERS[chinese])) for segment in segments[part]]
            stops = np.cumsum([len(some) for some in pieces])
            found = self._bag_each([piece for some in pieces for piece in some], chinese, names)
            bags[part] = np.add.reduceat(found, np.append(0, stops[:-1]), axis=0)
            heads[part], tails[part] = _unit(found[np.append(0, stops[:-1])]), _unit(found[stops - 1])
        return BagSpans(bags, heads, tails)

    def _bag_each(self, clauses: Sequence[str], chinese: bool, names: Names | None) -> NDArray[np.float32]:
        """Make the bag of each clause: float32 [n_clauses, WIDTH]."""
        rows: list[int] = []
        owners: list[int] = []
        extra: list[tuple[int, int, float]] = []
        table = self.units if chinese else self.words
        for number, clause in enumerate(clauses):
            for unit in chinese_units(clause) if chinese else english_words(clause):
                known = table.get(unit)
                if known is not None:
                    rows.append(known)
                    owners.append(number)
                elif unit[0] < "\u3400":
                    extra.append((number, _copied(unit), _COPIED_WEIGHT))
            if names is not None and names.weight:
                found = names.in_chinese(clause) if chinese else names.in_english(clause)
                extra += [(number, _copied("name " + name), names.weight[name]) for name in found]
        row, owner = np.array(rows, np.int64), np.array(owners, np.int64)
        if chinese:
            count = self.start[row + 1] - self.start[row]
            owner = np.repeat(owner, count)
            entry = np.arange(count.sum()) + np.repeat(self.start[row] - np.cumsum(count) + count, count)
            place, weight = _hashed(self.word[entry]), self.weight[entry]
        else:
            place, weight = _hashed(row), self.idf[row]
        more = np.array(extra).reshape(-1, 3)
        cell = np.concatenate((owner * WIDTH + place, (more[:, 0] * WIDTH + more[:, 1]).astype(np.int64)))
        total = np.bincount(cell, np.concatenate((weight, more[:, 2])), len(clauses) * WIDTH)
        return total.reshape(-1, WIDTH).astype(np.float32)


@dataclass(frozen=True, slots=True)
class BagSpans:
    """Spans as normalised sums of bags.

    Attributes:
        bags: float32 [n, WIDTH], bags of the segments.
        heads, tails: float16 [n, WIDTH], unit vectors of their first and of their last clauses.
    """

    bags: NDArray[np.float32]
    heads: NDArray[np.float16]
    tails: NDArray[np.float16]

    def vectors(self, start: int, stop: int, max_span: int) -> list[NDArray[np.float32]]:
        """Give the unit vectors of the spans that begin at start .. stop - 1 (`align.spans.Spans`)."""
        result = []
        n = len(self.bags)
        total = np.zeros((0, self.bags.shape[1]), np.float32)
        for k in range(1, max_span + 1):
            count = max(0, min(stop, n - k + 1) - start)
            added = self.bags[start + k - 1 : start + k - 1 + count]
            total = added.copy() if k == 1 else total[:count] + added
            result.append(_unit(total))
        return result

    def edges(self) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
        """Give the unit vectors of the first and of the last clause of each segment (`align.edges.EdgeSpans`)."""
        return self.heads, self.tails


def clauses_of(segment: str, least: int) -> list[str]:
    """Cut a segment after its commas and stops, into clauses of at least some characters."""
    clauses: list[str] = []
    for piece in _CLAUSE_END.split(segment):
        if clauses and (len(clauses[-1].strip()) < least or len(piece.strip()) < least):
            clauses[-1] += piece
        else:
            clauses.append(piece)
    return clauses


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


def _ends_of(clauses: list[str]) -> list[str]:
    """Join what lies between the first and the last clause."""
    return clauses if len(clauses) < 3 else [clauses[0], "".join(clauses[1:-1]), clauses[-1]]


def _unit(bags: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take the square roots of bags, of unit length."""
    root = np.sqrt(bags)
    root /= np.sqrt(np.maximum(bags.sum(axis=1, keepdims=True), 1e-9))
    return root


def _hashed(column: NDArray[np.integer]) -> NDArray[np.int64]:
    """Spread column numbers over the bag (Knuth's multiplicative hash)."""
    return (column.astype(np.int64) * 2654435761 >> 7) % WIDTH


def _copied(word: str) -> int:
    """Give an unknown word its place; the same in every process."""
    return int.from_bytes(word.encode("utf-8", "surrogatepass"), "little") % 2147483647 % WIDTH


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
