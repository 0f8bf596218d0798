"""Build `bilingual/align/lexicon.npz`: IBM model 1 on sentence pairs that may be shipped.

    python scripts/build_lexicon.py DATA_DIR [-o bilingual/align/lexicon.npz]

DATA_DIR holds `own.tsv.xz` and `written.tsv.xz` (corpus TAB zh TAB en). Only the corpora listed below are read: pairs
written for this project, CC-CEDICT, and texts under open licences; see `bilingual/align/LEXICON.md`.
"""

from __future__ import annotations

import argparse
import lzma
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bilingual.align.lexicon import chinese_units, english_words

CORPORA = {
    "own_words": 12_000, "own_news2": 4_000, "own_ency": 4_000, "own_fiction": 4_000, "own_economy": 4_000,
    "own_general": 4_000, "own_society": 4_000, "own_gov": 4_000, "own_world": 4_000, "own_long": 4_000,
    "cedict": 120_000, "tatoeba_cmn": 24_000, "tico19": 4_000, "taiwan_law": 25_000, "python_docs": 20_000,
    "kubernetes_docs": 20_000, "tensorflow_docs": 10_000, "tidb_docs": 10_000, "php_docs": 8_000, "angular_cn": 4_000,
    "d2l": 9_000, "mozilla_www": 2_100, "freebsd_docs": 3_000, "opensource_guide": 2_800,
}  # fmt: skip
"""Pairs taken of each corpus at most: technical text is limited, so that general words keep their usual meaning."""
PASSES = 4
MIN_COUNT = 3
"""Occurrences below which a unit or a word is left out."""
MIN_PROBABILITY = 0.05
BEST = 4
"""Words kept for each unit at most."""
MAX_UNITS = 80


def main() -> None:
    """Read, count, iterate, prune, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("bilingual/align/lexicon.npz"))
    arguments = parser.parse_args()
    pairs = [(chinese_units(zh)[:MAX_UNITS], english_words(en)[:MAX_UNITS]) for zh, en in read_pairs(arguments.data)]
    print(f"{len(pairs):,} pairs")
    units = numbered(Counter(unit for zh, _ in pairs for unit in set(zh)))
    words = numbered(Counter(word for _, en in pairs for word in set(en)))
    idf = np.log(len(pairs) / document_counts(pairs, words))
    unit, word, probability = model_1(pairs, units, words)
    write(arguments.output, units, words, idf, unit, word, probability)


def read_pairs(folder: Path) -> Iterator[tuple[str, str]]:
    """Read the listed corpora; of a large one an evenly spread, seeded sample."""
    rows: dict[str, list[tuple[str, str]]] = {name: [] for name in CORPORA}
    for name in ("own.tsv.xz", "written.tsv.xz"):
        with lzma.open(folder / name, "rt", encoding="utf-8", newline="\n") as file:
            for line in file:
                corpus, zh, en = line.rstrip("\n").split("\t")[:3]
                if corpus in rows:
                    rows[corpus].append((zh, en))
    generator = random.Random(1)
    for corpus, found in rows.items():
        yield from generator.sample(found, min(CORPORA[corpus], len(found)))


def numbered(counts: Counter[str]) -> dict[str, int]:
    """Number what occurs often enough, in sorted order."""
    return {key: number for number, key in enumerate(sorted(k for k, count in counts.items() if count >= MIN_COUNT))}


def document_counts(pairs: list[tuple[list[str], list[str]]], words: dict[str, int]) -> NDArray[np.float64]:
    """Count the pairs that each word occurs in."""
    counts = np.zeros(len(words))
    for _, en in pairs:
        for word in set(en):
            if word in words:
                counts[words[word]] += 1
    return counts


def model_1(
    pairs: list[tuple[list[str], list[str]]], units: dict[str, int], words: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Estimate p(word | unit) by expectation maximisation (Brown et al. 1993), from a uniform start.

    Returns:
        Units, words and probabilities of all co-occurring pairs, sorted by unit.
    """
    keys, slots = [], []
    slot = 0
    for zh, en in pairs:
        z = np.array([units[unit] for unit in zh if unit in units], np.int64)
        e = np.array([words[word] for word in en if word in words], np.int64)
        if len(z) and len(e):
            keys.append((z[None, :] * len(words) + e[:, None]).ravel())
            slots.append(np.full(len(e), len(z)))
            slot += len(e)
    distinct, place = np.unique(np.concatenate(keys), return_inverse=True)
    place = place.astype(np.int32)
    del keys
    sizes = np.concatenate(slots)
    begin = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    unit, word = distinct // len(words), distinct % len(words)
    probability = np.ones(len(distinct), np.float32)
    for number in range(PASSES):
        share = probability[place]
        share /= np.repeat(np.add.reduceat(share, begin), sizes)
        count = np.bincount(place, share, len(distinct))
        total = np.bincount(unit, count, len(units))
        probability = (count / total[unit]).astype(np.float32)
        print(f"pass {number + 1}: {len(distinct):,} parameters")
    return unit, word, probability.astype(np.float64)


def write(
    path: Path,
    units: dict[str, int],
    words: dict[str, int],
    idf: NDArray[np.float64],
    unit: NDArray[np.int64],
    word: NDArray[np.int64],
    probability: NDArray[np.float64],
) -> None:
    """Keep the best words of each unit, probabilities as 1/255, names as UTF-8 lines."""
    order = np.lexsort((-probability, unit))
    unit, word, probability = unit[order], word[order], probability[order]
    first = np.concatenate(([0], np.cumsum(np.bincount(unit, minlength=len(units)))))
    keep = (np.arange(len(unit)) - first[unit] < BEST) & (probability >= MIN_PROBABILITY)
    unit, word, probability = unit[keep], word[keep], probability[keep]
    kept_units, unit = np.unique(unit, return_inverse=True)
    names = list(units)
    np.savez_compressed(
        path,
        units=np.frombuffer("\n".join(names[row] for row in kept_units).encode(), np.uint8),
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        idf=idf.astype(np.float16),
        counts=np.bincount(unit).astype(np.uint8),
        word=word.astype(np.uint16),
        probability=np.round(probability * 255).astype(np.uint8),
    )
    print(f"{path}: {len(kept_units):,} units, {len(words):,} words, {len(word):,} entries, {path.stat().st_size:,} B")


if __name__ == "__main__":
    main()
