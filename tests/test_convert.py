"""`bilingual convert`, as a user types it: every format into every other, and errors that leave nothing behind."""

import os
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from bilingual.formats import FORMATS, read_units, write_units
from bilingual.formats.jsonl import read_jsonl
from command import Command
from unit_samples import UNITS, file_of

READABLE = [name for name, format in FORMATS.items() if format.read]


def named(name: str, folder: Path, stem: str) -> Path:
    return folder / f"{stem}{FORMATS[name].extension or FORMATS[name].parts[0]}"


@pytest.mark.parametrize("write_as", FORMATS)
@pytest.mark.parametrize("read_as", READABLE)
def test_every_format_into_every_other(command: Command, tmp_path: Path, read_as: str, write_as: str) -> None:
    source, output = named(read_as, tmp_path, "in"), named(write_as, tmp_path, "out")
    write_units(UNITS, source, read_as)
    done = command("convert", str(source), str(output), "--to", write_as)
    parts = [str(output.with_suffix(part)) for part in FORMATS[write_as].parts] or [str(output)]
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[-1] == f"{source} → {' and '.join(parts)}: 2 units"
    if write_as in READABLE:
        back = list(read_units(output))
        assert [(unit.source, unit.target) for unit in back] == [(unit.source, unit.target) for unit in UNITS]


def test_standard_input_and_output(command: Command) -> None:
    done = command("convert", "-", "-", "--from", "tsv", "--to", "jsonl", stdin="你好\tHi\n".encode())
    assert (done.code, done.err) == (0, "")
    [unit] = read_jsonl(file_of(done.out), "out")
    assert (unit.source, unit.target, unit.document) == ("你好", "Hi", "stdin")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.tsv", "a.tsv"], "a.tsv is the input and would be overwritten: choose another output."),
        (["a.tsv", "b.jsonl"], "b.jsonl exists and may hold your work: add --force to replace it, or choose another."),
        (["a.tsv", "no/b.tmx"], "no/b.tmx: not written: the folder no does not exist; make it first"),
        (["a.tsv", "b.pdf"], "b.pdf: the ending '.pdf' is no format of translation units; known are "
         ".tsv .tab .jsonl .ndjson .tmx .xlf .xliff .xlsx .docx .zh .en .parquet"),
        (["c.tsv", "c.tmx"], "c.tsv: no such file"),
        (["-", "c.tmx"], "Standard input has no ending: name its format with --from."),
        (["a.tsv", "-"], "Standard output has no ending: name its format with --to."),
        (["a.tsv", "-", "--to", "moses"],
         "moses consists of several files and cannot go to standard output: name a file."),
        (["-", "c.tmx", "--from", "moses"], "moses cannot be read from standard input."),
        (["a.tsv", "c", "--to", "pdf"], f"There is no format 'pdf'; there are {', '.join(FORMATS)}."),
        (["bad.tsv", "c.tmx"], "bad.tsv:3: the row has 1 cells, the header has 2"),
        (["empty.tsv", "c.tmx"], "empty.tsv: holds no translation unit"),
        (["bad.tsv", "c.zh"], "bad.tsv:3: the row has 1 cells, the header has 2"),
        (["bad.tsv", "c.xlsx"], "bad.tsv:3: the row has 1 cells, the header has 2"),
    ],
)  # fmt: skip
def test_errors_are_one_sentence_and_leave_nothing(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.tsv").write_text("你好\tHi\n", "utf-8")
    Path("b.jsonl").write_text("mine", "utf-8")
    Path("bad.tsv").write_text("source\ttarget\n你好\tHi\n你好\n", "utf-8")
    Path("empty.tsv").write_text("source\ttarget\n", "utf-8")
    before = sorted(os.listdir())
    done = command("convert", *arguments)
    assert (done.code, done.out, done.err) == (1, "", f"Error: {message}\n")
    assert sorted(os.listdir()) == before
    assert Path("b.jsonl").read_text("utf-8") == "mine"


def test_force_replaces(command: Command, tmp_path: Path) -> None:
    source, output = tmp_path / "a.tsv", tmp_path / "b.jsonl"
    write_units(UNITS, source, "tsv")
    output.write_text("old", "utf-8")
    assert command("convert", str(source), str(output), "--force").code == 0
    assert [unit.source for unit in read_units(output)] == [unit.source for unit in UNITS]


def tmx(*pairs: tuple[str, str]) -> bytes:
    """Make a TMX file of one unit: (language, text) for each variant."""
    variants = "".join(f'<tuv xml:lang="{lang}"><seg>{text}</seg></tuv>' for lang, text in pairs)
    return f'<tmx version="1.4"><header srclang="zh"/><body>\n<tu>{variants}</tu></body></tmx>'.encode()


def archive(**members: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return file.getvalue()


BAD = {
    "bomb.xlsx": archive(a=bytes(100_000_000)),
    "bomb.docx": archive(a=bytes(100_000_000)),
    "bomb.epub": archive(a=bytes(100_000_000)),
    "outside.xlsx": archive(**{"../a": b"x"}),
    "outside.docx": archive(**{"..\\a": b"x"}),
    "outside.epub": archive(**{"C:/a": b"x"}),
    "encrypted.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(999),
    "encrypted.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(999),
    "cut.docx": archive(a=b"x" * 999)[:-30],
    "cut.xlsx": archive(a=b"x" * 999)[:-30],
    "cut.epub": archive(a=b"x" * 999)[:-30],
    "cut.parquet": b"PAR1abc",
    "entities.tmx": b'<!DOCTYPE tmx [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + tmx(("zh", "&b;"), ("en", "b")),
    "external.tmx": b'<!DOCTYPE tmx [<!ENTITY a SYSTEM "/etc/hosts">]>' + tmx(("zh", "&a;"), ("en", "b")),
    "external.xlf": b'<!DOCTYPE xliff [<!ENTITY a SYSTEM "/etc/hosts">]><xliff>&a;</xliff>',
    "malformed.tmx": tmx(("zh", "a"), ("en", "b"))[:-9],
    "malformed.xlf": b'<xliff version="2.0"><file><unit></file></xliff>',
    "malformed.jsonl": b'{"source": "a", "target": "b"}\n{"source"\n',
    "unpaired.tmx": tmx(("zh", '<bpt i="1"/>a'), ("en", "b")),
    "foreign.tmx": tmx(("de", "a"), ("en", "b")),
    "single.tmx": tmx(("zh", "a")),
    "huge.tmx": tmx(("zh", "a" * 100_000_000), ("en", "b")),
    "huge.tsv": b"a" * 100_000_000 + b"\tb\n",
    "huge.jsonl": b'{"source": "' + b"a" * 100_000_000,
    "header.tsv": b"id\tsource\ttarget\n",
    "header.xlf": b'<xliff version="2.0"><file id="f"></file></xliff>',
    "few.tsv": b"id\tsource\ttarget\n1\ta\n",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_nothing_is_written(command: Command, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name])
    verbs = ["translate"] if name.endswith((".docx", ".epub")) else []
    for verb in verbs if name.endswith(".epub") else [*verbs, "convert"]:
        outputs = ["-o", str(tmp_path / "out.html")] if verb == "translate" else [str(tmp_path / "out.tsv")]
        done = command(verb, str(path), *outputs)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"Error: {name if verb == 'translate' else path}")
        assert done.err.count("\n") == 1
        assert len(done.err) < 300
        assert os.listdir(tmp_path) == [name]
