"""How far a long run is: documents, sentences per second, issues so far, time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from bilingual.cli.terminal import say

__all__ = ["Tally", "live_tally", "minutes"]

_SAY_EVERY_S = 60.0
"""Between two lines where there is no terminal: a log of a night stays readable."""


@dataclass(slots=True)
class Tally:
    """What is through so far.

    The time left comes from the bytes of the inputs: their number is known from the file sizes before anything is
    read, and it goes with the number of sentences, which the number of documents does not.

    Attributes:
        bytes_total: Of all inputs; 0 when not known.
        documents_total: None when not known.
        begin_s: Of `time.monotonic`.
    """

    bytes_total: int
    documents_total: int | None = None
    begin_s: float = field(default_factory=time.monotonic)
    documents: int = 0
    failed: int = 0
    sentences: int = 0
    errors: int = 0
    warnings: int = 0
    bytes_through: int = 0
    bytes_translated: int = 0

    def add(
        self,
        size_bytes: int,
        sentences: int = 0,
        severities: Mapping[str, int] | None = None,
        *,
        failed: bool = False,
        before: bool = False,
    ) -> None:
        """Count one document; one that was `before` says nothing about the speed."""
        self.documents += 1
        self.failed += failed
        self.bytes_through += size_bytes
        self.errors += (severities or {}).get("error", 0)
        self.warnings += (severities or {}).get("warning", 0)
        if not before:
            self.sentences += sentences
            self.bytes_translated += size_bytes

    def line(self, now_s: float) -> str:
        """Say it on one line, at a time of `time.monotonic`."""
        of = f" of {self.documents_total:,}" if self.documents_total is not None else ""
        parts = [f"{self.documents:,}{of} documents"]
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        seconds = max(now_s - self.begin_s, 1e-3)
        parts.append(f"{self.sentences / seconds:.1f} sentences/s")
        parts.append(f"{self.errors:,} errors, {self.warnings:,} warnings")
        left = self.bytes_total - self.bytes_through
        if left > 0 and self.bytes_translated:
            parts.append(f"{minutes(left * seconds / self.bytes_translated)} left")
        return ", ".join(parts)


def minutes(seconds: float) -> str:
    """Say a time as precisely as a guess deserves.

    >>> [minutes(s) for s in (40, 100, 3000, 9000)]
    ['40 s', '2 min', '50 min', '2 h 30 min']
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    whole = round(seconds / 60)
    return f"{whole} min" if whole < 60 else f"{whole // 60} h {whole % 60:02} min"


@contextmanager
def live_tally(label: str, tally: Tally) -> Iterator[Callable[[], None]]:
    """Show a tally on standard error: a bar on a terminal, elsewhere a line every minute.

    Yields:
        A function to call after the tally has grown.
    """
    if not sys.stderr.isatty():
        last_s = tally.begin_s

        def said() -> None:
            nonlocal last_s
            now_s = time.monotonic()
            if now_s - last_s >= _SAY_EVERY_S:
                last_s = now_s
                say(tally.line(now_s))

        yield said
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.text import Text

    class Line(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(tally.line(time.monotonic()))

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), Line())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(label, total=tally.bytes_total or None)
        yield lambda: progress.update(bar, completed=tally.bytes_through)
