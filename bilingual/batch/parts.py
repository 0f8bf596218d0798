"""The output of a run on a cluster: files of whole documents, `parquet/part-*.parquet` (and `jsonl/part-*.jsonl`).

A part appears whole or not at all, and the Parquet file last: whatever document stands in one is finished.
"""

from __future__ import annotations

import hashlib
import io
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bilingual.batch.record import RECORD, Record, parse_record, record_bytes
from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError, OutputError
from bilingual.formats import FORMATS
from bilingual.formats.jsonl import read_jsonl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "LAYOUT",
    "Before",
    "digests_of",
    "document_digest",
    "prepare_parts",
    "read_done",
    "read_run",
    "remove_parts",
    "remove_unfinished",
    "write_part",
    "write_run",
]

LAYOUT = ("jsonl", "parquet")
"""Formats that parts come in, in the order of their writing; each has a folder of its name."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_PART = re.compile(r"part-[0-9a-f]{16}\.(?:jsonl|parquet)")
_TEMPORARY = re.compile(r"\.part-[0-9a-f]{16}\.[0-9a-f]{16}\.tmp")


def document_digest(name: str) -> int:
    """Give 64 bits that stand for a document: of ten million documents, two share them with a chance of 3 in 10^6.

    A name that is no Unicode counts as what Parquet makes of it.
    """
    return int.from_bytes(hashlib.sha256(_SURROGATES.sub("\ufffd", name).encode()).digest()[:8])


def digests_of(names: Iterable[str]) -> NDArray[np.uint64]:
    """Give the digests of documents, sorted: uint64 [n_documents]."""
    import numpy as np

    return np.sort(np.fromiter((document_digest(name) for name in names), dtype=np.uint64))


def prepare_parts(filesystem: Any, out: str, to: Sequence[str]) -> None:
    """Make the folders of an output and remove what a killed run left half written.

    Raises:
        OutputError: They cannot be made.
    """
    from pyarrow import fs

    try:
        for name in to:
            filesystem.create_dir(f"{out}/{name}", recursive=True)
            for info in filesystem.get_file_info(fs.FileSelector(f"{out}/{name}")):
                if _TEMPORARY.fullmatch(info.base_name):
                    filesystem.delete_file(info.path)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror or error}): choose another with -o.") from error


def remove_parts(filesystem: Any, out: str) -> None:
    """Remove the parts of earlier runs; other files in their folders stay."""
    from pyarrow import fs

    for name in LAYOUT:
        for info in filesystem.get_file_info(fs.FileSelector(f"{out}/{name}", allow_not_found=True)):
            if _PART.fullmatch(info.base_name):
                filesystem.delete_file(info.path)


@dataclass(frozen=True, slots=True)
class Before:
    """What an output holds: names of its documents, number of its units, their issues by severity."""

    documents: frozenset[str]
    units: int
    severities: Mapping[str, int]


def read_done(filesystem: Any, out: str) -> Before:
    """Read what is in the Parquet files of an output, whoever wrote or regrouped them.

    Raises:
        InputError: A file there cannot be read.
    """
    import pyarrow
    from pyarrow import compute, dataset, fs

    folder = f"{out}/parquet"
    infos = filesystem.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True))
    paths = [info.path for info in infos if info.path.endswith(".parquet") and not info.base_name.startswith(".")]
    done: set[str] = set()
    units, severities = 0, Counter[str]()
    try:
        if paths:
            table = dataset.dataset(paths, filesystem=filesystem, format="parquet")
            for batch in table.to_batches(["document", "issues"]):
                units += len(batch)
                done.update(compute.unique(batch.column("document")).to_pylist())
                severities.update(batch.column("issues").flatten().field("severity").to_pylist())
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"{folder} holds a file that cannot be read: {str(error).splitlines()[0]}") from error
    return Before(frozenset(done), units, dict(sorted(severities.items())))


def remove_unfinished(filesystem: Any, out: str, done: Before) -> None:
    """Remove the JSONL of parts whose Parquet file a killed run did not come to: their documents are done again."""
    from pyarrow import fs

    for info in filesystem.get_file_info(fs.FileSelector(f"{out}/jsonl", allow_not_found=True)):
        if not _PART.fullmatch(info.base_name):
            continue
        stem = info.base_name.removesuffix(".jsonl")
        if filesystem.get_file_info(f"{out}/parquet/{stem}.parquet").type != fs.FileType.NotFound:
            continue
        with filesystem.open_input_file(info.path) as file, io.BufferedReader(file) as lines:
            first = next(read_jsonl(lines, info.path), None)
        if first is None or first.document not in done.documents:
            filesystem.delete_file(info.path)


def read_run(filesystem: Any, out: str) -> Record | None:
    """Read the record of an output folder; None when there is none.

    Raises:
        InputError: The file there is no run record of ours, or damaged.
    """
    try:
        with filesystem.open_input_stream(f"{out}/{RECORD}") as file:
            return parse_record(file.read(), f"{out}/{RECORD}")
    except FileNotFoundError:
        return None


def write_run(filesystem: Any, out: str, record: Record) -> None:
    """Write the record of an output folder, whole or not at all.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        with filesystem.open_output_stream(f"{out}/.{RECORD}.tmp") as file:
            file.write(record_bytes(record))
        filesystem.move(f"{out}/.{RECORD}.tmp", f"{out}/{RECORD}")
    except OSError as error:
        raise OutputError(f"{out}/{RECORD} cannot be written ({error.strerror or error}).") from error


def write_part(
    filesystem: Any, out: str, to: Sequence[str], names: Sequence[str], units: Sequence[TranslationUnit]
) -> None:
    """Write the units of some documents as one part.

    Args:
        filesystem: Of the output.
        out: Its folder.
        to: Formats, of `LAYOUT`.
        names: Of the documents that the part was to hold, those that failed included: the same ones give the same
            file, so that a repetition replaces and does not add.
        units: Document after document.

    Raises:
        OutputError: The part cannot be written.
    """
    stem = f"part-{hashlib.sha256(chr(31).join(names).encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    for name in (name for name in LAYOUT if name in to):
        temporary = f"{out}/{name}/.{stem}.{secrets.token_hex(8)}.tmp"
        try:
            with filesystem.open_output_stream(temporary) as file:
                FORMATS[name].write(units, file)
            filesystem.move(temporary, f"{out}/{name}/{stem}.{name}")
        except OSError as error:
            raise OutputError(f"{out}/{name}: a part cannot be written ({error.strerror or error}).") from error
