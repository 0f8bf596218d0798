"""Measure the formats: TMX in constant memory, units per second of each, and TMX against translate-toolkit's writer.

    python scripts/bench_formats.py [--large 1000000] [--units 20000]

Prints two tables. The units are made here: Chinese sentences of news length with an English side, every tenth with an
issue. Times are processor seconds, so that a busy machine changes them little; memory is the peak of a process of its
own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from bilingual.bitext import Issue, TranslationUnit
from bilingual.formats import FORMATS, output_paths, read_units, write_units

MAX_GROWTH = 1.2
"""Peak memory of ten times the units, at most so many times as much."""
MIN_SPEEDUP = 5.0
"""translate-toolkit's time for the same texts, at least so many times ours."""


def make_units(count: int) -> Iterator[TranslationUnit]:
    """Make units of news length, one after the other."""
    issue = Issue("number-missing", "warning", 3.0, "3.2万 is not in the translation.", ((8, 12),), ())
    for number in range(count):
        yield TranslationUnit(
            id=f"{number:016x}",
            document=f"news/{number // 1000}.txt",
            paragraph=number % 1000 // 3 + 1,
            sentence=number % 3 + 1,
            kind="text",
            level=0,
            source_lang="zh-Hans",
            target_lang="en",
            source=f"据第{number}次监测显示,青禾镇湖区今年接待游客3.2万人次,沿湖群众参与植树,水质比去年明显提升。",
            target=f"Survey {number} shows that the lake district of Qinghe welcomed 32,000 visitors this year; "
            "residents along the shore planted trees, and the water is much cleaner than last year.",
            log_prob=-0.25 - number % 100 / 200,
            issues=(issue,) if number % 10 == 0 else (),
        )


def measure_memory(folder: Path, count: int) -> float:
    """Write and read a TMX file of this size in a process of its own: its peak memory in MB."""
    command = [sys.executable, __file__, "--peak-of", str(count), "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def print_peak(folder: Path, count: int) -> None:
    """Write and read `count` units as TMX and print the peak memory of the process in MB."""
    path = folder / f"{count}.tmx"
    write_units(make_units(count), path, "tmx")
    read = sum(1 for _ in read_units(path))
    if read != count:
        sys.exit(f"{read} units were read of {count}")
    path.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak / (1024 * 1024 if sys.platform == "darwin" else 1024))


def measure_speed(folder: Path, name: str, units: list[TranslationUnit]) -> tuple[float, float | None, int]:
    """Write and read units in a format: units per second of both, and the size in bytes."""
    path = folder / f"speed{FORMATS[name].extension}"
    start = time.process_time()
    write_units(units, path, name)
    written = time.process_time()
    size = sum(part.stat().st_size for part in output_paths(path, name))
    if FORMATS[name].read is None:
        return len(units) / (written - start), None, size
    count = sum(1 for _ in read_units(path, name))
    read = time.process_time()
    if count != len(units):
        sys.exit(f"{name}: {count} units were read of {len(units)}")
    return len(units) / (written - start), len(units) / (read - written), size


def measure_toolkit(units: list[TranslationUnit]) -> float:
    """Time translate-toolkit's writer on the same texts, which is all that it writes: seconds."""
    from translate.storage.tmx import tmxfile

    start = time.process_time()
    store = tmxfile(sourcelanguage="zh-Hans", targetlanguage="en")
    for unit in units:
        store.addtranslation(unit.source, "zh-Hans", unit.target, "en")
    store.serialize(BytesIO())
    return time.process_time() - start


def main() -> None:
    """Measure and print; exit with 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", type=int, default=1_000_000, help="units of the larger TMX file")
    parser.add_argument("--units", type=int, default=20_000, help="units for the speed of each format")
    parser.add_argument("--peak-of", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak_of:
        print_peak(arguments.folder, arguments.peak_of)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, large = (measure_memory(folder, count) for count in (arguments.large // 10, arguments.large))
        print("| TMX, written and read | peak memory |\n|---|---|")
        print(f"| {arguments.large // 10:,} units | {small:.1f} MB |")
        print(f"| {arguments.large:,} units | {large:.1f} MB |")
        print(f"| ratio (at most {MAX_GROWTH}) | {large / small:.2f} |\n")
        units = list(make_units(arguments.units))
        print("| format | written, units/s | read, units/s | bytes a unit |\n|---|---|---|---|")
        for format in FORMATS:
            written, read, size = measure_speed(folder, format, units)
            shown = f"{read:,.0f}" if read else "–"
            print(f"| {format} | {written:,.0f} | {shown} | {size / len(units):,.0f} |", flush=True)
        bare = [replace(unit, issues=()) for unit in units]
        start = time.process_time()
        FORMATS["tmx"].write(bare, BytesIO())
        ours = time.process_time() - start
        speedup = measure_toolkit(bare) / ours
        print(f"\ntranslate-toolkit takes {speedup:.1f} times as long for TMX (at least {MIN_SPEEDUP:.0f})")
    if large / small > MAX_GROWTH or speedup < MIN_SPEEDUP:
        sys.exit("a bound was missed")


if __name__ == "__main__":
    main()
