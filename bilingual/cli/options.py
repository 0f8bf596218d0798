"""Options that several commands share, each written once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bilingual.cli.terminal import say
from bilingual.errors import InputError

if TYPE_CHECKING:
    from bilingual.bitext import TranslationUnit
    from bilingual.engines import SegmentTranslator
    from bilingual.memory import Memory
    from bilingual.terms import Glossary

__all__ = [
    "DEFAULT_MODEL",
    "Beam",
    "Checks",
    "Encoding",
    "EngineName",
    "Force",
    "GlossaryFile",
    "MemoryFile",
    "Model",
    "PreSegmented",
    "Repair",
    "SourceLang",
    "Threads",
    "To",
    "WholePage",
    "chosen_formats",
    "existing_glossary",
    "existing_memory",
    "open_translator",
    "say_quality",
    "say_terms",
]

Engine = Literal["ctranslate2", "transformers"]
DEFAULT_MODEL = "zh-en-small"
BETTER_MODEL = "Helsinki-NLP/opus-mt-zh-en"

Model = Annotated[
    str, typer.Option("--model", "-m", help="A bundled model, a directory, or a hub id fetched with 'models pull'.")
]
EngineName = Annotated[
    Literal["ctranslate2", "transformers"],
    typer.Option("--engine", help="ctranslate2 (fast), or transformers (the reference; a GPU when there is one)."),
]
Beam = Annotated[int, typer.Option(min=1, max=64, help="Hypotheses kept while searching; 1 is greedy and fastest.")]
Checks = Annotated[
    bool, typer.Option("--checks/--no-checks", help="Look for wrong numbers, omissions, repetitions ...")
]
Repair = Annotated[
    bool, typer.Option("--repair/--no-repair", help="Decode flagged sentences again, differently; needs the checks.")
]
MemoryFile = Annotated[
    Path | None, typer.Option("--memory", help="A translation memory to take stored translations from.")
]
GlossaryFile = Annotated[
    Path | None,
    typer.Option("--glossary", help="Terms and their translations: TSV (Chinese, English, note, case), or TBX."),
]
Threads = Annotated[int, typer.Option(min=0, help="CPU threads; 0 is all cores.")]
Encoding = Annotated[str | None, typer.Option(help="Encoding of the input, when the guess is wrong.")]
SourceLang = Annotated[str | None, typer.Option(help="Language of the input, when the guess is wrong (zh-Hant ...).")]
PreSegmented = Annotated[
    bool, typer.Option("--pre-segmented", help="Each line is one segment; as many lines out as in.")
]
WholePage = Annotated[bool, typer.Option("--whole-page", help="Keep the parts of a web page outside the article.")]
Force = Annotated[bool, typer.Option("--force", help="Replace existing output files.")]
To = Annotated[
    list[str] | None,
    typer.Option(
        "--to",
        help="Output formats, comma-separated or given again: html, chapters (a page a chapter, with an index), txt, "
        "tsv, jsonl, tmx, xliff, xlsx, docx (two columns), docx-below (each paragraph below its original), moses, "
        "parquet, srt, vtt (from subtitles), beads (indices).",
    ),
]


def chosen_formats(to: Sequence[str] | None, default: str) -> list[str]:
    """Turn what --to says into format names, in order and once each.

    Raises:
        InputError: A name is unknown; all known ones are listed.
    """
    from bilingual.output import OUTPUTS, format_named

    words = [word.strip().lower() for value in to or [default] for word in value.split(",") if word.strip()]
    names = [format_named(word) for word in words]
    for name in names:
        if name not in OUTPUTS:
            raise InputError(f"There is no output format {name!r}; there are {', '.join(OUTPUTS)}.")
    return list(dict.fromkeys(names))


def existing_memory(path: Path | None) -> Memory | None:
    """Open the memory that --memory names; it has to be there.

    Raises:
        InputError: It is missing, not a memory of ours, damaged, locked, or from a newer version.
    """
    from bilingual.memory import open_memory

    return open_memory(path, create=False) if path else None


def existing_glossary(path: Path | None) -> Glossary | None:
    """Read the glossary that --glossary names.

    Raises:
        InputError: It is missing, or a line of it is wrong.
    """
    from bilingual.terms import read_glossary

    return read_glossary(path) if path else None


def open_translator(model: str, engine: Engine, threads: int) -> SegmentTranslator:
    """Load a model.

    Raises:
        ModelError: The model is absent, damaged or of an unknown kind.
    """
    from bilingual.engines import load_translator
    from bilingual.segment import cut_sentence

    cache = os.environ.get("BILINGUAL_CACHE")
    return load_translator(
        model,
        engine=engine,
        cut=cut_sentence,
        cache_dir=Path(cache) if cache else None,
        threads=threads,
    )


def say_quality(model: str) -> None:
    """Say plainly, once a run, that the bundled model is a modest one."""
    if model == DEFAULT_MODEL:
        say(
            f"Translated by the small bundled model, which is modest. A better one: 'bilingual models pull "
            f"{BETTER_MODEL}', then --model {BETTER_MODEL}"
        )


def say_terms(glossary: Glossary, units: Iterable[TranslationUnit]) -> None:
    """Say which terms of a glossary were used, and how often the translation has them as wanted and has not."""
    from bilingual.terms import count_uses

    rows = count_uses(glossary, units)
    hits, misses = sum(row[1] for row in rows), sum(row[2] for row in rows)
    say(f"Glossary: {len(rows)} of {len(glossary.terms)} terms used, {hits} times as wanted, {misses} times not.")
    if rows:
        say("  wanted  not  term")
    for term, hit, miss in rows:
        say(f"  {hit:6}  {miss:3}  {term.source} → {term.target}")
