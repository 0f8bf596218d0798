"""XLIFF: valid against the schema of 2.1, the same after a round trip, 2.x and 1.2 of other tools."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from translate.storage.xliff2 import Xliff2File

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError
from bilingual.formats.inline import FORBIDDEN
from bilingual.formats.xliff import read_xliff, write_xliff
from unit_samples import HUMAN, MACHINE, UNITS, extras_of, file_of, plain, units_of

SCHEMAS = Path(__file__).parent / "data/schemas/xliff-2.1"
CORE = etree.XMLSchema(etree.parse(SCHEMAS / "xliff_core_2.0.xsd"))
METADATA = etree.XMLSchema(etree.parse(SCHEMAS / "metadata.xsd"))
ODD = st.sampled_from("<>&\"'\t\n\r\x00\x0b\x85\u2028\ud83d\ufffe]")
TEXT = st.text(st.one_of(st.characters(), ODD))
SAFE = st.text(st.characters(exclude_categories=["Cs"]).filter(lambda c: not FORBIDDEN.match(c)))

OLD = (
    '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="menu.po" '
    'source-language="{}" target-language="{}" datatype="po"><body>{}</body></file></xliff>'
)
NEW = (
    '<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="{}" trgLang="{}">'
    '<file id="f">{}</file></xliff>'
)
ENTITY = '<!DOCTYPE xliff [<!ENTITY a "b">]>'


def written(units: list[TranslationUnit]) -> bytes:
    file = file_of("")
    write_xliff(units, file)
    return file.getvalue()


def read(text: str | bytes) -> list[TranslationUnit]:
    return list(read_xliff(file_of(text), "m/a.xlf"))


def check_validity(text: bytes) -> None:
    root = etree.fromstring(text)
    assert CORE.validate(root), CORE.error_log
    for metadata in root.iter("{urn:oasis:names:tc:xliff:metadata:2.0}metadata"):
        assert METADATA.validate(metadata), METADATA.error_log


def test_as_written() -> None:
    assert written([replace(HUMAN, source="湖\x01水", extra=(("client", "A&B"),))]).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" '
        'xmlns:mda="urn:oasis:names:tc:xliff:metadata:2.0" version="2.1" srcLang="zh-Hans" trgLang="en" '
        'xml:space="preserve">\n<file id="f1" original="news/lake.txt">\n<unit id="ffeeddccbbaa0099">\n'
        '<mda:metadata><mda:metaGroup category="bilingual"><mda:meta type="paragraph">1</mda:meta>'
        '<mda:meta type="sentence">1</mda:meta><mda:meta type="kind">heading</mda:meta>'
        '<mda:meta type="level">2</mda:meta><mda:meta type="origin">human</mda:meta>'
        '<mda:meta type="confidence">0.875</mda:meta><mda:meta type="extra:client">A&amp;B</mda:meta>'
        "</mda:metaGroup></mda:metadata>\n<notes><note>checked by Bo\nand Ana</note></notes>\n"
        '<segment state="reviewed" subState="bilingual:edited">\n<source>湖<cp hex="0001"/>水</source>\n'
        '<target>The lake is "clear" &lt;again&gt; &amp; again</target>\n</segment>\n</unit>\n</file>\n</xliff>\n'
    )


@settings(deadline=None)
@given(st.data())
def test_reading_gives_what_was_written(data: st.DataObject) -> None:
    names = data.draw(extras_of(SAFE))
    units = [
        replace(
            unit, source=data.draw(TEXT), target=data.draw(TEXT), extra=tuple((name, data.draw(SAFE)) for name in names)
        )
        for unit in data.draw(st.lists(units_of(SAFE), min_size=1, max_size=4))
    ]
    text = written(units)
    check_validity(text)
    assert plain(read(text)) == plain(units)
    assert written(read(text)) == text


@pytest.mark.parametrize("ids", [["a", "a"], ["a b", "u-1"], ["u-2", "a", "a"], ["é", "\x01"]])
def test_ids_that_xliff_cannot_hold_are_kept_beside(ids: list[str]) -> None:
    units = [replace(HUMAN, id=token) for token in ids]
    text = written(units)
    check_validity(text)
    assert [unit.id for unit in read(text)] == [FORBIDDEN.sub("\ufffd", token) for token in ids]


def test_each_document_is_a_file() -> None:
    units = [HUMAN, MACHINE, replace(HUMAN, document="b.txt", source_lang="zh-Hant")]
    text = written(units)
    check_validity(text)
    assert [file.get("original") for file in etree.fromstring(text)] == ["news/lake.txt", "b.txt"]
    assert plain(read(text)) == plain(units)


def test_replaced_characters_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    written([replace(HUMAN, source="a\x00", note="\x01\x02")])
    assert caplog.messages == ["XLIFF: 2 characters that XML cannot hold were replaced by U+FFFD"]


def test_translate_toolkit_reads_the_same() -> None:
    store = Xliff2File.parsestring(written(UNITS))  # type: ignore[no-untyped-call]
    assert [(str(unit.source), str(unit.target)) for unit in store.units] == [(u.source, u.target) for u in UNITS]


def test_version_1_2(caplog: pytest.LogCaptureFixture) -> None:
    body = (
        '<group><trans-unit id="open" approved="yes"><source>打开<x id="1"/>文件</source>'
        '<target state="final">Open <x id="1"/> file</target><note>menu</note>'
        "<alt-trans><source>打开</source><target>Unlock</target><note>no</note></alt-trans></trans-unit></group>"
        '<trans-unit id="2"><source>按<g id="1">开始</g></source><seg-source><mrk mtype="seg">按</mrk></seg-source>'
        '<target state="needs-review-translation" state-qualifier="mt-suggestion"><mrk mid="1" mtype="seg">Press '
        '<bpt id="1">&lt;b&gt;</bpt>Start<ept id="1">&lt;/b&gt;</ept></mrk></target></trans-unit>'
        '<trans-unit id="3"><source>没有</source></trans-unit>'
    )
    with caplog.at_level(logging.WARNING):
        units = read(OLD.format("zh_CN", "en-us", body))
    assert [(u.id, u.source, u.target, u.status, u.origin, u.note) for u in units] == [
        ("open", '打开<x id="1"/>文件', 'Open <x id="1"/> file', "accepted", "human", "menu"),
        ("2", '按<g id="1">开始</g>', "Press <b>Start</b>", "", "machine", ""),
        ("3", "没有", "", "", "human", ""),
    ]
    assert {(u.document, u.source_lang, u.target_lang) for u in units} == {("menu.po", "zh-CN", "en-US")}
    assert caplog.messages == ["m/a.xlf: 5 inline tags were kept as text"]


def test_chinese_is_the_source_of_a_file_that_translates_into_it() -> None:
    [unit] = read(OLD.format("en", "zh-CN", '<trans-unit id="1"><source>Hi</source><target>你好</target></trans-unit>'))
    assert (unit.source_lang, unit.source, unit.target_lang, unit.target) == ("zh-CN", "你好", "en", "Hi")


def test_version_2_of_other_tools() -> None:
    body = (
        '<group id="g"><unit id="u1"><notes><note>one</note><note>two</note></notes>'
        '<originalData><data id="d1">&lt;b&gt;</data><data id="d2">&lt;/b&gt;</data></originalData>'
        '<segment id="s1" state="final"><source>按<pc id="1" dataRefStart="d1" dataRefEnd="d2">开</pc>。</source>'
        '<target>Press <ph id="9"/></target></segment><ignorable><source> </source></ignorable>'
        "<ignorable><source>——</source></ignorable>"
        '<segment><source>二<mrk id="m" type="term">三</mrk><cp hex="0002"/></source></segment></unit></group>'
    )
    assert [(u.id, u.sentence, u.source, u.target, u.status, u.note) for u in read(NEW.format("zh", "en", body))] == [
        ("u1/s1", 1, "按<b>开</b>。", 'Press <ph id="9"/>', "accepted", "one\ntwo"),
        ("u1/2", 2, "——", "", "", "one\ntwo"),
        ("u1/3", 3, "二三\x02", "", "", "one\ntwo"),
    ]


@pytest.mark.parametrize(
    ("text", "body", "message"),
    [
        (NEW, '<unit id="1"><segment/></unit>', ":1: a <segment> holds no <source>; add it, or remove the unit"),
        (NEW, '<unit id="1"/>', ":1: a <unit> holds no segment; add one, or remove the unit"),
        (OLD, '<trans-unit id="1"/>', ":1: a <trans-unit> holds no <source>; add it, or remove the unit"),
        (
            OLD,
            '\n<trans-unit id="1">',
            ":2: not well-formed XML: Opening and ending tag mismatch: trans-unit line 2 and body; "
            "export it again from the program that wrote it",
        ),
        (
            NEW,
            '<unit id="1"><segment><source><cp hex="x"/></source></segment></unit>',
            ":1: <cp hex='x'> is no character; write its code point",
        ),
        (
            OLD,
            '<trans-unit id="1"><source><ept id="1"/></source></trans-unit>',
            ":1: an <ept> has no <bpt>: the tags do not pair; export it again",
        ),
        (ENTITY + NEW, "", ": declares XML entities, which are not read; replace them by their text"),
        (
            "<tmx/>",
            "",
            ": holds none of the elements xliff, file, unit, trans-unit; it is XML of another kind: check its ending",
        ),
    ],
)
def test_bad_files_in_one_sentence(text: str, body: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text.format("zh", "en", body))
    assert str(caught.value) == f"m/a.xlf{message}"
