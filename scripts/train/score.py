"""BLEU and chrF of a MarianMT directory on line-aligned files, through CTranslate2.

python scripts/train/score.py FOLDER set.zh set.en [--beam 4] [--precision int8] [--last 1000] [--write FILE]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

MAX_SOURCE_TOKENS = 500
"""Lines are cut there: raw scores of the model, not of the program, which divides long segments first."""


def translate_lines(folder: Path, lines: Sequence[str], *, beam: int = 4, precision: str = "int8") -> list[str]:
    """Translate lines with a freshly converted model; one line out for one in, in the same order.

    Args:
        folder: A MarianMT directory with one joint vocabulary.
        lines: The source.
        beam: Hypotheses kept; 1 is greedy.
        precision: Of CTranslate2's weights.
    """
    import ctranslate2
    import sentencepiece
    from ctranslate2.converters import TransformersConverter

    source, target = (
        sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{n}.spm")) for n in ("source", "target")
    )
    with tempfile.TemporaryDirectory() as temporary:
        converted = f"{temporary}/model"
        TransformersConverter(str(folder)).convert(converted, quantization=precision)
        engine = ctranslate2.Translator(converted, compute_type=precision)
        results = engine.translate_batch(
            [[*source.encode(line, out_type=str)[:MAX_SOURCE_TOKENS], "</s>"] for line in lines],
            beam_size=beam,
            max_decoding_length=400,
            max_batch_size=2048,
            batch_type="tokens",
        )
    return [target.decode(result.hypotheses[0]) for result in results]


def scores(hypotheses: Sequence[str], references: Sequence[str]) -> tuple[float, float, str]:
    """Give BLEU, chrF2 (0 to 100) and the signature of BLEU."""
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    bleu = BLEU()
    score = bleu.corpus_score(list(hypotheses), [list(references)]).score
    chrf = CHRF().corpus_score(list(hypotheses), [list(references)]).score
    return score, chrf, str(bleu.get_signature())


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, help="MarianMT directory")
    parser.add_argument("source", type=Path, help="one segment a line")
    parser.add_argument("reference", type=Path, help="its translations, line by line")
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--precision", default="int8", choices=("int8", "int16", "float16", "float32"))
    parser.add_argument("--last", type=int, default=0, help="only the last N lines")
    parser.add_argument("--write", type=Path, help="file for the hypotheses")
    a = parser.parse_args(arguments)
    source, reference = (
        file.read_text(encoding="utf-8").removesuffix("\n").split("\n")[-a.last :] for file in (a.source, a.reference)
    )
    if len(source) != len(reference):
        parser.error(f"{a.source} has {len(source)} lines, {a.reference} has {len(reference)}")
    begin = time.perf_counter()
    hypotheses = translate_lines(a.folder, source, beam=a.beam, precision=a.precision)
    took = time.perf_counter() - begin
    bleu, chrf, signature = scores(hypotheses, reference)
    print(
        f"BLEU {bleu:.2f} chrF {chrf:.2f} {a.precision} beam {a.beam} {signature} ({len(source)} lines, {took:.0f} s)"
    )
    if a.write:
        a.write.write_text("\n".join(hypotheses) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
