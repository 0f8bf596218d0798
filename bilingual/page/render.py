"""Units -> one HTML file that needs nothing else: no network, no other file, no script to be readable."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from bilingual.bitext import TranslationUnit
from bilingual.page.facts import IndexEntry, PageFacts
from bilingual.page.marks import json_for_html, visible_signs
from bilingual.page.rows import is_flagged, language_name, page_data, rows

__all__ = ["render_index", "render_page"]

SCRIPTS = ("state.js", "decisions.js", "view.js", "panels.js", "filter.js", "keep.js", "keys.js")
"""In the order in which they stand in the page, inside one function."""
BETTER_MODEL = "Helsinki-NLP/opus-mt-zh-en"


def render_page(units: Sequence[TranslationUnit], *, title: str, facts: PageFacts) -> str:
    """Render units as a page that shows both languages side by side and takes the reviewer's decisions.

    Args:
        units: In the order of the document; neighbours with the same `paragraph` stand in one row.
        title: For the window's title, and as heading when no unit is a title.
        facts: What the footer says, references, offers of a memory.

    Returns:
        The whole file, to be written as UTF-8.
    """
    style, script = _read("page.css"), _script()
    first = units[0] if units else None
    return (
        _environment()
        .get_template("page.html")
        .render(
            title=title,
            facts=facts,
            rows=rows(units, facts),
            counts=_counts(units),
            has_title=any(unit.kind == "title" for unit in units),
            human=bool(units) and all(unit.origin == "human" for unit in units),
            source_lang=first.source_lang if first else "zh-Hans",
            target_lang=first.target_lang if first else "en",
            language_name=language_name,
            better_model=BETTER_MODEL,
            data=json_for_html(page_data(units, facts)),
            style=Markup(style),
            script=Markup(script),
            policy=_policy(style, script),
        )
    )


def render_index(
    entries: Sequence[IndexEntry], *, title: str, facts: PageFacts, noun: Literal["document", "chapter"] = "document"
) -> str:
    """Render the list of a directory's documents, or of a book's chapters, with links, counts and what failed.

    Args:
        entries: In the order to be shown; failed ones are also listed on top.
        title: For the window's title and the heading.
        facts: What the footer says about the run.
        noun: What is listed.

    Returns:
        The whole file, to be written as UTF-8.
    """
    style = _read("page.css")
    totals = {
        name: sum(getattr(entry, name) for entry in entries) for name in ("sentences", "errors", "warnings", "infos")
    }
    return (
        _environment()
        .get_template("index.html")
        .render(
            title=title,
            facts=facts,
            entries=entries,
            noun=noun,
            failed=[entry for entry in entries if entry.status == "failed"],
            statuses=Counter(entry.status for entry in entries),
            totals=totals,
            href=_href,
            extension=lambda path: path.rpartition(".")[2],
            better_model=BETTER_MODEL,
            style=Markup(style),
            policy=_policy(style, ""),
        )
    )


def _href(path: str) -> str:
    """Make a relative link of a path; "./" keeps a name like "javascript:x" from being read as a scheme."""
    try:
        return "./" + quote(path, safe="/", errors="surrogateescape")  # bytes of a name that are not UTF-8
    except UnicodeEncodeError:
        return "./" + quote(path, safe="/", errors="replace")


def _counts(units: Sequence[TranslationUnit]) -> dict[str, int]:
    severities = Counter(issue.severity for unit in units for issue in unit.issues)
    return {
        "units": len(units),
        "paragraphs": len({(unit.document, unit.paragraph) for unit in units}),
        "error": severities["error"],
        "warning": severities["warning"],
        "info": severities["info"],
        "flagged": sum(is_flagged(unit) for unit in units),
    }


@cache
def _read(name: str) -> str:
    """Read one of the room's files; line ends are LF whatever the checkout made of them."""
    return (files("bilingual.page") / name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _script() -> str:
    """Join the scripts in one function, so that the page has no global names."""
    return '(() => {\n"use strict";\n' + "\n".join(_read(name) for name in SCRIPTS) + "})();\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalized(value: object) -> object:
    """Show in every plain text that is written what nobody would see; marked texts are done already."""
    return visible_signs(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _policy(style: str, script: str) -> str:
    """Write the Content-Security-Policy: nothing may be loaded, sent or run but these two texts."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'" if script else "script-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
