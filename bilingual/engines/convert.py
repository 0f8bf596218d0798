"""Convert a MarianMT checkpoint to CTranslate2, once, into the user's cache directory.

The specification is filled straight from the checkpoint's tensors: transformers is not needed, and for float32 tensors
the result equals, byte for byte, what CTranslate2's own converter writes (a test holds them against each other), except
that pieces of a joint vocabulary which the target side never has are left out of the decoder.
"""

from __future__ import annotations

import json
import logging
import math
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bilingual.engines.models import Model, read_json
from bilingual.engines.pieces import load_pieces
from bilingual.errors import ModelError

__all__ = ["PRECISIONS", "convert_model", "converted_folder", "load_tensors", "pad_row_is_zero", "vocabularies"]

PRECISIONS = ("int8", "int16", "float16", "float32")
_FORM = 3  # raise when what this module writes changes: cached conversions are then made anew
_ACTIVATIONS = {"relu": "RELU", "gelu": "GELU", "swish": "SWISH", "silu": "SWISH"}
_PAD, _END = "<pad>", "</s>"
_RULED_OUT = -50.0  # e^-50: no beam ever holds such a piece
_logger = logging.getLogger(__name__)

_Tensors = Mapping[str, NDArray[np.float32]]


def converted_folder(model: Model, precision: str, cache_dir: Path) -> Path:
    """Name the folder of a conversion: another checkpoint, precision or form of ours never shares it."""
    return cache_dir / "converted" / f"{model.name.replace('/', '--')}-{model.hash}-{precision}-{_FORM}"


def convert_model(model: Model, *, precision: str = "int8", cache_dir: Path, force: bool = False) -> Path:
    """Convert a checkpoint unless that has been done; a model already in CTranslate2's form is its own conversion.

    The conversion is written beside its place and renamed into it, so that processes which start together do not
    disturb each other: the first to finish wins, the others take what it made.

    Args:
        model: The checkpoint.
        precision: One of `PRECISIONS`: what the weights are stored as.
        cache_dir: The user's cache directory.
        force: Convert again although the conversion is there.

    Returns:
        A directory that CTranslate2 loads.

    Raises:
        ModelError: The checkpoint cannot be converted, or the cache directory cannot be written.
    """
    if model.layout == "ctranslate2":
        return model.path
    if precision not in PRECISIONS:
        raise ModelError(f"precision {precision!r} is unknown; take one of: {', '.join(PRECISIONS)}")
    folder = converted_folder(model, precision, cache_dir)
    if folder.is_dir() and not force:
        return folder
    _logger.info("converting %s to %s", model.name, precision)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise ModelError(
            f"{folder.parent}: the converted model cannot be written ({error.strerror}). "
            "Make the folder writable, or name another one in BILINGUAL_CACHE"
        ) from error
    try:
        _write(model, precision, temporary)
        temporary.chmod(0o755)  # mkdtemp's 0700 would lock other users out of a shared cache
        _move_into_place(temporary, folder, force)
    except OSError as error:
        raise ModelError(
            f"{folder}: the converted model cannot be written ({error.strerror}). "
            "Make room, or name another folder in BILINGUAL_CACHE"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _move_into_place(temporary: Path, folder: Path, force: bool) -> None:
    if force and folder.is_dir():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
        os.rename(folder, old / "model")
        shutil.rmtree(old, ignore_errors=True)
    try:
        os.rename(temporary, folder)
    except OSError:
        if not folder.is_dir():  # otherwise another process was faster, and what it made is the same
            raise


def vocabularies(model: Model) -> tuple[list[str], list[str]]:
    """Read the source and the target vocabulary of a checkpoint, in the order of the ids.

    Raises:
        ModelError: The ids are not 0 ... n - 1, or `<pad>` is not the last, or `</s>` is missing.
    """
    names = ["vocab.json", "target_vocab.json" if "target_vocab.json" in dict(model.files) else "vocab.json"]
    both = []
    for name in names:
        ids = read_json(model.path / name)
        tokens = sorted(ids, key=lambda token: ids[token])
        if [ids[token] for token in tokens] != list(range(len(tokens))) or tokens[-1:] != [_PAD] or _END not in ids:
            raise ModelError(
                f"{model.path / name}: the ids are not 0 to n - 1 with <pad> the last and </s> among them. "
                "Only vocabularies in the form of OPUS-MT are supported"
            )
        both.append(tokens)
    return both[0], both[1]


def load_tensors(model: Model) -> dict[str, NDArray[np.float32]]:
    """Read a checkpoint's tensors as float32.

    `pytorch_model.bin` is a pickle: it is read by torch with `weights_only=True`, which runs no code of the file.

    Raises:
        ModelError: The file is no checkpoint.
    """
    names = dict(model.files)
    try:
        if "model.safetensors" in names:
            return _load_safetensors(model.path / "model.safetensors")
        import torch

        state = torch.load(model.path / "pytorch_model.bin", map_location="cpu", weights_only=True)
        return {name: tensor.float().numpy() for name, tensor in state.items()}
    except Exception as error:  # pickle, zip, header and dtype errors of two libraries, all meaning the same
        raise ModelError(
            f"{model.path}: the weights cannot be read ({first_line(error)}). Check the model: bilingual models check"
        ) from error


def _load_safetensors(path: Path) -> dict[str, NDArray[np.float32]]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        names = list(file.keys())
        if "BF16" not in {file.get_slice(name).get_dtype() for name in names}:
            return {name: file.get_tensor(name).astype(np.float32) for name in names}
    from safetensors.torch import load_file  # numpy has no bfloat16

    return {name: tensor.float().numpy() for name, tensor in load_file(path).items()}


def first_line(error: BaseException) -> str:
    """Give an error's kind and the first line of what it says; torch's go on for a page."""
    return f"{type(error).__name__}: {str(error).strip().split(chr(10))[0]}".removesuffix(".")


def pad_row_is_zero(tensors: _Tensors) -> bool:
    """Say whether the decoder's `<pad>` row, where transformers starts, is the zero vector where CTranslate2 starts."""
    return not tensors[_embedding_name(tensors, "decoder")][-1].any()


def _embedding_name(tensors: _Tensors, side: str) -> str:
    own = f"model.{side}.embed_tokens.weight"
    return own if own in tensors else "model.shared.weight"


def _write(model: Model, precision: str, folder: Path) -> None:
    source, target = vocabularies(model)
    config = read_json(model.path / "config.json")
    tensors = load_tensors(model)
    pieces = frozenset(target) if "target_vocab.json" in dict(model.files) else _spm_pieces(model)
    try:
        spec = _fill_spec(config, tensors, source, target, pieces)
        spec.validate()
        spec.optimize(quantization=precision)
        spec.save(str(folder))
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"{model.path}: cannot be converted, the weights do not fit config.json and the vocabularies ({error}). "
            "Check the model: bilingual models check"
        ) from error
    facts = {"model": model.name, "hash": model.hash, "precision": precision, "license": model.license}
    (folder / "origin.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _spm_pieces(model: Model) -> frozenset[str]:
    """Give the pieces of the target side's SentencePiece file: a target text of the training had no others."""
    processor = load_pieces(model.path / model.target_spm, frozenset()).source
    return frozenset(processor.id_to_piece(index) for index in range(processor.get_piece_size()))


def _fill_spec(
    config: Mapping[str, Any], tensors: _Tensors, source: list[str], target: list[str], pieces: frozenset[str]
) -> Any:
    """Fill CTranslate2's specification of a post-norm Transformer.

    The decoder starts from a zero vector, so the `<pad>` row, the last, is left out and can not be produced either.
    """
    from ctranslate2.specs import common_spec, transformer_spec

    if config.get("normalize_before") or config.get("normalize_embedding"):
        raise ValueError("a pre-norm Marian model")
    activation = _ACTIVATIONS[config["activation_function"]]
    spec = transformer_spec.TransformerSpec.from_config(
        (config["encoder_layers"], config["decoder_layers"]),
        config["encoder_attention_heads"],
        pre_norm=False,
        activation=getattr(common_spec.Activation, activation),
    )
    bias = tensors.get("final_logits_bias")
    kept = _producible(target[:-1], bias, pieces)
    scale = math.sqrt(config["d_model"]) if config.get("scale_embedding") else 1.0
    sinusoids = _sinusoids(config["max_position_embeddings"], config["d_model"])
    sides = (("encoder", spec.encoder, spec.encoder.embeddings[0]), ("decoder", spec.decoder, spec.decoder.embeddings))
    for side, part, embeddings in sides:
        part.scale_embeddings = scale
        part.position_encodings.encodings = tensors.get(f"model.{side}.embed_positions.weight", sinusoids)
        rows = tensors[_embedding_name(tensors, side)][:-1]
        embeddings.weight = rows if side == "encoder" else rows[kept]
        for number, layer in enumerate(part.layer):
            prefix = f"model.{side}.layers.{number}"
            _fill_attention(layer.self_attention, tensors, f"{prefix}.self_attn", fused=3)
            if side == "decoder":
                _fill_attention(layer.attention, tensors, f"{prefix}.encoder_attn", fused=1)
            _fill_linear(layer.ffn.linear_0, tensors, [f"{prefix}.fc1"])
            _fill_linear(layer.ffn.linear_1, tensors, [f"{prefix}.fc2"])
            _fill_norm(layer.ffn.layer_norm, tensors, f"{prefix}.final_layer_norm")
    spec.decoder.start_from_zero_embedding = True
    output = tensors.get("lm_head.weight", tensors[_embedding_name(tensors, "decoder")])
    spec.decoder.projection.weight = output[:-1][kept]
    if bias is not None and bias.any():
        spec.decoder.projection.bias = bias.reshape(-1)[:-1][kept]
    spec.register_source_vocabulary(source[:-1])
    spec.register_target_vocabulary([target[index] for index in kept])
    spec.config.unk_token, spec.config.eos_token, spec.config.decoder_start_token = "<unk>", _END, _END
    return spec


def _producible(target: list[str], bias: NDArray[np.float32] | None, pieces: frozenset[str]) -> list[int]:
    """Give the ids that the model can produce: of a joint vocabulary, those of the target side.

    The others were never a target in the training, and some checkpoints rule them out by a bias as well. Without them
    the softmax, the largest product of a small model, is less than half as wide. A vocabulary that shares less than
    half of `pieces` was not made with them, and is kept whole.
    """
    if len(pieces.intersection(target)) < len(pieces) / 2:
        pieces = frozenset(target)
    values = np.zeros(len(target)) if bias is None else bias.reshape(-1)
    return [
        index
        for index, token in enumerate(target)
        if token in (_END, "<unk>") or (token in pieces and values[index] > _RULED_OUT)
    ]


def _fill_attention(layer: Any, tensors: _Tensors, prefix: str, *, fused: int) -> None:
    """Fill an attention layer; `fused` of query, key and value are in its first matrix, the others in its second."""
    names = [f"{prefix}.{part}_proj" for part in ("q", "k", "v")]
    _fill_linear(layer.linear[0], tensors, names[:fused])
    if fused < len(names):
        _fill_linear(layer.linear[1], tensors, names[fused:])
    _fill_linear(layer.linear[-1], tensors, [f"{prefix}.out_proj"])
    _fill_norm(layer.layer_norm, tensors, f"{prefix}_layer_norm")


def _fill_linear(layer: Any, tensors: _Tensors, names: list[str]) -> None:
    layer.weight = np.concatenate([tensors[f"{name}.weight"] for name in names])
    layer.bias = np.concatenate([tensors[f"{name}.bias"] for name in names])


def _fill_norm(layer: Any, tensors: _Tensors, name: str) -> None:
    layer.gamma, layer.beta = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _sinusoids(n_positions: int, width: int) -> NDArray[np.float32]:
    """Compute Marian's position encodings [n_positions, width]: the sines first, then the cosines."""
    column = np.arange(width)
    angles = np.arange(n_positions)[:, None] / np.power(10000, 2 * (column // 2) / width)[None, :]
    return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=1).astype(np.float32)
