"""Fine-tuning from reviewed units: what is learned from, what is held out, when nothing is written."""

import importlib
import json
import random
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bilingual.bitext import Status, TranslationUnit
from bilingual.errors import InputError, ModelError
from bilingual.formats import write_units
from test_train import LAYERS, recipe_module, toy_corpus

SCRIPTS = Path(__file__).parent.parent / "scripts"

# transformers recommends sacremoses to whoever loads a Marian tokenizer, as CTranslate2's converter does.
pytestmark = pytest.mark.filterwarnings("ignore:Recommended. pip install sacremoses:UserWarning")


def finetune_module() -> Any:
    """Import scripts/finetune.py."""
    if str(SCRIPTS) not in sys.path:
        sys.path.insert(0, str(SCRIPTS))
    return importlib.import_module("finetune")


def house_style(en: str) -> str:
    """How the reviewers of the toy corpus want it: other words for cats, sold and the doctor."""
    return en.replace("cats", "kittens").replace("sold", "gave").replace("the doctor", "the nurse")


def units_of(pairs: list[tuple[str, str]], status: Status, per_document: int = 15) -> list[TranslationUnit]:
    return [
        TranslationUnit(
            id=f"{i:016x}",
            document=f"article-{i // per_document}.txt",
            paragraph=1,
            sentence=i % per_document + 1,
            kind="text",
            level=0,
            source_lang="zh-Hans",
            target_lang="en",
            source=zh,
            target=en,
            status=status,
        )
        for i, (zh, en) in enumerate(pairs)
    ]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy model that knows the language but not the house style."""
    root = tmp_path_factory.mktemp("finetune")
    work, out = root / "work", root / "out"
    prepare, train = recipe_module("prepare"), recipe_module("train")
    pairs = [prepare.Pair(zh, style(en), 1.0) for zh, en in toy_corpus() for style in (str, house_style)]
    prepare.prepare(root / "pieces", pairs, n_source=320, n_target=120, links=False, held_out=0)
    # The pieces know both styles; the training data only the usual one.
    prepare.prepare(
        work, [prepare.Pair(zh, en, 1.0) for zh, en in toy_corpus()], start=root / "pieces", links=False, held_out=40
    )
    out.mkdir()
    train.train(work, out, train.Recipe(steps=240, tokens=600, warmup=10, rate=4e-3, average=0.9), LAYERS)
    recipe_module("export").main([str(work), str(out / "state.pt"), str(root / "toy")])
    (root / "toy" / "README.md").write_text("Licence: CC BY-NC 4.0\n", encoding="utf-8")
    return root / "toy"


def test_reviewed_units_teach_the_house_style(checkpoint: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "reviewed.jsonl"
    decided = units_of([(zh, house_style(en)) for zh, en in toy_corpus()[:300]], "edited")
    wrong = [replace(unit, target="no", status="rejected", id=f"f{unit.id[1:]}") for unit in decided[:40]]
    write_units([*decided, *wrong], corpus, "jsonl")
    result = finetune_module().finetune(checkpoint, corpus, tmp_path / "new", epochs=8, rate=3e-3, tokens=600)
    assert result.written
    assert (result.n_training, result.n_held_out) == (270, 30)
    before, after = result.before[0].score, result.after[0].score
    assert before < 85
    assert after > before + 10
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(
        ["README.md", *(path.name for path in checkpoint.iterdir() if path.name != "README.md")]
    )
    readme = (tmp_path / "new" / "README.md").read_text(encoding="utf-8")
    assert f"before {result.before[0].name} {before:.2f}" in readme
    assert "Licence: CC BY-NC 4.0" in readme
    config = json.loads((tmp_path / "new" / "config.json").read_text(encoding="utf-8"))
    assert config["dtype"] == "float16"  # as the model was stored
    learned = dict.fromkeys(zh for zh, en in toy_corpus()[300:400] if house_style(en) != en)
    expected = {zh: house_style(en) for zh, en in toy_corpus()}
    hypotheses = recipe_module("score").translate_lines(tmp_path / "new", list(learned))
    right = sum(hypothesis == expected[zh] for zh, hypothesis in zip(learned, hypotheses, strict=True))
    assert right > 0.7 * len(learned)
    weights, _ = recipe_module("model").read_checkpoint(tmp_path / "new")
    assert not weights["embedding.weight"][-1].any()  # <pad>, where decoding starts


def test_a_model_that_got_worse_is_not_written(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = [(zh, en) for zh, en in toy_corpus()[:100]]
    corpus = tmp_path / "plain.tsv"
    corpus.write_text("".join(f"{zh}\t{en}\n" for zh, en in good), encoding="utf-8")
    out = tmp_path / "out"
    # a rate at which every model falls apart
    command = [str(checkpoint), str(corpus), str(out), "--epochs=1", "--rate=1", "--tokens=600"]
    assert finetune_module().main(command) == 1
    assert not out.exists()
    assert "the model got worse on the held-out pairs and was not written" in capsys.readouterr().err
    assert finetune_module().main([*command, "--force"]) == 0
    assert (out / "model.safetensors").exists()
    capsys.readouterr()
    assert finetune_module().main(command) == 1
    assert capsys.readouterr().err == f"error: {out}: is not empty; name another folder, or replace it with --force\n"


def test_undecided_units_are_not_learned_from(checkpoint: Path, tmp_path: Path) -> None:
    finetune, corpus = finetune_module(), tmp_path / "units.tsv"
    undecided, accepted = units_of(toy_corpus()[:60], ""), units_of(toy_corpus()[:19], "accepted")
    write_units(undecided + [replace(unit, id=f"a{unit.id[1:]}") for unit in accepted], corpus, "tsv")
    with pytest.raises(InputError, match=r"^19 of 79 units are accepted or edited, and 20 are needed\."):
        finetune.finetune(checkpoint, corpus, tmp_path / "out")
    assert len(finetune.reviewed(undecided + accepted, True)) == 79


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    corpus = tmp_path / "plain.tsv"
    corpus.write_text("".join(f"{zh}\t{en}\n" for zh, en in toy_corpus()[:30]), encoding="utf-8")
    with pytest.raises(ModelError, match="is no MarianMT directory"):
        finetune_module().finetune(tmp_path, corpus, tmp_path / "out")


def test_documents_stay_whole_when_a_tenth_is_held_out() -> None:
    split = finetune_module().split
    units = units_of(toy_corpus()[:600], "accepted", per_document=12)
    random.Random(1).shuffle(units)
    training, held_out = split(units, seed=1)
    assert len(held_out) == 60
    assert not {unit.document for unit in held_out} & {unit.document for unit in training}
    assert len(training) == 540
    assert split(units, seed=1) == (training, held_out)
    assert split(units, seed=2) != (training, held_out)


def test_a_corpus_of_one_document_is_held_out_in_blocks() -> None:
    units = units_of(toy_corpus()[:400], "accepted", per_document=400)
    repeated = replace(units[-1], id="f" * 16, document="other.txt")
    training, held_out = finetune_module().split([*units, repeated], seed=3)
    positions = sorted(int(unit.id, 16) for unit in held_out if unit.document != "other.txt")
    assert 30 <= len(positions) <= 50
    assert sum(b - a != 1 for a, b in pairwise(positions)) <= 2
    assert not {unit.source for unit in held_out} & {unit.source for unit in training}
