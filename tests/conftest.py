"""What the tests share: one cache directory with the bundled model converted once, and that model loaded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bilingual.engines import SegmentTranslator, load_translator
from bilingual.segment import cut_sentence

# Several libraries bring thread pools of their own, which take the cores from one another. Set before any is imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ["TOKENIZERS_PARALLELISM"] = "false"


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache directory of the whole run: for commands, put it into BILINGUAL_CACHE."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def translator(cache_dir: Path) -> SegmentTranslator:
    """The bundled model in CTranslate2, int8."""
    return load_translator(cut=cut_sentence, cache_dir=cache_dir, threads=1)
