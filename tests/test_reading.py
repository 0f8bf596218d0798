from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bilingual.errors import InputError
from bilingual.reading import READERS, read_document

EXAMPLES = Path(__file__).parent.parent / "examples"


def error(path: Path | None, data: bytes | None = None, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read_document(path, data, name=str(path or "-"), **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_errors_say_what_to_type(tmp_path: Path) -> None:
    missing = tmp_path / "a.txt"
    assert error(missing) == f"{missing}: no such file; check the name, or type - to read from standard input"
    assert error(tmp_path / "no" / "a.txt") == (
        f"{tmp_path}/no/a.txt: no such file (there is no directory {tmp_path}/no either); check the name, or type - to "
        "read from standard input"
    )
    assert error(tmp_path) == f"{tmp_path}: a directory; for all files in it type: bilingual batch {tmp_path} -o OUT"
    missing.write_bytes(b"")
    assert error(missing) == f"{missing}: the file is empty: give one that has text"
    missing.write_bytes(b" \r\n\xe3\x80\x80\n")
    assert error(missing) == f"{missing}: nothing in it but white space: give a file that has text"
    picture = tmp_path / "p.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert error(picture).startswith(f"{picture}: this is a PNG picture, not text")
    assert error(Path("a.xyz")).startswith("a.xyz: no such file")
    other = tmp_path / "b.xyz"
    other.write_bytes(b"x")
    assert error(other) == (
        f"{other}: no reader for '.xyz' files; what can be read is .txt, .md, .markdown, .html, .htm, .docx, .epub, "
        ".srt, .vtt: save it as one of these, for example as a .txt file in UTF-8"
    )
    assert error(None, "你好世界".encode("gbk"), encoding="utf-8") == (
        "-: not valid UTF-8 at byte 0 (0xc4): try --encoding gb18030"
    )


def test_standard_input_is_plain_text_unless_said_otherwise() -> None:
    data = "# 标题\n\n字的后面还有字。".encode()
    assert read_document(None, data, name="-").paragraphs[0].text == "# 标题"
    assert read_document(None, data, name="-", extension=".md").paragraphs[0].text == "标题"


def test_extensions_in_capitals_and_none_at_all(tmp_path: Path) -> None:
    for name, first in (("A.MD", "标题"), ("README", "# 标题")):
        (tmp_path / name).write_text("# 标题\n\n字的后面还有字。", encoding="utf-8")
        assert read_document(tmp_path / name, name=name).paragraphs[0].text == first


@pytest.mark.parametrize(
    ("data", "lang", "notes"),
    [
        ("河水清了。".encode(), None, ()),
        (
            "河水清了。".encode("gbk"),
            None,
            ("read as GB18030; if the characters are wrong, say which encoding it is with --encoding",),
        ),
        (b"No Chinese.", None, ("no Chinese was found in it; is it the right file?",)),
        (b"No Chinese.", "en", ()),
        ("🙂🙂".encode(), None, ("no Chinese was found in it; is it the right file?",)),
        (
            "河\x00水\x00\x07\u202e清\u202c".encode(),
            None,
            (
                "2 NUL characters in it, kept; the file may be damaged",
                "1 control character in it, kept",
                "2 invisible characters in it that can turn the direction of writing, kept; the text may read "
                "otherwise than it looks",
            ),
        ),
    ],
)
def test_notes(data: bytes, lang: str | None, notes: tuple[str, ...]) -> None:
    assert read_document(None, data, name="-", lang=lang).notes == notes


@pytest.mark.parametrize("extension", sorted(READERS.keys() - {".docx", ".epub", ".srt", ".vtt"}))
def test_a_line_of_a_megabyte(extension: str) -> None:
    data = ("河水清了，人心也就聚拢了。" * 30_000).encode()
    document = read_document(None, data, name="-", extension=extension)
    assert [len(p.text) for p in document.paragraphs] == [390_000]


def test_the_reference_has_a_line_a_segment() -> None:
    english = read_document(EXAMPLES / "news.en.txt", name="news.en.txt", pre_segmented=True)
    assert len(english.paragraphs) == 16
    assert english.lang == "en"


def test_importing_the_room_loads_nothing_heavy() -> None:
    heavy = "lxml trafilatura markdown_it opencc charset_normalizer numpy torch"
    code = f"import sys, bilingual.reading; print([m for m in {heavy!r}.split() if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
