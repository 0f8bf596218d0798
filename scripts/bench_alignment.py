"""Measure what aligning costs: python scripts/bench_alignment.py PAIRS.tsv.xz [--sizes 1000 10000 30000].

PAIRS.tsv.xz holds lines corpus TAB Chinese TAB English. A document of N source segments is N of its pairs; every tenth
English sentence is followed by another one that has no counterpart, so that N x 1.1 N segments are aligned; where the
file has fewer pairs they come again with their number added, so that no text is a duplicate. Each size runs in a
process of its own. Prints seconds per step as a share of embedding, and the growth of time and memory with N.
"""

from __future__ import annotations

import argparse
import lzma
import resource
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bilingual.bitext import Document


def main() -> None:
    """Run each size in a process and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10000, 30000])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        measure(arguments.pairs, arguments.one, arguments.threads)
        return
    print(
        "| segments | embedding s | anchors, bags, cosines | features | forward-backward + decode | all after it "
        "| time per segment | MB |\n|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    for size in arguments.sizes:
        command = [sys.executable, __file__, str(arguments.pairs), "--one", str(size)]
        subprocess.run([*command, "--threads", str(arguments.threads)], check=True)


def measure(path: Path, size: int, threads: int) -> None:
    """Align one document of `size` segments, step by step."""
    from bilingual.align.decode import best_path, build_lattice, posteriors
    from bilingual.align.document import gather_evidence
    from bilingual.align.potentials import load_weights, score_beads
    from bilingual.align.spans import embed_spans
    from bilingual.encoders import load_encoder

    zh, en = texts(path, size)
    encoder = load_encoder(threads=threads)
    start = time.perf_counter()
    embed_spans(encoder, zh, spaced=False)
    embed_spans(encoder, en, spaced=True)
    embedded = time.perf_counter()
    evidence = gather_evidence(document("zh-Hans", zh), document("en", en), encoder)  # pools are cached by now
    gathered = time.perf_counter()
    scores = score_beads(evidence, load_weights())
    scored = time.perf_counter()
    lattice = build_lattice(evidence.band, scores)
    posteriors(lattice)
    best_path(lattice)
    end = time.perf_counter()
    embedding = embedded - start
    shares = [
        (b - a) / embedding for a, b in ((embedded, gathered), (gathered, scored), (scored, end), (embedded, end))
    ]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    columns = " | ".join(f"{share:.0%}" for share in shares)
    per_segment = (end - start) / (len(zh) + len(en)) * 1000
    print(f"| {len(zh)} x {len(en)} | {embedding:.1f} | {columns} | {per_segment:.2f} ms | {memory:.0f} |", flush=True)


def texts(path: Path, size: int) -> tuple[list[str], list[str]]:
    """Read `size` Chinese segments and 1.1 times as many English ones."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in islice(file, 2 * size + size // 10)]
    rows = [row for row in rows if len(row) == 3]
    zh: list[str] = []
    en: list[str] = []
    for number, (_, chinese, english) in enumerate(cycle(rows)):
        again = f" {number}" if number >= len(rows) else ""
        if number % 11 != 10:
            zh.append(chinese + again)
        en.append(english + again)
        if len(zh) == size:
            return zh, en
    raise ValueError(f"{path} holds no pairs")


def document(lang: str, segments: list[str]) -> Document:
    """Make a list of segments a document, a paragraph each."""
    from bilingual.bitext import Document, Paragraph, Sentence

    paragraphs, start = [], 0
    for segment in segments:
        paragraphs.append(
            Paragraph(segment, start, start + len(segment), sentences=(Sentence(segment, 0, len(segment)),))
        )
        start += len(segment) + 1
    return Document(lang, lang, "\n".join(segments), tuple(paragraphs), pre_segmented=True)


if __name__ == "__main__":
    main()
