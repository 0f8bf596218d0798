from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bilingual.bitext import Issue, Translation, TranslationUnit
from bilingual.checks import Evidence, check_units
from bilingual.output import page_facts, render_output
from bilingual.pipeline import Options, load_document, translate_documents
from bilingual.protocols import Decoding, Encoder
from bilingual.repair import Flagged, badness, cut_pieces, repair_segments

SOURCE = "全市有37条河流；投入12.8亿元。"
WRONG = "The city has 73 rivers; 12.8 billion yuan was invested."


class Scripted:
    """An engine that answers from a table: segment -> what each way of decoding gives."""

    signature = "scripted"
    model_name = "scripted"
    license: str | None = None

    def __init__(self, answers: dict[str, dict[str, list[str]]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, int]] = []

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        result = []
        for segment in segments:
            self.asked.append((segment, decoding.beam))
            way = "beam" if decoding.n_best > 1 else "ngram" if decoding.no_repeat_ngram else "plain"
            way = "coverage" if decoding.coverage_penalty else way
            table = self.answers.get(segment, {})
            texts = table.get(way, table.get("plain", [WRONG]))
            result.append([Translation(text, -0.5 if text != "Nonsense." else -3.0) for text in texts])
        return result


def flagged(target: str = WRONG) -> Flagged:
    unit = TranslationUnit("1", "a", 1, 1, "text", 0, "zh-Hans", "en", SOURCE, target, log_prob=-0.5)
    (checked,) = check_units([unit])
    return Flagged(SOURCE, checked, Translation(target, -0.5))


def check(unit: TranslationUnit, candidate: Translation) -> TranslationUnit:
    return check_units([unit], Evidence(translations={unit.id: candidate}))[0]


def mend(answers: dict[str, dict[str, list[str]]]) -> tuple[Translation, Scripted]:
    engine = Scripted(answers)
    (better,) = repair_segments([flagged()], engine, Decoding(), check)
    return better, engine


class Axes:
    """An encoder whose vectors are written down: text -> cosine with everything that is not in the table."""

    signature = "axes"

    def __init__(self, cosines: dict[str, float]) -> None:
        self.cosines = cosines
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(texts))
        cosines = [self.cosines.get(text, 1.0) for text in texts]
        return np.array([[c, math.sqrt(1 - c * c)] for c in cosines], dtype=np.float32)


def test_the_first_rung_that_passes_ends_it() -> None:
    better, engine = mend(
        {
            "全市有37条河流；": {"plain": ["The city has 37 rivers."]},
            "投入12.8亿元。": {"plain": ["It invested 1.28 billion yuan."]},
        }
    )
    assert (better.text, better.origin) == ("The city has 37 rivers; it invested 1.28 billion yuan.", "repair:split")
    assert engine.asked == [("全市有37条河流；", 4), ("投入12.8亿元。", 4)]


def test_of_many_hypotheses_the_one_with_the_fewest_faults_is_taken() -> None:
    right = "The city has 37 rivers; 1.28 billion yuan was invested."
    better, _ = mend({SOURCE: {"beam": [WRONG, "The city has 37 rivers; 12.8 billion yuan was invested.", right]}})
    assert (better.text, better.origin) == (right, "repair:beam (tried split, placeholder)")


SHORT = "河水变清了，山也绿了，鸟儿都飞回来了。"
PIECES = {"河水变清了，山也绿了，": {"plain": ["Yes."]}, "鸟儿都飞回来了。": {"plain": ["No."]}}


def _short(target: str = "Clear.") -> Flagged:
    unit = TranslationUnit("2", "a", 1, 1, "text", 0, "zh-Hans", "en", SHORT, target, log_prob=-0.5)
    (checked,) = check_units([unit])
    return Flagged(SHORT, checked, Translation(target, -0.5))


def test_what_was_translated_in_part_is_decoded_with_a_coverage_penalty() -> None:
    whole = "The river is clear, the hills are green and all the birds are back."
    engine = Scripted({SHORT: {"coverage": ["Clear.", "The river.", whole]}, **PIECES})
    case = _short()
    assert [issue.code for issue in case.unit.issues if issue.severity != "info"] == ["length-ratio"]
    (better,) = repair_segments([case], engine, Decoding(), check)
    assert (better.text, better.origin) == (whole, "repair:coverage (tried split)")
    assert engine.asked[-1] == (SHORT, 4)
    (none,) = repair_segments([case], Scripted({SHORT: {"plain": ["Clear."]}, **PIECES}), Decoding(), check)
    assert none.origin == "machine (tried split, coverage, beam)"


def test_a_coverage_penalty_is_not_tried_on_a_wrong_number() -> None:
    assert "coverage" not in mend({})[0].origin


def test_a_coverage_penalty_has_to_fit_the_budget() -> None:
    """300 characters may be decoded again: ten segments in pieces take 190, and two whole ones 2.2 times 38 more."""
    cases = [_short() for _ in range(10)]
    engine = Scripted({SHORT: {"plain": ["Clear."]}, **PIECES})
    found = repair_segments(cases, engine, Decoding(), check, sizes={0: 20})
    assert [one.origin for one in found].count("machine (tried split, coverage)") == 2
    assert [text for text, _ in engine.asked].count(SHORT) == 2


def test_a_half_mended_segment_is_kept_and_the_ladder_goes_on() -> None:
    half = "The city has 37 rivers; 12.8 billion yuan was invested."
    better, engine = mend({SOURCE: {"beam": [half]}})
    assert (better.text, better.origin) == (half, "repair:beam (tried split, placeholder)")
    assert engine.asked == [
        ("全市有37条河流；", 4),
        ("投入12.8亿元。", 4),
        ("全市有NT-1条河流；投入NT-2元。", 4),
        (SOURCE, 8),
    ]


def test_nothing_better_changes_nothing_and_what_was_tried_is_on_record() -> None:
    assert mend({})[0] == Translation(WRONG, -0.5, origin="machine (tried split, placeholder, beam)")


def test_what_means_something_else_is_not_taken() -> None:
    near, right = (f"The city has 37 rivers; 1.28 billion yuan was {word}." for word in ("spent", "invested"))
    encoder = Axes({WRONG: 0.9, near: 0.87, right: 0.89})
    engine = Scripted({SOURCE: {"beam": [near, right]}})
    loads = iter([encoder])
    (better,) = repair_segments([flagged()], engine, Decoding(), check, encoder=lambda: next(loads))
    assert (better.text, better.origin) == (right, "repair:beam (tried split, placeholder)")
    assert encoder.asked == [[SOURCE], [WRONG], [near], [right]]  # each alone: company changes last digits
    encoder.cosines[right] = 0.87
    (better,) = repair_segments([flagged()], engine, Decoding(), check, encoder=lambda: encoder)
    assert (better.text, better.origin) == (WRONG, "machine (tried split, placeholder, beam)")


def test_the_encoder_is_not_loaded_where_there_is_nothing_to_compare() -> None:
    def load() -> Encoder:
        raise AssertionError("loaded")

    (better,) = repair_segments([flagged()], Scripted({}), Decoding(), check, encoder=load)
    assert better.text == WRONG


def test_a_document_is_decoded_again_up_to_its_budget_the_worst_first() -> None:
    """1,000 characters give 300: what does not fit is left as it is; another document has its own."""
    long = f"{'城里有座桥' * 30}，一共有三座桥。"
    issue = Issue("length-ratio", "warning", 9.0, "It is too long.")
    mild = replace(flagged().unit, source=long, target="A bridge. " * 50, issues=(issue,))
    cases = [Flagged(long, mild, Translation(mild.target, -0.5)), flagged(), replace(flagged(), document=1)]
    assert badness(mild) < badness(cases[1].unit)
    engine = Scripted({})
    found = repair_segments(cases, engine, Decoding(), check, sizes={0: 1000, 1: 20})
    assert [one.origin for one in found] == [
        "machine (tried split)",
        "machine (tried split, placeholder, beam)",
        "machine (tried split, placeholder, beam)",
    ]
    spent = [text for text, _ in engine.asked]
    assert mild.source not in spent


def test_where_many_are_flagged_pieces_are_searched_with_a_smaller_beam() -> None:
    """20 segments of 17 characters are 340, and 255 (0.85 of 300) may be spent: at beam 2 they cost 0.6 each."""
    for count, beam in ((14, 4), (20, 2), (40, 2)):
        engine = Scripted({})
        repair_segments([flagged()] * count, engine, Decoding(), check, sizes={0: 17 * count})
        assert {b for text, b in engine.asked if text == "投入12.8亿元。"} == {beam}
        spent = sum(len(text) * (b + 1) / 5 for text, b in engine.asked if "NT" not in text)
        assert spent <= 300


def test_what_the_model_finds_unlikely_is_not_taken() -> None:
    unit = replace(flagged().unit, source="好。")
    (checked,) = check_units([unit])
    assert badness(checked) > 0
    engine = Scripted({"好。": {"plain": ["Nonsense."]}})
    one = Flagged("好。", checked, Translation(WRONG, -0.5))
    assert repair_segments([one], engine, Decoding(), check) == [
        Translation(WRONG, -0.5, origin="machine (tried beam)")
    ]


def test_a_good_unit_is_not_bad() -> None:
    good = check_units([replace(flagged().unit, target="The city has 37 rivers; 1.28 billion yuan was invested.")])[0]
    assert badness(good) == 0


@given(st.text(alphabet="河水变清了，；—…“”《》a1。", max_size=40))
def test_pieces_are_the_text(text: str) -> None:
    pieces = cut_pieces(text)
    assert "".join(piece for piece, _ in pieces) == text
    assert all(text[start : start + len(piece)] == piece for piece, start in pieces)


@pytest.mark.parametrize("name", ["a.txt"])
def test_the_pipeline_puts_the_better_translation_everywhere(name: str) -> None:
    """Unit, bitext and ledger agree; the same sentence standing twice is mended in both places."""
    document = load_document(None, f"{SOURCE}\n\n{SOURCE}\n".encode(), name=name)
    right = "The city has 37 rivers; 1.28 billion yuan was invested."
    engine = Scripted({SOURCE: {"plain": [WRONG], "beam": [right]}})
    (translated,) = translate_documents([document], engine)
    assert [unit.target for unit in translated.units] == [right, right]
    assert [unit.origin for unit in translated.units] == ["repair:beam (tried split, placeholder)"] * 2
    assert translated.bitext.target.segments == [right, right]
    assert [issue.code for unit in translated.units for issue in unit.issues] == []
    (untouched,) = translate_documents([document], engine, options=Options(repair=False))
    assert [unit.target for unit in untouched.units] == [WRONG, WRONG]


def test_a_number_that_no_search_finds_is_put_in_by_a_placeholder() -> None:
    better, engine = mend(
        {"全市有NT-1条河流；投入NT-2元。": {"beam": ["The city has NT-1 rivers; NT-2 yuan was invested."]}}
    )
    right = "The city has 37 rivers; 1.28 billion yuan was invested."
    assert (better.text, better.origin) == (right, "repair:placeholder (tried split)")
    assert len(engine.asked) == 3


def test_no_ngram_twice_is_tried_where_something_is_said_twice() -> None:
    wrong = "The water is clear, the water is clear, the water is clear, the water is clear, the water is clear."
    source = "河水变清了。"
    (checked,) = check_units([replace(flagged().unit, source=source, target=wrong)])
    assert "repetition" in [issue.code for issue in checked.issues]
    engine = Scripted({source: {"plain": [wrong], "beam": [wrong], "ngram": ["The water has become clear."]}})
    (better,) = repair_segments([Flagged(source, checked, Translation(wrong, -0.5))], engine, Decoding(), check)
    assert (better.text, better.origin) == ("The water has become clear.", "repair:ngram")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("12.8亿", "1.28 billion"),
        ("百分之三十", "30%"),
        ("５３．６％", "53.6%"),
        ("三千二百", "3,200"),
        ("18.452亿", "1.8452 billion"),
        ("2016", "2016"),
        ("1.5万", "15,000"),
        ("WiFi", "WiFi"),
        ("https://example.org/a", "https://example.org/a"),
    ],
)
def test_what_a_placeholder_stands_for_is_written_in_english(number: str, written: str) -> None:
    source = f"共有{number}个"
    engine = Scripted({"共有NT-1个": {"beam": ["There are NT-1."]}})
    (checked,) = check_units([replace(flagged().unit, source=source, target="There are none, 7 of it.")])
    one = Flagged(source, replace(checked, issues=flagged().unit.issues), Translation(checked.target, -0.5))
    (better,) = repair_segments([one], engine, Decoding(), check)
    assert (better.text, better.origin) == (f"There are {written}.", "repair:placeholder")


def test_what_is_copied_is_never_decoded_again() -> None:
    """Source lines and code stay as they are, whatever the checks find in them."""
    document = load_document(None, b"# A\n\n```\n\xe5\x85\xb137\xe4\xb8\xaa\n```\n", name="a.md")
    engine = Scripted({})
    (translated,) = translate_documents([document], engine)
    assert [unit.origin for unit in translated.units if unit.kind == "code"] == ["copy"]
    assert {segment for segment, _ in engine.asked} == {unit.source for unit in translated.units if unit.kind != "code"}


def test_the_page_shows_what_was_tried() -> None:
    document = load_document(None, f"{SOURCE}\n\n投入12.8亿元。\n".encode(), name="a.txt")
    right = "The city has 37 rivers; 1.28 billion yuan was invested."
    engine = Scripted({SOURCE: {"plain": [WRONG], "beam": [right]}})
    (translated,) = translate_documents([document], engine, options=Options(encoder=None))
    page = render_output("html", translated, page_facts(engine, translated)).decode()
    assert "repaired: beam (tried split, placeholder)" in page
    assert "repair did not help: placeholder, beam" in page
