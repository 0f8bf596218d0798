"""`bilingual models`: list, fetch, check and convert translation models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bilingual.cli.terminal import say, write_stdout
from bilingual.errors import ModelError

__all__ = ["app", "cache_folder"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, fetch, check and convert models.")

_Name = Annotated[str, typer.Argument(help="A bundled model, a hub id that was pulled, or a directory.")]
_DEFAULT = "zh-en-small"


def cache_folder() -> Path | None:
    """Give the cache directory that the environment variable BILINGUAL_CACHE names; None is the user's."""
    folder = os.environ.get("BILINGUAL_CACHE")
    return Path(folder) if folder else None


@app.command("list")
def list_() -> None:
    """List the models on this machine: name, hash, size, licence of the weights, word links, directory.

    Example: bilingual models list
    """
    from bilingual.engines import find_model, list_models

    rows = [("NAME", "HASH", "SIZE", "LICENCE", "WORD LINKS", "DIRECTORY")]
    damaged: list[str] = []
    for name in list_models(cache_dir=cache_folder()):
        try:
            model = find_model(name, cache_dir=cache_folder())
        except ModelError as error:
            damaged.append(str(error))
            continue
        size = f"{model.size / 1e6:.0f} MB"
        rows.append((name, model.hash[:8], size, model.license or "not stated", _links(model.guided), str(model.path)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    write_stdout(("\n".join(lines) + "\n").encode())
    if damaged:
        raise ModelError("; ".join(damaged))


@app.command()
def pull(
    hub_id: Annotated[str, typer.Argument(help="OWNER/NAME on the Hugging Face hub.")],
    revision: Annotated[str | None, typer.Option(help="Branch, tag or commit; the main branch by default.")] = None,
) -> None:
    """Fetch a model from the Hugging Face hub and record its commit and hashes. The one command that needs the network.

    The environment variable HF_ENDPOINT names a mirror.

    Example: bilingual models pull Helsinki-NLP/opus-mt-zh-en
    """
    from bilingual.engines import HUB, pull_model, user_cache

    model = pull_model(
        hub_id,
        cache_dir=cache_folder() or user_cache(),
        revision=revision,
        endpoint=(os.environ.get("HF_ENDPOINT") or HUB).rstrip("/"),
        progress=lambda name, size: say(f"{name} ({size / 1e6:.1f} MB)"),
    )
    say(f"{hub_id} at commit {model.revision} is in {model.path}; licence: {model.license or 'not stated'}.")
    say(f"Use it: bilingual translate ARTICLE --model {hub_id}")


@app.command()
def check(model: _Name = _DEFAULT) -> None:
    """Verify a model's hashes, compare both engines on fixed sentences, and look whether its attention aligns words.

    Example: bilingual models check zh-en-small
    """
    from bilingual.engines import check_model

    report = check_model(model, cache_dir=cache_folder())
    found, total = report.model, report.n_sentences
    lines = [f"{found.name} {found.hash}: all {len(found.files)} files are whole"]
    if report.n_agree is None:
        lines.append("in CTranslate2's form alone: there is no second engine to compare with")
    else:
        lines += [
            f"the <pad> row is {'zero' if report.pad_row_zero else 'NOT zero: the two engines start differently'}",
            f"CTranslate2 float32 = transformers, greedy, token by token: {report.n_agree} of {total} sentences",
            f"CTranslate2 int8 = float32: {report.n_int8_same} of {total} sentences",
        ]
    if report.pointing is None:
        lines.append("word links: too few copied words to tell whether the attention aligns words")
    else:
        lines.append(f"word links: {_links(found.guided)}; {report.pointing:.0%} of copied words point at their source")
    write_stdout(("\n".join(lines) + "\n").encode())
    if not report.passed:
        raise ModelError(
            f"{found.name}: the two engines disagree; do not rely on this checkpoint. "
            "Fetch it again, or take another: bilingual models list"
        )


@app.command()
def convert(
    model: _Name = _DEFAULT,
    precision: Annotated[str, typer.Option(help="int8, int16, float16 or float32.")] = "int8",
    force: Annotated[bool, typer.Option("--force", help="Convert again although it has been done.")] = False,
) -> None:
    """Convert a model for CTranslate2 ahead of time, for images and read-only homes. Prints the directory.

    Example: BILINGUAL_CACHE=/opt/models bilingual models convert
    """
    from bilingual.engines import convert_model, find_model, user_cache

    cache = cache_folder() or user_cache()
    folder = convert_model(find_model(model, cache_dir=cache), precision=precision, cache_dir=cache, force=force)
    write_stdout(f"{folder}\n".encode())


def _links(guided: bool | None) -> str:
    return {True: "yes", False: "no", None: "not checked"}[guided]
