"""Measure what repair does: python scripts/ablate_repair.py DATA_DIR [--sets flores-dev wmt18] [--lines N].

DATA_DIR holds SET.zh and SET.en. The last N lines of each set are translated with and without repair by the bundled
model (beam 4); prints errors and warnings by code, BLEU and chrF, seconds, and how many segments each step mended.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from bilingual.engines import DEFAULT_MODEL, load_translator
from bilingual.evaluate import evaluate_lines
from bilingual.pipeline import Options, load_document, translate_documents
from bilingual.segment import cut_sentence


def main() -> None:
    """Translate twice and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["flores-dev", "wmt18"])
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    arguments = parser.parse_args()
    translator = load_translator(arguments.model, cut=cut_sentence)
    columns = ["set", "repair", "BLEU", "chrF2", "seconds", "errors", "warnings", "by code", "mended by"]
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    for name in arguments.sets:
        zh, en = (
            (arguments.data / f"{name}.{side}").read_text(encoding="utf-8").removesuffix("\n").split("\n")
            for side in ("zh", "en")
        )
        zh, en = zh[-arguments.lines :], en[-arguments.lines :]
        document = load_document(None, "\n".join(zh).encode(), name=name, pre_segmented=True)
        for repair in (False, True):
            begin = time.monotonic()
            (translated,) = translate_documents([document], translator, options=Options(repair=repair))
            seconds = time.monotonic() - begin
            bleu, chrf, _ = evaluate_lines([unit.target for unit in translated.units], [en], bootstrap=0)
            issues = [issue for unit in translated.units for issue in unit.issues]
            severities = Counter(issue.severity for issue in issues)
            codes = Counter(issue.code for issue in issues if issue.severity != "info")
            listed = ", ".join(f"{code} {count}" for code, count in codes.most_common())
            steps = Counter(unit.origin for unit in translated.units if unit.origin.startswith("repair:"))
            mended = ", ".join(f"{step.removeprefix('repair:')} {count}" for step, count in steps.most_common())
            word = "with" if repair else "without"
            print(
                f"| {name} | {word} | {bleu.score:.2f} | {chrf.score:.2f} | {seconds:.0f} | {severities['error']} | "
                f"{severities['warning']} | {listed} | {mended} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
