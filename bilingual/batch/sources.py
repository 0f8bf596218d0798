"""The documents of a corpus, wherever it lies, shared out in portions.

A corpus is a directory of files, tables of (id, text) in JSONL or Parquet, or two directories of originals and their
translations.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from bilingual.batch.plan import place_of, plan_batch
from bilingual.batch.portions import Portion
from bilingual.errors import InputError, ModelError
from bilingual.reading import READERS

__all__ = ["Sources", "find_pairs", "find_sources", "open_place"]

LARGEST_PORTION, SMALLEST_PORTION = 1_000_000, 16_000
"""Bytes of text in a portion: what a killed actor loses, and one file of the output. 1 MB is 8,800 sentences, 16 kB
140: some seconds of work, against some hundredths to hand it out and to write it."""
_PORTIONS_PER_ACTOR = 12
"""So that no actor waits long for the last one at the end."""
_TABLES = (".parquet", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Sources:
    """All documents of a corpus.

    Attributes:
        filesystem: A `pyarrow.fs.FileSystem`.
        portions: What to read.
        documents: How many there are, where that is known before reading.
        others: Files of kinds that are not read, or without a counterpart.
        alone: Of pairs: the files without a counterpart.
    """

    filesystem: Any
    portions: tuple[Portion, ...]
    documents: int | None
    others: int
    alone: tuple[str, ...] = ()


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
        from fsspec.core import url_to_fs

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
        return Sources(filesystem, _table_portions(filesystem, [path], actors), None, 0)
    files, others = _documents(filesystem, place, path, out)
    if files:
        fresh = [(name, (path,), size) for name, path, size in files if name not in skip]
        return Sources(filesystem, _file_portions(fresh, actors), len(files), others)
    tables = [info.path for info in _listed(filesystem, path, out) if info.path.lower().endswith(_TABLES)]
    if not tables:
        raise InputError(f"{place} holds no file that can be read ({' '.join([*sorted(READERS), *_TABLES])}).")
    return Sources(filesystem, _table_portions(filesystem, sorted(tables), actors), None, 0)


def find_pairs(
    places: tuple[str, str], out: str, actors: int, key: Callable[[str], str], skip: frozenset[str] = frozenset()
) -> Sources:
    """Find the documents of two directories and pair them by name; a pair has the name of its first document.

    Args:
        places: Directory of originals and of translations: paths or URIs of one file system.
        out: The output folder, which may lie in one of them.
        actors: How many will work on it.
        key: What the names of an original and of its translation have in common.
        skip: Names of pairs that are done.

    Raises:
        InputError: One is no directory of documents, or they are on different file systems.
    """
    sides = []
    for place in places:
        filesystem, path = open_place(place)
        if filesystem.get_file_info(path).is_file:
            raise InputError(f"{place} is a file: on a cluster, two directories are aligned.")
        found, _ = _documents(filesystem, place, path, out)
        if not found:
            raise InputError(f"{place} holds no file that can be read ({' '.join(sorted(READERS))}).")
        sides.append((filesystem, found))
    (filesystem, originals), (other, translations) = sides
    if not filesystem.equals(other):
        raise InputError(f"{places[0]} and {places[1]} are on different file systems: copy one of them.")
    by_key: dict[str, list[tuple[str, str, int]]] = {}
    for file in translations:
        by_key.setdefault(key(file[0]), []).append(file)
    claims = Counter(key(name) for name, _, _ in originals)
    pairs, alone = [], []
    for name, path, size in originals:
        found = by_key.get(key(name), [])
        if len(found) == 1 and claims[key(name)] == 1:
            pairs.append((name, (path, found[0][1]), size + found[0][2]))
        else:
            alone.append(f"{places[0]}: {name}")
    paired = {paths[1] for _, paths, _ in pairs}
    alone += [f"{places[1]}: {name}" for name, path, _ in translations if path not in paired]
    fresh = [pair for pair in pairs if pair[0] not in skip]
    return Sources(filesystem, _file_portions(fresh, actors), len(pairs), len(alone), tuple(alone))


def _documents(filesystem: Any, place: str, path: str, out: str) -> tuple[list[tuple[str, str, int]], int]:
    """List the readable files of a directory as (name, path, bytes), and count the others."""
    if "://" not in place:
        try:
            plan = plan_batch(Path(path), Path(out), (), READERS, "")
        except InputError as error:
            if not Path(path).is_dir():
                raise InputError(f"{place} does not exist.") from error
            return [], 0  # perhaps there are tables
        return [(item.name, str(item.path), item.size_bytes) for item in plan.items], plan.others
    found, others = [], 0
    for info in _listed(filesystem, path, out):
        name = info.path[len(path.rstrip("/")) + 1 :]
        if PurePosixPath(name).suffix.lower() in READERS:
            found.append((name, info.path, info.size or 0))
        else:
            others += 1
    return sorted(found, key=lambda file: place_of(file[0])), others


def _listed(filesystem: Any, path: str, out: str) -> list[Any]:
    """List the files of a folder, hidden ones and those of the output folder left out."""
    from pyarrow import fs

    root, skip = path.rstrip("/") + "/", open_place(out)[1].rstrip("/") + "/"
    return [
        info
        for info in filesystem.get_file_info(fs.FileSelector(path, recursive=True))
        if info.is_file
        and not info.path.startswith(skip)
        and not any(part.startswith(".") for part in info.path[len(root) :].split("/"))
    ]


def _portion_bytes(total: int, actors: int) -> int:
    return min(LARGEST_PORTION, max(SMALLEST_PORTION, total // (_PORTIONS_PER_ACTOR * actors)))


def _numbered(portions: Iterable[Portion]) -> tuple[Portion, ...]:
    return tuple(replace(portion, number=number) for number, portion in enumerate(portions))


def _file_portions(files: Sequence[tuple[str, tuple[str, ...], int]], actors: int) -> tuple[Portion, ...]:
    """Group files (name, paths, bytes), in their order."""
    wanted = _portion_bytes(sum(size for _, _, size in files), actors)
    portions: list[Portion] = []
    group: list[tuple[str, tuple[str, ...]]] = []
    held = 0
    for name, paths, size in files:
        if group and held + size > wanted:
            portions.append(Portion(0, held, tuple(group)))
            group, held = [], 0
        group.append((name, paths))
        held += size
    return _numbered([*portions, Portion(0, held, tuple(group))] if group else portions)


def _table_portions(filesystem: Any, paths: Sequence[str], actors: int) -> tuple[Portion, ...]:
    sizes = [info.size or 0 for info in filesystem.get_file_info(list(paths))]
    wanted = _portion_bytes(sum(sizes), actors)
    portions: list[Portion] = []
    for path, size in zip(paths, sizes, strict=True):
        if path.lower().endswith(".parquet"):
            portions += _row_portions(filesystem, path, wanted)
        else:
            edges = [*range(0, size, wanted), size]
            portions += [Portion(0, end - start, path=path, start=start, end=end) for start, end in pairwise(edges)]
    return _numbered(portions)


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
