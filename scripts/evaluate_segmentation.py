"""Measure the segmentation against a text whose sentences are known.

The lines of a corpus, each one sentence, are joined to paragraphs and segmented again; the score is the F1 of the
places where one sentence ends and the next begins inside a paragraph. A line without a final stop, such as a headline,
is a paragraph of its own and counts nothing. The file has the columns corpus, Chinese, English, separated by tabs, and
may be compressed with xz.

    python scripts/evaluate_segmentation.py own.tsv.xz own_news2
"""

from __future__ import annotations

import lzma
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bilingual.segment import segment_paragraph

LINES = 6  # sentences of a paragraph
CLOSED = re.compile("[。！？!?.…][”’」』）)\"']*$")


def read_lines(path: Path, corpus: str, column: int) -> list[str]:
    """Read one column of the rows of a corpus."""
    data = path.read_bytes()
    text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode("utf-8")
    rows = (line.split("\t") for line in text.split("\n") if line)
    return [row[column].strip() for row in rows if row[0] == corpus]


def paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Group lines to paragraphs."""
    group: list[str] = []
    for line in lines:
        if not CLOSED.search(line) or len(group) == LINES:
            if group:
                yield group
            group = []
        if CLOSED.search(line):
            group.append(line)
    if group:
        yield group


def main() -> None:
    """Print precision, recall and F1 of both languages; with a third argument, the differences too."""
    path, corpus = Path(sys.argv[1]), sys.argv[2]
    for column, lang, separator in ((1, "zh", ""), (2, "en", " ")):
        right = expected = found = 0
        for group in paragraphs(read_lines(path, corpus, column)):
            text, gold, position = separator.join(group), set(), 0
            for line in group[:-1]:
                position += len(line) + len(separator)
                gold.add(position)
            sentences = segment_paragraph(text, lang)
            starts = {sentence.start for sentence in sentences[1:]}
            right, expected, found = right + len(gold & starts), expected + len(gold), found + len(starts)
            if len(sys.argv) > 3:
                for place in sorted(gold ^ starts):
                    kind = "missed" if place in gold else "extra"
                    print(f"{lang} {kind}: {text[max(0, place - 30) : place]} | {text[place : place + 30]}")
        precision, recall = right / max(1, found), right / max(1, expected)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"{corpus} {lang}: {expected} ends, precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}")


if __name__ == "__main__":
    main()
