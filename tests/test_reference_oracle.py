"""mweralign, the field's tool for translations that do not line up with their reference, as the oracle."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bilingual.align.beads import read_beads
from bilingual.bitext import TranslationUnit
from bilingual.encoders import load_encoder
from bilingual.evaluate import evaluate_lines
from bilingual.pipeline import load_document
from bilingual.reference import Matched, match_reference, source_of

mweralign = pytest.importorskip("mweralign")

DATA = Path(__file__).parent / "data" / "aligned"
Texts = tuple[list[str], list[str], list[str]]


@pytest.fixture(scope="module")
def texts() -> Texts:
    """Chinese, a reference, and a "translation" that lacks words of it, sentence by sentence."""
    zh, en = (load_document(DATA / name).segments for name in ("ferry.txt", "ferry.en.txt"))
    gold = read_beads((DATA / "ferry.beads").read_text(encoding="utf-8"), "gold")
    pairs = [(zh[bead.source[0]], en[bead.target[0]]) for bead in gold if bead.type == "1-1"]
    draw = random.Random(0)
    lacking = [" ".join(word for word in english.split() if draw.random() > 0.2) or english for _, english in pairs]
    return [chinese for chinese, _ in pairs], [english for _, english in pairs], lacking


def match(texts: Texts, path: Path, article: str) -> Matched:
    path.write_text(article, encoding="utf-8")
    zh, _, hypotheses = texts
    units = [
        TranslationUnit(str(n), "ferry", n // 4 + 1, 1, "text", 0, "zh", "en", source, target)
        for n, (source, target) in enumerate(zip(zh, hypotheses, strict=True))
    ]
    return match_reference(source_of(units), units, path, load_encoder)


def bleu(hypotheses: list[str], references: list[str]) -> float:
    return evaluate_lines(hypotheses, [references], bootstrap=0)[0].score


def cut_to_fit(hypotheses: list[str], references: list[str]) -> list[str]:
    lines: str = mweralign.align_texts("\n".join(references), "\n".join(hypotheses))
    return lines.split("\n")[: len(references)]


def test_a_reference_that_lines_up_has_the_plain_score(texts: Texts, tmp_path: Path) -> None:
    """And the oracle finds nearly the same cuts."""
    _, references, hypotheses = texts
    matched = match(texts, tmp_path / "reference.txt", "\n".join(references))
    assert matched.scores()[0].score == pytest.approx(bleu(hypotheses, references))
    assert bleu(cut_to_fit(hypotheses, references), references) == pytest.approx(matched.scores()[0].score, abs=1.0)


def test_shuffled_paragraphs_are_scored_as_well_as_by_the_oracle(texts: Texts, tmp_path: Path) -> None:
    _, references, hypotheses = texts
    draw = random.Random(1)
    article, left = "", list(references)
    while left:
        size = draw.randint(1, 6)
        article += " ".join(left[:size]) + "\n\n"
        left = left[size:]
    matched = match(texts, tmp_path / "article.txt", article)
    assert matched.aligned
    assert (matched.source_covered, matched.reference_covered) == (1.0, 1.0)
    true = bleu(hypotheses, references)
    segments = list(load_document(tmp_path / "article.txt", lang="en").segments)
    error = abs(bleu(list(matched.hypotheses), list(matched.references)) - true)
    assert error <= abs(bleu(cut_to_fit(hypotheses, segments), segments) - true)
    assert error < 0.3
