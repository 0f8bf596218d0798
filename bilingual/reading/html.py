"""Web page -> blocks: everything in the article's part of the page, in order, nothing of the article left out.

Extractors of main text lose headlines, repeated leads and lists of related news, and put spaces around inline tags.
So the tree is walked here, and trafilatura only says which part of it is the article.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bilingual.bitext import Document, Paragraph, visible
from bilingual.errors import InputError
from bilingual.reading.article import label_article
from bilingual.reading.encoding import decode, describe_encoding
from bilingual.reading.language import detect_language
from bilingual.reading.options import ReadOptions, notes_on
from bilingual.reading.page_blocks import Block, blocks_of_source, blocks_of_tree
from bilingual.reading.trailer import is_trailer_head

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["read_html"]

_DECLARED = re.compile(
    rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096
"""Bytes; browsers look at the first 1,024, some pages come later."""
_ARTICLE_SHARE = 0.9
"""The article's element holds so much of the text found; the rest are stray repetitions in sidebars."""
_MIN_PART = 12
"""Visible characters from which a block counts as found when it is a part of a line found."""
_MIN_HEADLINE = 6
_MAX_SOURCE = 3_000_000
"""Characters of source up to which the article is looked for (0.7 s of processor time a million)."""


def read_html(data: bytes, name: str, options: ReadOptions) -> Document:
    """Read a web page. `Document.text` is the text of its blocks, with a blank line between them."""
    source, encoding, notes = _decode_page(data, options.encoding)
    source = source.replace("\x00", "")  # as browsers do; a parser may stop there
    chinese = (options.lang or detect_language(source)).startswith("zh")
    root = _parse(source)
    if root is None:
        blocks, kept = blocks_of_source(source, chinese), None
        if blocks and not options.whole_page:
            notes.append("the page is nested too deeply to find the article in it; everything on it was kept")
    else:
        blocks = blocks_of_tree(root, chinese)
        kept = None if options.whole_page else _article(root, blocks, source)
    if not blocks:
        raise InputError(
            "no text on the page (is it built by a script?): open it in a browser and save its text as .txt"
        )
    if kept is not None and len(kept) < len(blocks):
        left = len(blocks) - len(kept)
        notes.append(
            f"{left:,} block{'s' * (left > 1)} outside the article left out (menus, sidebars); --whole-page keeps them"
        )
        blocks = kept
    text, paragraphs = _paragraphs(blocks)
    lang = options.lang or detect_language(text)
    labelled = label_article(paragraphs, lang)
    described = [note for note in (describe_encoding(encoding), *notes, *notes_on(text, options.lang)) if note]
    return Document(lang, name, text, labelled, (), tuple(described))


def _decode_page(data: bytes, encoding: str | None) -> tuple[str, str, list[str]]:
    """Decode with the encoding given, or the one that the page declares, or the one that it is in."""
    declared = _DECLARED.search(data, 0, _DECLARED_WITHIN)
    if encoding is None and declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        label = (declared[1] or declared[2]).decode("ascii")
        if label.lower().startswith("utf-16"):  # it could not have been read as ASCII
            label = "utf-8"
        try:
            return *decode(data, label), []
        except InputError:
            text, found = decode(data)
            return text, found, [f"the page says that it is {label}, but it is not"]
    return *decode(data, encoding), []


def _parse(source: str) -> HtmlElement | None:
    """Parse the page; None when it is nested deeper than the parser goes, which would drop what lies below."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    try:
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing in it
        return None
    too_deep = any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return None if too_deep else root


def _article(root: HtmlElement, blocks: Sequence[Block], source: str) -> list[Block] | None:
    """Give the blocks of the article's element, with headline and trailer; None when no article is found."""
    found = _found_blocks(blocks, source)
    if not found:
        return None
    element = _smallest_with(root, [blocks[i] for i in found])
    inside = _inside(element, blocks)
    page_title = visible(root.findtext(".//title") or "")
    headline = _headline(blocks[: found[0] + 1], page_title)
    if headline is not None and headline not in inside and headline.owner is not None:
        element = _common(element, headline.owner)
    trailer = next((block for block in blocks[found[-1] + 1 :] if is_trailer_head(block.text)), None)
    if trailer is not None and trailer.owner is not None:
        wider = _common(element, trailer.owner)
        element = element if wider.tag in ("body", "html") else wider
    matched = set(found)
    kept = set(map(id, _inside(element, blocks)))
    return [b for i, b in enumerate(blocks) if id(b) in kept and (i in matched or not b.aside)]


def _found_blocks(blocks: Sequence[Block], source: str) -> list[int]:
    """Ask trafilatura for the article's text and say which blocks are in it."""
    if len(source) > _MAX_SOURCE:
        return []
    import trafilatura

    text = trafilatura.extract(source, include_comments=False, include_tables=True, favor_recall=True, fast=True)
    lines = {visible(line) for line in (text or "").split("\n")}
    whole = "\n".join(lines)
    keys = [visible(block.text) for block in blocks]
    return [
        i
        for i, (key, block) in enumerate(zip(keys, blocks, strict=True))
        if not block.aside and (key in lines or (len(key) >= _MIN_PART and key in whole))
    ]


def _smallest_with(root: HtmlElement, found: Sequence[Block]) -> HtmlElement:
    """Find the smallest element that holds nearly all of the text found."""
    weights: Counter[HtmlElement] = Counter()
    for block in found:
        if block.owner is not None:
            for element in (block.owner, *block.owner.iterancestors()):
                weights[element] += len(block.text)
    element = root
    while inner := [child for child in element if weights[child] >= _ARTICLE_SHARE * weights[root]]:
        element = inner[0]
    return element


def _headline(blocks: Sequence[Block], page_title: str) -> Block | None:
    """Find the headline: the last h1 or block that the page's title names, before the article's text."""
    named = [b for b in blocks if len(key := visible(b.text)) >= _MIN_HEADLINE and key in page_title]
    first_level = [b for b in blocks if b.kind == "heading" and b.level == 1]
    candidates = [b for b in first_level if b in named] or first_level or [b for b in named if not b.aside]
    return candidates[-1] if candidates else None


def _inside(element: HtmlElement, blocks: Sequence[Block]) -> list[Block]:
    """Give the blocks that stand in an element."""
    owners = set(element.iter())
    return [block for block in blocks if block.owner in owners]


def _common(first: HtmlElement, second: HtmlElement) -> HtmlElement:
    """Find the smallest element that holds both."""
    above = {first, *first.iterancestors()}
    return next(element for element in (second, *second.iterancestors()) if element in above)


def _paragraphs(blocks: Sequence[Block]) -> tuple[str, list[Paragraph]]:
    """Put the blocks below one another; the first h1 is the title."""
    paragraphs, position = [], 0
    titled = False
    for block in blocks:
        kind, level = block.kind, block.level
        if kind == "heading" and level == 1 and not titled:
            kind, level, titled = "title", 0, True
        end = position + len(block.text)
        paragraphs.append(Paragraph(block.text, position, end, kind, level))
        position = end + len("\n\n")
    return "\n\n".join(block.text for block in blocks) + "\n", paragraphs
