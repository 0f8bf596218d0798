"""`bilingual merge`: the folders of several shards become what one run would have written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bilingual.cli.options import Force
from bilingual.cli.terminal import progress_bar, say

__all__ = ["merge"]


def merge(
    folders: Annotated[list[Path], typer.Argument(help="Output folders of 'bilingual batch', one a shard.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to fill.")],
    force: Force = False,
) -> None:
    """Merge the outputs and journals of the shards of one directory into one folder.

    What comes out is what one run over everything writes, and 'bilingual batch' goes on with it.

    Example: bilingual merge part-1 part-2 -o translated
    """
    from bilingual.batch import merge_batches

    with progress_bar("Merging", None, unit="documents") as advance:
        merged = merge_batches(folders, output, force=force, progress=advance)
    summary = merged.summary
    sentences = sum(entry.segments for entry in summary.entries.values())
    new = len(summary.entries) - summary.skipped
    say(f"{new} documents merged, {summary.skipped} were there, {len(summary.failed)} failed; {sentences} sentences.")
    for score in merged.scores:
        say(f"All: {score}")
    say(f"Overview: {merged.index}")
    for shard in merged.missing:
        say(f"Error: shard {shard} is missing: run 'bilingual batch --shard {shard}' and merge its folder too.")
    for name, reason in summary.failed:
        say(f"Error: {name}: {reason}")
    if summary.failed or merged.missing:
        raise typer.Exit(1)
