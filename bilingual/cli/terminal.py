"""What the commands say (standard error) and what they give (standard output), and the progress bar.

Data leave as UTF-8 whatever the locale; on a terminal the control characters of texts and file names are shown
escaped, so that no file can drive the screen.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

__all__ = ["escaped", "progress_bar", "read_stdin", "say", "write_stdout"]


def escaped(text: str, keep: str = "") -> str:
    r"""Show control and format characters as escapes, except those in `keep`.

    >>> escaped("a\x1b[31m\u202eb\n", keep="\n")
    'a\\x1b[31m\\u202eb\n'
    """
    return "".join(
        c if c in keep or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else c.encode("unicode_escape").decode()
        for c in text
    )


def say(message: str) -> None:
    """Print a sentence for people on standard error."""
    text = escaped(message, keep="\n")
    encoding = sys.stderr.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr, flush=True)


def read_stdin() -> bytes:
    """Read all of standard input."""
    return sys.stdin.buffer.read()


def write_stdout(data: bytes) -> None:
    """Write data to standard output; a reader that has closed it (`| head`) ends the program without an error."""
    if sys.stdout.isatty():
        data = escaped(data.decode("utf-8", "replace"), keep="\n\t").encode("utf-8")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at exit; give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


@contextmanager
def progress_bar(label: str, total: int | None, *, unit: str = "sentences") -> Iterator[Callable[[int], None]]:
    """Show a bar with rate and remaining time on standard error, on a terminal only.

    Args:
        label: What is being done.
        total: Units of work, or None when it is not known.
        unit: What is counted.

    Yields:
        A function that takes the units just finished.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total, rate="")

        def advance(done: int) -> None:
            progress.advance(task, done)
            speed = progress.tasks[task].speed
            progress.update(task, rate=f"{speed:.1f}/s" if speed else "")

        yield advance
