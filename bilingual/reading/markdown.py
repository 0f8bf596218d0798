"""Markdown -> blocks: the text alone, with every sign of the format accounted for as markup."""

from __future__ import annotations

import bisect
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bilingual.bitext import Document, Kind, Paragraph, Span
from bilingual.reading.article import label_article
from bilingual.reading.encoding import decode, describe_encoding
from bilingual.reading.front_matter import read_front_matter
from bilingual.reading.language import detect_language
from bilingual.reading.options import ReadOptions, has_visible, notes_on, refuse_blank
from bilingual.reading.raw_html import text_in_html
from bilingual.reading.text import join_wrapped, split_lines

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["read_markdown"]

_BREAK_TAG = re.compile(r"<br\b", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BARE_SIGNS = re.compile(r"(?:\s|>|[-+*]|\d{1,9}[.)])*")
_CONTAINERS: dict[str, Kind] = {
    "bullet_list_open": "list_item",
    "ordered_list_open": "list_item",
    "blockquote_open": "quote",
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some text and the source [start, end) that it stands for; the two differ for a `&copy;` or a joined line."""

    text: str
    start: int
    end: int


_Pieces = list[_Piece]
_Lines = Sequence[tuple[int, str]]
"""(offset in the source, line without its end)."""


@dataclass(slots=True)
class _Blocks:
    """What has been read so far: blocks as pieces, and which source lines were dealt with."""

    chinese: bool
    found: list[tuple[_Pieces, Kind, int]] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)

    def add(self, pieces: _Pieces, kind: Kind, level: int = 0) -> None:
        """Add a block, without the white space around it, unless there is nothing to see in it."""
        while pieces and not has_visible(pieces[0].text):
            pieces = pieces[1:]
        while pieces and not has_visible(pieces[-1].text):
            pieces = pieces[:-1]
        if pieces:
            self.found.append((pieces, kind, level))


def read_markdown(data: bytes, name: str, options: ReadOptions) -> Document:
    """Read a Markdown file (CommonMark, tables, strikethrough, front matter).

    `Document.text` is the source, with character references (`&copy;`) resolved where they stand for text.
    """
    source, encoding = decode(data, options.encoding)
    refuse_blank(source)
    lang = options.lang or detect_language(source)
    text, paragraphs, markup = _assemble(source, _collect(source, lang.startswith("zh")))
    labelled = label_article(paragraphs, lang, heads=False)
    notes = [note for note in (describe_encoding(encoding), *notes_on(text, options.lang)) if note]
    return Document(lang, name, text, labelled, tuple(markup), tuple(notes))


def _collect(source: str, chinese: bool) -> list[tuple[_Pieces, Kind, int]]:
    """Parse the source and gather its blocks in order."""
    from bilingual.reading.markdown_places import parse_markdown

    blocks = _Blocks(chinese)
    body, fields = read_front_matter(source)
    for start, end, kind in fields:
        blocks.add([_Piece(source[start:end], start, end)], kind)
    lines = [(start + body, line) for start, line in split_lines(source[body:])]
    # The parser puts U+FFFD for NUL; done here, the lengths stay those of the source.
    tokens, definitions = parse_markdown("\n".join(line.replace("\x00", "\ufffd") for _, line in lines))
    for first, last in definitions:
        blocks.lines.update(range(first, last))
    _walk(tokens, lines, source, blocks)
    for number, (start, line) in enumerate(lines):  # below the parser's depth
        if number not in blocks.lines and not _BARE_SIGNS.fullmatch(line):
            blocks.add([_Piece(line, start, start + len(line))], "text")
    return sorted(blocks.found, key=lambda block: block[0][0].start)


def _walk(tokens: Sequence[Token], lines: _Lines, source: str, blocks: _Blocks) -> None:
    """Turn block tokens into blocks."""
    containers: list[Kind] = []
    heading, row, cell = 0, 0, -1  # depth of the heading, line of the table row, place in it; none: 0, 0, -1
    titled = any(kind == "title" for _, kind, _ in blocks.found)
    for token in tokens:
        kind: Kind = containers[-1] if containers else "text"
        level = containers.count("list_item") if kind == "list_item" else 0
        if token.map and token.type not in _CONTAINERS and token.type != "list_item_open":
            blocks.lines.update(range(*token.map))
        if token.type in _CONTAINERS:
            containers.append(_CONTAINERS[token.type])
        elif token.type.replace("_close", "_open") in _CONTAINERS:
            containers.pop()
        elif token.type in ("heading_open", "heading_close"):
            heading = int(token.tag[1]) if token.nesting == 1 else 0
        elif token.type in ("fence", "code_block"):
            blocks.add(_code(token, lines, source), "code")
        elif token.type == "html_block" and token.map:
            start = lines[token.map[0]][0]
            last, line = lines[token.map[1] - 1]
            for spans in text_in_html(source[start : last + len(line)]):
                pieces = [piece for a, b in spans for piece in _resolved(source, start + a, start + b)]
                blocks.add(_on_one_line(pieces, blocks.chinese), kind, level)
        elif token.type == "tr_open" and token.map:
            row, cell = token.map[0], 0
        elif token.type == "tr_close":
            _add_spare_cells(*lines[row], cell, blocks)
            cell = -1
        elif token.type == "inline" and token.map:
            first, last = token.map
            if cell >= 0:
                origin = _cell_origins(token.content, *lines[first], cell)
                cell = origin[-1] + 1 - lines[first][0] if origin else cell
            else:
                origin = _origins(token.content, lines[first:last])
            if heading == 1 and not titled:
                kind, level, titled = "title", 0, True
            elif heading:
                kind, level = "heading", heading
            _add_inline(token.children or [], origin, source, blocks, kind, level)


def _origins(content: str, lines: _Lines) -> list[int]:
    """Say for each code point of a block's content where it stands in the source.

    Content lines are source lines without what is before them (indentation, `> `) and the white space after.
    """
    origin: list[int] = []
    parts = content.split("\n")
    skip = next((i for i, (_, line) in enumerate(lines) if parts[0].strip() in line.replace("\x00", "\ufffd")), 0)
    for (start, line), part in zip(
        lines[skip:], parts, strict=False
    ):  # lines of a lone \v or \f are not in the content
        inner = part.strip()
        lead = len(part) - len(part.lstrip())
        at = max(line.replace("\x00", "\ufffd").rfind(inner), 0) - lead
        origin += [start + min(max(at + i, 0), len(line)) for i in range(len(part) + 1)]
    return origin


def _cell_origins(content: str, start: int, line: str, at: int) -> list[int]:
    r"""Say where the code points of a table cell stand: looked for from `at` on, where a pipe is written `\|`."""
    origin: list[int] = []
    shown = line.replace("\x00", "\ufffd")
    while at < len(line) and (line[at] in "| \t\u00a0\u3000"):
        at += 1
    for character in content:
        while at < len(line) and shown[at] != character:
            at += 1
        origin.append(start + min(at, len(line)))
        at += 1
    return origin


def _add_spare_cells(start: int, line: str, at: int, blocks: _Blocks) -> None:
    """Add the cells of a row beyond the columns of its table, which the parser leaves out."""
    for found in re.finditer(r"[^|]+", line[at:]):
        blocks.add([_Piece(found[0].strip(), start + at + found.start(), start + at + found.end())], "text")


def _code(token: Token, lines: _Lines, source: str) -> _Pieces:
    """Take the lines of a code block as they stand, without the indentation and signs of what they are in."""
    first, last = token.map or (0, 0)
    first += token.type == "fence"
    content = token.content.removesuffix("\n").split("\n") if token.content else []
    pieces: _Pieces = []
    for (start, line), part in zip(lines[first:last], content, strict=False):
        shown = line.replace("\x00", "\ufffd")
        skip = len(line) - len(part) if shown.endswith(part) else max(shown.rfind(part.lstrip()), 0)
        if pieces:
            pieces.append(_Piece("\n", start, start))
        pieces.append(_Piece(source[start + skip : start + len(line)], start + skip, start + len(line)))
    return pieces


def _add_inline(
    children: Sequence[Token], origin: Sequence[int], source: str, blocks: _Blocks, kind: Kind, level: int
) -> None:
    """Add the block that an inline token holds: more than one where it has hard breaks."""
    images = {"image", "softbreak", "link_open", "link_close"}
    only_images = any(child.type == "image" for child in children) and all(
        child.type in images or not child.content.strip() for child in children
    )
    if only_images and kind == "text":
        kind = "caption"
    pieces: _Pieces = []
    for piece in _pieces(children, origin, 0, source):
        if piece is None and kind not in ("title", "heading"):
            blocks.add(_on_one_line(pieces, blocks.chinese), kind, level)
            pieces = []
        else:
            pieces.append(piece or _Piece("\n", 0, 0))
    blocks.add(_on_one_line(pieces, blocks.chinese), kind, level)


def _pieces(children: Sequence[Token], origin: Sequence[int], base: int, source: str) -> Iterator[_Piece | None]:
    r"""Give the text of inline tokens piece by piece, "\n" for a soft wrap, None for a hard break."""
    linked = False
    for token in children:
        at = base + token.meta.get("at", 0)
        if token.type == "image":
            yield from _pieces(token.children or [], origin, at + len("!["), source)
        elif token.type == "softbreak":
            yield _Piece("\n", 0, 0)
        elif token.type == "hardbreak" or (token.type == "html_inline" and _BREAK_TAG.match(token.content)):
            yield None
        elif token.type == "link_open":
            linked = token.markup == "autolink"
        elif token.type == "text_special" and token.info == "entity":
            yield _Piece(token.content, origin[at], origin[at + len(token.markup) - 1] + 1)
        elif token.type in ("text", "text_special", "code_inline"):
            at += len(token.markup) if token.type == "code_inline" else 0
            at += len(token.markup) - len(token.content) if token.type == "text_special" else 0
            length = len(token.content)
            if linked:  # the token holds the address decoded; the source is what counts
                at, length, linked = at + 1, source.index(">", origin[at]) - origin[at] - 1, False
            elif token.type == "code_inline" and length and source[origin[at]] == " " != token.content[0]:
                at += 1
            yield from _runs(source, origin[at : at + length])


def _runs(source: str, places: Sequence[int]) -> Iterator[_Piece]:
    """Give the source at these places as pieces, each an unbroken run."""
    start = 0
    for i in range(1, len(places) + 1):
        if i == len(places) or places[i] != places[i - 1] + 1:
            if places:
                first, last = places[start], places[i - 1] + 1
                yield _Piece(source[first:last], first, last)
            start = i


def _resolved(source: str, start: int, end: int) -> Iterator[_Piece]:
    """Give HTML text as pieces, each character reference one of its own."""
    for found in _REFERENCE.finditer(source, start, end):
        if found.start() > start:
            yield _Piece(source[start : found.start()], start, found.start())
        yield _Piece(html.unescape(found[0]), *found.span())
        start = found.end()
    if start < end:
        yield _Piece(source[start:end], start, end)


def _on_one_line(pieces: _Pieces, chinese: bool) -> _Pieces:
    """Join soft wraps: nothing between Chinese characters, elsewhere a space."""
    line: _Pieces = []
    for number, piece in enumerate(pieces):
        if piece.start == piece.end and piece.text == "\n":
            before = line[-1].text if line else ""
            after = next((p.text for p in pieces[number + 1 :] if p.text.strip()), "")
            if join := join_wrapped(before, after.lstrip(), chinese):
                line.append(_Piece(join, 0, 0))
        else:
            wrapped = re.split(r"[ \t]*(?:\r\n|\r|\n)[ \t]*", piece.text)
            text = wrapped[0]
            for part in wrapped[1:]:
                text += join_wrapped(text, part, chinese) + part
            line.append(_Piece(text, piece.start, piece.end))
    return line


def _assemble(source: str, blocks: Sequence[tuple[_Pieces, Kind, int]]) -> tuple[str, list[Paragraph], list[Span]]:
    """Resolve the character references in the source and give the paragraphs and the markup their places in it."""
    parts: list[str] = []
    old, new, done = [0], [0], 0  # from source offset old[i] on, text offset = new[i] + distance
    placed = [piece for pieces, _, _ in blocks for piece in pieces if piece.end > piece.start]
    length = 0
    for piece in placed:
        raw = source[piece.start : piece.end]
        if piece.text != raw and _REFERENCE.fullmatch(raw):
            parts += [source[done : piece.start], piece.text]
            length += piece.start - done + len(piece.text)
            done = piece.end
            old.append(done)
            new.append(length)
    text = "".join([*parts, source[done:]])

    def place(offset: int) -> int:
        i = bisect.bisect_right(old, offset) - 1
        return new[i] + offset - old[i]

    paragraphs = []
    for pieces, kind, level in blocks:
        line = "".join(piece.text for piece in pieces)
        strip = (lambda s: s.strip("\r\n")) if kind == "code" else str.strip
        paragraphs.append(Paragraph(strip(line), place(pieces[0].start), place(pieces[-1].end), kind, level))
    markup, position = [], 0
    for piece in [*placed, _Piece("", len(source), len(source))]:
        start, end = position, place(piece.start)
        gap = text[start:end]
        if has_visible(gap):
            start += len(gap) - len(gap.lstrip())
            markup.append((start, end - (len(gap) - len(gap.rstrip()))))
        position = place(piece.end)
    return text, paragraphs, markup
