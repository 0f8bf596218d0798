"""Units on disk, written once and read at any place: what does not fit into memory while a corpus is made."""

from __future__ import annotations

import marshal
import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import make_dataclass
from itertools import repeat
from operator import attrgetter
from pathlib import Path
from typing import Any, cast

from bilingual.bitext import Issue, TranslationUnit

__all__ = ["Extra", "Spool"]

Extra = tuple[tuple[str, str], ...]
"""Further columns of a unit, name and value."""

_FIELDS = tuple(TranslationUnit.__slots__)
_ISSUES, _EXTRA = _FIELDS.index("issues"), _FIELDS.index("extra")
_VERSION = 2  # of marshal: later ones look for objects that stand twice, which texts never do
_values = attrgetter(*_FIELDS)
_issue = attrgetter(*Issue.__slots__)


_Draft: Any = make_dataclass("_Draft", TranslationUnit.__slots__, slots=True)
"""A unit before it is frozen: filling its fields takes a fifth of the time that `TranslationUnit` takes."""


def _unit(values: Iterable[Any]) -> TranslationUnit:
    unit = _Draft(*values)
    unit.__class__ = TranslationUnit  # the same slots in the same order, or Python refuses
    return cast(TranslationUnit, unit)


class Spool:
    """A nameless temporary file of units: the system removes it when the process ends, however it ends.

    Units that are added together are one record, which is read as a whole. Memory: 16 bytes a record.
    """

    def __init__(self, folder: Path) -> None:
        """Open a file in `folder`, where the corpus will stand too: there is room, or there is none for either."""
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (it lives as long as the spool)
        self._rows = array("Q", [0])  # units before each record, and at the end of all
        self._starts = array("Q", [0])  # bytes before it

    def __len__(self) -> int:
        """Count the units."""
        return self._rows[-1]

    def extend(self, units: Sequence[TranslationUnit]) -> None:
        """Add neighbours as one record, field by field; one value alone is that of all, as most are."""
        fields: list[tuple[Any, ...]] = list(zip(*map(_values, units), strict=True))
        fields[_ISSUES] = tuple([tuple([_issue(issue) for issue in issues]) for issues in fields[_ISSUES]])
        record = [values[:1] if values.count(values[0]) == len(values) else values for values in fields]
        data = marshal.dumps(record, _VERSION)
        self._file.write(data)
        self._rows.append(self._rows[-1] + len(units))
        self._starts.append(self._starts[-1] + len(data))

    def truncate(self, count: int) -> None:
        """Forget all units but the first `count`, which must end with a record."""
        del self._rows[self._rows.index(count) + 1 :]
        del self._starts[len(self._rows) :]
        self._file.seek(self._starts[-1])
        self._file.truncate()

    def read(self, rows: Iterable[int], extra: Callable[[int, Extra], Extra]) -> Iterator[TranslationUnit]:
        """Read units by their places, 0-based and ascending.

        Args:
            rows: Places.
            extra: extra(place, own) gives the further columns of a unit from those that it has.
        """
        self._file.flush()
        number, first, end = -1, 0, 0
        record: list[list[Any]] = []
        for row in rows:
            if row >= end:
                number = bisect_right(self._rows, row, number + 1) - 1
                first, end = self._rows[number], self._rows[number + 1]
                record = self._record(number)
            values = record[row - first]
            if values[_ISSUES]:
                values[_ISSUES] = tuple([Issue(*issue) for issue in values[_ISSUES]])
            values[_EXTRA] = extra(row, values[_EXTRA])
            yield _unit(values)

    def _record(self, number: int) -> list[list[Any]]:
        """Read the values of all units of a record."""
        count = self._rows[number + 1] - self._rows[number]
        self._file.seek(self._starts[number])
        fields = marshal.loads(self._file.read(self._starts[number + 1] - self._starts[number]))
        columns = (values if len(values) == count else repeat(values[0], count) for values in fields)
        return list(map(list, zip(*columns, strict=True)))

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()
