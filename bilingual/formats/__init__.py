"""Translation units in files, one module a format, reader and writer side by side.

All readers and writers take binary files, so that text formats, XML and zip archives are opened alike:

    read_FORMAT(file, name) -> Iterator[TranslationUnit]      # streams; `name` is the path, for messages
    write_FORMAT(units, file) -> None                         # streams

`FORMATS` lists them by the name that `--to` takes. `read_units` opens a path by its extension, `write_units` writes
one whole or not at all. What a reader or writer had to change (characters that XML cannot hold, inline tags) it says
once, as a warning of `logging`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError
from bilingual.formats.atomic import write_atomically
from bilingual.formats.docx import read_docx_table, write_docx_below, write_docx_table
from bilingual.formats.jsonl import read_jsonl, write_jsonl
from bilingual.formats.moses import PARTS, read_moses, write_moses
from bilingual.formats.parquet import read_parquet, write_parquet
from bilingual.formats.tmx import read_tmx, write_tmx
from bilingual.formats.tsv import read_tsv, write_tsv
from bilingual.formats.xliff import read_xliff, write_xliff
from bilingual.formats.xlsx import read_xlsx, write_xlsx

__all__ = ["FORMATS", "Format", "format_of", "output_paths", "read_units", "write_atomically", "write_units"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format that units are stored in.

    Attributes:
        name: What `--to` takes.
        extensions: File name endings with the dot, in lower case; the first one is written.
        read: `read(file, name)`, for a format of several files `read(file, file, name)`; None when it is only written.
        write: `write(units, file)`, for a format of several files `write(units, file, file)`.
        description: One line for `--help`.
        parts: The endings of a format of several files, as in `corpus.zh` and `corpus.en`; otherwise empty.
    """

    name: str
    extensions: tuple[str, ...]
    read: Callable[..., Iterator[TranslationUnit]] | None
    write: Callable[..., None]
    description: str
    parts: tuple[str, ...] = ()

    @property
    def extension(self) -> str:
        """What a new file's name ends in; a format of several files adds its parts to the stem."""
        return self.extensions[0] if self.extensions else ""


FORMATS = {
    format.name: format
    for format in (
        Format("tsv", (".tsv", ".tab"), read_tsv, write_tsv, "a table: tab-separated, one unit a row"),
        Format("jsonl", (".jsonl", ".ndjson"), read_jsonl, write_jsonl, "every field: one JSON object a line"),
        Format("tmx", (".tmx",), read_tmx, write_tmx, "translation memory exchange 1.4b"),
        Format("xliff", (".xlf", ".xliff"), read_xliff, write_xliff, "XLIFF 2.1; 1.2 is read too"),
        Format("xlsx", (".xlsx",), read_xlsx, write_xlsx, "a workbook, one sheet a document"),
        Format("docx", (".docx",), read_docx_table, write_docx_table, "a Word table of two columns"),
        Format("docx-below", (".docx",), None, write_docx_below, "a Word text, each paragraph below its original"),
        Format("moses", (), read_moses, write_moses, "two plain files, STEM.zh and STEM.en", PARTS),
        Format("parquet", (".parquet",), read_parquet, write_parquet, "typed columns; needs pyarrow"),
    )
}


def format_of(path: Path) -> Format:
    """Find the format by the path's extension.

    Raises:
        InputError: No format has this extension.
    """
    ending = path.suffix.lower()
    for format in FORMATS.values():
        if ending in format.extensions + format.parts:
            return format
    known = dict.fromkeys(ending for format in FORMATS.values() for ending in format.extensions + format.parts)
    raise InputError(f"{path}: the ending {ending!r} is no format of translation units; known are {' '.join(known)}")


def output_paths(path: Path, name: str) -> list[Path]:
    """Name the files that `write_units(units, path, name)` makes: one, or one for each part of the format."""
    parts = FORMATS[name].parts
    if not parts:
        return [path]
    stem = path.with_suffix("") if path.suffix in (*parts, f".{name}") else path
    return [stem.with_name(stem.name + part) for part in parts]


def read_units(path: Path, name: str | None = None) -> Iterator[TranslationUnit]:
    """Read the units of a file, in the format called `name`, or else the one that its extension says.

    Raises:
        InputError: No such file, an unknown format, a bad line ("path:line: ..."), or no unit at all.
    """
    format = FORMATS[name] if name else format_of(path)
    if format.read is None:
        raise InputError(f"{path}: {format.name} files are only written; choose another format with --from")
    count = 0
    try:
        with ExitStack() as stack:
            files: list[BinaryIO] = [stack.enter_context(part.open("rb")) for part in output_paths(path, format.name)]
            for unit in format.read(*files, str(path)):
                count += 1
                yield unit
    except FileNotFoundError as error:
        raise InputError(f"{error.filename}: no such file; check the name") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder; name a file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}; check who may read it") from error
    if not count:
        raise InputError(f"{path}: holds no translation unit (it is empty, or a header alone); name another file")


def write_units(units: Iterable[TranslationUnit], path: Path, name: str) -> None:
    """Write units to a file in the format called `name`, whole or not at all.

    Raises:
        OutputError: The file cannot be written, or the format cannot hold a unit.
    """
    write = FORMATS[name].write
    paths = output_paths(path, name)
    if len(paths) == 1:
        write_atomically(paths[0], lambda file: write(units, file))
    else:
        first, second = paths
        write_atomically(first, lambda file: write_atomically(second, lambda other: write(units, file, other)))
