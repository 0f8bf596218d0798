"""The training recipe from parallel text to a checkpoint that both engines load, on a toy language."""

import importlib
import json
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts" / "train"
NAMES = {"小明": "Ming", "老师": "the teacher", "医生": "the doctor", "司机": "the driver", "邻居": "the neighbour"}
VERBS = {"看见了": "saw", "买了": "bought", "卖了": "sold", "画了": "painted", "丢了": "lost"}
COUNTS = {"两": "two", "三": "three", "四": "four", "五": "five", "十": "ten"}
THINGS = {"只猫": "cats", "本书": "books", "辆车": "cars", "张桌子": "tables", "把椅子": "chairs", "匹马": "horses"}
LAYERS = {"width": 64, "feed_forward": 128, "heads": 2, "encoder_layers": 1, "decoder_layers": 1}
SIZE = [f"--{name.replace('_', '-')}={value}" for name, value in LAYERS.items()]

# CTranslate2's converter loads the tokenizer, and transformers recommends sacremoses to it.
pytestmark = pytest.mark.filterwarnings("ignore:Recommended. pip install sacremoses:UserWarning")


def toy_corpus() -> list[tuple[str, str]]:
    """All 750 sentences of the toy language, shuffled."""
    pairs = [
        (f"{name}{verb}{count}{thing}。", f"{NAMES[name]} {VERBS[verb]} {COUNTS[count]} {THINGS[thing]}.")
        for name in NAMES
        for verb in VERBS
        for count in COUNTS
        for thing in THINGS
    ]
    random.Random(0).shuffle(pairs)
    return pairs


def recipe_module(name: str) -> Any:
    """Import a script of the recipe, as its neighbours do."""
    if str(SCRIPTS) not in sys.path:
        sys.path.insert(0, str(SCRIPTS))
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A WORK folder, a finished run and its checkpoint."""
    root = tmp_path_factory.mktemp("train")
    corpus, work, out, folder = root / "toy.tsv", root / "work", root / "out", root / "checkpoint"
    corpus.write_text("".join(f"{zh}\t{en}\n" for zh, en in toy_corpus()), encoding="utf-8")
    prepare, train, model = (recipe_module(name) for name in ("prepare", "train", "model"))
    prepare.main([str(work), str(corpus), "--source-pieces=320", "--target-pieces=120", "--held-out=40"])
    recipe = train.Recipe(steps=240, tokens=600, warmup=10, rate=4e-3, average=0.9, guide=0.3)
    out.mkdir()
    train.train(work, out, recipe, LAYERS)
    recipe_module("export").main([str(work), str(out / "state.pt"), str(folder), "--dtype=float32"])
    shape = model.Shape(**importlib.import_module("torch").load(out / "state.pt", weights_only=True)["shape"])
    return SimpleNamespace(corpus=corpus, work=work, out=out, folder=folder, shape=shape)


def test_prepare_sets_pairs_apart_and_numbers_target_pieces_first(toy: SimpleNamespace) -> None:
    vocabulary = json.loads((toy.work / "vocab.json").read_text(encoding="utf-8"))
    meta = json.loads((toy.work / "meta.json").read_text(encoding="utf-8"))
    ids = sorted(vocabulary, key=lambda piece: vocabulary[piece])
    assert [vocabulary[piece] for piece in ids] == list(range(len(ids)))
    assert (ids[:2], ids[-1]) == (["</s>", "<unk>"], "<pad>")
    assert not any("\u4e00" <= c <= "\u9fff" for piece in ids[: meta["n_target"]] for c in piece)
    assert meta["n_held_out"] == 40
    with np.load(toy.work / "pairs.npz") as arrays:
        assert len(arrays["source_lengths"]) == 725  # the others are lopsided
        assert arrays["target"].max() < meta["n_target"]


def test_texts_that_cannot_be_translations_are_left_out() -> None:
    is_usable = recipe_module("prepare").is_usable
    assert is_usable("他昨天下午坐火车来了。", "He came by train yesterday afternoon.")
    assert not is_usable("他昨天下午坐火车来了。", "He")
    assert not is_usable("他来了。", "他 has come")
    assert not is_usable("OK", "OK")


def numeral_at(tokens: list[str]) -> int:
    """Where the numeral of a toy translation begins: its last word but one."""
    return [i for i, token in enumerate(tokens) if token.startswith("▁")][-2]


def test_word_links_find_the_numerals_of_the_toy_language(toy: SimpleNamespace) -> None:
    vocabulary = json.loads((toy.work / "vocab.json").read_text(encoding="utf-8"))
    pieces = {number: piece for piece, number in vocabulary.items()}
    links = np.load(toy.work / "links.npy")
    right = at_source = at_target = 0
    with np.load(toy.work / "pairs.npz") as arrays:
        n_pairs = len(arrays["source_lengths"])
        for n_source, n_target in zip(arrays["source_lengths"], arrays["target_lengths"], strict=True):
            source = [pieces[i] for i in arrays["source"][at_source : at_source + n_source]]
            target = [pieces[i] for i in arrays["target"][at_target : at_target + n_target]]
            link = links[at_target + numeral_at(target)]
            right += link != 255 and source[link] in COUNTS
            at_source, at_target = at_source + n_source, at_target + n_target
    assert right > 0.75 * n_pairs


def test_word_links_of_a_shuffled_code() -> None:
    """Target piece k is the code of source piece k + 50, in another order; piece 7 stands for nothing."""
    rng = np.random.default_rng(0)
    sources = [rng.permutation(np.arange(60, 80))[:6] for _ in range(400)]
    orders = [rng.permutation(6) for _ in sources]
    targets = [np.append(source[order] - 50, 7) for source, order in zip(sources, orders, strict=True)]
    arrays = {
        "source": np.concatenate(sources),
        "target": np.concatenate(targets),
        "source_lengths": np.full(400, 6),
        "target_lengths": np.full(400, 7),
    }
    links = recipe_module("links").word_links(arrays, 80, 40).reshape(400, 7)
    assert np.mean(links[:, :6] == np.array(orders)) > 0.99


def test_the_held_out_loss_falls(toy: SimpleNamespace) -> None:
    rows = [line.split("\t") for line in (toy.out / "log.tsv").read_text(encoding="utf-8").splitlines()]
    first, last = float(rows[0][2]), float(rows[-1][2])
    assert (rows[0][0], rows[-1][0]) == ("0", "240")
    assert first > 3.5  # a random model: the logarithm of the number of pieces
    assert last < 0.3


def test_both_engines_load_the_checkpoint_and_agree_token_by_token(toy: SimpleNamespace, tmp_path: Path) -> None:
    import ctranslate2
    import sentencepiece
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import MarianMTModel

    vocabulary = json.loads((toy.folder / "vocab.json").read_text(encoding="utf-8"))
    pieces = {number: piece for piece, number in vocabulary.items()}
    processor = sentencepiece.SentencePieceProcessor(model_file=str(toy.folder / "source.spm"))
    target = sentencepiece.SentencePieceProcessor(model_file=str(toy.folder / "target.spm"))
    texts = [zh for zh, _ in toy_corpus()[:10]] + ["老师老师三只猫三本书。", "猫", "鑫。", "司机看见了医生,四张桌子"]
    sources = [[*processor.encode(text, out_type=str), "</s>"] for text in texts]

    TransformersConverter(str(toy.folder)).convert(str(tmp_path / "ct2"), quantization="float32")
    engine = ctranslate2.Translator(str(tmp_path / "ct2"), compute_type="float32", intra_threads=1)
    results = engine.translate_batch(sources, beam_size=1, max_decoding_length=40, return_attention=True)
    fast = [result.hypotheses[0] for result in results]

    model = MarianMTModel.from_pretrained(toy.folder, dtype=torch.float32)
    assert not model.model.shared.weight[-1].any()
    slow = []
    for source in sources:
        ids = torch.tensor([[vocabulary[piece] for piece in source]])
        out = model.generate(ids, attention_mask=torch.ones_like(ids), num_beams=1, do_sample=False, max_new_tokens=40)
        slow.append([pieces[i] for i in out[0].tolist()[1:] if i != 0])
    assert [tokens[:30] for tokens in fast] == [tokens[:30] for tokens in slow]  # limits are counted differently
    assert len({tuple(tokens) for tokens in fast}) > 10
    assert [target.decode(tokens) for tokens in fast[:10]] == [en for _, en in toy_corpus()[:10]]

    # The attention of the last layer's head 0 was trained on word links: a numeral looks at its numeral.
    looked_at = []
    for source, result in zip(sources[:10], results[:10], strict=True):
        attention = result.attention[0][numeral_at(result.hypotheses[0])]
        looked_at.append(source[int(np.argmax(attention))])
    numerals = [next(c for c in zh if c in COUNTS) for zh, _ in toy_corpus()[:10]]
    assert sum(a == b for a, b in zip(looked_at, numerals, strict=True)) >= 7  # by chance two


def test_an_interrupted_run_ends_with_the_weights_of_an_uninterrupted_one(toy: SimpleNamespace, tmp_path: Path) -> None:
    trainers = recipe_module("trainer")
    pairs = recipe_module("pairs").Pairs(toy.work)
    recipe = trainers.Recipe(steps=14, tokens=300, warmup=4, dropout=0.1, grow=0.5)

    def trainer() -> Any:
        return trainers.Trainer(pairs, toy.shape, recipe, "cpu", 0, 1)

    whole, first = trainer(), trainer()
    for step in range(14):
        whole.take_step(step / 14)
    for step in range(9):
        first.take_step(step / 14)
    first.save(tmp_path / "state.pt")
    second = trainer()
    second.resume(importlib.import_module("torch").load(tmp_path / "state.pt", weights_only=True))
    for step in range(9, 14):
        second.take_step(step / 14)

    assert (
        (second.step, second.tokens, second.drawn) == (whole.step, whole.tokens, whole.drawn) == (14, whole.tokens, 21)
    )
    for name, expected in whole.average.items():
        assert bool((second.average[name] == expected).all()), name
    assert not bool((first.average["out_bias"] == whole.average["out_bias"]).all())


def test_two_processes_save_when_asked_to_end_and_go_on(toy: SimpleNamespace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [
        sys.executable,
        str(SCRIPTS / "train.py"),
        str(toy.work),
        str(out),
        *SIZE,
        "--processes=2",
        "--tokens=300",
    ]
    with subprocess.Popen([*command, "--minutes=10"], stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("step 25:"):
                process.send_signal(signal.SIGTERM)
                break
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "saved; held out" in rest
    torch, train = importlib.import_module("torch"), recipe_module("train")
    before = torch.load(out / "state.pt", weights_only=True)
    assert before["step"] >= 25
    assert before["drawn"] == 2 * before["step"]
    train.train(toy.work, out, train.Recipe(steps=before["step"] + 3, tokens=300), LAYERS)
    assert torch.load(out / "state.pt", weights_only=True)["step"] == before["step"] + 3


def test_a_checkpoint_survives_reading_and_writing(toy: SimpleNamespace, tmp_path: Path) -> None:
    torch, model = importlib.import_module("torch"), recipe_module("model")
    weights, shape = model.read_checkpoint(toy.folder)
    model.write_checkpoint(weights, shape, toy.folder, tmp_path / "again", torch.float32)
    for name in ("model.safetensors", "config.json", "vocab.json", "source.spm"):
        assert (tmp_path / "again" / name).read_bytes() == (toy.folder / name).read_bytes(), name


def test_the_fused_loss_equals_cross_entropy() -> None:
    torch = importlib.import_module("torch")
    generator = torch.Generator().manual_seed(0)
    hidden, weight = (torch.randn(n, 8, generator=generator).requires_grad_() for n in (7, 5))
    bias = torch.randn(5, generator=generator).requires_grad_()
    targets = torch.tensor([0, 1, 2, 3, 4, 0, 1])
    plain = torch.nn.functional.cross_entropy(hidden @ weight.t() + bias, targets, label_smoothing=0.1)
    expected = torch.autograd.grad(3 * plain, (hidden, weight, bias))
    fused = recipe_module("softmax_loss").SoftmaxLoss
    loss, nll = fused.apply(hidden, weight, bias, targets, 0.1, torch.float32, 3)
    found = torch.autograd.grad(3 * loss, (hidden, weight, bias))
    assert torch.allclose(loss, plain)
    assert torch.allclose(nll, torch.nn.functional.cross_entropy(hidden @ weight.t() + bias, targets))
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(found, expected, strict=True))


def test_new_characters_get_pieces_and_change_nothing_else(toy: SimpleNamespace, tmp_path: Path) -> None:
    import sentencepiece

    torch, model, extend = importlib.import_module("torch"), recipe_module("model"), recipe_module("extend_vocabulary")
    extend.main([str(toy.folder), str(tmp_path / "extended"), str(toy.corpus)])
    vocabulary = json.loads((tmp_path / "extended" / "vocab.json").read_text(encoding="utf-8"))
    assert vocabulary["浙"] >= json.loads((toy.folder / "vocab.json").read_text(encoding="utf-8"))["<pad>"]
    assert vocabulary["<pad>"] == len(vocabulary) - 1

    old, new = (
        sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
        for folder in (toy.folder, tmp_path / "extended")
    )
    assert new.encode("浙", out_type=str)[-1] == "浙"
    assert len(old.encode("浙")) == 4
    rare = "鱻🙂ж"  # in neither level: still bytes
    for text in [zh for zh, _ in toy_corpus()] + [rare, f"三{rare}只猫 {rare}"]:
        assert old.encode(text) == new.encode(text)

    before, _ = model.read_checkpoint(toy.folder)
    after, shape = model.read_checkpoint(tmp_path / "extended")
    old_ids = json.loads((toy.folder / "vocab.json").read_text(encoding="utf-8"))
    assert (shape.n_pieces, shape.n_target) == (len(vocabulary), len(before["out_bias"]))
    kept = len(old_ids) - 1
    assert torch.equal(after["embedding.weight"][:kept], before["embedding.weight"][:kept])
    assert not after["embedding.weight"][-1].any()
    of_bytes = before["embedding.weight"][[old_ids[f"<0x{byte:02X}>"] for byte in "浙".encode()]]
    assert torch.equal(after["embedding.weight"][vocabulary["浙"]], of_bytes.mean(0))
    lines = [zh for zh, _ in toy_corpus()[:20]]
    translate_lines = recipe_module("score").translate_lines
    assert translate_lines(tmp_path / "extended", lines) == translate_lines(toy.folder, lines)
    with pytest.raises(ValueError, match="have pieces"):
        extend.extend_vocabulary(tmp_path / "extended", tmp_path / "twice", ["浙"])


def test_choice_of_new_characters() -> None:
    choose = recipe_module("extend_vocabulary").choose_characters
    counts = Counter({"彳": 3, "彧": 19, "鸮": 20, "鹀": 19, "a": 99, "靳": 5, "的": 1000})
    chosen = choose(counts, {"的"}, 4)
    assert [c for c in chosen if c in counts] == ["鸮", "靳"]  # 彳: level 2 and too rare; 彧, 鹀: outside GB 2312
    assert "浙" in chosen  # level 1, although not in the corpus
    assert "的" not in chosen


def test_score_prints_both_scores_with_the_signature(
    toy: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = toy_corpus()[:30]
    (tmp_path / "a.zh").write_text("".join(f"{zh}\n" for zh, _ in pairs), encoding="utf-8")
    (tmp_path / "a.en").write_text("".join(f"{en}\n" for _, en in pairs), encoding="utf-8")
    files = [str(toy.folder), str(tmp_path / "a.zh"), str(tmp_path / "a.en")]
    recipe_module("score").main([*files, "--last=20", "--beam=1", f"--write={tmp_path / 'out'}"])
    printed = capsys.readouterr().out
    assert printed.startswith(
        "BLEU 100.00 chrF 100.00 int8 beam 1 nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:"
    )
    assert (tmp_path / "out").read_text(encoding="utf-8") == "".join(f"{en}\n" for _, en in pairs[-20:])


def test_no_corpus_is_refused(tmp_path: Path) -> None:
    prepare = recipe_module("prepare")
    with pytest.raises(ValueError, match="3 usable pairs are no corpus"):
        prepare.prepare(tmp_path / "work", [prepare.Pair("他来了", "He came", 1.0)] * 3)
