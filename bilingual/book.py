"""A book as a folder of pages: one bilingual page a chapter, and an index that leads to them."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bilingual.bitext import TranslationUnit
from bilingual.errors import OutputError
from bilingual.formats.chapters import split_chapters
from bilingual.page import IndexEntry, PageFacts, render_index, render_page

__all__ = ["chapter_files", "is_book", "render_book", "write_book"]

INDEX = "index.html"
_PAGE = re.compile(r"[0-9]{3,}(-.*)?\.html")


def render_book(units: Sequence[TranslationUnit], *, title: str, facts: PageFacts) -> dict[str, bytes]:
    """Render the pages of a book, the index first: file name to content.

    Each page speaks of a document of its own, `book.epub/003-…`, so that decisions on one chapter are not taken for
    those on another; the ids of the units, by which decisions are applied, stay as they are.
    """
    entries, pages = [], dict[str, bytes]()
    for chapter in split_chapters(units):
        name = f"{chapter.stem}.html"
        rows = [replace(unit, document=f"{unit.document}/{chapter.stem}") for unit in chapter.units]
        page = render_page(rows, title=chapter.title or title, facts=replace(facts, scores=()))
        pages[name] = page.encode("utf-8", "surrogatepass")
        severities = Counter(issue.severity for unit in rows for issue in unit.issues)
        entries.append(
            IndexEntry(
                document=chapter.title or title,
                outputs=(name,),
                sentences=len(rows),
                errors=severities["error"],
                warnings=severities["warning"],
                infos=severities["info"],
            )
        )
    index = render_index(entries, title=title, facts=facts, noun="chapter")
    return {INDEX: index.encode("utf-8", "surrogatepass"), **pages}


def write_book(path: Path, pages: Mapping[str, bytes]) -> None:
    """Write pages to a folder, all or none; pages of an earlier run that are not among them are removed.

    Raises:
        OutputError: They cannot be written.
    """
    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        temporary.mkdir()
        for name, page in pages.items():
            (temporary / name).write_bytes(page)
        if not path.exists():
            os.replace(temporary, path)
            return
        for file in chapter_files(path):
            if file.name not in pages:
                file.unlink(missing_ok=True)
        for name in pages:
            os.replace(temporary / name, path / name)
    except OSError as error:
        raise OutputError(f"{path}: not written: {error.strerror or error}; choose another folder with -o") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def chapter_files(path: Path) -> list[Path]:
    """Name the files of a book that is or will be in a folder, the index first."""
    pages = sorted(file for file in path.glob("*.html") if _PAGE.fullmatch(file.name)) if path.is_dir() else []
    return [path / INDEX, *pages]


def is_book(path: Path) -> bool:
    """Say whether a folder holds nothing but a book, or nothing at all."""
    return path.is_dir() and all(file.name == INDEX or _PAGE.fullmatch(file.name) for file in path.iterdir())
