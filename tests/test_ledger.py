"""Whatever the document: from the file to what is written, every visible character is accounted for, or nothing is."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.bitext import Document, Paragraph, Sentence, Translation, check_accounts, visible
from bilingual.engines import SegmentTranslator, load_translator
from bilingual.errors import InputError, LedgerError
from bilingual.formats import FORMATS
from bilingual.output import page_facts, render_output, write_output
from bilingual.pipeline import Options, Translated, align_pair, load_document, translate_documents
from bilingual.protocols import Decoding, Translator
from bilingual.segment import cut_sentence
from test_reading_ledger import TEXTS
from toy_models import make_toy

ARTICLE = (
    "# 河边的公园\n\n昨天，望川市的人来了。他们看了河水；河水很清。\n\n- 第一座桥\n- 第二座桥\n\n```\ngit status\n```\n"
)
SOURCES = [
    "河边的公园",
    "昨天，望川市的人来了。",
    "他们看了河水；河水很清。",
    "第一座桥",
    "第二座桥",
    "git status",
]
ALL = Options(encoder=None)
BARE = Options(checks=False)


class Echo:
    """An engine that gives every segment back in brackets, so that what it was given can be read off the target."""

    signature = "echo"
    model_name = "echo"
    license: str | None = None

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        return [[Translation(f"<{segment}>" if segment else "", math.nan)] for segment in segments]


class Loses(Echo):
    """An engine that drops one sentence: returns no row for it, no hypothesis, or no text."""

    def __init__(self, how: str) -> None:
        self.how = how

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        result = super().translate(segments, decoding)
        place = next((n for n, segment in enumerate(segments) if segment.startswith("他们")), None)
        if place is None:
            return result
        if self.how == "row":
            return result[:place] + result[place + 1 :]
        return [*result[:place], [Translation("")] if self.how == "text" else [], *result[place + 1 :]]


def loaded(text: str, name: str) -> Document:
    return load_document(None, text.encode("utf-8", "surrogatepass"), name=name, encoding="utf-8")


def translated(engine: Translator | None = None, options: Options = ALL) -> Translated:
    (result,) = translate_documents([loaded(ARTICLE, "a.md")], engine or Echo(), options=options)
    return result


def without_markup(document: Document) -> str:
    text, position = "", 0
    for start, end in document.markup:
        text += document.text[position:start]
        position = end
    return visible(text + document.text[position:])


@pytest.mark.parametrize("extension", [".txt", ".md", ".html"])
@settings(deadline=None, max_examples=60)
@given(text=TEXTS, checks=st.booleans())
def test_what_is_written_holds_every_character_of_any_document(extension: str, text: str, checks: bool) -> None:
    try:
        document = loaded(text, f"a{extension}")
    except InputError:
        return
    (done,) = translate_documents([document], Echo(), options=ALL if checks else BARE)
    expected = without_markup(document)
    facts = page_facts(Echo(), done)
    for name in ("tsv", "jsonl", "xliff"):
        read = FORMATS[name].read
        assert read is not None
        rows = list(read(io.BytesIO(render_output(name, done, facts)), "a"))
        assert visible("".join(row.source for row in rows)) == expected
        assert [row.target for row in rows] == [unit.target for unit in done.units]
        assert all(row.target for row in rows if visible(row.source))
    assert render_output("txt", done, facts)
    assert render_output("html", done, facts)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> SegmentTranslator:
    """A real engine whose random weights repeat themselves, so that everything is flagged and decoded again."""
    folder = make_toy(tmp_path_factory.mktemp("ledger") / "toy")
    return load_translator(str(folder), cut=cut_sentence, cache_dir=folder.parent)


@settings(deadline=None, max_examples=8)
@given(text=TEXTS)
def test_repair_loses_nothing_whatever_the_engine_says(toy: SegmentTranslator, text: str) -> None:
    try:
        document = loaded(text[:60], "a.md")
    except InputError:
        return
    (done,) = translate_documents([document], toy, options=ALL)
    assert visible("".join(unit.source for unit in done.units)) == without_markup(document)
    check_accounts(done.bitext, done.units)


@settings(deadline=None, max_examples=60)
@given(text=TEXTS, other=st.lists(st.sampled_from(["The river. ", "37 bridges", "\n\n", "# ", "é", "…"]), min_size=1))
def test_both_sides_of_any_alignment_are_accounted_for(text: str, other: list[str]) -> None:
    try:
        source, target = loaded(f"中文。\n\n{text}", "a.md"), loaded(f"English text.\n\n{''.join(other)}", "b.md")
    except InputError:
        return
    source, target = replace(source, lang="zh-Hans"), replace(target, lang="en")
    done = align_pair(source, target, encoder=None, method="length", checks=False, force=True)
    assert visible("".join(unit.source for unit in done.units)) == without_markup(source)
    assert visible("".join(unit.target for unit in done.units)) == without_markup(target)


@pytest.mark.parametrize("options", [ALL, BARE], ids=["checks", "no-checks"])
@pytest.mark.parametrize("how", ["row", "hypothesis"])
def test_an_engine_that_drops_a_sentence_is_caught(how: str, options: Options) -> None:
    with pytest.raises(LedgerError, match=r"^The engine was given 5 segments and translated 4: echo loses text\. "):
        translated(engine=Loses(how), options=options)


@pytest.mark.parametrize("options", [ALL, BARE], ids=["checks", "no-checks"])
def test_a_sentence_that_the_engine_has_no_words_for_is_flagged(options: Options) -> None:
    done = translated(engine=Loses("text"), options=options)
    assert [unit.source for unit in done.units] == SOURCES
    flagged = [unit.source for unit in done.units if "empty" in [issue.code for issue in unit.issues]]
    assert flagged == ["他们看了河水；河水很清。"]


def drops_a_sentence(document: Document) -> Document:
    """A faulty segmenter: the second sentence of a paragraph and its text are gone."""
    paragraphs = tuple(
        Paragraph(p.sentences[0].text, p.start, p.end, p.kind, p.level, p.sentences[:1]) if p.sentences else p
        for p in document.paragraphs
    )
    return replace(document, paragraphs=paragraphs)


def drops_a_paragraph(document: Document) -> Document:
    """A faulty reader."""
    return replace(document, paragraphs=document.paragraphs[:-1])


def exchanges_sentences(document: Document) -> Document:
    """A faulty reader that keeps all characters and loses their order."""
    return replace(document, paragraphs=document.paragraphs[::-1])


@pytest.mark.parametrize("fault", [drops_a_sentence, drops_a_paragraph, exchanges_sentences])
def test_a_document_that_lost_a_sentence_is_never_translated_nor_aligned(fault: Callable[[Document], Document]) -> None:
    broken = fault(loaded(ARTICLE, "a.md"))
    with pytest.raises(LedgerError, match=r"^a\.md: the segments do not account for every character: after "):
        list(translate_documents([broken], Echo(), options=BARE))
    english = load_document(None, b"A park. Yesterday people came. They saw the river.", name="b.txt")
    for pair in ((broken, english), (english, broken)):
        with pytest.raises(LedgerError, match=r"^a\.md: the segments do not account for every character: after "):
            align_pair(*pair, encoder=None, method="length", force=True)


@pytest.mark.parametrize("name", ["html", "txt", "tsv", "jsonl", "tmx", "xliff", "xlsx", "docx", "moses", "beads"])
@pytest.mark.parametrize("place", range(len(SOURCES)))
def test_a_unit_lost_on_the_way_to_the_file_stops_the_writing(tmp_path: Path, name: str, place: int) -> None:
    done = translated()
    lost = replace(done, units=done.units[:place] + done.units[place + 1 :])
    with pytest.raises(LedgerError, match=r"^a\.md: the segments do not account for every character: after "):
        write_output(tmp_path / f"a.{name}", name, lost, page_facts(Echo(), done))
    assert list(tmp_path.iterdir()) == []


def test_a_target_lost_on_the_way_is_caught() -> None:
    done = translated()
    first, *rest = done.units
    check_accounts(done.bitext, done.units)
    for faulty in (replace(first, target=""), replace(first, target=first.target[:-1])):
        with pytest.raises(LedgerError, match=r"^a\.md: the segments do not account for every character: after "):
            check_accounts(done.bitext, [faulty, *rest])
        with pytest.raises(LedgerError, match=r"^a\.md: the segments do not account for every character: after "):
            render_output("tsv", replace(done, units=(faulty, *rest)), page_facts(Echo(), done))


def test_a_source_without_a_target_must_be_flagged() -> None:
    done = translated(engine=Loses("text"))
    bare = [replace(unit, issues=()) for unit in done.units]
    check_accounts(done.bitext, done.units)
    with pytest.raises(
        LedgerError, match=r"^a\.md: “他们看了河水；河水很清。” has no translation, and nothing says so\. "
    ):
        check_accounts(done.bitext, bare)


def test_a_sentence_must_be_where_it_says() -> None:
    with pytest.raises(ValueError, match="text between sentences: '二。'"):
        Paragraph("一。二。三。", 0, 6, sentences=(Sentence("一。", 0, 2), Sentence("三。", 4, 6)))
