"""Events of a web page (tag opens, text, tag closes) -> blocks of text in document order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from bilingual.bitext import Kind
from bilingual.reading.options import has_visible
from bilingual.reading.text import join_wrapped

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["Block", "blocks_of_source", "blocks_of_tree"]

_BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_NOT_TEXT = frozenset(
    [
        "audio",
        "button",
        "canvas",
        "datalist",
        "iframe",
        "map",
        "noscript",
        "object",
        "optgroup",
        "option",
        "rp",
        "rt",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "video",
    ]
)
_LISTS = frozenset(["ul", "ol", "menu", "dir"])
_KINDS: dict[str, Kind] = {
    "li": "list_item",
    "blockquote": "quote",
    "pre": "code",
    "figcaption": "caption",
    "caption": "caption",
    "td": "text",
    "th": "text",
    "dt": "text",
    "dd": "text",
    "h1": "heading",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "h5": "heading",
    "h6": "heading",
}
_ON_ONE_LINE = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "caption", "figcaption"])
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\n\r\f]+")
_EDGE = (
    " \t\n\r\f\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u202f\u205f\u3000\ufeff"
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page: its text on one line, what it is, and the element that it stands in.

    `aside` is True for navigation and page footers; `owner` is None where there is no tree.
    """

    text: str
    kind: Kind
    level: int
    owner: HtmlElement | None
    aside: bool


@dataclass(frozen=True, slots=True)
class _Open:
    """An open element, with what it passes on to everything inside it."""

    tag: str
    owner: HtmlElement | None = None
    kind: Kind = "text"
    level: int = 0
    lists: int = 0
    hidden: bool = False
    aside: bool = False
    in_article: bool = False
    one_line: bool = False


class _Blocks:
    """Gathers text until a block-level tag opens or closes."""

    def __init__(self, chinese: bool) -> None:
        self.found: list[Block] = []
        self._chinese = chinese
        self._stack = [_Open("")]
        self._open: Counter[str] = Counter()
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str | None], owner: HtmlElement | None = None) -> None:
        above = self._stack[-1]
        if tag == "br" and not above.hidden:
            if above.kind == "code":
                self._text.append("\n")
            elif above.one_line:
                self._text.append(" ")
            else:
                self._flush()
        elif tag in _BLOCK:
            self._flush()
        if tag in _VOID:
            return
        hidden = above.hidden or tag in _NOT_TEXT or "hidden" in attributes
        hidden = hidden or _INVISIBLE.search(attributes.get("style") or "") is not None
        lists = above.lists + (tag in _LISTS)
        kind = _KINDS.get(tag, above.kind)
        level = above.level
        if tag in _KINDS:
            level = int(tag[1]) if kind == "heading" else max(lists, 1) if kind == "list_item" else 0
        in_article = above.in_article or tag in ("article", "main")
        aside = (
            above.aside
            or tag == "nav"
            or (attributes.get("role") or "") in ("navigation", "contentinfo")
            or (tag == "footer" and not in_article)
        )
        if tag not in _BLOCK:
            owner = above.owner
        one_line = tag in _ON_ONE_LINE or (above.one_line and tag not in _BLOCK)
        self._stack.append(_Open(tag, owner, kind, level, lists, hidden, aside, in_article, one_line))
        self._open[tag] += 1

    def text(self, text: str | None) -> None:
        if text and not self._stack[-1].hidden:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if tag in _BLOCK:
            self._flush()
        if not self._open[tag]:  # never opened
            return
        while self._stack[-1].tag != tag:  # opened later and never closed
            self._open[self._stack.pop().tag] -= 1
        self._stack.pop()
        self._open[tag] -= 1

    def finish(self) -> list[Block]:
        self._flush()
        return self.found

    def _flush(self) -> None:
        if not self._text:
            return
        raw, self._text = "".join(self._text), []
        above = self._stack[-1]
        text = raw.strip("\r\n") if above.kind == "code" else self._one_line(raw)
        if has_visible(text):
            self.found.append(Block(text, above.kind, above.level, above.owner, above.aside))

    def _one_line(self, raw: str) -> str:
        """Collapse white space; a line end between Chinese characters is none."""

        def space(found: re.Match[str]) -> str:
            wrapped = "\n" in found[0] or "\r" in found[0]
            before, after = raw[found.start() - 1 : found.start()], raw[found.end() : found.end() + 1]
            return "" if wrapped and before and after and not join_wrapped(before, after, self._chinese) else " "

        return _WHITE.sub(space, raw).strip(_EDGE)


def blocks_of_tree(root: HtmlElement, chinese: bool) -> list[Block]:
    """Walk a tree, which may be deep, and gather its blocks."""
    from lxml import etree

    blocks = _Blocks(chinese)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if not isinstance(tag, str):  # a comment or an entity
            continue
        if event == "start":
            attributes = {str(key): str(value) for key, value in element.attrib.items()}
            blocks.start(tag, attributes, element)
            blocks.text(element.text)
        else:
            blocks.end(tag)
            blocks.text(element.tail)
    return blocks.finish()


def blocks_of_source(source: str, chinese: bool) -> list[Block]:
    """Gather the blocks from the source itself: slower, but no nesting is too deep."""
    blocks = _Blocks(chinese)
    parser = _Events(blocks)
    parser.feed(source)
    parser.close()
    return blocks.finish()


class _Events(HTMLParser):
    """Hands the events of the standard library's parser on."""

    def __init__(self, blocks: _Blocks) -> None:
        super().__init__()
        self._blocks = blocks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._blocks.start(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        self._blocks.end(tag)

    def handle_data(self, data: str) -> None:
        self._blocks.text(data)
