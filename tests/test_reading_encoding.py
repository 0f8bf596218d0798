from __future__ import annotations

import pytest

from bilingual.errors import InputError
from bilingual.reading import decode

SIMPLIFIED = "岚溪县松坪村的图书馆迎来了第一万名读者。"
TRADITIONAL = "嵐溪縣的圖書館迎來了第一萬名讀者，這是一個好消息。"


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8-sig"),
        (SIMPLIFIED, "gbk", "gb18030"),
        ("你好", "gbk", "gb18030"),
        ("标题", "gb2312", "gb18030"),
        ("𠀀字在这里，很少见", "gb18030", "gb18030"),
        (TRADITIONAL, "gbk", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        ("你好", "big5", "big5"),
        ("裏面的碁石很多，恒春的墻。", "cp950", "big5"),
        (SIMPLIFIED, "utf-16", "utf-16-le"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        ("Plain English.", "utf-16-le", "utf-16-le"),
        ("Plain English.", "utf-16-be", "utf-16-be"),
        ("你好", "utf-32", "utf-32-le"),
        ("The café’s naïve façade — “fine”.", "cp1252", "cp1252"),
        ("Hello 世界, a long English sentence.", "gbk", "gb18030"),
        ("hello\x00world 你好", "utf-8", "utf-8"),
    ],
)
def test_the_encoding_is_recognised(text: str, codec: str, name: str) -> None:
    assert decode(text.encode(codec)) == (text, name)


@pytest.mark.parametrize(
    ("name", "found"),
    [("GBK", "gb18030"), ("utf8", "utf-8"), ("BIG5", "big5"), ("UTF-16", "utf-16"), ("latin-1", "iso8859-1")],
)
def test_the_encoding_named_is_used(name: str, found: str) -> None:
    assert decode("abcd".encode("utf-16-le" if "16" in name else "ascii"), name) == ("abcd", found)


def test_a_byte_order_mark_is_taken_off_when_the_encoding_is_named() -> None:
    assert decode("你好".encode("utf-8-sig"), "utf-8") == ("你好", "utf-8-sig")
    assert decode("你好".encode("utf-16"), "utf-16") == ("你好", "utf-16-le")


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        (
            b"\x89PNG\r\n\x1a\n\x00\x00",
            None,
            "this is a PNG picture, not text: save its text as a .txt file in UTF-8 and give that",
        ),
        (
            bytes(range(256)) * 10,
            None,
            "this is not text (too many control characters): save its text as a .txt file in UTF-8 and give that",
        ),
        ("你好世界".encode("gbk"), "utf-8", "not valid UTF-8 at byte 0 (0xc4): try --encoding gb18030"),
        (
            ("x" + SIMPLIFIED).encode(),
            "ascii",
            "not valid ASCII at byte 1 (0xe5): it is valid UTF-8; leave --encoding out or type --encoding utf-8",
        ),
        (
            b"abc",
            "klingon",
            "'klingon' is no text encoding known here: try utf-8, gb18030, big5, utf-16, or leave --encoding out",
        ),
        (
            SIMPLIFIED.encode()[:-1],
            None,
            "not valid UTF-8 at byte 57 (0xe3), though most of it is: the file is damaged there; mend it, or type "
            "--encoding gb18030 if it is not UTF-8 at all",
        ),
        (
            b"\x81\x98\xff\xff\xff",
            None,
            "the encoding was not recognised (not valid UTF-8 at byte 0): say which it is, for example "
            "--encoding gb18030 or --encoding big5",
        ),
    ],
)
def test_what_cannot_be_decoded_says_what_to_type(data: bytes, encoding: str | None, message: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(data, encoding)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["hex", "rot13", "undefined", "a\x00b", ""])
def test_codecs_that_are_no_text_encodings_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="no text encoding"):
        decode(b"abc", name)
