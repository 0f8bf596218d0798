"""Files of units by path: chosen by ending, read in a stream, written whole or not at all."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError, OutputError
from bilingual.formats import read_units, write_units
from bilingual.formats.atomic import write_atomically
from unit_samples import UNITS, plain


def test_ending_chooses_the_format(tmp_path: Path) -> None:
    path = tmp_path / "a.JSONL"
    write_units(UNITS, path, "jsonl")
    assert plain(read_units(path)) == plain(UNITS)


def test_a_file_written_gets_ordinary_permissions_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomically(path, lambda file: _write(file, b"old"))
    write_atomically(path, lambda file: _write(file, b"new"))
    assert path.read_bytes() == b"new"
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_whatever_stops_a_write_leaves_the_old_file(tmp_path: Path, stop: type[BaseException]) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"half")
        raise stop

    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(stop):
        write_atomically(path, write)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_bad_unit_leaves_nothing(tmp_path: Path) -> None:
    def units() -> Iterator[TranslationUnit]:
        yield UNITS[0]
        raise InputError("a.tsv:3: bad")

    with pytest.raises(InputError, match=r"a\.tsv:3: bad"):
        write_units(units(), tmp_path / "b.tsv", "tsv")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no/a.txt", "{}/no/a.txt: not written: the folder {}/no does not exist; make it first"),
        ("", "{}: is a folder; name a file"),
        ("a" * 300, "{}/" + "a" * 300 + ": not written: File name too long; choose another place with -o"),
    ],
)
def test_unwritable_places(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(OutputError) as caught:
        write_atomically(tmp_path / name, lambda file: _write(file, b"x"))
    assert str(caught.value) == message.replace("{}", str(tmp_path))
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_full_disk() -> None:
    with pytest.raises(OutputError, match=r"^/dev/full: not written: no space left on the disk"):
        write_atomically(Path("/dev/full"), lambda file: _write(file, b"x"))
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "a.tsv",
            b"id\tsource\ttarget\n",
            "holds no translation unit (it is empty, or a header alone); name another file",
        ),
        ("a.jsonl", b"", "holds no translation unit (it is empty, or a header alone); name another file"),
        ("a.tsv", None, "no such file; check the name"),
    ],
)
def test_unreadable_files(tmp_path: Path, name: str, data: bytes | None, message: str) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        list(read_units(path))
    assert str(caught.value) == f"{path}: {message}"


def test_unknown_ending_and_folder(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"a\.pdf: the ending '\.pdf' is no format of translation units; known are \.tsv "
    ):
        list(read_units(tmp_path / "a.pdf"))
    (tmp_path / "b.tsv").mkdir()
    with pytest.raises(InputError, match=r"b\.tsv: is a folder; name a file"):
        list(read_units(tmp_path / "b.tsv"))


def _write(file: BinaryIO, data: bytes) -> None:
    file.write(data)
