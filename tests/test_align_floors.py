"""Floors on a text written for this project: 69 beads of ten types, paragraphs split and merged (data/aligned)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bilingual.align import Constraints, align_documents
from bilingual.align.beads import join_paragraphs, read_beads, score_bead_files
from bilingual.align.locks import find_locks, keep_decisions
from bilingual.bitext import Bitext, TranslationUnit, units
from bilingual.encoders import load_encoder
from bilingual.formats import read_units, write_units
from bilingual.pipeline import load_document
from bilingual.protocols import Encoder
from command import Command

DATA = Path(__file__).parent / "data" / "aligned"
ZH, EN, GOLD = DATA / "ferry.txt", DATA / "ferry.en.txt", DATA / "ferry.beads"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """One for all tests: what it has encoded it keeps."""
    return load_encoder()


@pytest.fixture(scope="module")
def aligned(encoder: Encoder) -> Bitext:
    return align_documents(load_document(ZH), load_document(EN), encoder=encoder)


def test_the_text_has_every_type_of_bead() -> None:
    gold = read_beads(GOLD.read_text(encoding="utf-8"), "gold")
    Bitext(load_document(ZH), load_document(EN), tuple(gold))
    assert len(gold) == 69
    assert {bead.type for bead in gold} == {"1-1", "1-2", "2-1", "1-3", "3-1", "4-1", "2-2", "3-2", "1-0", "0-1"}


def test_sentences_reach_the_floor(aligned: Bitext) -> None:
    gold = read_beads(GOLD.read_text(encoding="utf-8"), "gold")
    scores = score_bead_files([(aligned.beads, gold)])
    assert scores.strict_f1 >= 0.94
    assert scores.lax_f1 >= 0.99
    assert all(scores.by_type[kind][1] == 1.0 for kind in ("1-1", "1-2", "2-1", "1-3", "3-1", "4-1", "1-0", "0-1"))


def test_paragraphs_reach_the_floor(aligned: Bitext) -> None:
    gold = read_beads(GOLD.read_text(encoding="utf-8"), "gold")
    sides = [join_paragraphs(beads, aligned.source, aligned.target, "x") for beads in (aligned.beads, gold)]
    assert score_bead_files([(sides[0], sides[1])]).strict_f1 == 1.0


def test_length_alone_reaches_its_floor() -> None:
    bitext = align_documents(load_document(ZH), load_document(EN), encoder=None, method="length")
    gold = read_beads(GOLD.read_text(encoding="utf-8"), "gold")
    assert score_bead_files([(bitext.beads, gold)]).strict_f1 >= 0.55


def reviewed(rows: list[TranslationUnit], row: int) -> TranslationUnit:
    return replace(rows[row], status="accepted", note="seen")


def test_a_lock_is_exactly_its_bead_and_keeps_status_and_note(aligned: Bitext, encoder: Encoder) -> None:
    rows = units(aligned)
    merged = TranslationUnit(
        "x", "ferry.txt", 1, 1, "text", 0, "zh-Hans", "en",
        rows[0].source + rows[1].source, f"{rows[0].target} {rows[1].target}", status="accepted", note="one pair",
    )  # fmt: skip
    locks = find_locks([merged, reviewed(rows, 4)], aligned.source, aligned.target)
    again = align_documents(
        aligned.source, aligned.target, encoder=encoder, constraints=locks.constraints(Constraints())
    )
    kept = keep_decisions(units(again), again.beads, locks)
    assert [(unit.source, unit.status, unit.note) for unit in kept if unit.status] == [
        (merged.source, "accepted", "one pair"),
        (rows[4].source, "accepted", "seen"),
    ]


def test_the_last_pair_can_be_locked(aligned: Bitext, encoder: Encoder) -> None:
    """Its neighbours behind it, which the constraints name, do not exist."""
    rows = units(aligned)
    last = len(rows) - 1
    locks = find_locks([reviewed(rows, last)], aligned.source, aligned.target)
    assert locks.held[0][1].source[-1] == len(aligned.source.segments) - 1
    again = align_documents(aligned.source, aligned.target, encoder=encoder, constraints=locks.constraints())
    assert again.beads[-1].source == aligned.beads[-1].source


def test_locks_survive_a_changed_text_and_what_changed_is_named(
    aligned: Bitext, command: Command, tmp_path: Path
) -> None:
    table, changed = tmp_path / "reviewed.tsv", tmp_path / "ferry.txt"
    rows = units(aligned)
    for number in (2, 4, 7):
        rows[number] = reviewed(rows, number)
    write_units(rows, table, "tsv")
    kept = [rows[number].source for number in (2, 7)]
    text = "岸边新立了一块牌子。\n\n" + ZH.read_text(encoding="utf-8").replace("船是木船。", "船是旧木船。")
    lost = rows[4].source
    changed.write_text(text.replace(lost, lost.replace("“今天有几个人？”", "“今天来了几个人？”")), encoding="utf-8")
    again = tmp_path / "again.tsv"
    done = command("align", str(changed), str(EN), "--reviewed", str(table), "--no-checks", "-o", str(again))
    assert done.code == 0, done.err
    assert "2 reviewed pairs stay joined, 1 have changed" in done.err
    assert "no longer locked" in done.err
    assert [(unit.source, unit.note) for unit in read_units(again) if unit.status == "accepted"] == [
        (source, "seen") for source in kept
    ]


def test_evaluate_scores_paragraphs_too(command: Command) -> None:
    done = command("evaluate", "--beads", str(GOLD), str(GOLD), "--source", str(ZH), "--target", str(EN))
    assert done.out.split("\n")[-2] == "paragraphs (strict) precision 1.0000 recall 1.0000 F1 1.0000"


def test_beads_of_other_texts_are_named(command: Command, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("[0]:[0]\n")
    done = command("evaluate", "--beads", str(tmp_path / "b"), str(GOLD), "--source", str(ZH), "--target", str(EN))
    assert done.code == 1
    assert "does not fit ferry.txt and ferry.en.txt" in done.err


def test_a_missing_chapter_is_a_hole_and_the_rest_stays(command: Command, tmp_path: Path) -> None:
    blocks = EN.read_text(encoding="utf-8").split("\n\n")
    cut = tmp_path / "part.txt"
    cut.write_text("\n\n".join(blocks[:4]), encoding="utf-8")
    done = command("align", str(ZH), str(cut), "--no-checks", "-o", "-", "--to", "beads")
    assert done.code == 0, done.err
    gold = [line for line in GOLD.read_text().split("\n") if line][
        :15
    ]  # what the first four blocks of the English hold
    assert [line.rsplit(":", 1)[0] for line in done.out.split("\n")][:15] == gold
    assert done.out.count(":[]:") > 40
