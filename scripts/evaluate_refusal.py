"""Count refusals among true, partial and false pairs: python scripts/evaluate_refusal.py DATA_DIR [--cache FOLDER].

DATA_DIR is laid out as for `evaluate_alignment.py`. True pairs are the documents of each set, and ten parts of the
document of a set that has only one; partial ones have a quarter, a half or three quarters of one side deleted at the
end, the start or in the middle; false ones are each document with translations of others of its set, or of another
set, and texts that repeat a few sentences with others that do. Prints a Markdown table; 'refused' should be 0 for the
true pairs, whole and partial, and at least 99 in 100 of the false ones.

What each pair's alignment found is kept in FOLDER: a run that was stopped goes on where it was, and after a change of
`match.py` alone the table is printed at once. A changed encoder or changed weights begin another file there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
from evaluate_alignment import read_document

from bilingual.align import MIN_SCORE
from bilingual.align.beads import read_beads
from bilingual.align.document import align_evidence, gather_evidence
from bilingual.align.match import document_score, similarities
from bilingual.bitext import Bead, Document, Paragraph, Sentence
from bilingual.encoders import load_encoder
from bilingual.protocols import Encoder

SHARES = (0.25, 0.5, 0.75)
MIN_SEGMENTS = 8
PARTS = 10
REPEATED = (
    (("河水变清了。", "山也绿了。", "鸟也回来了。"), ("Two members were absent.", "Afterwards there was tea.")),
    (("市场对此反应平淡。",), ("The river is clear.",)),
    (("央行宣布降息。", "市场对此反应平淡。"), ("The hills are green.", "Two members were absent.")),
)
Texts = tuple[list[str], list[str]]


def main() -> None:
    """Align all pairs and print how many were refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["mac_dev", "aca", "ntrex_synth", "hello_algo"])
    parser.add_argument("--others", type=int, default=3, help="false partners of each document in its set")
    parser.add_argument("--cache", type=Path, help="folder for what the alignments found")
    parser.add_argument("--limit_s", type=float, default=float("inf"), help="begin no pair after so many seconds")
    arguments = parser.parse_args()
    encoder = load_encoder()
    store = None
    found: dict[str, tuple[list[Bead], list[float]]] = {}
    if arguments.cache:
        arguments.cache.mkdir(parents=True, exist_ok=True)
        weights = (files("bilingual.align") / "weights.json").read_bytes()
        key = hashlib.sha256(weights + encoder.signature.encode()).hexdigest()[:12]
        store = arguments.cache / f"refusal-{key}.jsonl"
        found = read_found(store)
    pairs = [*true_and_false(arguments.data, arguments.sets, arguments.others), *repetitive()]
    pairs.sort(key=lambda pair: len(pair[2]) + len(pair[3]))
    scores: dict[str, list[tuple[float, str]]] = defaultdict(list)
    start, left_out = time.monotonic(), 0
    for kind, name, zh, en in pairs:
        if name not in found:
            if time.monotonic() - start > arguments.limit_s:
                left_out += 1
                continue
            found[name] = align(zh, en, encoder)
            if store:
                with store.open("a", encoding="utf-8") as file:
                    file.write(line_of(name, *found[name]))
        beads, similarity = found[name]
        scores[kind].append((document_score(beads, np.array(similarity)), name))
    print("| pairs | number | refused | lowest score | highest score |\n|---|---|---|---|---|")
    for kind, judged in sorted(scores.items()):
        refused = sum(score < MIN_SCORE for score, _ in judged)
        (low, where_low), (high, where_high) = min(judged), max(judged)
        print(f"| {kind} | {len(judged)} | {refused} | {low:.3f} {where_low} | {high:.3f} {where_high} |")
    if left_out:
        print(f"\n{left_out} of {len(pairs)} pairs were left out: the time was up.")


def align(zh: list[str], en: list[str], encoder: Encoder) -> tuple[list[Bead], list[float]]:
    """Align two texts: the beads, and how alike the two sides of each are."""
    documents = as_document("zh-Hans", zh), as_document("en", en)
    evidence = gather_evidence(*documents, encoder)
    beads = align_evidence(evidence)
    return beads, similarities(beads, evidence, *(document.segments for document in documents)).tolist()


def line_of(name: str, beads: list[Bead], similarity: list[float]) -> str:
    """Write a pair as JSON: name, size of each bead, similarities."""
    sizes = [[len(bead.source), len(bead.target)] for bead in beads]
    return json.dumps([name, sizes, [round(value, 4) for value in similarity]]) + "\n"


def read_found(store: Path) -> dict[str, tuple[list[Bead], list[float]]]:
    """Read what `line_of` wrote; beads have their right sizes, at no particular place."""
    found = {}
    for line in store.read_text(encoding="utf-8").split("\n")[:-1] if store.exists() else []:
        name, sizes, similarity = json.loads(line)
        found[name] = ([Bead(tuple(range(a)), tuple(range(b))) for a, b in sizes], similarity)
    return found


def true_and_false(data: Path, sets: list[str], others: int) -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Give (kind, name, Chinese, English) of every pair."""
    documents = {name: text for folder in sets for name, text in read_set(data / folder)}
    draw = random.Random(0)
    for name, (zh, en) in documents.items():
        yield "true", name, zh, en
        for share in SHARES:
            for where in ("end", "start", "middle"):
                kind = f"true, {share:.0%} of a side deleted"
                yield kind, f"{name}, {share} of zh at the {where}", cut(zh, share, where), en
                yield kind, f"{name}, {share} of en at the {where}", zh, cut(en, share, where)
        folder = name.split("/")[0]
        same = [other for other in documents if other != name and other.split("/")[0] == folder]
        rest = [other for other in documents if other.split("/")[0].removesuffix(" part") not in folder]
        for kind, chosen in (
            ("false, of one set", draw.sample(same, min(others, len(same)))),
            ("false, of two sets", draw.sample(rest, min(1, len(rest)))),
        ):
            for other in chosen:
                yield kind, f"{name} + {other}", zh, documents[other][1]


def read_set(folder: Path) -> Iterator[tuple[str, Texts]]:
    """Read the documents of a set; a single one once more in parts, so that there are others to exchange it for."""
    ids = sorted(path.stem for path in (folder / "gold").glob("*.txt"))
    for identifier in ids:
        zh, en = (list(read_document(folder, side, identifier, False).segments) for side in ("zh", "en"))
        if min(len(zh), len(en)) >= MIN_SEGMENTS:
            yield f"{folder.name}/{identifier}", (zh, en)
        if len(ids) == 1:
            gold = read_beads((folder / "gold" / f"{identifier}.txt").read_text(encoding="utf-8"), identifier)
            size = len(gold) // PARTS
            for part in range(PARTS):
                beads = gold[part * size : (part + 1) * size]
                i, j = (
                    sorted(n for bead in beads for n in bead.source),
                    sorted(n for bead in beads for n in bead.target),
                )
                yield f"{folder.name} part/{part}", (zh[i[0] : i[-1] + 1], en[j[0] : j[-1] + 1])


def repetitive() -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Give texts that repeat a few sentences, with others that do."""
    for number, (zh, en) in enumerate(REPEATED):
        for times in (8, 30):
            yield "false, repetitive", f"{number} x{times}", list(zh) * times, list(en) * times


def cut(segments: list[str], share: float, where: str) -> list[str]:
    """Delete a share of the segments."""
    kept = round(len(segments) * (1 - share))
    before = {"end": kept, "start": 0, "middle": kept // 2}[where]
    return segments[:before] + segments[len(segments) - (kept - before) :]


def as_document(lang: str, segments: list[str]) -> Document:
    """Make a list of segments a document."""
    paragraphs, text = [], ""
    for segment in segments:
        sentences = (Sentence(segment, 0, len(segment)),) if segment else ()
        paragraphs.append(Paragraph(segment, len(text), len(text) + len(segment), sentences=sentences))
        text += segment + "\n"
    return Document(lang, lang, text, tuple(paragraphs), pre_segmented=True)


if __name__ == "__main__":
    main()
