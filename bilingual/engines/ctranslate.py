"""The default engine: CTranslate2 on the CPU."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bilingual.engines.models import read_json
from bilingual.engines.translator import Batch, Hypothesis, Search
from bilingual.errors import ModelError
from bilingual.protocols import Decoding

__all__ = ["ctranslate_search", "ctranslate_version", "read_vocabulary"]

_END = "</s>"


def ctranslate_version() -> str:
    """Give the version of CTranslate2."""
    import ctranslate2

    return str(ctranslate2.__version__)


def read_vocabulary(folder: Path) -> frozenset[str]:
    """Read the source vocabulary of a CTranslate2 directory.

    Raises:
        ModelError: There is none.
    """
    for name in ("source_vocabulary", "shared_vocabulary", "vocabulary"):
        for suffix in (".json", ".txt"):
            path = folder / f"{name}{suffix}"
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                return frozenset(json.loads(text) if suffix == ".json" else text.split("\n"))
    raise ModelError(f"{folder}: the vocabulary file is missing. See other models: bilingual models list")


def ctranslate_search(folder: Path, *, precision: str, workers: int) -> Search:
    """Load a CTranslate2 directory and give its search.

    Args:
        folder: What `convert_model` returned.
        precision: How the weights are computed with, one of `PRECISIONS`.
        workers: Batches at the same time, each on one core (`inter_threads`).

    Raises:
        ModelError: The directory does not load.
    """
    import ctranslate2

    try:
        translator = ctranslate2.Translator(
            str(folder),
            device="cpu",
            compute_type=precision,
            inter_threads=workers,
            intra_threads=1,
            max_queued_batches=-1,
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"{folder}: CTranslate2 cannot load this model ({error}). Make it again: bilingual models convert --force"
        ) from error
    add_end = not read_json(folder / "config.json").get("add_source_eos", False)
    end = [_END] if add_end else []

    def search(batches: Iterable[Batch], decoding: Decoding) -> Iterator[list[list[Hypothesis]]]:
        # Two batches per worker are under way: the cores are never idle, and little is lost when the user interrupts.
        under_way: deque[tuple[Batch, list[Any], list[Any]]] = deque()
        for batch in batches:
            under_way.append((batch, *_start(translator, batch, end, decoding)))
            if len(under_way) > 2 * workers:
                yield _results(translator, *under_way.popleft(), end, decoding)
        while under_way:
            yield _results(translator, *under_way.popleft(), end, decoding)

    return search


def _start(translator: Any, batch: Batch, end: list[str], decoding: Decoding) -> tuple[list[Any], list[Any]]:
    """Hand a batch to CTranslate2's workers; every option whose default differs between engines is said.

    Returns:
        The results to come, and those of a greedy search of one step. Beam search returns, for every source of a batch,
        the first step's attention of the batch's longest (seen in CTranslate2 4.8.5). That row does not depend on the
        hypothesis, so one greedy step gives the right one, for about a twentieth of the time. A coverage penalty would
        count the wrong one, so with it every source is decoded alone.
    """
    sources = [source + end for source in batch.sources]
    started: list[Any] = translator.translate_batch(
        sources,
        asynchronous=True,
        max_batch_size=1 if decoding.coverage_penalty else 0,
        beam_size=decoding.beam,
        num_hypotheses=decoding.n_best,
        length_penalty=decoding.length_penalty,
        coverage_penalty=decoding.coverage_penalty,
        no_repeat_ngram_size=decoding.no_repeat_ngram,
        max_input_length=0,
        max_decoding_length=batch.max_tokens,
        disable_unk=True,
        return_scores=True,
        return_end_token=True,
        return_attention=decoding.links,
    )
    first: list[Any] = []
    if decoding.links and decoding.beam > 1 and len(sources) > 1:
        first = translator.translate_batch(
            sources,
            asynchronous=True,
            beam_size=1,
            max_input_length=0,
            max_decoding_length=1,
            return_end_token=True,
            return_attention=True,
        )
    return started, first


def _results(
    translator: Any, batch: Batch, started: list[Any], first: list[Any], end: list[str], decoding: Decoding
) -> list[list[Hypothesis]]:
    """Wait for a batch and translate its results to ours."""
    found: list[list[Hypothesis]] = []
    for number, (source, waiting) in enumerate(zip(batch.sources, started, strict=True)):
        result = waiting.result()
        hypotheses: list[Hypothesis] = []
        for rank, tokens in enumerate(result.hypotheses):
            finished = tokens[-1:] == [_END]
            kept = tokens[:-1] if finished else tokens
            attention = None
            if decoding.links:
                rows = result.attention[rank][: len(kept)]
                if first and kept:
                    rows[0] = first[number].result().attention[0][0]
                attention = np.array(rows, dtype=np.float32).reshape(len(kept), -1)[:, : len(source) + 1]
            # CTranslate2 divides the sum by length ** penalty, the end mark counted.
            total = result.scores[rank] * len(tokens) ** decoding.length_penalty if tokens else math.nan
            hypotheses.append(Hypothesis(kept, total, finished, attention))
        found.append(hypotheses)
    if decoding.coverage_penalty:  # it is part of the score and cannot be taken out of it: score again
        return _scored(translator, batch, end, found)
    return found


def _scored(translator: Any, batch: Batch, end: list[str], found: list[list[Hypothesis]]) -> list[list[Hypothesis]]:
    sources = [source + end for source, hypotheses in zip(batch.sources, found, strict=True) for _ in hypotheses]
    flat = [hypothesis for hypotheses in found for hypothesis in hypotheses]
    targets = [hypothesis.tokens for hypothesis in flat]
    # Each alone, since padding changes the last digits of int8.
    scores = iter(translator.score_batch(sources, targets, max_batch_size=1, max_input_length=0))
    rescored: list[list[Hypothesis]] = []
    for hypotheses in found:
        row = []
        for hypothesis in hypotheses:
            log_probs = next(scores).log_probs
            kept = log_probs if hypothesis.finished else log_probs[: len(hypothesis.tokens)]
            row.append(Hypothesis(hypothesis.tokens, sum(kept), hypothesis.finished, hypothesis.attention))
        rescored.append(row)
    return rescored
