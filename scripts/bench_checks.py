"""Measure the checks' speed: python scripts/bench_checks.py ZH EN [--times N]. Prints rows per second on one core.

ZH and EN hold one segment a line. Without the encoder, every check by itself and all together; with it, all together.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from bilingual.align.lexicon import load_lexicon
from bilingual.bitext import TranslationUnit
from bilingual.checks import CHECKS, Evidence, check_units
from bilingual.encoders import load_encoder


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("zh", type=Path)
    parser.add_argument("en", type=Path)
    parser.add_argument("--times", type=int, default=3)
    arguments = parser.parse_args()
    zh, en = (path.read_text(encoding="utf-8").removesuffix("\n").split("\n") for path in (arguments.zh, arguments.en))
    rows = [
        TranslationUnit(str(n), "bench", n, 1, "text", 0, "zh-Hans", "en", source, target)
        for n, (source, target) in enumerate(zip(zh, en, strict=True))
    ]
    print("| check | rows/s |\n|---|---|")
    for name in CHECKS:
        seconds = min(_seconds(lambda name=name: list(CHECKS[name](rows, Evidence()))) for _ in range(arguments.times))
        print(f"| {name} | {len(rows) / seconds:,.0f} |")
    seconds = min(_seconds(lambda: check_units(rows)) for _ in range(arguments.times))
    print(f"| all without the encoder | {len(rows) / seconds:,.0f} |")
    evidence, some = Evidence(encoder=load_encoder(threads=1), lexicon=load_lexicon()), rows[:200]
    seconds = _seconds(lambda: check_units(some, evidence))
    print(f"| all with the encoder | {len(some) / seconds:,.0f} |")


def _seconds(work: object) -> float:
    """Measure the processor time of a call, so that other programs' work does not count."""
    begin = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - begin


if __name__ == "__main__":
    main()
