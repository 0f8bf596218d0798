"""The first pass: every unit is read, checked, judged alone and put on disk, a few numbers of it into memory."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import accumulate
from pathlib import Path

from bilingual.bitext import TranslationUnit
from bilingual.checks import Evidence, check_units
from bilingual.corpus.fold import fold
from bilingual.corpus.near import NearIndex
from bilingual.corpus.rules import Rules, is_reviewed, reason_to_drop
from bilingual.corpus.spool import Extra, Spool
from bilingual.errors import InputError
from bilingual.formats import output_paths, read_units

__all__ = ["Collected", "Input", "collect", "count_reasons", "stated"]

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

    The hashes are Python's own, 64 bits with a key of the process: they are only compared with one another, and among
    5,000,000 rows two different texts have one hash with a probability below 1e-6.

    Attributes:
        spool: The units, checked.
        inputs: Where they come from; `input` holds places in it.
        reasons: Names of reasons; `reason` holds places in it, and place 0 is the empty text: kept.
        documents: Number of every document; `document` holds it by row.
        exact: Hash of both texts as they stand.
        folded: Hash of both texts folded; `source` and `target` that of one side.
        folds: Whether anything is asked that needs folded texts; without, their columns stay empty.
        near: Indexes of the source and of the target; empty when near duplicates are not asked for.
    """

    spool: Spool
    inputs: Sequence[Input]
    near: tuple[NearIndex, ...] = ()
    folds: bool = True
    reasons: list[str] = field(default_factory=lambda: [""])
    documents: dict[str, int] = field(default_factory=dict)
    reason_numbers: dict[str, int] = field(default_factory=lambda: {"": 0})
    reason: array[int] = field(default_factory=lambda: array("H"))
    document: array[int] = field(default_factory=lambda: array("i"))
    input: array[int] = field(default_factory=lambda: array("i"))
    reviewed: array[int] = field(default_factory=lambda: array("b"))
    confidence: array[float] = field(default_factory=lambda: array("f"))
    exact: array[int] = field(default_factory=lambda: array("q"))
    folded: array[int] = field(default_factory=lambda: array("q"))
    source: array[int] = field(default_factory=lambda: array("q"))
    target: array[int] = field(default_factory=lambda: array("q"))
    id: array[int] = field(default_factory=lambda: array("q"))

    def reason_number(self, name: str) -> int:
        """Give the place of a reason in `reasons`."""
        number = self.reason_numbers.get(name)
        if number is None:
            number = self.reason_numbers[name] = len(self.reasons)
            self.reasons.append(name)
        return number

    def extend(self, units: Sequence[TranslationUnit], rules: Rules, number: int) -> None:
        """Judge and add rows that come from the input of this number, column by column: that is faster than by row."""
        self.spool.extend(units)
        self.reason.extend([self.reason_number(reason_to_drop(unit, rules)) for unit in units])
        self.document.extend([self.documents.setdefault(unit.document, len(self.documents)) for unit in units])
        self.input.extend([number] * len(units))
        self.reviewed.extend(map(is_reviewed, units))
        # Known by construction is as good as certain.
        self.confidence.extend([1.0 if unit.confidence is None else unit.confidence for unit in units])
        self.exact.extend([hash((unit.source, unit.target)) for unit in units])
        self.id.extend([hash(unit.id) for unit in units])
        if not self.folds:
            return
        sources, targets = [fold(unit.source) for unit in units], [fold(unit.target) for unit in units]
        self.folded.extend(map(hash, zip(sources, targets, strict=True)))
        self.source.extend(map(hash, sources))
        self.target.extend(map(hash, targets))
        for index, texts in zip(self.near, (sources, targets), strict=False):
            for text in texts:
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

    def read(self, places: Iterable[int]) -> Iterator[TranslationUnit]:
        """Read units by their places, 0-based and ascending, with columns that say where they come from.

        What a unit says itself stays: a corpus can be built from corpora.
        """
        names = [("input", source.path.name) for source in self.inputs]
        firsts = list(accumulate((source.rows for source in self.inputs), initial=0))
        stated = [
            tuple([(key, value) for key in ("license", "attribution") if (value := getattr(source, key))])
            for source in self.inputs
        ]

        def origin(place: int, own: Extra) -> Extra:
            number = self.input[place]
            found = (names[number], ("input_row", str(place - firsts[number] + 1)), *stated[number])
            return tuple((dict(found) | {key: value for key, value in own if value}).items()) if own else found

        return self.spool.read(places, origin)

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
    rows = Collected(Spool(folder), inputs, near, folds)
    for number, source in enumerate(inputs):
        before = len(rows.spool)
        try:
            source.sha256 = _digest(source.path)
            for group in _groups(source):
                units = check_units(group, evidence) if rules.checks else group
                rows.extend(units, rules, number)
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
