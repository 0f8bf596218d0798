"""Measure the translating path: python scripts/bench_translate.py [--only path,engines,startup,memory].

Prints Markdown tables of ratios, each taken in one run on one machine: absolute times say little, ratios travel. The
sentences are made here from a few lists, all different, 8 to 60 pieces long. Takes some ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bilingual.engines import convert_model, find_model, load_translator, user_cache
from bilingual.engines.convert import vocabularies
from bilingual.engines.models import bundled_folder
from bilingual.engines.pieces import load_pieces
from bilingual.protocols import Decoding
from bilingual.segment import cut_sentence

WHO = (
    "市政府",
    "镇里的小学",
    "两位年轻的工程师",
    "水务局的检测人员",
    "一家食品公司",
    "当地的居民",
    "省图书馆",
    "救援队",
)
WHEN = ("今年{0}月", "从{0}号开始", "上个星期", "连续{0}天", "在{0}年的冬天", "昨天下午{0}点", "据报道")
DID = (
    "检查了{1}座水库的安全情况",
    "修好了{1}公里的乡村公路",
    "为{1}名学生安装了新的电脑",
    "公布了一份关于空气质量的报告",
    "把仓库里的{1}箱苹果送到了山区",
    "讨论了如何进一步降低用电成本的问题",
    "花了{1}万元更换旧的管道",
)
AND = (
    "。",
    "，得到了大家的支持。",
    "，但是结果还没有公布。",
    "，预计明年春天可以全部完成。",
    "，负责人表示，他们将继续听取各方面的意见，并且在{1}天以内给出答复。",
)
BEAM = 4
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
SIZE = {"layers": 6, "attention_heads": 8, "ffn_dim": 2048}
WIDTH, VOCABULARY, TARGET_PIECES = 512, 65_001, 32_000
"""The size of Helsinki-NLP/opus-mt-zh-en: its vocabulary joins two of 32,000 pieces, few of which are on both sides."""


def make_sentences(number: int) -> list[str]:
    """Make different sentences, always the same ones."""
    chance = random.Random(7)
    made: dict[str, None] = {}
    while len(made) < number:
        pattern = f"{chance.choice(WHEN)}，{chance.choice(WHO)}{chance.choice(DID)}{chance.choice(AND)}"
        made[pattern.format(chance.randint(1, 12), chance.randint(2, 9999))] = None
    return list(made)


def seconds(action: Callable[[], object], repeats: int = 1) -> float:
    """Give the shortest time of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def table(title: str, header: str, rows: list[list[str]]) -> None:
    """Print a Markdown table."""
    columns = header.split("|")
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def bench_path(number: int) -> None:
    """Compare the whole path, from bytes to page, with the bare CTranslate2 call on sorted pieces."""
    import ctranslate2

    from bilingual.output import page_facts, render_output
    from bilingual.pipeline import Options, load_document, translate_documents

    sentences = make_sentences(number)
    paragraphs = ["".join(sentences[i : i + 4]) for i in range(0, number, 4)]
    articles = ["\n\n".join(paragraphs[i : i + 25]).encode() for i in range(0, len(paragraphs), 25)]
    translator = load_translator(cut=cut_sentence)
    model = find_model()
    pieces = load_pieces(model.path / model.source_spm, frozenset(vocabularies(model)[0]))
    sources = sorted(([*one.pieces, "</s>"] for one in pieces.encode(sentences)), key=len, reverse=True)
    folder = convert_model(model, cache_dir=user_cache())
    bare = ctranslate2.Translator(str(folder), compute_type="int8", inter_threads=CORES, intra_threads=1)

    def whole(links: bool) -> None:
        documents = (load_document(None, data, name=f"{n}.txt") for n, data in enumerate(articles))
        facts = page_facts(translator)
        options = Options(decoding=Decoding(beam=BEAM, links=links), checks=False)
        done = translate_documents(documents, translator, options=options)
        n_units = sum(len(one.units) for one in done if render_output("html", one, facts))
        assert n_units == number, n_units

    def call(budget: int) -> None:
        bare.translate_batch(
            sources, beam_size=BEAM, max_batch_size=budget, batch_type="tokens", max_decoding_length=300
        )

    bare.translate_batch(sources[:64], beam_size=BEAM)
    best = min((512, 1024, 2048), key=lambda budget: seconds(lambda: call(budget)))
    bare_s = seconds(lambda: call(best), 2)
    rows = [[f"CTranslate2 alone, batches of {best} pieces", f"{bare_s:.1f}", f"{number / bare_s:.0f}", "1.00"]]
    for links in (False, True):
        whole_s = seconds(partial(whole, links), 2)
        name = f"read, segment, translate, page{', with word links' if links else ''}"
        rows.append([name, f"{whole_s:.1f}", f"{number / whole_s:.0f}", f"{whole_s / bare_s:.2f}"])
    table(f"Whole path, {number} sentences, beam {BEAM}", "what|seconds|sentences per second|ratio", rows)


def bench_engines() -> None:
    """Compare CTranslate2 with transformers: same checkpoint, beam and cores, transformers' best batch size."""
    rows = []
    sentences = make_sentences(384)
    times = []
    for budget in (512, 1024, 2048):
        reference = _runner("transformers", budget)
        times.append((seconds(partial(reference, sentences)), budget))
    reference_s, best = min(times)
    fast_s = seconds(partial(_runner("ctranslate2", 1024), sentences), 2)
    rows.append(_engine_row(f"bundled (batches of {best} pieces)", len(sentences), reference_s, fast_s))
    with tempfile.TemporaryDirectory() as scratch:
        rows.append(_opus_size(Path(scratch)))
    table(
        f"Engines, beam {BEAM}",
        "checkpoint|transformers float32, sentences per second|CTranslate2 int8, sentences per second|ratio",
        rows,
    )


def _runner(engine: str, budget: int) -> Callable[[list[str]], object]:
    translator = load_translator(engine=engine, cut=cut_sentence, max_batch_tokens=budget)  # type: ignore[arg-type]
    translator.translate(make_sentences(8), Decoding(beam=BEAM))
    return lambda sentences: translator.translate(sentences, Decoding(beam=BEAM))


def _engine_row(name: str, number: int, reference_s: float, fast_s: float) -> list[str]:
    return [name, f"{number / reference_s:.1f}", f"{number / fast_s:.1f}", f"{reference_s / fast_s:.1f}"]


def _opus_size(scratch: Path) -> list[str]:
    """Measure on random weights; they never end a sentence, so the length is fixed at 1.2 times the source's.

    Each engine with its own best number of sentences in a batch; all of a batch have the same length.
    """
    import ctranslate2
    import torch
    from sentencepiece import SentencePieceTrainer
    from transformers import MarianConfig, MarianMTModel

    folder = scratch / "opus-size"
    folder.mkdir()
    shutil.copy(bundled_folder() / "zh-en-small" / "source.spm", folder / "source.spm")
    target = io.BytesIO()
    words = [f"piece{i}" for i in range(TARGET_PIECES)]
    SentencePieceTrainer.train(
        sentence_iterator=iter(words),
        model_writer=target,
        model_type="word",
        vocab_size=TARGET_PIECES,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    (folder / "target.spm").write_bytes(target.getvalue())
    others = (f"source{i}" for i in range(VOCABULARY - 3 - TARGET_PIECES))
    tokens = ["</s>", "<unk>", *(f"▁{word}" for word in words), *others, "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}), encoding="utf-8")
    sizes: dict[str, Any] = {f"{side}_{name}": n for side in ("encoder", "decoder") for name, n in SIZE.items()}
    config = MarianConfig(
        vocab_size=VOCABULARY,
        d_model=WIDTH,
        activation_function="swish",
        scale_embedding=True,
        max_position_embeddings=512,
        pad_token_id=VOCABULARY - 1,
        decoder_start_token_id=VOCABULARY - 1,
        eos_token_id=0,
        forced_eos_token_id=None,
        **sizes,
    )
    torch.manual_seed(1)
    network: Any = MarianMTModel(config)
    network.eval()
    network.save_pretrained(folder)
    converted = convert_model(find_model(folder, cache_dir=scratch), cache_dir=scratch)
    fast = ctranslate2.Translator(str(converted), compute_type="int8", inter_threads=CORES, intra_threads=1)
    torch.set_num_threads(CORES)
    chance = random.Random(5)
    groups = [[[chance.randrange(2, VOCABULARY - 1) for _ in range(n)] for _ in range(32)] for n in (12, 20, 32)]

    def reference(size: int) -> None:
        for group in groups:
            length = round(1.2 * len(group[0]))
            for first in range(0, len(group), size):
                with torch.inference_mode():
                    network.generate(
                        torch.tensor([[*source, 0] for source in group[first : first + size]]),
                        num_beams=BEAM,
                        min_new_tokens=length,
                        max_new_tokens=length,
                    )

    def ours(size: int) -> None:
        waiting: list[Any] = []
        for group in groups:
            length = round(1.2 * len(group[0]))
            waiting += fast.translate_batch(
                [[*(tokens[i] for i in source), "</s>"] for source in group],
                beam_size=BEAM,
                min_decoding_length=length,
                max_decoding_length=length,
                max_batch_size=size,
                asynchronous=True,
            )
        for one in waiting:
            one.result()

    ours(8)
    reference_s, best = min((seconds(partial(reference, size)), size) for size in (8, 16, 32))
    ours_s, our_best = min((seconds(partial(ours, size), 2), size) for size in (8, 16, 32))
    number = sum(len(group) for group in groups)
    return _engine_row(f"random, opus-mt's size (batches of {best} and {our_best})", number, reference_s, ours_s)


def bench_startup() -> None:
    """Compare the time to `--help` and `--version` with that of importing typer."""
    commands = {
        'python -c "import typer"': ["-c", "import typer"],
        "bilingual --help": ["-m", "bilingual", "--help"],
        "bilingual --version": ["-m", "bilingual", "--version"],
    }

    def run(arguments: list[str]) -> None:
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    times = {name: seconds(partial(run, arguments), 7) for name, arguments in commands.items()}
    base = next(iter(times.values()))
    table("Start", "command|ms|ratio", [[name, f"{1000 * s:.0f}", f"{s / base:.2f}"] for name, s in times.items()])


_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def bench_memory(number: int) -> None:
    """Compare the peak memory of a batch run with that of one ten times as large, both greedy."""
    rows: list[list[str]] = []
    base = 0.0
    for size in (number, 10 * number):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "in"
            folder.mkdir()
            sentences = make_sentences(size)
            for first in range(0, size, 100):
                text = "\n\n".join("".join(sentences[i : i + 4]) for i in range(first, min(first + 100, size), 4))
                (folder / f"{first:06}.txt").write_text(text, encoding="utf-8")
            command = [sys.executable, "-m", "bilingual", "batch", str(folder), "-o", f"{scratch}/out"]
            measured = subprocess.run(
                [sys.executable, "-c", _MEASURE, *command, "--to", "tsv", "--beam", "1"],
                check=True,
                capture_output=True,
                text=True,
            )
            peak = int(measured.stdout.split()[-1]) / (1e6 if sys.platform == "darwin" else 1e3)
            base = base or peak
            rows.append([f"{size}", f"{peak:.0f}", f"{peak / base:.2f}"])
    table("Peak memory of one batch run", "sentences|MB|ratio", rows)


def main() -> None:
    """Run the measurements that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="path,engines,startup,memory", help="which measurements, comma-separated")
    parser.add_argument("--sentences", type=int, default=2000, help="of the whole path, and of the smaller batch run")
    options = parser.parse_args()
    import ctranslate2
    import torch
    import transformers

    print(
        f"{_processor()}, {CORES} cores, Python {platform.python_version()}, "
        f"CTranslate2 {ctranslate2.__version__}, transformers {transformers.__version__}, torch {torch.__version__}"
    )
    chosen = options.only.split(",")
    if "startup" in chosen:
        bench_startup()
    if "path" in chosen:
        bench_path(options.sentences)
    if "engines" in chosen:
        bench_engines()
    if "memory" in chosen:
        bench_memory(options.sentences)


def _processor() -> str:
    """Name the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
