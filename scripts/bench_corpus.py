"""Measure corpus building: memory and speed, what is dropped of injected dirt, and OpusFilter on the same rows.

    python scripts/bench_corpus.py size --rows 5000000 [--near] [--checks]
    python scripts/bench_corpus.py dirt PAIRS.tsv.xz --rows 10000 [--encoder] [--near]
    python scripts/bench_corpus.py opusfilter --rows 200000 --opusfilter VENV/bin/opusfilter

`size` makes synthetic rows (one in ten is a repeated one) and reports rows per second and the peak of resident memory.
`dirt` takes rows of name TAB Chinese TAB English, spoils a fifth of them by kind with a seed, and gives precision and
recall by kind. `opusfilter` compares both tools on exact duplicates and lengths: speed and the rows kept.
"""

from __future__ import annotations

import argparse
import lzma
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bilingual.bitext import TranslationUnit, unit_id
from bilingual.checks import Evidence
from bilingual.corpus import Input, Plan, Rules, build_corpus, fold
from bilingual.formats import read_units, write_units

ZH = "监测显示清河干流水质今年提升沿河群众参与植树记者走访发现治理平台数据问题整改完成学校医院交通市场农业工厂技术城市"
EN_WORDS = (
    "monitoring shows the river quality this year rose residents along took part planting reporters "
    "visited found management platform data problems were corrected and finished school hospital traffic "
    "market farming factory"
)
EN = EN_WORDS.split()
FOREIGN = (
    "Der Minister hat sich nicht zu dem Vorschlag geäußert, der in der nächsten Woche auf dem Tisch liegt.",
    "Le ministre n'a pas répondu à la question qui lui a été posée par les élus dans la salle.",
    "El ministro no respondió a la pregunta que le hicieron los vecinos de la ciudad.",
    "Министр не ответил на вопрос, заданный жителями города.",
    "大臣は町の住民からの質問に答えませんでした。",
)


def synthetic(rows: int, seed: int = 1) -> Iterator[TranslationUnit]:
    """Make rows of the usual length; every tenth repeats an earlier one, exactly or with other digits and case."""
    draw = random.Random(seed)
    recent: list[tuple[str, str]] = [("甲", "a")]
    for number in range(rows):
        if number % 10 == 9:
            source, target = recent[draw.randrange(len(recent))]
            if number % 20 == 19:
                source, target = source.replace("。", "！"), target.upper()
        else:
            source = "".join(draw.choices(ZH, k=draw.randint(8, 40))) + "。"
            target = " ".join(draw.choices(EN, k=max(3, int(len(source) * 0.6)))).capitalize() + "."
            recent[number % 1000 :] = [(source, target)] if number % 1000 < len(recent) else [*recent, (source, target)]
        document = f"news/{number // 50}.txt"
        name = f"{number:016x}"
        yield TranslationUnit(
            name, document, number % 50 + 1, 1, "text", 0, "zh-Hans", "en", source, target, confidence=draw.random()
        )


def measure_size(rows: int, near: bool, checks: bool) -> None:
    """Build a corpus of synthetic rows in this process."""
    with tempfile.TemporaryDirectory() as folder:
        path, output = Path(folder) / "rows.tsv", Path(folder) / "corpus.tsv"
        write_units(synthetic(rows), path, "tsv")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.perf_counter()
        rules = Rules(checks=checks, near=0.7 if near else None)
        report = build_corpus([Input(path)], Plan(output=output, rules=rules, report=output), Evidence())
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(report.table())
    print(f"{rows:,} rows, near {near}, checks {checks}: {seconds:.0f} s, {rows / seconds:,.0f} rows/s")
    print(f"peak resident memory {peak:,.0f} MiB ({before:,.0f} MiB before the build)")


def spoiled(pairs: list[tuple[str, str, str]], seed: int) -> Iterator[tuple[str, str, str, str]]:
    """Give (kind of dirt or empty, document, source, target)."""
    draw = random.Random(seed)
    for place, (name, source, target) in enumerate(pairs):
        document = f"{name}/{place // 20}"
        yield "", document, source, target
        if draw.random() >= 0.25:
            continue
        other = pairs[(place + draw.choice((-2, -1, 1, 2))) % len(pairs)]
        kind = draw.choice(("shifted", "language", "chinese target", "copy", "duplicate", "boilerplate", "number"))
        if kind == "shifted":
            yield kind, document, source, other[2]
        elif kind == "language":
            yield kind, document, source, draw.choice(FOREIGN)
        elif kind == "chinese target":
            yield kind, document, source, other[1]
        elif kind == "copy":
            copied = target if draw.random() < 0.5 else source
            yield kind, document, copied, copied
        elif kind == "duplicate":
            yield kind, document, source.replace("。", "．"), target.upper() if draw.random() < 0.5 else target
        elif kind == "boilerplate":
            yield (
                kind,
                document,
                "本网站版权所有，未经书面授权不得转载。",
                "All rights reserved; no copies without consent.",
            )
        elif re.search(r"\d", target) and re.search(r"\d", source):
            wrong = re.sub(r"\d", lambda match: str((int(match[0]) + 3) % 10 or 7), target, count=1)
            yield kind, document, source, wrong


def measure_dirt(path: Path, rows: int, seed: int, encoder: bool, near: bool) -> None:
    """Spoil pairs and count what the build drops of them."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as file:
        cells = [line.rstrip("\n").split("\t") for line in file]
    draw = random.Random(seed)
    known: dict[str, tuple[str, str, str]] = {}
    for name, source, target in cells:
        # Dictionary entries are words, not sentences; what stands twice is dirty before anything is spoiled.
        if "dict" not in name and len(source) >= 6:
            known.setdefault(fold(source), (name, source, target))
    pairs = list(known.values())
    pairs = [pairs[place] for place in sorted(draw.sample(range(len(pairs)), min(rows, len(pairs))))]
    table = list(spoiled(pairs, seed))
    evidence = Evidence()
    if encoder:
        from bilingual.encoders import load_encoder

        evidence = Evidence(encoder=load_encoder())
    with tempfile.TemporaryDirectory() as folder:
        whole, out, gone = (Path(folder) / name for name in ("rows.tsv", "corpus.tsv", "dropped.tsv"))
        units = [
            TranslationUnit(
                unit_id(document, zh, n), document, n, 1, "text", 0, "zh-Hans", "en", zh, en, origin="human",
                extra=(("kind_of_dirt", kind or "clean"),),
            )
            for n, (kind, document, zh, en) in enumerate(table, 1)
        ]  # fmt: skip
        write_units(units, whole, "tsv")
        build_corpus([Input(whole)], Plan(output=out, dropped=gone, rules=Rules(near=0.7 if near else None)), evidence)
        reasons = [(dict(unit.extra)["kind_of_dirt"], dict(unit.extra)["dropped"]) for unit in read_units(gone)]
    injected, dropped = Counter(kind or "clean" for kind, *_ in table), Counter(kind for kind, _ in reasons)
    bad = sum(count for kind, count in dropped.items() if kind != "clean")
    wanted = sum(count for kind, count in injected.items() if kind != "clean")
    for kind, count in sorted(injected.items()):
        why = Counter(reason for name, reason in reasons if name == kind).most_common(4)
        print(f"{kind:16}{count:8,} rows {dropped[kind] / count:8.1%} dropped   {why}")
    print(f"precision {bad / max(1, len(reasons)):.3f}, recall {bad / max(1, wanted):.3f}")


def seconds_of(command: list[str | Path]) -> tuple[float, float]:
    """Run a command; give its seconds and the processor's."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, spent


def measure_opusfilter(rows: int, program: Path, rounds: int) -> None:
    """Run both tools in turn on one Moses pair: exact duplicates, then 1 to 200 characters."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        longer = (replace(u, source=u.source * (10 if n % 97 == 0 else 1)) for n, u in enumerate(synthetic(rows)))
        write_units(longer, folder / "rows.moses", "moses")
        (folder / "opus.yaml").write_text(
            f"""common: {{output_directory: {folder}}}
steps:
- type: remove_duplicates
  parameters: {{inputs: [rows.zh, rows.en], outputs: [d.zh, d.en]}}
- type: filter
  parameters:
    inputs: [d.zh, d.en]
    outputs: [f.zh, f.en]
    filters: [{{LengthFilter: {{unit: char, min_length: 1, max_length: 200}}}}]
""",
            encoding="utf-8",
        )
        options = "--no-checks --no-languages --boilerplate 0 --exact --max-chars 200 --no-report --force --to moses"
        commands: dict[str, list[str | Path]] = {
            "OpusFilter": [program, "--overwrite", folder / "opus.yaml"],
            "bilingual": [sys.executable, "-m", "bilingual", "corpus", "build", folder / "rows.zh",
                          "-o", folder / "ours.moses", *options.split()],
        }  # fmt: skip
        times: dict[str, list[tuple[float, float]]] = {tool: [] for tool in commands}
        for _ in range(rounds):
            for tool, command in commands.items():
                times[tool].append(seconds_of(command))
        same = all((folder / f"f{e}").read_bytes() == (folder / f"ours{e}").read_bytes() for e in (".zh", ".en"))
    (theirs, their_work), (ours, our_work) = (
        [statistics.median(column) for column in zip(*times[tool], strict=True)] for tool in commands
    )
    print(f"{rows:,} rows, medians of {rounds} rounds, both as commands with their start")
    print(f"OpusFilter {theirs:.1f} s ({their_work:.1f} s of processor), bilingual {ours:.1f} s ({our_work:.1f} s)")
    print(f"{theirs / ours:.2f} times its speed ({their_work / our_work:.2f} by processor time); same rows: {same}")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    size, dirt, opus = (commands.add_parser(name) for name in ("size", "dirt", "opusfilter"))
    for command, rows in ((size, 1_000_000), (dirt, 10_000), (opus, 200_000)):
        command.add_argument("--rows", type=int, default=rows)
    for command in (size, dirt):
        command.add_argument("--near", action="store_true")
    size.add_argument("--checks", action="store_true")
    dirt.add_argument("path", type=Path)
    dirt.add_argument("--seed", type=int, default=7)
    dirt.add_argument("--encoder", action="store_true")
    opus.add_argument("--opusfilter", type=Path, required=True)
    opus.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.command == "size":
        measure_size(arguments.rows, arguments.near, arguments.checks)
    elif arguments.command == "dirt":
        measure_dirt(arguments.path, arguments.rows, arguments.seed, arguments.encoder, arguments.near)
    else:
        measure_opusfilter(arguments.rows, arguments.opusfilter, arguments.rounds)


if __name__ == "__main__":
    main()
