"""XLIFF: 2.1 written, 2.x and 1.2 read.

Each document is a `file`, each unit a `unit` with one `segment`; what XLIFF has no place for stands in the metadata
module, in a group called "bilingual".
"""

from __future__ import annotations

import logging
import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError
from bilingual.formats.fields import COLUMNS, Seen, unit_of
from bilingual.formats.inline import FORBIDDEN, escape_attributes, escape_texts, local_name, segment_text
from bilingual.formats.jsonl import issue_of, links_of, record_of_issue
from bilingual.formats.languages import is_chinese, read_tag
from bilingual.formats.tmx import dump_json, load_json
from bilingual.untrusted import stream_elements

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["read_xliff", "write_xliff"]

_log = logging.getLogger(__name__)

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" xmlns:mda="urn:oasis:names:tc:xliff:metadata:2.0" version="2.1" \
srcLang="{source}" trgLang="{target}" xml:space="preserve">
"""
_GROUP = "bilingual"
_TOKEN = re.compile(r"[A-Za-z0-9._:-]+")
# subState tells our own readers which of two decisions it was; other tools see the state.
_STATES = {
    "accepted": 'state="final"',
    "edited": 'state="reviewed" subState="bilingual:edited"',
    "rejected": 'state="initial" subState="bilingual:rejected"',
}
_STATUSES = {"final": "accepted", "signed-off": "accepted", "reviewed": "accepted"}
_ORIGINS = {
    "mt-suggestion": "machine",
    "leveraged-mt": "machine",
    "exact-match": "memory",
    "fuzzy-match": "memory",
    "id-match": "memory",
    "leveraged-tm": "memory",
    "tm-suggestion": "memory",
}


def write_xliff(units: Iterable[TranslationUnit], file: BinaryIO) -> None:
    """Write units as XLIFF 2.1, one `file` for each run of units of one document.

    Characters that XML cannot hold are `cp` elements in source and target; elsewhere they become U+FFFD, and their
    number is logged as a warning.
    """
    units = iter(units)
    first = next(units, None)
    languages = (first.source_lang, first.target_lang) if first else ("zh", "en")
    counts: Counter[str] = Counter()
    source, target = escape_attributes(languages, counts)
    file.write(_HEAD.format(source=source, target=target).encode())
    document, files = None, 0
    ids: set[str] = set()
    for unit in chain([first] if first else [], units):
        if unit.document != document:
            file.write(b"</file>\n" if files else b"")
            document, files, ids = unit.document, files + 1, set()
            (original,) = escape_attributes((document,), counts)
            file.write(f'<file id="f{files}" original="{original}">\n'.encode())
        token = unit.id if _TOKEN.fullmatch(unit.id) and unit.id not in ids else f"u-{len(ids) + 1}"
        while token in ids:
            token += "-"
        ids.add(token)
        file.write(_written(unit, token, languages, counts).encode())
    file.write(b"</file>\n" if files else b"")
    file.write(b"</xliff>\n")
    if counts["replaced"]:
        _log.warning("XLIFF: %d characters that XML cannot hold were replaced by U+FFFD", counts["replaced"])


def read_xliff(file: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """Read units from XLIFF 2.x or 1.2 of any tool.

    A unit of several segments gives one unit each, `id/segment`. Where the file translates into Chinese, the Chinese is
    the source all the same. Inline tags are kept as text; how many is logged as a warning.

    Args:
        file: The open file.
        name: The path, for error messages; its last part is the document where the file names none.

    Raises:
        InputError: With name and line: not well-formed, no XLIFF, a unit without a source, tags that do not pair.
    """
    document, seen, counts = os.path.basename(name), Seen(), Counter[str]()
    languages = ("zh", "en")
    for event, element in stream_elements(file, name, ("xliff", "file", "unit", "trans-unit")):
        tag = local_name(element)
        if event == "start" and tag in ("xliff", "file"):
            languages = (
                read_tag(element.get("srcLang") or element.get("source-language") or languages[0]),
                read_tag(element.get("trgLang") or element.get("target-language") or languages[1]),
            )
            if tag == "file":
                document = element.get("original", os.path.basename(name))
        elif event == "end" and tag in ("unit", "trans-unit"):
            counts["units"] += 1
            cells = {"document": document, "source_lang": languages[0], "target_lang": languages[1]}
            segments = _segments(element, name, counts)
            for place, (token, segment) in enumerate(segments, 1):
                where = f"{name}:{element.sourceline}"
                row = {**cells, "sentence": str(place), **segment}
                row["id"] = element.get("id", "") + (f"/{token or place}" if len(segments) > 1 else "")
                unit = _unit_of(element, row, where, counts["units"], seen)
                yield _chinese_first(unit)
    if counts["tags"]:
        _log.warning("%s: %d inline tags were kept as text", name, counts["tags"])


def _written(unit: TranslationUnit, token: str, languages: tuple[str, str], counts: Counter[str]) -> str:
    """Write one `unit`."""
    facts = [
        ("paragraph", str(unit.paragraph)),
        ("sentence", str(unit.sentence)),
        ("kind", unit.kind),
        ("level", str(unit.level)),
        ("origin", unit.origin),
    ]
    if token != unit.id:
        facts.append(("id", unit.id))
    if (unit.source_lang, unit.target_lang) != languages:
        facts += [("source_lang", unit.source_lang), ("target_lang", unit.target_lang)]
    if not math.isnan(unit.log_prob):
        facts.append(("log_prob", repr(unit.log_prob)))
    if unit.confidence is not None:
        facts.append(("confidence", repr(unit.confidence)))
    facts += [("issue", dump_json(record_of_issue(issue))) for issue in unit.issues]
    if unit.links:
        facts.append(("links", dump_json(unit.links)))
    facts += [(f"extra:{name}", value) for name, value in unit.extra]
    kinds = escape_attributes(tuple(kind for kind, _ in facts), counts)
    values = escape_texts(tuple(value for _, value in facts), counts)
    metadata = "".join(f'<mda:meta type="{kind}">{value}</mda:meta>' for kind, value in zip(kinds, values, strict=True))
    (note,) = escape_texts((unit.note,), counts)
    state = _STATES.get(unit.status) or f'state="{"translated" if unit.target else "initial"}"'
    return (
        f'<unit id="{token}">\n'
        f'<mda:metadata><mda:metaGroup category="{_GROUP}">{metadata}</mda:metaGroup></mda:metadata>\n'
        + (f"<notes><note>{note}</note></notes>\n" if note else "")
        + f"<segment {state}>\n<source>{_content(unit.source)}</source>\n<target>{_content(unit.target)}</target>\n"
        "</segment>\n</unit>\n"
    )


def _content(text: str) -> str:
    """Escape a source or target; characters that XML cannot hold become `cp` elements."""
    pieces, position = [], 0
    for match in FORBIDDEN.finditer(text):
        pieces += [text[position : match.start()], f'<cp hex="{ord(match[0]):04X}"/>']
        position = match.end()
    pieces.append(text[position:])
    pieces[::2] = escape_texts(tuple(pieces[::2]), Counter())
    return "".join(pieces)


def _segments(element: etree._Element, name: str, counts: Counter[str]) -> list[tuple[str, dict[str, str]]]:
    """Read the segments of a `unit` (2.x) or the one of a `trans-unit` (1.2): its id, and cells for source to status.

    An `ignorable` counts when more than white space stands in it.
    """
    data = {
        item.get("id", ""): segment_text(item, name, Counter(), {})
        for child in element
        if local_name(child) == "originalData"
        for item in child
    }
    found = []
    parents = [child for child in element if local_name(child) in ("segment", "ignorable")]
    for parent in parents if local_name(element) == "unit" else [element]:
        sides = {local_name(child): child for child in parent if local_name(child) in ("source", "target")}
        if "source" not in sides:
            raise InputError(
                f"{name}:{parent.sourceline}: a <{local_name(parent)}> holds no <source>; add it, or remove the unit"
            )
        cells = {side: segment_text(child, name, counts, data) for side, child in sides.items()}
        if local_name(parent) == "ignorable" and not cells["source"].strip():
            continue
        found.append((parent.get("id", ""), {"target": "", **cells, **_decision(parent, sides.get("target"))}))
    if not found:
        raise InputError(
            f"{name}:{element.sourceline}: a <{local_name(element)}> holds no segment; add one, or remove the unit"
        )
    return found


def _decision(parent: etree._Element, target: etree._Element | None) -> dict[str, str]:
    """Read status and origin from the states of 2.x and of 1.2."""
    own = parent.get("subState", "").partition("bilingual:")[2]
    state = parent.get("state", "") or ("" if target is None else target.get("state", ""))
    approved = "accepted" if parent.get("approved") == "yes" else ""
    status = own if own in _STATES else _STATUSES.get(state, approved)
    qualifier = target.get("state-qualifier", "") if target is not None else ""
    return {"status": status, "origin": _ORIGINS.get(qualifier, "human")}


def _unit_of(element: etree._Element, row: dict[str, str], where: str, number: int, seen: Seen) -> TranslationUnit:
    """Add notes and metadata to the cells of a segment."""
    notes = [note for note in element.iter("{*}note") if not _inside(note, "alt-trans", element)]
    row["note"] = "\n".join("".join(map(str, note.itertext())) for note in notes)
    issues, links = [], None
    extra: dict[str, str] = {}
    for group in element.iter("{*}metaGroup"):
        category = group.get("category", "metadata")
        for meta in group.iterchildren("{*}meta"):
            kind, text = meta.get("type", ""), meta.text or ""
            if category != _GROUP:
                extra[f"{category}.{kind}"] = text
            elif kind == "issue":
                issues.append(issue_of(load_json(text, where), where))
            elif kind == "links":
                links = load_json(text, where)
            elif kind.startswith("extra:"):
                extra[kind.removeprefix("extra:")] = text
            elif kind in COLUMNS:
                row[kind] = text
    unit = unit_of(row, where, row["document"], number, seen)
    return replace(unit, issues=tuple(issues), links=links_of(links, where), extra=tuple(extra.items()))


def _inside(element: etree._Element, tag: str, top: etree._Element) -> bool:
    """Say whether an element lies in one called `tag`, below `top`."""
    return any(local_name(parent) == tag for parent in element.iterancestors() if parent is not top)


def _chinese_first(unit: TranslationUnit) -> TranslationUnit:
    """Exchange source and target where only the target is Chinese."""
    if is_chinese(unit.source_lang) or not is_chinese(unit.target_lang):
        return unit
    return replace(
        unit,
        source_lang=unit.target_lang,
        target_lang=unit.source_lang,
        source=unit.target,
        target=unit.source,
        links=tuple((c, d, a, b) for a, b, c, d in unit.links),
    )
