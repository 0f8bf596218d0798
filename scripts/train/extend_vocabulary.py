"""Give a checkpoint of this recipe source pieces for characters that now fall to bytes.

    python scripts/train/extend_vocabulary.py FROM TO corpus.tsv ... [--min-count 4]

A character gets a piece when it is among the common ones of GB 2312 (level 1), or among its others and at least
`--min-count` times in the corpus, or in neither and twenty times. Text without the new pieces is cut, encoded and
translated as before: they come last in `source.spm`, with the lowest score that it already has; every old id stays,
but for `<pad>`, which moves to the end. A new row of the embedding is the mean of its bytes' rows, from which training
goes on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import struct
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bilingual.formats import read_units

_RARE_COUNT = 20  # for characters outside GB 2312: forms of names, traditional characters in quotations


def gb2312(rows: range) -> set[str]:
    """Give the hanzi in rows of GB 2312: level 1 (common, by sound) is rows 16-55, level 2 (by radical) 56-87."""
    found = set()
    for row in rows:
        for cell in range(1, 95):
            found |= set(bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312", "ignore"))
    return found


def choose_characters(counts: Counter[str], known: set[str], min_count: int) -> list[str]:
    """Choose the characters that get a piece, most frequent first.

    Args:
        counts: Characters of the corpus.
        known: Pieces that the model has.
        min_count: Occurrences that a character of GB 2312's level 2 needs.
    """
    common, other = gb2312(range(16, 56)), gb2312(range(56, 88))
    chosen = [
        c
        for c in set(counts) | common
        if "\u4e00" <= c <= "\u9fff"
        and c not in known
        and (c in common or counts[c] >= (min_count if c in other else _RARE_COUNT))
    ]
    return sorted(chosen, key=lambda c: (-counts[c], c))


def append_pieces(model: bytes, characters: Sequence[str], score: float) -> bytes:
    """Append pieces to a serialised SentencePiece model.

    In protocol buffers, entries of a repeated field that stand at the end of the bytes join those before. A piece is
    field 1 of the model (a message, tag 0x0A) with its text in field 1 (tag 0x0A) and its score in field 2 (a float,
    tag 0x15); without a type it is a normal one.
    """
    added = b""
    for text in (character.encode() for character in characters):
        message = b"\x0a" + bytes([len(text)]) + text + b"\x15" + struct.pack("<f", score)
        added += b"\x0a" + bytes([len(message)]) + message
    return model + added


def extend_vocabulary(start: Path, folder: Path, characters: Sequence[str]) -> None:
    """Write FOLDER: the checkpoint START with a source piece for every character.

    Raises:
        ValueError: START is not in this recipe's layout, or has a piece for one of the characters.
    """
    import sentencepiece
    import torch
    from safetensors.torch import load_file, save_file

    vocabulary = json.loads((start / "vocab.json").read_text(encoding="utf-8"))
    old_size = len(vocabulary)
    twice = [character for character in characters if character in vocabulary]
    if vocabulary.pop("<pad>") != old_size - 1 or "<0x00>" not in vocabulary or twice:
        raise ValueError(f"{start}: <pad> is not the last id, there are no byte pieces, or {twice} have pieces")
    for character in [*characters, "<pad>"]:
        vocabulary[character] = len(vocabulary)
    size = len(vocabulary)

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(start / "source.spm"))
    # An unknown character costs ten more than the lowest score: with exactly that score nothing else changes its price.
    lowest = min(
        pieces.get_score(i)
        for i in range(pieces.get_piece_size())
        if not (pieces.is_byte(i) or pieces.is_control(i) or pieces.is_unknown(i))
    )
    tensors = load_file(start / "model.safetensors")
    rows, bias = tensors["model.shared.weight"], tensors["final_logits_bias"]
    bytes_of = [[vocabulary[f"<0x{byte:02X}>"] for byte in character.encode()] for character in characters]
    new = torch.stack([rows[ids].float().mean(0) for ids in bytes_of]).to(rows.dtype)
    never = torch.full((1, len(characters)), -100.0, dtype=bias.dtype)  # source pieces are never produced
    tensors["model.shared.weight"] = torch.cat([rows[:-1], new, rows[-1:]])
    tensors["final_logits_bias"] = torch.cat([bias[:, :-1], never, bias[:, -1:]], 1)

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source.spm").write_bytes(append_pieces((start / "source.spm").read_bytes(), characters, lowest))
    for name in ("target.spm", "tokenizer_config.json"):
        shutil.copyfile(start / name, folder / name)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    for name in ("config.json", "generation_config.json"):
        config = json.loads((start / name).read_text(encoding="utf-8"))
        for key in ("vocab_size", "decoder_vocab_size"):
            if key in config:
                config[key] = size
        for key in ("pad_token_id", "decoder_start_token_id"):
            if key in config:
                config[key] = size - 1
        if config.get("bad_words_ids"):
            config["bad_words_ids"] = [
                [size - 1 if i == old_size - 1 else i for i in ids] for ids in config["bad_words_ids"]
            ]
        (folder / name).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("start", type=Path, help="checkpoint directory with byte fallback on the source side")
    parser.add_argument("folder", type=Path, help="directory to write")
    parser.add_argument("files", type=Path, nargs="+", help="TSV, TMX, JSONL ...: the text that training goes on with")
    parser.add_argument("--min-count", type=int, default=4)
    a = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    for file in a.files:
        for unit in read_units(file):
            counts.update(unicodedata.normalize("NFKC", unit.source))
    known = set(json.loads((a.start / "vocab.json").read_text(encoding="utf-8")))
    characters = choose_characters(counts, known, a.min_count)
    extend_vocabulary(a.start, a.folder, characters)
    print(f"{a.folder}: {len(characters)} new source pieces: {''.join(characters)}")


if __name__ == "__main__":
    main()
