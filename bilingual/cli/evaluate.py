"""`bilingual evaluate`: BLEU, chrF and TER with signature and confidence interval."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bilingual.cli.terminal import write_stdout

__all__ = ["evaluate"]


def evaluate(
    hypothesis: Annotated[Path, typer.Argument(help="The translation: one segment a line, or our TSV or JSONL.")],
    references: Annotated[list[Path], typer.Argument(help="One or more reference translations, in the same form.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score a translation against references: BLEU, chrF, TER as sacrebleu defines them.

    Example: bilingual evaluate article.zh-en.tsv reference.en.txt
    """
    from bilingual.evaluate import evaluate_lines

    scores = evaluate_lines(_lines(hypothesis), [_lines(reference) for reference in references])
    if as_json:
        write_stdout((json.dumps([asdict(score) for score in scores], indent=1) + "\n").encode())
    else:
        write_stdout("".join(f"{score}\n" for score in scores).encode())


def _lines(path: Path) -> list[str]:
    """Read the target side of a table of ours, or plain lines."""
    from bilingual.formats import read_units
    from bilingual.pipeline import load_document

    if path.suffix.lower() in (".tsv", ".jsonl"):
        return [unit.target for unit in read_units(path)]
    return [paragraph.text for paragraph in load_document(path, pre_segmented=True).paragraphs]
