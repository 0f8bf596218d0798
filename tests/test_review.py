"""Decisions: read, validated, applied, merged."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bilingual.bitext import Issue, TranslationUnit, unit_id, visible
from bilingual.cli.review import app
from bilingual.errors import BilingualError, InputError, OutputError
from bilingual.formats import read_units, write_units
from bilingual.memory import open_memory
from bilingual.page import text_hash
from bilingual.review import (
    Applied,
    Conflict,
    Decision,
    Decisions,
    Piece,
    Stamp,
    apply_decisions,
    merge_decisions,
    read_decisions,
    write_decisions,
)


def unit(source: str, target: str, paragraph: int = 1, sentence: int = 1, **fields: object) -> TranslationUnit:
    base = TranslationUnit(
        id=unit_id("清河.txt", source or target, 1),
        document="清河.txt",
        paragraph=paragraph,
        sentence=sentence,
        kind="text",
        level=0,
        source_lang="zh-Hans",
        target_lang="en",
        source=source,
        target=target,
        log_prob=-0.5,
    )
    return replace(base, **fields)  # type: ignore[arg-type]


ISSUE = Issue("number", "error", 1, "The numbers differ.", ((0, 1),), ((0, 1),))
UNITS = [
    unit("老渔民走了5公里。", "The fisherman walked 5 km.", 1, 1, links=((0, 3, 4, 13),)),
    unit("发现问题3,480个。", "3,840 problems.", 1, 2, issues=(ISSUE,)),
    unit("河清了。鱼回来了。", "The river is clear. The fish are back.", 2, 1),
    unit("孙子又能", "The grandson can", 3, 1, confidence=0.5),
    unit("摸鱼了。", "fish again.", 3, 2, confidence=0.6),
]


def stamp(unit: TranslationUnit) -> Stamp:
    return Stamp(unit.document, unit.id, text_hash(unit.source), text_hash(unit.target))


def decide(unit: TranslationUnit, status: str, target: str | None = None, note: str = "") -> Decision:
    piece = Piece(unit.source, unit.target if target is None else target, status, note)  # type: ignore[arg-type]
    return Decision((stamp(unit),), (piece,))


ACCEPT = decide(UNITS[0], "accepted")
EDIT = decide(UNITS[1], "edited", "3,480 problems were found.", "digits were swapped")
SPLIT = Decision(
    (stamp(UNITS[2]),),
    (Piece("河清了。", "The river is clear.", "accepted"), Piece("鱼回来了。", "The fish are back.")),
)
MERGE = Decision(
    (stamp(UNITS[3]), stamp(UNITS[4])), (Piece("孙子又能摸鱼了。", "The grandson can fish again.", "accepted"),)
)
ALL = [ACCEPT, EDIT, SPLIT, MERGE]


def written(decisions: Decisions) -> bytes:
    file = io.BytesIO()
    write_decisions(decisions, file)
    return file.getvalue()


def reasons(applied: Applied) -> list[str]:
    return [stale.reason for stale in applied.stale]


# -- applying


def test_an_accept_changes_the_status_alone() -> None:
    applied = apply_decisions(UNITS, [ACCEPT])
    assert applied == Applied((replace(UNITS[0], status="accepted"), *UNITS[1:]), 1, 0, (), (0,))


def test_an_edit_takes_the_place_of_the_translation_and_of_what_was_said_about_it() -> None:
    edited = apply_decisions(UNITS, [EDIT]).units[1]
    assert repr(edited) == repr(
        replace(
            UNITS[1],
            target="3,480 problems were found.",
            status="edited",
            note="digits were swapped",
            origin="human",
            log_prob=float("nan"),
            issues=(),
        )
    )


def test_split_and_merge_keep_both_sides_whole_and_count_sentences_anew() -> None:
    applied = apply_decisions(UNITS, ALL)
    assert [(u.paragraph, u.sentence, u.source, u.target, u.status) for u in applied.units] == [
        (1, 1, "老渔民走了5公里。", "The fisherman walked 5 km.", "accepted"),
        (1, 2, "发现问题3,480个。", "3,480 problems were found.", "edited"),
        (2, 1, "河清了。", "The river is clear.", "accepted"),
        (2, 2, "鱼回来了。", "The fish are back.", ""),
        (3, 1, "孙子又能摸鱼了。", "The grandson can fish again.", "accepted"),
    ]
    assert [u.id for u in applied.units[2:4]] == [
        unit_id("清河.txt", "河清了。", 1),
        unit_id("清河.txt", "鱼回来了。", 1),
    ]
    assert applied.confirmed == (0, 1, 2, 4)
    assert (applied.applied, applied.unchanged, applied.stale) == (4, 0, ())


def test_a_piece_stays_in_the_paragraph_in_which_it_begins() -> None:
    units = [unit("甲乙丙", "A B C", 1), unit("丁", "D", 2)]
    decision = Decision((stamp(units[0]), stamp(units[1])), (Piece("甲", "A"), Piece("乙丙丁", "B C D")))
    assert [(u.paragraph, u.sentence) for u in apply_decisions(units, [decision]).units] == [(1, 1), (1, 2)]
    decision = Decision((stamp(units[0]), stamp(units[1])), (Piece("甲乙丙", "A"), Piece("丁", "B C D")))
    assert [(u.paragraph, u.sentence) for u in apply_decisions(units, [decision]).units] == [(1, 1), (2, 1)]


def test_a_new_piece_never_takes_the_id_of_another_unit() -> None:
    units = [UNITS[2], unit("河清了。", "The river cleared.", 3)]
    applied = apply_decisions(units, [SPLIT])
    assert len({u.id for u in applied.units}) == 3
    assert applied.units[0].id == unit_id("清河.txt", "河清了。", 2)
    assert applied.units[2] == units[1]


def test_applying_twice_is_applying_once() -> None:
    once = apply_decisions(UNITS, ALL)
    twice = apply_decisions(once.units, ALL)
    assert repr(twice.units) == repr(once.units)
    assert (twice.applied, twice.unchanged, twice.stale) == (0, 4, ())
    assert twice.confirmed == once.confirmed


def test_an_edit_carries_over_to_a_new_translation_and_nothing_else_does() -> None:
    newer = [replace(u, target=u.target + " New.") for u in UNITS]
    applied = apply_decisions(newer, [*ALL, decide(UNITS[3], "rejected"), decide(UNITS[4], "", note="?")])
    assert applied.units[1].target == "3,480 problems were found."
    assert applied.applied == 1
    assert reasons(applied) == ["the translation it was made for has changed"] * 5


def test_a_split_whose_pieces_are_all_edited_carries_over() -> None:
    pieces = tuple(replace(piece, status="edited", target=piece.target + "!") for piece in SPLIT.becomes)
    newer = [replace(UNITS[2], target="Something else.")]
    applied = apply_decisions(newer, [replace(SPLIT, becomes=pieces)])
    assert [u.target for u in applied.units] == ["The river is clear.!", "The fish are back.!"]


@pytest.mark.parametrize(
    ("units", "decision", "reason"),
    [
        (UNITS[1:], ACCEPT, "its unit is not in this file: the source has changed, or it is another document"),
        ([replace(UNITS[0], source="别的")], ACCEPT, "the source has changed"),
        ([UNITS[3], UNITS[0], UNITS[4]], MERGE, "its units are no longer neighbours"),
        ([UNITS[3]], MERGE, "its units are no longer neighbours"),
        (
            [UNITS[0], UNITS[0]],
            ACCEPT,
            f"2 units of this file have its id {UNITS[0].id}, and 1 had it on the page",
        ),
        (UNITS, replace(ACCEPT, becomes=(Piece("老渔民", "The fisherman"),)), "it would change the source"),
        (
            UNITS,
            replace(ACCEPT, becomes=(replace(ACCEPT.becomes[0], target="x"),)),
            "it would change the translation without saying so",
        ),
    ],
)
def test_what_does_not_fit_is_stale_and_says_why(units: list[TranslationUnit], decision: Decision, reason: str) -> None:
    applied = apply_decisions(units, [decision])
    assert applied.units == tuple(units)
    assert reasons(applied) == [reason]
    assert applied.applied == 0


def test_of_two_decisions_about_one_unit_the_first_is_applied() -> None:
    applied = apply_decisions(UNITS, [ACCEPT, decide(UNITS[0], "rejected")])
    assert applied.units[0].status == "accepted"
    assert reasons(applied) == ["another decision in this file speaks of the same unit"]


def test_units_that_share_an_id_are_told_apart_by_their_order() -> None:
    twins = [UNITS[0], UNITS[1], UNITS[0]]
    second = Decision((replace(stamp(UNITS[0]), occurrence=2, of=2),), ACCEPT.becomes)
    assert [u.status for u in apply_decisions(twins, [second]).units] == ["", "", "accepted"]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_decision_loses_a_character_of_the_source(data: st.DataObject) -> None:
    units = [unit(f"第{n}句。后半句{n}", f"S{n}. Second half {n}", n) for n in range(5)]
    start = data.draw(st.integers(0, 4))
    stop = data.draw(st.integers(start + 1, 5))
    source, target = "".join(u.source for u in units[start:stop]), " ".join(u.target for u in units[start:stop])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(source)), max_size=3)))
    marks = sorted(data.draw(st.lists(st.integers(0, len(target)), min_size=len(cuts), max_size=len(cuts))))
    parts = [source[a:b] for a, b in zip([0, *cuts], [*cuts, len(source)], strict=True)]
    others = [target[a:b] for a, b in zip([0, *marks], [*marks, len(target)], strict=True)]
    pieces = tuple(Piece(a, b) for a, b in zip(parts, others, strict=True))
    decision = Decision(tuple(stamp(u) for u in units[start:stop]), pieces)
    applied = apply_decisions(units, [decision])
    assert applied.stale == ()
    for side in ("source", "target"):
        before = visible("".join(getattr(u, side) for u in units))
        assert visible("".join(getattr(u, side) for u in applied.units)) == before
    assert len({u.id for u in applied.units if u.source or u.target}) >= len(applied.units) - len(pieces) + 1


# -- the file


def test_decisions_come_back_from_their_file() -> None:
    conflict = Conflict(ACCEPT, decide(UNITS[0], "rejected"), "one is accepted, the other rejected")
    twin = Decision((replace(stamp(UNITS[0]), occurrence=2, of=2),), ACCEPT.becomes)
    decisions = Decisions("清河.txt", (*ALL, twin), (conflict,))
    data = written(decisions)
    assert read_decisions(io.BytesIO(data), "d.json") == decisions
    assert len(data.splitlines()) == 9


def damaged(**fields: object) -> str:
    entry = json.loads(written(Decisions("清河.txt", (ACCEPT,))))["decisions"][0] | fields
    return json.dumps({"format": "bilingual-decisions", "version": 1, "decisions": [entry]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n"b": }', "d.json:2: is not JSON: Expecting value; export the decisions again"),
        ("", "d.json:1: is not JSON: Expecting value; export the decisions again"),
        ("[" * 100_000, "d.json: is nested too deeply for a decisions file"),
        ("[]", "d.json: is not a decisions file; Export on the page writes one"),
        ('{"format": "x", "decisions": []}', "d.json: is not a decisions file; Export on the page writes one"),
        (
            '{"format": "bilingual-decisions", "version": 2, "decisions": []}',
            "d.json: was made by a newer version of bilingual; update it (pip install -U bilingual)",
        ),
        (damaged(units=[]), "d.json: decision 1 is damaged: it needs `units` and `becomes`, lists that are not empty"),
        (damaged(units=["x"]), "d.json: decision 1 is damaged: it holds something that is no object"),
        (damaged(units=[{"id": "x"}]), "d.json: decision 1 is damaged: `document` must be a text"),
        (
            damaged(becomes=[{"source": "", "target": "", "status": "wild", "note": ""}]),
            "d.json: decision 1 is damaged: 'wild' is no status",
        ),
    ],
)
def test_a_damaged_file_is_named_with_its_line_or_decision(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_decisions(io.BytesIO(text.encode()), "d.json")
    assert str(caught.value) == message


def test_bytes_that_are_not_utf8_are_named() -> None:
    with pytest.raises(InputError, match=r"d\.json: is not UTF-8"):
        read_decisions(io.BytesIO(b"\xff\xfe{"), "d.json")


# -- merging


def test_decisions_about_different_units_come_together() -> None:
    assert merge_decisions([ACCEPT, EDIT], [SPLIT, ACCEPT]).decisions == (ACCEPT, EDIT, SPLIT)


def test_comments_are_joined_and_an_empty_status_gives_way() -> None:
    one, two = decide(UNITS[0], "", note="which village?"), decide(UNITS[0], "accepted", note="fine")
    merged = merge_decisions([one], [two])
    assert merged.decisions == (decide(UNITS[0], "accepted", note="which village? / fine"),)
    assert merged.conflicts == ()
    commented = merge_decisions([decide(UNITS[1], "", note="?")], [EDIT]).decisions[0].becomes[0]
    assert commented == replace(EDIT.becomes[0], note="? / digits were swapped")


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (ACCEPT, decide(UNITS[0], "rejected"), "one is accepted, the other rejected"),
        (EDIT, decide(UNITS[1], "edited", "3480 problems."), "the translations differ"),
        (decide(UNITS[2], "accepted"), SPLIT, "they split and merge differently"),
        (decide(UNITS[3], "accepted"), MERGE, "they split and merge differently"),
        (
            ACCEPT,
            Decision((replace(stamp(UNITS[0]), target_hash="0"),), ACCEPT.becomes),
            "they were made on different versions",
        ),
    ],
)
def test_what_cannot_both_hold_is_a_conflict_and_left_out(first: Decision, second: Decision, reason: str) -> None:
    merged = merge_decisions([first], [second])
    assert merged.decisions == ()
    assert merged.conflicts == (Conflict(first, second, reason),)
    assert merge_decisions([first], [second], "first").decisions == (first,)
    assert merge_decisions([first], [second], "second").decisions == (second,)


def test_a_merge_against_two_decisions_is_two_conflicts() -> None:
    first = [decide(UNITS[3], "accepted"), decide(UNITS[4], "accepted")]
    merged = merge_decisions(first, [MERGE])
    assert [conflict.first for conflict in merged.conflicts] == first
    assert merge_decisions(first, [MERGE], "second").decisions == (MERGE,)


# -- the command


def save(path: Path, decisions: list[Decision], conflicts: tuple[Conflict, ...] = ()) -> Path:
    path.write_bytes(written(Decisions("清河.txt", tuple(decisions), conflicts)))
    return path


@pytest.mark.parametrize("name", ["tsv", "jsonl", "tmx", "xliff", "xlsx"])
def test_apply_writes_every_format_and_fills_the_memory(tmp_path: Path, name: str) -> None:
    from bilingual.formats import FORMATS

    table = tmp_path / f"a{FORMATS[name].extensions[0]}"
    write_units(UNITS, table, name)
    decisions = save(tmp_path / "a.json", ALL)
    memory = tmp_path / "m.sqlite"
    result = CliRunner().invoke(app, ["apply", str(decisions), str(table), "--memory", str(memory)])
    assert result.exit_code == 0, result.output
    reviewed = table.with_name(f"a.reviewed{table.suffix}")
    assert result.stderr.splitlines() == [f"{reviewed}: 4 applied, 0 stale.", f"{memory}: 4 new pairs, 4 in all."]
    assert [(u.source, u.target, u.status) for u in read_units(reviewed)] == [
        ("老渔民走了5公里。", "The fisherman walked 5 km.", "accepted"),
        ("发现问题3,480个。", "3,480 problems were found.", "edited"),
        ("河清了。", "The river is clear.", "accepted"),
        ("鱼回来了。", "The fish are back.", ""),
        ("孙子又能摸鱼了。", "The grandson can fish again.", "accepted"),
    ]
    with open_memory(memory) as store:
        (match,) = store.find("发现问题3,480个。", "老渔民走了5公里。", "河清了。")
    assert (match.target, match.neighbours) == ("3,480 problems were found.", 2)


def test_apply_lists_what_is_stale_and_exits_with_1(tmp_path: Path) -> None:
    table = tmp_path / "a.tsv"
    write_units([UNITS[0], replace(UNITS[1], target="Other.")], table, "tsv")
    decisions = save(tmp_path / "a.json", [decide(UNITS[1], "accepted"), ACCEPT])
    result = CliRunner().invoke(app, ["apply", str(decisions), str(table)])
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{tmp_path}/a.reviewed.tsv: 1 applied, 1 stale.",
        f"  not applied to {table}: 发现问题3,480个。: the translation it was made for has changed",
    ]


def test_apply_never_overwrites(tmp_path: Path) -> None:
    table = tmp_path / "a.tsv"
    write_units(UNITS, table, "tsv")
    decisions = save(tmp_path / "a.json", ALL)
    same = CliRunner().invoke(app, ["apply", str(decisions), str(table), "-o", str(table)])
    assert isinstance(same.exception, OutputError)
    (tmp_path / "a.reviewed.tsv").write_text("mine")
    there = CliRunner().invoke(app, ["apply", str(decisions), str(table)])
    assert "may hold your work" in str(there.exception)
    forced = CliRunner().invoke(app, ["apply", str(decisions), str(table), "--force"])
    assert forced.exit_code == 0
    missing = CliRunner().invoke(app, ["apply", str(tmp_path / "none.json"), str(table), "--force"])
    assert str(missing.exception) == f"{tmp_path}/none.json: cannot be read: No such file or directory"


def test_merge_writes_what_agrees_and_keeps_the_conflicts(tmp_path: Path) -> None:
    first = save(tmp_path / "a.json", [ACCEPT, EDIT])
    second = save(tmp_path / "b.json", [decide(UNITS[0], "rejected"), SPLIT])
    both = tmp_path / "c.json"
    result = CliRunner().invoke(app, ["merge", str(first), str(second), "-o", str(both)])
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{both}: 2 decisions of 2 and 2.",
        "  conflict: 老渔民走了5公里。: one is accepted, the other rejected",
        "    first: accepted: The fisherman walked 5 km.",
        "    second: rejected: The fisherman walked 5 km.",
    ]
    with both.open("rb") as file:
        merged = read_decisions(file, "c.json")
    assert merged.decisions == (EDIT, SPLIT)
    assert [conflict.reason for conflict in merged.conflicts] == ["one is accepted, the other rejected"]
    settled = CliRunner().invoke(
        app, ["merge", str(first), str(second), "-o", str(both), "--prefer", "second", "--force"]
    )
    assert settled.exit_code == 0


def test_merge_refuses_decisions_of_two_documents(tmp_path: Path) -> None:
    first = save(tmp_path / "a.json", [ACCEPT])
    second = tmp_path / "b.json"
    second.write_bytes(written(Decisions("b.txt", ())))
    result = CliRunner().invoke(app, ["merge", str(first), str(second), "-o", str(tmp_path / "c.json")])
    assert isinstance(result.exception, BilingualError)
    assert str(result.exception) == (
        f"{first} is about '清河.txt', {second} about 'b.txt': merge those of one document."
    )
