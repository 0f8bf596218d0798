"""What an actor of the cluster does with a portion: read, work, write a part of the output, report."""

from __future__ import annotations

import json
import os
import pickle
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bilingual.batch.parts import document_digest, write_part
from bilingual.batch.portions import Portion, Source, read_portion
from bilingual.batch.task import Done, Opener
from bilingual.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Target", "Worker", "peak_bytes"]

KILLED = "It ended the worker twice and is set aside; the others are finished."
TWICE = "Another document of this corpus has the same name or id: give every document its own."


@dataclass(frozen=True, slots=True)
class Target:
    """Where the documents are and where the parts go: file systems of pyarrow, a folder, formats."""

    read_from: Any
    write_to: Any
    out: str
    to: tuple[str, ...]


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
                "size_bytes": source.size_bytes,
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
        digests = [document_digest(source.name) for source in sources if not source.error]
        states = iter(self._ask("begin", portion.number, digests))
        planned = [(source, "unreadable" if source.error else next(states)) for source in sources]
        together = iter(self._together([source for source, state in planned if state in ("first", "safe")]))
        found: list[tuple[Source, Done]] = []
        for source, state in planned:
            if state in ("first", "safe"):
                done = next(together)
            elif state == "alone":
                self._ask("alone", document_digest(source.name))
                done = self._alone(source)
                self._ask("survived", document_digest(source.name))
            else:
                reasons = {"refused": KILLED, "twice": TWICE, "unreadable": source.error}
                done = Done(source.name, error=reasons[state])
            found.append((source, done))
        units = [unit for _, done in found for unit in done.units]
        if units:
            names = [source.name for source in sources]
            write_part(self._target.write_to, self._target.out, self._target.to, names, units)
        return found

    def _together(self, sources: Sequence[Source]) -> list[Done]:
        """Work on documents together; where that raises, on each by itself."""
        try:
            by_name = {done.name: done for done in self._opened.work(sources)}
            return [by_name[source.name] for source in sources]
        except Exception:  # one document's fault must not be that of the others
            return [self._alone(source) for source in sources]

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
