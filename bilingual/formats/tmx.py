"""TMX 1.4b, the exchange format of translation memories, read and written in a stream.

What TMX has no place for stands in properties: `x-bilingual:paragraph`, `x-bilingual:issue` (JSON) and so on; a foreign
file's own properties and attributes are kept in `extra`.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError
from bilingual.formats.fields import COLUMNS, Seen, unit_of
from bilingual.formats.inline import FORBIDDEN, escape_attributes, escape_texts, local_name, segment_text
from bilingual.formats.jsonl import issue_of, links_of, record_of_issue
from bilingual.formats.languages import choose_pair, read_tag
from bilingual.untrusted import stream_elements

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["dump_json", "load_json", "read_tmx", "write_tmx"]

_log = logging.getLogger(__name__)

_PREFIX = "x-bilingual:"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4">
<header creationtool="bilingual" creationtoolversion="{version}" segtype="sentence" o-tmf="bilingual" adminlang="en" \
srclang="{srclang}" datatype="plaintext"/>
<body>
"""
_TAIL = "</body>\n</tmx>\n"


def write_tmx(units: Iterable[TranslationUnit], file: BinaryIO) -> None:
    """Write units as TMX 1.4b, one `tu` each: note, properties, source, target.

    A character that XML cannot hold becomes U+FFFD; their number is logged as a warning.
    """
    units = iter(units)
    first = next(units, None)
    srclang = first.source_lang if first else "zh"
    counts: Counter[str] = Counter()
    (escaped,) = escape_attributes((srclang,), counts)
    file.write(_HEAD.format(version=version("bilingual"), srclang=escaped).encode())
    for unit in chain([first] if first else [], units):
        file.write(_written(unit, srclang, counts).encode())
    file.write(_TAIL.encode())
    if counts["replaced"]:
        _log.warning("TMX: %d characters that XML cannot hold were replaced by U+FFFD", counts["replaced"])


def read_tmx(file: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """Read units from TMX of any tool.

    The Chinese variant is the source, whatever the file calls its source language; the target is English, or else the
    first other language. Further variants and units without Chinese are left out, inline tags are kept as text; how
    many is logged as a warning.

    Args:
        file: The open file.
        name: The path, for error messages; its last part is the document of foreign units.

    Raises:
        InputError: With name and line: not well-formed, no TMX, tags that do not pair; or no unit has Chinese and
            another language.
    """
    document, seen, counts, languages = os.path.basename(name), Seen(), Counter[str](), Counter[str]()
    own = False
    for event, element in stream_elements(file, name, ("tmx", "header", "tu")):
        tag = local_name(element)
        if event == "start":
            if tag == "header":
                own = element.get("creationtool") == "bilingual"
            continue
        if tag != "tu":
            continue
        counts["units"] += 1
        unit = _unit_of(element, own, name, document, counts, languages, seen)
        if unit is not None:
            yield unit
    if counts["units"] and not counts["pairs"]:
        found = ", ".join(sorted(languages)) or "none"
        raise InputError(
            f"{name}: no unit has Chinese and another language; the languages are: {found}; "
            "correct them, or name another file"
        )
    for what, said in (
        ("without", "%d units without Chinese were left out"),
        ("variants", "%d further variants were left out: a unit has one source and one target"),
        ("tags", "%d inline tags were kept as text"),
    ):
        if counts[what]:
            _log.warning("%s: " + said, name, counts[what])


def dump_json(value: object) -> str:
    """Write a value as JSON that XML can hold."""
    return FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


def load_json(text: str, where: str) -> object:
    """Read what `dump_json` wrote.

    Raises:
        InputError: It is no JSON.
    """
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{where}: a property of bilingual is damaged: {text[:40]!r}; remove it") from None
    return value


def _written(unit: TranslationUnit, srclang: str, counts: Counter[str]) -> str:
    """Write one `tu`.

    Strings, escaped here, and not lxml's incremental writer: that one takes six times as long. The tests hold the
    result against the DTD and against lxml's reader.
    """
    source, target, document, origin, note = escape_texts(
        (unit.source, unit.target, unit.document, unit.origin, unit.note), counts
    )
    number, source_lang, target_lang = escape_attributes((unit.id, unit.source_lang, unit.target_lang), counts)
    own = "" if unit.source_lang == srclang else f' srclang="{source_lang}"'
    optional = f"<note>{note}</note>\n" if note else ""
    if not math.isnan(unit.log_prob):
        optional += f'<prop type="x-bilingual:log_prob">{unit.log_prob!r}</prop>\n'
    if unit.confidence is not None:
        optional += f'<prop type="x-bilingual:confidence">{unit.confidence!r}</prop>\n'
    if unit.status:
        optional += f'<prop type="x-bilingual:status">{unit.status}</prop>\n'
    for issue in unit.issues:
        (text,) = escape_texts((dump_json(record_of_issue(issue)),), counts)
        optional += f'<prop type="x-bilingual:issue">{text}</prop>\n'
    if unit.links:
        optional += f'<prop type="x-bilingual:links">{dump_json(unit.links)}</prop>\n'
    for name, value in unit.extra:
        (kind,), (text,) = escape_attributes((name,), counts), escape_texts((value,), counts)
        optional += f'<prop type="{kind}">{text}</prop>\n'
    return (
        f'<tu tuid="{number}"{own}>\n{optional}'
        f'<prop type="x-bilingual:document">{document}</prop>\n'
        f'<prop type="x-bilingual:paragraph">{unit.paragraph}</prop>\n'
        f'<prop type="x-bilingual:sentence">{unit.sentence}</prop>\n'
        f'<prop type="x-bilingual:kind">{unit.kind}</prop>\n'
        f'<prop type="x-bilingual:level">{unit.level}</prop>\n'
        f'<prop type="x-bilingual:origin">{origin}</prop>\n'
        f'<tuv xml:lang="{source_lang}"><seg>{source}</seg></tuv>\n'
        f'<tuv xml:lang="{target_lang}"><seg>{target}</seg></tuv>\n</tu>\n'
    )


def _unit_of(
    tu: etree._Element, own: bool, name: str, document: str, counts: Counter[str], languages: Counter[str], seen: Seen
) -> TranslationUnit | None:
    """Make a unit of a `tu`; None when it has no Chinese."""
    where = f"{name}:{tu.sourceline}"
    children = _named(tu)
    variants = [child for tag, child in children if tag == "tuv"]
    tags = [_language(variant, name) for variant in variants]
    languages.update(tags)
    source, target = (0, 1) if own and len(variants) == 2 else choose_pair(tags)
    if source is None:
        counts["without"] += 1
        return None
    counts["pairs"] += target is not None
    counts["variants"] += len(variants) - (1 if target is None else 2)
    cells = {
        "id": tu.get("tuid", ""),
        "source_lang": tags[source],
        "target_lang": "en" if target is None else tags[target],
        "source": _segment(variants[source], name, counts),
        "target": "" if target is None else _segment(variants[target], name, counts),
        "note": "\n".join(child.text or "" for tag, child in children if tag == "note"),
    }
    foreign: dict[str, str] = {}
    _collect(tu, children, "", foreign)
    _collect(variants[source], _named(variants[source]), "source.", foreign)
    if target is not None:
        _collect(variants[target], _named(variants[target]), "target.", foreign)
    properties = [child for tag, child in children if tag == "prop" and child.get("type", "").startswith(_PREFIX)]
    issues, links = [], None
    for child in properties:
        key, text = child.get("type", "").removeprefix(_PREFIX), child.text or ""
        if key == "issue":
            issues.append(issue_of(load_json(text, where), where))
        elif key == "links":
            links = load_json(text, where)
        elif key in COLUMNS:
            cells[key] = text
    unit = unit_of(cells, where, document, counts["units"], seen)
    return replace(unit, issues=tuple(issues), links=links_of(links, where), extra=tuple(foreign.items()))


def _language(variant: etree._Element, name: str) -> str:
    """Read the language of a `tuv`, in the attribute of this version of TMX or of an older one."""
    tag = variant.get(_LANG) or variant.get("lang")
    if not tag:
        raise InputError(f"{name}:{variant.sourceline}: a <tuv> names no language; write xml:lang")
    return read_tag(tag)


def _segment(variant: etree._Element, name: str, counts: Counter[str]) -> str:
    """Read the text of a `tuv`."""
    segment = next((child for child in variant if local_name(child) == "seg"), None)
    if segment is None:
        raise InputError(f"{name}:{variant.sourceline}: a <tuv> holds no <seg>; add it, or remove the <tu>")
    return segment_text(segment, name, counts, {})


def _named(element: etree._Element) -> list[tuple[str, etree._Element]]:
    """Give the children of an element, each with its local name."""
    return [(local_name(child), child) for child in element]


def _collect(
    element: etree._Element, children: list[tuple[str, etree._Element]], prefix: str, foreign: dict[str, str]
) -> None:
    """Collect what another tool wrote about a `tu` or `tuv`: attributes and properties; repeated ones on lines."""
    for name, value in element.attrib.items():
        if name not in ("tuid", "srclang", "lang", _LANG):
            foreign[f"{prefix}{name}"] = value
    for tag, child in children:
        if tag == "prop" and not child.get("type", "").startswith(_PREFIX):
            name = f"{prefix}{child.get('type', 'prop')}"
        elif tag == "note" and prefix:
            name = f"{prefix}note"
        else:
            continue
        foreign[name] = f"{foreign[name]}\n{child.text or ''}" if name in foreign else child.text or ""
