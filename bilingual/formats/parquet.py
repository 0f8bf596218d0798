"""Parquet: every field in typed columns, for pandas, DuckDB and `datasets`. Needs pyarrow (the extra `parquet`)."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError, ModelError
from bilingual.formats.fields import Seen
from bilingual.formats.jsonl import record_of, unit_of_record

__all__ = ["read_parquet", "write_parquet"]

_log = logging.getLogger(__name__)

GROUP_UNITS = 10_000
"""Units held in memory and written as one row group."""

_SURROGATES = re.compile("[\ud800-\udfff]")


def write_parquet(units: Iterable[TranslationUnit], file: BinaryIO) -> None:
    """Write units, with the columns of `unit.schema.json`; `extra` is a list of name and value.

    A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD; their number is logged as a warning.

    Raises:
        ModelError: pyarrow is not installed.
    """
    pyarrow, parquet = _load()
    schema = _schema(pyarrow)
    units, replaced = iter(units), [0]
    with parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(units, GROUP_UNITS)):
            records = [_cleaned(record_of(unit), replaced) for unit in group]
            for record in records:
                record["extra"] = [{"name": name, "value": value} for name, value in record["extra"].items()]
            writer.write_table(pyarrow.Table.from_pylist(records, schema))
    if replaced[0]:
        _log.warning("Parquet: %d lone surrogates were replaced by U+FFFD", replaced[0])


def read_parquet(file: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """Read units; columns go by name as in JSONL, and those of other names to `extra`.

    Args:
        file: The open file.
        name: The path, for error messages; its last part is the document of rows that name none.

    Raises:
        InputError: With the row: a cell is of a wrong type; or the file is damaged.
        ModelError: pyarrow is not installed.
    """
    pyarrow, parquet = _load()
    document, seen, number = os.path.basename(name), Seen(), 0
    try:
        batches = parquet.ParquetFile(file).iter_batches(GROUP_UNITS)
        for batch in batches:
            for record in batch.to_pylist():
                number += 1
                pairs = record.get("extra")
                if isinstance(pairs, list) and all(isinstance(pair, dict) for pair in pairs):
                    record["extra"] = {pair.get("name", ""): pair.get("value", "") for pair in pairs}
                record = {key: value for key, value in record.items() if value is not None}
                yield unit_of_record(record, f"{name}: row {number}", document, number, seen)
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0][:100].rstrip(".")
        raise InputError(f"{name}: is no Parquet file that can be read: {reason}; export it again") from error


def _load() -> tuple[Any, Any]:
    """Import pyarrow where it is needed: it is large, and not everybody has it."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ModelError("Parquet needs pyarrow: pip install 'bilingual[parquet]'") from None
    return pyarrow, pyarrow.parquet


def _schema(pyarrow: Any) -> Any:
    """Give the columns in the order of `TranslationUnit`."""
    text, number, real = pyarrow.string(), pyarrow.int64(), pyarrow.float64()
    spans = pyarrow.list_(pyarrow.list_(pyarrow.int64()))
    issue = pyarrow.struct(
        [
            ("code", text),
            ("severity", text),
            ("value", real),
            ("message", text),
            ("source_spans", spans),
            ("target_spans", spans),
        ]
    )
    types = {
        "paragraph": number,
        "sentence": number,
        "level": number,
        "log_prob": real,
        "confidence": real,
        "links": spans,
        "issues": pyarrow.list_(issue),
        # Not a map: `datasets` knows none.
        "extra": pyarrow.list_(pyarrow.struct([("name", text), ("value", text)])),
    }
    return pyarrow.schema([(field, types.get(field, text)) for field in TranslationUnit.__slots__])


def _cleaned(value: Any, replaced: list[int]) -> Any:
    """Replace lone surrogates in all strings of a record and count them in `replaced[0]`."""
    if isinstance(value, str):
        text, count = _SURROGATES.subn("\ufffd", value)
        replaced[0] += count
        return text
    if isinstance(value, dict):
        return {_cleaned(key, replaced): _cleaned(item, replaced) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, replaced) for item in value]
    return value
