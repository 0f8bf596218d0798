"""Read parallel text, clean it, tokenise it and write everything that train.py needs into one folder.

    python scripts/train/prepare.py WORK corpus.tsv memory.tmx ... [--weights corpora.json] [--start CHECKPOINT]

Takes every format that `bilingual` reads; rejected units are left out. WORK gets `source.spm` and `target.spm`
(SentencePiece, unigram), `vocab.json` (OPUS-MT layout: one joint vocabulary, `</s>` 0, `<unk>` 1, then the target
pieces, then the source pieces, `<pad>` last), `meta.json`, `pairs.npz`, and `links.npy` (see links.py). With
`--start` the pieces are those of a checkpoint that training goes on from.
"""

from __future__ import annotations

import argparse
import html
import json
import random
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from links import NO_LINK, word_links
from numpy.typing import NDArray

from bilingual.formats import read_units

MAX_TOKENS = 110  # per side; longer pairs are rare, and the engines cut segments before that
_HAN = re.compile("[\u4e00-\u9fff]")
_SPM_SENTENCES = 300_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that stand for each other; `weight` is how often the pair is seen per pass."""

    source: str
    target: str
    weight: float


def clean_text(text: str) -> str:
    r"""Compose characters (NFC), resolve HTML entities, collapse white space.

    >>> clean_text(" A&amp;B\u3000C ")
    'A&B C'
    """
    return " ".join(html.unescape(unicodedata.normalize("NFC", text)).split())


def is_usable(source: str, target: str) -> bool:
    """Say whether two texts can be translations: Chinese on one side only, of lengths that go together.

    >>> is_usable("他来了。", "He has come."), is_usable("他来了。", "他来了。"), is_usable("他来了。", "x")
    (True, False, False)
    """
    if not _HAN.search(source) or _HAN.search(target):
        return False
    # English has 2 to 4.5 characters for a Chinese one; headwords and titles vary more than sentences
    return 0.8 * len(source) - 4 <= len(target) <= 9 * len(source) + 20 and len(source) <= 220 and len(target) <= 600


def read_pairs(files: Iterable[Path], weights: dict[str, float]) -> Iterator[Pair]:
    """Read, clean and filter the pairs of all files, each pair once.

    Args:
        files: Tables of translation units, in any format that `bilingual` reads.
        weights: Document name -> weight; documents not named have 1, those with 0 are left out.
    """
    seen = set()
    for file in files:
        for unit in read_units(file):
            weight = weights.get(unit.document, 1.0)
            source, target = clean_text(unit.source), clean_text(unit.target)
            if unit.status == "rejected" or weight <= 0 or not is_usable(source, target):
                continue
            key = hash((source, target))
            if key not in seen:
                seen.add(key)
                yield Pair(source, target, weight)


def train_pieces(work: Path, pairs: Sequence[Pair], n_source: int, n_target: int) -> None:
    """Train `source.spm` and `target.spm`; digits are split, so that numbers are copied digit by digit.

    The source side falls back to bytes: a rare hanzi is then still something. The target side does not: there, bytes
    could be produced that form no character.
    """
    import sentencepiece

    sample = [pair for pair in pairs if random.Random(pair.source).random() < pair.weight]
    of_source: dict[str, Any] = {
        "byte_fallback": True,
        "max_sentencepiece_length": 8,
        "character_coverage": 0.9998,
    }
    of_target: dict[str, Any] = {"character_coverage": 0.99995}
    for name, size, options in (("source", n_source, of_source), ("target", n_target, of_target)):
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=(getattr(pair, name) for pair in sample),
            model_prefix=str(work / name),
            model_type="unigram",
            vocab_size=size,
            hard_vocab_limit=False,
            normalization_rule_name="nmt_nfkc",
            split_digits=True,
            eos_id=0,
            unk_id=1,
            bos_id=-1,
            pad_id=-1,
            input_sentence_size=_SPM_SENTENCES,
            shuffle_input_sentence=True,
            max_sentence_length=8000,
            minloglevel=2,
            **options,
        )
        (work / f"{name}.model").rename(work / f"{name}.spm")
        (work / f"{name}.vocab").unlink()


def joint_vocabulary(source: Any, target: Any) -> tuple[dict[str, int], int]:
    """Number the pieces of both SentencePiece models in the order that OPUS-MT checkpoints have.

    Returns:
        (piece -> id, number of ids that a target token can have).
    """
    vocabulary = {"</s>": 0, "<unk>": 1}
    for piece in (target.id_to_piece(i) for i in range(target.get_piece_size())):
        vocabulary.setdefault(piece, len(vocabulary))
    n_target = len(vocabulary)
    for piece in (source.id_to_piece(i) for i in range(source.get_piece_size())):
        vocabulary.setdefault(piece, len(vocabulary))
    vocabulary["<pad>"] = len(vocabulary)
    return vocabulary, n_target


def encode(texts: Sequence[str], pieces: Any, vocabulary: dict[str, int], sample: bool) -> list[NDArray[np.uint16]]:
    """Cut texts into pieces and give their ids; `sample` draws a random segmentation (subword regularisation)."""
    ids = np.array([vocabulary[pieces.id_to_piece(i)] for i in range(pieces.get_piece_size())], np.uint16)
    # alpha 0.2 makes segmentations of the training text 11 % longer; 0.5 only 4 %
    options = {"enable_sampling": True, "alpha": 0.2, "nbest_size": -1} if sample else {}
    return [ids[tokens] for tokens in pieces.encode(list(texts), out_type=int, **options)]


def fits(source: NDArray[np.uint16], target: NDArray[np.uint16]) -> bool:
    """Say whether a tokenised pair is neither empty, nor too long, nor lopsided."""
    short, long = sorted((len(source), len(target)))
    return short > 0 and long <= MAX_TOKENS and long <= 3 * short + 8


def prepare(
    work: Path,
    pairs: list[Pair],
    *,
    start: Path | None = None,
    n_source: int = 14_000,
    n_target: int = 8_000,
    held_out: int = 500,
    sampled: bool = False,
    links: bool = True,
) -> None:
    """Write WORK; see the top of this file.

    Args:
        work: The folder to write, made when missing.
        pairs: The corpus.
        start: A checkpoint whose pieces are taken; None trains new ones.
        n_source: Pieces of a new source model, 256 bytes among them.
        n_target: Pieces of a new target model.
        held_out: Pairs drawn at random that are never trained on, at most a tenth: they come last in `pairs.npz`.
        sampled: Whether each pair comes a second time, in a random segmentation, both with half the weight.
        links: Whether word links are computed, which guided alignment needs.

    Raises:
        ValueError: Too few pairs, or the checkpoint's vocabulary is not that of its pieces.
    """
    import sentencepiece

    if len(pairs) < 20:
        raise ValueError(
            f"{len(pairs)} usable pairs are no corpus; give more, or see why they were left out (is_usable)"
        )
    work.mkdir(parents=True, exist_ok=True)
    random.Random(0).shuffle(pairs)
    if start is None:
        train_pieces(work, pairs, n_source, n_target)
    else:
        for name in ("source.spm", "target.spm"):
            shutil.copyfile(start / name, work / name)
    source, target = (
        sentencepiece.SentencePieceProcessor(model_file=str(work / f"{n}.spm")) for n in ("source", "target")
    )
    vocabulary, n_target = joint_vocabulary(source, target)
    if start is not None and json.loads((start / "vocab.json").read_text(encoding="utf-8")) != vocabulary:
        raise ValueError(
            f"{start}: vocab.json is not in the layout that this recipe writes; finetune.py takes any MarianMT"
        )
    (work / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")

    n_held_out = min(held_out, len(pairs) // 10)
    apart = {pair.source for pair in pairs[len(pairs) - n_held_out :]}
    training = [pair for pair in pairs[: len(pairs) - n_held_out] if pair.source not in apart]
    rows: list[tuple[NDArray[np.uint16], NDArray[np.uint16], float]] = []
    parts = [(training, False), (training, True)] if sampled else [(training, False)]
    for part, sample in [*parts, (pairs[len(pairs) - n_held_out :], False)]:
        sides = zip(
            encode([pair.source for pair in part], source, vocabulary, sample),
            encode([pair.target for pair in part], target, vocabulary, False),
            [pair.weight / (1 + sampled) for pair in part],
            strict=True,
        )
        before = len(rows)
        rows += [row for row in sides if fits(row[0], row[1])]
    n_held_out = len(rows) - before
    arrays = {
        "source": np.concatenate([row[0] for row in rows]),
        "target": np.concatenate([row[1] for row in rows]),
        "source_lengths": np.array([len(row[0]) for row in rows], np.int32),
        "target_lengths": np.array([len(row[1]) for row in rows], np.int32),
        "weights": np.array([row[2] for row in rows], np.float32),
    }
    np.savez(work / "pairs.npz", **arrays)  # type: ignore[arg-type]
    (work / "meta.json").write_text(
        json.dumps({"n_target": n_target, "n_held_out": n_held_out}) + "\n", encoding="utf-8"
    )
    print(
        f"{len(rows) - n_held_out:,} pairs to train on, {n_held_out:,} held out; {len(arrays['source']):,} source and "
        f"{len(arrays['target']):,} target tokens; {len(vocabulary):,} pieces, {n_target:,} of them target",
        flush=True,
    )
    (work / "links.npy").unlink(missing_ok=True)
    if links:
        found = word_links(arrays, len(vocabulary), n_target)
        np.save(work / "links.npy", found)
        print(f"{np.mean(found != NO_LINK):.1%} of the target tokens have a word link")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("work", type=Path, help="folder to write")
    parser.add_argument("files", type=Path, nargs="+", help="TSV, TMX, JSONL ... of parallel text")
    parser.add_argument("--weights", type=Path, help="JSON: document name -> weight (1 is default, 0 leaves it out)")
    parser.add_argument("--start", type=Path, help="checkpoint directory whose pieces are taken")
    parser.add_argument("--source-pieces", type=int, default=14_000)
    parser.add_argument("--target-pieces", type=int, default=8_000)
    parser.add_argument("--held-out", type=int, default=500, help="pairs to measure on, at most a tenth")
    parser.add_argument("--sampled", action="store_true", help="see each pair in two segmentations, one of them random")
    parser.add_argument(
        "--no-links", action="store_true", help="no word links: the attention will be no word alignment"
    )
    a = parser.parse_args(arguments)
    weights = json.loads(a.weights.read_text(encoding="utf-8")) if a.weights else {}
    prepare(
        a.work,
        list(read_pairs(a.files, weights)),
        start=a.start,
        n_source=a.source_pieces,
        n_target=a.target_pieces,
        held_out=a.held_out,
        sampled=a.sampled,
        links=not a.no_links,
    )


if __name__ == "__main__":
    main()
