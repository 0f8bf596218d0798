"""Word document -> blocks: headings, lists, quotes by their styles, cells of tables in reading order, notes last."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bilingual.bitext import Document, Kind, Paragraph
from bilingual.errors import InputError
from bilingual.reading.article import label_article
from bilingual.reading.language import detect_language
from bilingual.reading.options import ReadOptions, has_visible, notes_on, refuse_blank
from bilingual.untrusted import open_archive, parse_xml, read_member
from bilingual.word import WORD, paragraph_text

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["read_docx"]

_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_SKIPPED = {
    f"{WORD}del",
    f"{WORD}moveFrom",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
"""Deleted text, and the second writing of a text box for old readers."""

_EDGE = (
    " \t\n\r\f\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u202f\u205f\u3000\ufeff"
)
_KINDS: dict[str, Kind] = {
    "title": "title",
    "quote": "quote",
    "intense quote": "quote",
    "block text": "quote",
    "caption": "caption",
    "html preformatted": "code",
}


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph style says, with what it is based on: kind and level, level 0 of a numbered list being 1."""

    kind: Kind = "text"
    level: int = 0


def read_docx(data: bytes, name: str, options: ReadOptions) -> Document:
    """Read a Word document. `Document.text` is the text of its blocks, with a blank line between them.

    Headers, footers and comments are left out, and `notes` says so; tracked insertions are in, deletions are not.
    Footnotes and endnotes stand at the end, in the order of their numbers.
    """
    with open_archive(io.BytesIO(data), name) as archive:
        main = _related(archive, "", name).get("officeDocument", ["word/document.xml"])[0]
        parts = _related(archive, main, name)
        styles = _styles(_xml(archive, parts, "styles", name))
        root = parse_xml(read_member(archive, main, name), f"{name}/{main}")
        body = root.find(f"{WORD}body")
        if body is None:
            raise InputError("it is no Word document, or one of the strict kind; save it as .docx (Word document)")
        blocks = list(_blocks(body, styles))
        for kind in ("footnotes", "endnotes"):
            notes = _xml(archive, parts, kind, name)
            if notes is not None:
                blocks += [block for note in _in_order(root, notes, kind) for block in _blocks(note, styles)]
        left_out = _left_out(archive, parts, name)
    paragraphs, position = [], 0
    for text, style in blocks:
        paragraphs.append(Paragraph(text, position, position + len(text), style.kind, style.level))
        position += len(text) + len("\n\n")
    text = "\n\n".join(text for text, _ in blocks) + "\n"
    refuse_blank(text)
    lang = options.lang or detect_language(text)
    styled = any(style.kind in ("title", "heading") for _, style in blocks)
    labelled = label_article(paragraphs, lang, heads=not styled)
    return Document(lang, name, text, labelled, (), (*left_out, *notes_on(text, options.lang)))


def _related(archive: zipfile.ZipFile, part: str, name: str) -> dict[str, list[str]]:
    """Find the parts that a part refers to: the last word of the relation's type to names in the archive."""
    folder, file = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{file}.rels")
    found: dict[str, list[str]] = {}
    if relations in archive.namelist():
        for relation in parse_xml(archive.read(relations), f"{name}/{relations}").iter(f"{_RELATIONS}Relationship"):
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
                found.setdefault(relation.get("Type", "").rpartition("/")[2], []).append(target)
    return found


def _xml(archive: zipfile.ZipFile, parts: Mapping[str, list[str]], kind: str, name: str) -> etree._Element | None:
    """Parse a part of this kind, when there is one."""
    target = next((target for target in parts.get(kind, []) if target in archive.namelist()), None)
    return None if target is None else parse_xml(archive.read(target), f"{name}/{target}")


def _styles(root: etree._Element | None) -> dict[str, _Style]:
    """Read what the paragraph styles say, each with those that it is based on."""
    elements = {} if root is None else {style.get(f"{WORD}styleId", ""): style for style in root.iter(f"{WORD}style")}
    return {token: _style_of(token, elements) for token in elements}


def _style_of(token: str, elements: Mapping[str, etree._Element]) -> _Style:
    """Follow a style to those it is based on until one says what it is."""
    seen: set[str] = set()
    while token in elements and token not in seen:
        seen.add(token)
        element = elements[token]
        name = _value(element, "name").lower()
        if name.startswith("heading ") and name[8:].isdecimal():
            return _Style("heading", int(name[8:]))
        if name in _KINDS:
            return _Style(_KINDS[name])
        own = _properties(element)
        if own is not None:
            return own
        token = _value(element, "basedOn")
    return _Style()


def _properties(element: etree._Element) -> _Style | None:
    """Read outline level and numbering of a paragraph or a style; None when it says nothing of them."""
    properties = element.find(f"{WORD}pPr")
    if properties is None:
        return None
    outline = _value(properties, "outlineLvl")
    if outline.isdecimal() and int(outline) < 9:  # 9 is body text
        return _Style("heading", int(outline) + 1)
    numbering = properties.find(f"{WORD}numPr")
    if numbering is None:
        return None
    if _value(numbering, "numId") == "0":  # a list style switched off
        return _Style()
    level = _value(numbering, "ilvl")
    return _Style("list_item", int(level) + 1 if level.isdecimal() else 1)


def _value(element: etree._Element, child: str) -> str:
    """Give the value of a child such as `<w:pStyle w:val="Title"/>`; empty when there is none."""
    found = element.find(f"{WORD}{child}")
    return "" if found is None else found.get(f"{WORD}val", "")


def _blocks(container: etree._Element, styles: Mapping[str, _Style]) -> Iterator[tuple[str, _Style]]:
    """Give the lines of text in document order, each with what it is; tables row by row, boxes after their line."""
    for element in container:
        if element.tag == f"{WORD}p":
            yield from _lines(element, styles)
            yield from (block for box in _boxes(element) for block in _blocks(box, styles))
        elif element.tag == f"{WORD}tc":
            merge = element.find(f"{WORD}tcPr/{WORD}vMerge")
            if merge is None or merge.get(f"{WORD}val") == "restart":  # not the hidden rest of a merged cell
                yield from _blocks(element, styles)
        elif element.tag not in _SKIPPED:
            yield from _blocks(element, styles)


def _boxes(element: etree._Element) -> Iterator[etree._Element]:
    """Find the text boxes in a paragraph, each once, those in other boxes left to these."""
    for child in element:
        if child.tag == f"{WORD}txbxContent":
            yield child
        elif child.tag not in _SKIPPED:
            yield from _boxes(child)


def _lines(paragraph: etree._Element, styles: Mapping[str, _Style]) -> Iterator[tuple[str, _Style]]:
    """Give a paragraph, or each of its lines where it has breaks; a heading is one line all the same."""
    properties = paragraph.find(f"{WORD}pPr")
    named = styles.get("" if properties is None else _value(properties, "pStyle"), _Style())
    own = _properties(paragraph)
    # A list item inside of a heading style is a numbered heading.
    style = named if own is None or (own.kind == "list_item" and named.kind in ("heading", "title")) else own
    text = paragraph_text(paragraph)
    for line in [" ".join(text.split("\n"))] if style.kind in ("heading", "title") else text.split("\n"):
        line = line.strip(_EDGE)
        if has_visible(line):
            yield line, style


def _in_order(root: etree._Element, notes: etree._Element, kind: str) -> list[etree._Element]:
    """Give the notes in the order of the references to them; separators and the like are none."""
    singular = kind.removesuffix("s")
    by_number = {note.get(f"{WORD}id"): note for note in notes.iter(f"{WORD}{singular}")}
    numbers = dict.fromkeys(reference.get(f"{WORD}id") for reference in root.iter(f"{WORD}{singular}Reference"))
    return [by_number[number] for number in numbers if number in by_number]


def _left_out(archive: zipfile.ZipFile, parts: Mapping[str, list[str]], name: str) -> list[str]:
    """Say which parts with text are not read."""
    said = []
    for kinds, what in ((("header", "footer"), "headers and footers"), (("comments",), "comments")):
        targets = [target for kind in kinds for target in parts.get(kind, []) if target in archive.namelist()]
        texts = [
            "".join(map(paragraph_text, parse_xml(archive.read(t), f"{name}/{t}").iter(f"{WORD}p"))) for t in targets
        ]
        if any(map(has_visible, texts)):
            said.append(f"its {what} were left out")
    return said
