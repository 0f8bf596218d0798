"""`bilingual corpus`: many bitexts to one corpus, samples of it for review, and its numbers."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from bilingual.cli.options import Force
from bilingual.cli.terminal import progress_bar, say, write_stdout
from bilingual.errors import InputError, OutputError

if TYPE_CHECKING:
    from bilingual.corpus import Rules
    from bilingual.corpus.rules import Allowed

__all__ = ["app"]

app = typer.Typer(name="corpus", no_args_is_help=True, help="Build, sample and count parallel corpora.")
_SEVERITIES = ("none", "info", "warning", "error")


@app.command()
def build(
    files: Annotated[list[Path], typer.Argument(help="Bitexts in any readable format, or folders of Parquet parts.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The corpus; its ending says the format.")],
    to: Annotated[
        list[str] | None, typer.Option("--to", help="Output format; again or comma-separated for several.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Parts by document, the first takes the rest: train,dev=2000,test=1%.")
    ] = None,
    max_severity: Annotated[
        Literal["none", "info", "warning", "error"], typer.Option(help="The gravest issue that a row may have.")
    ] = "warning",
    limit: Annotated[
        list[str] | None,
        typer.Option(help="CODE=SEVERITY or CODE=NUMBER: what rows may have of one issue; may be repeated."),
    ] = None,
    checks: Annotated[
        bool, typer.Option("--checks/--no-checks", help="Run the checks; issues read count anyway.")
    ] = True,
    encoder: Annotated[
        bool, typer.Option("--encoder/--no-encoder", help="Compare meanings with the sentence encoder; slower.")
    ] = False,
    languages: Annotated[
        bool, typer.Option("--languages/--no-languages", help="Verify the language of both sides.")
    ] = True,
    boilerplate: Annotated[
        int, typer.Option(min=0, help="Drop a source that stands in more documents than this; 0 is off.")
    ] = 10,
    min_chars: Annotated[int, typer.Option(min=1, help="Fewest characters on either side.")] = 1,
    max_chars: Annotated[int, typer.Option(min=1, help="Most characters on either side.")] = 2000,
    folded: Annotated[
        bool, typer.Option("--folded/--exact", help="Drop duplicates that differ in case, digits, punctuation too.")
    ] = True,
    near: Annotated[bool, typer.Option("--near", help="Drop near duplicates too.")] = False,
    near_similarity: Annotated[
        float, typer.Option(min=0.5, max=1, help="Jaccard similarity from which two texts are near.")
    ] = 0.7,
    license: Annotated[
        list[str] | None, typer.Option("--license", help="NAME=LICENCE for inputs called NAME, or LICENCE for all.")
    ] = None,
    attribution: Annotated[
        list[str] | None, typer.Option("--attribution", help="NAME=WHO for inputs called NAME, or WHO for all.")
    ] = None,
    dropped: Annotated[Path | None, typer.Option(help="Write dropped rows to this file, with the reason.")] = None,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Write OUTPUT.report.html and .json.")] = True,
    seed: Annotated[int, typer.Option(help="Draws the report's random rows.")] = 0,
    force: Force = False,
) -> None:
    """Build one corpus of many bitexts: without duplicates and bad rows, with a report that says what went and why.

    Exit code 1 when an input could not be read; the rest is built.

    Example: bilingual corpus build reviewed/*.tsv old.tmx -o corpus.tsv --split train,dev=2000,test=2000
    """
    from bilingual.checks import Evidence
    from bilingual.corpus import Input, Plan, Rules, build_corpus, planned_files, read_splits, stated
    from bilingual.formats import format_of

    names = [name.strip() for value in to or () for name in value.split(",")] or [format_of(output).name]
    for name in names:
        _verify_format(name)
    rules = Rules(
        max_severity=max_severity,
        limits=_limits(limit or []),
        checks=checks,
        languages=languages,
        min_chars=min_chars,
        max_chars=max_chars,
        boilerplate=boilerplate,
        folded=folded,
        near=near_similarity if near else None,
    )
    plan = Plan(
        output=output,
        formats=tuple(dict.fromkeys(names)),
        rules=rules,
        splits=read_splits(split) if split else (),
        dropped=dropped,
        report=output.with_name(f"{output.stem}.report") if report else None,
        command=shlex.join(["bilingual", *sys.argv[1:]]),
        seed=seed,
    )
    inputs = [Input(file) for path in files for file in _parts(path)]
    stated(inputs, license or [], "license")
    stated(inputs, attribution or [], "attribution")
    _verify_outputs(planned_files(plan), [source.path for source in inputs], force)
    evidence = Evidence()
    if encoder:
        from bilingual.encoders import load_encoder

        evidence = Evidence(encoder=load_encoder())
    with progress_bar("Reading", None, unit="rows") as advance:
        made = build_corpus(inputs, plan, evidence, advance)
    say(_rules_line(rules))
    write_stdout((made.table() + "\n").encode())
    for path in planned_files(plan):
        say(f"→ {path}")
    for source in made.failed:
        say(f"Skipped: {source.error}")
    if made.failed:
        raise typer.Exit(1)


@app.command()
def sample(
    corpus: Annotated[Path, typer.Argument(help="A corpus in any readable format.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The page; CORPUS.sample.html by default.")
    ] = None,
    n: Annotated[int, typer.Option("--n", min=1, help="Rows.")] = 200,
    stratify: Annotated[
        Literal["none", "issue", "document", "input", "origin", "status", "kind"],
        typer.Option(help="Take evenly from every one of these."),
    ] = "issue",
    seed: Annotated[int, typer.Option(help="Another seed draws other rows.")] = 0,
    force: Force = False,
) -> None:
    """Draw random rows into a review page; 'bilingual review apply' writes the decisions back into the corpus.

    Example: bilingual corpus sample corpus.tsv --n 200 --stratify issue
    """
    from bilingual.corpus import sample_units
    from bilingual.formats import format_of, read_units
    from bilingual.output import check_outputs, write_units_as

    output = output or corpus.with_name(f"{corpus.stem}.sample.html")
    to = "html" if output.suffix.lower() == ".html" else format_of(output).name
    check_outputs([corpus], {(corpus, to): output}, force)
    units = sample_units(lambda: read_units(corpus), n, stratify, seed)
    write_units_as(units, to, output, title=f"{corpus.name}: {len(units)} random rows")
    say(f"{corpus} → {output}: {len(units):,} rows")


@app.command()
def stats(
    corpus: Annotated[Path, typer.Argument(help="A corpus in any readable format.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with histograms.")] = False,
) -> None:
    """Print what a corpus is like: rows, lengths, vocabulary, issues, licences.

    Example: bilingual corpus stats corpus.tsv
    """
    from bilingual.corpus import stats_of
    from bilingual.formats import read_units

    counted = stats_of(read_units(corpus))
    if as_json:
        text = json.dumps(counted.record(), ensure_ascii=False, indent=1) + "\n"
    else:
        text = "".join(f"{name:30}{value}\n" for name, value in counted.lines())
    write_stdout(text.encode("utf-8", "backslashreplace"))


def _parts(path: Path) -> list[Path]:
    """Give the Parquet files of a folder, as 'batch --ray' writes them; a file is itself."""
    return (sorted(path.glob("*.parquet")) if path.is_dir() else []) or [path]


def _rules_line(rules: Rules) -> str:
    return "Rules: " + "; ".join(f"{name} {value}" for name, value in rules.lines())


def _limits(values: list[str]) -> dict[str, Allowed | float]:
    """Read CODE=SEVERITY and CODE=NUMBER, on top of the defaults."""
    from bilingual.checks import CODES
    from bilingual.corpus import DEFAULT_LIMITS

    known = {code for codes in CODES.values() for code in codes} | set(DEFAULT_LIMITS)
    limits = dict(DEFAULT_LIMITS)
    for value in values:
        code, _, limit = value.partition("=")
        if code not in known:
            raise InputError(f"--limit {value}: there is no issue {code!r}; there are {', '.join(sorted(known))}.")
        if limit in _SEVERITIES:
            limits[code] = cast("Allowed", limit)
            continue
        try:
            limits[code] = float(limit)
        except ValueError:
            raise InputError(f"--limit {value}: write {', '.join(_SEVERITIES)} or a number after the =.") from None
    return limits


def _verify_format(name: str) -> None:
    from bilingual.formats import FORMATS

    if name not in FORMATS:
        raise InputError(f"There is no format {name!r}; there are {', '.join(FORMATS)}.")


def _is_page_of_ours(path: Path) -> bool:
    from bilingual.output import is_replaceable  # loads the whole pipeline: only where there is something to look at

    return is_replaceable(path)


def _verify_outputs(outputs: list[Path], inputs: list[Path], force: bool) -> None:
    """Refuse, before any work, what must not or cannot be written."""
    taken = {path.resolve() for path in inputs}
    for path in outputs:
        if path.resolve() in taken:
            raise OutputError(f"{path} is an input and would be overwritten: choose another output with -o.")
        if not path.parent.is_dir():
            raise OutputError(f"The folder {path.parent} does not exist: make it first (mkdir {path.parent}).")
        if not force and path.exists() and not _is_page_of_ours(path):
            raise OutputError(f"{path} exists and may hold your work: add --force to replace it, or choose another.")
    if len({path.resolve() for path in outputs}) != len(outputs):
        raise OutputError("Two outputs would have the same name: choose another for --dropped or -o.")
