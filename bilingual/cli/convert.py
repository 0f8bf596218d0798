"""`bilingual convert`: translation units from one format into another."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli.options import Force
from bilingual.cli.terminal import progress_bar, read_stdin, say, write_stdout
from bilingual.errors import InputError, OutputError

if TYPE_CHECKING:
    from bilingual.bitext import TranslationUnit

__all__ = ["convert", "known_format", "units_of"]


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A file of translation units; - is standard input.")],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write; - is standard output.")],
    read_as: Annotated[str | None, typer.Option("--from", help="Format of IN, when its ending does not say.")] = None,
    write_as: Annotated[str | None, typer.Option("--to", help="Format of OUT, when its ending does not say.")] = None,
    force: Force = False,
) -> None:
    """Convert translation units between TSV, JSONL, TMX, XLIFF, XLSX, DOCX tables, Moses pairs and Parquet.

    Example: bilingual convert memory.tmx memory.tsv
    """
    from bilingual.formats import format_of, output_paths, write_units

    read_as = known_format(read_as) or ("" if str(source) == "-" else format_of(source).name)
    write_as = known_format(write_as) or ("" if str(output) == "-" else format_of(output).name)
    if not read_as:
        raise InputError("Standard input has no ending: name its format with --from.")
    if not write_as:
        raise InputError("Standard output has no ending: name its format with --to.")
    count = 0

    def counted(units: Iterable[TranslationUnit]) -> Iterator[TranslationUnit]:
        nonlocal count
        with progress_bar("Converting", None, unit="units") as advance:
            for unit in units:
                yield unit
                count += 1
                if count % 1000 == 0:
                    advance(1000)

    if str(output) == "-":
        write_stdout(_bytes_of(counted(units_of(source, read_as)), write_as))
        return
    written = output_paths(output, write_as)
    inputs = {path.resolve() for path in output_paths(source, read_as)}
    for path in written:
        if path.resolve() in inputs:
            raise OutputError(f"{path} is the input and would be overwritten: choose another output.")
        if path.exists() and not force:
            raise OutputError(f"{path} exists and may hold your work: add --force to replace it, or choose another.")
    write_units(counted(units_of(source, read_as)), output, write_as)
    say(f"{source} → {' and '.join(map(str, written))}: {count:,} units")


def known_format(name: str | None) -> str | None:
    """Hold the name of a format against those that there are."""
    from bilingual.formats import FORMATS

    if name is not None and name not in FORMATS:
        raise InputError(f"There is no format {name!r}; there are {', '.join(FORMATS)}.")
    return name


def units_of(source: Path, name: str) -> Iterator[TranslationUnit]:
    """Read a file, or standard input whole, since archives are read from their end."""
    from bilingual.formats import FORMATS, read_units

    if str(source) != "-":
        return read_units(source, name)
    format = FORMATS[name]
    if format.read is None or format.parts:
        raise InputError(f"{name} cannot be read from standard input: name a file.")
    units = iter(format.read(io.BytesIO(read_stdin()), "stdin"))
    first = next(units, None)
    if first is None:
        raise InputError("Standard input holds no translation unit (it is empty, or a header alone): pipe a table in.")
    return chain([first], units)


def _bytes_of(units: Iterable[TranslationUnit], name: str) -> bytes:
    """Write units to memory."""
    from bilingual.formats import FORMATS

    if FORMATS[name].parts:
        raise InputError(f"{name} consists of several files and cannot go to standard output: name a file.")
    file = io.BytesIO()
    FORMATS[name].write(units, file)
    return file.getvalue()
