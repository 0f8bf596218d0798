"""What an actor of the cluster does with a portion, and how documents that kill actors are found.

An actor that dies takes its portion with it, and Ray starts another that gets the portion again. A `Ledger`, which
outlives the actors, has noted what was being worked on: then every document is tried by itself, and the one that ends
an actor once more is refused, by name. The others lose nothing and are written once, because a part appears whole and
a repetition has the same file name.
"""

from __future__ import annotations

import json
import os
import pickle
import platform
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from bilingual.batch.parts import document_digest, write_part
from bilingual.batch.reuse import Reuse, ReusingTranslator
from bilingual.batch.sources import Portion, Source, read_portion
from bilingual.bitext import Document, TranslationUnit
from bilingual.errors import BilingualError, ModelError
from bilingual.pipeline import Options, load_document, translate_documents
from bilingual.protocols import Translator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Done", "Ledger", "Opened", "Opener", "State", "Target", "Work", "Worker", "translating"]

State = Literal["first", "alone", "safe", "refused", "twice"]
"""What to do with a document: translate it with others; by itself; with others that are known to be harmless; not at
all, because it ended two actors; not at all, because its name is that of a document elsewhere."""

KILLED = "It ended the worker twice and is set aside; the others are finished."
TWICE = "Another document of this corpus has the same name or id: give every document its own."


@dataclass(frozen=True, slots=True)
class Done:
    """One document after the work: its units, or the reason why there are none."""

    name: str
    units: tuple[TranslationUnit, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""


Work = Callable[[Sequence[Source]], Iterator[Done]]
"""Does the work on some documents; an error of a document is its own, any other exception that of all."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What an actor loads once: the work, what decides its results, and how often segments were known."""

    work: Work
    signature: str
    reuse: Reuse = field(default_factory=Reuse)


Opener = Callable[[], Opened]
"""Loads the model; a function that can be pickled, since it runs in the actors."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the documents are and where the parts go: file systems of pyarrow, a folder, formats."""

    read_from: Any
    write_to: Any
    out: str
    to: tuple[str, ...]


def translating(translator: Translator, options: Options, signature: str, reading: dict[str, Any]) -> Opened:
    """Make the work of translating: the pipeline of every other command, with identical segments decoded once.

    Args:
        translator: The engine.
        options: How it searches, and what is checked.
        signature: What decides the results.
        reading: Keywords of `load_document`.
    """
    reusing = ReusingTranslator(translator)

    def work(sources: Sequence[Source]) -> Iterator[Done]:
        documents: list[Document] = []
        for source in sources:
            try:
                documents.append(_load(source, reading))
            except BilingualError as error:
                yield Done(source.name, error=str(error))
        for document, translated in zip(
            documents, translate_documents(documents, reusing, options=options), strict=True
        ):
            yield Done(document.name, translated.units, document.notes)

    return Opened(work, signature, reusing.reuse)


def _load(source: Source, reading: dict[str, Any]) -> Document:
    """Read one document; what stands in a table is plain text, even where its id ends in .html."""
    (data,) = source.contents
    if not source.table:
        return load_document(None, data, name=source.name, **reading)
    document = load_document(None, data, name=f"{source.name}.txt", **(reading | {"encoding": "utf-8"}))
    return replace(document, name=source.name)


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


class Worker:
    """An actor: loads the model once, then takes portion after portion."""

    def __init__(self, opener: Opener, signature: str, target: Target, ledger: Any, done: Any) -> None:
        """Load the model.

        Args:
            opener: Loads it.
            signature: What the machine that hands out the work has.
            target: Where documents come from and parts go.
            ledger: The handle of the run's `Ledger`.
            done: Reference to the digests of finished documents, sorted: uint64 [n_documents].

        Raises:
            ModelError: The model or a version here is not that of the machine that hands out the work.
        """
        import ray

        self._opened = opener()
        if self._opened.signature != signature:
            raise ModelError(
                f"{platform.node()} would translate otherwise: it has {self._opened.signature}, the run has "
                f"{signature}. Install the same versions everywhere."
            )
        self._target = target
        self._ledger = ledger
        self._done: NDArray[np.uint64] = ray.get(done)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[bytes]]:
        """Work on one portion: column `portion`, pickled. Gives a column `report`, JSON."""
        begin, before = time.monotonic(), replace(self._opened.reuse)
        portion: Portion = pickle.loads(batch["portion"][0])
        documents = [
            {
                "name": source.name,
                "bytes": source.size_bytes,
                "error": done.error,
                "notes": done.notes,
                "segments": len(done.units),
                "severities": Counter(issue.severity for unit in done.units for issue in unit.issues),
            }
            for source, done in self._finish(portion)
        ]
        report = {
            "portion": portion.number,
            "portion_bytes": portion.size_bytes,
            "documents": documents,
            "seconds": time.monotonic() - begin,
            "actor": f"{platform.node()}:{os.getpid()}",
            "peak_bytes": peak_bytes(),
            "asked": self._opened.reuse.asked - before.asked,
            "known": self._opened.reuse.known - before.known,
        }
        return {"report": [json.dumps(report).encode()]}

    def _finish(self, portion: Portion) -> list[tuple[Source, Done]]:
        """Read, translate and write the documents of a portion that are not done yet."""
        if not self._ask("enter", portion.number):
            name = portion.path or portion.files[0][0]
            return [(Source(name), Done(name, error=f"It cannot be read from byte or row {portion.start}: {KILLED}"))]
        read = read_portion(self._target.read_from, portion)
        sources = _each_once(source for source in read if source.error or not self._is_done(source.name))
        readable = [source for source in sources if not source.error]
        found: list[tuple[Source, Done]] = [(s, Done(s.name, error=s.error)) for s in sources if s.error]
        states = self._ask("begin", portion.number, [document_digest(source.name) for source in readable])
        together = [s for s, state in zip(readable, states, strict=True) if state in ("first", "safe")]
        alone = [s for s, state in zip(readable, states, strict=True) if state == "alone"]
        reasons = {"refused": KILLED, "twice": TWICE}
        found += [
            (source, Done(source.name, error=reasons[state]))
            for source, state in zip(readable, states, strict=True)
            if state in reasons
        ]
        found += self._together(together)
        for source in alone:
            digest = document_digest(source.name)
            self._ask("alone", digest)
            found.append((source, self._alone(source)))
            self._ask("survived", digest)
        order = {id(source): number for number, source in enumerate(sources)}
        found.sort(key=lambda pair: order[id(pair[0])])
        units = [unit for _, done in found for unit in done.units]
        if units:
            names = [source.name for source in sources]
            write_part(self._target.write_to, self._target.out, self._target.to, names, units)
        return found

    def _together(self, sources: Sequence[Source]) -> list[tuple[Source, Done]]:
        """Work on documents together; where that raises, on each by itself."""
        try:
            by_name = {done.name: done for done in self._opened.work(sources)}
            return [(source, by_name[source.name]) for source in sources]
        except Exception:  # one document's fault must not be that of the others
            return [(source, self._alone(source)) for source in sources]

    def _alone(self, source: Source) -> Done:
        try:
            (done,) = self._opened.work([source])
            return done
        except Exception as error:  # named at the end of the run, like every document that failed
            return Done(source.name, error=f"{type(error).__name__}: {error}")

    def _is_done(self, name: str) -> bool:
        digest = self._done.dtype.type(document_digest(name))
        place = int(self._done.searchsorted(digest))
        return place < len(self._done) and bool(self._done[place] == digest)

    def _ask(self, method: str, *arguments: Any) -> Any:
        """Ask the ledger and wait for its answer."""
        import ray

        return ray.get(getattr(self._ledger, method).remote(*arguments))


def _each_once(sources: Iterable[Source]) -> list[Source]:
    """Make errors of documents that come with the name of one before."""
    names: set[str] = set()
    found = []
    for source in sources:
        found.append(Source(source.name, error=source.error or TWICE) if source.name in names else source)
        names.add(source.name)
    return found


def peak_bytes() -> int:
    """Give the most memory that this process has held; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
