r"""Tab-separated tables: UTF-8, LF, one header line, one unit a row, never quoted.

In a cell the backslash, tab, line feed, carriage return, all other control characters, U+2028, U+2029 and lone
surrogates stand escaped (`\\`, `\t`, `\n`, `\r`, `\u2028`), so that a row is one line for every tool. pandas reads such
a file with `read_csv(path, sep="\t", quoting=3)`.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError
from bilingual.formats.fields import COLUMNS, MAX_RECORD_BYTES, Seen, cells_of, unit_of, unit_of_pair

__all__ = ["escape_cell", "read_lines", "read_tsv", "unescape_cell", "write_tsv"]

_BLOCK_BYTES = 1 << 16

_SHORT = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LONG = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
_TO_ESCAPE = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(?:[\\tnr]|u[0-9a-fA-F]{4})")


def escape_cell(text: str) -> str:
    r"""Escape what would break a row.

    >>> print(escape_cell("a\tb\\c\u2028"))
    a\tb\\c\u2028
    """
    return _TO_ESCAPE.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", text)


def unescape_cell(cell: str) -> str:
    r"""Undo `escape_cell`; a backslash before anything else stands for itself.

    >>> unescape_cell(r"a\tb\\c\u2028\d")
    'a\tb\\c\u2028\\d'
    """
    return _ESCAPED.sub(lambda match: _LONG.get(match[0]) or chr(int(match[0][2:], 16)), cell)


def read_tsv(file: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """Read a table of units.

    With a header that names `source` and `target`, columns are read by name, in any order; columns of other names are
    kept in `extra`. Without one each line is source TAB target, taken literally, since other tools do not escape.

    Args:
        file: The open file.
        name: The path, for error messages; its last part is the document of rows that name none.

    Raises:
        InputError: With name and line: a row has another number of cells than the header, a cell does not hold what
            its column asks for, the file is not UTF-8, a line is longer than `MAX_RECORD_BYTES`.
    """
    header: list[str] | None = None
    rows, seen, document = 0, Seen(), os.path.basename(name)
    for line_number, line in read_lines(file, name):
        where = f"{name}:{line_number}"
        cells = line.split("\t")
        if line_number == 1 and {"source", "target"} <= set(cells):
            header = [unescape_cell(cell) for cell in cells]
            twice = next((cell for cell in header if header.count(cell) > 1), None)
            if twice is not None:
                raise InputError(f"{where}: the column {twice!r} stands twice in the header; rename one")
            continue
        if not line:
            continue
        rows += 1
        if header is not None:
            if len(cells) != len(header):
                raise InputError(
                    f"{where}: the header has {len(header)} cells, this row {len(cells)}; add or remove some, "
                    r"and write a tab inside of a text as \t"
                )
            if "\\" in line:
                cells = [unescape_cell(cell) for cell in cells]
            yield unit_of(dict(zip(header, cells, strict=True)), where, document, rows, seen)
        elif len(cells) == 2:
            yield unit_of_pair(cells[0], cells[1], document, rows, seen)
        else:
            raise InputError(
                f"{where}: the row should have 2 cells and has {len(cells)}; write source, tab, target, or put a "
                "header that names source, target and the other columns on top"
            )


def write_tsv(units: Iterable[TranslationUnit], file: BinaryIO) -> None:
    """Write units as a table; `extra` becomes further columns, in the order in which their names are met."""
    extra: dict[str, None] = {}
    # The header names every extra column, and the last unit may bring a new one: rows wait on disk, not in memory.
    with tempfile.TemporaryFile() as rows:
        for unit in units:
            values = dict(unit.extra)
            extra.update(dict.fromkeys(values))
            cells = cells_of(unit) + [values.get(name, "") for name in extra]
            rows.write(_row(cells))
        columns = len(COLUMNS) + len(extra)
        file.write(_row([*COLUMNS, *extra]))
        rows.seek(0)
        for row in rows:
            file.write(row[:-1] + b"\t" * (columns - 1 - row.count(b"\t")) + b"\n")


def _row(cells: list[str]) -> bytes:
    """Write a row; one search for all of its cells, since most need no escape."""
    if _TO_ESCAPE.search("".join(cells)):
        cells = [escape_cell(cell) for cell in cells]
    return ("\t".join(cells) + "\n").encode()


def read_lines(file: BinaryIO, name: str) -> Iterator[tuple[int, str]]:
    """Read the lines of a UTF-8 file, without their ends (LF or CRLF) and without a byte order mark.

    Yields:
        (line number, 1-based; text).

    Raises:
        InputError: A line is not UTF-8 or longer than `MAX_RECORD_BYTES`.
    """
    number, rest = 0, b""
    while block := file.read(_BLOCK_BYTES):
        lines, newline, rest = (rest + block).rpartition(b"\n")
        for text in _texts(lines, name, number + 1) if newline else ():
            number += 1
            yield number, text
        if len(rest) > MAX_RECORD_BYTES:
            raise _too_long(name, number + 1)
    for text in _texts(rest, name, number + 1) if rest else ():
        yield number + 1, text


def _texts(data: bytes, name: str, first: int) -> Iterator[str]:
    """Decode whole lines: together, which is faster, but one by one where one is wrong, to name it."""
    texts: list[str] = []
    if len(data) <= MAX_RECORD_BYTES:
        with suppress(UnicodeDecodeError):
            texts = data.decode("utf-8-sig" if first == 1 else "utf-8").split("\n")
    for text in texts:
        yield text.removesuffix("\r")
    for number, line in enumerate(() if texts else data.split(b"\n"), first):
        if len(line) > MAX_RECORD_BYTES:
            raise _too_long(name, number)
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{name}:{number}: byte {error.start + 1} is not UTF-8; save the file as UTF-8") from None
        yield text.removesuffix("\r")


def _too_long(name: str, number: int) -> InputError:
    return InputError(f"{name}:{number}: the line is longer than {MAX_RECORD_BYTES:,} bytes; divide it")
