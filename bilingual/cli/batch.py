"""`bilingual batch`: a directory of articles, resumable."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bilingual.cli.cluster import (
    Address,
    NumberOfActors,
    Ray,
    cluster_formats,
    model_cache,
    name_failures,
    refuse_address,
    run_cluster,
)
from bilingual.cli.live import Tally, live_tally, minutes
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
)
from bilingual.cli.terminal import say
from bilingual.errors import InputError, OutputError

__all__ = ["batch"]


def batch(
    directory: Annotated[
        str,
        typer.Argument(
            metavar="DIRECTORY",
            help="Every readable file under it is translated. With --ray also a URI, and JSONL or Parquet of id and "
            "text.",
        ),
    ],
    output: Annotated[str, typer.Option("-o", "--output", help="Output folder; the tree is mirrored in it.")],
    address: Address = None,
    to: To = None,
    model: Model = DEFAULT_MODEL,
    engine: EngineName = "ctranslate2",
    beam: Beam = 4,
    threads: Threads = 0,
    reference: Annotated[
        Path | None, typer.Option(help="Folder of human translations, named like the inputs (a.txt or a.en.txt).")
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
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew; forget what is already done.")] = False,
    shard: Annotated[
        str | None,
        typer.Option(help="I/N: only the documents whose hash falls to shard I of N; 'bilingual merge' joins them."),
    ] = None,
    ray: Ray = False,
    actors: NumberOfActors = 0,
) -> None:
    """Translate a directory; the same command goes on where a stopped run was.

    With --ray, --threads are the cores of one actor (1 by default), and what is done is read from the output.

    Example: bilingual batch articles -o translated --to html,tsv
    """
    from bilingual.batch import (
        Job,
        Step,
        corpus_scores,
        note_scores,
        parse_shard,
        plan_batch,
        run_batch,
        shard_plan,
        write_index,
    )
    from bilingual.batch.sources import find_sources
    from bilingual.batch.task import open_translation
    from bilingual.output import ending_of, page_facts
    from bilingual.pipeline import Options
    from bilingual.protocols import Decoding
    from bilingual.reading import READERS

    reading: dict[str, Any] = {
        "encoding": encoding,
        "lang": source_lang,
        "pre_segmented": pre_segmented,
        "whole_page": whole_page,
    }
    if ray:
        for name, value in {"--reference": reference, "--shard": shard, "--force": force}.items():
            if value:
                raise InputError(f"{name} does not go with --ray.")
        opener = partial(
            open_translation,
            model=model,
            engine=engine,
            threads=threads or 1,
            cache_dir=model_cache(),
            decoding=Decoding(beam=beam, links=True),
            checks=checks,
            repair=repair,
            memory=memory and memory.resolve(),
            glossary=glossary and glossary.resolve(),
            reading=reading,
        )
        found = run_cluster(
            lambda count, done: find_sources(directory, output, count, done),
            output,
            cluster_formats(to),
            opener,
            reading,
            address=address,
            actors=actors,
            cpus=threads or 1,
            gpus=engine == "transformers",
            restart=restart,
            verb="translated",
        )
        if found.documents:
            say_quality(model)
        name_failures(found)
        return
    refuse_address(address)
    folder, out = Path(directory), Path(output)
    formats = chosen_formats(to, "html")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{output} is a file: choose a folder with -o.")
    if reference and not reference.is_dir():
        raise InputError(f"{reference} is not a folder: --reference takes a folder of files named like the inputs.")
    part = parse_shard(shard) if shard else None
    plan = plan_batch(folder, out, [ending_of(name) for name in formats], READERS, ".zh-en")
    if plan.others:
        say(f"{plan.others} files of other kinds are left alone.")
    if part:
        total = len(plan.items)
        plan = shard_plan(plan, part)
        say(f"Shard {part}: {len(plan.items)} of {total} documents.")
    job = Job(
        to=tuple(formats),
        options=Options(
            decoding=Decoding(beam=beam, links=True),
            checks=checks,
            repair=repair,
            memory=existing_memory(memory),
            glossary=existing_glossary(glossary),
        ),
        reference=reference,
        force=force,
        **reading,
    )
    translator = open_translator(model, engine, threads)
    tally = Tally(sum(item.size_bytes for item in plan.items), len(plan.items))
    try:
        with live_tally("Translating", tally) as shown:

            def count(step: Step) -> None:
                entry = step.entry
                segments, severities = (entry.segments, entry.severities) if entry else (0, {})
                tally.add(step.item.size_bytes, segments, severities, failed=entry is None, before=step.before)
                shown()

            summary = run_batch(plan, out, job, translator, restart=restart, say=say, progress=count)
    except KeyboardInterrupt:
        say("Interrupted. What is finished is kept; the same command goes on from there.")
        raise
    scores = corpus_scores(out, summary)
    facts = replace(page_facts(translator), scores=tuple(str(score) for score in scores))
    note_scores(out, facts.scores)
    index = write_index(out, [item.name for item in plan.items], summary, facts)
    done = len(summary.entries) - summary.skipped
    sentences = sum(entry.segments for entry in summary.entries.values())
    say(f"{done} translated, {summary.skipped} were done before, {len(summary.failed)} failed; {sentences} sentences.")
    if summary.sentences:
        say(f"{summary.sentences / summary.seconds:.1f} sentences a second, {minutes(summary.seconds)} in all.")
    if glossary and checks:
        missing = sum(entry.codes.get("term-missing", 0) for entry in summary.entries.values())
        say(f"Glossary: {missing} times a translation is not as wanted; its row is marked term-missing.")
    for score in scores:
        say(f"All: {score}")
    say(f"Overview: {index}")
    if done:
        say_quality(model)
    for name, reason in summary.failed:
        say(f"Error: {name}: {reason}")
    if summary.failed:
        raise typer.Exit(1)
