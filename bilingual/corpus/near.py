"""Near duplicates: MinHash over character n-grams, with its bands on disk and every candidate verified.

Two texts count as near when the Jaccard similarity of their n-gram sets reaches the threshold. MinHash only proposes
pairs (Broder 1997; bands after Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3): with 10 bands of
3 values a pair of similarity 0.7 is proposed with probability 0.985, one of 0.8 with 0.999. The bands lie in files and
are sorted one at a time, so that memory does not grow with their number: datasketch's index keeps all of them in
dictionaries, which 5,000,000 rows do not fit.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["NearIndex", "Same", "jaccard"]

Same = Callable[[int, int], bool]

BANDS, VALUES = 10, 3
BATCH = 1000
"""Texts hashed together: the arrays stay in the processor's cache."""
MAX_HELD = 32
"""Held-out texts of one bucket that a text is compared with."""


def _shingles(text: str, n: int) -> set[str]:
    return {text[i : i + n] for i in range(max(1, len(text) - n + 1))}


def jaccard(first: str, second: str, n: int) -> float:
    """Give the Jaccard similarity of the character n-grams of two texts, in [0, 1].

    >>> jaccard("abcd", "abce", 2)
    0.5
    """
    a, b = _shingles(first, n), _shingles(second, n)
    common = len(a & b)
    return common / (len(a) + len(b) - common)


class NearIndex:
    """The folded texts of one side with their bands, in temporary files without a name.

    Memory: 8 bytes a text, and while asking about 40 more.
    """

    def __init__(self, folder: Path, n: int) -> None:
        """Open the files in `folder`; `n` is the length of the n-grams: 2 suits Chinese, 4 English."""
        self.n = n
        self._texts = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (they live as long as the index)
        self._starts = array("Q", [0])
        self._bands = [tempfile.TemporaryFile(dir=folder) for _ in range(BANDS)]  # noqa: SIM115
        self._waiting: list[str] = []

    def append(self, text: str) -> None:
        """Add a folded text."""
        data = text.encode("utf-8", "surrogatepass")
        self._texts.write(data)
        self._starts.append(self._starts[-1] + len(data))
        self._waiting.append(text)
        if len(self._waiting) == BATCH:
            self._hash()

    def truncate(self, count: int) -> None:
        """Forget all texts but the first `count`."""
        self._hash()
        del self._starts[count + 1 :]
        for file, size in [(self._texts, self._starts[-1]), *((band, 8 * count) for band in self._bands)]:
            file.seek(size)
            file.truncate()

    def close(self) -> None:
        """Give the disk space back."""
        for file in (self._texts, *self._bands):
            file.close()

    def drop_near(self, rank: NDArray[np.int64], alive: NDArray[np.bool_], same: Same) -> NDArray[np.bool_]:
        """Mark the living rows that are near a living row of better rank.

        Args:
            rank: int64 [n_rows], 0 the best.
            alive: Rows that count.
            same: same(row, other) says whether two rows whose texts may be near are the same.
        """
        import numpy as np

        self._hash()
        kept = alive.copy()
        for band in range(BANDS):
            keys = self._keys(band)
            rows = np.flatnonzero(kept)
            order = rows[np.lexsort((rank[rows], keys[rows]))]
            ordered = keys[order]
            place = np.arange(len(order))
            first = np.maximum.accumulate(np.where(np.concatenate(([True], ordered[1:] != ordered[:-1])), place, 0))
            follows = place[place != first]
            for at in follows.tolist():
                row = int(order[at])
                for other in {int(order[first[at]]), int(order[at - 1])}:
                    if kept[other] and same(row, other):
                        kept[row] = False
                        break
        return alive & ~kept

    def leaks(self, rows: NDArray[np.int64], held: NDArray[np.int64], same: Same) -> set[int]:
        """Find which of `rows` are the same as one of `held`."""
        import numpy as np

        self._hash()
        found: set[int] = set()
        for band in range(BANDS):
            keys = self._keys(band)
            buckets: dict[int, list[int]] = {}
            for key, row in zip(keys[held].tolist(), held.tolist(), strict=True):
                bucket = buckets.setdefault(key, [])
                if len(bucket) < MAX_HELD:
                    bucket.append(row)
            for row in rows[np.isin(keys[rows], keys[held])].tolist():
                if row not in found and any(same(row, other) for other in buckets[int(keys[row])]):
                    found.add(row)
        return found

    def similarity(self, row: int, other: int) -> float:
        """Give the Jaccard similarity of two rows."""
        return jaccard(self._text(row), self._text(other), self.n)

    def _text(self, row: int) -> str:
        start, end = self._starts[row], self._starts[row + 1]
        self._texts.seek(start)
        return self._texts.read(end - start).decode("utf-8", "surrogatepass")

    def _keys(self, band: int) -> NDArray[np.uint64]:
        import numpy as np

        self._bands[band].flush()
        self._bands[band].seek(0)
        return np.fromfile(self._bands[band], np.uint64, len(self._starts) - 1)

    def _hash(self) -> None:
        """Hash the waiting texts into the bands."""
        if self._waiting:
            keys = band_keys(self._waiting, self.n)
            for band, file in enumerate(self._bands):
                file.seek(0, 2)
                file.write(keys[:, band].tobytes())
            self._waiting.clear()


def band_keys(texts: Sequence[str], n: int) -> NDArray[np.uint64]:
    """Hash texts to the keys of their bands: uint64 [n_texts, BANDS]."""
    import numpy as np

    # A text of fewer than n characters is one n-gram, filled up; n - 1 zeros part the texts from one another.
    parts = [text.replace("\0", " ").ljust(n) for text in texts]
    joined = ("\0" * (n - 1)).join(parts) + "\0" * (n - 1)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    grams = np.zeros(len(codes) - n + 1, np.uint64)
    whole = np.ones(len(grams), np.bool_)
    for i in range(n):
        window = codes[i : i + len(grams)]
        grams = grams * np.uint64(0x100000001B3) + window
        whole &= window != 0
    grams = _mixed(grams[whole])
    starts = np.concatenate(([0], np.cumsum([len(part) - n + 1 for part in parts])[:-1]))
    random = np.random.default_rng(20)  # fixed: the same texts give the same bands in every run
    factors = random.integers(1, 2**63, BANDS * VALUES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    keys = np.zeros((len(texts), BANDS), np.uint64)
    for number, factor in enumerate(factors):
        # The high half of an odd multiple orders the n-grams anew for each value.
        smallest = np.minimum.reduceat((grams * factor) >> np.uint64(32), starts)
        column = keys[:, number // VALUES]
        column *= np.uint64(0x9E3779B97F4A7C15)
        column += _mixed(smallest + np.uint64(number))
    return keys


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits of 64-bit numbers (the finaliser of splitmix64)."""
    import numpy as np

    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
