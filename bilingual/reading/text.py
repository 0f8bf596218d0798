"""Plain text -> blocks: blank-line paragraphs, one paragraph a line, or hard-wrapped lines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bilingual.bitext import Document, Paragraph, Span
from bilingual.reading.article import label_article
from bilingual.reading.encoding import decode, describe_encoding
from bilingual.reading.language import detect_language
from bilingual.reading.marks import ends_sentence, enumerator
from bilingual.reading.metadata import is_metadata
from bilingual.reading.options import ReadOptions, has_visible, notes_on, refuse_blank

__all__ = ["join_wrapped", "read_lines", "read_text", "split_lines"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_GAP = (
    " \t\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What indents a line or ends it: white space, zero-width space and byte order mark."""

_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60"
    "\uffe0-\uffe6\U00020000-\U0003fffd]"
)
_WIDE_IN_CHINESE = re.compile("[‘’“”…—·]")
_CJK = re.compile(
    "[\u2e80-\u303f\u3041-\u30ff\u31a0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003fffd]"
)
_AMBIGUOUS = "‘’“”…—·"
_FIRST_WORD = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")

_MIN_WRAP, _MAX_WRAP = 36, 160
"""Columns (a Chinese character has two) between which lines count as wrapped: shorter ones are verse or a list, and
longer ones are paragraphs, one a line."""
_MIN_LONE_WRAP = 60
"""Columns from which the first of only two lines counts as wrapped, there being nothing to compare it with."""
_SLACK = 4
"""Columns by which lines of Chinese may differ: punctuation may not open a line, so it hangs or takes one along."""
_MIN_FULL_SHARE = 0.75
_MIN_OPEN_SHARE = 0.4
"""A block is wrapped when at least two of its line ends are open (no final stop), these are so many of all line ends,
and so many of them are at the margin. In wrapped prose most line ends are open; where lines are
paragraphs, few are."""

_BULLET = re.compile(r"(?:[•●○◦◆◇■□▪▫‣⁃►▶➤✓✔]\s*|[*+\-·＊]\s+|·)(?=[^\W_]|[“‘《「『【（(\"'])")
_ASCII_BULLETS = "*+-·＊"
_QUOTE_SIGN = re.compile(r"(?:>\s?)+(?=\S)")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: its content without indentation, where that stands in the text, its indentation and whole width."""

    text: str
    start: int
    end: int
    indent: int
    width: int


def split_lines(text: str) -> Iterator[tuple[int, str]]:
    r"""Give the lines with their offsets; lines end at \n, \r\n and \r only, and a final one makes no extra line.

    >>> list(split_lines("a\u2028b\r\n\rc\n"))
    [(0, 'a\u2028b'), (5, ''), (6, 'c')]
    """
    for found in _LINE.finditer(text):
        if found.start() < len(text):
            yield found.start(), found[0].rstrip("\r\n")


def read_lines(data: bytes, name: str, options: ReadOptions) -> Document:
    """Read text that is segmented already: one paragraph a line, nothing guessed, empty lines kept as such."""
    text, encoding = decode(data, options.encoding)
    refuse_blank(text)
    paragraphs = []
    for start, line in split_lines(text):
        content, at = _content(line)
        paragraphs.append(Paragraph(content, start + at, start + at + len(content)))
    notes = [note for note in (describe_encoding(encoding), *notes_on(text, options.lang)) if note]
    return Document(options.lang or detect_language(text), name, text, tuple(paragraphs), (), tuple(notes), True)


def read_text(data: bytes, name: str, options: ReadOptions) -> Document:
    """Read a text file and recognise the structure of an article in it."""
    text, encoding = decode(data, options.encoding)
    refuse_blank(text)
    lang = options.lang or detect_language(text)
    paragraphs, alone, markup = _blocks(text, lang.startswith("zh"))
    notes = [note for note in (describe_encoding(encoding), *notes_on(text, options.lang)) if note]
    return Document(lang, name, text, label_article(paragraphs, lang, alone), tuple(markup), tuple(notes))


def join_wrapped(before: str, after: str, chinese: bool) -> str:
    """Say what stands for the line end between two pieces of one paragraph: nothing, or a space.

    >>> join_wrapped("河水", "清了", True), join_wrapped("the", "river", False), join_wrapped("well-", "known", False)
    ('', ' ', '')
    """
    if not before or not after or before[-1].isspace() or after[0].isspace():
        return ""
    last, first = before[-1], after[0]
    wide = [_CJK.match(c) is not None or (chinese and c in _AMBIGUOUS) for c in (last, first)]
    if all(wide) or (chinese and any(wide)):
        return ""
    if last in "-—" and len(before) > 1 and not before[-2].isspace():
        return ""
    return "" if chinese and last.isdigit() and first.isdigit() else " "


def _content(line: str) -> tuple[str, int]:
    """Give a line without the white space around it, and where that starts."""
    content = line.strip(_GAP)
    if not content or not has_visible(content):
        return "", 0
    return content, len(line) - len(line.lstrip(_GAP))


def _columns(text: str) -> int:
    """Measure the width of a text in columns."""
    wide = len(_WIDE.findall(text))
    if wide:
        wide += len(_WIDE_IN_CHINESE.findall(text))
    return len(text) + wide + 3 * text.count("\t")


def _blocks(text: str, chinese: bool) -> tuple[list[Paragraph], list[bool], list[Span]]:
    """Cut the text into blocks: the paragraphs, whether each stands alone between blank lines, the signs dropped."""
    groups: list[list[_Line]] = [[]]
    for start, raw in split_lines(text):
        content, at = _content(raw)
        if not content:
            if groups[-1]:
                groups.append([])
            continue
        line_start = start + at
        indent = _columns(raw[:at])
        width = indent + _columns(content) if len(content) <= _MAX_WRAP else 2 * _MAX_WRAP
        groups[-1].append(_Line(content, line_start, line_start + len(content), indent, width))
    groups = [group for group in groups if group]
    rare = _rare_bullets(groups)
    widths = [_wrap_width(group, chinese) for group in groups]
    usual = max((width for width in widths if width), default=0)
    paragraphs, alone, markup = [], [], []
    for group, own in zip(groups, widths, strict=True):
        width = own or (usual if max(line.width for line in group) <= usual + _SLACK else 0)
        parts = list(_unwrap(group, width, own or usual, chinese))
        levels = _Levels()
        for lines in parts:
            paragraph, signs = _paragraph(lines, levels, rare, chinese)
            markup += signs
            if paragraph is not None:
                paragraphs.append(paragraph)
                alone.append(len(parts) == 1)
    return paragraphs, alone, markup


def _rare_bullets(groups: Sequence[Sequence[_Line]]) -> frozenset[str]:
    """Find the ASCII bullets that open fewer than two lines: a lone "- 某某" is a signature, no list."""
    signs = [line.text[0] for group in groups for line in group if _BULLET.match(line.text)]
    return frozenset(sign for sign in _ASCII_BULLETS if signs.count(sign) < 2)


def _opens_block(line: _Line) -> bool:
    """Tell whether a line starts a block whatever stands above it."""
    text = line.text
    return (
        _BULLET.match(text) is not None
        or enumerator(text) is not None
        or text[0] == "【"
        or (len(text) < _MAX_WRAP and is_metadata(text))
    )


def _is_full(line: _Line, after: _Line, width: int, chinese: bool) -> bool:
    """Tell whether the first word of the next line would not have fitted on this one."""
    word = _FIRST_WORD.match(after.text)
    needed = (_columns(word[0]) if word else 2) + (0 if chinese else 1)
    return line.width + needed + (_SLACK if chinese else 0) > width


def _wrap_width(group: Sequence[_Line], chinese: bool) -> int:
    """Find the width at which the lines of a block are wrapped; 0 when they are not, or too few to tell."""
    width = max(line.width for line in group)
    if len(group) < 3 or not _MIN_WRAP <= width <= _MAX_WRAP:
        return 0
    pairs = [(a, b) for a, b in itertools.pairwise(group) if not _opens_block(b)]
    open_pairs = [(a, b) for a, b in pairs if not ends_sentence(a.text)]
    full = sum(_is_full(a, b, width, chinese) for a, b in open_pairs)
    wrapped = (
        full >= 2 and full >= _MIN_FULL_SHARE * len(open_pairs) and len(open_pairs) >= _MIN_OPEN_SHARE * len(pairs)
    )
    return width if wrapped else 0


def _unwrap(group: Sequence[_Line], width: int, known: int, chinese: bool) -> Iterator[list[_Line]]:
    """Put the lines of one paragraph together.

    Args:
        group: Lines without a blank line between them.
        width: Where these lines are wrapped; 0 when they are not.
        known: Width of any wrapping in the document; 0 when there is none.
        chinese: A line that ends with a final stop ends its paragraph. In other languages, where blank lines or
            indentation part paragraphs, it may as well stand at the margin by chance.
    """
    margin = min(line.indent for line in group)
    paragraph = [group[0]]
    for line, after in itertools.pairwise(group):
        hanging = _opens_block(paragraph[0]) and after.indent > paragraph[0].indent
        if (
            not _opens_block(after)
            and (hanging or after.indent < margin + 2)
            and (_is_full(line, after, width, chinese) if width else _is_lone_wrap(group, known, chinese))
            and not (ends_sentence(line.text) and (chinese or not width))
            and not is_metadata(line.text)
        ):
            paragraph.append(after)
        else:
            yield paragraph
            paragraph = [after]
    yield paragraph


def _is_lone_wrap(group: Sequence[_Line], known: int, chinese: bool) -> bool:
    """Tell whether two lines, in a text without other wrapped ones, are one paragraph."""
    if known or len(group) != 2 or not _MIN_LONE_WRAP <= group[0].width <= _MAX_WRAP:
        return False
    first, second = group[0].text, group[1].text
    if group[1].width > group[0].width or first[-1] in ":：":
        return False
    return chinese or second[0].islower() or first[-1] in ",-"


class _Levels:
    """Depth of list items by their indentation, within one block of lines."""

    def __init__(self) -> None:
        self._indents: list[int] = []

    def level(self, indent: int) -> int:
        while self._indents and self._indents[-1] > indent:
            self._indents.pop()
        if not self._indents or self._indents[-1] < indent:
            self._indents.append(indent)
        return len(self._indents)


def _paragraph(
    lines: Sequence[_Line], levels: _Levels, rare: frozenset[str], chinese: bool
) -> tuple[Paragraph | None, list[Span]]:
    """Make one paragraph of its lines, with the spans of bullets and quote signs that are no part of it."""
    first = lines[0]
    markup: list[Span] = []
    bullet = _BULLET.match(first.text)
    if bullet and first.text[0] not in rare:
        markup.append((first.start, first.start + len(bullet[0].rstrip())))
        skip, level = len(bullet[0]), levels.level(first.indent)
        text = first.text[skip:] + "".join(_rest(lines, chinese))
        return Paragraph(text, first.start + skip, lines[-1].end, "list_item", level), markup
    signs = [_QUOTE_SIGN.match(line.text) for line in lines]
    if all(signs):
        text, start = "", 0
        for line, sign in zip(lines, signs, strict=True):
            skip = len(sign[0]) if sign else 0
            markup.append((line.start, line.start + skip))
            text += join_wrapped(text, line.text[skip:], chinese) + line.text[skip:]
            start = start or line.start + skip
        return Paragraph(text, start, lines[-1].end, "quote"), markup
    return Paragraph(first.text + "".join(_rest(lines, chinese)), first.start, lines[-1].end), markup


def _rest(lines: Sequence[_Line], chinese: bool) -> Iterator[str]:
    """Give the lines after the first, each with what joins it to the one before."""
    for before, line in itertools.pairwise(lines):
        yield join_wrapped(before.text, line.text, chinese)
        yield line.text
