from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor

from bilingual.engines.convert import vocabularies
from bilingual.engines.models import find_model
from bilingual.engines.pieces import Pieces, clean_segment, detokenize, load_pieces
from bilingual.errors import ModelError
from toy_models import BUNDLED


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return load_pieces(BUNDLED / "source.spm", frozenset(vocabularies(find_model("zh-en-small"))[0]))


@pytest.fixture(scope="module")
def target_processor() -> Any:
    return SentencePieceProcessor(model_file=str(BUNDLED / "target.spm"))


def surfaces(pieces: Pieces, text: str) -> list[tuple[str, str]]:
    """Each piece with the text that it stands for."""
    encoded = pieces.encode([text])[0].pieces
    return [(piece, text[start:end]) for piece, (start, end) in zip(encoded, pieces.spans(text, encoded), strict=True)]


def test_pieces_know_where_they_stand_after_normalisation(pieces: Pieces) -> None:
    assert surfaces(pieces, "２０１６年，好。") == [
        ("▁", "２"),
        ("2", "２"),
        ("0", "０"),
        ("1", "１"),
        ("6", "６"),
        ("年", "年"),
        (",", "，"),
        ("好", "好"),
        ("。", "。"),
    ]


def test_a_sign_that_becomes_several_characters_is_the_source_of_all_of_them(pieces: Pieces) -> None:
    stands_for = surfaces(pieces, "在㍿工作")
    assert "".join(piece for piece, _ in stands_for).strip("▁") == "在株式会社工作"
    assert {surface for piece, surface in stands_for if piece and piece in "株式会社"} == {"㍿"}


def test_bytes_of_a_rare_character_share_its_span(pieces: Pieces) -> None:
    stands_for = surfaces(pieces, "姓龘的人")
    assert [(piece, surface) for piece, surface in stands_for if piece.startswith("<0x")] == [
        ("<0xE9>", "龘"),
        ("<0xBE>", "龘"),
        ("<0x98>", "龘"),
    ]
    assert stands_for[-1][1].endswith("人")


def test_invisible_characters_are_taken_out_and_offsets_carry_over_them(pieces: Pieces) -> None:
    text = "\u202e北\x00京\u200b很\ufeff大\ud800"
    encoded = pieces.encode([text])[0]
    assert encoded.pieces == pieces.encode(["北京很大"])[0].pieces
    assert surfaces(pieces, text) == [("▁", "北"), ("北", "北"), ("京", "京"), ("很大", "很\ufeff大")]
    assert clean_segment(text) == ("北京很大", [1, 3, 5, 7, 9])
    assert clean_segment("一\t二\u2028三") == ("一 二 三", None)


def test_characters_that_fall_to_bytes_and_unknown_pieces_are_counted(pieces: Pieces) -> None:
    assert [one.unknown for one in pieces.encode(["今天天气很好。", "龘", "姓龘的和姓靐的", ""])] == [0, 1, 2, 0]
    strange = Pieces(pieces.source, pieces.vocabulary - {"好"})
    assert strange.encode(["他好，你也好"])[0].unknown == 2


@settings(deadline=None, max_examples=200)
@given(st.text("中国２①㍿龘a bé\u3000\x00\u200b\u202e…，\U00020bb7😀", max_size=30))
def test_spans_are_in_the_text_and_in_order(pieces: Pieces, text: str) -> None:
    encoded = pieces.encode([text])[0].pieces
    spans = pieces.spans(text, encoded)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


def test_target_pieces_become_text_with_their_spans() -> None:
    assert detokenize(["▁In", "▁", "2", "0", "1", "6", ",", "▁he"]) == (
        "In 2016, he",
        [(0, 2), (3, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8), (9, 11)],
        0,
    )
    assert detokenize([]) == ("", [], 0)
    assert detokenize(["▁caf", "<0xC3>", "<0xA9>", "!"]) == ("café!", [(0, 3), (3, 4), (3, 4), (4, 5)], 0)


def test_unknown_pieces_and_broken_byte_runs_are_counted() -> None:
    assert detokenize(["▁Bar", "<unk>", "a"]) == ("Bara", [(0, 3), (3, 3), (3, 4)], 1)
    assert detokenize(["▁x", "<0xC3>", "▁y"]) == ("x\ufffd y", [(0, 1), (1, 2), (3, 4)], 1)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_text_is_what_sentencepiece_makes_of_it(target_processor: Any, data: st.DataObject) -> None:
    size = target_processor.get_piece_size()
    ids = data.draw(st.lists(st.integers(4, size - 1), max_size=20))
    tokens = [target_processor.id_to_piece(i) for i in ids]
    text, spans, unknown = detokenize(tokens)
    assert text == target_processor.decode(tokens).strip(" ")
    assert unknown == 0
    assert "".join(text[a:b] for a, b in spans) == "".join(tokens).replace("▁", "")


def test_a_file_that_is_no_sentencepiece_model_is_named(tmp_path: Any) -> None:
    (tmp_path / "source.spm").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"source.spm: not a SentencePiece model"):
        load_pieces(tmp_path / "source.spm", frozenset())
