"""Units on disk, written once and read at any place: what does not fit into memory while a corpus is made."""

from __future__ import annotations

import marshal
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path

from bilingual.bitext import Issue, TranslationUnit

__all__ = ["Spool"]

_FIELDS = tuple(TranslationUnit.__slots__)
_ISSUES, _EXTRA = _FIELDS.index("issues"), _FIELDS.index("extra")
_values = attrgetter(*_FIELDS)
_issue = attrgetter(*Issue.__slots__)


class Spool:
    """A nameless temporary file of units: the system removes it when the process ends, however it ends.

    Memory: 8 bytes a unit.
    """

    def __init__(self, folder: Path) -> None:
        """Open a file in `folder`, where the corpus will stand too: there is room, or there is none for either."""
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (it lives as long as the spool)
        self._starts = array("Q", [0])

    def __len__(self) -> int:
        """Count the units."""
        return len(self._starts) - 1

    def append(self, unit: TranslationUnit, extra: tuple[tuple[str, str], ...]) -> None:
        """Add a unit, with these further columns in place of its own."""
        values = list(_values(unit))
        values[_ISSUES] = [_issue(issue) for issue in unit.issues]
        values[_EXTRA] = extra
        data = marshal.dumps(values)
        self._file.write(data)
        self._starts.append(self._starts[-1] + len(data))

    def truncate(self, count: int) -> None:
        """Forget all units but the first `count`."""
        del self._starts[count + 1 :]
        self._file.seek(self._starts[-1])
        self._file.truncate()

    def read(self, rows: Iterable[int]) -> Iterator[TranslationUnit]:
        """Read units by their places, 0-based."""
        self._file.flush()
        position = -1
        for row in rows:
            start, end = self._starts[row], self._starts[row + 1]
            if start != position:
                self._file.seek(start)
            values = marshal.loads(self._file.read(end - start))
            position = end
            values[_ISSUES] = tuple(Issue(*issue) for issue in values[_ISSUES])
            yield TranslationUnit(*values)

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()
