from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.bitext import (
    Bead,
    Bitext,
    Document,
    Paragraph,
    Sentence,
    Translation,
    check_ledger,
    paragraph_beads,
    unit_id,
    units,
)
from bilingual.errors import LedgerError


def document(lang: str, *paragraphs: list[str]) -> Document:
    """Build a document; the sentences of a paragraph stand next to each other, in English with a space."""
    built: list[Paragraph] = []
    text = ""
    for sentences in paragraphs:
        body, kept = "", []
        for sentence in sentences:
            body += " " if body and lang == "en" else ""
            kept.append(Sentence(sentence, len(body), len(body) + len(sentence)))
            body += sentence
        start = len(text)
        text += body + "\n"
        built.append(Paragraph(body, start, start + len(body), sentences=tuple(kept)))
    return Document("zh-Hans" if lang == "zh" else lang, "a.txt", text, tuple(built))


def test_sentence_must_fill_its_span() -> None:
    with pytest.raises(ValueError, match="does not fill"):
        Sentence("你好", 0, 3)


def test_paragraph_refuses_text_outside_its_sentences() -> None:
    with pytest.raises(ValueError, match="text between sentences: '再'"):
        Paragraph("好。再见。", 0, 5, sentences=(Sentence("好。", 0, 2), Sentence("见。", 3, 5)))
    with pytest.raises(ValueError, match="text after the last sentence: '再见。'"):
        Paragraph("好。再见。", 0, 5, sentences=(Sentence("好。", 0, 2),))


@pytest.mark.parametrize(
    "beads",
    [
        (Bead((0,), (0,)),),
        (Bead((0,), (0,)), Bead((1,), (1,)), Bead((1,), ())),
        (Bead((1,), (0,)), Bead((0,), (1,))),
        (Bead((0, 1), (0, 1)), Bead((), ())),
    ],
)
def test_bitext_refuses_beads_that_do_not_cover_both_sides(beads: tuple[Bead, ...]) -> None:
    with pytest.raises(ValueError, match="bead"):
        Bitext(document("zh", ["甲。", "乙。"]), document("en", ["A.", "B."]), beads)


def test_units_of_joined_segments_keep_the_text_between_them() -> None:
    bitext = Bitext(
        document("zh", ["甲。", "乙。"], ["丙。"]),
        document("en", ["A.", "B."], ["C."]),
        (Bead((0, 1), (0, 1), 0.9), Bead((2,), (2,), 0.8)),
    )
    assert [(u.paragraph, u.sentence, u.source, u.target, u.confidence, u.origin) for u in units(bitext)] == [
        (1, 1, "甲。乙。", "A. B.", 0.9, "human"),
        (2, 1, "丙。", "C.", 0.8, "human"),
    ]


def test_a_bead_across_paragraphs_joins_their_rows() -> None:
    bitext = Bitext(
        document("zh", ["甲。"], ["乙。"], ["丙。"]),
        document("en", ["A.", "B."], ["C."]),
        (Bead((0,), (0,)), Bead((1,), (1,)), Bead((2,), (2,))),
    )
    assert paragraph_beads(bitext) == [((0, 1), (0,)), ((2,), (1,))]


def test_rows_join_backwards_over_one_sided_beads() -> None:
    bitext = Bitext(
        document("zh", ["甲。", "乙。"]),
        document("en", ["A."], ["X."], ["B."]),
        (Bead((0,), (0,)), Bead((), (1,)), Bead((1,), (2,))),
    )
    assert paragraph_beads(bitext) == [((0,), (0, 1, 2))]
    assert [(u.paragraph, u.sentence, u.source, u.target) for u in units(bitext)] == [
        (1, 1, "甲。", "A."),
        (1, 2, "", "X."),
        (1, 3, "乙。", "B."),
    ]


def test_unit_carries_what_the_engine_said() -> None:
    bitext = Bitext(
        document("zh", ["甲。"]),
        document("en", ["A.", "B."]),
        (Bead((0,), (0, 1)),),
        (Translation("A.", -1.0, ((0, 1, 0, 1),)), Translation("B.", -2.0, ((1, 2, 0, 1),))),
    )
    (unit,) = units(bitext)
    assert (unit.target, unit.log_prob, unit.links, unit.origin) == (
        "A. B.",
        -1.5,
        ((0, 1, 0, 1), (1, 2, 3, 4)),
        "machine",
    )


def test_id_depends_on_document_text_and_occurrence_only() -> None:
    twice = document("zh", ["甲。"], ["甲。"])
    bitext = Bitext(twice, document("en", ["A."], ["B."]), (Bead((0,), (0,)), Bead((1,), (1,))))
    first, second = units(bitext)
    assert (first.id, second.id) == (unit_id("a.txt", "甲。", 1), unit_id("a.txt", "甲。", 2))
    assert first.id == "ea25ed4dd041a743"
    assert math.isnan(first.log_prob)


def test_ledger_names_the_first_place_that_differs() -> None:
    whole = document("zh", ["甲乙。", "丙丁。"])
    check_ledger(whole)
    lost = Document(whole.lang, "b.txt", whole.text + "戊。", whole.paragraphs)
    with pytest.raises(
        LedgerError, match=r"b.txt: .* after '甲乙。丙丁。' the document has '戊。', the segments have ''"
    ):
        check_ledger(lost)
    bitext = Bitext(whole, document("en", ["A.", "B."]), (Bead((0,), (0,)), Bead((1,), (1,))))
    with pytest.raises(LedgerError, match="the segments have ''"):
        check_ledger(whole, units(bitext)[:1])


def test_markup_belongs_to_no_segment() -> None:
    paragraph = Paragraph("题", 2, 3, "title", sentences=(Sentence("题", 0, 1),))
    check_ledger(Document("zh-Hans", "a.md", "# 题", (paragraph,), ((0, 2),)))
    with pytest.raises(LedgerError):
        check_ledger(Document("zh-Hans", "a.md", "# 题", (paragraph,)))


def random_bitext(shapes: tuple[list[int], list[int]], steps: list[tuple[int, int]]) -> Bitext:
    """Build paragraphs of the given sizes on both sides and beads of the given sizes, cut or filled up to fit."""
    sides = [
        document(lang, *[[f"{lang}{i}-{j}." for j in range(n)] for i, n in enumerate(shape)])
        for lang, shape in zip(("zh", "en"), shapes, strict=True)
    ]
    n, m = (len(side.sentences) for side in sides)
    i, j, beads = 0, 0, []
    for a, b in [*steps, *[(1, 1)] * (n + m)]:
        a, b = min(a, n - i), min(b, m - j)
        if a + b:
            beads.append(Bead(tuple(range(i, i + a)), tuple(range(j, j + b))))
        i, j = i + a, j + b
    return Bitext(sides[0], sides[1], tuple(beads))


shape = st.lists(st.integers(1, 3), min_size=1, max_size=6)
bitexts = st.builds(
    random_bitext, st.tuples(shape, shape), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=9)
)


@given(bitexts)
def test_units_lose_nothing_and_rows_are_as_fine_as_can_be(bitext: Bitext) -> None:
    rows = paragraph_beads(bitext)
    assert [p for source, _ in rows for p in source] == list(range(len(bitext.source.paragraphs)))
    assert [p for _, target in rows for p in target] == list(range(len(bitext.target.paragraphs)))
    check_ledger(bitext.source, units(bitext))
    place = {(side, p): n for n, row in enumerate(rows) for side in (0, 1) for p in row[side]}
    of = [[n for n, p in enumerate(d.paragraphs) for _ in p.sentences] for d in (bitext.source, bitext.target)]
    for bead in bitext.beads:
        touched = {place[0, of[0][i]] for i in bead.source} | {place[1, of[1][i]] for i in bead.target}
        assert len(touched) == 1
    # Brute force: join paragraphs that share a bead, then what overlaps in order.
    assert len(rows) == _brute_force_rows(bitext, of)


def _brute_force_rows(bitext: Bitext, of: list[list[int]]) -> int:
    """Count the groups of beads that result when two beads that touch one paragraph join, with all between them."""
    groups = [[k] for k in range(len(bitext.beads))]

    def paragraphs(group: list[int]) -> set[tuple[int, int]]:
        return {(0, of[0][i]) for k in group for i in bitext.beads[k].source} | {
            (1, of[1][i]) for k in group for i in bitext.beads[k].target
        }

    changed = True
    while changed:
        changed = False
        for a in range(len(groups)):
            for b in range(a + 1, len(groups)):
                if paragraphs(groups[a]) & paragraphs(groups[b]):
                    groups[a : b + 1] = [[k for group in groups[a : b + 1] for k in group]]
                    changed = True
                    break
            if changed:
                break
    return len(groups)
