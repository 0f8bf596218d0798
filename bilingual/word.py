"""The text of a paragraph in a Word document, as its reader sees it: tracked insertions in, deletions out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["WORD", "paragraph_text"]

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""The namespace of WordprocessingML, as lxml writes it before a name."""

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

# Deleted text, properties, the second writing of a text box, the box itself (a block of its own), phonetic guides.
_SKIPPED = {
    f"{WORD}del",
    f"{WORD}moveFrom",
    f"{WORD}pPr",
    f"{WORD}rPr",
    f"{WORD}rt",
    f"{WORD}txbxContent",
    f"{_COMPATIBILITY}Fallback",
}
_SIGNS = {f"{WORD}tab": "\t", f"{WORD}ptab": "\t", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "\u2011"}


def paragraph_text(paragraph: etree._Element) -> str:
    """Read a `w:p`: line breaks are LF, tabs are tabs, breaks of pages and columns nothing."""
    return "".join(_pieces(paragraph))


def _pieces(element: etree._Element) -> Iterator[str]:
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag in (f"{WORD}t", f"{_MATH}t"):
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag == f"{WORD}br":
            yield "" if child.get(f"{WORD}type") in ("page", "column") else "\n"
        else:
            yield from _pieces(child)
