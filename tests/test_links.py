from __future__ import annotations

import numpy as np

from bilingual.engines import SegmentTranslator
from bilingual.engines.links import attention_links
from bilingual.protocols import Decoding


def matrix(*rows: str) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Rows of tenths: "19." is 0.1, 0.9, 0."""
    return np.array([[0.0 if c == "." else int(c) / 10 for c in row] for row in rows], dtype=np.float32)


def test_a_word_is_linked_to_the_pieces_that_have_its_attention() -> None:
    #                   警方来了 end
    attention = matrix("3...7", "45...", "..73.")
    spans = [(i, i + 1) for i in range(4)]
    links = attention_links(attention, "警方来了", spans, "The police came", [(0, 3), (4, 10), (11, 15)])
    assert links == ((0, 2, 4, 10), (2, 3, 11, 15))


def test_the_strongest_piece_of_a_word_counts_and_punctuation_is_left_out() -> None:
    attention = matrix("63.1", ".9.1", ".8.2", ".19.")
    links = attention_links(attention, "北京。", [(0, 1), (1, 2), (2, 3)], "Beijing.", [(0, 2), (2, 3), (3, 7), (7, 8)])
    assert links == ((0, 2, 0, 7),)


def test_thin_attention_links_nothing() -> None:
    assert (
        attention_links(
            np.full((1, 6), 1 / 6, dtype=np.float32), "一二三四五", [(i, i + 1) for i in range(5)], "one", [(0, 3)]
        )
        == ()
    )


def test_a_number_is_linked_as_a_whole_and_neighbours_with_one_source_become_one_link() -> None:
    attention = matrix(".8....", "...8..", ".2323.")
    spans = [(0, 1), (0, 1), (1, 2), (2, 3), (3, 4)]
    links = attention_links(attention, "2.5元", spans, "about 2.5", [(0, 5), (6, 7), (7, 9)])
    assert links == ((0, 3, 0, 9),)


def test_separate_source_spans_give_a_link_each() -> None:
    attention = matrix("5.5.")
    links = attention_links(attention, "把门关", [(0, 1), (1, 2), (2, 3)], "shut", [(0, 4)])
    assert links == ((0, 1, 0, 4), (2, 3, 0, 4))


def test_links_of_the_bundled_model_on_a_sentence(translator: SegmentTranslator) -> None:
    source = "2016年，北京的学校有3500名老师。"
    best = translator.translate([source], Decoding(links=True))[0][0]
    words = {(source[a:b], best.text[c:d]) for a, b, c, d in best.links}
    assert any(zh == "2016" and "2016" in en for zh, en in words)
    assert any(zh == "3500" and "3500" in en.replace(",", "") for zh, en in words)
    assert ("北京", "Beijing") in words
    assert any(zh.endswith("老师") and en == "teachers" for zh, en in words)
    assert translator.translate([source], Decoding(links=False))[0][0].links == ()
