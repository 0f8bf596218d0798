"""Tiny checkpoints with random weights, in every layout that is loaded; they use the bundled model's SentencePiece."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import MarianConfig, MarianMTModel

from bilingual.engines.convert import convert_model
from bilingual.engines.models import bundled_folder, find_model

BUNDLED = bundled_folder() / "zh-en-small"


def make_toy(
    folder: Path,
    *,
    separate: bool = False,
    one_spm: bool = False,
    rule_out: bool = True,
    weights: str = "model.safetensors",
    pad_row: float = 0.0,
    seed: int = 1,
) -> Path:
    """Write a checkpoint of 1+1 layers and width 16; random weights repeat themselves and never end a sentence.

    Args:
        folder: Made new.
        separate: Give source and target vocabularies of their own.
        one_spm: Give both sides the target's SentencePiece file, and the vocabulary its pieces.
        rule_out: Give pieces that only the source has a bias which no search overcomes.
        weights: `model.safetensors` or `pytorch_model.bin`.
        pad_row: Value of every number in the row of `<pad>`.
        seed: Of the random weights.
    """
    folder.mkdir()
    for name in ("source.spm", "target.spm"):
        shutil.copy(BUNDLED / ("target.spm" if one_spm else name), folder / name)
    joint: dict[str, int] = json.loads((BUNDLED / "vocab.json").read_text(encoding="utf-8"))
    vocabularies = [_pieces(folder / "target.spm") if one_spm else list(joint)]
    if separate:
        vocabularies = [_pieces(folder / "source.spm"), _pieces(folder / "target.spm")]
    for name, tokens in zip(("vocab.json", "target_vocab.json"), vocabularies, strict=False):
        ids = {token: number for number, token in enumerate(tokens)}
        (folder / name).write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")
    facts = {"separate_vocabs": separate, "tokenizer_class": "MarianTokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(facts), encoding="utf-8")
    torch.manual_seed(seed)
    model = MarianMTModel(_config(len(vocabularies[0]), len(vocabularies[-1]), separate))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(8)  # far from uniform, so that two engines' rounding never decides
        model.model.decoder.embed_tokens.weight[-1] = pad_row
        model.model.encoder.embed_tokens.weight[-1] = pad_row
        if rule_out:
            produced = set(_pieces(folder / "target.spm"))
            model.final_logits_bias[0, [i for i, piece in enumerate(vocabularies[-1]) if piece not in produced]] = -100
    model.save_pretrained(folder)
    if weights == "pytorch_model.bin":
        torch.save(model.state_dict(), folder / weights)
        (folder / "model.safetensors").unlink()
    return folder


def make_converted(folder: Path, toy: Path, cache_dir: Path, *, quickmt: bool = False) -> Path:
    """Write a directory in CTranslate2's form; `quickmt` is the layout with two vocabularies and other names."""
    model = find_model(toy, cache_dir=cache_dir)
    shutil.copytree(convert_model(model, precision="float32", cache_dir=cache_dir), folder)
    names = ("src.spm.model", "tgt.spm.model") if quickmt else ("source.spm", "target.spm")
    for original, name in zip(("source.spm", "target.spm"), names, strict=True):
        shutil.copy(toy / original, folder / name)
    return folder


def _pieces(spm: Path) -> list[str]:
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(spm))
    pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
    return ["</s>", "<unk>", *(p for p in pieces if p not in ("<s>", "</s>", "<unk>", "<pad>")), "<pad>"]


def _config(n_source: int, n_target: int, separate: bool) -> MarianConfig:
    sizes: dict[str, Any] = {
        f"{side}_{name}": value
        for side in ("encoder", "decoder")
        for name, value in (("layers", 1), ("attention_heads", 2), ("ffn_dim", 32))
    }
    return MarianConfig(
        vocab_size=n_source,
        decoder_vocab_size=n_target,
        share_encoder_decoder_embeddings=not separate,
        tie_word_embeddings=True,
        d_model=16,
        activation_function="swish",
        scale_embedding=True,
        max_position_embeddings=512,
        pad_token_id=n_target - 1,
        decoder_start_token_id=n_target - 1,
        eos_token_id=0,
        **sizes,
    )
