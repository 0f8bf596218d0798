"""Score translations against references that do not line up: python scripts/evaluate_references.py DATA_DIR.

DATA_DIR holds SET.zh, SET.en and SET.SYSTEM.en, one segment a line and as many in each. The true score is sacrebleu's
on these lines. Then the reference is made an article of its own and both tools have to find the pairs again: this
package, which aligns the reference to the source, and mweralign, which cuts the translation so that its words fit the
segments of the reference best. Prints a Markdown table of BLEU by each, minus the true BLEU.

- lines: the reference as it is.
- paragraphs: source and reference in paragraphs of one to six sentences, each side by itself.
- merged: the same, and a fifth of the reference's sentences joined with the next by a semicolon (the true score is that
  of the same words, line by line).
- half: as paragraphs, and the second half of the reference is missing (the true score is that of the first half).

mweralign (GPL) is needed only here and in a test: pip install mweralign.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from mweralign import align_texts

from bilingual.bitext import TranslationUnit
from bilingual.encoders import load_encoder
from bilingual.evaluate import evaluate_lines
from bilingual.pipeline import load_document
from bilingual.reference import match_reference, source_of

MERGED = 0.2
LONGEST_PARAGRAPH = 6


def main() -> None:
    """Print a row per set and change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["wmt17", "iwslt17"])
    parser.add_argument("--system", default="opusmt")
    parser.add_argument("--lines", type=int, default=500, help="of each set")
    arguments = parser.parse_args()
    encoder = cache(load_encoder)
    print("| set | reference | true BLEU | bilingual | mweralign | reference covered |\n|---|---|---|---|---|---|")
    for name in arguments.sets:
        zh, en, hypotheses = (
            (arguments.data / f"{name}.{side}").read_text(encoding="utf-8").split("\n")[: arguments.lines]
            for side in ("zh", "en", f"{arguments.system}.en")
        )
        draw = random.Random(0)
        units = [
            TranslationUnit(str(n), name, paragraph, 1, "text", 0, "zh", "en", zh[n], hypotheses[n])
            for paragraph, group in enumerate(paragraphs(range(len(zh)), draw), 1)
            for n in group
        ]
        merged = merge(en, draw)
        half = en[: len(en) // 2]
        for change, lines, text in (
            ("lines", en, "\n".join(en)),
            ("paragraphs", en, article(en, draw)),
            ("merged", merged, article(merged, draw)),
            ("half", half, article(half, draw)),
        ):
            true = bleu(hypotheses[: len(lines)], lines)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "reference.txt"
                path.write_text(text + "\n", encoding="utf-8")
                matched = match_reference(source_of(units), units, path, encoder)
                segments = lines if change == "lines" else [*load_document(path, lang="en").segments]
            ours = bleu(matched.hypotheses, matched.references)
            theirs = bleu(cut_to_fit(hypotheses, segments), segments)
            covered = f"{matched.reference_covered:.1%}"
            print(
                f"| {name} | {change} | {true:.2f} | {ours - true:+.2f} | {theirs - true:+.2f} | {covered} |",
                flush=True,
            )


def bleu(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Give sacrebleu's BLEU."""
    return evaluate_lines(hypotheses, [references], bootstrap=0)[0].score


def cut_to_fit(hypotheses: Sequence[str], references: Sequence[str]) -> list[str]:
    """Let mweralign cut the words of a translation to the segments of a reference."""
    cut: str = align_texts("\n".join(references), "\n".join(hypotheses))
    return cut.split("\n")[: len(references)]


def paragraphs(lines: Sequence[int], draw: random.Random) -> Iterator[list[int]]:
    """Group lines, one to `LONGEST_PARAGRAPH` together."""
    rest = iter(lines)
    while group := list(islice(rest, draw.randint(1, LONGEST_PARAGRAPH))):
        yield group


def article(lines: Sequence[str], draw: random.Random) -> str:
    """Write lines as paragraphs."""
    groups = paragraphs(range(len(lines)), draw)
    return "\n\n".join(" ".join(lines[n] for n in group).strip() for group in groups)


def merge(lines: Sequence[str], draw: random.Random) -> list[str]:
    """End a fifth of the lines with a semicolon, so that they and the next are one sentence."""
    result = list(lines)
    for n in range(len(lines) - 1):
        if result[n].endswith(".") and lines[n + 1][:1].isalpha() and draw.random() < MERGED:
            result[n] = result[n][:-1] + ";"
            result[n + 1] = result[n + 1][0].lower() + result[n + 1][1:]
    return result


if __name__ == "__main__":
    main()
