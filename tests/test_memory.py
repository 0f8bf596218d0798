"""The translation memory: lookups, neighbours, corrections, and files that are not memories."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bilingual.bitext import TranslationUnit, unit_id
from bilingual.cli.memory import app
from bilingual.errors import InputError, OutputError
from bilingual.formats import write_units
from bilingual.memory import APPLICATION_ID, VERSION, Match, open_memory, settled


def unit(source: str, target: str, document: str = "a.txt") -> TranslationUnit:
    return TranslationUnit(unit_id(document, source, 1), document, 1, 1, "text", 0, "zh-Hans", "en", source, target)


def test_the_same_text_is_found_as_it_is(tmp_path: Path) -> None:
    with open_memory(tmp_path / "m.sqlite") as memory:
        memory.add("答案是创新。", "The answer is innovation.")
        assert memory.find("答案是创新。") == [Match("答案是创新。", "The answer is innovation.", 1.0, 2)]
        assert memory.find("答案是创新。", langs=("zh", "en-GB")) == memory.find("答案是创新。")
        assert memory.find("答案是创新。", langs=("zh-Hans", "de")) == []
        assert memory.find("") == []
        assert memory.count() == 1
    with open_memory(tmp_path / "m.sqlite", create=False) as memory:
        assert memory.count() == 1


def test_of_two_targets_the_one_with_the_same_neighbours_wins(tmp_path: Path) -> None:
    with open_memory(tmp_path / "m.sqlite") as memory:
        memory.add("好的。", "Fine.", "可以吗？", "走吧。")
        memory.add("好的。", "Good ones.", "有哪些？", "没有。")
        matches = memory.find("好的。", "有哪些？", "别的。")
        assert matches == [Match("好的。", "Good ones.", 1.0, 1), Match("好的。", "Fine.", 1.0, 0)]
        assert settled(matches) == matches[0]
        both = memory.find("好的。", "x", "y")
        assert [match.target for match in both] == ["Fine.", "Good ones."]
        assert settled(both) is None


def test_a_correction_in_the_same_place_replaces_and_a_pair_of_no_known_place_stays(tmp_path: Path) -> None:
    with open_memory(tmp_path / "m.sqlite") as memory:
        memory.add("好的。", "Good.", "甲", "乙", document="a.txt")
        memory.add("好的。", "Fine.", "甲", "乙", document="a.txt")
        assert [match.target for match in memory.find("好的。", "甲", "乙")] == ["Fine."]
        memory.add("是。", "Yes.")
        memory.add("是。", "It is.")
        assert [match.target for match in memory.find("是。")] == ["It is.", "Yes."]


def test_similar_texts_are_offered_with_their_similarity(tmp_path: Path) -> None:
    with open_memory(tmp_path / "m.sqlite") as memory:
        memory.add("老渔民走了5公里。", "The fisherman walked 5 km.")
        memory.add("完全不同的一句话，没有什么相似。", "Something else.")
        (match,) = memory.find("老渔民走了7公里。")
        assert match.source == "老渔民走了5公里。"
        assert match.score == pytest.approx(16 / 18)
        assert settled([match]) is None
        assert memory.find("老渔民走了7公里。", min_score=0.95) == []
        memory.add("老渔民走了7公里！", "!")  # a new pair is found although the sources are held in memory
        assert len(memory.find("老渔民走了7公里。")) == 2


def test_units_bring_their_neighbours_of_the_same_document(tmp_path: Path) -> None:
    units = [unit("甲", "A"), unit("乙", "B"), unit("丙", ""), unit("丁", "D", "b.txt")]
    with open_memory(tmp_path / "m.sqlite") as memory:
        assert memory.add_units(units, [1, 2, 3]) == 2
        assert memory.add_units(units, [1]) == 0
        assert memory.find("乙", "甲", "丙") == [Match("乙", "B", 1.0, 2)]
        assert memory.find("丁", "丙", "") == [Match("丁", "D", 1.0, 1)]
        assert [(u.document, u.source, u.target, u.origin, u.extra) for u in memory.units()] == [
            ("a.txt", "乙", "B", "human", (("prev", "甲"), ("next", "丙"))),
            ("b.txt", "丁", "D", "human", ()),
        ]


def test_the_content_hash_is_that_of_the_pairs(tmp_path: Path) -> None:
    with open_memory(tmp_path / "a.sqlite") as a, open_memory(tmp_path / "b.sqlite") as b:
        assert a.content_hash() == b.content_hash()
        a.add("甲", "A")
        a.add("乙", "B")
        b.add("乙", "B")
        assert a.content_hash() != b.content_hash()
        b.add("甲", "A")
        assert a.content_hash() == b.content_hash()
        assert len(a.content_hash()) == 16


def test_nothing_is_stored_when_one_pair_fails(tmp_path: Path) -> None:
    with open_memory(tmp_path / "m.sqlite") as memory:
        with pytest.raises(OutputError):
            memory.add_all([("甲", "A", "", "", ""), ("乙", "\ud800", "", "", "")])
        assert memory.find("\ud800") == []
        assert memory.count() == 0


def test_a_memory_goes_out_as_tmx_and_comes_back_with_its_neighbours(tmp_path: Path) -> None:
    table, first, second, tmx = (tmp_path / name for name in ("a.tsv", "m.sqlite", "n.sqlite", "m.tmx"))
    units = [
        replace(unit("甲", "A"), status="accepted"),
        replace(unit("乙", "B"), status="edited"),
        replace(unit("丙", "C"), origin="machine"),
        replace(unit("丁", "D"), status="rejected"),
        replace(unit("戊", "E"), origin="human"),
    ]
    write_units(units, table, "tsv")
    added = CliRunner().invoke(app, ["add", str(first), str(table)])
    assert added.stderr.splitlines() == [
        f"{table}: 3 new pairs of 5, 2 not confirmed by a person.",
        f"{first}: 3 pairs.",
    ]
    exported = CliRunner().invoke(app, ["export", str(first), "-o", str(tmx)])
    assert exported.stderr.splitlines() == [f"{tmx}: 3 pairs."]
    assert "exists and may hold your work" in str(
        CliRunner().invoke(app, ["export", str(first), "-o", str(tmx)]).exception
    )
    CliRunner().invoke(app, ["add", str(second), str(tmx)])
    with open_memory(first) as one, open_memory(second) as two:
        assert two.find("乙", "甲", "丙") == [Match("乙", "B", 1.0, 2)]
        assert one.content_hash() == two.content_hash()


def test_pairs_of_a_foreign_tmx_have_no_neighbours(tmp_path: Path) -> None:
    with open_memory(tmp_path / "m.sqlite") as memory:
        memory.add_units([unit("是。", "Yes."), unit("是。", "It is.")], in_order=False)
        assert [match.target for match in memory.find("是。")] == ["It is.", "Yes."]


# -- files that are no memory


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    path.write_text("This is a letter, not a memory. " * 40)
    with pytest.raises(InputError) as caught:
        open_memory(path)
    assert str(caught.value) == f"{path}: is not a memory of bilingual (no SQLite file); choose another file."


def test_a_database_of_someone_else(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        open_memory(path)
    assert str(caught.value) == f"{path}: is an SQLite file, but not a memory of bilingual; choose another file."
    assert path.read_bytes() == before


def test_a_memory_of_a_newer_version(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    open_memory(path).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.commit()
    connection.close()
    with pytest.raises(InputError) as caught:
        open_memory(path)
    assert str(caught.value) == (
        f"{path}: was made by a newer version of bilingual; update it (pip install -U bilingual)."
    )


def test_a_memory_that_another_program_is_writing_to(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    with open_memory(path, timeout_s=0.05) as memory:
        other = sqlite3.connect(path)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InputError) as caught:
            memory.add("甲", "A")
        assert str(caught.value) == f"{path}: is locked: another program is writing to it; try again when it is done."
        with pytest.raises(InputError, match="is locked"):
            open_memory(path, timeout_s=0.05)
        other.close()
        memory.add("甲", "A")
        assert memory.count() == 1


def test_a_damaged_memory(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    with open_memory(path) as memory:
        memory.add_all([(f"第{n}句", f"Sentence {n}", "", "", "") for n in range(500)])
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(InputError, match="is damaged; restore it from a copy"), open_memory(path) as memory:
        memory.find("第3句")


def test_a_memory_that_is_not_there_or_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_memory(tmp_path / "m.sqlite", create=False)
    assert str(caught.value).startswith(f"{tmp_path}/m.sqlite: there is no such memory;")
    with pytest.raises(OutputError, match="does not exist: make it first"):
        open_memory(tmp_path / "no" / "m.sqlite")
    with pytest.raises(InputError, match="is not a file"):
        open_memory(tmp_path)
