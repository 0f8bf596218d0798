from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bilingual.align import Constraints, align_documents
from bilingual.bitext import Document, Paragraph, Sentence, check_ledger, units
from bilingual.encoders import load_encoder
from bilingual.errors import AlignmentError
from bilingual.protocols import Encoder

PAIRS = [
    ("昨天下午，水务局公布了今年的治理计划。", "Yesterday afternoon the water bureau published this year's plan."),
    ("退休教师每天清晨都要沿着河岸走上一圈。", "Every morning a retired teacher walks along the river bank."),
    ("工厂把污水偷偷排进了河里。", "The factory secretly dumped its sewage into the river."),
    ("孩子们在河边上了一堂自然课。", "The children had a nature lesson by the river."),
    ("市政府决定拨款二十万元。", "The city government decided to allocate 200,000 yuan."),
    ("老人说，他小时候常在这里钓鱼。", "The old man said that he often fished here as a child."),
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def document(lang: str, segments: list[str]) -> Document:
    """Make a list of segments a document, a paragraph each."""
    paragraphs, text = [], ""
    for segment in segments:
        sentences = (Sentence(segment, 0, len(segment)),) if segment else ()
        paragraphs.append(Paragraph(segment, len(text), len(text) + len(segment), sentences=sentences))
        text += segment + "\n"
    return Document(lang, f"{lang}.txt", text, tuple(paragraphs), pre_segmented=True)


def beads(
    zh: list[str], en: list[str], encoder: Encoder, **options: object
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    bitext = align_documents(document("zh-Hans", zh), document("en", en), encoder=encoder, **options)  # type: ignore[arg-type]
    return [(bead.source, bead.target) for bead in bitext.beads]


def test_one_to_one(encoder: Encoder) -> None:
    zh, en = map(list, zip(*PAIRS, strict=True))
    assert beads(zh, en, encoder) == [((n,), (n,)) for n in range(len(PAIRS))]


def test_sentences_joined_on_either_side(encoder: Encoder) -> None:
    zh, en = map(list, zip(*PAIRS, strict=True))
    joined_en = [f"{en[0]} {en[1]}", *en[2:]]
    assert beads(zh, joined_en, encoder)[0] == ((0, 1), (0,))
    joined_zh = [zh[0], zh[1], zh[2] + zh[3], *zh[4:]]
    assert ((2,), (2, 3)) in beads(joined_zh, en, encoder)


def test_a_sentence_without_a_counterpart_stands_alone(encoder: Encoder) -> None:
    zh, en = map(list, zip(*PAIRS, strict=True))
    found = beads(zh[:3] + zh[4:], en, encoder)
    assert ((), (3,)) in found
    assert found[-1] == ((4,), (5,))


def test_a_persons_constraints_hold(encoder: Encoder) -> None:
    zh, en = map(list, zip(*PAIRS, strict=True))
    found = beads(zh, en, encoder, constraints=Constraints(apart=((2, 2),)), force=True)
    assert all(not (2 in source and 2 in target) for source, target in found)
    found = beads(zh, en, encoder, constraints=Constraints(together=((2, 3),)), force=True)
    assert any(2 in source and 3 in target for source, target in found)


def test_the_other_direction_gives_the_same(encoder: Encoder) -> None:
    zh, en = map(list, zip(*PAIRS, strict=True))
    there = align_documents(document("zh-Hans", zh), document("en", en), encoder=encoder).beads
    back = align_documents(document("en", en), document("zh-Hans", zh), encoder=encoder).beads
    assert [(bead.target, bead.source) for bead in back] == [(bead.source, bead.target) for bead in there]


@pytest.mark.parametrize(("zh", "en"), [([], ["One."]), (["好。"], [])])
def test_an_empty_side_is_refused(zh: list[str], en: list[str], encoder: Encoder) -> None:
    with pytest.raises(AlignmentError, match="has no text"):
        beads(zh, en, encoder)


def test_one_side_a_hundred_times_longer_is_aligned_when_forced(encoder: Encoder) -> None:
    zh, en = map(list, zip(*PAIRS, strict=True))
    found = beads(zh[:2], en * 34, encoder, force=True)
    assert sorted(j for _, target in found for j in target) == list(range(len(en) * 34))


odd = st.sampled_from(
    ["好。", "12", "。", "\x00", "——", "a", "😀", "河水变清了。", "河水变清了。", "3.14", "“", "\u202e再见"]
)
plain = st.sampled_from(
    ["Fine.", "12", ".", "\x00", "--", "a", "😀", "The river is clear.", "The river is clear.", "3.14"]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(odd, min_size=1, max_size=9),
    st.lists(plain, min_size=1, max_size=9),
    st.sampled_from(["semantic", "length"]),
)
def test_no_segment_is_ever_lost(encoder: Encoder, zh: list[str], en: list[str], method: str) -> None:
    """The bitext checks itself that every segment is in exactly one bead, in order."""
    source, target = document("zh-Hans", zh), document("en", en)
    bitext = align_documents(source, target, encoder=encoder, method=method, force=True)  # type: ignore[arg-type]
    check_ledger(source, units(bitext))
    assert all(bead.confidence is None or 0 <= bead.confidence <= 1 + 1e-9 for bead in bitext.beads)


pairs = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=4)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(odd, min_size=1, max_size=8), st.lists(plain, min_size=1, max_size=8), pairs, pairs)
def test_whatever_a_person_demands_no_segment_is_lost(
    encoder: Encoder, zh: list[str], en: list[str], together: list[tuple[int, int]], apart: list[tuple[int, int]]
) -> None:
    """What cannot be is an error; anything else gives a whole bitext."""
    source, target = document("zh-Hans", zh), document("en", en)
    constraints = Constraints(tuple(together), tuple(apart))
    try:
        bitext = align_documents(source, target, encoder=encoder, constraints=constraints, force=True)
    except AlignmentError:
        return
    check_ledger(source, units(bitext))
