"""What an actor loads, and what it does with documents: translate them, or align pairs of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, Literal

from bilingual.batch.portions import Source
from bilingual.batch.reuse import Reuse, ReusingTranslator
from bilingual.bitext import Document, TranslationUnit
from bilingual.encoders import load_encoder
from bilingual.engines import load_translator
from bilingual.errors import BilingualError
from bilingual.memory import open_memory
from bilingual.pipeline import Options, align_pair, load_document, translate_documents
from bilingual.protocols import Decoding, Translator
from bilingual.segment import cut_sentence
from bilingual.terms import read_glossary

__all__ = ["Done", "Opened", "Opener", "Work", "open_alignment", "open_translation", "translating"]


@dataclass(frozen=True, slots=True)
class Done:
    """One document after the work: its units, or the reason why there are none."""

    name: str
    units: tuple[TranslationUnit, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""


Work = Callable[[Sequence[Source]], Iterator[Done]]
"""Does the work on some documents; an error of a document is its own, any other exception that of all."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What an actor loads once.

    Attributes:
        work: What is done with documents.
        signature: What decides the results apart from the texts: model, engine, options.
        model_name: As the record writes it.
        license: SPDX name of the weights' licence, or None.
        reuse: How often segments were known.
    """

    work: Work
    signature: str
    model_name: str
    license: str | None
    reuse: Reuse = field(default_factory=Reuse)


Opener = Callable[[], Opened]
"""Loads the model; can be pickled, since it runs in the actors."""


def open_translation(
    *,
    model: str,
    engine: Literal["ctranslate2", "transformers"],
    threads: int,
    cache_dir: Path | None,
    decoding: Decoding,
    checks: bool,
    repair: bool,
    memory: Path | None,
    glossary: Path | None,
    reading: Mapping[str, Any],
) -> Opened:
    """Load what translating takes.

    Args:
        model: As `load_translator` takes it; it has to be on every machine, and so have the files below.
        engine: Which computes it.
        threads: Cores of this actor.
        cache_dir: Where conversions and pulled models are; None is the user's cache directory.
        decoding: How the engine searches.
        checks: Whether units are checked.
        repair: Whether flagged segments are decoded again.
        memory: A translation memory.
        glossary: Terms.
        reading: Keywords of `load_document`.

    Raises:
        InputError: The memory or the glossary cannot be read.
        ModelError: The model is absent or damaged.
    """
    options = Options(
        decoding=decoding,
        checks=checks,
        repair=repair,
        memory=open_memory(memory, create=False) if memory else None,
        glossary=read_glossary(glossary) if glossary else None,
    )
    translator = load_translator(model, engine=engine, cut=cut_sentence, cache_dir=cache_dir, threads=threads)
    return translating(translator, options, reading)


def translating(translator: Translator, options: Options, reading: Mapping[str, Any]) -> Opened:
    """Make the work of translating: the pipeline of every other command, with identical segments decoded once.

    Args:
        translator: The engine.
        options: How it searches, and what is checked.
        reading: Keywords of `load_document`.
    """
    reusing = ReusingTranslator(translator)

    def work(sources: Sequence[Source]) -> Iterator[Done]:
        documents: list[Document] = []
        for source in sources:
            try:
                documents.append(_load(source, reading))
            except BilingualError as error:
                yield Done(source.name, error=str(error))
        translated = translate_documents(documents, reusing, options=options)
        for document, one in zip(documents, translated, strict=True):
            yield Done(document.name, one.units, document.notes)

    signature = f"{translator.signature}|{options.signature}"
    return Opened(work, signature, translator.model_name, translator.license, reusing.reuse)


def open_alignment(
    *,
    method: Literal["semantic", "length"],
    encoder: str,
    checks: bool,
    force: bool,
    glossary: Path | None,
    langs: tuple[str | None, str | None],
    reading: Mapping[str, Any],
) -> Opened:
    """Load what aligning takes.

    Args:
        method: As `align_pair` takes it.
        encoder: As `load_encoder` takes it; not loaded for the method `length`.
        checks: Whether units are checked.
        force: Align even what looks like no translation.
        glossary: Terms that the checks hold translations to.
        langs: Language of originals and of translations, instead of guessing.
        reading: Further keywords of `load_document`.

    Raises:
        InputError: The glossary cannot be read.
        ModelError: The encoder is absent or damaged.
    """
    loaded = load_encoder(encoder) if method == "semantic" else None
    terms = read_glossary(glossary) if glossary else None

    def work(sources: Sequence[Source]) -> Iterator[Done]:
        for source in sources:
            try:
                names = (source.name, PurePath(source.paths[1]).name)
                first, second = (
                    load_document(None, data, name=name, lang=lang, **reading)
                    for data, name, lang in zip(source.contents, names, langs, strict=True)
                )
                aligned = align_pair(
                    first, second, encoder=loaded, method=method, checks=checks, glossary=terms, force=force
                )
                yield Done(source.name, aligned.units, (*first.notes, *second.notes))
            except BilingualError as error:
                yield Done(source.name, error=str(error))

    held_to = f"|terms:{terms.content_hash()}" if terms else ""
    signature = f"{loaded.signature if loaded else method}|checks:{checks}|force:{force}{held_to}"
    return Opened(work, signature, encoder if loaded else method, None)


def _load(source: Source, reading: Mapping[str, Any]) -> Document:
    """Read one document; what stands in a table is plain text, even where its id ends in .html."""
    (data,) = source.contents
    if not source.table:
        return load_document(None, data, name=source.name, **reading)
    document = load_document(None, data, name=f"{source.name}.txt", **{**reading, "encoding": "utf-8"})
    return replace(document, name=source.name)
