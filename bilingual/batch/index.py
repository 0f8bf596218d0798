"""The overview page of an output folder, and the score of all its documents together."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from pathlib import Path

from bilingual.batch.run import SCORED, Summary
from bilingual.errors import OutputError
from bilingual.evaluate import Score, evaluate_lines
from bilingual.formats import write_atomically
from bilingual.output import is_replaceable
from bilingual.page import IndexEntry, PageFacts, render_index

__all__ = ["corpus_scores", "write_index"]


def write_index(out: Path, names: Iterable[str], summary: Summary, facts: PageFacts) -> Path:
    """Write `OUT/index.html`: every document with its outputs and counts, and what failed.

    Args:
        out: The output folder.
        names: Of all documents, in the order of the plan.
        summary: What was done.
        facts: What the footer says.

    Raises:
        OutputError: The file cannot be written, or is not ours to replace.
    """
    path = out / "index.html"
    if not is_replaceable(path):
        raise OutputError(f"{path} exists and is not a page of ours: move it, or choose another folder with -o.")
    failed = dict(summary.failed)
    entries = []
    for name in names:
        entry = summary.entries.get(name)
        if entry is None:
            entries.append(IndexEntry(document=name, status="failed", reason=failed.get(name, "")))
            continue
        entries.append(
            IndexEntry(
                document=name,
                outputs=_linked(entry.outputs),
                sentences=entry.segments,
                errors=entry.severities.get("error", 0),
                warnings=entry.severities.get("warning", 0),
                infos=entry.severities.get("info", 0),
            )
        )
    page = render_index(entries, title=f"Translations in {out.name}", facts=facts)
    write_atomically(path, lambda file: file.write(page.encode("utf-8", "surrogatepass")))
    return path


def _linked(outputs: Collection[str]) -> tuple[str, ...]:
    """Choose the outputs that the overview links to: of a book its own index alone, which links to its chapters."""
    books = {path.removesuffix("index.html") for path in outputs if path.endswith(".chapters/index.html")}
    return tuple(
        path
        for path in outputs
        if not path.startswith(".bilingual/")
        and (path.endswith("/index.html") or path[: path.rfind("/") + 1] not in books)
    )


def corpus_scores(out: Path, summary: Summary) -> list[Score]:
    """Score all documents with a reference together; empty when there is none."""
    pairs = []
    for entry in summary.entries.values():
        for path in entry.outputs:
            if path.startswith(SCORED):
                pairs += json.loads((out / path).read_text(encoding="utf-8"))
    return evaluate_lines([pair[0] for pair in pairs], [[pair[1] for pair in pairs]]) if pairs else []
