"""Count refusals among true, partial and false pairs: python scripts/evaluate_refusal.py DATA_DIR [--sets ...].

DATA_DIR is laid out as for `evaluate_alignment.py`. True pairs are the documents of each set; partial ones have a
quarter, a half or three quarters of one side deleted at the end, the start or in the middle; false ones are each
document with translations of others of its set, and texts that repeat a few sentences with others that do. Prints a
Markdown table; 'refused' should be 0 for the first two and all for the last.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from evaluate_alignment import read_document

from bilingual.align import MIN_SCORE, align_semantic
from bilingual.bitext import Document, Paragraph, Sentence
from bilingual.encoders import load_encoder

SHARES = (0.25, 0.5, 0.75)
MIN_SEGMENTS = 8
REPEATED = (
    (("河水变清了。", "山也绿了。", "鸟也回来了。"), ("Two members were absent.", "Afterwards there was tea.")),
    (("市场对此反应平淡。",), ("The river is clear.",)),
    (("央行宣布降息。", "市场对此反应平淡。"), ("The hills are green.", "Two members were absent.")),
)


def main() -> None:
    """Align all pairs and print how many were refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["mac_dev", "aca", "ntrex_synth", "hello_algo"])
    parser.add_argument("--documents", type=int, default=1000, help="of each set at most")
    parser.add_argument("--others", type=int, default=3, help="false partners of each document")
    parser.add_argument("--limit_s", type=float, default=float("inf"), help="begin no pair after so many seconds")
    arguments = parser.parse_args()
    encoder = load_encoder(threads=2)
    scores: dict[str, list[tuple[float, str]]] = defaultdict(list)
    pairs = [*_repeated()]
    for name in arguments.sets:
        pairs += _pairs(arguments.data / name, arguments.documents, arguments.others)
    start = time.monotonic()
    for number, (kind, which, zh, en) in enumerate(pairs):
        if time.monotonic() - start > arguments.limit_s:
            print(f"Stopped after {number} of {len(pairs)} pairs.\n")
            break
        scores[kind].append((align_semantic(_document("zh-Hans", zh), _document("en", en), encoder)[1], which))
    print("| pairs | number | refused | lowest score | highest score |\n|---|---|---|---|---|")
    for kind, found in scores.items():
        refused = sum(score < MIN_SCORE for score, _ in found)
        (low, where_low), (high, where_high) = min(found), max(found)
        print(f"| {kind} | {len(found)} | {refused} | {low:.3f} {where_low} | {high:.3f} {where_high} |")


def _pairs(folder: Path, at_most: int, others: int) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Give (kind, name, Chinese, English) of every pair of a set."""
    ids = sorted(path.stem for path in (folder / "gold").glob("*.txt"))[:at_most]
    texts = {i: tuple(read_document(folder, side, i, False).segments for side in ("zh", "en")) for i in ids}
    ids = [i for i in ids if min(map(len, texts[i])) >= MIN_SEGMENTS]
    draw = random.Random(0)
    for i in ids:
        zh, en = texts[i]
        yield "true", f"{folder.name} {i}", zh, en
        for share in SHARES:
            for where in ("end", "start", "middle"):
                for side, (part_zh, part_en) in enumerate(((_cut(zh, share, where), en), (zh, _cut(en, share, where)))):
                    yield f"{share:.0%} deleted", f"{folder.name} {i} {where} {side}", part_zh, part_en
        rest = [other for other in ids if other != i]
        for other in draw.sample(rest, min(others, len(rest))):
            yield "false", f"{folder.name} {i} {other}", zh, texts[other][1]


def _repeated() -> Iterator[tuple[str, str, list[str], list[str]]]:
    for number, (zh, en) in enumerate(REPEATED):
        for times in (8, 30):
            yield "false, repetitive", f"{number} x{times}", list(zh) * times, list(en) * times


def _cut(segments: list[str], share: float, where: str) -> list[str]:
    """Delete a share of the segments."""
    kept = round(len(segments) * (1 - share))
    before = {"end": kept, "start": 0, "middle": kept // 2}[where]
    return segments[:before] + segments[len(segments) - (kept - before) :]


def _document(lang: str, segments: list[str]) -> Document:
    paragraphs, text = [], ""
    for segment in segments:
        sentences = (Sentence(segment, 0, len(segment)),) if segment else ()
        paragraphs.append(Paragraph(segment, len(text), len(text) + len(segment), sentences=sentences))
        text += segment + "\n"
    return Document(lang, lang, text, tuple(paragraphs), pre_segmented=True)


if __name__ == "__main__":
    main()
