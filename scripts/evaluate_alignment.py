"""Score the aligner against gold: python scripts/evaluate_alignment.py DATA_DIR [--method length] [--sets mac_dev aca].

DATA_DIR holds a folder per set: zh/ID.txt and en/ID.txt with one segment a line, gold/ID.txt with bead lines, and for
sets whose gold beads are paragraphs zh_par/ID.txt and en_par/ID.txt with the number of each segment's paragraph: there
the hypothesis beads inside one paragraph are joined before they are scored, once with the paragraph breaks given to the
aligner and once without. Prints a Markdown table of strict and lax F1, and over all sets without paragraph gold (give
`--sets mac_dev aca` for these two together) the precision by confidence, the area under the curve, and the share of
beads that can be kept, the most confident first, at a precision of at least .95.

The weights that the package ships were fitted on these very sets: the table guards against regressions and does not say
how well an unseen text aligns; `scripts/train_aligner.py DATA_DIR --folds` does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bilingual.align import align_documents
from bilingual.align.beads import read_beads, score_bead_files
from bilingual.bitext import Bead, Document, Paragraph, Sentence
from bilingual.encoders import load_encoder

sys.path.insert(0, str(Path(__file__).parent / "aligner"))
from reliability import print_reliability

PARAGRAPH_GOLD = ("hello_algo",)


def main() -> None:
    """Align every document of every set and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--method", choices=("semantic", "length"), default="semantic")
    parser.add_argument("--sets", nargs="+", default=["mac_dev", "aca", "ntrex_synth", "hello_algo"])
    parser.add_argument("--documents", type=int, default=1000, help="of each set at most")
    arguments = parser.parse_args()
    encoder = load_encoder(threads=2) if arguments.method == "semantic" else None
    print("| set | documents | strict F1 | lax F1 |\n|---|---|---|---|")
    judged: list[tuple[float, bool]] = []
    for name in arguments.sets:
        folder = arguments.data / name
        ids = sorted(path.stem for path in (folder / "gold").glob("*.txt"))[: arguments.documents]
        for marks in (False, True) if name in PARAGRAPH_GOLD else (False,):
            pairs = []
            for identifier in ids:
                zh, en = (read_document(folder, side, identifier, marks) for side in ("zh", "en"))
                beads = align_documents(zh, en, encoder=encoder, method=arguments.method, force=True).beads
                gold = read_beads((folder / "gold" / f"{identifier}.txt").read_text(encoding="utf-8"), identifier)
                if name in PARAGRAPH_GOLD:
                    beads = tuple(joined(beads, folder, identifier))
                else:
                    right = {(bead.source, bead.target) for bead in gold}
                    judged += [(bead.confidence or 0.0, (bead.source, bead.target) in right) for bead in beads]
                pairs.append((beads, gold))
            scores = score_bead_files(pairs)
            title = f"{name}, with paragraph breaks" if marks else name
            print(f"| {title} | {len(ids)} | {scores.strict_f1:.3f} | {scores.lax_f1:.3f} |", flush=True)
    if encoder is not None:
        print_reliability(judged)


def read_document(folder: Path, side: str, identifier: str, marks: bool) -> Document:
    """Read one segment a line; with `marks` lines of one paragraph number stand in one paragraph."""
    lines = (folder / side / f"{identifier}.txt").read_text(encoding="utf-8").removesuffix("\n").split("\n")
    numbers: Sequence[str] = [""] * len(lines)
    if marks:
        numbers = (folder / f"{side}_par" / f"{identifier}.txt").read_text(encoding="utf-8").split()
    paragraphs: list[Paragraph] = []
    start = 0
    for first in range(len(lines)):
        if first and marks and numbers[first] == numbers[first - 1]:
            continue
        last = first + 1
        while marks and last < len(lines) and numbers[last] == numbers[first]:
            last += 1
        text, sentences = "", []
        for line in lines[first:last]:
            sentences.append(Sentence(line, len(text), len(text) + len(line)))
            text += line + " "
        paragraphs.append(Paragraph(text, start, start + len(text), sentences=tuple(sentences)))
        start += len(text)
    text = "".join(paragraph.text for paragraph in paragraphs)
    lang = "zh-Hans" if side == "zh" else "en"
    return Document(lang, identifier, text, tuple(paragraphs), pre_segmented=not marks)


def joined(beads: Sequence[Bead], folder: Path, identifier: str) -> Iterator[Bead]:
    """Join neighbouring beads that lie in the same paragraph on both sides."""
    zh, en = (
        (folder / f"{side}_par" / f"{identifier}.txt").read_text(encoding="utf-8").split() for side in ("zh", "en")
    )
    current: Bead | None = None
    place: str | None = None
    for bead in beads:
        numbers = {zh[i] for i in bead.source}, {en[j] for j in bead.target}
        here = next(iter(numbers[0])) if len(numbers[0]) == 1 and numbers[0] == numbers[1] else None
        if current is not None and here is not None and here == place:
            current = Bead(current.source + bead.source, current.target + bead.target)
        else:
            if current is not None:
                yield current
            current = Bead(bead.source, bead.target)
        place = here
    if current is not None:
        yield current


if __name__ == "__main__":
    main()
