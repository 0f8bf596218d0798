"""Text that stands in TMX and XLIFF: inline tags in, forbidden characters out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from bilingual.errors import InputError
from bilingual.untrusted import visit_text

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["FORBIDDEN", "clean_text", "escape_attributes", "escape_texts", "local_name", "segment_text"]

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold in any form."""

_SPECIAL = re.compile("[^\t\n\x20-\x25\x27-\x3b\x3d\x3f-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL_QUOTED = re.compile("[^\x20\x21\x23-\x25\x27-\x3b\x3d\x3f-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}

_ANNOTATIONS = {"mrk", "hi", "sub"}
_NATIVE = {"bpt", "ept", "ph", "it", "ut"}


def clean_text(text: str, replaced: Counter[str]) -> str:
    """Replace each forbidden character by U+FFFD and count it under "replaced"."""
    text, count = FORBIDDEN.subn("\ufffd", text)
    replaced["replaced"] += count
    return text


def escape_texts(texts: tuple[str, ...], replaced: Counter[str]) -> tuple[str, ...]:
    r"""Escape texts for XML; a forbidden character becomes U+FFFD and is counted under "replaced".

    >>> escape_texts(("a<b & c\0", "d"), Counter())
    ('a&lt;b &amp; c�', 'd')
    """
    return _escape(texts, replaced, _SPECIAL)


def escape_attributes(texts: tuple[str, ...], replaced: Counter[str]) -> tuple[str, ...]:
    """Escape values of attributes in double quotes for XML, as `escape_texts` does for texts."""
    return _escape(texts, replaced, _SPECIAL_QUOTED)


def _escape(texts: tuple[str, ...], replaced: Counter[str], special: re.Pattern[str]) -> tuple[str, ...]:
    if not special.search("".join(texts)):  # one search for all of them: most units need no escape
        return texts
    return tuple(special.sub(lambda match: _ESCAPES.get(match[0]) or clean_text(match[0], replaced), t) for t in texts)


def local_name(element: etree._Element) -> str:
    """Give the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def segment_text(element: etree._Element, name: str, tags: Counter[str], data: Mapping[str, str]) -> str:
    r"""Read a segment as text, its inline tags kept as text.

    A tag that holds the code of its original format stands as this code, one that only numbers it as itself
    (`<x id="1"/>`); annotations are left out, their text is kept; XLIFF's `cp` is the character it means.

    Args:
        element: `seg`, `source` or `target`.
        name: For error messages.
        tags: Counts tags under "tags".
        data: XLIFF 2: the original codes by their id.

    Raises:
        InputError: `bpt` and `ept` do not pair, or a code point or an entity is none.
    """
    opened: list[str] = []
    text = _text(element, name, tags, data, opened)
    if opened:
        raise InputError(f"{name}:{element.sourceline}: a <bpt> has no <ept>: the tags do not pair; export it again")
    return text


def _text(element: etree._Element, name: str, tags: Counter[str], data: Mapping[str, str], opened: list[str]) -> str:
    pieces = []
    for part in visit_text(element, name):
        if isinstance(part, str):
            pieces.append(part)
            continue
        tag = local_name(part)
        if tag == "cp":
            pieces.append(_code_point(part, name))
            continue
        inner = _text(part, name, tags, data, opened)
        tags["tags"] += tag not in _ANNOTATIONS
        number = part.get("rid") or part.get("i") or part.get("id") or ""
        if tag == "bpt":
            opened.append(number)
        elif tag == "ept":
            if number not in opened:
                raise InputError(
                    f"{name}:{part.sourceline}: an <ept> has no <bpt>: the tags do not pair; export it again"
                )
            opened.remove(number)
        start, end = (data.get(part.get(f"dataRef{side}", "")) for side in ("Start", "End"))
        own = data.get(part.get("dataRef", ""))
        if tag in _ANNOTATIONS or (tag in _NATIVE and inner):
            pieces.append(inner)
        elif own is not None:
            pieces.append(own)
        elif start is not None or end is not None:
            pieces.append((start or "") + inner + (end or ""))
        else:
            pieces.append(_markup(part, tag, inner))
    return "".join(pieces)


def _markup(element: etree._Element, tag: str, inner: str) -> str:
    """Write an element as it stood, its text as it is."""
    attributes = "".join(f' {key.rpartition("}")[2]}="{escape(value)}"' for key, value in element.attrib.items())
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"


def _code_point(element: etree._Element, name: str) -> str:
    try:
        return chr(int(element.get("hex", ""), 16))
    except (ValueError, OverflowError):
        raise InputError(
            f"{name}:{element.sourceline}: <cp hex={element.get('hex')!r}> is no character; write its code point"
        ) from None
