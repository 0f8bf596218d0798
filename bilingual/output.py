"""What a result is written as, where it goes, and what may not be overwritten.

An output never replaces an input. An existing page of ours is replaced, since nobody works in it directly; any other
existing file may hold a person's work and needs `force`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bilingual import __version__
from bilingual.align.beads import write_beads
from bilingual.bitext import Document, TranslationUnit, check_accounts
from bilingual.book import chapter_files, is_book, render_book, write_book
from bilingual.engines import DEFAULT_MODEL
from bilingual.errors import InputError, OutputError
from bilingual.formats import FORMATS, write_atomically, write_units
from bilingual.formats import output_paths as format_paths
from bilingual.formats.subtitles import write_subtitles
from bilingual.page import Offer, PageFacts, render_page
from bilingual.pipeline import Translated
from bilingual.protocols import Translator
from bilingual.reference import Matched

__all__ = [
    "OUTPUTS",
    "aligned_facts",
    "check_outputs",
    "default_format",
    "ending_of",
    "files_of",
    "format_named",
    "is_replaceable",
    "output_paths",
    "page_facts",
    "render_output",
    "shown",
    "write_output",
    "write_units_as",
]

SUBTITLES = ("srt", "vtt")
"""Outputs that need subtitles as their input, since they keep its timings."""

OUTPUTS = ("html", "chapters", "txt", "beads", *SUBTITLES, *FORMATS)
"""Names for --to. `chapters` is a folder of pages, `txt` the target alone, `beads` the indices alone."""


def ending_of(to: str) -> str:
    """Give what the files of an output end in, without the first dot: mostly its name."""
    return "below.docx" if to == "docx-below" else to


def format_named(word: str) -> str:
    """Turn an output's name, or an ending that its files may have (`xlf`, `htm`), into the name; others stay."""
    if word in OUTPUTS:
        return word
    endings = {"htm": "html"} | {
        ending.lstrip("."): format.name
        for format in reversed(FORMATS.values())
        for ending in (*format.extensions, *format.parts)
    }
    return endings.get(word, word)


def default_format(articles: Sequence[Path], output: Path | None) -> str:
    """Choose the format where --to is not given: by the ending of `output`, or a page; of books a page a chapter."""
    if output is not None and output.suffix and not output.is_dir():
        return output.suffix[1:].lower()
    books = all(article.suffix.lower() == ".epub" for article in articles)
    return "chapters" if articles and books else "html"


def output_paths(articles: Sequence[Path], output: Path | None, to: Sequence[str]) -> dict[tuple[Path, str], Path]:
    """Name the output of each article in each format.

    Without `output` it stands beside the input as `STEM.zh-en.EXT`. A single article takes `output` as its file (its
    stem, when there are several formats); otherwise, or when it is a folder, `output` is the folder.

    Raises:
        InputError: Two outputs would have the same name.
    """
    paths: dict[tuple[Path, str], Path] = {}
    taken: dict[Path, Path] = {}
    for article in articles:
        stem = "stdin" if str(article) == "-" else article.stem
        for name in to:
            if output is None:
                path = (Path() if str(article) == "-" else article.parent) / f"{stem}.zh-en.{ending_of(name)}"
            elif len(articles) == 1 and (not output.is_dir() or (list(to) == ["chapters"] and is_book(output))):
                path = output if len(to) == 1 else output.with_suffix(f".{ending_of(name)}")
            else:
                path = output / f"{stem}.zh-en.{ending_of(name)}"
            other = taken.setdefault(path.absolute(), article)
            if other != article:
                raise InputError(f"{other} and {article} would both be written to {path}: translate them one by one.")
            paths[article, name] = path
    return paths


def check_outputs(articles: Sequence[Path], outputs: dict[tuple[Path, str], Path], force: bool) -> None:
    """Refuse, before any work, what must not or cannot be written.

    Raises:
        InputError: An article is of a kind that the format cannot be made of.
        OutputError: An output is an input, exists and is not ours to replace, or its folder is missing.
    """
    inputs = {article.resolve() for article in articles}
    for (article, name), output in outputs.items():
        if name in SUBTITLES and article.suffix.lower().lstrip(".") not in SUBTITLES:
            raise InputError(_no_subtitles(str(article), name))
        if not output.parent.is_dir():
            raise OutputError(f"The folder {output.parent} does not exist: make it first (mkdir {output.parent}).")
        if name == "chapters" and output.exists() and not output.is_dir():
            raise OutputError(f"{output} is a file: name a folder for the chapters with -o.")
    for path in [file for (_, name), output in outputs.items() for file in files_of(output, name)]:
        if path.resolve() in inputs:
            raise OutputError(f"{path} is an input and would be overwritten: choose another output with -o.")
        if path.is_dir():
            raise OutputError(f"{path} is a directory: name a file with -o.")
        if not force and not is_replaceable(path):
            raise OutputError(f"{path} exists and may hold your work: add --force to replace it, or choose -o.")


def is_replaceable(path: Path) -> bool:
    """Say whether a path is free or holds a page of ours."""
    if not path.exists():
        return True
    if path.suffix.lower() != ".html" or not path.is_file():
        return False
    with path.open("rb") as file:
        return b'<meta name="generator" content="bilingual' in file.read(4096)


def page_facts(
    translator: Translator, translated: Translated | None = None, matched: Matched | None = None
) -> PageFacts:
    """Say what made a page, with the scores and the texts of a reference where there is one.

    Without a document it is the page about many.
    """
    return PageFacts(
        model=translator.model_name,
        license=translator.license or "not stated",
        signature=translated.bitext.signature if translated else translator.signature,
        date=date.today().isoformat(),
        made_by=f"bilingual {__version__}",
        modest=translator.model_name == DEFAULT_MODEL,
        scores=tuple(matched.lines()) if matched else (),
        notes=translated.bitext.source.notes if translated else (),
        reference=matched.by_unit if matched else {},
        offers={
            unit: tuple(Offer(match.source, match.target, match.score) for match in matches)
            for unit, matches in (translated.offers.items() if translated else ())
        },
    )


def aligned_facts(translated: Translated) -> PageFacts:
    """Say what made the page of two aligned documents."""
    bitext = translated.bitext
    return PageFacts(
        signature=bitext.signature,
        date=date.today().isoformat(),
        made_by=f"bilingual {__version__}",
        notes=(*bitext.source.notes, *bitext.target.notes),
    )


def render_output(to: str, translated: Translated, facts: PageFacts) -> bytes:
    """Make the bytes of one output, after the ledger has been verified.

    Raises:
        InputError: The format consists of several files, or the source is not of the kind that it needs.
        LedgerError: A character of the source is in no unit.
    """
    check_accounts(translated.bitext, translated.units)
    if to == "txt":
        return _plain(translated.bitext.target).encode("utf-8", "surrogatepass")
    if to == "beads":
        return write_beads(translated.bitext.beads).encode()
    if to == "html":
        title = _title(translated.bitext.source)
        return render_page(translated.units, title=title, facts=facts).encode("utf-8", "surrogatepass")
    if to in SUBTITLES:
        return _subtitles(translated, to)
    if to == "chapters" or FORMATS[to].parts:
        raise InputError(f"{to} consists of several files and cannot go to standard output: name a file with -o.")
    file = io.BytesIO()
    FORMATS[to].write(translated.units, file)
    return file.getvalue()


def write_output(path: Path, to: str, translated: Translated, facts: PageFacts) -> list[Path]:
    """Write one output, whole or not at all, and return the files written.

    Raises:
        LedgerError: A character of the source is in no unit.
        OutputError: The file cannot be written.
    """
    if to == "chapters":
        check_accounts(translated.bitext, translated.units)
        write_book(path, render_book(translated.units, title=_title(translated.bitext.source), facts=facts))
    elif to in FORMATS and FORMATS[to].parts:
        check_accounts(translated.bitext, translated.units)
        write_units(translated.units, path, to)
    else:
        data = render_output(to, translated, facts)
        write_atomically(path, lambda file: file.write(data))
    return files_of(path, to)


def write_units_as(units: Sequence[TranslationUnit], to: str, path: Path, *, title: str) -> None:
    """Write units that come from a table, with no documents behind them, as a page or in a format of units.

    Raises:
        InputError: The output needs the documents themselves.
        OutputError: The file cannot be written.
    """
    if to in FORMATS:
        write_units(units, path, to)
    elif to == "html":
        facts = PageFacts(date=date.today().isoformat(), made_by=f"bilingual {__version__}")
        page = render_page(units, title=title, facts=facts)
        write_atomically(path, lambda file: file.write(page.encode("utf-8", "surrogatepass")))
    else:
        raise InputError(f"{to} cannot be made from a table of units; take html or one of {', '.join(FORMATS)}.")


def files_of(path: Path, to: str) -> list[Path]:
    """Name the files that an output consists of: one, except for the formats of several files."""
    if to == "chapters":
        return chapter_files(path)
    return format_paths(path, to) if to in FORMATS else [path]


def shown(path: Path, to: str) -> str:
    """Name an output for people: its path, or the paths of a pair of files."""
    return " and ".join(map(str, format_paths(path, to))) if to in FORMATS else str(path)


def _subtitles(translated: Translated, to: str) -> bytes:
    """Write the subtitles that the source was read from, the translation below each original."""
    source = translated.bitext.source
    if Path(source.name).suffix.lower().lstrip(".") not in SUBTITLES:
        raise InputError(_no_subtitles(source.name, to))
    file = io.BytesIO()
    write_subtitles(translated.units, source.text, file, to)
    return file.getvalue()


def _no_subtitles(name: str, to: str) -> str:
    return f"{name} has no timings: {to} is made of .srt and .vtt files only, so choose another format with --to."


def _title(document: Document) -> str:
    """Take the document's title, or its name."""
    return next((p.text for p in document.paragraphs if p.kind == "title"), document.name)


def _plain(document: Document) -> str:
    """Write the paragraphs with a blank line between them; lists of segments stay one a line."""
    if document.pre_segmented:
        return "".join(f"{paragraph.text}\n" for paragraph in document.paragraphs)
    return "\n\n".join(paragraph.text for paragraph in document.paragraphs if paragraph.text) + "\n"
