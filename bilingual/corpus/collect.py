"""The first pass: every unit is read, checked, judged alone and put on disk, a few numbers of it into memory."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from bilingual.bitext import TranslationUnit
from bilingual.checks import Evidence, check_units
from bilingual.corpus.fold import fold, hash64
from bilingual.corpus.near import NearIndex
from bilingual.corpus.rules import Rules, is_reviewed, reason_to_drop
from bilingual.corpus.spool import Spool
from bilingual.errors import InputError
from bilingual.formats import output_paths, read_units

__all__ = ["Collected", "Input", "collect", "count_reasons", "stated"]

Extra = tuple[tuple[str, str], ...]
"""Further columns of a unit, name and value."""

MAX_CHECKED = 1000
"""Neighbours of one document that are checked together at most."""


@dataclass(slots=True)
class Input:
    """One file that goes into a corpus; the counts are filled in while it is read.

    Attributes:
        path: The file.
        license: SPDX name, where it is known.
        attribution: Whom to name.
        rows: Units read.
        kept: Units in the corpus.
        sha256: Of its content, 16 hexadecimal digits.
        error: Why it was skipped.
    """

    path: Path
    license: str = ""
    attribution: str = ""
    rows: int = 0
    kept: int = 0
    sha256: str = ""
    error: str = ""


@dataclass(slots=True)
class Collected:
    """All rows: their units on disk, and by row what later steps sort and compare; about 70 bytes a row.

    Attributes:
        spool: The units, checked.
        reasons: Names of reasons; `reason` holds places in it, and place 0 is the empty text: kept.
        documents: Number of every document; `document` holds it by row.
        exact: Hash of both texts as they stand.
        folded: Hash of both texts folded; `source` and `target` that of one side.
        folds: Whether anything is asked that needs folded texts; without, their columns stay empty.
        near: Indexes of the source and of the target; empty when near duplicates are not asked for.
    """

    spool: Spool
    near: tuple[NearIndex, ...] = ()
    folds: bool = True
    reasons: list[str] = field(default_factory=lambda: [""])
    documents: dict[str, int] = field(default_factory=dict)
    reason: array[int] = field(default_factory=lambda: array("H"))
    document: array[int] = field(default_factory=lambda: array("i"))
    input: array[int] = field(default_factory=lambda: array("i"))
    reviewed: array[int] = field(default_factory=lambda: array("b"))
    confidence: array[float] = field(default_factory=lambda: array("f"))
    exact: array[int] = field(default_factory=lambda: array("Q"))
    folded: array[int] = field(default_factory=lambda: array("Q"))
    source: array[int] = field(default_factory=lambda: array("Q"))
    target: array[int] = field(default_factory=lambda: array("Q"))
    id: array[int] = field(default_factory=lambda: array("Q"))

    def reason_number(self, name: str) -> int:
        """Give the place of a reason in `reasons`."""
        if name not in self.reasons:
            self.reasons.append(name)
        return self.reasons.index(name)

    def append(self, unit: TranslationUnit, extra: Extra, reason: str, number: int) -> None:
        """Add a row that comes from the input of this number."""
        self.spool.append(unit, extra)
        self.reason.append(self.reason_number(reason))
        self.document.append(self.documents.setdefault(unit.document, len(self.documents)))
        self.input.append(number)
        self.reviewed.append(is_reviewed(unit))
        # Known by construction is as good as certain.
        self.confidence.append(1.0 if unit.confidence is None else unit.confidence)
        self.exact.append(hash64(unit.source, unit.target))
        self.id.append(hash64(unit.id))
        if not self.folds:
            return
        source, target = fold(unit.source), fold(unit.target)
        self.folded.append(hash64(source, target))
        self.source.append(hash64(source))
        self.target.append(hash64(target))
        for index, text in zip(self.near, (source, target), strict=False):
            index.append(text)

    def truncate(self, count: int) -> None:
        """Forget all rows but the first `count`."""
        self.spool.truncate(count)
        for index in self.near:
            index.truncate(count)
        for column in (self.reason, self.document, self.input, self.reviewed, self.confidence):
            del column[count:]
        for hashes in (self.exact, self.folded, self.source, self.target, self.id):
            del hashes[count:]

    def close(self) -> None:
        """Give the disk space back."""
        self.spool.close()
        for index in self.near:
            index.close()


def collect(
    inputs: Sequence[Input],
    rules: Rules,
    evidence: Evidence,
    folder: Path,
    progress: Callable[[int], None] = lambda rows: None,
    *,
    folds: bool = True,
) -> Collected:
    """Read all inputs; one that cannot be read to its end is left out whole and its `error` says why.

    Args:
        inputs: Files of units in any readable format; their counts are filled in.
        rules: What is dropped.
        evidence: For the checks.
        folder: Where the temporary files go.
        progress: Called with the number of rows just read.
        folds: Whether texts shall be compared after folding.
    """
    grams = (2, 4)  # characters of Chinese and of English; the other way round for a corpus into Chinese
    near = tuple(NearIndex(folder, n) for n in grams) if rules.near is not None else ()
    rows = Collected(Spool(folder), near, folds)
    for number, source in enumerate(inputs):
        before = len(rows.spool)
        try:
            source.sha256 = _digest(source.path)
            row = 0
            for group in _groups(source):
                for unit in check_units(group, evidence) if rules.checks else group:
                    row += 1
                    rows.append(unit, _provenance(unit, source, row), reason_to_drop(unit, rules), number)
                progress(len(group))
        except InputError as error:
            source.error = str(error)
            rows.truncate(before)
        source.rows = len(rows.spool) - before
    return rows


def _groups(source: Input) -> Iterator[list[TranslationUnit]]:
    """Read the units of a file, neighbours of one document together."""
    group: list[TranslationUnit] = []
    for unit in read_units(source.path):
        if group and (group[0].document != unit.document or len(group) == MAX_CHECKED):
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


def _provenance(unit: TranslationUnit, source: Input, row: int) -> Extra:
    """Say where a unit comes from; what it says itself stays: a corpus can be built from corpora."""
    own = [("input", source.path.name), ("input_row", str(row))]
    if source.license:
        own.append(("license", source.license))
    if source.attribution:
        own.append(("attribution", source.attribution))
    if not unit.extra:
        return tuple(own)
    return tuple((dict(own) | {name: value for name, value in unit.extra if value}).items())


def _digest(path: Path) -> str:
    """Hash the content of an input; where it cannot be opened, reading it says why."""
    digest = hashlib.sha256()
    try:
        parts = output_paths(path, "moses") if path.suffix in (".zh", ".en") else [path]
        for part in parts:
            with part.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()[:16]


def stated(inputs: Sequence[Input], values: Sequence[str], name: str) -> None:
    """Set the licence or the attribution of inputs by what --license or --attribution say.

    Args:
        inputs: Changed in place.
        values: `TEXT` for all, or `NAME=TEXT` for the inputs whose path or file name matches NAME (`*.tmx`).
        name: `license` or `attribution`.

    Raises:
        InputError: A NAME matches no input.
    """
    for value in values:
        pattern, equals, text = value.partition("=")
        if not equals:
            pattern, text = "*", value
        matching = [i for i in inputs if fnmatch(i.path.name, pattern) or fnmatch(str(i.path), pattern)]
        if not matching:
            raise InputError(f"--{name} {value!r}: no input is called {pattern!r}; write NAME=TEXT or TEXT for all")
        for source in matching:
            setattr(source, name, text)


def count_reasons(rows: Collected) -> Counter[str]:
    """Count the rows by the reason for which they were dropped; those kept stand under the empty text."""
    return Counter({rows.reasons[number]: count for number, count in Counter(rows.reason).items()})
