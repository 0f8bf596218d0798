"""`bilingual translate`: one article, or a few."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli.options import (
    DEFAULT_MODEL,
    Beam,
    Checks,
    Encoding,
    EngineName,
    Force,
    GlossaryFile,
    MemoryFile,
    Model,
    PreSegmented,
    Repair,
    SourceLang,
    Threads,
    To,
    WholePage,
    chosen_formats,
    existing_glossary,
    existing_memory,
    open_translator,
    say_quality,
    say_terms,
)
from bilingual.cli.terminal import progress_bar, read_stdin, say, write_stdout
from bilingual.errors import BilingualError, InputError, OutputError

if TYPE_CHECKING:
    from bilingual.bitext import Document, TranslationUnit

__all__ = ["translate"]


def translate(
    articles: Annotated[
        list[Path], typer.Argument(help="Text, Markdown, HTML, Word, EPUB or subtitle files; - is standard input.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Output file (a folder for several); - is standard output."),
    ] = None,
    to: To = None,
    model: Model = DEFAULT_MODEL,
    engine: EngineName = "ctranslate2",
    beam: Beam = 4,
    threads: Threads = 0,
    reference: Annotated[
        Path | None, typer.Option(help="A human translation to score against; only with one article.")
    ] = None,
    pre_segmented: PreSegmented = False,
    whole_page: WholePage = False,
    encoding: Encoding = None,
    source_lang: SourceLang = None,
    checks: Checks = True,
    repair: Repair = True,
    memory: MemoryFile = None,
    glossary: GlossaryFile = None,
    force: Force = False,
) -> None:
    """Translate Chinese articles and write both languages side by side, as ARTICLE.zh-en.html beside each.

    Example: bilingual translate article.txt --to html,tsv
    """
    from bilingual.encoders import load_encoder
    from bilingual.output import (
        check_outputs,
        default_format,
        output_paths,
        page_facts,
        render_output,
        shown,
        write_output,
    )
    from bilingual.pipeline import Options, load_document, translate_documents
    from bilingual.protocols import Decoding
    from bilingual.reference import match_reference

    if reference and len(articles) > 1:
        raise InputError(
            "--reference goes with one article; for several use 'bilingual batch' with --reference DIRECTORY."
        )
    to_stdout = str(output) == "-" or (output is None and [str(a) for a in articles] == ["-"])
    formats = chosen_formats(to, "txt" if to_stdout else default_format(articles, output))
    if to_stdout and len(formats) > 1:
        raise InputError("Standard output takes one format: give --to once.")
    outputs = {} if to_stdout else output_paths(articles, output, formats)
    check_outputs(articles, outputs, force)

    failed: list[Path] = []

    def loaded() -> Sequence[tuple[Path, Document]]:
        documents = []
        for article in articles:
            stdin = str(article) == "-"
            try:
                document = load_document(
                    None if stdin else article,
                    read_stdin() if stdin else None,
                    name="stdin" if stdin else article.name,
                    encoding=encoding,
                    lang=source_lang,
                    pre_segmented=pre_segmented,
                    whole_page=whole_page,
                )
            except BilingualError as error:
                if len(articles) == 1:
                    raise
                say(f"Error: {error}")
                failed.append(article)
                continue
            for note in document.notes:
                say(f"{article}: {note}")
            documents.append((article, document))
        return documents

    terms = existing_glossary(glossary)
    inputs = loaded()
    translator = open_translator(model, engine, threads)
    options = Options(
        decoding=Decoding(beam=beam, links=True),
        checks=checks,
        repair=repair,
        memory=existing_memory(memory),
        glossary=terms,
    )
    translated_units: list[TranslationUnit] = []
    total = sum(len(document.sentences) for _, document in inputs)
    with progress_bar("Translating", total) as advance:
        results = translate_documents(
            (document for _, document in inputs), translator, options=options, progress=advance
        )
        for (article, _), translated in zip(inputs, results, strict=True):
            if terms:
                translated_units += translated.units
            matched = None
            if reference:
                matched = match_reference(translated.bitext.source, translated.units, reference, load_encoder)
            facts = page_facts(translator, translated, matched)
            for line in facts.scores:
                say(f"{article}: {line}")
            if to_stdout:
                write_stdout(render_output(formats[0], translated, facts))
                continue
            for name in formats:
                try:
                    write_output(outputs[article, name], name, translated, facts)
                except OutputError as error:
                    if len(articles) == 1:
                        raise
                    say(f"Error: {error}")
                    failed.append(article)
                    break
                say(f"{article} → {shown(outputs[article, name], name)}")
    if terms:
        say_terms(terms, translated_units)
    say_quality(model)
    if failed:
        raise typer.Exit(1)
