"""Check a model: do both engines say the same, does it start where it should, is its attention a word alignment?"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from bilingual.engines.convert import convert_model, load_tensors, pad_row_is_zero
from bilingual.engines.ctranslate import ctranslate_search, read_vocabulary
from bilingual.engines.hashes import remember
from bilingual.engines.marian import marian_search
from bilingual.engines.models import Model, checked_record, find_model, user_cache
from bilingual.engines.pieces import load_pieces
from bilingual.engines.segments import max_target_tokens
from bilingual.engines.translator import Batch, Hypothesis, Search
from bilingual.protocols import Decoding

__all__ = ["CHECK_SENTENCES", "ModelReport", "check_model"]

CHECK_SENTENCES = (
    "今天天气很好。",
    "2016年10月24日，会议在北京举行。",
    "他在3小时内走了15公里。",
    "这本书一共有268页，价格是39元。",
    "请打开example.txt文件，然后运行Python程序。",
    "据统计，全市共有5432名学生参加了活动。",
    "新车站每天接待大约7600名乘客。",
    "经济增长了6.8%，就业人数增加了12万。",
    "如果下雨，比赛将推迟到星期六。",
    "这座桥建于1958年，全长1670米。",
    "我们使用Linux和Java开发这个系统。",
    "她说：“我明天再来。”",
    "该公司去年亏损2.4亿元，今年盈利9300万元。",
    "第17届电影节将于5月30日开幕。",
    "医生建议每天喝8杯水。",
    "图书馆的开放时间是9点到21点。",
)
"""Sentences of our own, with numbers and Latin words that a translation copies."""

_POSITIONS = 512
_MIN_COPIES = 10  # copied pieces below which nothing can be said about the attention
# The bundled model, trained with guided alignment, points at the copied piece nearly always; one head of a model
# without guidance spreads its attention or points beside it.
_MIN_POINTING = 0.8


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What a check found.

    Attributes:
        model: The model, its files verified; `guided` as this check found it, or as it was known before.
        n_sentences: Sentences translated, greedily.
        n_agree: Those for which CTranslate2 in float32 gave transformers' tokens; None for a model in
            CTranslate2's form alone.
        n_int8_same: Those that int8 does not change; None likewise.
        pad_row_zero: Whether the decoder starts from zero in both engines; None likewise.
        pointing: Share of copied numbers and Latin words whose strongest attention is on their source; None when the
            model copied too few.
    """

    model: Model
    n_sentences: int
    n_agree: int | None
    n_int8_same: int | None
    pad_row_zero: bool | None
    pointing: float | None

    @property
    def passed(self) -> bool:
        """Whether the model can be relied on in both engines."""
        return self.pad_row_zero is not False and self.n_agree in (None, self.n_sentences)


def check_model(
    model: str | Path, *, models_dir: Path | None = None, cache_dir: Path | None = None, threads: int = 1
) -> ModelReport:
    """Verify a model's files, translate fixed sentences on both engines, and look at its attention.

    What is found about the attention is remembered in the cache for models of whose training nothing is known.

    Raises:
        ModelError: The model is absent, damaged or of an unknown kind.
    """
    cache = cache_dir or user_cache()
    found = find_model(model, models_dir=models_dir, cache_dir=cache)
    if found.layout == "ctranslate2":
        hypotheses = _translate(found, found.path, ctranslate_search(found.path, precision="default", workers=threads))
        agree = int8_same = pad_row_zero = None
    else:
        pad_row_zero = pad_row_is_zero(load_tensors(found))
        with tempfile.TemporaryDirectory() as scratch:  # float32 conversions are large, and nobody else wants this one
            folder = convert_model(found, precision="float32", cache_dir=Path(scratch))
            hypotheses = _translate(found, folder, ctranslate_search(folder, precision="float32", workers=threads))
            reference = _translate(found, folder, marian_search(found, threads=threads))
        folder = convert_model(found, precision="int8", cache_dir=cache)
        int8 = _translate(found, folder, ctranslate_search(folder, precision="int8", workers=threads))
        agree = _count_same(hypotheses, reference)
        int8_same = _count_same(hypotheses, int8)
    pointing = _pointing(found, hypotheses)
    if pointing is not None:
        remember(checked_record(cache, found.hash), {"guided": pointing >= _MIN_POINTING, "pointing": pointing})
    found = find_model(model, models_dir=models_dir, cache_dir=cache)
    return ModelReport(found, len(CHECK_SENTENCES), agree, int8_same, pad_row_zero, pointing)


def _translate(model: Model, folder: Path, search: Search) -> list[tuple[list[str], Hypothesis]]:
    """Translate the sentences greedily, one by one: (source pieces, best hypothesis)."""
    vocabulary = read_vocabulary(folder)
    encoded = load_pieces(model.path / model.source_spm, vocabulary).encode(CHECK_SENTENCES)
    batches = [Batch([one.pieces], max_target_tokens(len(one.pieces), _POSITIONS)) for one in encoded]
    results = search(batches, Decoding(beam=1, links=True))
    return [(one.pieces, result[0][0]) for one, result in zip(encoded, results, strict=True)]


def _count_same(first: list[tuple[list[str], Hypothesis]], second: list[tuple[list[str], Hypothesis]]) -> int:
    return sum(one.tokens == other.tokens for (_, one), (_, other) in zip(first, second, strict=True))


def _pointing(model: Model, hypotheses: list[tuple[list[str], Hypothesis]]) -> float | None:
    """Count how often a copied piece points at the one source piece that it can be a copy of."""
    right = total = 0
    for source, hypothesis in hypotheses:
        if hypothesis.attention is None:
            continue
        surfaces = [piece.removeprefix("▁") for piece in source]
        tokens = [token.removeprefix("▁") for token in hypothesis.tokens]
        for row, token in enumerate(tokens):
            if token.isascii() and token.isalnum() and surfaces.count(token) == tokens.count(token) == 1:
                total += 1
                right += int(hypothesis.attention[row].argmax()) == surfaces.index(token)
    return right / total if total >= _MIN_COPIES else None
