"""The real page in a real browser: Debian's Chromium driven by Playwright, pages opened from disk."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bilingual.bitext import Issue, TranslationUnit, unit_id
from bilingual.page import Offer, PageFacts, render_page
from bilingual.review import apply_decisions, read_decisions

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
Page = Any

NUMBER = Issue("number", "error", 1, "The source says 3,480, the translation 3,840.", ((6, 11),), ((0, 5),))


def unit(source: str, target: str, paragraph: int, sentence: int = 1, **fields: object) -> TranslationUnit:
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
        log_prob=-0.1,
    )
    return replace(base, **fields)  # type: ignore[arg-type]


UNITS = [
    unit("清河县管好一条河", "Qinghe County looks after a river", 1, kind="title", level=1),
    unit("老渔民走了5公里。", "The old fisherman walked 5 kilometres.", 2, 1, links=((1, 3, 8, 17), (4, 5, 18, 24))),
    unit("他发现问题𣸣3,480个。", "3,840 problems were found.", 2, 2, issues=(NUMBER,)),
    unit("河清了。鱼回来了。", "The river is clear. The fish are back.", 3, 1, log_prob=-1.5),
    unit("孙子又能", "The grandson can", 4, 1, confidence=0.55),
    unit("摸鱼了。", "catch fish again.", 4, 2, confidence=0.6),
    unit("统一平台", "One platform", 5, kind="list_item", level=1),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=[*arguments, "--disable-component-update"])
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context
    context.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(context: Any, tmp_path: Path) -> Iterator[Open]:
    """Write a page, open it, and hold it against errors and requests at the end."""
    troubles: list[str] = []
    allowed: list[str] = []

    def opened(
        units: list[TranslationUnit] = UNITS,
        *,
        name: str = "page.html",
        expect: tuple[str, ...] = (),
        facts: PageFacts | None = None,
    ) -> Page:
        path = tmp_path / name
        path.write_text(render_page(units, title="清河", facts=facts or PageFacts()), encoding="utf-8", newline="\n")
        page = context.new_page()
        allowed.extend(expect)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("request", lambda request: troubles.append(request.url) if "page.html" not in request.url else None)
        page.goto(path.as_uri())
        return page

    yield opened
    assert [trouble for trouble in troubles if not any(text in trouble for text in allowed)] == []


def texts(page: Page, selector: str) -> list[str]:
    return [element.text_content() for element in page.query_selector_all(selector)]


def exported(page: Page, tmp_path: Path) -> dict[str, Any]:
    with page.expect_download() as download:
        page.click("#export")
    path = tmp_path / "decisions.json"
    download.value.save_as(path)
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def import_text(page: Page, text: str) -> None:
    page.set_input_files("#file", {"name": "bo.json", "mimeType": "application/json", "buffer": text.encode()})


def shown(page: Page) -> list[str]:
    return [
        element.query_selector(".source").text_content()
        for element in page.query_selector_all("#units .unit")
        if element.is_visible()
    ]


def pieces(page: Page) -> list[tuple[str, str]]:
    """Source and target of every piece that stands on the page."""
    return [
        (element.query_selector(".source").text_content(), element.query_selector(".target").text_content())
        for element in page.query_selector_all("#units .unit")
        if element.is_visible()
    ]


# -- the reader


def test_hovering_a_sentence_lights_both_halves(open_page: Open) -> None:
    page = open_page()
    background = "e => getComputedStyle(e).backgroundColor"
    before = page.eval_on_selector("#u1", background)
    page.hover("#u1 .target")
    assert page.eval_on_selector("#u1", background) != before
    assert page.eval_on_selector("#u2", background) == before
    assert page.eval_on_selector("#u1", "e => [...e.querySelectorAll('.source, .target')].length") == 2


def test_pointing_at_a_word_lights_its_counterpart(open_page: Open) -> None:
    page = open_page()
    lit = "() => [...CSS.highlights.get('counterpart')].map(String)"
    box = page.evaluate(
        "() => { const r = document.createRange(); const t = document.querySelector('#u1 .source').firstChild;"
        "r.setStart(t, 1); r.setEnd(t, 3);"
        "const b = r.getBoundingClientRect(); return [b.left, b.right, b.top, b.height] }"
    )
    page.mouse.move(box[1] - 2, box[2] + box[3] / 2)  # the last points of 渔民: the caret would be after it
    page.wait_for_function("() => CSS.highlights.get('counterpart').size === 2")
    assert page.evaluate(lit) == ["渔民", "fisherman"]
    page.mouse.move(5, 5)
    page.wait_for_function("() => CSS.highlights.get('counterpart').size === 0")


def test_the_page_can_be_read_without_javascript(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(render_page(UNITS, title="清河", facts=PageFacts()), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.inner_text("#u2 .issues") == "number The source says 3,480, the translation 3,840."
    assert not page.is_visible("#tools")
    assert page.inner_text("#u3 .target") == "The river is clear. The fish are back."
    context.close()


def test_the_marked_number_is_the_number_after_a_character_of_two_utf16_units(open_page: Open) -> None:
    assert texts(open_page(), "#u2 mark") == ["3,480", "3,840"]


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(open_page: Open, width: int) -> None:
    page = open_page([*UNITS, unit("x" * 400, "y" * 400, 6)])
    page.set_viewport_size({"width": width, "height": 800})
    page.click("#filters")
    page.click("#u1 .target")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_has_two_columns_and_no_buttons(open_page: Open) -> None:
    page = open_page()
    page.emulate_media(media="print")
    assert not page.is_visible(".bar")
    left, right = page.locator("#u1 .source").bounding_box(), page.locator("#u1 .target").bounding_box()
    assert left["x"] + left["width"] < right["x"]


def test_a_long_document_is_laid_out_near_the_screen_only_but_printed_whole(open_page: Open) -> None:
    page = open_page([unit(f"第{n}句。", f"Sentence {n}.", n) for n in range(301)])
    visibility = "e => [getComputedStyle(e).contentVisibility, getComputedStyle(e.parentNode).contentVisibility]"
    assert page.eval_on_selector("#u300", visibility) == ["auto", "auto"]
    page.emulate_media(media="print")
    assert page.eval_on_selector("#u300", visibility) == ["visible", "visible"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(open_page: Open, context: Any, scheme: str) -> None:
    page = open_page([*UNITS, unit("甲", "A", 6, status="accepted", note="好"), unit("乙", "B", 7, status="rejected")])
    page.emulate_media(color_scheme=scheme)
    page.click("#u2 .target")
    low = page.evaluate(
        """() => {
          const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
          const rgb = (color) => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
            .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = (e) => {
            for (; e; e = e.parentElement) {
              const color = rgb(getComputedStyle(e).backgroundColor);
              if (color[3] === 255) return color;
            }
            return [255, 255, 255];
          };
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const found = [];
          while (walker.nextNode()) {
            const e = walker.currentNode.parentElement;
            const style = getComputedStyle(e);
            if (!walker.currentNode.data.trim() || !e.checkVisibility() || style.opacity === "0") continue;
            if (e.matches(":disabled, .hidden, .no")) continue;
            const [a, b] = [light(rgb(style.color)), light(ground(e))].sort((x, y) => y - x);
            const ratio = (a + 0.05) / (b + 0.05);
            if (ratio < 4.5) found.push([e.className || e.tagName, walker.currentNode.data.trim(), ratio]);
          }
          return found;
        }"""
    )
    assert low == []


# -- safety


@pytest.mark.parametrize("text", ["</script><script>document.title='owned'</script>", "<!-- <script>", "<img src=x>"])
def test_markup_in_texts_is_shown_and_never_run(open_page: Open, text: str) -> None:
    issue = Issue("code", "error", 1, text, ((0, 2),), ())
    page = open_page([unit(text, text, 1, note=text, issues=(issue,))])
    assert page.text_content("#u0 .source") == text
    assert page.title() == "清河"
    assert page.evaluate("document.querySelectorAll('img, script:not([type])').length") == 1
    page.click("#u0 .target")
    page.keyboard.press("Enter")
    assert page.input_value("textarea") == text


def test_the_policy_blocks_an_injected_script_and_style_and_image(open_page: Open) -> None:
    page = open_page(expect=("Content Security Policy", "https://example.org/x.png"))
    blocked: list[str] = []
    page.on("requestfailed", lambda request: blocked.append(request.failure))
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'owned'";
          document.body.append(script);
          const style = document.createElement("style");
          style.textContent = "body { display: none }";
          document.body.append(style);
          const image = "<img src='https://example.org/x.png' onerror='document.title = 1'>";
          document.body.insertAdjacentHTML("beforeend", image);
        }"""
    )
    page.wait_for_timeout(100)
    assert page.title() == "清河"
    assert page.is_visible("main")
    assert blocked == ["csp"]


def test_markup_in_imported_decisions_is_shown_and_never_run(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.click("#u1 .target")
    page.keyboard.press("a")
    decisions = exported(page, tmp_path)
    attack = "<img src=x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script>"
    decisions["decisions"][0]["becomes"][0] |= {"note": attack, "target": attack, "status": "edited"}
    import_text(page, json.dumps(decisions))
    page.wait_for_selector("#u1 .note")
    assert page.text_content("#u1 .note") == attack
    assert page.text_content("#u1 .target") == attack
    assert page.evaluate("document.querySelectorAll('img').length") == 0
    assert page.title() == "清河"


def test_characters_nobody_sees_are_signs_also_in_an_edit(open_page: Open) -> None:
    page = open_page([unit("甲\u202e乙", "a\u2066b", 1)])
    assert texts(page, "#u0 .sign") == ["U+202E", "U+2066"]
    page.click("#u0 .target")
    page.keyboard.press("Enter")
    assert page.input_value("textarea") == "a\u2066b"
    page.fill("textarea", "a\u200fb\u0007")
    page.keyboard.press("Enter")
    assert page.text_content("#u0 .target") == "aU+200FbU+0007"


# -- review


def test_keys_move_accept_reject_and_undo(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == "u1"
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.id") == "u2"
    page.keyboard.press("r")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") == "u2"
    assert texts(page, ".state") == ["accepted", "rejected"]
    assert page.text_content("#reviewed") == " · 2 reviewed"
    page.keyboard.press("u")
    assert texts(page, ".state") == ["accepted"]
    page.keyboard.press("Control+z")
    page.keyboard.press("u")
    assert exported(page, tmp_path)["decisions"] == []


def test_an_edit_is_shown_with_what_it_was_and_can_be_undone(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.click("#u2 .target")
    page.keyboard.press("Enter")
    page.fill("textarea", "3,480 problems were found.")
    page.keyboard.press("Enter")
    assert page.text_content("#u2 .target") == "3,480 problems were found."
    assert page.text_content("#u2 .original") == "was: 3,840 problems were found."
    assert page.evaluate("document.activeElement.id") == "u2"
    decisions = exported(page, tmp_path)["decisions"]
    assert [piece for decision in decisions for piece in decision["becomes"]] == [
        {"source": UNITS[2].source, "target": "3,480 problems were found.", "status": "edited", "note": ""}
    ]
    page.keyboard.press("u")
    assert texts(page, "#u2 mark") == ["3,480", "3,840"]
    assert page.query_selector("#u2 .original") is None


def test_escape_leaves_an_edit_as_it_was(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.click("#u2 .target")
    page.keyboard.press("Enter")
    page.fill("textarea", "something")
    page.keyboard.press("Escape")
    assert page.query_selector("textarea") is None
    assert exported(page, tmp_path)["decisions"] == []


def test_keys_of_an_input_method_do_not_save(open_page: Open) -> None:
    page = open_page()
    page.click("#u2 .target")
    page.keyboard.press("c")
    page.fill("textarea", "ni")
    page.evaluate(
        "document.querySelector('textarea').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    assert page.query_selector("textarea") is not None


def test_a_comment_stands_under_its_sentence(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.click("#u3 .target")
    page.keyboard.press("c")
    page.fill("textarea", "Two sentences?")
    page.keyboard.press("Enter")
    assert page.text_content("#u3 .note") == "Two sentences?"
    assert exported(page, tmp_path)["decisions"][0]["becomes"][0]["note"] == "Two sentences?"


def test_split_proposes_the_sentence_ends_and_keeps_both_sides_whole(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.click("#u3 .target")
    page.keyboard.press("s")
    boxes = page.query_selector_all("textarea")
    assert [box.input_value() for box in boxes] == ["河清了。\n鱼回来了。", "The river is clear.\nThe fish are back."]
    boxes[1].fill("The river is clear.\nThe fish are")
    page.keyboard.press("Control+Enter")
    assert "Only line breaks may be added" in page.text_content(".problem")
    boxes[1].fill("The river is clear.\nThe fish are back.")
    page.keyboard.press("Control+Enter")
    assert pieces(page)[3:5] == [("河清了。", "The river is clear."), ("鱼回来了。", "The fish are back.")]
    page.keyboard.press("a")
    decision = exported(page, tmp_path)["decisions"][0]
    assert [(piece["target"], piece["status"]) for piece in decision["becomes"]] == [
        ("The river is clear.", "accepted"),
        ("The fish are back.", ""),
    ]
    page.keyboard.press("u")
    page.keyboard.press("u")
    assert pieces(page) == [(unit.source, unit.target) for unit in UNITS]


def test_merge_joins_neighbours_and_merging_a_split_gives_the_unit_back(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.click("#u4 .target")
    page.keyboard.press("m")
    assert pieces(page)[4] == ("孙子又能摸鱼了。", "The grandson can catch fish again.")
    assert len(pieces(page)) == 6
    decision = exported(page, tmp_path)["decisions"][0]
    assert [stamp["id"] for stamp in decision["units"]] == [UNITS[4].id, UNITS[5].id]
    page.keyboard.press("u")
    page.click("#u3 .target")
    page.keyboard.press("s")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("m")
    assert exported(page, tmp_path)["decisions"] == []
    assert pieces(page) == [(unit.source, unit.target) for unit in UNITS]


def test_an_offer_of_the_memory_is_taken_with_a_button(open_page: Open) -> None:
    page = open_page(facts=PageFacts(offers={UNITS[1].id: (Offer("老渔民走了6公里。", "He walked 6 km.", 0.9),)}))
    page.click("#u1 .offers button")
    assert page.text_content("#u1 .target") == "He walked 6 km."
    assert texts(page, ".state") == ["edited"]


def test_the_actions_are_buttons_for_fingers_too(open_page: Open) -> None:
    page = open_page()
    page.set_viewport_size({"width": 390, "height": 800})
    page.click("#u1 .target")
    names = texts(page, "#actions button")
    assert names == ["AcceptA", "Edit↵", "RejectR", "CommentC", "SplitS", "MergeM", "UndoU"]
    heights = [button.bounding_box()["height"] for button in page.query_selector_all("#actions button")]
    assert min(heights) >= 44
    page.click("#actions >> text=Accept")
    assert texts(page, ".state") == ["accepted"]


def test_help_lists_the_keys_and_single_keys_can_be_switched_off(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("?")
    assert "Next flagged" in page.text_content("dialog")
    page.click("#keys-on")
    page.keyboard.press("Escape")
    page.click("#u1 .target")
    page.keyboard.press("a")
    assert texts(page, ".state") == []


def test_a_sentence_in_hand_tells_a_screen_reader_where_it_is(open_page: Open) -> None:
    page = open_page()
    page.click("#u2 .target")
    assert page.get_attribute("#u2", "aria-label") == "Sentence 2.2, number"
    page.keyboard.press("a")
    page.keyboard.press("k")
    assert page.get_attribute("#u2", "aria-label") == "Sentence 2.2, accepted, number"
    assert page.text_content("#spoken") == "accepted"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "AcceptA"


# -- filters


def test_filters_show_their_counts_and_what_passes(open_page: Open) -> None:
    page = open_page()
    page.click("#filters")
    assert texts(page, "#code option") == ["all (7)", "any issue (1)", "no issue (6)", "number (1)"]
    assert texts(page, "#kind option") == ["all (7)", "list item (1)", "text (5)", "title (1)"]
    page.select_option("#code", "number")
    assert shown(page) == [UNITS[2].source]
    assert page.text_content("#shown") == "1 of 7 shown"
    assert texts(page, "#kind option") == ["all (1)", "text (1)"]
    page.click("#clear")
    assert len(shown(page)) == 7
    page.select_option("#confidence", "middle")
    assert shown(page) == [UNITS[4].source, UNITS[5].source]


def test_a_decision_does_not_make_a_sentence_vanish_but_changes_the_counts(open_page: Open) -> None:
    page = open_page()
    page.click("#filters")
    page.select_option("#status", "open")
    page.click("#u1 .target")
    page.keyboard.press("a")
    page.wait_for_function(
        "() => document.querySelector('#status option[value=open]').textContent === 'not reviewed (6)'"
    )
    assert len(shown(page)) == 7


def test_search_finds_both_languages(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("鱼")
    page.wait_for_function("() => document.querySelector('#shown').textContent === '2 of 7 shown'")
    page.fill("#search", "FISHERMAN")
    page.wait_for_function("() => document.querySelector('#shown').textContent === '1 of 7 shown'")
    assert shown(page) == [UNITS[1].source]


def test_next_flagged_goes_round_what_is_not_reviewed(open_page: Open) -> None:
    page = open_page()
    assert page.text_content("#next") == "Next flagged (3)"
    for expected in ("u2", "u4", "u5", "u2"):
        page.click("#next")
        assert page.evaluate("document.activeElement.id") == expected
    page.keyboard.press("a")
    assert page.text_content("#next") == "Next flagged (2)"


def test_most_doubtful_first_and_back(open_page: Open) -> None:
    page = open_page()
    page.click("#filters")
    page.select_option("#order", "doubt")
    assert shown(page)[:3] == [UNITS[2].source, UNITS[3].source, UNITS[4].source]
    page.keyboard.press("Escape")
    page.click("#u3 .target")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == "u4"
    page.select_option("#order", "document")
    assert shown(page) == [unit.source for unit in UNITS]


# -- keeping


def test_work_survives_a_reload_at_once(open_page: Open) -> None:
    page = open_page()
    page.click("#u3 .target")
    page.keyboard.press("s")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("a")
    page.reload()
    assert pieces(page)[3:5] == [("河清了。", "The river is clear."), ("鱼回来了。", "The fish are back.")]
    assert texts(page, ".state") == ["accepted"]


def test_an_accept_is_stale_for_a_new_machine_translation_and_an_edit_is_not(open_page: Open) -> None:
    page = open_page()
    page.click("#u1 .target")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.fill("textarea", "3,480 problems.")
    page.keyboard.press("Enter")
    page.close()
    newer = [replace(unit, target=unit.target + " (new)") for unit in UNITS]
    page = open_page(newer)
    assert page.text_content("#u1 .target") == UNITS[1].target + " (new)"
    assert page.text_content("#u2 .target") == "3,480 problems."
    assert texts(page, ".state") == ["edited"]
    notice = page.text_content(".notice.error")
    assert "1 taken, 1 not" in notice
    assert "老渔民走了5公里。: the translation it was made for has changed" in notice


def test_work_on_an_earlier_version_is_offered(open_page: Open) -> None:
    page = open_page()
    page.click("#u1 .target")
    page.keyboard.press("a")
    page.reload()
    changed = [replace(UNITS[0], source="清河县", id="0" * 16), *UNITS[1:]]
    page = open_page(changed)
    assert "This browser has 1 decision on an earlier version of this document." in page.text_content(".notice")
    page.click(".notice >> text=Bring in")
    assert texts(page, ".state") == ["accepted"]


def test_documents_of_one_name_do_not_share_their_work(open_page: Open) -> None:
    page = open_page([UNITS[1]])
    page.click("#u0 .target")
    page.keyboard.press("r")
    page.reload()
    other = open_page([UNITS[1], UNITS[2]])
    assert texts(other, ".state") == []


def test_two_tabs_of_one_document_are_named(open_page: Open) -> None:
    first, second = open_page(), open_page()
    second.click("#u1 .target")
    second.keyboard.press("a")
    first.wait_for_selector(".notice.error")
    assert "reviewed in another tab" in first.text_content(".notice.error")


def test_units_of_one_id_keep_their_own_decisions(open_page: Open, tmp_path: Path) -> None:
    twins = [unit("好。", "Good.", 1), unit("好。", "Good.", 2)]
    page = open_page(twins)
    page.click("#u1 .target")
    page.keyboard.press("a")
    page.reload()
    assert texts(page, "#u1 .state") == ["accepted"]
    assert texts(page, "#u0 .state") == []
    exported(page, tmp_path)
    with (tmp_path / "decisions.json").open("rb") as file:
        applied = apply_decisions(twins, read_decisions(file, "d").decisions)
    assert [unit.status for unit in applied.units] == ["", "accepted"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})",
            "This browser keeps nothing for this page",
        ),
        (
            "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
            "This browser's storage is full",
        ),
    ],
)
def test_without_storage_the_page_says_so_and_export_works(
    open_page: Open, context: Any, tmp_path: Path, script: str, message: str
) -> None:
    context.add_init_script(script)
    page = open_page()
    page.click("#u1 .target")
    page.keyboard.press("a")
    page.wait_for_selector(".notice.error")
    assert message in page.text_content(".notice.error")
    assert len(exported(page, tmp_path)["decisions"]) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": "bilingual-decisions",\n"decisions": [,]}', "bo.json: This is not JSON (line 2)"),
        ('{"a": 1}', "bo.json: This is not a decisions file"),
        ('{"format": "bilingual-decisions", "version": 9, "decisions": []}', "made by a newer version"),
        ('{"format": "bilingual-decisions", "version": 1, "decisions": [{}]}', "Decision 1 of this file is damaged"),
        (
            json.dumps(
                {
                    "format": "bilingual-decisions",
                    "version": 1,
                    "document": "其他.txt",
                    "decisions": [
                        {
                            "units": [{"document": "其他.txt", "id": "f" * 16, "source_hash": "", "target_hash": ""}],
                            "becomes": [{"source": "x", "target": "y", "status": "accepted", "note": ""}],
                        }
                    ],
                }
            ),
            "these decisions are about “其他.txt”, not about this page",
        ),
    ],
)
def test_a_bad_decisions_file_is_named_and_nothing_is_taken(open_page: Open, text: str, message: str) -> None:
    page = open_page()
    import_text(page, text)
    page.wait_for_selector(".notice.error")
    assert message in page.text_content(".notice.error")
    assert texts(page, ".state") == []


def test_an_import_that_would_lose_text_is_refused(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.click("#u4 .target")
    page.keyboard.press("m")
    decisions = exported(page, tmp_path)
    page.keyboard.press("u")
    decisions["decisions"][0]["becomes"][0]["source"] = "孙子"
    import_text(page, json.dumps(decisions))
    page.wait_for_selector(".notice.error")
    assert "it would lose source text" in page.text_content(".notice.error")
    assert len(pieces(page)) == 7


# -- the whole round trip


def test_round_trip_from_the_page_to_the_data_and_back(open_page: Open, tmp_path: Path) -> None:
    page = open_page()
    page.click("#filters")
    page.select_option("#code", "any")
    page.click("#u2 .target")
    page.keyboard.press("Enter")
    page.fill("textarea", "He found 3,480 problems.")
    page.keyboard.press("Enter")
    page.click("#clear")
    page.click("#u3 .target")
    page.keyboard.press("s")
    page.keyboard.press("Control+Enter")
    page.click("#u4 .target")
    page.keyboard.press("m")
    page.keyboard.press("a")
    exported(page, tmp_path)
    with (tmp_path / "decisions.json").open("rb") as file:
        decisions = read_decisions(file, "decisions.json")
    applied = apply_decisions(UNITS, decisions.decisions)
    assert applied.stale == ()
    assert [(unit.paragraph, unit.sentence, unit.source, unit.target, unit.status) for unit in applied.units] == [
        (1, 1, UNITS[0].source, UNITS[0].target, ""),
        (2, 1, UNITS[1].source, UNITS[1].target, ""),
        (2, 2, UNITS[2].source, "He found 3,480 problems.", "edited"),
        (3, 1, "河清了。", "The river is clear.", ""),
        (3, 2, "鱼回来了。", "The fish are back.", ""),
        (4, 1, "孙子又能摸鱼了。", "The grandson can catch fish again.", "accepted"),
        (5, 1, UNITS[6].source, UNITS[6].target, ""),
    ]
    page = open_page(list(applied.units), name="again.page.html")
    assert page.text_content("#u2 .target") == "He found 3,480 problems."
    assert texts(page, ".state") == ["edited", "accepted"]
