"""`bilingual review`: what people decided on the page, back into the data."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli.options import Force
from bilingual.cli.terminal import say

if TYPE_CHECKING:
    from bilingual.review import Applied, Conflict, Decisions

__all__ = ["app"]

app = typer.Typer(name="review", no_args_is_help=True, help="Apply and merge the decisions that the page exports.")


@app.command()
def apply(
    decisions: Annotated[Path, typer.Argument(help="The file that Export on the page saved.")],
    files: Annotated[list[Path], typer.Argument(help="TSV, JSONL, TMX, XLIFF or XLSX files of the same document.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The result of a single file.")] = None,
    memory: Annotated[
        Path | None, typer.Option(help="A translation memory that takes what was accepted or edited.")
    ] = None,
    force: Force = False,
) -> None:
    """Write decisions into files; each result stands beside its file as STEM.reviewed.EXT.

    A decision whose source has changed is listed and not applied, and so is one about a translation that is no longer
    there, unless it is an edit. Exit code 1 when anything was not applied.

    Example: bilingual review apply article.decisions.json article.zh-en.tsv
    """
    from bilingual.errors import InputError
    from bilingual.formats import format_of, read_units, write_units
    from bilingual.memory import open_memory
    from bilingual.review import apply_decisions

    if output and len(files) > 1:
        raise InputError("-o names one result, but there are several files: leave it out or give one file.")
    read = _read(decisions)
    outputs = [output or file.with_name(f"{file.stem}.reviewed{file.suffix}") for file in files]
    _check(files, outputs, [decisions], force)
    store = open_memory(memory) if memory else None
    complete = not read.conflicts
    stored = 0
    for file, result in zip(files, outputs, strict=True):
        applied = apply_decisions(list(read_units(file)), read.decisions)
        write_units(applied.units, result, format_of(result).name)
        _report(file, result, applied)
        complete = complete and not applied.stale
        if store is not None:
            stored += store.add_units(applied.units, applied.confirmed)
    if store is not None:
        say(f"{memory}: {stored} new {'pair' if stored == 1 else 'pairs'}, {store.count()} in all.")
        store.close()
    _list_conflicts(read.conflicts)
    if not complete:
        raise typer.Exit(1)


@app.command()
def merge(
    first: Annotated[Path, typer.Argument(help="Decisions of one reviewer.")],
    second: Annotated[Path, typer.Argument(help="Decisions of another, about the same document.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The merged decisions file.")],
    prefer: Annotated[str, typer.Option(help="Where they conflict take the 'first' or the 'second'.")] = "",
    force: Force = False,
) -> None:
    """Merge the decisions of two reviewers; what they decided differently is listed and left open (exit code 1).

    Example: bilingual review merge anna.decisions.json bo.decisions.json -o both.decisions.json
    """
    from bilingual.errors import InputError
    from bilingual.formats import write_atomically
    from bilingual.review import Decisions, merge_decisions, write_decisions

    if prefer not in ("", "first", "second"):
        raise InputError(f"--prefer takes 'first' or 'second', not {prefer!r}.")
    _check([first, second], [output], [], force)
    a, b = _read(first), _read(second)
    if a.document != b.document:
        raise InputError(
            f"{first} is about {a.document!r}, {second} about {b.document!r}: merge those of one document."
        )
    merged = merge_decisions(a.decisions, b.decisions, prefer)  # type: ignore[arg-type]  # verified above
    conflicts = (*a.conflicts, *b.conflicts, *merged.conflicts)
    result = Decisions(a.document, merged.decisions, conflicts)
    write_atomically(output, lambda file: write_decisions(result, file))
    say(f"{output}: {len(merged.decisions)} decisions of {len(a.decisions)} and {len(b.decisions)}.")
    _list_conflicts(conflicts)
    if conflicts:
        raise typer.Exit(1)


def _read(path: Path) -> Decisions:
    from bilingual.errors import InputError
    from bilingual.review import read_decisions

    try:
        with path.open("rb") as file:
            return read_decisions(file, str(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _check(inputs: Iterable[Path], outputs: list[Path], others: Iterable[Path], force: bool) -> None:
    """Refuse, before any work, to overwrite an input or a file that may hold a person's work."""
    from bilingual.errors import OutputError

    taken = {path.resolve() for path in (*inputs, *others)}
    for path in outputs:
        if path.resolve() in taken:
            raise OutputError(f"{path} is an input and would be overwritten: choose another output with -o.")
        if path.exists() and not force:
            raise OutputError(f"{path} exists and may hold your work: add --force to replace it, or choose -o.")
        taken.add(path.resolve())


def _report(file: Path, result: Path, applied: Applied) -> None:
    repeated = f", {applied.unchanged} stood already" if applied.unchanged else ""
    say(f"{result}: {applied.applied} applied{repeated}, {len(applied.stale)} stale.")
    for stale in applied.stale:
        say(f"  not applied to {file}: {stale.decision}: {stale.reason}")


def _list_conflicts(conflicts: Iterable[Conflict]) -> None:
    for conflict in conflicts:
        say(f"  conflict: {conflict.first}: {conflict.reason}")
        for name, decision in (("first", conflict.first), ("second", conflict.second)):
            for piece in decision.becomes:
                say(f"    {name}: {piece.status or 'no status'}: {piece.target}")
