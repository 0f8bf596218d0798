"""A portion of a corpus and how its documents are read: files, lines of JSONL, rows of Parquet.

A portion says where its documents are; they are read where they are translated. So neither the machine that hands out
the work nor Ray's object store ever holds a text, and a document that is too large is refused before it is in memory.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["MAX_DOCUMENT_BYTES", "Portion", "Source", "read_portion"]

MAX_DOCUMENT_BYTES = 10_000_000
"""Larger documents are refused: one of this size, 88,000 sentences, takes 760 MB to translate (measured). A long novel
in UTF-8 has 3 MB."""
_ROWS_AT_ONCE = 32
_MAX_LINE = 2 * MAX_DOCUMENT_BYTES  # a Chinese character takes 3 bytes in a text and 6 in a JSON escape


@dataclass(frozen=True, slots=True)
class Source:
    """One document to translate, or (two contents) one pair to align.

    Attributes:
        name: Relative to the input's root, or the id in its table.
        contents: Bytes of its file or files; empty when there is an error.
        paths: Of these files; empty for a table.
        size_bytes: Of its text.
        error: Why it cannot be had; otherwise empty.
    """

    name: str
    contents: tuple[bytes, ...] = ()
    paths: tuple[str, ...] = ()
    size_bytes: int = 0
    error: str = ""

    @property
    def table(self) -> bool:
        """Whether it comes from a table: then its text is plain text, whatever its id looks like."""
        return not self.paths


@dataclass(frozen=True, slots=True)
class Portion:
    """Some documents of a corpus: `files`, or rows or bytes `start` to `end` of the table `path`.

    Attributes:
        number: 0-based.
        size_bytes: About how much text it holds.
        files: Name and the paths of each document.
        path: The table.
        row_group: Of a Parquet file, 0-based; None for JSONL.
        start: First row in the row group, or first byte; a line of JSONL belongs to the portion it begins in.
        end: After the last.
    """

    number: int
    size_bytes: int
    files: tuple[tuple[str, tuple[str, ...]], ...] = ()
    path: str = ""
    row_group: int | None = None
    start: int = 0
    end: int = 0


def read_portion(filesystem: Any, portion: Portion) -> Iterator[Source]:
    """Read the documents of a portion, one at a time."""
    if portion.files:
        for name, paths in portion.files:
            yield _read_files(filesystem, name, paths)
    elif portion.row_group is None:
        yield from _read_lines(filesystem, portion)
    else:
        yield from _read_rows(filesystem, portion)


def _read_files(filesystem: Any, name: str, paths: Sequence[str]) -> Source:
    contents = []
    for path in paths:
        try:
            size = filesystem.get_file_info(path).size or 0
            if size > MAX_DOCUMENT_BYTES:
                return _too_large(name, size)
            with filesystem.open_input_stream(path) as file:
                contents.append(file.read())
        except OSError as error:
            return Source(name, error=f"It cannot be read ({error.strerror or error}).")
    return Source(name, tuple(contents), tuple(paths), sum(map(len, contents)))


def _read_lines(filesystem: Any, portion: Portion) -> Iterator[Source]:
    """Read the lines of JSONL that begin in the portion."""
    with io.BufferedReader(filesystem.open_input_file(portion.path), 1 << 16) as file:
        place = portion.start
        if place:
            # The end of the line before, or its middle: that line is another portion's, and so may be all of this one.
            file.seek(place - 1)
            place += len(file.readline(portion.end - place + 1)) - 1
        while place < portion.end:
            line, length = _line(file)
            if not length:
                return
            if line.strip():
                yield _source_of_line(line, length, f"{portion.path}: byte {place}")
            place += length


def _line(file: io.BufferedReader) -> tuple[bytes, int]:
    """Read one line and its length; of one that is longer than `_MAX_LINE` only so much, the rest is passed over."""
    line = file.readline(_MAX_LINE)
    length = len(line)
    if length == _MAX_LINE and not line.endswith(b"\n"):
        while more := file.readline(_MAX_LINE):
            length += len(more)
            if more.endswith(b"\n"):
                break
    return line, length


def _source_of_line(line: bytes, length: int, where: str) -> Source:
    """Make a document of one line of JSONL; one that is none has its place for a name."""
    if length > len(line):
        head = re.search(rb'"id"\s*:\s*"([^"\\]*)"', line[:10_000])
        return _too_large(head[1].decode("utf-8", "replace") if head else where, length)
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Source(where, error=f"It is not JSON: {error}.")
    if not isinstance(record, dict) or not isinstance(record.get("id"), str | int):
        return Source(where, error="It holds no object with an id.")
    return _source_of_text(str(record["id"]), record.get("text"))


def _source_of_text(name: str, text: object) -> Source:
    if not isinstance(text, str):
        return Source(name, error="It has no text.")
    data = text.encode("utf-8", "surrogatepass")
    return Source(name, (data,), (), len(data)) if len(data) <= MAX_DOCUMENT_BYTES else _too_large(name, len(data))


def _read_rows(filesystem: Any, portion: Portion) -> Iterator[Source]:
    """Read some rows of a row group; the rows before them are decoded and let go."""
    from pyarrow import compute, parquet

    with filesystem.open_input_file(portion.path) as file:
        row = 0
        table = parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)
        for batch in table.iter_batches(_ROWS_AT_ONCE, row_groups=[portion.row_group], columns=["id", "text"]):
            first, row = row, row + len(batch)
            if row <= portion.start:
                continue
            lengths = compute.binary_length(batch.column("text")).to_pylist()
            for place in range(max(0, portion.start - first), min(len(batch), portion.end - first)):
                id_, size = batch.column("id")[place].as_py(), lengths[place] or 0
                name = str(id_) if id_ is not None else f"{portion.path}: row {portion.row_group}.{first + place}"
                if id_ is None:
                    yield Source(name, error="It has no id.")
                elif size > MAX_DOCUMENT_BYTES:
                    yield _too_large(name, size)
                else:
                    yield _source_of_text(name, batch.column("text")[place].as_py())
            if row >= portion.end:
                return


def _too_large(name: str, size: int) -> Source:
    most = MAX_DOCUMENT_BYTES // 1_000_000
    return Source(name, size_bytes=size, error=f"It has {size / 1e6:.0f} MB of text, over {most} MB: divide it.")
