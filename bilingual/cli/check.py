"""`bilingual check`: look for errors in anyone's bitext."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bilingual.cli.convert import known_format, units_of
from bilingual.cli.options import Force, GlossaryFile, To, chosen_formats, existing_glossary, say_terms
from bilingual.cli.terminal import progress_bar, say, write_stdout
from bilingual.errors import InputError

if TYPE_CHECKING:
    from bilingual.bitext import TranslationUnit

__all__ = ["check"]

_RANK = {"info": 0, "warning": 1, "error": 2}


def check(
    file: Annotated[
        Path,
        typer.Argument(
            help="TSV, JSONL, TMX, XLIFF, XLSX ...; a plain TSV is source TAB target; - is standard input "
            "(a TSV, or what --from says)."
        ),
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the checked units to this file.")] = None,
    to: To = None,
    read_as: Annotated[str | None, typer.Option("--from", help="Format of FILE, when its ending does not say.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Run only this check; may be repeated.")] = None,
    extra: Annotated[
        list[str] | None, typer.Option("--extra", help="Run this optional check too (negation); may be repeated.")
    ] = None,
    encoder: Annotated[
        bool, typer.Option("--encoder/--no-encoder", help="Compare meanings with the sentence encoder; slower.")
    ] = True,
    glossary: GlossaryFile = None,
    fail_on: Annotated[
        Literal["info", "warning", "error"] | None,
        typer.Option(help="Exit with 1 when there is an issue of this severity or a worse one."),
    ] = None,
    rows: Annotated[int, typer.Option(min=0, help="Rows printed at most; 0 prints the summary alone.")] = 50,
    force: Force = False,
) -> None:
    """Find wrong numbers, omissions, repetitions, text left in Chinese and more in a bitext from anywhere.

    Example: bilingual check corpus.tmx --fail-on error
    """
    from bilingual.align.lexicon import load_lexicon
    from bilingual.checks import CODES, Evidence, check_units, kept_issues
    from bilingual.encoders import load_encoder
    from bilingual.formats import format_of
    from bilingual.output import check_outputs, output_paths, write_units_as

    known = sorted(set(CODES) | {code for codes in CODES.values() for code in codes})
    for name in [*(only or ()), *(extra or ())]:
        if name not in known:
            raise InputError(f"There is no check {name!r}; there are {', '.join(known)}.")
    formats = chosen_formats(to, (output.suffix.lstrip(".") if output else "") or "tsv") if output or to else []
    stdin = str(file) == "-"
    if str(output) == "-":
        raise InputError("Standard output takes the summary: name a file with -o.")
    beside = file.with_name(f"{'stdin' if stdin else file.stem}.checked.{formats[0] if formats else ''}")
    outputs = output_paths([file], output or beside, formats) if formats else {}
    check_outputs([file], outputs, force)
    terms = existing_glossary(glossary)
    units = list(units_of(file, known_format(read_as) or ("tsv" if stdin else format_of(file).name)))
    evidence = Evidence(glossary=terms)
    if encoder:
        evidence = replace(evidence, encoder=load_encoder(), lexicon=load_lexicon())
    checked: list[TranslationUnit] = []
    with progress_bar("Checking", len(units), unit="units") as advance:
        for _, document in groupby(units, lambda unit: unit.document):
            group = list(document)
            checked += check_units(group, evidence, only=only, extra=extra or ())
            advance(len(group))
    kept = Counter(
        issue.code
        for unit in units
        if unit.issues
        for issue in kept_issues(unit, evidence, only=only, extra=extra or ())
    )
    if kept:
        listed = ", ".join(f"{count} {code}" for code, count in sorted(kept.items()))
        say(f"Not measured in this run, kept as they were in {'stdin' if stdin else file}: {listed}.")
    if terms is not None:
        say_terms(terms, checked)
    asked = {code for name in (*(only or ()), *(extra or ())) for code in CODES.get(name, (name,))}
    write_stdout(_summary(checked, rows, asked).encode("utf-8", "surrogatepass"))
    for (_, name), path in outputs.items():
        write_units_as(checked, name, path, title="stdin" if stdin else file.name)
        say(f"{'stdin' if stdin else file} → {path}")
    worst = max((_RANK[issue.severity] for unit in checked for issue in unit.issues), default=-1)
    if fail_on is not None and worst >= _RANK[fail_on]:
        raise typer.Exit(1)


def _summary(units: Sequence[TranslationUnit], rows: int, asked: Collection[str]) -> str:
    """Count issues by code, the gravest first, then show the rows with errors, warnings or what was asked for."""
    issues = Counter((issue.severity, issue.code) for unit in units for issue in unit.issues)
    places = Counter(pair for unit in units for pair in {(issue.severity, issue.code) for issue in unit.issues})
    flagged = [unit for unit in units if any(issue.severity != "info" for issue in unit.issues)]
    shown = [unit for unit in units if any(one.severity != "info" or one.code in asked for one in unit.issues)]
    lines = [f"{len(units)} units, {len(flagged)} with errors or warnings"]
    if issues:
        lines.append(f"{'severity':8} {'code':22} {'issues':>7} {'units':>7}")
    for (severity, code), count in sorted(issues.items(), key=lambda item: (-_RANK[item[0][0]], -item[1], item[0][1])):
        share = places[severity, code] / len(units)
        lines.append(f"{severity:8} {code:22} {count:7} {share:7.1%}")
    for unit in shown[:rows]:
        lines += ["", f"{unit.document} {unit.paragraph}.{unit.sentence}", f"  {unit.source}", f"  {unit.target}"]
        lines += [
            f"  {issue.severity} {issue.code}: {issue.message or 'found in an earlier run'}" for issue in unit.issues
        ]
    if len(shown) > rows > 0:
        lines += ["", f"... and {len(shown) - rows} more; -o FILE.html shows them all."]
    return "\n".join(lines) + "\n"
