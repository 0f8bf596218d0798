"""EPUB book -> blocks: the chapters in the order of the spine, each opened by its title."""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from bilingual.bitext import Document, Kind, Paragraph, visible
from bilingual.errors import InputError
from bilingual.reading.language import detect_language
from bilingual.reading.options import ReadOptions, notes_on, refuse_blank
from bilingual.reading.page_blocks import blocks_of_tree
from bilingual.untrusted import open_archive, parse_xml, read_member

if TYPE_CHECKING:
    from lxml import etree
    from lxml.html import HtmlElement

__all__ = ["read_epub"]

_DECLARATION = re.compile(r"\ufeff?\s*(?:<\?xml[^>]*\?>)?\s*")
_ENTITIES = re.compile(r"<!DOCTYPE[^>]*<!ENTITY", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_TYPE = "{http://www.idpf.org/2007/ops}type"
_NEAR_TOP = 4
"""Blocks at the top of a chapter among which its title is looked for: above it stand at most a part's number and a
motto."""


_Block = tuple[str, Kind, int]
"""Text, kind, level."""


@dataclass(frozen=True, slots=True)
class _Book:
    """What the package file says: the pages in reading order, and the title of each from the table of contents."""

    pages: tuple[str, ...]
    titles: Mapping[str, str]
    notes: tuple[str, ...]


def read_epub(data: bytes, name: str, options: ReadOptions) -> Document:
    """Read a book. `Document.text` is the text of its blocks, with a blank line between them.

    A chapter begins where a block is of kind `title`, and nowhere else: at the top of every page that the table of
    contents names. Where neither that name nor a heading stands there, the name is put above the page. Pages outside
    of the linear order (notes, mostly) stand last; the table of contents itself is left out.
    """
    blocks: list[_Block] = []
    with open_archive(io.BytesIO(data), name) as archive:
        book = _book(archive, name)
        for page in book.pages:
            root = _page(read_member(archive, page, name), f"{name}/{page}")
            found = [(b.text, b.kind, b.level) for b in blocks_of_tree(root, chinese=True)]
            blocks += _titled(found, book.titles.get(page, ""), bool(book.titles))
    paragraphs, position = [], 0
    for text, kind, level in blocks:
        paragraphs.append(Paragraph(text, position, position + len(text), kind, level))
        position += len(text) + len("\n\n")
    text = "\n\n".join(text for text, _, _ in blocks) + "\n"
    refuse_blank(text)
    lang = options.lang or detect_language(text)
    return Document(lang, name, text, tuple(paragraphs), (), (*book.notes, *notes_on(text, options.lang)))


def _titled(blocks: list[_Block], title: str, listed: bool) -> Iterator[_Block]:
    """Give the blocks of a page, the first one as its title.

    Args:
        blocks: Those of the page.
        title: What the table of contents calls it; empty where it does not.
        listed: Whether there is a table of contents. Without one a page with a heading on top begins a chapter.
    """
    key = visible(title)
    named = [visible(text) for text, _, _ in blocks[:_NEAR_TOP]]
    headed = any(kind == "heading" for _, kind, _ in blocks[:_NEAR_TOP])
    if not blocks or not (key or (headed and not listed)):
        yield from blocks
    elif key and key not in named and not headed:
        yield " ".join(title.split()), "title", 0
        yield from blocks
    else:
        yield blocks[0][0], "title", 0
        for text, kind, level in blocks[1:]:
            yield (text, "heading", 1) if key and visible(text) == key and kind == "text" else (text, kind, level)


def _book(archive: zipfile.ZipFile, name: str) -> _Book:
    """Read the container, the package file and the table of contents."""
    container = parse_xml(read_member(archive, "META-INF/container.xml", name), f"{name}/META-INF/container.xml")
    package = next((str(file.get("full-path")) for file in container.iter("{*}rootfile") if file.get("full-path")), "")
    if not package:
        raise InputError("the book names no package file; it is damaged or no EPUB: take another copy")
    root = parse_xml(read_member(archive, package, name), f"{name}/{package}")
    items = {item.get("id", ""): item for item in root.iter("{*}item")}
    links = {token: _link(package, item.get("href", "")) for token, item in items.items()}
    navigation = next((t for t, item in items.items() if "nav" in item.get("properties", "").split()), None)
    spine = next(iter(root.iter("{*}spine")), None)
    old = None if spine is None else spine.get("toc")
    linear: list[str] = []
    others: list[str] = []
    skipped = 0
    for reference in root.iter("{*}itemref"):
        token = reference.get("idref", "")
        if token == navigation:
            skipped += 1
        elif token in items and "html" in items[token].get("media-type", "html"):
            (others if reference.get("linear") == "no" else linear).append(links[token])
    pages = tuple(dict.fromkeys(linear + others))
    if not pages:
        raise InputError("the book has no pages of text in its spine; take one with text, not with pictures of it")
    if _encrypted(archive, name) & set(pages):
        raise InputError("the book is encrypted (DRM) and cannot be read; take a copy without")
    titles: dict[str, str] = {}
    for contents, tag in ((navigation, "a"), (old, "navPoint")):
        place = links.get(contents or "", "")
        if place in archive.namelist() and not titles:
            titles = dict(_titles(_page(archive.read(place), f"{name}/{place}"), place, tag))
    notes = ("its table of contents was left out",) if skipped else ()
    return _Book(pages, titles, notes)


def _encrypted(archive: zipfile.ZipFile, name: str) -> set[str]:
    """Find what the book says is encrypted: fonts often are, and pages only by DRM."""
    place = "META-INF/encryption.xml"
    if place not in archive.namelist():
        return set()
    root = parse_xml(archive.read(place), f"{name}/{place}")
    return {unquote(reference.get("URI", "")) for reference in root.iter("{*}CipherReference")}


def _titles(contents: etree._Element, base: str, tag: str) -> Iterator[tuple[str, str]]:
    """Read page and title of each entry, the first of a page last, so that it counts."""
    entries = []
    for entry in contents.iter(tag):
        if tag == "a":
            kinds = " ".join(
                parent.get("{http://www.idpf.org/2007/ops}type", "toc") for parent in entry.iterancestors("nav")
            )
            if "toc" not in kinds.split():  # a list of pages or of landmarks
                continue
            link, text = entry.get("href", ""), "".join(map(str, entry.itertext()))
        else:
            content, label = entry.find("content"), entry.find("navLabel")
            link = "" if content is None else content.get("src", "")
            text = "" if label is None else "".join(map(str, label.itertext()))
        entries.append((_link(base, link), text.strip()))
    return reversed(entries)


def _link(base: str, link: str) -> str:
    """Resolve a link inside the archive, without its fragment."""
    path = unquote(link.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base


def _page(data: bytes, name: str) -> HtmlElement:
    """Parse a page; its elements get plain names, as in HTML.

    HTML's named characters are replaced first: XML knows them only from a document type, which is not read.
    """
    from lxml.html import document_fromstring

    declared = _ENCODING.search(data, 0, 400)
    bom = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(data[:2])
    try:
        text = data.decode(bom or (declared[1].decode("ascii") if declared else "utf-8"))
    except (UnicodeDecodeError, LookupError) as error:
        raise InputError(
            f"{name}: not in the encoding that it declares ({str(error)[:60]}); save the page as UTF-8"
        ) from None
    if _ENTITIES.search(text):
        raise InputError(f"{name}: declares XML entities, which are not read; replace them by their text")
    text = _DOCTYPE.sub("", text[_DECLARATION.match(text).end() :], count=1)  # type: ignore[union-attr]
    text = _ENTITY.sub(_character, text).replace("\x00", "")
    try:
        root = parse_xml(text.encode("utf-8", "replace"), name)
    except InputError:  # as reading systems do, take a page that is no XML for HTML
        root = document_fromstring(text)
    for element in root.iter():
        if isinstance(element.tag, str):
            local = str(element.tag).rpartition("}")[2]
            element.tag = local.lower() if "html" in str(element.tag) else local
    return cast("HtmlElement", root)


def _character(found: re.Match[str]) -> str:
    """Give the character of an entity of HTML; XML's own five, and what nobody knows, stay."""
    if found[1] in ("amp;", "lt;", "gt;", "quot;", "apos;"):
        return found[0]
    character = html.unescape(found[0])
    return found[0] if character == found[0] else html.escape(character)
