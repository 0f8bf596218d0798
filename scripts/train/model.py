"""A Marian transformer written for fast training, and its way to and from a Hugging Face MarianMT directory.

Post-norm, swish, tied embeddings, sinusoidal positions: `write_checkpoint` gives a model with the same outputs. Two
things are kinder to a CPU than transformers' own class: query, key and value are one matrix, and attention is plain
products (the fused kernel's backward pass is three times slower there at the length of a sentence). Only target pieces
are predicted: they are the first `n_target` ids of the joint vocabulary, `<pad>` is the last.

Suffixes name dimensions: B batch, S source tokens, T target tokens, D width, H heads.
"""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

END, UNKNOWN = 0, 1
"""Ids of `</s>` and `<unk>` in every vocabulary of this layout; `<pad>` is the last id."""
MAX_POSITIONS = 512
TOKENIZER_FILES = ("source.spm", "target.spm", "vocab.json")
_MASKED = -1e4  # far below any score, and still finite in bfloat16
_NEVER = -100.0  # logit bias of what must not be produced


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a model: pieces in the joint vocabulary, target pieces among them, and the layers."""

    n_pieces: int
    n_target: int
    width: int = 320
    feed_forward: int = 1280
    heads: int = 5
    encoder_layers: int = 6
    decoder_layers: int = 2


def sinusoids(n_positions: int, width: int) -> Tensor:
    """Compute Marian's position encodings [n_positions, width]: the sines first, then the cosines."""
    column = torch.arange(width)
    angles = torch.arange(n_positions).float()[:, None] / torch.pow(10000, 2 * (column // 2) / width)[None]
    return torch.cat([torch.sin(angles[:, 0::2]), torch.cos(angles[:, 1::2])], 1)


class Attention(nn.Module):
    """Multi-head attention with its residual connection and layer norm; over `memory` when `cross`."""

    def __init__(self, width: int, heads: int, dropout: float, cross: bool) -> None:
        """Make the matrices: one for query, key and value, or one for the query and one for key and value."""
        super().__init__()
        self.heads, self.dropout, self.cross = heads, dropout, cross
        if cross:
            self.q, self.kv = nn.Linear(width, width), nn.Linear(width, 2 * width)
        else:
            self.qkv = nn.Linear(width, 3 * width)
        self.out, self.norm = nn.Linear(width, width), nn.LayerNorm(width)

    def forward(self, x_BTD: Tensor, mask: Tensor, memory_BSD: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give the block's output [B, T, D] and head 0's masked scores before the softmax [B, T, S].

        `mask` is added to the scores: broadcastable to [B, H, T, S].
        """
        if memory_BSD is None:
            parts = self.qkv(x_BTD).chunk(3, -1)
        else:
            parts = (self.q(x_BTD), *self.kv(memory_BSD).chunk(2, -1))
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        scale = q.shape[-1] ** -0.5
        if x_BTD.is_cuda:
            scores_BTS = torch.matmul(q[:, 0] * scale, k[:, 0].transpose(1, 2)) + mask[:, 0]
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        else:
            scores = torch.matmul(q * scale, k.transpose(2, 3)) + mask
            scores_BTS = scores[:, 0]
            y = torch.matmul(scores.softmax(-1), v)
        y = F.dropout(self.out(y.transpose(1, 2).flatten(2)), self.dropout, self.training)
        return self.norm(x_BTD + y), scores_BTS


class FeedForward(nn.Module):
    """Two matrices with swish between them, residual connection, layer norm."""

    def __init__(self, width: int, inner: int, dropout: float) -> None:
        """Make the matrices."""
        super().__init__()
        self.dropout = dropout
        self.wide, self.narrow, self.norm = nn.Linear(width, inner), nn.Linear(inner, width), nn.LayerNorm(width)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """Give the block's output [B, T, D]."""
        y = F.dropout(self.narrow(F.silu(self.wide(x_BTD))), self.dropout, self.training)
        out: Tensor = self.norm(x_BTD + y)
        return out


class Layer(nn.Module):
    """One layer of the encoder, or with `cross` attention of the decoder."""

    def __init__(self, shape: Shape, dropout: float, decoder: bool) -> None:
        """Make the blocks."""
        super().__init__()
        self.own = Attention(shape.width, shape.heads, dropout, cross=False)
        if decoder:
            self.cross = Attention(shape.width, shape.heads, dropout, cross=True)
        self.ff = FeedForward(shape.width, shape.feed_forward, dropout)


class Marian(nn.Module):
    """The whole model; `out_bias` [n_target] belongs to the tied output projection `embedding.weight[:n_target]`."""

    def __init__(self, shape: Shape, dropout: float = 0.0) -> None:
        """Make a model with random weights."""
        super().__init__()
        self.shape, self.dropout = shape, dropout
        self.embedding = nn.Embedding(shape.n_pieces, shape.width, padding_idx=shape.n_pieces - 1)
        self.out_bias = nn.Parameter(torch.zeros(shape.n_target))
        self.encoder = nn.ModuleList(Layer(shape, dropout, False) for _ in range(shape.encoder_layers))
        self.decoder = nn.ModuleList(Layer(shape, dropout, True) for _ in range(shape.decoder_layers))
        self.register_buffer("positions", sinusoids(MAX_POSITIONS, shape.width), persistent=False)
        future = torch.full((MAX_POSITIONS, MAX_POSITIONS), _MASKED).triu(1)
        self.register_buffer("future", future, persistent=False)
        for name, parameter in self.named_parameters():
            if name == "embedding.weight":
                nn.init.normal_(parameter, std=shape.width**-0.5)
            elif parameter.dim() == 2:
                nn.init.xavier_uniform_(parameter)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
        self.pin_pad()

    @torch.no_grad()
    def pin_pad(self) -> None:
        """Set the `<pad>` row to zero: CTranslate2 starts decoding from a zero vector, transformers from `<pad>`."""
        self.embedding.weight[-1] = 0

    def embed(self, ids_BT: Tensor) -> Tensor:
        """Give the scaled embeddings with their positions [B, T, D]."""
        x = self.embedding(ids_BT) * math.sqrt(self.shape.width) + self.get_buffer("positions")[: ids_BT.shape[1]]
        return F.dropout(x, self.dropout, self.training)

    def forward(self, source_BS: Tensor, decoder_input_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give the last hidden states [B, T, D] and the word alignment scores [B, T, S].

        The scores are those of head 0 of the last decoder layer's cross attention: trained on word links, it is a
        word alignment, as in published OPUS-MT models.
        """
        kind = source_BS.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else torch.float32
        padding = torch.zeros(source_BS.shape, dtype=dtype, device=source_BS.device)
        padding = padding.masked_fill(source_BS == self.shape.n_pieces - 1, _MASKED)[:, None, None, :]
        length = decoder_input_BT.shape[1]
        future = self.get_buffer("future")[:length, :length].to(dtype)[None, None]
        memory = self.embed(source_BS)
        for layer in self.encoder:
            assert isinstance(layer, Layer)
            memory = layer.ff(layer.own(memory, padding)[0])
        x, scores = self.embed(decoder_input_BT), torch.empty(0)
        for layer in self.decoder:
            assert isinstance(layer, Layer)
            x, scores = layer.cross(layer.own(x, future)[0], padding, memory)
            x = layer.ff(x)
        return x, scores


def shift(target_BT: Tensor, pad: int) -> Tensor:
    """Make the decoder's input: `<pad>`, then the target without its last token."""
    return torch.cat([torch.full_like(target_BT[:, :1], pad), target_BT[:, :-1]], 1)


def _tensor_names(shape: Shape) -> dict[str, list[str]]:
    """Say which tensors of a MarianMT checkpoint, one below the other, make up each of ours."""
    modules = {}
    for ours, theirs, count in (
        ("encoder", "encoder", shape.encoder_layers),
        ("decoder", "decoder", shape.decoder_layers),
    ):
        for i in range(count):
            here, there = f"{ours}.{i}", f"model.{theirs}.layers.{i}"
            own, cross = f"{there}.self_attn", f"{there}.encoder_attn"
            modules[f"{here}.own.qkv"] = [f"{own}.{part}_proj" for part in "qkv"]
            modules[f"{here}.own.out"] = [f"{own}.out_proj"]
            modules[f"{here}.own.norm"] = [f"{own}_layer_norm"]
            if ours == "decoder":
                modules[f"{here}.cross.q"] = [f"{cross}.q_proj"]
                modules[f"{here}.cross.kv"] = [f"{cross}.{part}_proj" for part in "kv"]
                modules[f"{here}.cross.out"] = [f"{cross}.out_proj"]
                modules[f"{here}.cross.norm"] = [f"{cross}_layer_norm"]
            modules[f"{here}.ff.wide"] = [f"{there}.fc1"]
            modules[f"{here}.ff.narrow"] = [f"{there}.fc2"]
            modules[f"{here}.ff.norm"] = [f"{there}.final_layer_norm"]
    return {
        f"{ours}.{kind}": [f"{name}.{kind}" for name in theirs]
        for ours, theirs in modules.items()
        for kind in ("weight", "bias")
    }


def write_checkpoint(
    weights: dict[str, Tensor], shape: Shape, tokenizer: Path, folder: Path, dtype: torch.dtype
) -> None:
    """Write a MarianMT directory that transformers and CTranslate2 load.

    Args:
        weights: The state of a `Marian`.
        shape: Its shape.
        tokenizer: Where `TOKENIZER_FILES` are copied from.
        folder: Where to write; made when missing.
        dtype: Of the stored weights; float16 halves the file and changes no score measurably.
    """
    from transformers import MarianConfig, MarianMTModel

    pad = shape.n_pieces - 1
    facts: dict[str, Any] = {
        "vocab_size": shape.n_pieces,
        "d_model": shape.width,
        "encoder_layers": shape.encoder_layers,
        "decoder_layers": shape.decoder_layers,
        "encoder_ffn_dim": shape.feed_forward,
        "decoder_ffn_dim": shape.feed_forward,
        "encoder_attention_heads": shape.heads,
        "decoder_attention_heads": shape.heads,
        "max_position_embeddings": MAX_POSITIONS,
        "activation_function": "swish",
        "static_position_embeddings": True,
        "scale_embedding": True,
        "share_encoder_decoder_embeddings": True,
        "pad_token_id": pad,
        "eos_token_id": END,
        "forced_eos_token_id": END,
        "decoder_start_token_id": pad,
        "bos_token_id": None,
    }
    model: Any = MarianMTModel(MarianConfig(**facts))
    bias = torch.full((1, shape.n_pieces), _NEVER)
    bias[0, : shape.n_target] = weights["out_bias"].float()
    bias[0, UNKNOWN] = _NEVER
    tensors = {"model.shared.weight": weights["embedding.weight"].float(), "final_logits_bias": bias}
    for ours, theirs in _tensor_names(shape).items():
        tensors.update(zip(theirs, weights[ours].float().chunk(len(theirs)), strict=True))
    result = model.load_state_dict(tensors, strict=False)
    missing = [name for name in result.missing_keys if "embed" not in name and "lm_head" not in name]  # tied
    if missing or result.unexpected_keys:
        raise ValueError(f"the weights do not fit: missing {missing}, unexpected {result.unexpected_keys}")
    model.tie_weights()
    model.to(dtype).save_pretrained(folder)
    for name in TOKENIZER_FILES:
        if tokenizer.resolve() != folder.resolve():
            shutil.copyfile(tokenizer / name, folder / name)
    tokenizer_facts = {
        "source_lang": "zho",
        "target_lang": "eng",
        "tokenizer_class": "MarianTokenizer",
        "separate_vocabs": False,
        "model_max_length": MAX_POSITIONS,
        "unk_token": "<unk>",
        "eos_token": "</s>",
        "pad_token": "<pad>",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_facts, indent=1) + "\n", encoding="utf-8")


def read_checkpoint(folder: Path) -> tuple[dict[str, Tensor], Shape]:
    """Read a directory of `write_checkpoint`: the state of a `Marian`, float32, and its shape.

    Raises:
        ValueError: A Marian model of another kind (pre-norm, another activation, untied embeddings).
    """
    from safetensors.torch import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tensors = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}
    if (
        config.get("normalize_before")
        or config.get("activation_function") != "swish"
        or not config.get("share_encoder_decoder_embeddings", True)
        or not config.get("scale_embedding")
    ):
        raise ValueError(
            f"{folder}: only post-norm Marian models with swish and tied, scaled embeddings go on training"
        )
    bias = tensors["final_logits_bias"][0]
    shape = Shape(
        n_pieces=config["vocab_size"],
        n_target=int((bias[:-1] > _NEVER + 1).nonzero().max()) + 1,
        width=config["d_model"],
        feed_forward=config["encoder_ffn_dim"],
        heads=config["encoder_attention_heads"],
        encoder_layers=config["encoder_layers"],
        decoder_layers=config["decoder_layers"],
    )
    weights = {"embedding.weight": tensors["model.shared.weight"], "out_bias": bias[: shape.n_target].clone()}
    weights["out_bias"][UNKNOWN] = 0
    for ours, theirs in _tensor_names(shape).items():
        weights[ours] = torch.cat([tensors[name] for name in theirs])
    return weights, shape
