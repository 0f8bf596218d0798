"""Measure what the checks find: python scripts/evaluate_checks.py DATA_DIR [--sets wmt17 wmt18 flores-dev] [--lines N].

DATA_DIR holds SET.zh and SET.en (human references), and outputs of systems beside them (SET.SYSTEM.en). Errors of known
kinds are put into the references with a seed, one kind at a time; recall is the share of them that the check made for
that kind reports on that row. False alarms are rows of the untouched references with an error, or with a warning. A
clause counts as dropped when it stands in the source and the target has nothing of it; it comes from another row. Added
clauses are made the same way.

`--sample FILE` also writes rows of the systems' outputs with issues, for reading by hand: seeded, the codes in turn, so
that rare ones are among them. `--judged FILE` takes the same table with a verdict (right, wrong) in every line and
prints the precision of each code.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bilingual.align.lexicon import load_lexicon
from bilingual.bitext import TranslationUnit
from bilingual.checks import Evidence, check_units
from bilingual.checks.coverage import clauses, english_clauses
from bilingual.encoders import load_encoder

SYSTEMS = ("opusmt", "google")
_NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w-])")
_BIG = re.compile(r"\b(?:thousand|million|billion)\b")
_OTHER = {"thousand": "million", "million": "billion", "billion": "million"}
_NOT = re.compile(r"\b(?:is|are|was|were|will|can|could|should|has|have|had) (?!not\b)")
Rows = list[TranslationUnit]


def main() -> None:
    """Print the tables of recall, false alarms and counts on systems' outputs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=["wmt17", "wmt18", "flores-dev"])
    parser.add_argument(
        "--lines",
        type=int,
        default=400,
        help="of each set, from its end; 0 takes all; kinds that need no encoder take all",
    )
    parser.add_argument("--sample", type=Path, help="write rows to be read by hand to this TSV")
    parser.add_argument("--sample-rows", type=int, default=50)
    parser.add_argument("--judged", type=Path, help="print the precision of each code by this TSV, and nothing else")
    arguments = parser.parse_args()
    if arguments.judged:
        print_precision(arguments.judged)
        return
    evidence = Evidence(encoder=load_encoder(threads=2), lexicon=load_lexicon())
    kinds = [kind for kind, *_ in INJECTIONS]
    print(f"| set | {' | '.join(kinds)} | rows with an error | rows with a warning |")
    print("|---" * (len(kinds) + 3) + "|")
    for name in arguments.sets:
        rows = read_rows(arguments.data / f"{name}.zh", arguments.data / f"{name}.en", arguments.lines)
        cells = []
        everything = read_rows(arguments.data / f"{name}.zh", arguments.data / f"{name}.en", 0)
        for _, codes, inject in INJECTIONS:
            changed, places = inject(rows if ENCODED.intersection(codes) else everything, random.Random(7))
            checked = check_units(changed, evidence, only=codes)
            found = sum(
                any(issue.severity != "info" or REMARKS.intersection(codes) for issue in checked[i].issues)
                for i in places
            )
            cells.append(f"{found / len(places):.2f} of {len(places)}" if places else "–")
        checked = check_units(rows, evidence)
        for severity in ("error", "warning"):
            flagged = sum(any(issue.severity == severity for issue in unit.issues) for unit in checked)
            cells.append(f"{flagged / len(rows):.1%}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    print("\n| system | rows | issues by code |\n|---|---|---|")
    flagged_rows: list[Flagged] = []
    for system in SYSTEMS:
        counts: Counter[str] = Counter()
        total = 0
        for name in arguments.sets:
            path = arguments.data / f"{name}.{system}.en"
            if path.exists():
                rows = read_rows(arguments.data / f"{name}.zh", path, arguments.lines)
                total += len(rows)
                checked = check_units(rows, evidence)
                counts.update(i.code for unit in checked for i in unit.issues if i.severity != "info")
                flagged_rows += [(system, name, unit) for unit in checked if codes_of(unit)]
        listed = ", ".join(f"{code} {count}" for code, count in counts.most_common())
        print(f"| {system} | {total} | {listed} |", flush=True)
    if arguments.sample:
        write_sample(flagged_rows, arguments.sample, arguments.sample_rows)


Flagged = tuple[str, str, TranslationUnit]
"""System, set, the row with its issues."""


def codes_of(unit: TranslationUnit) -> set[str]:
    """Give the codes of the errors and warnings of a row."""
    return {issue.code for issue in unit.issues if issue.severity != "info"}


def write_sample(flagged: Sequence[Flagged], path: Path, n_rows: int) -> None:
    """Draw rows, the codes in turn, and write one line an issue, the verdict still empty."""
    shuffled = random.Random(11).sample(flagged, len(flagged))
    codes = sorted({code for _, _, unit in flagged for code in codes_of(unit)})
    chosen: list[Flagged] = []
    while len(chosen) < min(n_rows, len(flagged)):
        for code in codes:
            left = [row for row in shuffled if row not in chosen and code in codes_of(row[2])]
            if left and len(chosen) < n_rows:
                chosen.append(left[0])
    lines = ["system\tset\tline\tcode\tseverity\tverdict\tmessage\tsource\ttarget"]
    for system, name, unit in chosen:
        for issue in unit.issues:
            if issue.severity != "info":
                fields = (
                    system,
                    name,
                    unit.id,
                    issue.code,
                    issue.severity,
                    "",
                    issue.message,
                    unit.source,
                    unit.target,
                )
                lines.append("\t".join(field.replace("\t", " ") for field in fields))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def print_precision(path: Path) -> None:
    """Print for each code how many issues were judged, and how many of them right."""
    header, *rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    judged = [dict(zip(header, row, strict=False)) for row in rows]
    print("| code | judged | right |\n|---|---|---|")
    for code in sorted({row["code"] for row in judged}):
        verdicts = [row["verdict"] for row in judged if row["code"] == code]
        print(f"| {code} | {len(verdicts)} | {verdicts.count('right')} |")


def read_rows(source: Path, target: Path, lines: int) -> Rows:
    """Read the last lines of two files, or all, as units that people made; a unit's id is its line number."""
    texts = (path.read_text(encoding="utf-8").removesuffix("\n").split("\n") for path in (source, target))
    return [
        TranslationUnit(str(n), source.stem, n, 1, "text", 0, "zh-Hans", "en", zh, en, origin="human")
        for n, (zh, en) in enumerate(zip(*texts, strict=True), 1)
    ][-lines:]


def each(change: Callable[[TranslationUnit, random.Random], TranslationUnit | None]) -> Injection:
    """Make an injection of a change to single rows; None leaves a row alone."""

    def inject(rows: Sequence[TranslationUnit], rng: random.Random) -> tuple[Rows, list[int]]:
        changed, places = list(rows), []
        for index, row in enumerate(rows):
            new = change(row, rng)
            if new is not None and new != row:
                changed[index] = new
                places.append(index)
        return changed, places

    return inject


Injection = Callable[[Sequence[TranslationUnit], random.Random], tuple[Rows, list[int]]]


def scale(row: TranslationUnit, rng: random.Random) -> TranslationUnit | None:
    """Make a large number ten times, or a thousand times, what the source says.

    A thousand becomes a million, a million a billion; or a figure of five digits or before such a word gets a zero, or
    its decimal point moves. The source must have a large number or that figure.
    """
    changes = []
    if re.search("[万亿千百]", row.source):
        changes += [(match.span(), _OTHER[match[0]]) for match in list(_BIG.finditer(row.target))[:1]]
    for match in _NUMBER.finditer(row.target):
        digits = match[0].replace(",", "")
        if (len(digits) > 4 and digits in row.source) or (_BIG.match(row.target, match.end() + 1) and changes):
            changes.append((match.span(), f"{float(digits) * 10:,g}" if "." in digits else f"{int(digits) * 10:,}"))
    if not changes:
        return None
    (start, end), new = rng.choice(changes)
    return replace(row, target=row.target[:start] + new + row.target[end:])


def digit(row: TranslationUnit, rng: random.Random) -> TranslationUnit | None:
    """Change one digit of one number that the source has in figures as well."""
    found = [m for m in _NUMBER.finditer(row.target) if len(m[0]) > 1 and m[0].replace(",", "") in row.source]
    if not found:
        return None
    match = rng.choice(found)
    place = rng.choice([i for i in range(*match.span()) if row.target[i].isdigit()])
    other = rng.choice([d for d in "123456789" if d != row.target[place]])
    return replace(row, target=row.target[:place] + other + row.target[place + 1 :])


def dropped(rows: Sequence[TranslationUnit], rng: random.Random) -> tuple[Rows, list[int]]:
    """Put a clause of the row after the next into the source."""
    changed, places = list(rows), []
    for index, (row, other) in enumerate(zip(rows, rows[2:], strict=False)):
        spare = [other.source[a:b] for a, b in clauses(other.source)]
        spare = [clause for clause in spare if len(re.findall("[\u4e00-\u9fff]", clause)) >= 6]
        if spare and clauses(row.source):
            at = rng.choice(clauses(row.source))[0]
            clause = rng.choice(spare).rstrip("，,；;：:。！？!?”’」") + "，"
            changed[index] = replace(row, source=row.source[:at] + clause + row.source[at:])
            places.append(index)
    return changed, places


def added(rows: Sequence[TranslationUnit], rng: random.Random) -> tuple[Rows, list[int]]:
    """Put a clause of the row after the next into the target."""
    changed, places = list(rows), []
    for index, (row, other) in enumerate(zip(rows, rows[2:], strict=False)):
        spare = [other.target[a:b] for a, b in english_clauses(other.target)]
        if spare and english_clauses(row.target):
            at = rng.choice(english_clauses(row.target))[0]
            clause = rng.choice(spare).rstrip(',;:.!?"”’ ') + ", "
            changed[index] = replace(row, target=row.target[:at] + clause + row.target[at:])
            places.append(index)
    return changed, places


def swap(rows: Sequence[TranslationUnit], rng: random.Random) -> tuple[Rows, list[int]]:
    """Exchange the targets of every fourth row and the one after it."""
    changed, places = list(rows), []
    for index in range(0, len(rows) - 1, 4):
        changed[index] = replace(rows[index], target=rows[index + 1].target)
        changed[index + 1] = replace(rows[index + 1], target=rows[index].target)
        places += [index, index + 1]
    return changed, places


def repeat(row: TranslationUnit, rng: random.Random) -> TranslationUnit | None:
    """Say the last four words three times more."""
    words = row.target.rstrip(".").split(" ")
    return replace(row, target=" ".join(words + words[-4:] * 3) + ".") if len(words) > 8 else None


def quotes(row: TranslationUnit, rng: random.Random) -> TranslationUnit | None:
    """Take all quotation marks from a target that has several, where the source quotes speech."""
    if len(re.findall('[“"”]', row.target)) < 4 or row.source.count("“") < 2:
        return None
    return replace(row, target=re.sub('[“"”]', "", row.target))


def copied(row: TranslationUnit, rng: random.Random) -> TranslationUnit | None:
    """Leave the source untranslated."""
    return replace(row, target=row.source)


def negate(row: TranslationUnit, rng: random.Random) -> TranslationUnit | None:
    """Put a "not" behind the first auxiliary."""
    return replace(row, target=_NOT.sub(lambda match: match[0] + "not ", row.target, count=1))


INJECTIONS: tuple[tuple[str, list[str], Injection], ...] = (
    ("scale", ["number-scale", "number-mismatch"], each(scale)),
    ("digit", ["number-scale", "number-mismatch"], each(digit)),
    ("dropped clause", ["omission"], dropped),
    ("added clause", ["addition"], added),
    ("swapped rows", ["low-similarity"], swap),
    ("repeated tail", ["repetition"], each(repeat)),
    ("quotes removed", ["quotes"], each(quotes)),
    ("source copied", ["untranslated"], each(copied)),
    ("negation flipped", ["negation"], each(negate)),
)
"""Kind of error, the codes that must report it, how it is made."""
ENCODED = {"omission", "addition", "low-similarity"}
"""Codes that need the encoder, which takes its time."""
REMARKS = {"negation", "addition"}
"""Codes whose issues of severity info count as found; of the others only warnings and errors do."""

if __name__ == "__main__":
    main()
