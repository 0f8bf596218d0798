"""A Markdown parser whose inline tokens know where they stand: `meta["at"]`, an offset into the block's content.

Imports markdown-it, so it is itself imported only when a Markdown file is read.
"""

from __future__ import annotations

import itertools
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import StateInline
from markdown_it.token import Token

__all__ = ["parse_markdown"]

_MAX_NESTING = 100
"""Depth of quotes and lists; each costs three Python frames of a thousand. What is deeper is not parsed."""


def parse_markdown(source: str) -> tuple[list[Token], list[tuple[int, int]]]:
    """Parse CommonMark with tables and strikethrough.

    Returns:
        The tokens, and the line ranges of the link definitions, for which there are no tokens.
    """
    md = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING})
    md.inline = _LocatedInline()
    md.inline.ruler.disable(["linkify"])
    md.inline.ruler2.disable(["fragments_join"])
    md.core.ruler.disable(["text_join"])
    md.enable(["table", "strikethrough"])
    env: dict[str, Any] = {}
    tokens = md.parse(source, env)
    definitions = [*env.get("references", {}).values(), *env.get("duplicate_refs", [])]
    return tokens, [(definition["map"][0], definition["map"][1]) for definition in definitions]


class _LocatedState(StateInline):
    """Notes the offset of each token as it is pushed."""

    pending_at = 0

    def append_pending(self, text: str) -> None:
        if not self.pending:
            self.pending_at = self.pos
        super().append_pending(text)

    def pushPending(self) -> Token:
        token = super().pushPending()
        token.meta["at"] = self.pending_at
        return token

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        token = super().push(ttype, tag, nesting)
        token.meta["at"] = self.pos
        return token


class _LocatedInline(ParserInline):
    """Parses into located tokens; the pieces of a run of `*` or `~`, all pushed from one place, are told apart."""

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _LocatedState(src, md, env, tokens)
        self.tokenize(state)
        for before, token in itertools.pairwise(tokens):
            if before.type == token.type == "text" and token.meta["at"] <= before.meta["at"]:
                token.meta["at"] = before.meta["at"] + len(before.content)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens
