"""`bilingual segment`: one sentence a line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bilingual.cli.terminal import read_stdin, say, write_stdout

__all__ = ["segment"]


def segment(
    file: Annotated[Path, typer.Argument(help="A text, Markdown or HTML file; - is standard input.")],
    lang: Annotated[str | None, typer.Option(help="Language of the text: zh-Hans, zh-Hant or en.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of the file, when the guess is wrong.")] = None,
    whole_page: Annotated[
        bool, typer.Option("--whole-page", help="Keep the parts of a web page outside the article.")
    ] = False,
) -> None:
    """Print one sentence a line, a blank line between paragraphs.

    Example: bilingual segment article.txt
    """
    from bilingual.bitext import check_ledger
    from bilingual.pipeline import load_document

    stdin = str(file) == "-"
    document = load_document(
        None if stdin else file,
        read_stdin() if stdin else None,
        name="stdin" if stdin else file.name,
        encoding=encoding,
        lang=lang,
        whole_page=whole_page,
    )
    for note in document.notes:
        say(note)
    check_ledger(document)
    blocks = (
        "\n".join(" ".join(sentence.text.split("\n")) for sentence in paragraph.sentences)
        for paragraph in document.paragraphs
        if paragraph.sentences
    )
    write_stdout(("\n\n".join(blocks) + "\n").encode("utf-8", "surrogateescape"))
