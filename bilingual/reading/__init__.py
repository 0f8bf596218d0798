"""A file -> a `Document` without sentences."""

from __future__ import annotations

from pathlib import Path

from bilingual.bitext import Document
from bilingual.errors import InputError
from bilingual.reading.docx import read_docx
from bilingual.reading.encoding import decode
from bilingual.reading.epub import read_epub
from bilingual.reading.html import read_html
from bilingual.reading.language import detect_language
from bilingual.reading.markdown import read_markdown
from bilingual.reading.options import Reader, ReadOptions
from bilingual.reading.subtitles import read_subtitles
from bilingual.reading.text import read_lines, read_text

__all__ = [
    "READERS",
    "ReadOptions",
    "Reader",
    "decode",
    "detect_language",
    "read_document",
    "read_docx",
    "read_epub",
    "read_html",
    "read_lines",
    "read_markdown",
    "read_subtitles",
    "read_text",
]

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".docx": read_docx,
    ".epub": read_epub,
    ".srt": read_subtitles,
    ".vtt": read_subtitles,
}
"""Reader by file name extension, in lower case."""


def read_document(
    path: Path | None,
    data: bytes | None = None,
    *,
    name: str,
    encoding: str | None = None,
    lang: str | None = None,
    pre_segmented: bool = False,
    whole_page: bool = False,
    extension: str | None = None,
) -> Document:
    """Read one document, without sentences.

    Args:
        path: The file; None when `data` is given.
        data: The content, when it does not come from a file (standard input).
        name: The document's name, as in `Document.name` and in messages.
        encoding: Its encoding; None to recognise it.
        lang: Its language (BCP 47); None to recognise it.
        pre_segmented: One segment a line, whatever the extension; no structure is guessed.
        whole_page: Keep everything on a web page, not the article alone.
        extension: The kind of file, as a key of `READERS`; None to take that of the path (or the name), plain text
            where there is none.

    Raises:
        InputError: The file is missing, a directory, empty, no text, or of a kind that no reader is for.
    """
    suffix = (extension if extension is not None else (path or Path(name)).suffix).lower()
    reader = read_lines if pre_segmented else READERS.get(suffix or ".txt")
    if reader is None:
        if path is not None and not path.exists():
            raise InputError(_missing(path))
        raise InputError(
            f"{name}: no reader for {suffix!r} files; what can be read is {', '.join(READERS)}: "
            "save it as one of these, for example as a .txt file in UTF-8"
        )
    if data is None:
        if path is None:
            raise ValueError("either a path or the data is needed")
        data = _content(path)
    try:
        if not data:
            raise InputError("the file is empty: give one that has text")
        return reader(data, name, ReadOptions(encoding, lang, whole_page))
    except InputError as error:
        if str(error).startswith(name):  # about a place inside of the file: "book.epub/page.xhtml:3: ..."
            raise
        raise InputError(f"{name}: {error}") from error


def _missing(path: Path) -> str:
    where = "" if path.parent.exists() else f" (there is no directory {path.parent} either)"
    return f"{path}: no such file{where}; check the name, or type - to read from standard input"


def _content(path: Path) -> bytes:
    """Read the bytes of a file, or say why they cannot be."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(_missing(path)) from None
    except IsADirectoryError:
        raise InputError(f"{path}: a directory; for all files in it type: bilingual batch {path} -o OUT") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{path}: cannot be read ({reason}); check its permissions and name") from None
