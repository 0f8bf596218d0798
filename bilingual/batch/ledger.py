"""How documents that end actors are found.

An actor that dies takes its portion with it, and Ray starts another that gets the portion again. A `Ledger`, which
outlives the actors, has noted what was being worked on: then every document is tried by itself, and the one that ends
an actor once more is refused, by name. The others lose nothing and are written once, because a part appears whole and
a repetition has the same file name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

__all__ = ["Ledger", "State"]

State = Literal["first", "alone", "safe", "refused", "twice"]
"""What to do with a document: translate it with others; by itself; with others that are known to be harmless; not at
all, because it ended two actors; not at all, because its name is that of a document elsewhere."""


class Ledger:
    """Which documents are being worked on, by digest; about 150 bytes a document. One for a run, as an actor.

    >>> ledger = Ledger()
    >>> ledger.begin(0, [10, 11]), ledger.begin(1, [11])
    (['first', 'first'], ['twice'])
    >>> ledger.begin(0, [10, 11])  # the first actor died
    ['alone', 'alone']
    >>> ledger.alone(10), ledger.survived(10), ledger.alone(11)
    (None, None, None)
    >>> ledger.begin(0, [10, 11])  # the second one died, over document 11
    ['safe', 'refused']
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._portions: dict[int, int] = {}
        self._states: dict[int, State] = {}
        self._risked: dict[int, int] = {}
        self._harmless: Counter[int] = Counter()
        self._entered: Counter[int] = Counter()

    def enter(self, portion: int) -> bool:
        """Note that a portion is about to be read; say no when that has ended two actors."""
        self._entered[portion] += 1
        return self._entered[portion] <= 2

    def begin(self, portion: int, digests: Sequence[int]) -> list[State]:
        """Note that the work on a portion begins, and say what to do with each of its documents."""
        self._entered[portion] = 0
        mine = [self._portions.setdefault(digest, portion) == portion for digest in digests]
        if any(own and digest in self._states for own, digest in zip(mine, digests, strict=True)):
            self._blame(portion, [digest for own, digest in zip(mine, digests, strict=True) if own])
        return [self._state(digest) if own else "twice" for own, digest in zip(mine, digests, strict=True)]

    def alone(self, digest: int) -> None:
        """Note that a document is now tried by itself."""
        self._risked[self._portions[digest]] = digest

    def survived(self, digest: int) -> None:
        """Note that it did no harm."""
        self._states[digest] = "safe"
        self._risked.pop(self._portions[digest], None)

    def _state(self, digest: int) -> State:
        return self._states.setdefault(digest, "first")

    def _blame(self, portion: int, digests: Sequence[int]) -> None:
        """Draw the conclusion from an actor's end."""
        culprit = self._risked.pop(portion, None)
        if culprit is not None:
            self._states[culprit] = "refused"
            return
        for digest in digests:
            if self._states.get(digest) == "first":
                self._states[digest] = "alone"
        if all(self._states.get(digest) in ("safe", "refused") for digest in digests):
            # No document is to blame, the end came with the writing: that may happen twice, not for ever.
            self._harmless[portion] += 1
            if self._harmless[portion] > 1:
                self._states.update(dict.fromkeys(digests, "refused"))
