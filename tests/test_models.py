"""Finding, verifying and converting models."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sentencepiece import SentencePieceProcessor

from bilingual.engines import check_model, convert_model, find_model, list_models, load_translator
from bilingual.engines.convert import converted_folder, load_tensors, pad_row_is_zero, vocabularies
from bilingual.engines.models import hub_folder, read_manifest, write_manifest
from bilingual.errors import ModelError
from bilingual.segment import cut_sentence
from command import Command
from toy_models import BUNDLED, make_converted, make_toy


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_toy(tmp_path_factory.mktemp("models") / "toy")


def copied(toy: Path, folder: Path) -> Path:
    shutil.copytree(toy, folder)
    return folder


def test_the_manifest_of_the_bundled_model_is_true() -> None:
    manifest = read_manifest(BUNDLED)
    names = {path.name for path in BUNDLED.iterdir()} - {"README.md", "LICENSE", "MANIFEST.json"}
    assert set(manifest["files"]) == names
    for name, entry in manifest["files"].items():
        data = (BUNDLED / name).read_bytes()
        assert entry == {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert (manifest["license"], manifest["guided"]) == ("CC-BY-NC-4.0", True)


def test_the_bundled_model_is_found_by_name_and_by_directory(cache_dir: Path) -> None:
    by_name, by_path = find_model("zh-en-small", cache_dir=cache_dir), find_model(BUNDLED, cache_dir=cache_dir)
    assert by_name == by_path
    assert (by_name.layout, by_name.license, by_name.guided) == ("marian", "CC-BY-NC-4.0", True)
    assert list_models(cache_dir=cache_dir)[0] == "zh-en-small"


def test_a_bundled_name_wins_over_a_directory_of_the_same_name(
    tmp_path: Path, toy: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(toy, tmp_path / "zh-en-small")
    monkeypatch.chdir(tmp_path)
    assert find_model("zh-en-small", cache_dir=cache_dir).path == BUNDLED
    assert find_model(Path("zh-en-small"), cache_dir=cache_dir).path == Path("zh-en-small")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("zh-en-huge", "zh-en-huge: no such model or directory. See what there is: bilingual models list"),
        ("a/b", "a/b: not on this machine. Fetch it once: bilingual models pull a/b"),
        ("./a/b", "./a/b: no such model or directory. See what there is: bilingual models list"),
        ("", "'': no such model or directory. See what there is: bilingual models list"),
    ],
)
def test_a_model_that_is_not_there(name: str, sentence: str, cache_dir: Path) -> None:
    with pytest.raises(ModelError) as caught:
        find_model(name, cache_dir=cache_dir)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", ["config.json", "vocab.json", "source.spm", "target.spm", "model.safetensors"])
def test_a_missing_file_is_named(name: str, tmp_path: Path, toy: Path, cache_dir: Path) -> None:
    folder = copied(toy, tmp_path / "toy")
    (folder / name).unlink()
    with pytest.raises(ModelError) as caught:
        find_model(folder, cache_dir=cache_dir)
    assert str(caught.value) == (
        f"{folder}: {name} is missing. Restore the file, or take another: bilingual models list"
    )


def test_a_damaged_file_is_named_even_after_the_model_was_converted(tmp_path: Path, toy: Path, cache_dir: Path) -> None:
    folder = copied(toy, tmp_path / "toy")
    write_manifest(folder, license="MIT", guided=False)
    convert_model(find_model(folder, cache_dir=cache_dir), cache_dir=cache_dir)
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        find_model(folder, cache_dir=cache_dir)
    assert str(caught.value) == (
        f"{weights}: damaged, its sha256 is not the one that MANIFEST.json records. "
        "Restore the file, or take another: bilingual models list"
    )


def test_the_hash_follows_the_files_alone(tmp_path: Path, toy: Path, cache_dir: Path) -> None:
    first, second = copied(toy, tmp_path / "a"), make_toy(tmp_path / "b", seed=2)
    hashes = [find_model(folder, cache_dir=cache_dir).hash for folder in (toy, first, second)]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"model.zhen.intgemm.alphas.bin": b"x", "vocab.zhen.spm": b"x"}, "an SSRU decoder"),
        ({"model.npz": b"x", "source.spm": b"x"}, "an SSRU decoder"),
        ({}, "config.json is missing"),
    ],
)
def test_directories_that_are_no_model(files: dict[str, bytes], words: str, tmp_path: Path, cache_dir: Path) -> None:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(ModelError, match=words):
        find_model(tmp_path, cache_dir=cache_dir)


def test_other_architectures_and_broken_vocabularies_are_refused(tmp_path: Path, toy: Path, cache_dir: Path) -> None:
    folder = copied(toy, tmp_path / "m2m")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "m2m_100"}))
    with pytest.raises(ModelError, match="a model of type 'm2m_100'"):
        find_model(folder, cache_dir=cache_dir)
    (folder / "config.json").write_text("[")
    with pytest.raises(ModelError, match=r"config.json: cannot be read as JSON"):
        find_model(folder, cache_dir=cache_dir)
    (folder / "config.json").write_text(json.dumps(config))
    vocabulary = json.loads((folder / "vocab.json").read_text())
    (folder / "vocab.json").write_text(json.dumps({**vocabulary, "<pad>": len(vocabulary) + 5}))
    with pytest.raises(ModelError, match="the ids are not 0 to n - 1"):
        convert_model(find_model(folder, cache_dir=cache_dir), cache_dir=cache_dir)


def test_weights_that_do_not_fit_are_refused_and_leave_nothing(tmp_path: Path, toy: Path) -> None:
    folder = copied(toy, tmp_path / "toy")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "encoder_layers": 3}))
    with pytest.raises(ModelError, match="cannot be converted"):
        convert_model(find_model(folder, cache_dir=tmp_path / "cache"), cache_dir=tmp_path / "cache")
    assert list((tmp_path / "cache" / "converted").iterdir()) == []


def test_a_pickle_that_runs_code_is_not_run(tmp_path: Path, toy: Path, cache_dir: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "harm",)

    folder = copied(toy, tmp_path / "toy")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"model.shared.weight": Harm()}, protocol=2))
    for engine in ("ctranslate2", "transformers"):
        with pytest.raises(ModelError):
            load_translator(folder, engine=engine, cut=cut_sentence, cache_dir=cache_dir)
    assert not (tmp_path / "harm").exists()


@pytest.mark.filterwarnings("ignore:Recommended. pip install sacremoses")
@pytest.mark.parametrize("precision", ["int8", "float32"])
def test_the_conversion_equals_that_of_ctranslate2(precision: str, tmp_path: Path, cache_dir: Path) -> None:
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import MarianMTModel

    toy = make_toy(tmp_path / "toy", one_spm=True)
    model = find_model(toy, cache_dir=cache_dir)
    ours = convert_model(model, precision=precision, cache_dir=cache_dir)
    source = tmp_path / "float32"
    shutil.copytree(toy, source)
    MarianMTModel.from_pretrained(toy, dtype=torch.float32).save_pretrained(source)
    theirs = tmp_path / "theirs"
    TransformersConverter(str(source)).convert(str(theirs), quantization=precision)
    assert (ours / "shared_vocabulary.json").read_bytes() == (theirs / "shared_vocabulary.json").read_bytes()
    known = {"eos_token", "unk_token", "add_source_eos", "add_source_bos", "decoder_start_token"}
    configs = [json.loads((folder / "config.json").read_text()) for folder in (ours, theirs)]
    assert [configs[0][name] for name in sorted(known)] == [configs[1][name] for name in sorted(known)]
    assert (ours / "model.bin").read_bytes() == (theirs / "model.bin").read_bytes()


def test_target_pieces_that_a_bias_rules_out_are_left_away(cache_dir: Path) -> None:
    model = find_model("zh-en-small", cache_dir=cache_dir)
    folder = convert_model(model, precision="int8", cache_dir=cache_dir)
    bias = load_tensors(model)["final_logits_bias"].reshape(-1)
    source, target = vocabularies(model)
    assert json.loads((folder / "source_vocabulary.json").read_text(encoding="utf-8")) == source[:-1]
    kept = json.loads((folder / "target_vocabulary.json").read_text(encoding="utf-8"))
    assert kept == [p for p, b in zip(target[:-1], bias[:-1], strict=True) if b > -50 or p in ("</s>", "<unk>")]
    assert len(kept) < len(target) / 2


def test_pieces_of_the_source_alone_are_left_out_of_the_decoder(tmp_path: Path) -> None:
    folder = make_toy(tmp_path / "toy", rule_out=False)
    assert not load_tensors(find_model(folder, cache_dir=tmp_path))["final_logits_bias"].any()
    converted = convert_model(find_model(folder, cache_dir=tmp_path), cache_dir=tmp_path)
    source, target = vocabularies(find_model(folder, cache_dir=tmp_path))
    assert json.loads((converted / "source_vocabulary.json").read_text(encoding="utf-8")) == source[:-1]
    pieces = SentencePieceProcessor(model_file=str(folder / "target.spm"))
    of_target = {pieces.id_to_piece(i) for i in range(pieces.get_piece_size())}
    kept = [piece for piece in target[:-1] if piece in of_target or piece in ("</s>", "<unk>")]
    assert json.loads((converted / "target_vocabulary.json").read_text(encoding="utf-8")) == kept
    assert len(kept) < len(target) / 2


def test_a_vocabulary_that_was_not_made_with_the_target_pieces_is_kept_whole(tmp_path: Path) -> None:
    folder = make_toy(tmp_path / "toy", rule_out=False)
    tokens = ["</s>", "<unk>", *(f"piece{i}" for i in range(20_540)), "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    converted = convert_model(find_model(folder, cache_dir=tmp_path), cache_dir=tmp_path)
    assert json.loads((converted / "shared_vocabulary.json").read_text()) == tokens[:-1]


def test_a_conversion_is_made_once_and_anew_for_other_weights(tmp_path: Path, toy: Path) -> None:
    cache = tmp_path / "cache"
    folder = copied(toy, tmp_path / "toy")
    first = convert_model(find_model(folder, cache_dir=cache), cache_dir=cache)
    stamp = (first / "model.bin").stat().st_mtime_ns
    assert convert_model(find_model(folder, cache_dir=cache), cache_dir=cache) == first
    assert (first / "model.bin").stat().st_mtime_ns == stamp
    assert convert_model(find_model(folder, cache_dir=cache), cache_dir=cache, force=True) == first
    assert (first / "model.bin").stat().st_mtime_ns > stamp
    shutil.rmtree(folder)
    make_toy(folder, seed=3)
    second = convert_model(find_model(folder, cache_dir=cache), cache_dir=cache)
    assert second != first
    assert sorted(path.name for path in (cache / "converted").iterdir()) == sorted([first.name, second.name])
    assert json.loads((second / "origin.json").read_text())["model"] == "toy"


def test_two_processes_that_start_together_do_not_disturb_each_other(tmp_path: Path, toy: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from bilingual.engines import load_translator\n"
        "from bilingual.segment import cut_sentence\n"
        "t = load_translator(Path(sys.argv[1]), cut=cut_sentence, cache_dir=Path(sys.argv[2]), threads=1)\n"
        "print(t.translate(['他来了。'])[0][0].text)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(toy), str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    outcomes = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0], outcomes
    assert outcomes[0][0] == outcomes[1][0] != b""
    model = find_model(toy, cache_dir=tmp_path)
    assert list((tmp_path / "converted").iterdir()) == [converted_folder(model, "int8", tmp_path)]


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, toy: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="BILINGUAL_CACHE"):
        convert_model(find_model(toy), cache_dir=tmp_path / "cache")


def test_a_precision_that_does_not_exist_is_refused(toy: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="precision 'int3' is unknown; take one of: int8, int16, float16, float32"):
        convert_model(find_model(toy, cache_dir=tmp_path), precision="int3", cache_dir=tmp_path)


def test_a_converted_model_that_is_damaged_is_named_with_the_way_out(tmp_path: Path, toy: Path) -> None:
    folder = convert_model(find_model(toy, cache_dir=tmp_path), cache_dir=tmp_path)
    (folder / "model.bin").write_bytes(b"short")
    with pytest.raises(ModelError, match="bilingual models convert --force"):
        load_translator(toy, cut=cut_sentence, cache_dir=tmp_path)


def test_a_check_passes_the_bundled_model_and_sees_its_word_links(cache_dir: Path) -> None:
    report = check_model("zh-en-small", cache_dir=cache_dir)
    assert report.passed
    assert (report.n_agree, report.pad_row_zero) == (report.n_sentences, True)
    assert report.n_int8_same is not None
    assert report.n_int8_same >= report.n_sentences // 2
    assert report.pointing is not None
    assert report.pointing > 0.95


def test_what_a_check_finds_about_the_attention_is_remembered(tmp_path: Path, cache_dir: Path) -> None:
    folder = tmp_path / "unlabelled"
    shutil.copytree(BUNDLED, folder)
    (folder / "MANIFEST.json").unlink()
    assert find_model(folder, cache_dir=tmp_path / "cache").guided is None
    assert check_model(folder, cache_dir=tmp_path / "cache").model.guided is True
    assert find_model(folder, cache_dir=tmp_path / "cache").guided is True


def test_a_check_catches_a_pad_row_that_is_not_zero(tmp_path: Path, cache_dir: Path) -> None:
    folder = make_toy(tmp_path / "toy", pad_row=3.0)
    assert not pad_row_is_zero(load_tensors(find_model(folder, cache_dir=cache_dir)))
    report = check_model(folder, cache_dir=cache_dir)
    assert report.pad_row_zero is False
    assert not report.passed
    assert report.n_agree is not None
    assert report.n_agree < report.n_sentences


def test_a_check_of_a_random_checkpoint_with_two_vocabularies(tmp_path: Path, cache_dir: Path) -> None:
    toy = make_toy(tmp_path / "toy", separate=True)
    report = check_model(toy, cache_dir=cache_dir)
    assert report.passed
    converted = check_model(make_converted(tmp_path / "converted", toy, cache_dir, quickmt=True), cache_dir=cache_dir)
    assert (converted.n_agree, converted.n_int8_same, converted.pad_row_zero) == (None, None, None)
    assert converted.passed


def test_float16_and_bfloat16_weights_are_read_as_float32(tmp_path: Path, toy: Path, cache_dir: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    plain = load_tensors(find_model(toy, cache_dir=cache_dir))
    for kind in (torch.float16, torch.bfloat16):
        folder = copied(toy, tmp_path / str(kind))
        state = {name: tensor.to(kind) for name, tensor in load_file(folder / "model.safetensors").items()}
        save_file(state, folder / "model.safetensors")
        tensors = load_tensors(find_model(folder, cache_dir=cache_dir))
        assert {tensor.dtype for tensor in tensors.values()} == {np.dtype("float32")}
        name = "model.decoder.layers.0.fc1.weight"
        np.testing.assert_array_equal(tensors[name], state[name].float().numpy())
        np.testing.assert_allclose(tensors[name], plain[name], rtol=1e-2)


def test_importing_the_engines_loads_no_engine() -> None:
    program = (
        "import sys, bilingual.engines\n"
        "print(sorted({'torch', 'transformers', 'ctranslate2', 'sentencepiece', 'opencc', 'huggingface_hub', "
        "'safetensors', 'platformdirs'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_translating_with_a_converted_model_loads_no_torch(translator: object, cache_dir: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from bilingual.engines import load_translator\n"
        "from bilingual.segment import cut_sentence\n"
        "t = load_translator(cut=cut_sentence, cache_dir=Path(sys.argv[1]), threads=1)\n"
        "t.translate(['他来了。'])\n"
        "print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(cache_dir)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_models_list_shows_name_hash_size_licence_and_links(command: Command, cache_dir: Path) -> None:
    model = find_model("zh-en-small", cache_dir=cache_dir)
    done = command("models", "list")
    assert done.code == 0
    header, first, *_ = done.out.splitlines()
    assert header.split() == ["NAME", "HASH", "SIZE", "LICENCE", "WORD", "LINKS", "DIRECTORY"]
    assert first.split() == [
        "zh-en-small",
        model.hash[:8],
        f"{model.size / 1e6:.0f}",
        "MB",
        "CC-BY-NC-4.0",
        "yes",
        str(BUNDLED),
    ]


def test_models_list_shows_the_others_when_one_is_damaged(command: Command, cache_dir: Path, toy: Path) -> None:
    folder = copied(toy, hub_folder(cache_dir, "someone/broken"))
    try:
        write_manifest(folder, hub_id="someone/broken", revision="0" * 40, license="mit")
        (folder / "source.spm").unlink()
        done = command("models", "list")
    finally:
        shutil.rmtree(folder)
    assert done.code == 1
    assert "zh-en-small" in done.out
    assert done.err == (
        f"Error: {folder}: source.spm is missing. Fetch it again: bilingual models pull someone/broken\n"
    )


def test_models_check_says_what_it_found(command: Command) -> None:
    done = command("models", "check")
    assert done.code == 0
    model = find_model("zh-en-small")
    lines = done.out.splitlines()
    assert lines[:3] == [
        f"zh-en-small {model.hash}: all 6 files are whole",
        "the <pad> row is zero",
        "CTranslate2 float32 = transformers, greedy, token by token: 16 of 16 sentences",
    ]
    assert lines[4] == "word links: yes; 100% of copied words point at their source"


def test_models_check_fails_for_a_checkpoint_on_which_the_engines_disagree(command: Command, tmp_path: Path) -> None:
    done = command("models", "check", str(make_toy(tmp_path / "toy", pad_row=3.0)))
    assert done.code == 1
    assert "the <pad> row is NOT zero: the two engines start differently" in done.out
    assert done.err.endswith(
        "Error: toy: the two engines disagree; do not rely on this checkpoint. "
        "Fetch it again, or take another: bilingual models list\n"
    )


def test_models_convert_prints_the_directory(command: Command, toy: Path, cache_dir: Path) -> None:
    done = command("models", "convert", str(toy), "--precision", "float32")
    folder = converted_folder(find_model(toy, cache_dir=cache_dir), "float32", cache_dir)
    assert (done.code, done.out) == (0, f"{folder}\n")
    assert (folder / "model.bin").is_file()


@pytest.mark.parametrize("verb", ["list", "pull", "check", "convert"])
def test_every_verb_has_an_example(command: Command, verb: str) -> None:
    done = command("models", verb, "--help")
    assert done.code == 0
    assert "Example: " in done.out
