"""JSON Lines, the lossless form: one JSON object a line, every field, as `unit.schema.json` describes it."""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NoReturn, cast, get_args

from bilingual.bitext import Issue, Kind, Link, Severity, Span, Status, TranslationUnit
from bilingual.errors import InputError
from bilingual.formats.fields import Seen, counted_id, read_choice
from bilingual.formats.tsv import read_lines

__all__ = ["issue_of", "links_of", "read_jsonl", "record_of", "record_of_issue", "unit_of_record", "write_jsonl"]

Record = dict[str, Any]

_FIELDS = {field for field in TranslationUnit.__slots__ if field != "extra"}
_KINDS, _SEVERITIES, _STATUSES = get_args(Kind), get_args(Severity), get_args(Status)
# Legal inside JSON, but a line end or a trap for other tools; a lone surrogate cannot be written as UTF-8 at all.
_TO_ESCAPE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def read_jsonl(file: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """Read units, one object a line.

    `source` and `target` must be there (or `translation`, an object of a Chinese and another text by language, as in
    many published corpora); whatever else is missing has its default. Members that the schema does not know are kept
    in `extra`, as JSON when they are no strings.

    Args:
        file: The open file.
        name: The path, for error messages; its last part is the document of records that name none.

    Raises:
        InputError: With name and line: no JSON, no object, or a member of a wrong type.
    """
    rows, seen, document = 0, Seen(), os.path.basename(name)
    for line_number, line in read_lines(file, name):
        if not line.strip():
            continue
        rows += 1
        where = f"{name}:{line_number}"
        try:
            record = json.loads(line, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "a number or a nesting is too large"
            raise InputError(f"{where}: not JSON: {reason}; write one object on each line") from None
        if not isinstance(record, dict):
            raise InputError(f'{where}: the line holds no JSON object; write {{"source": ..., "target": ...}}')
        yield unit_of_record(record, where, document, rows, seen)


def write_jsonl(units: Iterable[TranslationUnit], file: BinaryIO) -> None:
    """Write units, one object a line, UTF-8."""
    for unit in units:
        line = json.dumps(record_of(unit), ensure_ascii=False, allow_nan=False)
        file.write((_TO_ESCAPE.sub(lambda match: f"\\u{ord(match[0]):04x}", line) + "\n").encode())


def record_of(unit: TranslationUnit) -> Record:
    """Turn a unit into what JSON can hold; a NaN is None."""
    return {
        "id": unit.id,
        "document": unit.document,
        "paragraph": unit.paragraph,
        "sentence": unit.sentence,
        "kind": unit.kind,
        "level": unit.level,
        "source_lang": unit.source_lang,
        "target_lang": unit.target_lang,
        "source": unit.source,
        "target": unit.target,
        "log_prob": _number(unit.log_prob),
        "confidence": None if unit.confidence is None else _number(unit.confidence),
        "links": [list(link) for link in unit.links],
        "issues": [record_of_issue(issue) for issue in unit.issues],
        "origin": unit.origin,
        "status": unit.status,
        "note": unit.note,
        "extra": dict(unit.extra),
    }


def record_of_issue(issue: Issue) -> Record:
    """Turn an issue into what JSON can hold; a NaN is None."""
    return {
        "code": issue.code,
        "severity": issue.severity,
        "value": _number(issue.value),
        "message": issue.message,
        "source_spans": [list(span) for span in issue.source_spans],
        "target_spans": [list(span) for span in issue.target_spans],
    }


def unit_of_record(record: Record, where: str, document: str, number: int, seen: Seen) -> TranslationUnit:
    """Make a unit of a JSON object.

    Args:
        record: The object.
        where: "name:line", the head of an error message.
        document: The unit's document where the record names none.
        number: The record's number, 1-based: the paragraph where it names none.
        seen: Occurrences so far, for ids.

    Raises:
        InputError: A member is missing or of a wrong type.
    """
    record = _with_translation(record, where)
    document = _text(record, "document", document, where)
    source, target = (_text(record, side, None, where) for side in ("source", "target"))
    log_prob, confidence = (_float(record, field, where) for field in ("log_prob", "confidence"))
    extra = record.get("extra") or {}
    if not isinstance(extra, dict):
        raise InputError(f"{where}: extra is not an object; write {{}}, or leave it out")
    extra = {**extra, **{name: value for name, value in record.items() if name not in _FIELDS and name != "extra"}}
    return TranslationUnit(
        id=_text(record, "id", "", where) or counted_id(seen, document, source or target),
        document=document,
        paragraph=_int(record, "paragraph", number, where),
        sentence=_int(record, "sentence", 1, where),
        kind=cast(Kind, read_choice(_text(record, "kind", "text", where), "kind", _KINDS, where)),
        level=_int(record, "level", 0, where),
        source_lang=_text(record, "source_lang", "zh", where),
        target_lang=_text(record, "target_lang", "en", where),
        source=source,
        target=target,
        log_prob=log_prob,
        confidence=None if math.isnan(confidence) else confidence,
        links=links_of(record.get("links"), where),
        issues=tuple(issue_of(issue, where) for issue in _list(record.get("issues"), "issues", where)),
        origin=_text(record, "origin", "human", where),
        status=cast(Status, read_choice(_text(record, "status", "", where), "status", _STATUSES, where)),
        note=_text(record, "note", "", where),
        extra=tuple((name, value if isinstance(value, str) else _dumped(value)) for name, value in extra.items()),
    )


def issue_of(record: object, where: str) -> Issue:
    """Make an issue of a JSON object.

    Raises:
        InputError: A member is missing or of a wrong type.
    """
    if not isinstance(record, dict):
        raise InputError(f'{where}: an issue is not an object; write {{"code": ..., "severity": ...}}')
    severity = read_choice(_text(record, "severity", None, where), "severity", _SEVERITIES, where)
    source_spans, target_spans = (_rows(record.get(f"{side}_spans"), 2, where) for side in ("source", "target"))
    return Issue(
        code=_text(record, "code", None, where),
        severity=cast(Severity, severity),
        value=_float(record, "value", where),
        message=_text(record, "message", "", where),
        source_spans=cast(tuple[Span, ...], source_spans),
        target_spans=cast(tuple[Span, ...], target_spans),
    )


def links_of(value: object, where: str) -> tuple[Link, ...]:
    """Make word links of a list of lists of four numbers.

    Raises:
        InputError: It is something else.
    """
    return cast(tuple[Link, ...], _rows(value, 4, where))


def _with_translation(record: Record, where: str) -> Record:
    """Read `{"translation": {"zh": ..., "en": ...}}` as source and target."""
    pair = record.get("translation")
    if "source" in record or not isinstance(pair, dict):
        return record
    chinese = next((lang for lang in pair if lang.lower().startswith("zh")), None)
    other = next((lang for lang in pair if lang != chinese), None)
    if chinese is None or other is None or len(pair) != 2:
        raise InputError(
            f'{where}: translation does not hold Chinese and one other language; write {{"zh": ..., "en": ...}}'
        )
    rest = {name: value for name, value in record.items() if name != "translation"}
    languages = {"source_lang": chinese, "target_lang": other}
    return {**languages, **rest, "source": pair[chinese], "target": pair[other]}


def _dumped(value: object) -> str:
    """Write a foreign member as JSON; what JSON does not know, such as the dates of Parquet, as its text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _refuse_constant(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not know."""
    raise json.JSONDecodeError(f"{constant} is no JSON", constant, 0)


def _number(value: float) -> float | None:
    """Give what JSON can hold: NaN is None, and an infinity the largest number, the nearest JSON has."""
    return None if math.isnan(value) else max(-sys.float_info.max, min(sys.float_info.max, value))


def _text(record: Record, field: str, default: str | None, where: str) -> str:
    value = record.get(field, default)
    if value is None and field not in record:
        raise InputError(f"{where}: {field} is missing; add it")
    if not isinstance(value, str):
        raise InputError(f"{where}: {field} is not a string; put it in quotes")
    return value


def _int(record: Record, field: str, default: int, where: str) -> int:
    value = record.get(field, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"{where}: {field} is not a whole number; write one, or leave it out")
    return value


def _float(record: Record, field: str, where: str) -> float:
    value = record.get(field)
    if value is None:
        return math.nan
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InputError(f"{where}: {field} is not a number; write one, or null")
    return float(value)


def _list(value: object, field: str, where: str) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f"{where}: {field} is not a list; write [], or leave it out")
    return value


def _rows(value: object, length: int, where: str) -> tuple[tuple[int, ...], ...]:
    """Read a list of lists of `length` whole numbers each."""
    rows = _list(value, "links or spans", where)
    for row in rows:
        if not (isinstance(row, list) and len(row) == length and all(type(item) is int for item in row)):
            example = [list(range(length))]
            raise InputError(
                f"{where}: links or spans are not lists of {length} whole numbers; write such as {example}"
            )
    return tuple(tuple(cast(list[int], row)) for row in rows)
