"""Documents of a corpus, wherever it lies, in portions: a directory, or tables of (id, text), JSONL or Parquet.

A portion says where its documents are; they are read where they are translated. So neither the machine that hands out
the work nor Ray's object store ever holds a text, and a document that is too large is refused before it is in memory.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from bilingual.batch.plan import place_of, plan_batch
from bilingual.errors import InputError, ModelError
from bilingual.reading import READERS

__all__ = ["MAX_DOCUMENT_BYTES", "Portion", "Source", "Sources", "find_sources", "open_place", "read_portion"]

MAX_DOCUMENT_BYTES = 10_000_000
"""Larger documents are refused: one of this size, 88,000 sentences, takes 760 MB to translate (measured). A long novel
in UTF-8 has 3 MB."""
LARGEST_PORTION, SMALLEST_PORTION = 1_000_000, 64_000
"""Bytes of text in a portion: what a killed actor loses, and one file of the output. 1 MB is 8,800 sentences; in
smaller portions than 64 kB the engine finds too few sentences of like length."""
_PORTIONS_PER_ACTOR = 12
"""So that no actor waits long for the last one at the end."""
_TABLES = (".parquet", ".jsonl", ".ndjson")
_ROWS_AT_ONCE = 32
_MAX_LINE = 2 * MAX_DOCUMENT_BYTES  # a Chinese character takes 3 bytes in a text and 6 in a JSON escape


@dataclass(frozen=True, slots=True)
class Source:
    """One document to translate, or (two contents) one pair to align.

    Attributes:
        name: Relative to the input's root, or the id in its table.
        contents: Bytes of its file or files; empty when there is an error.
        table: Whether it comes from a table: its text is plain text, whatever its id looks like.
        size_bytes: Of its text.
        error: Why it cannot be had; otherwise empty.
    """

    name: str
    contents: tuple[bytes, ...] = ()
    table: bool = False
    size_bytes: int = 0
    error: str = ""


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


@dataclass(frozen=True, slots=True)
class Sources:
    """All documents of a corpus.

    Attributes:
        filesystem: A `pyarrow.fs.FileSystem`.
        portions: What to read.
        documents: How many there are, where that is known before reading.
        others: Files of kinds that are not read.
    """

    filesystem: Any
    portions: tuple[Portion, ...]
    documents: int | None
    others: int


def open_place(place: str) -> tuple[Any, str]:
    """Open the file system of a local path or a URI (s3://, gs://, hdfs://, or any that fsspec knows).

    Returns:
        A `pyarrow.fs.FileSystem` and the path in it.

    Raises:
        InputError: No file system is for this URI.
        ModelError: pyarrow is not installed.
    """
    try:
        from pyarrow import fs
    except ImportError:
        raise ModelError("This needs pyarrow: pip install 'bilingual[ray]'") from None
    if "://" not in place:
        return fs.LocalFileSystem(), os.path.abspath(place)
    try:
        return fs.FileSystem.from_uri(place)  # type: ignore[no-any-return]
    except (ValueError, OSError):
        pass  # fsspec knows more
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]

        filesystem, path = url_to_fs(place)
    except (ImportError, ValueError, OSError) as error:
        raise InputError(f"{place}: no file system is for it ({error}).") from error
    return fs.PyFileSystem(fs.FSSpecHandler(filesystem)), path


def find_sources(place: str, out: str, actors: int, skip: frozenset[str] = frozenset()) -> Sources:
    """Find the documents of a corpus and share them out.

    Args:
        place: A directory of documents, or of tables, or a table (`.jsonl`, `.ndjson`, `.parquet`): path or URI.
        out: The output folder, which may lie in the directory.
        actors: How many will work on it.
        skip: Names of documents that are done; for a directory they are left out here.

    Raises:
        InputError: There is nothing to read, or a table has no column `id` or `text`.
    """
    from pyarrow import fs

    filesystem, path = open_place(place)
    info = filesystem.get_file_info(path)
    if info.type == fs.FileType.NotFound:
        raise InputError(f"{place} does not exist.")
    if info.is_file:
        if not path.lower().endswith(_TABLES):
            raise InputError(f"{place} is a file, but no table of documents ({' '.join(_TABLES)}).")
        return Sources(filesystem, _numbered(_table_portions(filesystem, [path], actors)), None, 0)
    files, others = _documents(filesystem, place, path, out)
    if files:
        fresh = [file for file in files if file[0] not in skip]
        return Sources(filesystem, _numbered(_file_portions(fresh, actors)), len(files), others)
    tables = sorted(info.path for info in _listed(filesystem, path) if info.path.lower().endswith(_TABLES))
    if not tables:
        raise InputError(f"{place} holds no file that can be read ({' '.join([*sorted(READERS), *_TABLES])}).")
    return Sources(filesystem, _numbered(_table_portions(filesystem, tables, actors)), None, 0)


def read_portion(filesystem: Any, portion: Portion) -> Iterator[Source]:
    """Read the documents of a portion, one at a time."""
    if portion.files:
        for name, paths in portion.files:
            yield _read_files(filesystem, name, paths)
    elif portion.row_group is None:
        yield from _read_lines(filesystem, portion)
    else:
        yield from _read_rows(filesystem, portion)


def _documents(filesystem: Any, place: str, path: str, out: str) -> tuple[list[tuple[str, str, int]], int]:
    """List the readable files of a directory as (name, path, bytes), and count the others."""
    if "://" not in place:
        try:
            plan = plan_batch(Path(path), Path(out), (), READERS, "")
        except InputError:
            return [], 0  # perhaps there are tables
        return [(item.name, str(item.path), item.size_bytes) for item in plan.items], plan.others
    found, others = [], 0
    for info in _listed(filesystem, path):
        name = info.path[len(path.rstrip("/")) + 1 :]
        if any(part.startswith(".") for part in name.split("/")):
            continue
        if PurePosixPath(name).suffix.lower() in READERS:
            found.append((name, info.path, info.size or 0))
        else:
            others += 1
    return sorted(found, key=lambda file: place_of(file[0])), others


def _listed(filesystem: Any, path: str) -> list[Any]:
    from pyarrow import fs

    return [info for info in filesystem.get_file_info(fs.FileSelector(path, recursive=True)) if info.is_file]


def _portion_bytes(total: int, actors: int) -> int:
    return min(LARGEST_PORTION, max(SMALLEST_PORTION, total // (_PORTIONS_PER_ACTOR * actors)))


def _numbered(portions: Sequence[Portion]) -> tuple[Portion, ...]:
    return tuple(replace(portion, number=number) for number, portion in enumerate(portions))


def _file_portions(files: Sequence[tuple[str, str, int]], actors: int) -> list[Portion]:
    wanted = _portion_bytes(sum(size for _, _, size in files), actors)
    portions: list[Portion] = []
    group: list[tuple[str, tuple[str, ...]]] = []
    held = 0
    for name, path, size in files:
        if group and held + size > wanted:
            portions.append(Portion(0, held, tuple(group)))
            group, held = [], 0
        group.append((name, (path,)))
        held += size
    return [*portions, Portion(0, held, tuple(group))] if group else portions


def _table_portions(filesystem: Any, paths: Sequence[str], actors: int) -> list[Portion]:
    sizes = [info.size or 0 for info in filesystem.get_file_info(list(paths))]
    wanted = _portion_bytes(sum(sizes), actors)
    portions: list[Portion] = []
    for path, size in zip(paths, sizes, strict=True):
        if path.lower().endswith(".parquet"):
            portions += _row_portions(filesystem, path, wanted)
        else:
            edges = [*range(0, size, wanted), size]
            portions += [Portion(0, end - start, path=path, start=start, end=end) for start, end in pairwise(edges)]
    return portions


def _row_portions(filesystem: Any, path: str, wanted: int) -> Iterator[Portion]:
    """Share the row groups of a Parquet file out, by the mean size of their texts."""
    import pyarrow
    from pyarrow import parquet

    try:
        metadata = parquet.read_metadata(path, filesystem=filesystem)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{path}: is no Parquet file that can be read: {error}") from error
    schema = metadata.schema.to_arrow_schema()
    if missing := {"id", "text"} - set(schema.names):
        raise InputError(f"{path} has no column {min(missing)!r}, only {', '.join(schema.names)}.")
    if schema.field("text").type not in (pyarrow.string(), pyarrow.large_string()):
        raise InputError(f"{path}: the column 'text' is {schema.field('text').type}, not string.")
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        chunks = [group.column(i) for i in range(group.num_columns)]
        size = next(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema == "text")
        step = max(1, wanted * group.num_rows // max(1, size))
        for start in range(0, group.num_rows, step):
            end = min(start + step, group.num_rows)
            yield Portion(0, size * (end - start) // group.num_rows, (), path, number, start, end)


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
    return Source(name, tuple(contents), size_bytes=sum(map(len, contents)))


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
    return Source(name, (data,), True, len(data)) if len(data) <= MAX_DOCUMENT_BYTES else _too_large(name, len(data))


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
