"""`bilingual terms`: a first glossary of an article, to be edited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli.options import (
    DEFAULT_MODEL,
    Beam,
    Encoding,
    EngineName,
    Force,
    Model,
    SourceLang,
    Threads,
    WholePage,
    open_translator,
)
from bilingual.cli.terminal import progress_bar, read_stdin, say, write_stdout
from bilingual.errors import OutputError

if TYPE_CHECKING:
    from bilingual.bitext import TranslationUnit

__all__ = ["terms"]


def terms(
    articles: Annotated[list[Path], typer.Argument(help="Text, Markdown or HTML files; - is standard input.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Output file (TSV); standard output by default.")
    ] = None,
    min_count: Annotated[int, typer.Option(min=2, help="Times that a name has to stand in the articles.")] = 2,
    model: Model = DEFAULT_MODEL,
    engine: EngineName = "ctranslate2",
    beam: Beam = 4,
    threads: Threads = 0,
    whole_page: WholePage = False,
    encoding: Encoding = None,
    source_lang: SourceLang = None,
    force: Force = False,
) -> None:
    """Propose a glossary: titles, recurring names, organisations, and what the engine renders in different ways.

    Look through it, correct the English, delete the rest, and translate with --glossary.

    Example: bilingual terms article.txt -o terms.tsv
    """
    from bilingual.align.lexicon import load_lexicon
    from bilingual.formats import write_atomically
    from bilingual.pipeline import Options, load_document, translate_documents
    from bilingual.protocols import Decoding
    from bilingual.terms import propose_terms, write_proposals

    to_file = output if output and str(output) != "-" else None
    if to_file and to_file.resolve() in {article.resolve() for article in articles}:
        raise OutputError(f"{to_file} is an input: choose another file with -o.")
    if to_file and to_file.exists() and not force:
        raise OutputError(f"{to_file} exists and may hold your work: add --force to replace it, or choose -o.")
    documents = []
    for article in articles:
        stdin = str(article) == "-"
        documents.append(
            load_document(
                None if stdin else article,
                read_stdin() if stdin else None,
                name="stdin" if stdin else article.name,
                encoding=encoding,
                lang=source_lang,
                whole_page=whole_page,
            )
        )
    translator = open_translator(model, engine, threads)
    options = Options(decoding=Decoding(beam=beam, links=True), checks=False)
    units: list[TranslationUnit] = []
    with progress_bar("Translating", sum(len(document.sentences) for document in documents)) as advance:
        for translated in translate_documents(documents, translator, options=options, progress=advance):
            units += translated.units
    proposals = propose_terms(units, min_count, load_lexicon().words)
    data = write_proposals(proposals).encode("utf-8")
    if to_file:
        write_atomically(to_file, lambda file: file.write(data))
    else:
        write_stdout(data)
    differing = sum(one.reason == "inconsistent" for one in proposals)
    say(f"{len(proposals)} terms proposed, {differing} of them rendered in different ways.")
