"""A glossary from a table or from TBX; a wrong line is an error that names it."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from bilingual.errors import InputError
from bilingual.terms.glossary import Glossary, Term
from bilingual.untrusted import parse_xml

__all__ = ["read_glossary"]

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_FLAGS = {"": False, "no": False, "false": False, "0": False, "case": True, "yes": True, "true": True, "1": True}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read_glossary(path: Path) -> Glossary:
    """Read a glossary: TBX (version 2 or 3) by its ending, otherwise a table.

    A table is UTF-8, one entry a line: Chinese, English, then if wanted a note and `case` where capitals count,
    separated by tabs. Empty lines, lines that begin with # and a header `source TAB target` are passed over.

    Raises:
        InputError: The file is missing or not UTF-8; a line has no translation, a term that is not Chinese, an unknown
            case flag, or contradicts an earlier line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
    is_tbx = path.suffix.lower() in (".tbx", ".xml")
    terms = _read_tbx(data, path) if is_tbx else _read_table(data, path)
    first: dict[str, Term] = {}
    for term in terms:
        where = f"{path}:{term.line}"
        if not _HAN.search(term.source):
            told = "give it its own language (xml:lang)" if is_tbx else "the Chinese term comes first, then the English"
            raise InputError(f"{where}: {term.source!r} is not Chinese; {told}.")
        if not re.search(r"\w", term.target):
            raise InputError(f"{where}: {term.source} has no translation: add one, or delete the line.")
        if _HAN.search(term.target):
            raise InputError(f"{where}: the translation of {term.source} is Chinese too: {term.target}.")
        before = first.setdefault(term.source, term)
        if (before.target, before.case_sensitive) != (term.target, term.case_sensitive):
            raise InputError(
                f"{where}: {term.source} is “{term.target}” here and “{before.target}” in line {before.line}; keep one."
            )
    if not first:
        raise InputError(f"{path} holds no terms.")
    return Glossary(first.values())


def _read_table(data: bytes, path: Path) -> list[Term]:
    """Read the lines of a table."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8; save the glossary as UTF-8.") from error
    terms: list[Term] = []
    for number, row in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if not row.strip() or row.startswith("#"):
            continue
        cells = [cell.strip() for cell in row.split("\t")]
        if not terms and [cell.lower() for cell in cells[:2]] == ["source", "target"]:
            continue
        if len(cells) < 2:
            raise InputError(f"{path}:{number}: there is no tab between the Chinese term and its translation.")
        source, target, note, flag = [*cells, "", ""][:4]
        if flag.lower() not in _FLAGS:
            raise InputError(f"{path}:{number}: the case flag is {flag!r}; write case, or nothing.")
        terms.append(Term(source, target, note, _FLAGS[flag.lower()], number))
    return terms


def _read_tbx(data: bytes, path: Path) -> list[Term]:
    """Read the concepts of a TBX file: every Chinese term with the first English one that is not deprecated."""
    terms = []
    for entry in parse_xml(data, str(path)).iter("{*}conceptEntry", "{*}termEntry"):
        sides: dict[str, list[etree._Element]] = {"zh": [], "en": []}
        for section in entry.iter("{*}langSec", "{*}langSet"):
            lang = (section.get(_XML_LANG) or "").lower().replace("_", "-").split("-")[0]
            if lang in sides:
                sides[lang] += section.iter("{*}term")
        notes = [_text(note) for note in entry.iter("{*}note")]
        english = [term for term in sides["en"] if not _is_deprecated(term)]
        target = _text(english[0]) if english else ""
        case = any(map(_says_case, entry.iter("{*}termNote", "{*}descrip", "{*}admin")))
        terms += [Term(_text(one), target, " ".join(notes), case, int(one.sourceline or 0)) for one in sides["zh"]]
    return terms


def _text(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _says_case(note: etree._Element) -> bool:
    """Say whether a note declares that capitals count: TBX has no category for it, programs write `caseSensitive`."""
    named = re.search("case.?sensitiv", note.get("type", ""), re.IGNORECASE)
    return bool(named) and _text(note).lower() in ("yes", "true", "1", "case", "sensitive", "casesensitive")


def _is_deprecated(term: etree._Element) -> bool:
    """Say whether the notes beside a term advise against it."""
    parent = term.getparent()
    notes = [] if parent is None else parent.iter("{*}termNote")
    return any(re.search("deprecated|superseded", _text(note)) for note in notes)
