"""TMX: valid against the DTD, the same after a round trip, and read from the tools that others use."""

import logging
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from translate.storage.tmx import tmxfile

from bilingual.bitext import TranslationUnit, unit_id
from bilingual.errors import InputError
from bilingual.formats.inline import FORBIDDEN
from bilingual.formats.tmx import read_tmx, write_tmx
from unit_samples import HUMAN, MACHINE, UNITS, extras_of, file_of, plain, units_of

DTD = etree.DTD(str(Path(__file__).parent / "data/schemas/tmx14.dtd"))
ODD = st.sampled_from("<>&\"'\t\n\r\x00\x0b\x85\u2028\ud83d\ufffe]")
TEXT = st.text(st.one_of(st.characters(), ODD))
SAFE = st.text(st.characters(exclude_categories=["Cs"]).filter(lambda c: not FORBIDDEN.match(c)))

HEADER = (
    '<tmx version="1.4"><header creationtool="T" creationtoolversion="1" segtype="sentence" o-tmf="T" adminlang="en" '
    'srclang="{}" datatype="xml"/><body>{}</body></tmx>'
)


def written(units: list[TranslationUnit]) -> bytes:
    file = file_of("")
    write_tmx(units, file)
    return file.getvalue()


def read(text: str | bytes) -> list[TranslationUnit]:
    return list(read_tmx(file_of(text), "m/a.tmx"))


def tmx(*tus: str, srclang: str = "zh-CN") -> str:
    return HEADER.format(srclang, "\n".join(tus))


def tu(source: str, target: str, source_lang: str = "zh-CN", target_lang: str = "en-US") -> str:
    return (
        f'<tu><tuv xml:lang="{source_lang}"><seg>{source}</seg></tuv>'
        f'<tuv xml:lang="{target_lang}"><seg>{target}</seg></tuv></tu>'
    )


def test_as_written() -> None:
    unit = replace(HUMAN, extra=(("client", 'A "&" B'),), source_lang="zh-Hant")
    assert written([MACHINE, unit]).decode().split("</tu>")[1] == (
        '\n<tu tuid="ffeeddccbbaa0099" srclang="zh-Hant">\n<note>checked by Bo\nand Ana</note>\n'
        '<prop type="x-bilingual:confidence">0.875</prop>\n<prop type="x-bilingual:status">edited</prop>\n'
        '<prop type="client">A "&amp;" B</prop>\n'
        '<prop type="x-bilingual:document">news/lake.txt</prop>\n<prop type="x-bilingual:paragraph">1</prop>\n'
        '<prop type="x-bilingual:sentence">1</prop>\n<prop type="x-bilingual:kind">heading</prop>\n'
        '<prop type="x-bilingual:level">2</prop>\n<prop type="x-bilingual:origin">human</prop>\n'
        '<tuv xml:lang="zh-Hant"><seg>湖水变清了</seg></tuv>\n'
        '<tuv xml:lang="en"><seg>The lake is "clear" &lt;again&gt; &amp; again</seg></tuv>\n'
    )
    assert read(written([])) == []


@settings(deadline=None)
@given(st.data())
def test_reading_gives_what_was_written(data: st.DataObject) -> None:
    names = data.draw(extras_of(SAFE))
    units = [
        replace(unit, extra=tuple((name, data.draw(SAFE)) for name in names))
        for unit in data.draw(st.lists(units_of(SAFE), max_size=3))
    ]
    text = written(units)
    assert DTD.validate(etree.fromstring(text)), DTD.error_log
    assert plain(read(text)) == plain(units)
    assert written(read(text)) == text


@settings(deadline=None)
@given(st.lists(units_of(TEXT), min_size=1, max_size=2))
def test_what_xml_cannot_hold_is_replaced(units: list[TranslationUnit]) -> None:
    text = written(units)
    assert DTD.validate(etree.fromstring(text)), DTD.error_log
    expected = [(FORBIDDEN.sub("\ufffd", unit.source), FORBIDDEN.sub("\ufffd", unit.target)) for unit in units]
    assert [(unit.source, unit.target) for unit in read(text)] == expected


def test_replaced_characters_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    written([replace(HUMAN, source="a\x00b\ufffe", note="\x01")])
    assert caplog.messages == ["TMX: 3 characters that XML cannot hold were replaced by U+FFFD"]


def test_translate_toolkit_reads_the_same() -> None:
    store = tmxfile.parsestring(written(UNITS))  # type: ignore[no-untyped-call]
    pairs = [(str(unit.source), str(unit.target)) for unit in store.units]
    assert pairs == [(unit.source, unit.target) for unit in UNITS]


def test_its_file_is_read() -> None:
    store = tmxfile(sourcelanguage="zh", targetlanguage="en")
    store.addtranslation("湖水 <很> 清", "zh", "The lake & sky", "en")
    file = BytesIO()
    store.serialize(file)
    assert [(unit.source, unit.target) for unit in read(file.getvalue())] == [("湖水 <很> 清", "The lake & sky")]


def test_conventions_of_other_tools(caplog: pytest.LogCaptureFixture) -> None:
    trados = (
        '<tu creationdate="20240102T030405Z" creationid="BO" tuid="7"><prop type="x-Origin">TM</prop>'
        '<prop type="x-Context">1</prop><prop type="x-Context">2</prop><note>ask</note>'
        '<tuv xml:lang="ZH-CN"><seg>按<bpt i="1" type="b">&lt;b&gt;</bpt>开始<ept i="1">&lt;/b&gt;</ept>键</seg></tuv>'
        '<tuv xml:lang="EN-US" changeid="ANA"><prop type="x-Seen">1</prop><note>ok</note>'
        '<seg>Press <bpt i="1" type="b">&lt;b&gt;</bpt>Start<ept i="1">&lt;/b&gt;</ept></seg></tuv></tu>'
    )
    memoq = tu("第<ph>&lt;n/&gt;</ph>页<ph x='2'/>", "page <hi type='x'>one</hi>", "zh-hans", "en")
    omegat = '<tu><tuv lang="EN"><seg>Hello</seg></tuv><tuv lang="zh_CN"><seg>你好</seg></tuv></tu>'
    weblate = tu("雨", "Regen", "zh_Hans", "de") + tu("Wind", "wind", "de", "en")
    three = (
        '<tu><tuv xml:lang="fr"><seg>Non</seg></tuv><tuv xml:lang="en-GB"><seg>No</seg></tuv>'
        '<tuv xml:lang="zh-TW"><seg>不</seg></tuv></tu><tu><tuv xml:lang="zh"><seg>空</seg></tuv></tu>'
    )
    with caplog.at_level(logging.WARNING):
        units = read(
            '<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n' + tmx(trados, memoq, omegat, weblate, three)
        )
    assert [(unit.source_lang, unit.source, unit.target_lang, unit.target) for unit in units] == [
        ("zh-CN", "按<b>开始</b>键", "en-US", "Press <b>Start</b>"),
        ("zh-Hans", '第<n/>页<ph x="2"/>', "en", "page one"),
        ("zh-CN", "你好", "en", "Hello"),
        ("zh-Hans", "雨", "de", "Regen"),
        ("zh-TW", "不", "en-GB", "No"),
        ("zh", "空", "en", ""),
    ]
    assert (units[0].id, units[0].note, units[0].origin, units[0].document) == ("7", "ask", "human", "a.tmx")
    assert units[0].extra == (
        ("creationdate", "20240102T030405Z"),
        ("creationid", "BO"),
        ("x-Origin", "TM"),
        ("x-Context", "1\n2"),
        ("target.changeid", "ANA"),
        ("target.x-Seen", "1"),
        ("target.note", "ok"),
    )
    assert units[2].id == unit_id("a.tmx", "你好", 1)
    assert caplog.messages == [
        "m/a.tmx: 1 units without Chinese were left out",
        "m/a.tmx: 1 further variants were left out: a unit has one source and one target",
        "m/a.tmx: 6 inline tags were kept as text",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "<tmx><body>\n<tu></body></tmx>",
            ":2: not well-formed XML: Opening and ending tag mismatch: tu line 2 and body; "
            "export it again from the program that wrote it",
        ),
        (
            tmx(tu("你好", "Hi"))[:-20],
            ":1: not well-formed XML: expected '>'; export it again from the program that wrote it",
        ),
        ("", ":1: not well-formed XML: no element found; export it again from the program that wrote it"),
        ("<html/>", ": holds none of the elements tmx, header, tu; it is XML of another kind: check its ending"),
        (
            tmx(tu("雨", "Regen", "sv", "de")),
            ": no unit has Chinese and another language; the languages are: de, sv; correct them, or name another file",
        ),
        (
            tmx(tu("雨", "雨", "zh", "zh-TW")),
            ": no unit has Chinese and another language; the languages are: zh, zh-TW; "
            "correct them, or name another file",
        ),
        (tmx("<tu><tuv><seg>a</seg></tuv></tu>"), ":1: a <tuv> names no language; write xml:lang"),
        (tmx('<tu><tuv xml:lang="zh"/></tu>'), ":1: a <tuv> holds no <seg>; add it, or remove the <tu>"),
        (tmx(tu('<bpt i="1"/>你', "you")), ":1: a <bpt> has no <ept>: the tags do not pair; export it again"),
        (tmx(tu('你<ept i="1"/>', "you")), ":1: an <ept> has no <bpt>: the tags do not pair; export it again"),
        (
            tmx(tu("&nbsp;", "you")),
            ":1: not well-formed XML: Entity 'nbsp' not defined; export it again from the program that wrote it",
        ),
        (
            '<!DOCTYPE tmx SYSTEM "tmx14.dtd">' + tmx(tu("&nbsp;", "you")),
            ":1: the entity &nbsp; is not defined; write the character",
        ),
        (
            '<!DOCTYPE tmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + tmx(tu("&b;", "you")),
            ": declares XML entities, which are not read; replace them by their text",
        ),
        (
            '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + tmx(tu("&a;", "you")),
            ": declares XML entities, which are not read; replace them by their text",
        ),
        (tmx(tu("你" * 4_000_000, "you")), ":1: a text is longer than 10,000,000 bytes; divide it"),
        (
            tmx('<tu><prop type="x-bilingual:issue">{</prop><tuv xml:lang="zh"><seg>a</seg></tuv></tu>'),
            ":1: a property of bilingual is damaged: '{'; remove it",
        ),
    ],
)
def test_bad_files_in_one_sentence(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert str(caught.value) == f"m/a.tmx{message}"


def test_a_bomb_of_entities_in_attributes_ends() -> None:
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(9))
    text = f'<!DOCTYPE tmx [<!ENTITY e0 "aaaaaaaaaa">{entities}]><tmx version="&e9;"><body/></tmx>'
    with pytest.raises(InputError, match=r"^m/a\.tmx"):
        read(text)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def some(count: int) -> Iterator[TranslationUnit]:
        return (replace(HUMAN, id=f"{number:016x}", source=f"第{number}句。") for number in range(count))

    def peak(count: int) -> int:
        path = tmp_path / "a.tmx"
        tracemalloc.start()
        with path.open("wb") as out:
            write_tmx(some(count), out)
        with path.open("rb") as file:
            assert sum(1 for _ in read_tmx(file, "a.tmx")) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is loaded once
    assert peak(3_000) - peak(300) < 400_000  # a tenth of what the units themselves take
