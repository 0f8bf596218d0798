from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.bitext import Translation, TranslationUnit
from bilingual.checks import Evidence, check_units
from bilingual.pipeline import Options, load_document, translate_documents
from bilingual.protocols import Decoding
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


def mend(answers: dict[str, dict[str, list[str]]]) -> tuple[Translation | None, Scripted]:
    engine = Scripted(answers)
    (better,) = repair_segments([flagged()], engine, Decoding(), check)
    return better, engine


def test_the_first_rung_that_passes_ends_it() -> None:
    better, engine = mend(
        {
            "全市有37条河流；": {"plain": ["The city has 37 rivers."]},
            "投入12.8亿元。": {"plain": ["It invested 1.28 billion yuan."]},
        }
    )
    assert better is not None
    assert (better.text, better.origin) == ("The city has 37 rivers; it invested 1.28 billion yuan.", "repair:split")
    assert engine.asked == [("全市有37条河流；", 4), ("投入12.8亿元。", 4)]


def test_of_many_hypotheses_the_one_with_the_fewest_faults_is_taken() -> None:
    right = "The city has 37 rivers; 1.28 billion yuan was invested."
    better, _ = mend({SOURCE: {"beam": [WRONG, "The city has 37 rivers; 12.8 billion yuan was invested.", right]}})
    assert better is not None
    assert (better.text, better.origin) == (right, "repair:beam")


def test_a_half_mended_segment_is_kept_and_the_ladder_goes_on() -> None:
    half = "The city has 37 rivers; 12.8 billion yuan was invested."
    better, engine = mend({SOURCE: {"beam": [half]}})
    assert better is not None
    assert (better.text, better.origin) == (half, "repair:beam")
    assert [text for text, _ in engine.asked[2:]] == [SOURCE, SOURCE, "全市有NT-1条河流；投入NT-2元。"]


def test_nothing_better_changes_nothing() -> None:
    assert mend({})[0] is None


def test_what_the_model_finds_unlikely_is_not_taken() -> None:
    unit = replace(flagged().unit, source="好。")
    (checked,) = check_units([unit])
    assert badness(checked) > 0
    engine = Scripted({"好。": {"plain": ["Nonsense."]}})
    one = Flagged("好。", checked, Translation(WRONG, -0.5))
    assert repair_segments([one], engine, Decoding(), check) == [None]


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
    assert [unit.origin for unit in translated.units] == ["repair:beam", "repair:beam"]
    assert translated.bitext.target.segments == [right, right]
    assert [issue.code for unit in translated.units for issue in unit.issues] == []
    (untouched,) = translate_documents([document], engine, options=Options(repair=False))
    assert [unit.target for unit in untouched.units] == [WRONG, WRONG]


def test_a_number_that_no_search_finds_is_put_in_by_a_placeholder() -> None:
    better, engine = mend(
        {"全市有NT-1条河流；投入NT-2元。": {"beam": ["The city has NT-1 rivers; NT-2 yuan was invested."]}}
    )
    assert better is not None
    right = "The city has 37 rivers; 1.28 billion yuan was invested."
    assert (better.text, better.origin) == (right, "repair:placeholder")
    assert len(engine.asked) == 5


def test_no_ngram_twice_is_tried_where_something_is_said_twice() -> None:
    wrong = "The water is clear, the water is clear, the water is clear, the water is clear, the water is clear."
    source = "河水变清了。"
    (checked,) = check_units([replace(flagged().unit, source=source, target=wrong)])
    assert "repetition" in [issue.code for issue in checked.issues]
    engine = Scripted({source: {"plain": [wrong], "beam": [wrong], "ngram": ["The water has become clear."]}})
    (better,) = repair_segments([Flagged(source, checked, Translation(wrong, -0.5))], engine, Decoding(), check)
    assert better is not None
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
    assert better is not None
    assert (better.text, better.origin) == (f"There are {written}.", "repair:placeholder")


def test_what_is_copied_is_never_decoded_again() -> None:
    """Source lines and code stay as they are, whatever the checks find in them."""
    document = load_document(None, b"# A\n\n```\n\xe5\x85\xb137\xe4\xb8\xaa\n```\n", name="a.md")
    engine = Scripted({})
    (translated,) = translate_documents([document], engine)
    assert [unit.origin for unit in translated.units if unit.kind == "code"] == ["copy"]
    assert {segment for segment, _ in engine.asked} == {unit.source for unit in translated.units if unit.kind != "code"}
