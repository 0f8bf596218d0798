from __future__ import annotations

import json
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from bilingual.batch.portions import MAX_DOCUMENT_BYTES, Portion, Source, read_portion
from bilingual.batch.reuse import ReusingTranslator
from bilingual.batch.sources import find_sources, open_place
from bilingual.errors import InputError
from bilingual.protocols import Decoding
from test_batch import Shouter, tree


def read_all(place: str, actors: int = 1, skip: frozenset[str] = frozenset()) -> list[Source]:
    """Read every document, portion after portion."""
    sources = find_sources(place, "out", actors, skip)
    return [source for portion in sources.portions for source in read_portion(sources.filesystem, portion)]


def texts(sources: list[Source]) -> dict[str, str]:
    return {source.name: source.contents[0].decode() if source.contents else source.error for source in sources}


@pytest.mark.parametrize("scheme", ["", "file://", "local://"])
def test_a_directory_is_read_alike_from_every_file_system(tmp_path: Path, scheme: str) -> None:
    files = {"b.txt": "乙", "a/c.md": "丙", "a/d/e.html": "<p>戊", ".hidden/x.txt": "x", "a/z.pdf": "z"}
    folder = tree(tmp_path / "in", files)
    sources = find_sources(f"{scheme}{folder}", "out", 1)
    assert (sources.documents, sources.others) == (3, 1)
    assert texts(read_all(f"{scheme}{folder}")) == {"b.txt": "乙", "a/c.md": "丙", "a/d/e.html": "<p>戊"}
    assert list(texts(read_all(f"{scheme}{folder}", skip=frozenset(["b.txt"])))) == ["a/c.md", "a/d/e.html"]


def test_files_are_shared_out_in_order(tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", {f"{n:03}.txt": "字" * 1000 for n in range(200)})  # 600 kB
    many = find_sources(str(folder), "out", 4).portions
    assert [portion.number for portion in many] == list(range(len(many)))
    assert [name for portion in many for name, _ in portion.files] == [f"{n:03}.txt" for n in range(200)]
    assert {len(portion.files) for portion in many[:-1]} == {5}  # of 16 kB at least
    assert len(find_sources(str(folder), "out", 1).portions) == 13


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text('字x\n\u2028"\\ ', max_size=40), max_size=30), st.data())
def test_every_line_is_in_one_portion(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_text(
        "".join(json.dumps({"id": n, "text": text}, ensure_ascii=False) + "\n" for n, text in enumerate(lines)),
        encoding="utf-8",
    )
    size = path.stat().st_size
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=12)))
    portions = [Portion(0, 0, (), str(path), None, a, b) for a, b in zip([0, *cuts], [*cuts, size], strict=True)]
    filesystem, _ = open_place(str(path))
    found = [source for portion in portions for source in read_portion(filesystem, portion)]
    assert [(source.name, source.contents[0].decode()) for source in found] == [
        (str(n), text) for n, text in enumerate(lines)
    ]


def test_lines_that_are_no_documents_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"id": "a", "text": "\xe7\x94\xb2"}\n\n{"id": \n{"text": "x"}\n{"id": 7}\n[1]\n{"id": "z", "text": "z"}'
    )
    assert {name.replace(str(tmp_path), ""): text for name, text in texts(read_all(str(path))).items()} == {
        "a": "甲",
        "/a.jsonl: byte 28": "It is not JSON: Expecting value: line 2 column 1 (char 8).",
        "/a.jsonl: byte 36": "It holds no object with an id.",
        "7": "It has no text.",
        "/a.jsonl: byte 60": "It holds no object with an id.",
        "z": "z",
    }


@pytest.mark.parametrize("rows_a_group", [1000, 70, 7])
def test_rows_of_parquet_are_shared_out(tmp_path: Path, rows_a_group: int) -> None:
    texts_ = [f"{n}" + "字" * 700 for n in range(300)]
    table = pyarrow.table({"id": [f"d{n}" for n in range(300)], "text": texts_, "other": [0.5] * 300})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=rows_a_group, use_dictionary=False)
    sources = find_sources(str(tmp_path), "out", 8)
    assert len(sources.portions) > 8
    assert texts(read_all(str(tmp_path), actors=8)) == {f"d{n}": text for n, text in enumerate(texts_)}


def test_rows_without_id_or_text_are_named(tmp_path: Path) -> None:
    table = pyarrow.table({"id": ["a", None, "c"], "text": ["甲", "乙", None]})
    parquet.write_table(table, tmp_path / "a.parquet")
    found = texts(read_all(str(tmp_path / "a.parquet")))
    assert {name.replace(str(tmp_path), ""): text for name, text in found.items()} == {
        "a": "甲",
        "/a.parquet: row 0.1": "It has no id.",
        "c": "It has no text.",
    }


def test_tables_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        find_sources(str(tmp_path / "no"), "out", 1)
    with pytest.raises(InputError, match=r"holds no file that can be read \(.*\.txt .*\.jsonl \.ndjson\)"):
        find_sources(str(tmp_path), "out", 1)
    (tmp_path / "a.pdf").write_text("x")
    with pytest.raises(InputError, match="is a file, but no table of documents"):
        find_sources(str(tmp_path / "a.pdf"), "out", 1)
    with pytest.raises(InputError, match="no file system is for it"):
        find_sources("nosuch://x/y", "out", 1)
    (tmp_path / "a.parquet").write_text("x")
    with pytest.raises(InputError, match="is no Parquet file that can be read"):
        find_sources(str(tmp_path), "out", 1)
    parquet.write_table(pyarrow.table({"id": [1], "body": ["x"]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet has no column 'text', only id, body\."):
        find_sources(str(tmp_path), "out", 1)
    parquet.write_table(pyarrow.table({"id": [1], "text": [2]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="the column 'text' is int64, not string"):
        find_sources(str(tmp_path), "out", 1)


def test_a_document_of_200_megabytes_is_refused_unread(tmp_path: Path) -> None:
    size = 200_000_000
    error = "It has 200 MB of text, over 10 MB: divide it."
    folder = tree(tmp_path / "in", {"b.txt": "乙"})
    with (folder / "a.txt").open("wb") as file:
        file.truncate(size)
    assert texts(read_all(str(folder))) == {"a.txt": error, "b.txt": "乙"}
    lines = tmp_path / "a.jsonl"
    with lines.open("wb") as file:
        file.write(b'{"id": "a", "text": "')
        file.seek(size - 3, 1)
        file.write(b'"}\n{"id": "b", "text": "\xe4\xb9\x99"}\n')
    assert texts(read_all(str(lines))) == {"a": error, "b": "乙"}
    table = pyarrow.table({"id": ["a", "b"], "text": ["x" * size, "乙"]})
    parquet.write_table(table, tmp_path / "a.parquet", use_dictionary=False)
    assert texts(read_all(str(tmp_path / "a.parquet"))) == {"a": error, "b": "乙"}
    assert size > MAX_DOCUMENT_BYTES


def test_segments_are_decoded_once_and_memory_is_bounded() -> None:
    shouter = Shouter()
    reusing = ReusingTranslator(shouter, max_segments=2)
    assert [t.text for (t,) in reusing.translate(["甲", "乙乙", "甲"])] == [
        "1 characters.",
        "2 characters.",
        "1 characters.",
    ]
    assert [t.text for (t,) in reusing.translate(["乙乙", "丙丙丙"])] == ["2 characters.", "3 characters."]
    reusing.translate(["乙乙", "甲"])  # 甲 was forgotten for 丙丙丙, since 乙乙 was used after it
    reusing.translate(["甲"], Decoding(beam=1))
    assert shouter.decoded == ["甲", "乙乙", "丙丙丙", "甲", "甲"]
    assert (reusing.reuse.asked, reusing.reuse.known) == (8, 3)
