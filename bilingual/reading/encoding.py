"""Bytes -> text: which encoding is it?

UTF-8 proves itself by its form. The legacy encodings of Chinese do not: nearly any GB18030 text is also valid Big5 and
the other way round, so the readings are compared by how ordinary the characters are that they give.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bilingual.errors import InputError

__all__ = ["decode", "describe_encoding"]

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32-le", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32-be", "utf-32"),
    (b"\xff\xfe", "utf-16-le", "utf-16"),
    (b"\xfe\xff", "utf-16-be", "utf-16"),
)
"""Byte order mark, name reported, codec that takes the mark off."""

_SIGNATURES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive (Word and EPUB files are such archives)"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x7fELF", "a program"),
)

_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种"
    "事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第"
    "公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合"
    "回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总"
    "何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听"
    "白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带"
    "這個們來為國說時會對於著過發後種經麼學現當沒動還進樣開從實軍無與長機關點業將兩間問並應戰頭體見產話內給門兒東聲員"
    "論處義幾認條氣題爾別變總電數報結務場計資許統區隊決馬書則聽卻達強難權設記類據邊張該規萬覺術領確傳師觀讓識帶導爭運"
    "吗呢吧啊嗎您请謝谢请請友早晚安喜爱愛欢歡迎"
)
"""The most frequent characters of running Chinese, in both forms: about half of any text."""

_ORDINARY_MARKS = frozenset("，。、；：？！“”‘’（）《》【】「」『』—…　·〈〉〔〕％～")
_MIN_ORDINARY = 0.25
"""Least mean weight of a reading that is taken. Pieces of 4 to 40 characters of running text weigh 0.77 (GB18030) and
0.81 (Big5, UTF-16) in the mean when read right; 1 of 1,190 in GB18030 of 20 characters and more weighs under 0.35."""
_UTF16_MARGIN = 0.15
"""UTF-16 without a byte order mark is rare: its reading must be this much more ordinary than the others."""
_SAMPLE_BYTES = 65_536
_MAX_WESTERN_SHARE = 0.3
"""Share of bytes beyond ASCII: 0.28 in the most accented French sentence tried; other scripts have far more."""
_OTHERS = ["cp932", "euc_jp", "cp949", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255"]
"""Encodings of other languages that files still come in; a longer list only finds a reading for any noise."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MAX_CONTROL_SHARE = 0.05

_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "big5": "big5", "cp950": "big5"}
"""As browsers do: files called by the first name regularly hold characters of the second."""


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    r"""Decode bytes, with the encoding given or the one they are in.

    Returns:
        The text without byte order mark, and the codec's name: `utf-8`, `utf-8-sig` (with a byte order mark),
        `gb18030`, `big5`, `utf-16-le`, `utf-16-be` ...

    Raises:
        InputError: The bytes are no text, not valid in the encoding given, or the encoding is not known.

    >>> decode("你好".encode("gbk"))
    ('你好', 'gb18030')
    """
    if encoding is not None:
        return _decode_as(data, encoding)
    for mark, name, codec in _BOMS:
        if data.startswith(mark):
            return _strict(data, codec, name), name
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise InputError(f"this is {what}, not text: save its text as a .txt file in UTF-8 and give that")
    if wide := _utf16_by_zeros(data):
        return _strict(data, wide, wide), wide
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _decode_legacy(data, error)
    _refuse_binary(data)
    return text, "utf-8"


def describe_encoding(name: str) -> str:
    """Say for people which encoding was used; nothing when it was UTF-8."""
    if name in ("utf-8", "utf-8-sig"):
        return ""
    return f"read as {name.upper()}; if the characters are wrong, say which encoding it is with --encoding"


def _decode_as(data: bytes, encoding: str) -> tuple[str, str]:
    """Decode with the encoding that the user named."""
    import codecs

    try:
        name = codecs.lookup(encoding).name
        "a".encode(name)  # a codec that is no text encoding (hex, rot13) is refused here
    except (LookupError, ValueError):  # ValueError: a NUL in the name, the codec "undefined"
        raise InputError(
            f"{encoding!r} is no text encoding known here: try utf-8, gb18030, big5, utf-16, or leave --encoding out"
        ) from None
    for mark, found, codec in _BOMS:
        if data.startswith(mark) and found.startswith(name.replace("utf-8", "utf-8-sig")[:6]):
            return _strict(data, codec, found), found
    name = _SUPERSETS.get(name, name)
    return _strict(data, name, name), name


def _strict(data: bytes, codec: str, name: str) -> str:
    """Decode, or say where the first byte is that does not belong and what to try."""
    try:
        return _DECODERS[codec](data) if codec in _DECODERS else data.decode(codec)
    except UnicodeError as error:
        offset = f" at byte {error.start}" if isinstance(error, UnicodeDecodeError) else ""
        shown = (
            f" (0x{data[error.start]:02x})" if isinstance(error, UnicodeDecodeError) and error.start < len(data) else ""
        )
        raise InputError(f"not valid {name.upper()}{offset}{shown}: {_advice(data, name)}") from None


def _advice(data: bytes, failed: str) -> str:
    """Say what to type instead of the encoding that failed."""
    readings = {name: weight for name, (_, weight) in _readings(data).items() if name != failed}
    try:
        data.decode("utf-8")
        return "it is valid UTF-8; leave --encoding out or type --encoding utf-8"
    except UnicodeDecodeError:
        best = max(readings, key=lambda name: readings[name], default="gb18030")
        return f"try --encoding {best}"


def _big5(data: bytes) -> str:
    """Decode Big5 with the additions of Windows, and of Hong Kong where those are not enough."""
    try:
        return data.decode("cp950")
    except UnicodeDecodeError:
        return data.decode("big5hkscs")


_DECODERS: dict[str, Callable[[bytes], str]] = {"big5": _big5}


def _utf16_by_zeros(data: bytes) -> str | None:
    """Recognise UTF-16 without a mark by the zero bytes of its ASCII characters, all on one side."""
    if len(data) % 2 or len(data) < 4:
        return None
    sample = data[:_SAMPLE_BYTES]
    for name, zeros, others in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        ascii_bytes = [other for zero, other in zip(zeros, others, strict=True) if not zero]
        if (
            len(ascii_bytes) > max(1, 0.3 * len(zeros))
            and 0 not in others
            and all(32 <= byte < 127 or byte in b"\t\n\r" for byte in ascii_bytes)
        ):
            return name
    return None


def _decode_legacy(data: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    """Decode what is not UTF-8."""
    damaged = data.decode("utf-8", errors="replace")
    broken = damaged.count("\ufffd")
    whole = sum(len(run) for run in re.findall("[\u0800-\ufffc\U00010000-\U0010ffff]+", damaged))
    if whole > 4 * broken:
        raise InputError(
            f"not valid UTF-8 at byte {error.start} (0x{data[error.start]:02x}), though most of it is: "
            "the file is damaged there; mend it, or type --encoding gb18030 if it is not UTF-8 at all"
        )
    readings = _readings(data)
    if readings:
        best = max(readings, key=lambda name: readings[name][1] - (_UTF16_MARGIN if "utf-16" in name else 0))
        text, weight = readings[best]
        if weight >= _MIN_ORDINARY:
            return text, best
    _refuse_binary(data)
    if guessed := _guess_other(data):
        return guessed
    raise InputError(
        f"the encoding was not recognised (not valid UTF-8 at byte {error.start}): "
        "say which it is, for example --encoding gb18030 or --encoding big5"
    )


def _readings(data: bytes) -> dict[str, tuple[str, float]]:
    """Decode in every Chinese encoding that allows it: {name: (text, weight)}, the likelier first."""
    found = {}
    for name in ("gb18030", "big5", "utf-16-le", "utf-16-be"):
        if "utf-16" in name and len(data) % 2:
            continue
        try:
            text = _DECODERS[name](data) if name in _DECODERS else data.decode(name)
        except UnicodeDecodeError:
            continue
        found[name] = (text, _ordinariness(text[: _SAMPLE_BYTES // 2], name))
    return found


def _ordinariness(text: str, encoding: str) -> float:
    """Weigh how ordinary the characters beyond ASCII are: mean in [-1, 1], 1 for the most frequent ones.

    The standards' own first levels (3,755 characters of GB 2312, 5,401 of Big5) stand for "in use".
    """
    weights = []
    for character in text:
        if character < "\x80":
            if character < " " and character not in "\t\n\r\x0c\x1b":
                weights.append(-1.0)
        elif character in _COMMON or character in _ORDINARY_MARKS:
            weights.append(1.0)
        elif "\u4e00" <= character <= "\u9fff":
            weights.append(0.5 if _first_level(character, encoding) else 0.0)
        elif "\uff01" <= character <= "\uff5e" or "\u2010" <= character <= "\u203a":
            weights.append(0.5)
        else:
            weights.append(-0.5)
    return sum(weights) / len(weights) if weights else 0.0


def _first_level(character: str, encoding: str) -> bool:
    """Tell whether a Chinese character is in the first level of its standard."""
    standard = "big5" if encoding == "big5" else "gbk"
    code = character.encode(standard, errors="replace")
    if len(code) != 2:
        return False
    if standard == "big5":
        return 0xA4 <= code[0] <= 0xC6
    return 0xB0 <= code[0] <= 0xD7 and code[1] >= 0xA1


def _refuse_binary(data: bytes) -> None:
    """Refuse what has more control characters than text ever has."""
    sample = data[:_SAMPLE_BYTES]
    if len(_CONTROLS.findall(sample)) > max(8, _MAX_CONTROL_SHARE * len(sample)):
        raise InputError(
            "this is not text (too many control characters): save its text as a .txt file in UTF-8 and give that"
        )


def _guess_other(data: bytes) -> tuple[str, str] | None:
    """Guess among the encodings of other languages (Windows-1252, Shift_JIS ...).

    Text with few bytes beyond ASCII is a Western language, and those are written in Windows-1252; charset-normalizer
    decides the rest.
    """
    import charset_normalizer

    high = sum(byte >= 0x80 for byte in data[:_SAMPLE_BYTES])
    if high <= _MAX_WESTERN_SHARE * len(data[:_SAMPLE_BYTES]):
        try:
            return data.decode("cp1252"), "cp1252"
        except UnicodeDecodeError:
            pass
    best = charset_normalizer.from_bytes(data[:_SAMPLE_BYTES], cp_isolation=_OTHERS).best()
    if best is None:
        return None
    try:
        text = data.decode(best.encoding)
    except UnicodeDecodeError:
        return None
    words = sum(character.isalnum() or character.isspace() for character in text)
    return (text, best.encoding.replace("_", "-")) if 2 * words >= len(text) else None
