"""What went into a corpus, what did not and why: one page that needs nothing else, and the same as JSON."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, BinaryIO

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from bilingual.corpus.collect import Input
from bilingual.corpus.rules import Rules
from bilingual.corpus.sample import Sampler
from bilingual.corpus.stats import Histogram, Stats
from bilingual.page.marks import marked, visible_signs

__all__ = ["Report", "render_report", "report_record", "write_record"]

SAMPLE_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a build did.

    Attributes:
        made_by: The program and its version.
        command: As it was typed.
        signature: What makes the result reproducible.
        rules: What was dropped.
        inputs: With their counts and errors.
        read: Rows read.
        dropped: Rows by reason.
        rows: Rows of each split; "all" where there is none.
        stats: By split; counted while the files are written, and only where a report is asked for.
        sample: Random rows of the corpus.
    """

    made_by: str
    command: str
    signature: str
    rules: Rules
    inputs: tuple[Input, ...]
    read: int
    dropped: Counter[str]
    rows: dict[str, int]
    stats: dict[str, Stats]
    sample: Sampler

    @property
    def kept(self) -> int:
        """Rows in the corpus."""
        return sum(self.rows.values())

    @property
    def failed(self) -> list[Input]:
        """Inputs that were skipped."""
        return [source for source in self.inputs if source.error]

    def licenses(self) -> list[tuple[str, str, int]]:
        """Sum the kept rows by licence and attribution of their input."""
        counts: Counter[tuple[str, str]] = Counter()
        for source in self.inputs:
            counts[source.license or "not stated", source.attribution] += source.kept
        return [(license, attribution, count) for (license, attribution), count in counts.most_common() if count]

    def table(self) -> str:
        """Give the counts as lines for people."""
        lines = [f"{'read':28}{self.read:>12,}"]
        lines += [f"{'- ' + name:28}{count:>12,}" for name, count in self.dropped.most_common()]
        lines.append(f"{'kept':28}{self.kept:>12,}")
        if len(self.rows) > 1:
            lines += [f"{'  ' + name:28}{count:>12,}" for name, count in self.rows.items()]
        return "\n".join(lines)


def report_record(report: Report) -> dict[str, Any]:
    """Give a report as what JSON can hold."""
    return {
        "made_by": report.made_by,
        "command": report.command,
        "signature": report.signature,
        "rules": dict(report.rules.lines()),
        "read": report.read,
        "kept": report.kept,
        "dropped": dict(report.dropped.most_common()),
        "inputs": [
            {
                "path": str(source.path),
                "sha256": source.sha256,
                "license": source.license,
                "attribution": source.attribution,
                "rows": source.rows,
                "kept": source.kept,
                "error": source.error,
            }
            for source in report.inputs
        ],
        "splits": {name: stats.record() for name, stats in report.stats.items()},
        "sample": [
            {"stratum": name, "id": unit.id, "source": unit.source, "target": unit.target}
            for name, unit in report.sample.taken(SAMPLE_ROWS)
        ],
    }


def write_record(record: dict[str, Any], file: BinaryIO) -> None:
    """Write a report as JSON."""
    file.write((json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace"))


def render_report(report: Report) -> str:
    """Render a report as one HTML file without scripts, to be written as UTF-8."""
    style = _read("report.css")
    policy = f"default-src 'none'; style-src 'sha256-{_digest(style)}'; base-uri 'none'; form-action 'none'"
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            rules=report.rules.lines(),
            steps=_bars([("kept", report.kept), *report.dropped.most_common()]),
            issues={name: _issue_bars(stats) for name, stats in report.stats.items()},
            plots={name: [_plot(histogram) for histogram in stats.histograms] for name, stats in report.stats.items()},
            sample=report.sample.taken(SAMPLE_ROWS),
            source_marks=lambda unit: marked(
                unit.source, [(s, i.severity) for i in unit.issues for s in i.source_spans]
            ),
            target_marks=lambda unit: marked(
                unit.target, [(s, i.severity) for i in unit.issues for s in i.target_spans]
            ),
            style=Markup(style),
            policy=policy,
        )
    )


def _bars(counts: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Lay out horizontal bars: name, count, width in 0..300, y."""
    largest = max((count for _, count in counts), default=0) or 1
    return [
        {"name": name, "count": count, "width": round(300 * count / largest, 1), "y": 22 * place}
        for place, (name, count) in enumerate(counts)
    ]


def _issue_bars(stats: Stats) -> list[dict[str, Any]]:
    issues = stats.issues.most_common()
    bars = _bars([(code, count) for (code, _), count in issues])
    for bar, ((_, severity), _) in zip(bars, issues, strict=True):
        bar["severity"] = severity
    return bars


def _plot(histogram: Histogram) -> dict[str, Any]:
    """Lay out a histogram in a box of 300 by 100."""
    largest = max(histogram.counts) or 1
    width = 300 / len(histogram.counts)
    bins = [
        {
            "x": round(place * width, 1),
            "y": round(100 - 100 * count / largest, 1),
            "width": round(width - 1, 1),
            "height": round(100 * count / largest, 1),
            "title": f"{histogram.edges[place]:g} to {histogram.edges[place + 1]:g}: {count:,}",
        }
        for place, count in enumerate(histogram.counts)
    ]
    edges = histogram.edges
    return {
        "name": histogram.name,
        "bins": bins,
        "low": f"{edges[0]:g}",
        "high": f"{edges[-1]:g}",
        "mean": f"{histogram.mean:.2f}",
        "number": histogram.number,
    }


@cache
def _read(name: str) -> str:
    return (files("bilingual.corpus") / name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        finalize=lambda value: (
            visible_signs(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
