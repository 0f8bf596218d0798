"""The doors: one file per group of verbs. The only room that prints, exits or reads the environment."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from bilingual import __version__
from bilingual.cli import (
    align,
    batch,
    check,
    convert,
    corpus,
    doctor,
    evaluate,
    memory,
    merge,
    models,
    review,
    segment,
    terms,
    translate,
)
from bilingual.cli.terminal import say
from bilingual.errors import BilingualError

__all__ = ["app", "main"]

app = typer.Typer(
    name="bilingual",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    translate.translate,
    batch.batch,
    merge.merge,
    align.align,
    check.check,
    segment.segment,
    terms.terms,
    evaluate.evaluate,
    convert.convert,
    doctor.doctor,
):
    app.command()(command)
for group in (review.app, memory.app, corpus.app):
    app.add_typer(group)
app.add_typer(models.app, name="models")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"bilingual {__version__}")
        raise typer.Exit


@app.callback()
def bilingual(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Translate Chinese to English, align bitexts, check and review them. Offline.

    Example: bilingual translate article.txt
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; an error of ours becomes one sentence and exit code 1.

    Args:
        arguments: What follows the program's name; those of the process by default.

    Raises:
        SystemExit: Always, with 0 (done), 1 (an error), 2 (usage) or 130 (interrupted).
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        app(args=list(arguments), prog_name="bilingual")
    except BilingualError as error:
        if "--debug" in arguments:
            raise
        say(f"Error: {error}")
        sys.exit(1)
