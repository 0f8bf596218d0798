"""Duplicates, boilerplate and clashing ids, by sorting 64-bit hashes: about 60 bytes a row, whatever the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Rows = NDArray[np.int64]

__all__ = ["boilerplate_rows", "quality_order", "repeated_rows", "worse_copies"]


def quality_order(reviewed: NDArray[np.int8], confidence: NDArray[np.float32]) -> Rows:
    """Rank rows: reviewed before unreviewed, then the better confidence, then the first.

    Returns:
        int64 [n_rows]: the rank of each row, 0 the best.
    """
    import numpy as np

    order = np.lexsort((-confidence, -reviewed))  # stable: the first comes first among equals
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def worse_copies(hashes: Hashes, rank: Rows, alive: Mask) -> Mask:
    """Mark the living rows of whose hash there is a living row with a better rank.

    >>> import numpy as np
    >>> rank = np.array([2, 0, 1, 3])
    >>> worse_copies(np.array([7, 7, 5, 7], np.int64), rank, np.array([True, True, True, False])).tolist()
    [True, False, False, False]
    """
    import numpy as np

    rows = np.flatnonzero(alive)
    order = rows[np.lexsort((rank[rows], hashes[rows]))]
    ordered = hashes[order]
    worse = np.zeros(len(hashes), np.bool_)
    worse[order[1:][ordered[1:] == ordered[:-1]]] = True
    return worse


def boilerplate_rows(hashes: Hashes, documents: NDArray[np.int32], alive: Mask, max_documents: int) -> Mask:
    """Mark the living rows whose hash stands in more than `max_documents` different documents.

    >>> import numpy as np
    >>> hashes = np.array([7, 7, 7, 5, 5], np.int64)
    >>> boilerplate_rows(hashes, np.array([0, 1, 2, 3, 3], np.int32), np.ones(5, bool), 1).tolist()
    [True, True, True, False, False]
    """
    import numpy as np

    rows = np.flatnonzero(alive)
    order = rows[np.lexsort((documents[rows], hashes[rows]))]
    ordered, owners = hashes[order], documents[order]
    new_hash = np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(order)]
    new_pair = new_hash | np.concatenate(([True], owners[1:] != owners[:-1]))[: len(order)]
    group = np.cumsum(new_hash) - 1
    spread = np.bincount(group[new_pair], minlength=1)
    marked = np.zeros(len(hashes), np.bool_)
    if len(order):
        marked[order[spread[group] > max_documents]] = True
    return marked


def repeated_rows(hashes: Hashes, alive: Mask) -> Rows:
    """Give the living rows whose hash an earlier living row has."""
    import numpy as np

    return np.flatnonzero(worse_copies(hashes, np.arange(len(hashes)), alive))
