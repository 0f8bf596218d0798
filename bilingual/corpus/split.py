"""Training, development and test data: whole documents to one split, by the hash of their name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bilingual.corpus.fold import hash64
from bilingual.errors import InputError

__all__ = ["DEFAULT_SHARE", "Split", "assign_documents", "read_splits"]

DEFAULT_SHARE = 0.05
"""Share of a split that says no size of its own."""


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a corpus.

    Attributes:
        name: As in the name of its file.
        rows: Rows wanted at least, or None.
        share: Share of the documents wanted, or None; with neither, it takes what the others leave.
    """

    name: str
    rows: int | None = None
    share: float | None = None


def read_splits(text: str) -> tuple[Split, ...]:
    """Read what --split says: names, each with a number of rows or a share; the first takes the rest.

    >>> read_splits("train,dev=2000,test=1%")
    (Split(name='train', rows=None, share=None), Split(name='dev', rows=2000, share=None), Split(name='test', rows=None, share=0.01))

    Raises:
        InputError: A name stands twice or is no plain word, a size is no size, or nothing is left for the first.
    """  # noqa: E501
    splits: list[Split] = []
    for place, part in enumerate(text.split(",")):
        name, equals, size = (word.strip() for word in part.partition("="))
        if not name.replace("-", "").replace("_", "").isalnum() or name in {split.name for split in splits}:
            raise InputError(f"--split {text!r}: {name!r} is no name of its own; write --split train,dev=2000,test=1%")
        if place == 0 and equals:
            raise InputError(f"--split {text!r}: {name} comes first and takes what the others leave: give it no size")
        splits.append(Split(name) if place == 0 else _sized(name, size, text))
    if sum(split.share or 0 for split in splits) >= 1:
        raise InputError(f"--split {text!r}: the shares leave nothing for {splits[0].name}")
    return tuple(splits)


def _sized(name: str, size: str, text: str) -> Split:
    try:
        if not size:
            return Split(name, share=DEFAULT_SHARE)
        share = float(size[:-1]) / 100 if size.endswith("%") else float(size) if "." in size else None
        rows = int(size.replace("_", "")) if share is None else None
    except ValueError:
        share, rows = None, None
    if not ((share is not None and 0 < share < 1) or (rows is not None and rows > 0)):
        raise InputError(f"--split {text!r}: {size!r} is no size; write rows (2000) or a share (0.05 or 5%)")
    return Split(name, rows, share)


def assign_documents(rows: Mapping[str, int], splits: Sequence[Split]) -> dict[str, int]:
    """Give every document the number of its split.

    A share is a range of hash values, so that a document keeps its split when the corpus grows; rows are filled with
    documents in the order of their hashes until there are enough.

    Args:
        rows: Rows of every document.
        splits: The first takes the rest.

    Raises:
        InputError: A split would be empty; documents are never divided.

    >>> names = [f"{n}.txt" for n in range(8)]
    >>> assigned = assign_documents(dict.fromkeys(names, 10), read_splits("train,dev=15,test=10"))
    >>> [list(assigned.values()).count(number) for number in range(3)]
    [5, 2, 1]
    """
    ordered = sorted(rows, key=lambda name: (hash64("split", name), name))
    assigned: dict[str, int] = {}
    low = 0.0
    for number in range(1, len(splits)):
        share = splits[number].share
        if share is not None:
            high = low + share
            assigned |= {name: number for name in ordered if low <= hash64("split", name) / 2**64 < high}
            low = high
    for number in range(1, len(splits)):
        wanted = splits[number].rows
        for name in ordered:
            if wanted is None or wanted <= 0:
                break
            if name not in assigned:
                assigned[name] = number
                wanted -= rows[name]
    result = {name: assigned.get(name, 0) for name in rows}
    filled = set(result.values())
    empty = [split.name for number, split in enumerate(splits) if number not in filled]
    if empty:
        raise InputError(
            f"the split {' and '.join(empty)} would be empty: there are {len(rows):,} documents, which are never "
            "divided; ask for other sizes, or for no split"
        )
    return result
