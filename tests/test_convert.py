"""`bilingual convert`, as a user types it: every format into every other, and errors that leave nothing behind."""

import os
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import pytest

from bilingual.formats import FORMATS, read_units, write_units
from bilingual.formats.jsonl import read_jsonl
from command import Command
from unit_samples import UNITS, file_of

TOO_FEW = (
    "bad.tsv:3: the header has 2 cells, this row 1; add or remove some, "
    r"and write a tab inside of a text as \t"
)
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


def test_empty_standard_input(command: Command) -> None:
    done = command("convert", "-", "-", "--from", "tsv", "--to", "jsonl", stdin=b"source\ttarget\n")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "Error: Standard input holds no translation unit (it is empty, or a header alone): pipe a table in.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.tsv", "a.tsv"], "a.tsv is the input and would be overwritten: choose another output."),
        (["a.tsv", "b.jsonl"], "b.jsonl exists and may hold your work: add --force to replace it, or choose another."),
        (["a.tsv", "no/b.tmx"], "no/b.tmx: not written: the folder no does not exist; make it first"),
        (["a.tsv", "b.pdf"], "b.pdf: the ending '.pdf' is no format of translation units; known are "
         ".tsv .tab .jsonl .ndjson .tmx .xlf .xliff .xlsx .docx .zh .en .parquet"),
        (["c.tsv", "c.tmx"], "c.tsv: no such file; check the name"),
        (["-", "c.tmx"], "Standard input has no ending: name its format with --from."),
        (["a.tsv", "-"], "Standard output has no ending: name its format with --to."),
        (["a.tsv", "-", "--to", "moses"],
         "moses consists of several files and cannot go to standard output: name a file."),
        (["-", "c.tmx", "--from", "moses"], "moses cannot be read from standard input: name a file."),
        (["a.tsv", "c", "--to", "pdf"], f"There is no format 'pdf'; there are {', '.join(FORMATS)}."),
        (["bad.tsv", "c.tmx"], TOO_FEW),
        (["empty.tsv", "c.tmx"],
         "empty.tsv: holds no translation unit (it is empty, or a header alone); name another file"),
        (["bad.tsv", "c.zh"], TOO_FEW),
        (["bad.tsv", "c.xlsx"], TOO_FEW),
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


def archive(members: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return file.getvalue()


def workbook(*rows: str, sheets: int = 1, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Make a workbook by hand: rows of cells with a tab between them, the same in each sheet."""
    cells = (f"<c t='inlineStr'><is><t>{cell}</t></is></c>" for row in rows for cell in ("\n", *row.split("\t")))
    table = "".join(cells).replace("<c t='inlineStr'><is><t>\n</t></is></c>", "</row><row>").removeprefix("</row>")
    office = "http://schemas.openxmlformats.org/officeDocument/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    names = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, sheets + 1))
    links = "".join(
        f'<Relationship Id="r{n}" Type="{office}/relationships/worksheet" Target="a.xml"/>'
        for n in range(1, sheets + 1)
    )
    return archive(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/a.xml" ContentType="{kind}.worksheet+xml"/></Types>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}/relationships"><sheets>{names}</sheets>'
            "</workbook>",
            "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'relationships">{links}</Relationships>',
            "xl/a.xml": f'<worksheet xmlns="{main}"><sheetData>{table}</row></sheetData></worksheet>',
        },
        compression,
    )


MANY = 100_000_000
BOMB = archive({"a": bytes(MANY)})
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
CONTAINER = '<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>'
PACKAGE = '<package><manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(999)
PAIR = tmx(("zh", "a"), ("en", "b"))

BAD: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "bomb.xlsx": (BOMB, "'a' unpacks to 100,000,000 bytes, a zip bomb; do not use it"),
    "bomb.docx": (BOMB, "'a' unpacks to 100,000,000 bytes, a zip bomb; do not use it"),
    "bomb.epub": (BOMB, "'a' unpacks to 100,000,000 bytes, a zip bomb; do not use it"),
    "outside.xlsx": (archive({"../a": b"x"}), "names a file outside of itself ('../a'); do not use it"),
    "outside.docx": (archive({"..\\a": b"x"}), "names a file outside of itself ('..\\\\a'); do not use it"),
    "outside.epub": (archive({"C:/a": b"x"}), "names a file outside of itself ('C:/a'); do not use it"),
    "encrypted.docx": (OLE, "is encrypted, or in the old binary format; save it without a password as a new file"),
    "encrypted.xlsx": (OLE, "is encrypted, or in the old binary format; save it without a password as a new file"),
    "cut.docx": (
        archive({"a": b"x" * 999})[:-30],
        "is damaged or cut off (File is not a zip file); fetch or export it again",
    ),
    "cut.xlsx": (
        archive({"a": b"x" * 999})[:-30],
        "is damaged or cut off (File is not a zip file); fetch or export it again",
    ),
    "cut.epub": (
        archive({"a": b"x" * 999})[:-30],
        "is damaged or cut off (File is not a zip file); fetch or export it again",
    ),
    "cut.parquet": (b"PAR1abc", "export it again"),
    "entities.tmx": (LAUGHS.encode() + tmx(("zh", "&c;"), ("en", "b")), "declares XML entities"),
    "entities.xlf": (f'{LAUGHS}<xliff version="2.0"><file id="&c;"/></xliff>'.encode(), "declares XML entities"),
    "entities.docx": (archive({"word/document.xml": f"{LAUGHS}<a>&c;</a>"}), "declares XML entities"),
    "entities.xlsx": (archive({"xl/workbook.xml": f"{LAUGHS}<a>&c;</a>"}), "declares XML entities"),
    "entities.epub": (archive({"META-INF/container.xml": f"{LAUGHS}<a>&c;</a>"}), "declares XML entities"),
    "page.epub": (
        archive({"META-INF/container.xml": CONTAINER, "p.opf": PACKAGE, "a.xhtml": f"{LAUGHS}<html><p>&c;</p></html>"}),
        "/a.xhtml: declares XML entities",
    ),
    "external.tmx": (
        b'<!DOCTYPE tmx [<!ENTITY a SYSTEM "/etc/hosts">]>' + tmx(("zh", "&a;"), ("en", "b")),
        "declares XML entities",
    ),
    "external.xlf": (b'<!DOCTYPE xliff [<!ENTITY a SYSTEM "/etc/hosts">]><xliff>&a;</xliff>', "declares XML entities"),
    "malformed.tmx": (PAIR[:-9], ":2: not well-formed XML: "),
    "malformed.xlf": (b'<xliff version="2.0">\n<file><unit></file></xliff>', ":2: not well-formed XML: "),
    "malformed.jsonl": (b'{"source": "a", "target": "b"}\n{"source"\n', ":2: not JSON: Expecting ':' delimiter"),
    "malformed.xlsx": (
        workbook("source\ttarget\tlevel", "a\tb\tx"),
        ": sheet 's1', row 2: level 'x' is not a whole number; write one, or nothing",
    ),
    "part.xlsx": (
        workbook("source\ttarget", "a</t>\tb"),
        "/xl/a.xml:1: not well-formed XML: Opening and ending tag mismatch",
    ),
    "sheets.xlsx": (workbook("a\tb", sheets=1000), "has 1,000 sheets; at most 255 are read: divide it"),
    "unpaired.tmx": (
        tmx(("zh", '<bpt i="1"/>a'), ("en", "b")),
        ":2: a <bpt> has no <ept>: the tags do not pair; export it again",
    ),
    "foreign.tmx": (tmx(("de", "a"), ("en", "b")), "the languages are: de, en; correct them, or name another file"),
    "single.tmx": (tmx(("zh", "a")), "the languages are: zh; correct them, or name another file"),
    "huge.tmx": (lambda: tmx(("zh", "a" * MANY), ("en", "b")), "a text is longer than 10,000,000 bytes; divide it"),
    "huge.tsv": (lambda: b"a" * MANY + b"\tb\n", ":1: the line is longer than 10,000,000 bytes; divide it"),
    "huge.jsonl": (lambda: b'{"source": "' + b"a" * MANY, ":1: the line is longer than 10,000,000 bytes; divide it"),
    "huge.xlsx": (lambda: workbook("a" * MANY + "\tb", compression=zipfile.ZIP_STORED), "longer than 10,000,000"),
    "small.xlsx": (lambda: workbook("a" * MANY + "\tb"), "a zip bomb; do not use it"),
    "header.tsv": (b"id\tsource\ttarget\n", "holds no translation unit (it is empty, or a header alone); name another"),
    "header.xlf": (b'<xliff version="2.0"><file id="f"></file></xliff>', "holds no translation unit"),
    "few.tsv": (b"id\tsource\ttarget\n1\ta\n", ":2: the header has 3 cells, this row 2; add or remove some"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_nothing_is_written(command: Command, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    data, said = BAD[name]
    path.write_bytes(data if isinstance(data, bytes) else data())
    verbs = ["translate"] if name.endswith((".docx", ".epub")) else []
    for verb in verbs if name.endswith(".epub") else [*verbs, "convert"]:
        outputs = ["-o", str(tmp_path / "out.html")] if verb == "translate" else [str(tmp_path / "out.tsv")]
        done = command(verb, str(path), *outputs)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"Error: {name if verb == 'translate' else path}")
        assert said in done.err
        assert done.err.count("\n") == 1
        assert len(done.err) < 360
        assert os.listdir(tmp_path) == [name]
