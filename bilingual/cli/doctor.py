"""`bilingual doctor`: the first thing to paste into a bug report."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from bilingual.cli.terminal import write_stdout

__all__ = ["doctor"]


def doctor() -> None:
    """Show versions, machine, models and cache, and test the engine: paste it into a bug report.

    Example: bilingual doctor
    """
    from bilingual.doctor import examine

    cache = os.environ.get("BILINGUAL_CACHE")
    failed = False
    for what, finding in examine(Path(cache) if cache else None):
        write_stdout(f"{what:32} {finding}\n".encode("utf-8", "backslashreplace"))
        failed = failed or finding.startswith("FAILED")
    if failed:
        raise typer.Exit(1)
