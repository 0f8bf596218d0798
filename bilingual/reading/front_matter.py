"""The header of a Markdown file between two lines of dashes: which of its values are text for readers?"""

from __future__ import annotations

import re

from bilingual.bitext import Kind

__all__ = ["read_front_matter"]

_FRONT_MATTER = re.compile(
    r"\ufeff?(?:---[ \t]*(?:\r\n|\r|\n)(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)"
    r"|\+\+\+[ \t]*(?:\r\n|\r|\n)(?P<toml>.*?)^\+\+\+[ \t]*(?:\r\n|\r|\n|\Z))",
    re.DOTALL | re.MULTILINE,
)
_MAX_LENGTH = 20_000
_LINE = re.compile(r"[^\S\r\n]*(?:#.*|-\s.*|[\w\"'.-]+[ \t]*[:=].*|[\[\]{},].*|[ \t]+\S.*)?[ \t]*$")
_FIELD = re.compile(
    r"^(?P<key>title|subtitle|description|summary|excerpt|author|date|source)[ \t]*[:=][ \t]*"
    r"(?:\"(?P<double>[^\"\\\r\n]+)\"|'(?P<single>[^'\r\n]+)'|(?P<plain>[^\s\"'|>&*!{\[#%@`][^\r\n]*?))[ \t]*$",
    re.MULTILINE,
)
_KINDS: dict[str, Kind] = {"title": "title", "author": "metadata", "date": "metadata", "source": "metadata"}


def read_front_matter(source: str) -> tuple[int, list[tuple[int, int, Kind]]]:
    r"""Find the front matter (YAML or TOML) and the values in it that people read.

    Returns:
        Where the body starts (0 when there is no front matter), and (start, end, kind) of the values: title,
        subtitle, description, summary, author, date and source when they are single lines. All else is markup.

    >>> read_front_matter("---\ntitle: 河边\n---\n正文。")
    (18, [(11, 13, 'title')])
    """
    found = _FRONT_MATTER.match(source, 0, _MAX_LENGTH)
    if not found:
        return 0, []
    start, end = found.span("yaml" if found["yaml"] is not None else "toml")
    content = re.split(r"\r\n|\r|\n", source[start:end])
    if not any(re.match(r"[\w\"'.-]+[ \t]*[:=]", line) for line in content):
        return 0, []
    if not all(_LINE.match(line) for line in content):
        return 0, []
    values = []
    for field in _FIELD.finditer(source, start, end):
        group = next(name for name in ("double", "single", "plain") if field[name] is not None)
        kind = _KINDS.get(field["key"], "text")
        values.append((*field.span(group), kind))
    return found.end(), values
