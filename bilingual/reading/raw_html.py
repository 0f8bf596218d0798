"""HTML inside Markdown: which stretches of it are text?"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from bilingual.bitext import Span

__all__ = ["text_in_html"]

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_HIDDEN = frozenset(["script", "style", "template", "noscript"])


def text_in_html(source: str) -> list[list[Span]]:
    """Find the text of a piece of HTML: one list of spans per block, inline markup lying between the spans.

    >>> text_in_html("<p>他<b>说</b></p><p>好</p>")
    [[(3, 4), (7, 8)], [(19, 20)]]
    """
    parser = _Spans(source)
    parser.feed(source)
    parser.close()
    parser.end_text(len(source))
    return [block for block in parser.blocks if block]


class _Spans(HTMLParser):
    """Collects the spans of the text between the tags: each goes on until anything else starts."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.blocks: list[list[Span]] = [[]]
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", source))]
        self._hidden = 0
        self._since: int | None = None

    def end_text(self, at: int) -> None:
        if self._since is not None and at > self._since and not self._hidden:
            self.blocks[-1].append((self._since, at))
        self._since = None

    def _here(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    def _in_text(self) -> None:
        if self._since is None:
            self._since = self._here()

    def handle_data(self, data: str) -> None:
        self._in_text()

    def handle_entityref(self, name: str) -> None:
        self._in_text()

    def handle_charref(self, name: str) -> None:
        self._in_text()

    def handle_comment(self, data: str) -> None:
        self.end_text(self._here())

    def handle_decl(self, decl: str) -> None:
        self.end_text(self._here())

    def handle_pi(self, data: str) -> None:
        self.end_text(self._here())

    def unknown_decl(self, data: str) -> None:
        self.end_text(self._here())

    def _tag(self, tag: str) -> None:
        self.end_text(self._here())
        if tag not in _INLINE and self.blocks[-1]:
            self.blocks.append([])

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._tag(tag)
        self._hidden += tag in _HIDDEN

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self._tag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._tag(tag)
        self._hidden -= tag in _HIDDEN and self._hidden > 0
