"""Many bitexts to one corpus: read and judge row by row, compare all rows by their hashes, write what is left.

inputs ─collect─▶ rows on disk, hashes in memory ─decide─▶ a reason or a split for every row ─write─▶ corpus, report
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bilingual import __version__
from bilingual.bitext import TranslationUnit, unit_id
from bilingual.checks import Evidence
from bilingual.corpus.collect import Collected, Input, collect, count_reasons
from bilingual.corpus.duplicates import boilerplate_rows, quality_order, repeated_rows, worse_copies
from bilingual.corpus.fold import hash64
from bilingual.corpus.report import Report, render_report, report_record, write_record
from bilingual.corpus.rules import Rules
from bilingual.corpus.sample import STRATA, Sampler
from bilingual.corpus.split import Split, assign_documents
from bilingual.corpus.stats import Stats
from bilingual.errors import InputError
from bilingual.formats import FORMATS, output_paths, write_atomically

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SAMPLE_ROWS", "Plan", "build_corpus", "planned_files"]

SAMPLE_ROWS = 50
"""Random rows in the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to build.

    Attributes:
        output: The corpus; with splits their names go before its ending: corpus.train.tsv.
        formats: Names of `FORMATS`.
        rules: What is dropped.
        splits: Parts of the corpus; none is one file.
        dropped: A TSV or another format for the rows that were dropped, with the column `dropped` for the reason.
        report: Stem of the report's two files, .html and .json; None writes none.
        command: The command as it was typed, for the report.
        seed: For the random rows of the report.
    """

    output: Path
    formats: tuple[str, ...] = ("tsv",)
    rules: Rules = field(default_factory=Rules)
    splits: tuple[Split, ...] = ()
    dropped: Path | None = None
    report: Path | None = None
    command: str = ""
    seed: int = 0


def planned_files(plan: Plan) -> list[Path]:
    """Name all files that a build writes."""
    files = [part for name in plan.formats for path in _corpus_paths(plan, name) for part in output_paths(path, name)]
    if plan.dropped is not None:
        files += output_paths(plan.dropped, _format_of_dropped(plan.dropped))
    if plan.report is not None:
        files += [plan.report.with_name(f"{plan.report.name}{ending}") for ending in (".html", ".json")]
    return files


def build_corpus(
    inputs: Sequence[Input],
    plan: Plan,
    evidence: Evidence = Evidence(),
    progress: Callable[[int], None] = lambda rows: None,
) -> Report:
    """Build a corpus; no file takes its place before all of them are written whole.

    Args:
        inputs: Their counts and errors are filled in; one that cannot be read is skipped.
        plan: What to build.
        evidence: For the checks.
        progress: Called with the number of rows just read.

    Raises:
        InputError: No row is left, or a split would be empty.
        OutputError: A file cannot be written.
    """
    rules = plan.rules
    folds = bool(rules.folded or rules.boilerplate or rules.near is not None or plan.splits)
    rows = collect(inputs, rules, evidence, plan.output.parent, progress, folds=folds)
    try:
        _need_rows(rows, inputs, plan)
        split, clashes = _decide(rows, plan)
        _need_rows(rows, inputs, plan)
        return _write(rows, split, clashes, inputs, plan)
    finally:
        rows.close()


def _need_rows(rows: Collected, inputs: Sequence[Input], plan: Plan) -> None:
    """Go on only with rows that were not dropped.

    Raises:
        InputError: None is left.
    """
    if not any(number == 0 for number in rows.reason):
        why = [f"{name} {count:,}" for name, count in count_reasons(rows).most_common()]
        why += [source.error for source in inputs if source.error]
        raise InputError(f"no row is left for {plan.output}: {'; '.join(why)}")


def _decide(rows: Collected, plan: Plan) -> tuple[NDArray[np.uint8], frozenset[int]]:
    """Drop what only a comparison of rows can tell.

    Returns:
        The number of every row's split, uint8 [n_rows], and the kept rows whose id another one has already.
    """
    import numpy as np

    reason = np.frombuffer(rows.reason, np.uint16) if len(rows.reason) else np.zeros(0, np.uint16)
    folded, exact, source = (np.array(hashes, copy=False) for hashes in (rows.folded, rows.exact, rows.source))
    reviewed = np.array(rows.reviewed, np.int8)
    rules = plan.rules

    def drop(marked: NDArray[np.bool_], name: str) -> None:
        reason[marked] = rows.reason_number(name)

    # A copy of what a reviewer rejected is as bad, unless another reviewer kept it.
    rejected = reason == rows.reason_number("rejected")
    drop(np.isin(exact, exact[rejected]) & (reason == 0) & (reviewed == 0), "rejected")
    if rules.boilerplate:
        documents = np.array(rows.document, np.int32)
        marked = boilerplate_rows(source, documents, reason == 0, rules.boilerplate)
        drop(marked & (reviewed == 0), "boilerplate")
    rank = quality_order(reviewed, np.array(rows.confidence, np.float32))
    drop(worse_copies(exact, rank, reason == 0), "duplicate")
    if rules.folded:
        drop(worse_copies(folded, rank, reason == 0), "duplicate-folded")
    if rules.near is not None:
        drop(rows.near[0].drop_near(rank, reason == 0, _both_near(rows, rules.near)), "duplicate-near")
    split = np.zeros(len(reason), np.uint8)
    if plan.splits:
        kept = Counter(np.frombuffer(rows.document, np.int32)[reason == 0].tolist())
        names = list(rows.documents)
        assigned = assign_documents({names[number]: count for number, count in kept.items()}, plan.splits)
        by_number = np.array([assigned.get(name, 0) for name in names], np.uint8)
        split = by_number[np.frombuffer(rows.document, np.int32)]
        for number in range(len(plan.splits) - 1):
            drop(_leaked(rows, split == number, split > number, reason == 0, rules), "leak")
    return split, frozenset(repeated_rows(np.array(rows.id, copy=False), reason == 0).tolist())


def _both_near(rows: Collected, threshold: float) -> Callable[[int, int], bool]:
    source, target = rows.near

    def same(row: int, other: int) -> bool:
        return source.similarity(row, other) >= threshold and target.similarity(row, other) >= threshold

    return same


def _leaked(
    rows: Collected, part: NDArray[np.bool_], held: NDArray[np.bool_], alive: NDArray[np.bool_], rules: Rules
) -> NDArray[np.bool_]:
    """Mark the living rows of a split of which either side stands in a later split too."""
    import numpy as np

    marked = np.zeros(len(alive), np.bool_)
    held = held & alive
    for column in (rows.source, rows.target):
        hashes = np.array(column, copy=False)
        marked |= part & alive & np.isin(hashes, hashes[held])
    for index in rows.near:

        def same(row: int, other: int, index: object = index) -> bool:
            return index.similarity(row, other) >= (rules.near or 1)  # type: ignore[attr-defined,no-any-return]

        found = index.leaks(np.flatnonzero(part & alive & ~marked), np.flatnonzero(held), same)
        marked[list(found)] = True
    return marked


def _write(
    rows: Collected, split: NDArray[np.uint8], clashes: frozenset[int], inputs: Sequence[Input], plan: Plan
) -> Report:
    import numpy as np

    reason = np.frombuffer(rows.reason, np.uint16)
    kept = reason == 0
    for number, count in Counter(np.frombuffer(rows.input, np.int32)[kept].tolist()).items():
        inputs[number].kept = count
    names = [part.name for part in plan.splits] or ["all"]
    stats = {name: Stats() for name in names}
    sampler = Sampler(lambda stratum: SAMPLE_ROWS, STRATA["issue"], plan.seed)
    jobs: list[Job] = []
    for place, format in enumerate(plan.formats):
        for number, path in enumerate(_corpus_paths(plan, format)):
            places = np.flatnonzero(kept & (split == number))
            watch = (stats[names[number]], sampler) if place == 0 and plan.report is not None else None
            jobs.append(_job(path, format, lambda places=places, watch=watch: _kept(rows, places, clashes, watch)))  # type: ignore[misc]
    if plan.dropped is not None:
        jobs.append(_job(plan.dropped, _format_of_dropped(plan.dropped), lambda: _dropped(rows, np.flatnonzero(~kept))))
    report = Report(
        made_by=f"bilingual {__version__}",
        command=plan.command,
        signature=_signature(plan, inputs),
        rules=plan.rules,
        inputs=tuple(inputs),
        read=len(reason),
        dropped=Counter({name: count for name, count in count_reasons(rows).items() if name}),
        rows={name: int(np.count_nonzero(kept & (split == number))) for number, name in enumerate(names)},
        stats=stats,
        sample=sampler,
    )
    if plan.report is not None:
        html, record = (plan.report.with_name(f"{plan.report.name}{ending}") for ending in (".html", ".json"))
        jobs.append(([html], lambda file: file.write(render_report(report).encode("utf-8", "surrogatepass"))))
        jobs.append(([record], lambda file: write_record(report_record(report), file)))
    _write_together(jobs)
    return report


Job = tuple[list[Path], Callable[..., object]]
"""Files that are written together, and what writes them."""


def _job(path: Path, format: str, read: Callable[[], Iterable[TranslationUnit]]) -> Job:
    return output_paths(path, format), lambda *files: FORMATS[format].write(read(), *files)


def _write_together(jobs: Sequence[Job], opened: tuple[BinaryIO, ...] = ()) -> None:
    """Write all files, each within the writing of the one before: none takes its place until the last is whole."""
    if not jobs:
        return
    (paths, write), rest = jobs[0], jobs[1:]
    if len(opened) == len(paths):
        write(*opened)
        for file in opened:
            file.flush()
        _write_together(rest)
    else:
        write_atomically(paths[len(opened)], lambda file: _write_together(jobs, (*opened, file)))


def _kept(
    rows: Collected, places: NDArray[np.int64], clashes: frozenset[int], watch: tuple[Stats, Sampler] | None
) -> Iterator[TranslationUnit]:
    """Read the rows of one split; of two with one id the later gets another, from its input's name and row."""
    for place, unit in zip(places.tolist(), rows.read(places.tolist()), strict=True):
        if place in clashes:
            origin = dict(unit.extra)
            name = f"{origin['input']}\x1f{origin['input_row']}\x1f{unit.document}"
            unit = replace(unit, id=unit_id(name, unit.source or unit.target, 1))
        if watch is not None:
            watch[0].add(unit)
            watch[1].add(unit)
        yield unit


def _dropped(rows: Collected, places: NDArray[np.int64]) -> Iterator[TranslationUnit]:
    for place, unit in zip(places.tolist(), rows.read(places.tolist()), strict=True):
        extra = dict(unit.extra) | {"dropped": rows.reasons[rows.reason[place]]}
        yield replace(unit, extra=tuple(extra.items()))


def _corpus_paths(plan: Plan, format: str) -> list[Path]:
    """Name the file of every split in one format, without the parts of a Moses pair."""
    known = {extension for item in FORMATS.values() for extension in (*item.extensions, *item.parts, f".{item.name}")}
    stem = plan.output.name.removesuffix(plan.output.suffix) if plan.output.suffix in known else plan.output.name
    names = [f"{stem}.{split.name}" for split in plan.splits] or [stem]
    alone = len(plan.formats) == 1 and not plan.splits and not FORMATS[format].parts
    if alone and plan.output.suffix in FORMATS[format].extensions:
        return [plan.output]
    # A stem with a dot in it keeps it: only the pair's own endings are taken off by `output_paths`.
    return [plan.output.with_name(f"{name}{FORMATS[format].extension or f'.{format}'}") for name in names]


def _format_of_dropped(path: Path) -> str:
    from bilingual.formats import format_of

    return format_of(path).name


def _signature(plan: Plan, inputs: Iterable[Input]) -> str:
    """Say on one line what makes the result reproducible."""
    rules = "|".join(f"{name}:{value}" for name, value in plan.rules.lines())
    splits = ",".join(f"{split.name}={split.rows or split.share or 'rest'}" for split in plan.splits) or "none"
    content = f"{hash64(*(source.sha256 for source in inputs)):016x}"
    return f"bilingual:{__version__}|corpus|{rules}|split:{splits}|seed:{plan.seed}|inputs:{content}"
