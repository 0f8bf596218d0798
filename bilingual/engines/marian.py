"""The reference engine: transformers and torch, on a GPU when there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from bilingual.engines.convert import first_line, vocabularies
from bilingual.engines.models import Model
from bilingual.engines.translator import Batch, Hypothesis, Search
from bilingual.errors import ModelError
from bilingual.protocols import Decoding

__all__ = ["load_marian", "marian_search", "transformers_version"]

_PAD, _END, _UNKNOWN = "<pad>", "</s>", "<unk>"
_SCORED_TOGETHER = 8  # hypotheses; their logits over the whole vocabulary are in memory at once


def transformers_version() -> str:
    """Give the version of transformers."""
    import transformers

    return str(transformers.__version__)


def load_marian(model: Model) -> Any:
    """Load a checkpoint into transformers' MarianMTModel, in float32 and without dropout.

    Raises:
        ModelError: The checkpoint is in CTranslate2's form, or does not load.
    """
    if model.layout != "marian":
        raise ModelError(
            f"{model.path}: only in CTranslate2's form, which transformers cannot load. Leave out --engine transformers"
        )
    import torch
    from transformers import MarianMTModel
    from transformers.utils import logging

    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    loaded: Any
    try:
        loaded = MarianMTModel.from_pretrained(
            model.path,
            dtype=torch.float32,
            attn_implementation="eager",  # the only one that gives attention out
            local_files_only=True,
            use_safetensors="model.safetensors" in dict(model.files),
            weights_only=True,
        )
    except Exception as error:  # pickle, zip, header, shape and config errors of three libraries, all meaning the same
        raise ModelError(
            f"{model.path}: transformers cannot load this checkpoint ({first_line(error)}). "
            "Check it: bilingual models check"
        ) from error
    finally:
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    return loaded.eval().to("cuda" if torch.cuda.is_available() else "cpu")


def marian_search(model: Model, *, threads: int) -> Search:
    """Load a checkpoint and give its search; `threads` cores compute one batch after the other.

    Raises:
        ModelError: The checkpoint does not load.
    """
    import torch
    from transformers import GenerationConfig

    network = load_marian(model)
    source_tokens, target_tokens = vocabularies(model)
    source_ids = {token: number for number, token in enumerate(source_tokens)}
    target_ids = {token: number for number, token in enumerate(target_tokens)}
    end, start = target_ids[_END], target_ids[_PAD]
    suppressed = [target_ids[token] for token in (_UNKNOWN, _PAD) if token in target_ids]
    # What the checkpoint's own generation_config.json says (beam 6, forced end marks ...) must not mix with ours.
    network.generation_config = GenerationConfig()  # type: ignore[no-untyped-call]
    torch.set_num_threads(threads)

    def search(batches: Iterable[Batch], decoding: Decoding) -> Iterator[list[list[Hypothesis]]]:
        config = GenerationConfig(  # type: ignore[no-untyped-call]
            num_beams=decoding.beam,
            num_return_sequences=decoding.n_best,
            length_penalty=decoding.length_penalty,
            no_repeat_ngram_size=decoding.no_repeat_ngram,
            early_stopping=decoding.beam > 1,
            do_sample=False,
            suppress_tokens=suppressed,
            decoder_start_token_id=start,
            eos_token_id=end,
            pad_token_id=start,
            bos_token_id=None,
        )
        for batch in batches:
            longest = max(len(source) for source in batch.sources) + 1
            ids = torch.full((len(batch.sources), longest), source_ids[_PAD])
            mask = torch.zeros_like(ids)
            for row, source in enumerate(batch.sources):
                known = [source_ids.get(piece, source_ids[_UNKNOWN]) for piece in [*source, _END]]
                ids[row, : len(known)] = torch.tensor(known)
                mask[row, : len(known)] = 1
            ids, mask = ids.to(network.device), mask.to(network.device)
            with torch.inference_mode():
                config.max_new_tokens = batch.max_tokens
                found = network.generate(ids, attention_mask=mask, generation_config=config)
                rows = [_without_end(row, end) for row in found[:, 1:].tolist()]
                flat: list[Hypothesis] = []
                for first in range(0, len(rows), _SCORED_TOGETHER):
                    chosen = slice(first, first + _SCORED_TOGETHER)
                    sources = torch.arange(first, first + len(rows[chosen]), device=ids.device) // decoding.n_best
                    part = _scored(network, ids[sources], mask[sources], rows[chosen], start, end, suppressed, decoding)
                    flat += [
                        Hypothesis([target_tokens[token] for token in tokens], total, finished, attention)
                        for (tokens, finished), (total, attention) in zip(rows[chosen], part, strict=True)
                    ]
            yield [flat[i : i + decoding.n_best] for i in range(0, len(flat), decoding.n_best)]

    return search


def _without_end(row: list[int], end: int) -> tuple[list[int], bool]:
    """Cut a row of ids at its end mark; say whether it has one."""
    return (row[: row.index(end)], True) if end in row else (row, False)


def _scored(
    network: Any,
    ids: Any,
    mask: Any,
    rows: list[tuple[list[int], bool]],
    start: int,
    end: int,
    suppressed: list[int],
    decoding: Decoding,
) -> Iterator[tuple[float, Any]]:
    """Give the log probability and the attention of hypotheses in one pass with their tokens given.

    This is exact and does not depend on what `generate` calls a score. The `<unk>` and `<pad>` that decoding may not
    choose have no probability here either.
    """
    import torch

    targets = [tokens + [end] * finished for tokens, finished in rows]
    longest = max(len(target) for target in targets)
    labels = torch.tensor([target + [start] * (longest - len(target)) for target in targets], device=ids.device)
    inputs = torch.cat([torch.full_like(labels[:, :1], start), labels[:, :-1]], dim=1)
    out = network(ids, attention_mask=mask, decoder_input_ids=inputs, output_attentions=decoding.links, use_cache=False)
    out.logits[..., suppressed] = -torch.inf
    chosen = out.logits.log_softmax(-1).gather(-1, labels[..., None])[..., 0]
    for row, (target, (tokens, _)) in enumerate(zip(targets, rows, strict=True)):
        attention = None
        if decoding.links:
            n_source = int(mask[row].sum())
            attention = out.cross_attentions[-1][row, 0, : len(tokens), :n_source].float().cpu().numpy()
            attention = np.ascontiguousarray(attention, dtype=np.float32)
        yield float(chosen[row, : len(target)].sum()), attention
