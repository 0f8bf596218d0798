"""The page as text: what is written, escaped, marked, promised. What a browser does with it is tested elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from bilingual.bitext import Issue, TranslationUnit, unit_id
from bilingual.page import IndexEntry, Offer, PageFacts, render_index, render_page, text_hash
from bilingual.page.marks import json_for_html, marked, shown, utf16_offsets
from bilingual.page.rows import doubt

FACTS = PageFacts(
    model="zh-en-small",
    license="CC BY-NC 4.0",
    signature="zh-en-small@1a2b|int8|beam:4",
    date="2024-05-17",
    made_by="bilingual 0.1.0",
    modest=True,
)


def unit(source: str, target: str, paragraph: int = 1, sentence: int = 1, **fields: object) -> TranslationUnit:
    base = TranslationUnit(
        id=unit_id("清河.txt", source or target, 1),
        document="清河.txt",
        paragraph=paragraph,
        sentence=sentence,
        kind="text",
        level=0,
        source_lang="zh-Hans",
        target_lang="en",
        source=source,
        target=target,
    )
    return replace(base, **fields)  # type: ignore[arg-type]


UNITS = [
    unit("清河县管好一条河", "Qinghe County looks after a river", kind="title", level=1),
    unit("2024-05-17 来源：清河日报", "2024-05-17 Source: Qinghe Daily", 2, kind="metadata", origin="copy"),
    unit("罗大川走了5公里。", "Luo Dachuan walked 5 kilometres.", 3, 1),
    unit(
        "发现问题3,480个。",
        "3,840 problems were found.",
        3,
        2,
        issues=(Issue("number", "error", 1, "The source says 3,480, the translation 3,840.", ((4, 9),), ((0, 5),)),),
    ),
    unit("统一平台", "One platform", 4, kind="list_item", level=1),
    unit("孙子又能摸鱼了。", "", 5, confidence=0.55),
    unit("数据说话", "Data speak", 6, kind="heading", level=2),
]


def parsed(page: str) -> html.HtmlElement:
    return html.document_fromstring(page.encode())


def page_data(page: str) -> dict[str, object]:
    data = parsed(page).xpath("//script[@id='data']")[0].text
    value: dict[str, object] = json.loads(data)
    return value


def texts(root: html.HtmlElement, css: str) -> list[str]:
    return [element.text_content() for element in root.xpath(f"//*[contains(concat(' ', @class, ' '), ' {css} ')]")]


def test_both_languages_stand_side_by_side_in_html_without_any_script() -> None:
    root = parsed(render_page(UNITS, title="清河", facts=FACTS))
    assert texts(root, "source")[: len(UNITS)] == [unit.source for unit in UNITS]
    assert texts(root, "target")[: len(UNITS)] == [unit.target for unit in UNITS]
    rows = root.xpath("//div[@class='row']")
    assert [len(row.xpath("./article")) for row in rows] == [1, 1, 2, 1, 1, 1]


def test_headings_are_headings_and_each_text_has_its_language_and_direction() -> None:
    root = parsed(render_page(UNITS, title="清河", facts=FACTS))
    assert [h.text_content().split("\n")[0] for h in root.xpath("//h1")] == ["清河县管好一条河"]
    assert [h.text_content().split("\n")[0] for h in root.xpath("//h3")] == ["数据说话"]
    cells = root.xpath("//article//*[@class='source' or @class='target']")
    assert {(c.get("class"), c.get("lang"), c.get("dir")) for c in cells if c.get("lang")} == {
        ("source", "zh-Hans", "ltr"),
        ("target", "en", "ltr"),
    }
    assert render_page([unit("שלום", "Hello", source_lang="he")], title="", facts=FACTS).count('dir="auto"') >= 1


def test_a_page_without_a_title_unit_gets_a_heading_of_its_own() -> None:
    root = parsed(render_page(UNITS[2:4], title="清河 <b>", facts=FACTS))
    assert [h.text_content() for h in root.xpath("//h1")] == ["清河 <b>"]


def test_an_issue_is_marked_on_both_sides_and_told_in_words() -> None:
    page = render_page(UNITS, title="清河", facts=FACTS)
    assert '发现问题<mark class="error">3,480</mark>个。' in page
    assert '<mark class="error">3,840</mark> problems were found.' in page
    root = parsed(page)
    assert texts(root, "issues")[0] == "number The source says 3,480, the translation 3,840."
    assert root.xpath("//p[@id='summary']")[0].text_content() == "7 sentences · 1 error"


def test_an_uncertain_pairing_is_named_and_a_missing_side_is_a_hole() -> None:
    page = render_page(UNITS, title="清河", facts=FACTS)
    assert '<li class="doubtful">pairing 55% certain</li>' in page
    assert '<p class="target" lang="en" dir="ltr"></p>' in page


@pytest.mark.parametrize(
    ("origin", "chip"),
    [("memory", "from memory"), ("repair:numbers", "repaired: numbers"), ("machine", ""), ("copy", ""), ("human", "")],
)
def test_an_unusual_origin_is_named(origin: str, chip: str) -> None:
    root = parsed(render_page([unit("你好。", "Hello.", origin=origin)], title="", facts=FACTS))
    assert texts(root, "origin") == ([chip] if chip else [])


def test_the_footer_says_what_made_it_and_that_a_better_model_exists() -> None:
    root = parsed(
        render_page(UNITS, title="清河", facts=replace(FACTS, scores=("BLEU 21.3",), notes=("Read as Big5.",)))
    )
    footer = root.xpath("//footer")[0].text_content()
    for line in (
        "Machine translation by zh-en-small. It has not been checked by a person; 2 sentences marked above ask for a",
        "bilingual models pull Helsinki-NLP/opus-mt-zh-en",
        "--model Helsinki-NLP/opus-mt-zh-en",
        "quality is modest",
        "Read as Big5.",
        "BLEU 21.3",
        "6 paragraphs, 7 sentences, 1 error, 0 warnings, 0 remarks",
        "CC BY-NC 4.0",
        "zh-en-small@1a2b|int8|beam:4",
        "bilingual 0.1.0, 2024-05-17",
    ):
        assert line in footer


def test_the_footer_of_human_translation_does_not_speak_of_machines() -> None:
    units = [replace(unit, origin="human") for unit in UNITS]
    footer = parsed(render_page(units, title="清河", facts=PageFacts(model="semantic"))).xpath("//footer")[0]
    text = footer.text_content()
    assert "Human translation, paired sentence by sentence by semantic." in text
    assert "Machine" not in text
    assert "modest" not in text


def test_a_reference_makes_a_third_column() -> None:
    facts = replace(FACTS, reference={UNITS[2].id: "Luo Dachuan walked for 5 km."})
    root = parsed(render_page(UNITS, title="清河", facts=facts))
    assert "three" in root.xpath("//body")[0].get("class")
    assert texts(root, "reference") == ["Luo Dachuan walked for 5 km."]


def test_offers_of_the_memory_show_what_is_different_in_their_source() -> None:
    offers = {
        UNITS[2].id: (
            Offer("罗大川走了7公里。", "Luo Dachuan walked 7 kilometres.", 0.88),
            Offer("罗大川走了5公里。", "He walked 5 km.", 1.0),
        )
    }
    page = render_page(UNITS, title="清河", facts=replace(FACTS, offers=offers))
    assert "罗大川走了<del>7</del><ins>5</ins>公里。" in page
    assert texts(parsed(page), "use") == ["Luo Dachuan walked 7 kilometres.", "He walked 5 km."]
    assert texts(parsed(page), "was") == ["罗大川走了75公里。"]
    assert [record.get("offers") for record in page_data(page)["units"]][2] == [  # type: ignore[attr-defined]
        "Luo Dachuan walked 7 kilometres.",
        "He walked 5 km.",
    ]


def test_several_documents_are_told_apart() -> None:
    units = [*UNITS[2:4], replace(UNITS[4], document="另一篇.txt")]
    assert texts(parsed(render_page(units, title="all", facts=FACTS)), "file") == ["清河.txt", "另一篇.txt"]


def test_a_page_without_units_says_so() -> None:
    assert "This document has no sentences." in render_page([], title="empty", facts=FACTS)


# -- safety

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "]]><img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp; ' \" `",
    "{{ title }} {% raw %}",
    "\u202eabc\u2066",
    "a\x00b\x1b[31m",
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_everywhere(text: str) -> None:
    hostile = unit(
        text,
        text,
        note=text,
        document=text,
        issues=(Issue(text, "error", 1, text, ((0, 1),), ((0, 1),)),),
        origin=f"repair:{text}",
    )
    facts = PageFacts(
        model=text, license=text, signature=text, date=text, made_by=text, scores=(text,), notes=(text,),
        reference={hostile.id: text}, offers={hostile.id: (Offer("x", text, 0.9),)},
    )  # fmt: skip
    page = render_page([hostile, replace(hostile, document="other")], title=text, facts=facts)
    root = parsed(page.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    assert len(root.xpath("//script")) == 2
    assert root.xpath("//img | //*[@onerror]") == []
    assert root.xpath("//@style") == []
    assert "<!--" not in page.split("<script>")[0].split('id="data"')[0]
    # A name of no unit goes through the sign filter too.
    assert "\u202e" not in page
    assert "\x00" not in page
    records = page_data(page)["units"]
    seen = root.xpath("//article//*[@class='source']")[0].text_content()
    assert records[0].get("source", seen) == text  # type: ignore[index]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_in_an_index_stay_text(text: str) -> None:
    entry = IndexEntry(document=text, outputs=(f"{text}.html",), status="failed", reason=text)
    page = render_index([entry], title=text, facts=FACTS)
    root = parsed(page)
    assert root.xpath("//script | //img | //@style") == []
    assert all(link.startswith("./") for link in root.xpath("//a/@href"))


def test_the_policy_allows_these_two_texts_and_nothing_else() -> None:
    page = render_page(UNITS, title="清河", facts=FACTS)
    policy = parsed(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert style
    assert script

    def digest(text: str) -> str:
        return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert policy == (
        f"default-src 'none'; style-src '{digest(style[1])}'; script-src '{digest(script[1])}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "unsafe-inline" not in page


def test_the_page_names_no_address_and_loads_nothing() -> None:
    page = render_page(UNITS, title="https://example.org/x", facts=FACTS)
    root = parsed(page)
    assert root.xpath("//@src | //link | //iframe | //object | //embed | //base") == []
    assert all(href.startswith("#") for href in root.xpath("//a/@href"))
    assert re.findall(r"url\(|@import|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", page) == []


def test_the_generator_is_named_so_that_our_own_pages_are_known() -> None:
    assert '<meta name="generator" content="bilingual 0.1.0">' in render_page(UNITS, title="", facts=FACTS)[:4000]


# -- marks


def test_marks_count_code_points_and_the_gravest_wins() -> None:
    assert marked("𣸣5个", [((1, 2), "error")]) == '𣸣<mark class="error">5</mark>个'
    assert marked("abcd", [((0, 3), "info"), ((1, 2), "error"), ((9, 12), "error"), ((3, 3), "error")]) == (
        '<mark class="info">a</mark><mark class="error">b</mark><mark class="info">c</mark>d'
    )


def test_control_characters_become_signs_with_their_names() -> None:
    assert marked("a\u202eb") == 'a<span class="sign" title="right-to-left override">U+202E</span>b'
    assert marked("\x00") == '<span class="sign" title="control character">U+0000</span>'
    assert shown("\u200d") == "\u200d"


@settings(deadline=None)
@given(st.text(st.characters(), max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4))
def test_a_marked_text_reads_as_shown(text: str, spans: list[tuple[int, int]]) -> None:
    page = marked(text, [(span, "warning") for span in spans])
    found = html.fragment_fromstring(f"<p>{page}</p>").text_content()
    assert found == "".join(shown(character) for character in text)
    assert utf16_offsets(text)[-1] == len(found.encode("utf-16-le")) // 2


@settings(deadline=None)
@given(st.text(st.characters(), max_size=30))
def test_json_in_a_page_is_the_same_json(text: str) -> None:
    written = str(json_for_html({"a": text}))
    assert json.loads(written) == {"a": text}
    assert "<" not in written
    assert written.encode("utf-8")


def test_links_are_utf16_offsets_in_the_text_as_shown() -> None:
    page = render_page(
        [unit("𣸣\u200b川来了", "Chuan came", links=((2, 3, 0, 5), (3, 5, 6, 10), (90, 99, 0, 1)))],
        title="",
        facts=FACTS,
    )
    records = page_data(page)["units"]
    assert records[0]["links"] == [8, 9, 0, 5, 9, 11, 6, 10]  # type: ignore[index]
    assert records[0]["source"] == "𣸣\u200b川来了"  # type: ignore[index]


# -- data


def test_the_data_hold_hashes_of_both_sides_and_leave_out_what_the_page_shows() -> None:
    data = page_data(render_page(UNITS, title="", facts=FACTS))
    assert data["document"] == "清河.txt"
    assert data["units"][3] == {  # type: ignore[index]
        "id": UNITS[3].id,
        "hash": [text_hash("发现问题3,480个。"), text_hash("3,840 problems were found.")],
        "doubt": 0.8,
        "flagged": True,
        "codes": ["number"],
    }


def test_the_key_of_the_kept_work_is_that_of_the_sources() -> None:
    def key(*units: TranslationUnit) -> object:
        return page_data(render_page(units, title="", facts=FACTS))["key"]

    assert key(UNITS[2]) == key(replace(UNITS[2], target="other"))
    assert key(UNITS[2]) != key(UNITS[3])
    assert key(UNITS[2]) != key(replace(UNITS[2], document="b.txt"))


def test_doubt_orders_by_issues_pairing_and_model() -> None:
    sure = unit("好", "Good")
    assert doubt(sure) == 0
    assert doubt(replace(sure, confidence=0.6)) == pytest.approx(0.4)
    assert doubt(replace(sure, log_prob=-0.5)) == pytest.approx(1 - 0.60653, abs=1e-4)
    assert doubt(UNITS[3]) > doubt(replace(sure, confidence=0.6)) > doubt(replace(sure, confidence=0.9))


# -- index


def test_the_index_links_documents_counts_and_names_what_failed() -> None:
    entries = [
        IndexEntry(
            document="新闻/清河.txt",
            outputs=("新闻/清河 1.html", "新闻/清河 1.tsv"),
            sentences=22,
            errors=2,
            warnings=1,
        ),
        IndexEntry(document="空.txt", status="failed", reason="空.txt is empty"),
        IndexEntry(document="javascript:x.txt", outputs=("javascript:x.html",), sentences=1200, status="unchanged"),
    ]
    root = parsed(render_index(entries, title="新闻", facts=FACTS))
    assert root.xpath("//p[@class='summary']")[0].text_content() == (
        "3 documents (1 done, 1 failed, 1 unchanged) · 1,222 sentences · 2 errors, 1 warning, 0 remarks"
    )
    assert root.xpath("//section[@class='failed']//li")[0].text_content() == "空.txt: 空.txt is empty"
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in root.xpath("//tbody/tr")]
    assert rows == [
        ["新闻/清河.txt", "html tsv", "22", "2", "1", "0", "done"],
        ["空.txt", "", "0", "0", "0", "0", "failed"],
        ["javascript:x.txt", "html", "1,200", "0", "0", "0", "unchanged"],
    ]
    assert root.xpath("//tbody//a/@href")[0] == "./%E6%96%B0%E9%97%BB/%E6%B8%85%E6%B2%B3%201.html"
    assert root.xpath("//tbody//a/@href")[-1] == "./javascript%3Ax.html"
