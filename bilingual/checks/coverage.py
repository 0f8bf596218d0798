"""Coverage: clauses of the source that the target says nothing of, and clauses of the target that nothing stands for.

Where the engine gave word links, a clause of the source that no link touches was dropped. Where there are none (people
translated), the sentence encoder decides: without a clause that has no counterpart, the rest is *more* like the other
side. A lexicon, when there is one, is a second witness. A clause of the source that is suspect by both is looked for in
the target once more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from bilingual.bitext import Issue, Span, TranslationUnit
from bilingual.checks.counterpart import Suspect, have_counterparts
from bilingual.checks.evidence import Evidence
from bilingual.checks.length import length_deviation
from bilingual.checks.lexical import Witness

__all__ = ["Side", "check_addition", "check_omission", "clauses", "coverage_features", "english_clauses"]

Side = Literal["source", "target"]

MIN_HAN = 6
"""Chinese characters of the shortest clause that is reported."""
MIN_WORDS = 4
"""Words of the shortest English clause that is reported."""
_MAX_CLAUSES = 64
"""A unit of more clauses is not compared clause by clause, for time and memory would grow with their square."""
_LINKED_SHARE = 0.1
"""Share of a clause's Chinese characters that links touch, up to which it counts as dropped."""
_CUT = re.compile(r"(?<!\d)[，,；;：:](?!\d)[”’」』）)]*|[。！？!?]+[”’」』）)]*|——+|…+")
_ENGLISH_CUT = re.compile(r"[,;:.!?]+[\"”’')\]]*\s+|\s[-–—]+\s|—")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_ENGLISH_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

WEIGHTS: dict[tuple[Side, bool], tuple[float, ...]] = {
    ("source", False): (-5.91, 2.59, -0.64, -0.92, 0.33, -1.23, -1.56, 5.71, -0.1, -4.13, 12.96, 2.19, -1.47),
    ("source", True): (
        *(-5.43, 1.11, -1.23, -0.32, 0.0, 0.92, -0.1, 2.73, -0.96, -3.22, 6.02, 1.38, -1.6),
        *(-0.46, 0.68, -2.97, 4.01, 0.52, 0.15, -3.34, -2.88),
    ),
    ("target", False): (-5.26, 0.75, 0.46, -0.08, 1.27, 3.82, 1.54, 5.29, -1.0, -5.18, 10.86, 2.44, -1.97),
    ("target", True): (
        *(-4.5, 0.6, 0.65, 0.12, 0.7, 2.7, -0.07, 2.6, -0.2, -3.13, 5.51, 1.34, -0.41),
        *(-1.39, -1.05, -3.38, 5.17, 0.21, -0.04, -1.39, 0.0),
    ),
}
"""Logistic regressions on `coverage_features` by the side whose clauses are judged and whether there is a lexicon,
fitted by `scripts/fit_omission.py` on pairs written for this project, with a clause of a neighbouring pair put in."""
THRESHOLDS: dict[tuple[Side, bool], float] = {
    ("source", False): 0.3,
    ("source", True): 1.8,
    ("target", False): 0.6,
    ("target", True): 0.8,
}
"""Log odds from which a clause is suspect: about 3 % of human translations of news are above those of the source (4 %
without a lexicon), of which a third is reported after a second look; 2 % above those of the target, which are reported
at once."""
_SUSPECT_PART = 0.4
"""Part of a clause that the lexicon accounts for, under which its pair is encoded at all: a quarter of news. Without it
one in a hundred more is found, at four times the time."""
SURE_ADDITION = 4.0
"""Log odds from which an addition is a warning: 8 in 10 of the clauses put into pairs written for this project. Below
it is only an info: people and engines do put in words, and clauses of few words ("A few days ago,") get up to 3."""


def clauses(text: str) -> list[Span]:
    """Cut a Chinese sentence into clauses of at least `MIN_HAN` Chinese characters; the spans cover the text.

    >>> clauses("河水变清了很多，山也绿了，鸟儿都飞回来了。")
    [(0, 8), (8, 21)]
    """
    return _cut(text, _CUT, _HAN, MIN_HAN)


def english_clauses(text: str) -> list[Span]:
    """Cut an English sentence into clauses of at least `MIN_WORDS` words; the spans cover the text.

    >>> english_clauses("In spring, the water was clear, and the birds came back.")
    [(0, 32), (32, 56)]
    """
    return _cut(text, _ENGLISH_CUT, _ENGLISH_WORD, MIN_WORDS)


def _cut(text: str, cut: re.Pattern[str], unit: re.Pattern[str], least: int) -> list[Span]:
    spans: list[Span] = []
    start = 0
    for end in [*(match.end() for match in cut.finditer(text)), len(text)]:
        if len(unit.findall(text, start, end)) >= least:
            spans.append((start, end))
            start = end
    if start < len(text):
        spans[-1:] = [(spans[-1][0] if spans else 0, len(text))]
    return spans


def check_omission(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report clauses of the source without a counterpart: code `omission`."""
    unlinked = []
    for index, unit in enumerate(units):
        if not _is_comparable(unit):
            continue
        if unit.links:
            for span in _dropped(unit):
                yield index, _omission(unit, span, 1.0)
        elif len(_HAN.findall(unit.source)) >= 2 * MIN_HAN:
            unlinked.append(index)
    found = list(_uncovered(units, unlinked, evidence, "source"))
    if evidence.encoder is None or not found:
        return
    suspects = [
        Suspect(units[index].source, units[index].target, spans := clauses(units[index].source), spans.index(span))
        for index, span, _ in found
    ]
    for (index, span, odds), elsewhere in zip(found, have_counterparts(suspects, evidence.encoder), strict=True):
        if not elsewhere:
            yield index, _omission(units[index], span, odds)


def check_addition(units: Sequence[TranslationUnit], evidence: Evidence) -> Iterator[tuple[int, Issue]]:
    """Report clauses of the target that nothing in the source stands for: code `addition`."""
    compared = [
        index
        for index, unit in enumerate(units)
        if not unit.links and _is_comparable(unit) and len(_ENGLISH_WORD.findall(unit.target)) >= 2 * MIN_WORDS
    ]
    for index, span, odds in _uncovered(units, compared, evidence, "target"):
        clause = units[index].target[slice(*span)].strip()
        shown = clause if len(clause) <= 60 else f"{clause[:59]}…"
        message = f"The source may have nothing of “{shown}”."
        yield index, Issue("addition", "warning" if odds >= SURE_ADDITION else "info", odds, message, (), (span,))


def _is_comparable(unit: TranslationUnit) -> bool:
    languages = unit.source_lang.startswith("zh") and unit.target_lang.startswith("en")
    return bool(languages and unit.source and unit.target and unit.kind not in ("code", "metadata")) and (
        unit.origin != "copy"
    )


def _dropped(unit: TranslationUnit) -> Iterator[Span]:
    """Give the clauses that hardly a link touches."""
    linked = bytearray(len(unit.source))
    for start, end, _, _ in unit.links:
        linked[start:end] = b"\x01" * (end - start)
    for start, end in clauses(unit.source):
        places = [place for place in range(start, end) if _HAN.match(unit.source[place])]
        if len(places) >= MIN_HAN and sum(linked[place] for place in places) <= _LINKED_SHARE * len(places):
            yield start, end


def _omission(unit: TranslationUnit, span: Span, value: float) -> Issue:
    clause = unit.source[slice(*span)].strip()
    shown = clause if len(clause) <= 24 else f"{clause[:23]}…"
    return Issue("omission", "warning", value, f"The target may leave out “{shown}”.", (span,))


def _uncovered(
    units: Sequence[TranslationUnit], indices: Sequence[int], evidence: Evidence, side: Side
) -> Iterator[tuple[int, Span, float]]:
    """Give for each unit the clause of which the other side seems to have nothing, with its log odds."""
    model = (side, evidence.lexicon is not None)
    if evidence.encoder is None:
        return
    witness = Witness(evidence.lexicon) if evidence.lexicon else None
    suspects = []
    for index in indices:
        source, target = units[index].source, units[index].target
        spans = _clauses_of(source, target, side)
        if not 1 < len(spans) <= _MAX_CLAUSES:
            continue
        if witness is None or _is_suspect(_cover(witness, source, target, spans, side)):
            suspects.append(index)
    pairs = [(units[index].source, units[index].target) for index in suspects]
    for index, found in zip(suspects, coverage_features(pairs, evidence, side) if pairs else (), strict=True):
        odds, span = max((float(np.dot(WEIGHTS[model], features)), span) for span, features in found)
        if odds >= THRESHOLDS[model]:
            yield index, span, round(odds, 2)


def _clauses_of(source: str, target: str, side: Side) -> list[Span]:
    return clauses(source) if side == "source" else english_clauses(target)


def _cover(
    witness: Witness, source: str, target: str, spans: Sequence[Span], side: Side
) -> list[tuple[float, float, float]]:
    measure = witness.source_cover if side == "source" else witness.target_cover
    return measure(source, target, spans)


def _is_suspect(cover: Sequence[tuple[float, float, float]]) -> bool:
    return any(min(part, once) < _SUSPECT_PART for _, part, once in cover)


def coverage_features(
    pairs: Sequence[tuple[str, str]], evidence: Evidence, side: Side
) -> list[list[tuple[Span, tuple[float, ...]]]]:
    """Measure for every clause of one side how well the other side does without it.

    Args:
        pairs: Source and target.
        evidence: With an encoder, and perhaps a lexicon.
        side: Whose clauses.

    Returns:
        For each pair its clauses, each with 13 numbers: 1; n = log(characters or words + 1); the deviation z of the
        target's length; its absolute value; how much that shrinks without the clause; whether the clause is alone; the
        cosine of source and target; the gain e of the cosine without the clause; the cosine c of the clause and the
        other side; c minus the mean of the other clauses; e n; 10 e |e|; c n. With a lexicon 8 more: the part p of the
        clause that the other side's words account for; p p; p n; the mean part of the other clauses; the clause's
        weight / 10; that per character or word; the part q when each word accounts for one clause only; q - p.
    """
    if evidence.encoder is None:
        raise ValueError("coverage is measured with an encoder")
    number: dict[str, int] = {}
    plans = []
    for source, target in pairs:
        text, other = (source, target) if side == "source" else (target, source)
        spans = _clauses_of(source, target, side)
        texts = [text, other]
        for start, end in spans:
            texts += [text[start:end], (text[:start] + text[end:]).strip() or text]
        plans.append((spans, [number.setdefault(one, len(number)) for one in texts]))
    vectors = evidence.encoder.encode(list(number))
    witness = Witness(evidence.lexicon) if evidence.lexicon else None
    result = []
    for (source, target), (spans, places) in zip(pairs, plans, strict=True):
        unit = _HAN if side == "source" else _ENGLISH_WORD
        text = source if side == "source" else target
        sizes = [len(unit.findall(text, *span)) for span in spans]
        rows = _cosine_features(sizes, vectors[places])
        z = length_deviation(source, target, evidence.lengths)
        for row, (start, end) in zip(rows, spans, strict=True):
            rest = text[:start] + text[end:]
            without = (rest, target) if side == "source" else (source, rest)
            shrinks = -1.0 if len(spans) == 1 else abs(z) - abs(length_deviation(*without, evidence.lengths))
            row[2:5] = z, abs(z), shrinks
        if witness:
            cover = _cover(witness, source, target, spans, side)
            for row, more in zip(rows, _cover_features(sizes, cover), strict=True):
                row += more
        result.append([(span, tuple(row)) for span, row in zip(spans, rows, strict=True)])
    return result


def _cosine_features(
    sizes: Sequence[int], vectors: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> list[list[float]]:
    """Make the first 13 features, those of the length still zero; the vectors are text, other, clause, rest, ..."""
    cosines = vectors @ vectors[1]
    whole, alone, without = float(cosines[0]), cosines[2::2], cosines[3::2]
    single = len(sizes) == 1
    rows = []
    for place, size in enumerate(sizes):
        n = math.log(size + 1)
        gain = 0.0 if single else float(without[place]) - whole
        c = float(alone[place])
        others = 0.4 if single else float(np.delete(alone, place).mean())
        row = [1.0, n, 0.0, 0.0, 0.0, float(single), whole, gain, c, c - others, gain * n, 10 * gain * abs(gain), c * n]
        rows.append(row)
    return rows


def _cover_features(sizes: Sequence[int], cover: Sequence[tuple[float, float, float]]) -> list[list[float]]:
    """Make the 8 features of the lexicon."""
    total = sum(weight for weight, _, _ in cover)
    covered = sum(weight * part for weight, part, _ in cover)
    rows = []
    for size, (weight, part, once) in zip(sizes, cover, strict=True):
        n = math.log(size + 1)
        others = (covered - weight * part) / (total - weight) if total - weight > 0.5 else 0.6
        rows.append([part, part * part, part * n, others, weight / 10, weight / max(size, 1), once, once - part])
    return rows
