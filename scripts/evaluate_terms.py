"""Measure ways to hold the engine to a glossary: python scripts/evaluate_terms.py DATA_DIR [--sets wmt17 iwslt17].

DATA_DIR holds SET.zh and SET.en. The glossary is mined from the references: names that stand in 3 to 40 segments and,
in at least 80 % of them, beside one capitalised English phrase that stands hardly anywhere else. Prints for each way
how many of their uses in the segments that hold them came out as wanted, and BLEU and chrF of those segments.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from bilingual.engines import DEFAULT_MODEL, load_translator
from bilingual.evaluate import evaluate_lines
from bilingual.protocols import Decoding, Translator
from bilingual.segment import cut_sentence
from bilingual.terms import Glossary, Term, TermTranslator

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
_HAN = re.compile("[\u4e00-\u9fff]+")
_WIDE = Decoding(beam=8, n_best=8)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["wmt17", "iwslt17"])
    parser.add_argument("--model", default=DEFAULT_MODEL)
    arguments = parser.parse_args()
    sides = {}
    for side in ("zh", "en"):
        texts = [(arguments.data / f"{name}.{side}").read_text(encoding="utf-8") for name in arguments.sets]
        sides[side] = [line for text in texts for line in text.removesuffix("\n").split("\n")]
    glossary = Glossary(mined_terms(sides["zh"], sides["en"]))
    pairs = [pair for pair in zip(sides["zh"], sides["en"], strict=True) if glossary.find(pair[0])]
    sources, references = [zh for zh, _ in pairs], [en for _, en in pairs]
    translator = load_translator(arguments.model, cut=cut_sentence)
    print(f"{len(glossary.terms)} terms, {len(sources)} segments.\n")
    print("| way | as wanted | of | BLEU | chrF2 | seconds |\n|---|---|---|---|---|---|")
    for name, way in (
        ("engine alone", _alone),
        ("best of 8 hypotheses", _constrained),
        ("English term in the source", _inserted),
        ("placeholders", _placeholders),
    ):
        begin = time.monotonic()
        targets = way(translator, glossary, sources)
        seconds = time.monotonic() - begin
        uses = [use for source, target in zip(sources, targets, strict=True) for use in glossary.uses(source, target)]
        wanted = sum(use.target_span is not None for use in uses)
        bleu, chrf, _ = evaluate_lines(targets, [references], bootstrap=0)
        print(f"| {name} | {wanted} | {len(uses)} | {bleu.score:.2f} | {chrf.score:.2f} | {seconds:.0f} |", flush=True)


def mined_terms(sources: Sequence[str], references: Sequence[str]) -> list[Term]:
    """Find names with one English counterpart; of several for one counterpart the longest, then the first."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    for number, source in enumerate(sources):
        for run in _HAN.finditer(source):
            for start in range(len(run[0])):
                for end in range(start + 2, min(start + 6, len(run[0])) + 1):
                    places[run[0][start:end]].add(number)
    names = [set(_NAME.findall(reference)) for reference in references]
    frequent = Counter(name for found in names for name in found)
    best: dict[str, tuple[int, int, str]] = {}
    for term, numbers in sorted(places.items()):
        if not 3 <= len(numbers) <= 40:
            continue
        counts = Counter(name for number in numbers for name in names[number])
        name, count = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
        if count >= 0.8 * len(numbers) and count >= 0.9 * frequent[name]:
            best[name] = min(best.get(name, (0, 0, "")), (-count, -len(term), term))
    return [Term(term, name) for name, (_, _, term) in best.items()]


def _alone(translator: Translator, glossary: Glossary, sources: Sequence[str]) -> list[str]:
    return [found[0].text for found in translator.translate(sources)]


def _constrained(translator: Translator, glossary: Glossary, sources: Sequence[str]) -> list[str]:
    """Take the hypothesis with the most terms; of equal ones the likeliest."""
    found = translator.translate(sources, _WIDE)
    return [
        max(texts, key=lambda text: -_missing(glossary, source, text))
        for source, texts in zip(sources, ([one.text for one in row] for row in found), strict=True)
    ]


def _inserted(translator: Translator, glossary: Glossary, sources: Sequence[str]) -> list[str]:
    """Put the English into the sources whose terms come out otherwise."""
    mixed = []
    for source, target in zip(sources, _alone(translator, glossary, sources), strict=True):
        text, position = "", 0
        for term, (start, end) in glossary.find(source):
            text += source[position:start] + term.target
            position = end
        mixed.append(text + source[position:] if _missing(glossary, source, target) else source)
    return _alone(translator, glossary, mixed)


def _placeholders(translator: Translator, glossary: Glossary, sources: Sequence[str]) -> list[str]:
    return _alone(TermTranslator(translator, glossary), glossary, sources)


def _missing(glossary: Glossary, source: str, target: str) -> int:
    return sum(use.target_span is None for use in glossary.uses(source, target))


if __name__ == "__main__":
    main()
