"""The bundled model with the default search does not fall below what it once did; a guard, no measure of quality."""

from __future__ import annotations

from pathlib import Path

from bilingual.engines import SegmentTranslator
from bilingual.evaluate import evaluate_lines
from bilingual.protocols import Decoding

# One point below what was measured with int8 on a processor with AVX2 (16.9, 43.2); it rounds differently on others.
BLEU_FLOOR = 15.9
CHRF_FLOOR = 42.2


def test_the_bundled_model_translates_the_held_out_pairs_as_well_as_before(translator: SegmentTranslator) -> None:
    lines = (Path(__file__).parent / "data" / "own_test.tsv").read_text(encoding="utf-8").splitlines()
    sources, references = zip(*(line.split("\t") for line in lines), strict=True)
    assert len(sources) == 420
    hypotheses = [found[0].text for found in translator.translate(list(sources), Decoding(beam=4))]
    bleu, chrf, _ = evaluate_lines(hypotheses, [list(references)], bootstrap=0)
    assert bleu.score >= BLEU_FLOOR
    assert chrf.score >= CHRF_FLOOR
