"""The engines on the bundled checkpoint and on tiny random ones: same answers, nothing lost, nothing cut silently."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bilingual.engines import MAX_SOURCE_TOKENS, SegmentTranslator, load_translator
from bilingual.engines.check import CHECK_SENTENCES
from bilingual.engines.convert import convert_model, vocabularies
from bilingual.engines.ctranslate import ctranslate_search, read_vocabulary
from bilingual.engines.marian import marian_search
from bilingual.engines.models import find_model
from bilingual.engines.pieces import load_pieces
from bilingual.engines.translator import Batch, Hypothesis, Search
from bilingual.errors import ModelError
from bilingual.protocols import Decoding
from bilingual.segment import cut_sentence
from toy_models import make_converted, make_toy

SENTENCES = (
    *CHECK_SENTENCES,
    "村口的老槐树已经三百多岁了。",
    "市政府决定在年底以前修好三条乡村公路。",
    "他没有回答，只是看着窗外。",
    "会议由副市长林书远主持。",
    "这种药每天吃两次，每次一片。",
    "孩子们在操场上踢足球。",
    "有关部门表示，将进一步加强食品安全监管。",
    "你为什么不早点告诉我？",
    "他们花了两年时间才找到那条河的源头。",
    "随着技术的发展，越来越多的人在家里工作。",
    "这家餐馆的面条又便宜又好吃。",
    "请在空格里填写您的姓名和电话号码。",
    "大雪封山，救援队步行了六个小时才到达。",
    "“我们相信科学。”校长说。",
    "去年全省粮食产量达到410万吨。",
    "如果文件不存在，程序会返回错误。",
    "这首歌让我想起了小时候的夏天。",
    "专家认为，气候变化影响了候鸟的迁徙。",
    "两国签署了一项新的贸易协定。",
    "他把书放回书架，轻轻关上了门。",
    "地铁三号线明天早上六点通车。",
    "法院判处被告有期徒刑五年。",
    "老人每天早上都去公园散步。",
    "我不知道他是谁，也不想知道。",
    "实验结果与理论预测基本一致。",
)

Load = Callable[..., SegmentTranslator]


@pytest.fixture(scope="module")
def bundled_float32(cache_dir: Path) -> dict[str, Search]:
    model = find_model("zh-en-small", cache_dir=cache_dir)
    folder = convert_model(model, precision="float32", cache_dir=cache_dir)
    return {
        "ctranslate2": ctranslate_search(folder, precision="float32", workers=1),
        "transformers": marian_search(model, threads=1),
    }


@pytest.fixture(scope="module")
def encode(translator: SegmentTranslator, cache_dir: Path) -> Callable[[Iterable[str]], list[list[str]]]:
    model = find_model("zh-en-small", cache_dir=cache_dir)
    pieces = load_pieces(model.path / model.source_spm, frozenset(vocabularies(model)[0]))
    return lambda texts: [one.pieces for one in pieces.encode(list(texts))]


@pytest.fixture
def load(cache_dir: Path) -> Load:
    def load(model: str | Path, **options: object) -> SegmentTranslator:
        chosen: dict[str, Any] = {"threads": 1, **options}
        return load_translator(model, cut=cut_sentence, cache_dir=cache_dir, **chosen)

    return load


def run(search: Search, sources: list[list[str]], max_tokens: int = 120, **decoding: object) -> list[Hypothesis]:
    """The best hypothesis of each source, all in one batch."""
    (results,) = search([Batch(sources, max_tokens)], Decoding(**decoding))  # type: ignore[arg-type]
    return [hypotheses[0] for hypotheses in results]


def test_both_engines_give_the_same_tokens_greedily(
    bundled_float32: dict[str, Search], encode: Callable[[Iterable[str]], list[list[str]]]
) -> None:
    sources = encode(SENTENCES)
    ours, reference = (run(bundled_float32[name], sources, beam=1) for name in ("ctranslate2", "transformers"))
    assert len(ours) >= 40
    assert [one.tokens for one in ours] == [one.tokens for one in reference]
    assert [one.log_prob for one in ours] == pytest.approx([one.log_prob for one in reference], abs=2e-3)
    assert all(one.finished for one in ours)


@pytest.mark.parametrize("beam", [1, 4])
def test_both_engines_give_the_same_attention_also_for_the_first_word_of_a_padded_batch(
    bundled_float32: dict[str, Search], encode: Callable[[Iterable[str]], list[list[str]]], beam: int
) -> None:
    sources = encode(sorted(SENTENCES[:12], key=len, reverse=True))
    ours, reference = (
        run(bundled_float32[name], sources, beam=beam, links=True) for name in ("ctranslate2", "transformers")
    )
    same = [(a, b, s) for a, b, s in zip(ours, reference, sources, strict=True) if a.tokens == b.tokens]
    assert len(same) >= 9
    for one, other, source in same:
        assert one.attention is not None
        assert other.attention is not None
        assert one.attention.shape == (len(one.tokens), len(source) + 1)
        np.testing.assert_allclose(one.attention, other.attention, atol=2e-3)
        np.testing.assert_allclose(one.attention.sum(axis=1), 1, atol=2e-3)


@pytest.mark.parametrize(
    "decoding",
    [
        Decoding(),
        Decoding(beam=1),
        Decoding(length_penalty=0.6),
        Decoding(length_penalty=0),
        Decoding(coverage_penalty=0.3),
        Decoding(n_best=3),
    ],
)
def test_log_prob_is_the_mean_per_token_whatever_the_search(
    load: Load, encode: Callable[[Iterable[str]], list[list[str]]], cache_dir: Path, decoding: Decoding
) -> None:
    import ctranslate2

    folder = convert_model(find_model("zh-en-small", cache_dir=cache_dir), precision="float32", cache_dir=cache_dir)
    scorer = ctranslate2.Translator(str(folder), compute_type="float32", intra_threads=1)
    search = ctranslate_search(folder, precision="float32", workers=1)
    sources = encode(SENTENCES[:6])
    (results,) = search([Batch(sources, 120)], decoding)
    for source, hypotheses in zip(sources, results, strict=True):
        assert len(hypotheses) == decoding.n_best
        for hypothesis in hypotheses:
            (scored,) = scorer.score_batch([[*source, "</s>"]], [hypothesis.tokens])
            assert hypothesis.log_prob == pytest.approx(sum(scored.log_probs), abs=2e-3)
    best = load("zh-en-small", precision="float32").translate(SENTENCES[:1], decoding)[0][0]
    assert best.log_prob == pytest.approx(results[0][0].log_prob / (len(results[0][0].tokens) + 1), abs=1e-3)


def test_the_end_mark_is_appended_where_the_converted_model_does_not_add_it(
    cache_dir: Path, tmp_path: Path, encode: Callable[[Iterable[str]], list[list[str]]]
) -> None:
    import json
    import shutil

    original = convert_model(find_model("zh-en-small", cache_dir=cache_dir), cache_dir=cache_dir)
    adding = tmp_path / "adding"
    shutil.copytree(original, adding)
    config = json.loads((adding / "config.json").read_text())
    assert config["add_source_eos"] is False
    (adding / "config.json").write_text(json.dumps({**config, "add_source_eos": True}))
    sources = encode(SENTENCES[:4])
    plain, added = (
        run(ctranslate_search(folder, precision="int8", workers=1), sources) for folder in (original, adding)
    )
    assert [one.tokens for one in plain] == [one.tokens for one in added]


def test_results_are_in_order_and_identical_segments_are_decoded_once(
    bundled_float32: dict[str, Search], cache_dir: Path
) -> None:
    decoded: list[list[str]] = []

    def counting(batches: Iterable[Batch], decoding: Decoding) -> Iterator[list[list[Hypothesis]]]:
        for batch in batches:
            decoded.extend(batch.sources)
            yield from bundled_float32["ctranslate2"]([batch], decoding)

    model = find_model("zh-en-small", cache_dir=cache_dir)
    counted = SegmentTranslator(
        counting,
        load_pieces(model.path / model.source_spm, frozenset(vocabularies(model)[0])),
        cut_sentence,
        signature="counted",
        model_name=model.name,
        license=None,
        guided=True,
        padded=False,
        max_batch_tokens=64,
        positions=512,
    )
    segments = ["今天天气很好。", "他明天来。", "今天天气很好。", "", "今天天气很好。", "——"]
    results = [candidates[0] for candidates in counted.translate(segments)]
    assert len(decoded) == 2
    assert results[0] == results[2] == results[4]
    assert results[1].text not in ("", results[0].text)
    assert [(one.text, one.origin) for one in (results[3], results[5])] == [("", "copy"), ("——", "copy")]


@pytest.mark.parametrize("decoding", [Decoding(), Decoding(coverage_penalty=0.5, n_best=4)])
def test_a_translation_does_not_depend_on_company_order_or_cores(load: Load, decoding: Decoding) -> None:
    together = load("zh-en-small", threads=2).translate(SENTENCES, decoding)
    backwards = load("zh-en-small", max_batch_tokens=60).translate(SENTENCES[::-1], decoding)[::-1]
    alone = [load("zh-en-small").translate([sentence], decoding)[0] for sentence in SENTENCES]
    assert together == backwards == alone


def test_passed_through_segments_stay_as_they_are(translator: SegmentTranslator) -> None:
    segments = ["═══", "😀", "3.14", "https://example.org/新闻", "Python", " \u3000"]
    best = [candidates[0] for candidates in translator.translate(segments)]
    assert [one.text for one in best] == [*segments[:-1], ""]
    assert {one.origin for one in best} == {"copy"}
    assert all(math.isnan(one.log_prob) for one in best)


def test_a_segment_longer_than_the_model_is_cut_and_joined(translator: SegmentTranslator) -> None:
    segment = "，".join(f"第{number}号仓库里有{number}箱苹果" for number in range(101, 151)) + "。"
    assert translator.count_tokens(segment) > 512
    best = translator.translate([segment, "好。"], Decoding(links=True))[0][0]
    assert best.finished
    assert sum(str(number) in best.text for number in range(101, 151)) >= 40
    assert "  " not in best.text
    assert -10 < best.log_prob < 0
    apples = [segment[a:b] for a, b, c, d in best.links if best.text[c:d].startswith("apple")]
    assert len(apples) >= 5
    assert set(apples) == {"苹果"}
    assert max(a for a, _, _, _ in best.links) > len(segment) * 0.9
    assert all(0 <= a < b <= len(segment) and 0 <= c < d <= len(best.text) for a, b, c, d in best.links)


def test_every_part_of_a_segment_is_short_enough(translator: SegmentTranslator) -> None:
    for segment in ("学" * 2000, "他来了，" * 300, "龘" * 400, "好" + "a" * 3000):
        parts = translator._parts(segment, MAX_SOURCE_TOKENS)
        assert "".join(part for part, _ in parts) == segment
        assert [start for _, start in parts] == [sum(len(p) for p, _ in parts[:i]) for i in range(len(parts))]
        assert max(translator.count_tokens(part) for part, _ in parts) < 510


def test_a_million_characters_in_one_segment(translator: SegmentTranslator) -> None:
    segment = "他来了，" * 87_400  # 1 MB of UTF-8
    best = translator.translate([segment], Decoding(beam=1))[0][0]
    assert best.finished
    assert len(best.text) > 100_000


def test_control_and_bidi_characters_and_surrogates_do_no_harm(translator: SegmentTranslator) -> None:
    segments = ["今天天气很好。", "\x00今天\u202e天气\u2066很好。\x1b", "今天\ud800天气很好。"]
    clean, dirty, odd = (candidates[0] for candidates in translator.translate(segments))
    assert dirty.text == odd.text == clean.text


def test_characters_that_the_model_knows_as_bytes_are_counted(translator: SegmentTranslator) -> None:
    known, rare = (c[0] for c in translator.translate(["他姓王。", "他姓龘。"]))
    assert (known.unknown, rare.unknown) == (0, 1)
    assert "<" not in rare.text


def test_n_best_are_different_and_in_order(translator: SegmentTranslator) -> None:
    candidates = translator.translate(["他没有回答，只是看着窗外。"], Decoding(beam=4, n_best=4))[0]
    assert len({one.text for one in candidates}) == 4
    assert [one.log_prob for one in candidates] == sorted((one.log_prob for one in candidates), reverse=True)
    with pytest.raises(ValueError, match="n_best must be between 1 and beam"):
        translator.translate(["好"], Decoding(beam=2, n_best=3))


def test_an_ngram_that_may_not_be_repeated_is_not(translator: SegmentTranslator) -> None:
    best = translator.translate(["好好好好好好好好好好好好好好好好"], Decoding(no_repeat_ngram=2))[0][0]
    words = best.text.split()
    assert len(set(pairwise(words))) == len(words) - 1 > 0


def test_the_signature_names_everything_that_decides_the_output(translator: SegmentTranslator) -> None:
    import ctranslate2
    import sentencepiece

    model = find_model("zh-en-small")
    assert translator.signature == (
        f"zh-en-small@{model.hash[:8]}|ctranslate2:{ctranslate2.__version__}|int8|"
        f"sentencepiece:{sentencepiece.__version__}"
    )
    assert (translator.model_name, translator.license, translator.guided) == ("zh-en-small", "CC-BY-NC-4.0", True)


@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("weights", ["model.safetensors", "pytorch_model.bin"])
def test_a_checkpoint_that_never_ends_is_cut_again_then_marked(
    tmp_path: Path, load: Load, separate: bool, weights: str
) -> None:
    toy = make_toy(tmp_path / "toy", separate=separate, weights=weights)
    segments = ["他来了，我走了，你还在那里等着谁呢？", "好。"]
    results = {
        engine: [
            load(toy, engine=engine, precision="float32").translate([one], Decoding(beam=1))[0][0] for one in segments
        ]
        for engine in ("ctranslate2", "transformers")
    }
    ours, reference = results.values()
    assert [one.text for one in ours] == [one.text for one in reference]
    assert [one.log_prob for one in ours] == pytest.approx([one.log_prob for one in reference], abs=1e-3)
    assert [one.finished for one in ours] == [one.finished for one in reference] == [False, False]
    assert len(ours[1].text) > 0


def test_a_hypothesis_at_the_limit_is_unfinished_in_both_engines(
    bundled_float32: dict[str, Search], encode: Callable[[Iterable[str]], list[list[str]]]
) -> None:
    for search in bundled_float32.values():
        for beam in (1, 4):
            (cut,) = run(search, encode(SENTENCES[:1]), max_tokens=3, beam=beam)
            assert (cut.finished, len(cut.tokens)) == (False, 3)


def test_links_are_not_given_for_a_checkpoint_that_is_not_known_to_be_guided(tmp_path: Path, load: Load) -> None:
    translator = load(make_toy(tmp_path / "toy"))
    assert not translator.guided
    assert translator.translate(["他来了。"], Decoding(links=True))[0][0].links == ()


@pytest.mark.parametrize("quickmt", [False, True])
def test_directories_in_the_form_of_ctranslate2(tmp_path: Path, cache_dir: Path, load: Load, quickmt: bool) -> None:
    toy = make_toy(tmp_path / "toy", separate=quickmt, one_spm=not quickmt)
    folder = make_converted(tmp_path / "converted", toy, cache_dir, quickmt=quickmt)
    names = ["source_vocabulary.json", "target_vocabulary.json"] if quickmt else ["shared_vocabulary.json"]
    assert sorted(path.name for path in folder.glob("*vocabulary*")) == names
    segments = ["他来了。", "我们明天去。"]
    assert [c[0].text for c in load(folder, precision="float32").translate(segments)] == [
        c[0].text for c in load(toy, precision="float32").translate(segments)
    ]
    assert ("▁他" if quickmt else "▁the") in read_vocabulary(folder)
    with pytest.raises(ModelError, match="only in CTranslate2's form"):
        load(folder, engine="transformers")
