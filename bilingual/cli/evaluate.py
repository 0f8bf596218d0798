"""`bilingual evaluate`: BLEU, chrF and TER with signature and confidence interval."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli.terminal import say, write_stdout
from bilingual.errors import InputError

if TYPE_CHECKING:
    from bilingual.bitext import TranslationUnit
    from bilingual.evaluate import Score

__all__ = ["evaluate"]

TABLES = (".tsv", ".jsonl")


def evaluate(
    hypothesis: Annotated[Path, typer.Argument(help="The translation: one segment a line, or our TSV or JSONL.")],
    references: Annotated[list[Path], typer.Argument(help="One or more reference translations.")],
    source: Annotated[
        Path | None,
        typer.Option(
            help="The Chinese original of a hypothesis in plain lines; a free-form reference is aligned to it."
        ),
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option(help="With --beads and --source: the two texts aligned; paragraphs are scored too."),
    ] = None,
    beads: Annotated[
        bool, typer.Option("--beads", help="Compare two bead files (or folders of them): alignment against gold.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score a translation against references: BLEU, chrF, TER as sacrebleu defines them; or alignments with --beads.

    A reference of as many lines as the translation has segments is taken line by line. With a table (or --source), any
    other is read as an article, aligned to the source, and scored on what lines up.

    Example: bilingual evaluate article.zh-en.tsv reference.en.txt
    """
    from bilingual.evaluate import evaluate_lines

    if beads:
        _evaluate_beads(hypothesis, references[0], (source, target), as_json)
        return
    units = _units(hypothesis, source)
    targets = [unit.target for unit in units] if units else _lines(hypothesis)
    columns = [_lines(reference) for reference in references]
    if units and len(references) == 1 and len(columns[0]) != len(targets):
        from bilingual.encoders import load_encoder
        from bilingual.reference import match_reference, source_of

        if len({unit.document for unit in units}) > 1:
            raise InputError(
                f"{hypothesis} holds several documents and {references[0]} does not match it line by line: score one "
                "document at a time, or use 'bilingual batch --reference'."
            )
        matched = match_reference(source_of(units), units, references[0], load_encoder)
        scores, note = matched.scores(), matched.note
    else:
        scores, note = evaluate_lines(targets, columns), ""
    _print(scores, note, as_json)


def _evaluate_beads(hypothesis: Path, gold: Path, texts: tuple[Path | None, Path | None], as_json: bool) -> None:
    """Score a bead file, or every gold file of a folder with its namesake, pooled.

    Raises:
        InputError: A file is missing, is no bead file, or one of the two is a folder and the other is not.
    """
    from bilingual.align.beads import join_paragraphs, read_beads, score_bead_files
    from bilingual.pipeline import load_document

    if hypothesis.is_dir() != gold.is_dir():
        raise InputError(f"{hypothesis} and {gold}: give two files or two folders.")
    if gold.is_dir() and any(texts):
        raise InputError("--source and --target go with two bead files, not with folders.")
    names = sorted(path.name for path in gold.iterdir() if path.is_file()) if gold.is_dir() else [""]
    pairs = []
    for name in names:
        sides = []
        for path in (hypothesis / name, gold / name):
            try:
                sides.append(read_beads(path.read_text(encoding="utf-8"), str(path)))
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(f"{path} cannot be read as a bead file ({error}).") from error
        pairs.append((sides[0], sides[1]))
    scores = score_bead_files(pairs)
    paragraphs = None
    if texts[0] and texts[1]:
        source, target = (load_document(path) for path in texts if path)
        files = str(hypothesis), str(gold)
        joined = [join_paragraphs(side, source, target, name) for side, name in zip(pairs[0], files, strict=True)]
        paragraphs = score_bead_files([(joined[0], joined[1])])
    if as_json:
        record = asdict(scores) | ({"paragraphs": asdict(paragraphs)} if paragraphs else {})
        write_stdout((json.dumps(record, indent=1) + "\n").encode())
        return
    lines = [
        f"{kind:7} precision {p:.4f} recall {r:.4f} F1 {f:.4f}"
        for kind, p, r, f in (
            ("strict", scores.strict_precision, scores.strict_recall, scores.strict_f1),
            ("lax", scores.lax_precision, scores.lax_recall, scores.lax_f1),
        )
    ]
    lines += [f"{kind:7} {n:5} in gold, recall {recall:.4f}" for kind, (n, recall) in scores.by_type.items()]
    if paragraphs:
        p, r, f = paragraphs.strict_precision, paragraphs.strict_recall, paragraphs.strict_f1
        lines.append(f"paragraphs (strict) precision {p:.4f} recall {r:.4f} F1 {f:.4f}")
    write_stdout("".join(f"{line}\n" for line in lines).encode())


def _print(scores: Sequence[Score], note: str, as_json: bool) -> None:
    if as_json:
        write_stdout((json.dumps([asdict(score) for score in scores], indent=1) + "\n").encode())
    else:
        write_stdout("".join(f"{score}\n" for score in scores).encode())
    if note:
        say(note)


def _units(hypothesis: Path, source: Path | None) -> list[TranslationUnit]:
    """Read a table's units, or make them of plain lines and the segments of their source; neither gives none."""
    from bilingual.bitext import TranslationUnit
    from bilingual.formats import read_units
    from bilingual.pipeline import load_document

    if hypothesis.suffix.lower() in TABLES:
        return list(read_units(hypothesis))
    if source is None:
        return []
    document, lines = load_document(source), _lines(hypothesis)
    if len(document.sentences) != len(lines):
        document = load_document(source, pre_segmented=True)
    if len(document.sentences) != len(lines):
        raise InputError(
            f"{hypothesis} has {len(lines)} lines, {source} has {len(document.sentences)} segments: they must match "
            "line by line ('bilingual segment' prints the segments)."
        )
    pairs = zip(document.segments, lines, strict=True)
    return [
        TranslationUnit(str(n), document.name, n, 1, "text", 0, document.lang, "en", segment, line)
        for n, (segment, line) in enumerate(pairs, 1)
    ]


def _lines(path: Path) -> list[str]:
    """Read the target side of a table of ours, or plain lines."""
    from bilingual.formats import read_units
    from bilingual.pipeline import load_document

    if path.suffix.lower() in TABLES:
        return [unit.target for unit in read_units(path)]
    return [paragraph.text for paragraph in load_document(path, pre_segmented=True).paragraphs]
