"""Text for the page: issue spans as marks, characters nobody sees as visible signs, offsets as JavaScript counts them.

Everything that depends on counting code points happens here: JavaScript counts UTF-16 units, so the offsets it gets
are already in that measure, and in the text *as shown*.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import accumulate

from markupsafe import Markup, escape

from bilingual.bitext import Severity, Span

__all__ = ["difference", "json_for_html", "marked", "shown", "utf16_offsets", "visible_signs"]

_SHAPING = "\u200c\u200d"
"""Joiners: part of emoji and of Indic and Persian spelling; they show themselves by what they join."""
_RANK: dict[Severity, int] = {"info": 1, "warning": 2, "error": 3}
_SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
_UNSAFE_JSON = re.compile(r"[<>&\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")


@cache
def shown(character: str) -> str:
    r"""Give what the page shows for one character: itself, or its number when it has no glyph or moves others.

    >>> shown("好"), shown("\u202e"), shown("\x00"), shown("\n")
    ('好', 'U+202E', 'U+0000', '\n')
    """
    if character in "\n\t" or character in _SHAPING:
        return character
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"U+{ord(character):04X}"
    return character


def visible_signs(text: str) -> str:
    """Show characters nobody sees by their numbers, in plain text."""
    return text if text.isprintable() else "".join(map(shown, text))


def marked(text: str, spans: Iterable[tuple[Span, Severity]] = ()) -> Markup:
    """Write a text as HTML: escaped, spans marked, invisible characters as signs.

    Args:
        text: Plain text.
        spans: Spans in code points with the severity of their issue; where they overlap the gravest is shown, and what
            lies outside the text is ignored.

    >>> marked("a<b 五", [((4, 5), "warning")])
    Markup('a&lt;b <mark class="warning">五</mark>')
    """
    spans = list(spans)
    if not spans:
        return Markup(_signs(text))
    rank = [0] * len(text)
    for (start, end), severity in spans:
        for at in range(max(0, start), min(end, len(text))):
            rank[at] = max(rank[at], _RANK[severity])
    html: list[str] = []
    position = 0
    while position < len(text):
        end = position + 1
        while end < len(text) and rank[end] == rank[position]:
            end += 1
        part = _signs(text[position:end])
        level = rank[position]
        html.append(f'<mark class="{_SEVERITIES[level - 1]}">{part}</mark>' if level else part)
        position = end
    return Markup("".join(html))


def _signs(text: str) -> str:
    """Write a text as HTML with signs."""
    return str(escape(text)) if text.isprintable() else "".join(map(_sign, text))


@cache
def _sign(character: str) -> str:
    """Write one character as HTML."""
    seen = shown(character)
    if seen == character:
        return str(escape(character))
    name = unicodedata.name(character, "control character").lower()
    return f'<span class="sign" title="{name}">{seen}</span>'


def difference(old: str, new: str) -> Markup:
    """Write how one text differs from another: `<del>` is only in the old one, `<ins>` only in the new one.

    >>> difference("走了5公里。", "走了7公里了。")
    Markup('走了<del>5</del><ins>7</ins>公里<ins>了</ins>。')
    """
    from rapidfuzz.distance import Indel

    html, removed, added = [], "", ""
    for step in Indel.opcodes(old, new):
        if step.tag == "equal":
            html += [_changed(removed, added), _signs(old[step.src_start : step.src_end])]
            removed = added = ""
        removed += old[step.src_start : step.src_end] if step.tag == "delete" else ""
        added += new[step.dest_start : step.dest_end] if step.tag == "insert" else ""
    return Markup("".join([*html, _changed(removed, added)]))


def _changed(removed: str, added: str) -> str:
    return (f"<del>{_signs(removed)}</del>" if removed else "") + (f"<ins>{_signs(added)}</ins>" if added else "")


def utf16_offsets(text: str) -> list[int]:
    r"""Map code point offsets of a text to UTF-16 offsets of the same text as shown.

    Returns:
        One number per code point and one for the end.

    >>> utf16_offsets("𣸣5"), utf16_offsets("\u202e5")
    ([0, 2, 3], [0, 6, 7])
    """
    if text.isprintable() and text.isascii():
        return list(range(len(text) + 1))
    return [0, *accumulate(_utf16_length(shown(character)) for character in text)]


@cache
def _utf16_length(text: str) -> int:
    return sum(2 if ord(character) > 0xFFFF else 1 for character in text)


def json_for_html(value: object) -> Markup:
    r"""Write JSON that can stand in a script element: no "<", nothing invisible, nothing that is not Unicode.

    >>> print(json_for_html({"a": "</script>\u202e"}))
    {"a":"\u003c/script\u003e\u202e"}
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(_UNSAFE_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text))
