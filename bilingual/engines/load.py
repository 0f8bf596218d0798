"""Load a translator: the one function that the rest of the program calls."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from bilingual.engines.convert import convert_model, vocabularies
from bilingual.engines.ctranslate import ctranslate_search, ctranslate_version, read_vocabulary
from bilingual.engines.marian import marian_search, transformers_version
from bilingual.engines.models import Model, find_model, read_json, user_cache
from bilingual.engines.pieces import load_pieces
from bilingual.engines.translator import Search, SegmentTranslator
from bilingual.protocols import Cut

__all__ = ["DEFAULT_MODEL", "Engine", "load_translator"]

DEFAULT_MODEL = "zh-en-small"
"""Bundled: works offline, serves to try the program, not for publication."""

Engine = Literal["ctranslate2", "transformers"]
_MAX_BATCH_TOKENS = 1024
_POSITIONS = 512  # of every published Marian model; a CTranslate2 directory does not say


def load_translator(
    model: str | Path = DEFAULT_MODEL,
    *,
    engine: Engine = "ctranslate2",
    cut: Cut,
    cache_dir: Path | None = None,
    models_dir: Path | None = None,
    threads: int = 0,
    precision: str = "int8",
    max_batch_tokens: int = _MAX_BATCH_TOKENS,
) -> SegmentTranslator:
    """Load a model into an engine; the first time, CTranslate2's conversion is made and kept in the cache.

    Args:
        model: Bundled name, directory, or hub id that was pulled.
        engine: `ctranslate2`, or `transformers` for the reference (on a GPU when there is one).
        cut: Where an overlong segment is cut.
        cache_dir: Where conversions and pulled models are; None is the user's cache directory.
        models_dir: Where the bundled models are; None is inside the package.
        threads: Cores to use; 0 is all that this process may use. CTranslate2 computes one batch on each, which on two
            cores takes half the time of one batch on both.
        precision: Of CTranslate2's weights: int8, int16, float16, float32. The reference always computes in float32.
        max_batch_tokens: Source pieces in a batch.

    Raises:
        ModelError: The model is absent, damaged or of an unknown kind, or the cache cannot be written.
    """
    cache = cache_dir or user_cache()
    found = find_model(model, models_dir=models_dir, cache_dir=cache)
    cores = threads or _cores()
    if engine == "transformers":
        search = marian_search(found, threads=cores)
        known = frozenset(vocabularies(found)[0])
        version = f"transformers:{transformers_version()}|float32"
    else:
        folder = convert_model(found, precision=precision, cache_dir=cache)
        search = ctranslate_search(folder, precision=precision, workers=cores)
        known = read_vocabulary(folder)
        version = f"ctranslate2:{ctranslate_version()}|{precision}"
    return _translator(found, search, known, cut, version, engine, max_batch_tokens)


def _translator(
    model: Model, search: Search, known: frozenset[str], cut: Cut, version: str, engine: Engine, max_batch_tokens: int
) -> SegmentTranslator:
    import sentencepiece

    config = read_json(model.path / "config.json")
    return SegmentTranslator(
        search,
        load_pieces(model.path / model.source_spm, known),
        cut,
        signature=f"{model.name}@{model.hash[:8]}|{version}|sentencepiece:{sentencepiece.__version__}",
        model_name=model.name,
        license=model.license,
        guided=bool(model.guided),
        padded=engine == "transformers",
        max_batch_tokens=max_batch_tokens,
        positions=int(config.get("max_position_embeddings", _POSITIONS)),
    )


def _cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
