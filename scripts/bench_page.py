"""Measure the review page: size of the file, first paint, filtering, memory, in headless Chromium.

    python scripts/bench_page.py [--units 5000] [--open FILE]

Prints one table. The units are made here: Chinese sentences of a few dozen words with an English side, word links on
all of them and an issue on every tenth, so that nothing is left out that a real page would carry.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from bilingual.bitext import Issue, TranslationUnit, unit_id
from bilingual.page import PageFacts, render_page

ZH = [
    "监测",
    "显示",
    "清河",
    "干流",
    "水质",
    "今年",
    "提升",
    "沿河",
    "群众",
    "参与",
    "植树",
    "记者",
    "走访",
    "发现",
    "治理",
    "平台",
    "数据",
    "问题",
    "整改",
    "完成",
]
EN = [
    "monitoring",
    "shows",
    "the",
    "river",
    "quality",
    "this",
    "year",
    "rose",
    "residents",
    "along",
    "took",
    "part",
    "planting",
    "reporters",
    "visited",
    "found",
    "platform",
    "data",
    "problems",
    "completed",
]
WORDS = 22
"""Words a sentence: 45 Chinese characters and 140 English letters, the mean of news text."""
TRIALS = 5


def make_units(count: int) -> list[TranslationUnit]:
    """Make units of the mean size of news, three to a paragraph."""
    rng = random.Random(7)
    units = []
    for number in range(count):
        zh = [rng.choice(ZH) for _ in range(WORDS)]
        en = [rng.choice(EN) for _ in range(WORDS)]
        zh[3], en[5] = str(1000 + number), str(2000 + number)
        links, source, target = [], "", ""
        for a, b in zip(zh, en, strict=True):
            links.append((len(source), len(source) + len(a), len(target), len(target) + len(b)))
            source += a
            target += b + " "
        issue = Issue("number", "error", 1, f"{zh[3]} is missing.", (links[3][:2],), (links[5][2:],))
        units.append(
            TranslationUnit(
                id=unit_id("bench.txt", source, 1),
                document="bench.txt",
                paragraph=number // 3 + 1,
                sentence=number % 3 + 1,
                kind="text",
                level=0,
                source_lang="zh-Hans",
                target_lang="en",
                source=source + "。",
                target=target.strip() + ".",
                log_prob=-rng.random(),
                confidence=None if number % 7 else rng.random(),
                links=tuple(links),
                issues=(issue,) if number % 10 == 0 else (),
            )
        )
    return units


MEASURE = """async () => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN;
  const load = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
  return [paint, load];
}"""
FILTER = """async ([id, value]) => {
  const field = document.getElementById(id);
  const start = performance.now();
  field.value = value;
  field.dispatchEvent(new Event("change"));
  document.body.getBoundingClientRect();
  const work = performance.now() - start;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return [work, performance.now() - start];
}"""
SCROLL = """async () => {
  const gaps = [];
  let last = performance.now();
  for (let i = 0; i < 60; i += 1) {
    scrollBy(0, 1500);
    await new Promise(requestAnimationFrame);
    gaps.push(performance.now() - last);
    last = performance.now();
  }
  return gaps.sort((a, b) => a - b)[56];
}"""


def main() -> None:
    """Write the page, open it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--open", type=Path, help="measure this page instead")
    arguments = parser.parse_args()
    from playwright.sync_api import sync_playwright

    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        path = arguments.open
        if path is None:
            units = make_units(arguments.units)
            start = time.perf_counter()
            page_text = render_page(units, title="bench", facts=PageFacts(model="none"))
            rows.append(("rendering", f"{time.perf_counter() - start:.2f} s"))
            path = Path(folder) / "page.html"
            path.write_text(page_text, encoding="utf-8")
        rows.append(("file", f"{path.stat().st_size / 1e6:.2f} MB"))
        browser = running.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
        )
        paints, loads, works, frames, scrolls = [], [], [], [], []
        for _ in range(TRIALS):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(path.resolve().as_uri())
            paint, load = page.evaluate(MEASURE)
            paints.append(paint)
            loads.append(load)
            scrolls.append(page.evaluate(SCROLL))
            page.evaluate("scrollTo(0, 0)")
            page.click("#filters")
            for choice in (["code", "any"], ["code", ""], ["confidence", "low"], ["confidence", ""]):
                work, frame = page.evaluate(FILTER, choice)
                works.append(work)
                frames.append(frame)
            page.close()
        browser.close()
    rows += [
        ("first contentful paint", spread(paints)),
        ("ready for review", spread(loads)),
        ("one filter, layout included", spread(works)),
        ("one filter, until the next frame", spread(frames)),
        ("scrolling 1,500 px, 95th percentile of a frame", spread(scrolls)),
    ]
    for name, value in rows:
        print(f"{name:<48} {value}")


def spread(values: list[float]) -> str:
    """Give median, best and worst in milliseconds."""
    return f"{statistics.median(values):.0f} ms ({min(values):.0f} to {max(values):.0f})"


if __name__ == "__main__":
    main()
