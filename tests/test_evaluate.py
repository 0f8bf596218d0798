from __future__ import annotations

import json
from pathlib import Path

import pytest

from bilingual.errors import InputError
from bilingual.evaluate import evaluate_lines
from command import Command

HYPOTHESIS = ["The river is clear now .", "He planted 30,000 trees this year ."]
REFERENCE = ["The river is clear now .", "He planted 30,000 trees last year ."]
OTHER = ["Now the river is clear .", "They planted 30,000 trees this year ."]


def test_scores_are_those_of_the_fields_own_tool() -> None:
    """Literal values from `sacrebleu REFERENCE -i HYPOTHESIS -m bleu chrf ter`, version 2.6.0."""
    scores = evaluate_lines(HYPOTHESIS, [REFERENCE], bootstrap=0)
    assert [(s.name, round(s.score, 1), s.half_width) for s in scores] == [
        ("BLEU", 73.2, None),
        ("chrF2", 85.5, None),
        ("TER", 7.7, None),
    ]
    assert scores[0].signature.startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")


def test_identical_lines_score_full_marks_with_an_interval_of_zero() -> None:
    scores = evaluate_lines(REFERENCE, [REFERENCE])
    assert [(round(s.score, 4), round(s.half_width or 0, 4)) for s in scores] == [(100, 0), (100, 0), (0, 0)]
    assert "bs:1000" in scores[0].signature


def test_several_references_can_only_help() -> None:
    one, two = (evaluate_lines(HYPOTHESIS, r, bootstrap=0)[0] for r in ([REFERENCE], [REFERENCE, OTHER]))
    assert two.score > one.score
    assert two.signature.startswith("nrefs:2|")


def test_unequal_line_counts_are_refused_with_both_numbers() -> None:
    with pytest.raises(InputError, match="hypothesis has 2 lines, the reference has 1"):
        evaluate_lines(HYPOTHESIS, [REFERENCE[:1]])
    with pytest.raises(InputError, match="reference 2 has 1"):
        evaluate_lines(HYPOTHESIS, [REFERENCE, OTHER[:1]])
    with pytest.raises(InputError, match="nothing to score"):
        evaluate_lines([], [[]])


def test_command_prints_a_score_a_line(command: Command, tmp_path: Path) -> None:
    hypothesis, reference = tmp_path / "h.txt", tmp_path / "r.txt"
    hypothesis.write_text("\n".join(HYPOTHESIS) + "\n")
    reference.write_text("\n".join(REFERENCE) + "\n")
    done = command("evaluate", str(hypothesis), str(reference))
    assert (done.code, done.err) == (0, "")
    assert [line.split(" ")[0] for line in done.out.split("\n")] == ["BLEU", "chrF2", "TER", ""]
    records = json.loads(command("evaluate", str(hypothesis), str(reference), "--json").out)
    assert [(r["name"], round(r["score"], 1)) for r in records] == [("BLEU", 73.2), ("chrF2", 85.5), ("TER", 7.7)]


def test_command_reads_the_target_column_of_a_table(command: Command, tmp_path: Path) -> None:
    article, reference = tmp_path / "a.txt", tmp_path / "r.txt"
    article.write_text("望川市今年植树三万棵。\n", encoding="utf-8")
    assert command("translate", str(article), "--to", "tsv,txt").code == 0
    reference.write_text((tmp_path / "a.zh-en.txt").read_text(encoding="utf-8"), encoding="utf-8")
    done = command("evaluate", str(tmp_path / "a.zh-en.tsv"), str(reference))
    assert done.out.startswith("BLEU 100.0")
