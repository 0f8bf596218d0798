"""`bilingual memory`: translation memories in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bilingual.cli.options import Force
from bilingual.cli.terminal import say

__all__ = ["app"]

app = typer.Typer(name="memory", no_args_is_help=True, help="Fill a translation memory, or write it as TMX.")


@app.command()
def add(
    memory: Annotated[Path, typer.Argument(help="The memory; begun when it is not there.")],
    files: Annotated[list[Path], typer.Argument(help="TMX of another tool, or reviewed TSV, JSONL, XLIFF, XLSX.")],
) -> None:
    """Store pairs that people made or confirmed; machine translation nobody has accepted stays out.

    Example: bilingual memory add memory.sqlite omegat.tmx
    """
    from bilingual.formats import format_of, read_units
    from bilingual.memory import open_memory

    with open_memory(memory) as store:
        for file in files:
            units = list(read_units(file))
            confirmed = [
                place
                for place, unit in enumerate(units)
                if unit.status in ("accepted", "edited") or (not unit.status and unit.origin in ("human", "memory"))
            ]
            new = store.add_units(units, confirmed, in_order=format_of(file).name != "tmx")
            left = f", {len(units) - len(confirmed)} not confirmed by a person" if len(confirmed) < len(units) else ""
            say(f"{file}: {new} new pairs of {len(units)}{left}.")
        say(f"{memory}: {store.count()} pairs.")


@app.command()
def export(
    memory: Annotated[Path, typer.Argument(help="The memory.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file; its ending says the format.")],
    force: Force = False,
) -> None:
    """Write a memory as TMX, or in any other format of units.

    Example: bilingual memory export memory.sqlite -o memory.tmx
    """
    from bilingual.errors import OutputError
    from bilingual.formats import format_of, write_units
    from bilingual.memory import open_memory

    if output.exists() and not force:
        raise OutputError(f"{output} exists and may hold your work: add --force to replace it, or choose -o.")
    with open_memory(memory, create=False) as store:
        write_units(store.units(), output, format_of(output).name)
        say(f"{output}: {store.count()} pairs.")
