from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.bitext import Link, Translation, TranslationUnit
from bilingual.errors import InputError
from bilingual.formats import read_units
from bilingual.pipeline import Options, load_document, translate_documents
from bilingual.protocols import Decoding
from bilingual.terms import (
    Glossary,
    Mask,
    Term,
    TermTranslator,
    count_uses,
    decode_masked,
    propose_terms,
    read_glossary,
    write_proposals,
)
from command import Command

COVE = Term("清溪坞", "Qingxi Cove")
CHIEF = Term("河长", "river chief")
SYSTEM = Term("河长制", "the river chief system")


class Scripted:
    """An engine that answers from a table, and remembers what it was asked."""

    signature = "scripted"
    model_name = "scripted"
    license: str | None = None

    def __init__(self, answers: dict[str, list[str]], links: tuple[Link, ...] = ()) -> None:
        self.answers = answers
        self.links = links
        self.asked: list[str] = []

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        self.asked += segments
        return [[Translation(text, -0.5, self.links) for text in self.answers[segment]] for segment in segments]


def unit(source: str, target: str, links: tuple[Link, ...] = ()) -> TranslationUnit:
    return TranslationUnit("1", "a", 1, 1, "text", 0, "zh-Hans", "en", source, target, links=links)


def written(tmp_path: Path, text: str, name: str = "terms.tsv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_read_with_header_notes_case_flags_comments_and_empty_lines(tmp_path: Path) -> None:
    head = "\ufeffsource\ttarget\tnote\tcase\r\n# people\r\n\r\n"
    text = f"{head}清溪坞\tQingxi Cove\r\n暖阳\tWARM\tscheme\tcase\r\n清溪坞\tQingxi Cove"
    assert read_glossary(written(tmp_path, text)).terms == (
        Term("清溪坞", "Qingxi Cove", line=4),
        Term("暖阳", "WARM", "scheme", True, 5),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "清溪坞\tQingxi Cove\n清溪坞\tQingxi Bay\n",
            ":2: 清溪坞 is “Qingxi Bay” here and “Qingxi Cove” in line 1; keep one.",
        ),
        ("清溪坞\tCove\n清溪坞\tCove\t\tcase\n", ":2: 清溪坞 is “Cove” here and “Cove” in line 1; keep one."),
        ("河长\tchief\n\nCove\t清溪坞\n", ":3: 'Cove' is not Chinese; the Chinese term comes first, then the English."),
        ("清溪坞\t\n", ":1: 清溪坞 has no translation: add one, or delete the line."),
        ("清溪坞\t清溪\n", ":1: the translation of 清溪坞 is Chinese too: 清溪."),
        ("清溪坞 Qingxi Cove\n", ":1: there is no tab between the Chinese term and its translation."),
        ("清溪坞\tCove\t\tmaybe\n", ":1: the case flag is 'maybe'; write case, or nothing."),
        ("# nothing\n", " holds no terms."),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as error:
        read_glossary(path)
    assert str(error.value) == f"{path}{message}"


def test_a_table_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv"
    path.write_bytes(b"# one\n" + "清溪坞\tCove\n".encode("gb18030"))
    with pytest.raises(InputError, match=r":2: not UTF-8; save the glossary as UTF-8\.$"):
        read_glossary(path)
    with pytest.raises(InputError, match=r"none\.tsv cannot be read \(No such file or directory\)\.$"):
        read_glossary(tmp_path / "none.tsv")


TBX_3 = """<?xml version="1.0"?>
<tbx xmlns="urn:iso:std:iso:30042:ed-2" type="TBX-Basic" style="dca" xml:lang="en"><text><body>
<conceptEntry id="c1"><note>place</note>
<langSec xml:lang="zh-Hans"><termSec><term>清溪坞</term></termSec><termSec><term>清溪湾</term></termSec></langSec>
<langSec xml:lang="en"><termSec><term>Qingxi Bay</term>
<termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termSec>
<termSec><term>Qingxi Cove</term></termSec></langSec>
</conceptEntry></body></text></tbx>
"""
TBX_2 = """<?xml version="1.0"?>
<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX"><text><body><termEntry id="c1">
<langSet xml:lang="en"><tig><term>river chief</term></tig></langSet>
<langSet xml:lang="zh_CN"><ntig><termGrp><term>河长</term></termGrp></ntig></langSet>
</termEntry></body></text></martif>
"""


def test_tbx_of_both_versions_is_read(tmp_path: Path) -> None:
    assert read_glossary(written(tmp_path, TBX_3, "a.tbx")).terms == (
        Term("清溪坞", "Qingxi Cove", "place", line=4),
        Term("清溪湾", "Qingxi Cove", "place", line=4),
    )
    assert read_glossary(written(tmp_path, TBX_2, "b.tbx")).terms == (Term("河长", "river chief", line=5),)
    for value, counts in (("yes", True), ("no", False)):
        noted = TBX_3.replace("</conceptEntry>", f'<descrip type="x-caseSensitive">{value}</descrip></conceptEntry>')
        assert {term.case_sensitive for term in read_glossary(written(tmp_path, noted, "d.tbx")).terms} == {counts}
    with pytest.raises(InputError, match=r"c\.tbx:5: 河长 has no translation"):
        read_glossary(written(tmp_path, TBX_2.replace('"en"', '"fr"'), "c.tbx"))


def test_of_overlapping_terms_the_longest_wins_even_when_it_begins_later() -> None:
    glossary = Glossary([Term("水质", "water"), Term("质监测站", "station"), CHIEF, SYSTEM])
    assert [(term.source, span) for term, span in glossary.find("水质监测站的河长，河长制。")] == [
        ("质监测站", (1, 5)),
        ("河长", (6, 8)),
        ("河长制", (9, 12)),
    ]


@pytest.mark.parametrize(
    ("term", "target", "is_there"),
    [
        (COVE, "He lives in Qingxi Cove.", True),
        (COVE, "He lives in qingxi cove.", True),
        (replace(COVE, case_sensitive=True), "He lives in qingxi cove.", False),
        (COVE, "Qingxi  Cove's water", True),
        (COVE, "Qingxi-Cove", True),
        (COVE, "Qingxi Coves", True),
        (COVE, "Qingxi Covert", False),
        (COVE, "Cove of Qingxi", False),
        (Term("网格员", "community warden"), "All community wardens came.", True),
        (Term("市", "city"), "The cities grow.", True),
        (Term("日", "holiday"), "The holidaies", False),
        (Term("盒", "box"), "boxes", True),
        (Term("甲", "the A Plan"), "an A plan", True),
        (Term("甲", "Bo’s Inn"), "Bo's Inn", True),
        (Term("甲", "C++ (old)"), "with C++ (old).", True),
    ],
)
def test_articles_endings_and_case_make_no_difference_where_they_should_not(
    term: Term, target: str, is_there: bool
) -> None:
    (use,) = Glossary([term]).uses(term.source, target)
    assert (use.target_span is not None) == is_there


def test_a_place_of_the_target_stands_for_one_term_only() -> None:
    glossary = Glossary([Term("大学", "university"), Term("青山大学", "Qingshan University")])
    source, target = "青山大学和一所大学", "Qingshan University"
    assert [(use.source, use.target_span) for use in glossary.uses(source, target)] == [
        ("青山大学", (0, 19)),
        ("大学", None),
    ]


def test_a_term_used_again_may_become_a_pronoun() -> None:
    uses = Glossary([COVE]).uses("清溪坞在山里，清溪坞很美。", "Qingxi Cove lies in the hills; it is fair.")
    assert [(use.source_span, use.target_span) for use in uses] == [((0, 3), (0, 11)), ((7, 10), (0, 11))]


def test_only_what_changes_the_output_changes_the_hash() -> None:
    first = Glossary([COVE, CHIEF]).content_hash()
    assert first == Glossary([replace(CHIEF, note="who", line=9), COVE]).content_hash()
    assert first != Glossary([COVE, replace(CHIEF, case_sensitive=True)]).content_hash()
    assert first != Glossary([COVE, replace(CHIEF, target="chief")]).content_hash()


def test_a_term_that_comes_out_otherwise_is_decoded_with_a_placeholder() -> None:
    engine = Scripted(
        {
            "清溪坞的河长来了。": ["The river of Clearwater came."],
            "NT-1的NT-2来了。": ["the NT-2 of NT-1 came."],
            "河长来了。": ["River chiefs came."],
            "天晴了。": ["It is fine."],
        }
    )
    translator = TermTranslator(engine, Glossary([COVE, SYSTEM, CHIEF]))
    found = translator.translate(["清溪坞的河长来了。", "河长来了。", "天晴了。"])
    assert [one[0].text for one in found] == [
        "The river chief of Qingxi Cove came.",
        "River chiefs came.",
        "It is fine.",
    ]
    assert engine.asked[3:] == ["NT-1的NT-2来了。"]


def test_a_lost_placeholder_leaves_the_engines_own_translation() -> None:
    engine = Scripted(
        {"清溪坞很美。": ["It is fair."], "NT-1很美。": ["NT-12 is fair.", "Is fair.", "NT-1 and NT-12 are fair."]}
    )
    (found,) = TermTranslator(engine, Glossary([COVE])).translate(["清溪坞很美。"])
    assert [one.text for one in found] == ["It is fair."]


@pytest.mark.parametrize(
    ("target", "case_sensitive", "decoded", "text"),
    [
        ("river chief", False, "NT-1 came.", "River chief came."),
        ("iPhone", True, "NT-1 came.", "iPhone came."),
        ("the Cove", False, "in the NT-1.", "in the Cove."),
        ("the Cove", False, "in a NT-1.", "in the Cove."),
        ("old inn", False, "in a NT-1.", "in an old inn."),
        ("mill", False, "in an NT-1.", "in a mill."),
        ("mill", False, "The NT-1's wheel, the nt - 1.", "The mill's wheel, the mill."),
    ],
)
def test_articles_and_capitals_around_a_restored_term(
    target: str, case_sensitive: bool, decoded: str, text: str
) -> None:
    masks = [[Mask((0, 2), target, case_sensitive)]]
    ((found,),) = decode_masked(["水车很美"], masks, Scripted({"NT-1很美": [decoded]}), Decoding())
    assert found.text == text


def test_a_term_that_stands_twice_has_one_placeholder() -> None:
    """Two numbers for one name invite the engine to leave one away."""
    engine = Scripted({"清溪坞，清溪坞！": ["O!"], "NT-1，NT-1！": ["NT-1, NT-1!"]})
    (found,) = TermTranslator(engine, Glossary([COVE])).translate(["清溪坞，清溪坞！"])
    assert [one.text for one in found] == ["Qingxi Cove, Qingxi Cove!"]


def test_where_a_placeholder_is_lost_only_what_is_missing_is_hidden() -> None:
    engine = Scripted(
        {
            "清溪坞的河长来了。": ["The river chief of Clear Creek came."],
            "NT-1的NT-2来了。": ["NT-1 came.", "NT-2 came."],
            "NT-1的河长来了。": ["The river head of NT-2 came.", "The river chief of NT-1 came."],
        }
    )
    (found,) = TermTranslator(engine, Glossary([COVE, CHIEF])).translate(["清溪坞的河长来了。"])
    assert [one.text for one in found] == ["The river chief of Qingxi Cove came."]


def test_a_placeholder_that_the_source_holds_already_is_not_used() -> None:
    engine = Scripted({"NT-1的NT-2很美": ["The NT-2 of NT-1 is fair."]})
    ((found,),) = decode_masked(["NT-1的水车很美"], [[Mask((5, 7), "mill")]], engine, Decoding())
    assert found.text == "The mill of NT-1 is fair."


def test_links_move_with_the_text_on_both_sides() -> None:
    # 在 | NT-1 | 见 -> Met | at | NT-1 | today
    links = ((5, 6, 0, 3), (0, 1, 4, 6), (1, 3, 7, 9), (3, 5, 9, 11), (5, 6, 12, 17))
    engine = Scripted({"在NT-1见": ["Met at NT-1 today"]}, links)
    ((found,),) = decode_masked(["在清溪坞见"], [[Mask((1, 4), "Qingxi Cove")]], engine, Decoding())
    source, text = "在清溪坞见", found.text
    assert text == "Met at Qingxi Cove today"
    assert [(source[a:b], text[c:d]) for a, b, c, d in found.links] == [
        ("见", "Met"),
        ("在", "at"),
        ("清溪坞", "Qingxi Cove"),
        ("见", "today"),
    ]


@given(st.lists(st.sampled_from(["清溪坞", "河长制", "河长", "很美", "a", "3", "。"]), max_size=12))
def test_what_an_echo_engine_gives_back_holds_every_term(parts: list[str]) -> None:
    """An engine that repeats its input: every term is replaced, everything else stays."""

    class Echo(Scripted):
        def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
            return [[Translation(segment, math.nan)] for segment in segments]

    source = "".join(parts)
    glossary = Glossary([COVE, CHIEF, SYSTEM])
    ((found,),) = TermTranslator(Echo({}), glossary).translate([source])
    assert not glossary.find(found.text)
    assert [c for c in source if c in "很美。"] == [c for c in found.text if c in "很美。"]


def test_hits_and_misses_are_counted_by_term() -> None:
    rows = [unit("清溪坞的河长", "the river chief of Clearwater"), unit("清溪坞", "Qingxi Cove"), unit("清溪坞", "It")]
    assert count_uses(Glossary([SYSTEM, CHIEF, COVE]), rows) == [(COVE, 1, 2), (CHIEF, 1, 0)]


def test_the_pipeline_keeps_to_the_glossary_in_both_scripts() -> None:
    answers = {"两个龙坝村的人。": ["Two people."], "两个NT-1的人。": ["Two people of NT-1."]}
    options = Options(glossary=Glossary([Term("龍壩村", "Longba Village")]))
    document = load_document(None, "兩個龍壩村的人。".encode(), name="a.txt", lang="zh-Hant")
    (done,) = translate_documents([document], Scripted(answers), options=options)
    assert [(one.source, one.target, one.issues) for one in done.units] == [
        ("兩個龍壩村的人。", "Two people of Longba Village.", ())
    ]
    assert options.signature == Options().signature + f"|terms:{options.glossary.content_hash()}"  # type: ignore[union-attr]


def test_a_term_that_is_still_missing_is_an_issue() -> None:
    document = load_document(None, "河水流过清溪坞。".encode(), name="a.txt")
    engine = Scripted({"河水流过清溪坞。": ["The river flows by."], "河水流过NT-1。": ["The river flows by."]})
    options = Options(glossary=Glossary([COVE]), repair=False)
    (done,) = translate_documents([document], engine, options=options)
    assert [(issue.code, issue.source_spans) for issue in done.units[0].issues] == [("term-missing", ((4, 7),))]


def proposed() -> list[TranslationUnit]:
    def row(source: str, target: str, *words: tuple[str, str]) -> TranslationUnit:
        links = [
            (source.index(zh), source.index(zh) + len(zh), target.index(en), target.index(en) + len(en))
            for zh, en in words
        ]
        return unit(source, target, tuple(links))

    return [
        row("昨天，林秀珍说，河水变清了。", "Yesterday Lin Xiuzhen said so.", ("林秀珍", "Lin Xiuzhen")),
        row("大家都认识林秀珍。", "All know Lin Xiuzhen.", ("林秀珍", "Lin Xiuzhen")),
        row("去年，白鹭滩开放了。", "Last year Egret Beach opened.", ("白鹭滩", "Egret Beach")),
        row("他去白鹭滩。", "He goes to Bailu Flat.", ("白鹭滩", "Bailu Flat")),
        row("《青石河保护条例》通过了。", "The Stone River Act passed.", ("青石河保护条例", "Stone River Act")),
        row("河水变清了，我们看见。", "The river is clear."),
    ]


def test_titles_names_and_inconsistent_renderings_are_proposed() -> None:
    assert write_proposals(propose_terms(proposed())) == (
        "source\ttarget\tnote\n"
        "白鹭滩\tBailu Flat\tinconsistent, 2 times; also Egret Beach (1)\n"
        "林秀珍\tLin Xiuzhen\tname, 2 times\n"
        "青石河保护条例\tStone River Act\ttitle, 1 times\n"
    )


def named(*rows: tuple[str, str]) -> list[TranslationUnit]:
    """Link what stands in braces in a source with what stands in braces in its target."""
    units = []
    for marked in rows:
        spans = [(text.index("{"), text.index("}") - 1) for text in marked]
        source, target = (text.replace("{", "").replace("}", "") for text in marked)
        units.append(unit(source, target, ((*spans[0], *spans[1]),)))
    return units


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [("{林秀珍}来了。", "Then {Lin Xiuzhen} came."), ("我见过{林秀珍}。", "I met {Lin Xiuzhen}.")],
            ["林秀珍"],
            id="name",
        ),
        pytest.param(
            [("{尽管}很冷，他来了。", "{Although} it was cold."), ("{尽管}下雨，我去了。", "{Although} it rained.")],
            [],
            id="a word that only the beginning of a sentence gives a capital",
        ),
        pytest.param(
            [("{望川}下雨了。", "{Wangchuan} had rain."), ("{望川}很美。", "{Wangchuan} is lovely.")],
            ["望川"],
            id="a name that always begins the sentence",
        ),
        pytest.param(
            [("他{周六}来。", "He comes on {Saturday}."), ("{周六}下雨。", "On {Saturday} it rains.")], [], id="weekday"
        ),
        pytest.param(
            [("她{十月份}走。", "She left in {October}."), ("{十月份}下雪。", "In {October} it snows.")], [], id="month"
        ),
        pytest.param(
            [("他们去{日本}。", "They went to {Japan}."), ("{日本}很远。", "How far {Japan} is.")],
            ["日本"],
            id="no date",
        ),
        pytest.param(
            [("罗{先生}来了。", "Then {Mr} Luo came."), ("何{先生}走了。", "Then {Mr} He left.")], [], id="office"
        ),
        pytest.param(
            [
                ("市长{罗青山}来了。", "Mayor {Luo Qingshan} came."),
                ("市长{罗青山}走了。", "Mayor {Luo Qingshan} left."),
            ],
            ["罗青山"],
            id="the name behind an office",
        ),
        pytest.param(
            [("{克伦村}小。", "How small {Kelun Village} is."), ("去{克伦村}。", "To {Kelun Village}.")],
            ["克伦村"],
            id="no part of a longer name",
        ),
        pytest.param(
            [
                ("{利河}小。", "How small {Lihe} is."),
                ("去{利河}。", "Go to {Lihe}."),
                ("{利河}队赢了。", "Then {Lihe} won."),
                ("他爱{利河}队。", "He loves {Lihe}."),
            ],
            ["利河", "利河队"],
            id="a name and another made of it",
        ),
        pytest.param(
            [
                ("{望川和临桑}近。", "How near {Wangchuan and Linsang} are."),
                ("去{望川和临桑}。", "To {Wangchuan and Linsang}."),
            ],
            [],
            id="two names",
        ),
        pytest.param(
            [("她看{电视}。", "She watches {television}."), ("{电视}坏了。", "The {television} broke.")],
            [],
            id="a common noun",
        ),
    ],
)
def test_names_are_proposed_and_other_words_are_not(rows: list[tuple[str, str]], expected: list[str]) -> None:
    known = {"althou", "saturd", "octobe", "televi", "mr"}
    assert [one.source for one in propose_terms(named(*rows), known=known)] == expected


def test_proposals_are_a_glossary(tmp_path: Path) -> None:
    bare = [replace(row, links=()) for row in proposed()]
    text = write_proposals([*propose_terms(proposed()), *propose_terms(bare)])
    assert "# 青石河保护条例\t\ttitle, 1 times\n" in text
    glossary = read_glossary(written(tmp_path, text))
    assert [term.target for term in glossary.terms] == ["Bailu Flat", "Lin Xiuzhen", "Stone River Act"]


ARTICLE = "昨天，市政府决定在清溪坞附近修建一座公园。\n\n许多居民都听说过清溪坞。\n"


@pytest.mark.parametrize("flags", [(), ("--no-repair",), ("--no-checks",)])
def test_translate_with_a_glossary(command: Command, tmp_path: Path, flags: tuple[str, ...]) -> None:
    article = written(tmp_path, ARTICLE, "a.txt")
    glossary = written(tmp_path, "清溪坞\tQingxi Cove\n河长\triver chief\n")
    done = command("translate", str(article), "--to", "tsv", "--glossary", str(glossary), *flags)
    assert done.code == 0, done.err
    rows = list(read_units(tmp_path / "a.zh-en.tsv"))
    assert ["Qingxi Cove" in row.target for row in rows] == [True, True]
    assert "term-missing" not in [issue.code for row in rows for issue in row.issues]
    assert (
        "Glossary: 1 of 2 terms used, 2 times as wanted, 0 times not.\n"
        "  wanted  not  term\n"
        "       2    0  清溪坞 → Qingxi Cove\n"
    ) in done.err


def test_a_bad_glossary_stops_the_command_before_any_work(command: Command, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    article = written(tmp_path / "in", ARTICLE, "a.txt")
    glossary = written(tmp_path, "清溪坞\tQingxi Cove\nCove\tCove\n")
    for verb in (("translate", str(article)), ("batch", str(tmp_path / "in"), "-o", str(tmp_path / "out"))):
        done = command(*verb, "--glossary", str(glossary))
        assert (done.code, done.err) == (
            1,
            f"Error: {glossary}:2: 'Cove' is not Chinese; the Chinese term comes first, then the English.\n",
        )
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["a.txt", "terms.tsv"]


def tbx(*entries: tuple[str, str]) -> str:
    """Write a TBX file whose terms stand in lines 3, 4; 7, 8; ..."""
    body = "".join(
        f'<conceptEntry>\n<langSec xml:lang="zh"><termSec><term>{zh}</term></termSec></langSec>\n'
        f'<langSec xml:lang="en"><termSec><term>{en}</term></termSec></langSec>\n</conceptEntry>\n'
        for zh, en in entries
    )
    head = '<tbx type="TBX-Basic" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"><text><body>\n'
    return f"{head}{body}</body></text></tbx>\n"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.tsv", "河长制\tchief\n\n河长制\tleader\n", ":3: 河长制 is “leader” here and “chief” in line 1; keep one."),
        (
            "t.tbx",
            tbx(("河长", "chief"), ("河长", "leader")),
            ":7: 河长 is “leader” here and “chief” in line 3; keep one.",
        ),
        (
            "t.tbx",
            tbx(("河长", "chief"), ("Cove", "Cove")),
            ":7: 'Cove' is not Chinese; give it its own language (xml:lang).",
        ),
        ("t.tbx", tbx(("河长", "")), ":3: 河长 has no translation: add one, or delete the line."),
        ("t.tbx", tbx(("河长", "河长")), ":3: the translation of 河长 is Chinese too: 河长."),
    ],
)
@pytest.mark.parametrize("verb", ["translate", "check"])
def test_wrong_entries_are_named_with_their_line(
    command: Command, tmp_path: Path, verb: str, name: str, text: str, message: str
) -> None:
    article = written(tmp_path, "河长来了。\tHe came.\n", "a.tsv" if verb == "check" else "a.txt")
    done = command(verb, str(article), "--glossary", str(written(tmp_path, text, name)))
    assert (done.code, done.out, done.err) == (1, "", f"Error: {tmp_path / name}{message}\n")


def test_batch_begins_anew_when_the_glossary_changes(command: Command, tmp_path: Path) -> None:
    articles = tmp_path / "in"
    articles.mkdir()
    written(articles, ARTICLE, "a.txt")
    out = tmp_path / "out"
    for target, done_now in (("Qingxi Cove", 1), ("Qingxi Cove", 0), ("Clear Creek", 1)):
        glossary = written(tmp_path, f"清溪坞\t{target}\n")
        done = command("batch", str(articles), "-o", str(out), "--to", "tsv", "--glossary", str(glossary))
        assert done.code == 0, done.err
        assert f"{done_now} translated" in done.err
        assert all(target in row.target for row in read_units(out / "a.zh-en.tsv"))


def test_terms_of_an_article(command: Command, tmp_path: Path) -> None:
    article = written(tmp_path, ARTICLE + "《清溪坞志》出版了。\n", "a.txt")
    output = tmp_path / "terms.tsv"
    done = command("terms", str(article), "-o", str(output))
    assert done.code == 0, done.err
    lines = output.read_text(encoding="utf-8").split("\n")
    assert lines[0] == "source\ttarget\tnote"
    assert {"清溪坞志", "清溪坞"} <= {line.removeprefix("# ").split("\t")[0] for line in lines}
    read_glossary(output)
    again = command("terms", str(article), "-o", str(output))
    assert (again.code, again.err) == (
        1,
        f"Error: {output} exists and may hold your work: add --force to replace it, or choose -o.\n",
    )
    own = command("terms", str(article), "-o", str(article), "--force")
    assert (own.code, own.err) == (1, f"Error: {article} is an input: choose another file with -o.\n")


def test_align_looks_for_the_terms_and_changes_nothing(command: Command, tmp_path: Path) -> None:
    source = written(tmp_path, ARTICLE, "a.txt")
    english = (
        "Yesterday the city government decided to build a park near Qingxi Cove.\n\nMany residents know Clear Creek.\n"
    )
    target = written(tmp_path, english, "b.txt")
    glossary = written(tmp_path, "清溪坞\tQingxi Cove\n")
    output = tmp_path / "out.tsv"
    done = command("align", str(source), str(target), "-o", str(output), "--glossary", str(glossary))
    assert done.code == 0, done.err
    assert done.err.endswith(
        "Glossary: 1 of 1 terms used, 1 times as wanted, 1 times not.\n"
        "  wanted  not  term\n"
        "       1    1  清溪坞 → Qingxi Cove\n"
    )
    rows = list(read_units(output))
    assert [row.target for row in rows] == english.strip().split("\n\n")
    assert [[issue.code for issue in row.issues if issue.code == "term-missing"] for row in rows] == [
        [],
        ["term-missing"],
    ]
