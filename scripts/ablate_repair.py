"""Measure what repair does: python scripts/ablate_repair.py DATA_DIR [--sets flores-dev wmt18] [--lines N].

DATA_DIR holds SET.zh and SET.en. The last N lines of each set are translated by the bundled model (beam 4): by the
engine alone, with the checks, and with repair, without and with the comparison of meanings; then once more the lines
in which the checks found nothing. Prints two Markdown tables: what was found and mended, and what it costs, as a ratio
to the engine alone in the same run.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from bilingual.bitext import Document
from bilingual.engines import DEFAULT_MODEL, load_translator
from bilingual.evaluate import evaluate_lines
from bilingual.pipeline import Options, Translated, load_document, shared_encoder, translate_documents
from bilingual.protocols import Translator
from bilingual.segment import cut_sentence

WAYS = {
    "engine alone": Options(checks=False),
    "checks": Options(repair=False),
    "repair, meanings not compared": Options(encoder=None),
    "repair": Options(),
}


def main() -> None:
    """Translate in every way and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["flores-dev", "wmt18"])
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    arguments = parser.parse_args()
    translator = load_translator(arguments.model, cut=cut_sentence)
    shared_encoder()
    columns = ["set", "way", "BLEU", "chrF2", "errors", "warnings", "by code", "mended by", "tried in vain"]
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    costs: list[str] = []
    for name in arguments.sets:
        zh, en = (
            (arguments.data / f"{name}.{side}").read_text(encoding="utf-8").removesuffix("\n").split("\n")
            for side in ("zh", "en")
        )
        zh, en = zh[-arguments.lines :], en[-arguments.lines :]
        document = _document(zh, name)
        timed(translator, _document(zh[:50], name), Options(checks=False))
        results = {way: timed(translator, document, options) for way, options in WAYS.items()}
        for way, (translated, _) in results.items():
            if way != "engine alone":
                print(f"| {name} | {way} | {_found(translated, en)} |", flush=True)
        checked = results["checks"][0].units
        flagged = [any(issue.severity != "info" for issue in unit.issues) for unit in checked]
        clean = _document([line for line, bad in zip(zh, flagged, strict=True) if not bad], name)
        clean_results = {way: timed(translator, clean, WAYS[way]) for way in ("engine alone", "checks", "repair")}
        costs += _costs(f"{name}, all {len(zh)} lines ({sum(flagged)} with an issue)", results)
        costs += _costs(f"{name}, the {len(clean.sentences)} clean lines", clean_results)
    columns = ["text", "way", "seconds", "ratio"]
    print(f"\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    print("\n".join(costs))


def timed(translator: Translator, document: Document, options: Options) -> tuple[Translated, float]:
    """Translate a document; give it and the seconds."""
    begin = time.monotonic()
    (translated,) = translate_documents([document], translator, options=options)
    return translated, time.monotonic() - begin


def _document(lines: list[str], name: str) -> Document:
    return load_document(None, "\n".join(lines).encode(), name=name, pre_segmented=True)


def _found(translated: Translated, references: list[str]) -> str:
    """Write the cells that say how good a translation is, and what the checks found in it."""
    bleu, chrf, _ = evaluate_lines([unit.target for unit in translated.units], [references], bootstrap=0)
    issues = [issue for unit in translated.units for issue in unit.issues]
    severities = Counter(issue.severity for issue in issues)
    codes = Counter(issue.code for issue in issues if issue.severity != "info")
    mended = Counter(
        unit.origin.partition(" (")[0].removeprefix("repair:")
        for unit in translated.units
        if unit.origin.startswith("repair:")
    )
    in_vain = sum(unit.origin.startswith("machine (tried ") for unit in translated.units)
    numbers = [f"{bleu.score:.2f}", f"{chrf.score:.2f}", str(severities["error"]), str(severities["warning"])]
    return " | ".join([*numbers, _listed(codes), _listed(mended), str(in_vain)])


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _costs(text: str, results: dict[str, tuple[Translated, float]]) -> list[str]:
    alone = results["engine alone"][1]
    return [f"| {text} | {way} | {seconds:.1f} | {seconds / alone:.2f} |" for way, (_, seconds) in results.items()]


if __name__ == "__main__":
    main()
