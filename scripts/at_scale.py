"""Write examples/at-scale.md from what bench_scale.py measured: python scripts/at_scale.py figures.json.

Every number in the page's tables is measured or computed here, and says which.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "examples" / "at-scale.md"
BYTES_PER_SENTENCE = 113.0
"""UTF-8 bytes of a Chinese sentence: 1 MB is 8,800 of them."""
LARGEST_PORTION = 1_000_000
CORPORA = (10_000_000, 1_000_000_000)

TEMPLATE = Path(__file__).with_suffix(".md")


def page(figures: dict[str, Any]) -> str:
    """Fill the page in."""
    run, back = figures["throughput"], figures["back_pressure"]
    per_core = run["two_actors_per_s"] / 2
    stages = {"decode, check and repair (one actor)": run["one_actor_per_s"], **figures["stages"]}
    slowest, second, *_ = sorted(stages, key=lambda name: stages[name])
    per_portion = LARGEST_PORTION / BYTES_PER_SENTENCE
    hours = {size: size / per_core / 3600 for size in CORPORA}
    return TEMPLATE.read_text(encoding="utf-8").format(
        machine=figures["machine"],
        ray=figures["ray"],
        sentences=run["sentences"],
        batch=run["batch_per_s"],
        one=run["one_actor_per_s"],
        two=run["two_actors_per_s"],
        one_ratio=run["one_actor_per_s"] / run["batch_per_s"],
        two_ratio=run["two_actors_per_s"] / run["batch_per_s"],
        scaling=run["two_actors_per_s"] / run["one_actor_per_s"],
        peak=run["peak_mb"],
        costs="\n".join(
            f"| {size:,} sentences | {hours[size]:,.0f} | {hours[size] / 64:,.0f} | {size / per_portion:,.0f} |"
            for size in CORPORA
        ),
        stages="\n".join(f"| {name} | {rate:,.0f} (**measured**) |" for name, rate in stages.items()),
        slowest=slowest,
        share=stages[second] / stages[slowest],
        overhead="\n".join(
            f"| {int(size):,} | {one['ray_ms']:.1f} | {one['batch_ms']:.1f} | {one['ready_s']:.1f} |"
            for size, one in figures["overhead"].items()
        ),
        known=figures["reuse"]["known"],
        **back,
        portion_sentences=per_portion,
        portion_minutes=per_portion / run["one_actor_per_s"] / 60,
        shards="\n".join(f"| {size:,} sentences | {-(-hours[size] // (8 * 8)):,.0f} |" for size in CORPORA),
    )


def main() -> None:
    """Write the page."""
    figures = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    PAGE.write_text(page(figures), encoding="utf-8")
    print(f"→ {PAGE}")


if __name__ == "__main__":
    main()
