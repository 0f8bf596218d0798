"""Any sentence-transformers model as an encoder: LaBSE for people who have it. Optional extra `encoders`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bilingual.errors import ModelError

__all__ = ["SentenceTransformersEncoder"]


class SentenceTransformersEncoder:
    """A sentence-transformers model from a directory or from the user's Hugging Face cache; never downloaded.

    Attributes:
        signature: "sentence-transformers:NAME".
    """

    def __init__(self, name: str) -> None:
        """Load the model.

        Raises:
            ModelError: The package or the model is not on this machine.
        """
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ModelError(
                f"The encoder {name!r} needs sentence-transformers: pip install 'bilingual[encoders]', "
                "or leave --encoder out to use the bundled one."
            ) from error
        try:
            self._model = SentenceTransformer(name, local_files_only=True)
        except Exception as error:  # the libraries below it raise all kinds, those of file formats among them
            if Path(name).is_dir():
                raise ModelError(f"The directory {name} holds no sentence-transformers model ({error}).") from error
            raise ModelError(
                f"There is no encoder {name!r} on this machine: give the directory of a sentence-transformers model, "
                f"or fetch it first (hf download {name})."
            ) from error
        self.signature = f"sentence-transformers:{Path(name).name}"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts to vectors of unit length: float32 [n_texts, n_dimensions]."""
        vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)
