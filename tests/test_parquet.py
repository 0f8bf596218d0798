"""Parquet: every field, typed, for those who read it with pyarrow, pandas or `datasets`."""

import sys
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError, ModelError
from bilingual.formats import write_units
from bilingual.formats.parquet import read_parquet, write_parquet
from unit_samples import HUMAN, UNITS, extras_of, file_of, plain, units_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def written(units: list[TranslationUnit]) -> bytes:
    file = file_of("")
    write_parquet(units, file)
    return file.getvalue()


def read(data: bytes) -> list[TranslationUnit]:
    return list(read_parquet(file_of(data), "m/a.parquet"))


def foreign(**columns: list[object]) -> bytes:
    file = BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_reading_gives_what_was_written(data: st.DataObject) -> None:
    names = data.draw(extras_of(TEXT))
    units = [
        replace(unit, extra=tuple((name, data.draw(TEXT)) for name in names))
        for unit in data.draw(st.lists(units_of(TEXT), max_size=3))
    ]
    assert plain(read(written(units))) == plain(units)


def test_pyarrow_reads_the_same() -> None:
    table = pyarrow.parquet.read_table(file_of(written(UNITS)))
    assert table.column_names == list(TranslationUnit.__slots__)
    assert table["source"].to_pylist() == [unit.source for unit in UNITS]
    assert table["log_prob"].to_pylist() == [None, -0.41253]
    assert table["links"].to_pylist() == [[], [[0, 3, 0, 6], [7, 9, 24, 32]]]


@pytest.mark.parametrize(("name", "builder"), [("a.jsonl", "json"), ("a.parquet", "parquet")])
def test_datasets_loads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, builder: str) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset  # type: ignore[import-untyped]

    path = tmp_path / name
    write_units(UNITS, path, path.suffix[1:])
    loaded = load_dataset(builder, data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded["source"][:] == [unit.source for unit in UNITS]
    assert [issue["code"] for issue in loaded[1]["issues"]] == ["number-missing", "long"]


def test_foreign_columns() -> None:
    data = foreign(source=["雨", "风"], target=["rain", None], day=[date(2024, 5, 1), None], n=[1, 2])
    with pytest.raises(InputError) as caught:
        read(data)
    assert str(caught.value) == "m/a.parquet: row 2: target is missing; add it"
    [unit] = read(foreign(source=["雨"], target=["rain"], day=[date(2024, 5, 1)], n=[1]))
    assert (unit.source, unit.target, unit.extra) == ("雨", "rain", (("day", '"2024-05-01"'), ("n", "1")))


def test_half_a_surrogate_pair_is_replaced_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    [unit] = read(written([replace(HUMAN, source="a\ud83d", extra=(("b\udc00", "c"),))]))
    assert (unit.source, unit.extra) == ("a\ufffd", (("b\ufffd", "c"),))
    assert caplog.messages == ["Parquet: 2 lone surrogates were replaced by U+FFFD"]


@pytest.mark.parametrize("data", [b"", b"PAR1", written(UNITS)[:-40]])
def test_damaged_files_in_one_sentence(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^m/a\.parquet: is no Parquet file that can be read: .*\S; export it again$"):
        read(data)


def test_without_pyarrow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ModelError, match=r"^Parquet needs pyarrow: pip install 'bilingual\[parquet\]'$"):
        written(UNITS)
