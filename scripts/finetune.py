"""Teach a MarianMT model from a reviewed corpus, and measure whether it helped.

    python scripts/finetune.py MODEL reviewed.tsv OUT
    python scripts/finetune.py ~/models/opus-mt-zh-en corpus.tmx OUT --epochs 2 --device cuda

MODEL is any MarianMT directory (a bundled one, or OPUS-MT). From a table with review decisions the units with status
accepted and edited are taken (`--all` takes every unit that is not rejected), from a plain table of source TAB target
every pair. A tenth of the pairs, whole documents, is held out: BLEU and chrF on it are measured before and after, and a
model that got worse is not written unless `--force` says so. The model's licence still holds for what is written.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from bilingual.bitext import TranslationUnit
from bilingual.errors import BilingualError, InputError, ModelError
from bilingual.evaluate import Score, evaluate_lines
from bilingual.formats import read_units

sys.path.insert(0, str(Path(__file__).parent / "train"))
from score import translate_lines

_MAX_TOKENS = 200  # per side; longer units would need memory for the square of their length
_MIN_PAIRS = 20
_BLOCK = 20  # neighbouring lines that stay together when a corpus has no documents
_TOKENIZER_FILES = ("source.spm", "target.spm", "vocab.json", "target_vocab.json", "tokenizer_config.json")


@dataclass(frozen=True, slots=True)
class Result:
    """What fine-tuning did: BLEU, chrF2 and TER on the held-out pairs before and after, and whether it was written."""

    before: list[Score]
    after: list[Score]
    n_training: int
    n_held_out: int
    written: bool

    @property
    def got_worse(self) -> bool:
        """Say whether BLEU fell, or BLEU stood still and chrF fell."""
        return [s.score for s in self.after[:2]] < [s.score for s in self.before[:2]]


def reviewed(units: Iterable[TranslationUnit], take_all: bool) -> list[TranslationUnit]:
    """Choose the units to learn from: accepted and edited ones, or with `take_all` every one that is not rejected.

    Raises:
        InputError: Too few are left.
    """
    full = [unit for unit in units if unit.source.strip() and unit.target.strip()]
    if take_all:
        chosen = [unit for unit in full if unit.status != "rejected"]
    else:
        chosen = [unit for unit in full if unit.status in ("accepted", "edited")]
    if len(chosen) < _MIN_PAIRS:
        raise InputError(
            f"{len(chosen)} of {len(full)} units are accepted or edited, and {_MIN_PAIRS} are needed. "
            "Review more of them, or give --all to take every unit that is not rejected"
        )
    return chosen


def split(units: Sequence[TranslationUnit], seed: int) -> tuple[list[TranslationUnit], list[TranslationUnit]]:
    """Divide units into training and held-out ones, about a tenth, without cutting a document.

    Sentences of one document resemble each other: held out one by one they would be half known. A corpus of one
    document is divided into blocks of neighbouring units instead. Held-out texts that also stand in the training part
    are left out of it.
    """
    documents = [list(group) for _, group in groupby(units, key=lambda unit: unit.document)]
    if len({unit.document for unit in units}) < 3:
        documents = [list(units[i : i + _BLOCK]) for i in range(0, len(units), _BLOCK)]
    else:
        named: dict[str, list[TranslationUnit]] = {}
        for group in documents:
            named.setdefault(group[0].document, []).extend(group)
        documents = list(named.values())
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)
    held_out: list[TranslationUnit] = []
    chosen = set()
    for number in order[:-1]:
        # the document that would take the share further from a tenth than it is stays in training
        if len(held_out) + len(documents[number]) / 2 <= len(units) / 10:
            held_out += documents[number]
            chosen.add(number)
    if not held_out:
        smallest = min(order, key=lambda number: len(documents[number]))
        held_out, chosen = documents[smallest], {smallest}
    known = {unit.source for unit in held_out}
    training = [u for i, d in enumerate(documents) if i not in chosen for u in d if u.source not in known]
    return training, held_out


class Tokenizer:
    """The SentencePiece models and the vocabulary of a MarianMT directory, as both engines use them."""

    def __init__(self, folder: Path) -> None:
        """Load them.

        Raises:
            ModelError: A file is missing.
        """
        import sentencepiece

        try:
            self._source, self._target = (
                sentencepiece.SentencePieceProcessor(model_proto=(folder / f"{name}.spm").read_bytes())
                for name in ("source", "target")
            )
            self._source_ids = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
            separate = folder / "target_vocab.json"
            self._target_ids = (
                json.loads(separate.read_text(encoding="utf-8")) if separate.exists() else self._source_ids
            )
        except OSError as error:
            raise ModelError(f"{folder}: is no MarianMT directory ({error}); see: bilingual models list") from error

    def pair(self, source: str, target: str) -> tuple[list[int], list[int]]:
        """Give the ids of both texts, each with `</s>`."""
        sides = ((self._source, self._source_ids, source), (self._target, self._target_ids, target))
        first, second = (
            [ids.get(piece, ids["<unk>"]) for piece in [*pieces.encode(text, out_type=str), "</s>"]]
            for pieces, ids, text in sides
        )
        return first, second


def batches(pairs: Sequence[tuple[list[int], list[int]]], tokens: int, rng: random.Random) -> Iterator[Any]:
    """Give the pairs in random batches of like length, of at most `tokens` padded tokens of the longer side."""
    order = sorted(range(len(pairs)), key=lambda k: (max(map(len, pairs[k])), rng.random()))
    groups: list[list[int]] = [[]]
    for k in order:
        if groups[-1] and max(map(len, pairs[k])) * (len(groups[-1]) + 1) > tokens:
            groups.append([])
        groups[-1].append(k)
    rng.shuffle(groups)
    for group in groups:
        yield [pairs[k] for k in group]


def learn(
    model: Any,
    pairs: Sequence[tuple[list[int], list[int]]],
    *,
    epochs: int,
    rate: float,
    tokens: int,
    smoothing: float,
    device: str,
    seed: int,
) -> Iterator[float]:
    """Train a transformers MarianMTModel in place, the rate rising for a tenth of the steps and then falling to zero.

    Yields:
        After each epoch the mean training loss, label-smoothed, in nats per target token.
    """
    import torch
    import torch.nn.functional as F

    torch.manual_seed(seed)
    rng = random.Random(seed)
    config = model.config
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    n_steps = epochs * sum(1 for _ in batches(pairs, tokens, random.Random(seed)))
    warmup = max(1, n_steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, max(0.0, (n_steps - step) / max(1, n_steps - warmup)))
    )
    tables = {id(table): table for table in (model.get_input_embeddings(), model.model.decoder.embed_tokens)}.values()
    model.to(device).train()
    for _ in range(epochs):
        total = n_tokens = 0.0
        for batch in batches(pairs, tokens, rng):
            source, target = (
                torch.nn.utils.rnn.pad_sequence(
                    [torch.tensor(pair[side]) for pair in batch], batch_first=True, padding_value=config.pad_token_id
                ).to(device)
                for side in (0, 1)
            )
            start = torch.full_like(target[:, :1], config.decoder_start_token_id)
            logits = model(
                input_ids=source,
                attention_mask=source != config.pad_token_id,
                decoder_input_ids=torch.cat([start, target[:, :-1]], 1),
            ).logits
            real = target != config.pad_token_id
            # Pieces that are never produced (bias -100) would make the smoothing term huge: smooth over the others.
            possible = model.final_logits_bias[0] > -99
            log_p = F.log_softmax(logits[real].float(), -1)
            gold = -log_p.gather(1, target[real][:, None]).mean()
            loss = (1 - smoothing) * gold - smoothing * log_p[:, possible].mean()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            for table in tables:  # the start vector stays zero: CTranslate2 starts there, transformers from <pad>
                if table.weight.grad is not None:
                    table.weight.grad[config.pad_token_id] = 0
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += float(loss.detach()) * int(real.sum())
            n_tokens += int(real.sum())
        yield total / n_tokens
    model.eval()


def finetune(
    model_dir: Path,
    corpus: Path,
    out: Path,
    *,
    take_all: bool = False,
    epochs: int = 3,
    rate: float = 1e-4,
    tokens: int = 2000,
    smoothing: float = 0.1,
    beam: int = 4,
    device: str = "cpu",
    seed: int = 1,
    force: bool = False,
) -> Result:
    """Fine-tune a model on a corpus and write it to OUT, unless it got worse on the held-out tenth.

    Args:
        model_dir: MarianMT directory.
        corpus: Reviewed units, in any format that `bilingual` reads.
        out: Directory to write.
        take_all: Whether undecided units are taken too.
        epochs: Passes over the corpus.
        rate: Highest learning rate.
        tokens: Padded tokens of the longer side per step.
        smoothing: Of the labels.
        beam: Used for measuring.
        device: `cpu` or `cuda`.
        seed: Of the division, the order and dropout.
        force: Whether a model that got worse is written, and OUT replaced when it is there.

    Raises:
        InputError: The corpus has too few reviewed units, or OUT is there and not empty.
        ModelError: MODEL is no MarianMT directory.
    """
    import torch
    from transformers import MarianMTModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    if out.exists() and any(out.iterdir()) and not force:
        raise InputError(f"{out}: is not empty; name another folder, or replace it with --force")
    units = reviewed(read_units(corpus), take_all or _is_plain(corpus))
    training, held_out = split(units, seed)
    tokenizer = Tokenizer(model_dir)
    pairs = [tokenizer.pair(unit.source, unit.target) for unit in training]
    pairs = [pair for pair in pairs if max(map(len, pair)) <= _MAX_TOKENS]
    sources, references = [unit.source for unit in held_out], [[unit.target for unit in held_out]]
    print(f"{len(pairs)} pairs to learn from, {len(held_out)} held out")
    before = evaluate_lines(translate_lines(model_dir, sources, beam=beam), references, bootstrap=0)
    print(f"before: {_line(before)}", flush=True)

    stored = json.loads((model_dir / "config.json").read_text(encoding="utf-8"))
    model: Any = MarianMTModel.from_pretrained(model_dir, dtype=torch.float32)
    options: dict[str, Any] = {
        "epochs": epochs,
        "rate": rate,
        "tokens": tokens,
        "smoothing": smoothing,
        "device": device,
        "seed": seed,
    }
    for number, loss in enumerate(learn(model, pairs, **options), 1):
        print(f"epoch {number}: {loss:.3f} nats per token", flush=True)

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        dtype = getattr(torch, stored.get("dtype") or stored.get("torch_dtype") or "float32")
        model.to("cpu", dtype).save_pretrained(folder)
        for name in _TOKENIZER_FILES:
            if (model_dir / name).exists():
                shutil.copyfile(model_dir / name, folder / name)
        after = evaluate_lines(translate_lines(folder, sources, beam=beam), references, bootstrap=0)
        print(f"after:  {_line(after)}", flush=True)
        result = Result(before, after, len(pairs), len(held_out), written=True)
        if result.got_worse and not force:
            return Result(before, after, len(pairs), len(held_out), written=False)
        (folder / "README.md").write_text(_readme(model_dir, corpus, result, options), encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(folder, out)
    return result


def _is_plain(corpus: Path) -> bool:
    """Say whether a corpus is a table of two columns without a header, in which there is nothing to decide."""
    if corpus.suffix.lower() not in (".tsv", ".tab"):
        return False
    with corpus.open("rb") as file:
        first = file.readline().decode("utf-8-sig", "replace").rstrip("\r\n").split("\t")
    return len(first) == 2


def _line(scores: Sequence[Score]) -> str:
    return ", ".join(f"{score.name} {score.score:.2f}" for score in scores[:2])


def _readme(model_dir: Path, corpus: Path, result: Result, options: dict[str, Any]) -> str:
    """Write down what this model is: origin, data, scores."""
    licence = (model_dir / "README.md").read_text(encoding="utf-8") if (model_dir / "README.md").exists() else ""
    return "\n".join(
        [
            f"# {model_dir.resolve().name}, fine-tuned",
            "",
            f"Made by scripts/finetune.py from `{model_dir.resolve().name}`,",
            f"on {result.n_training} pairs of `{corpus.name}`",
            f"({', '.join(f'{name} {value}' for name, value in options.items())}).",
            f"On {result.n_held_out} held-out pairs: before {_line(result.before)}; after {_line(result.after)};",
            f"{result.after[0].signature}.",
            "",
            "The licence of the model that it was made from still holds.",
            *(["", "---", "", licence] if licence else []),
            "",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; 0 when a model was written, 1 when it got worse or something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("model", type=Path, help="MarianMT directory to start from")
    parser.add_argument("corpus", type=Path, help="reviewed units: TSV, TMX, JSONL ...")
    parser.add_argument("out", type=Path, help="directory to write")
    parser.add_argument("--all", action="store_true", help="take undecided units too")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1e-4, help="highest learning rate; for a large model 2e-5")
    parser.add_argument("--tokens", type=int, default=2000, help="padded tokens of the longer side per step")
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--beam", type=int, default=4, help="used for measuring")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--force", action="store_true", help="write the model even if it got worse; replace OUT")
    options = vars(parser.parse_args(arguments))
    model, corpus, out = options.pop("model"), options.pop("corpus"), options.pop("out")
    try:
        result = finetune(model, corpus, out, take_all=options.pop("all"), **options)
    except BilingualError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not result.written:
        print(
            "error: the model got worse on the held-out pairs and was not written; --force writes it", file=sys.stderr
        )
        return 1
    print(f"written: {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
