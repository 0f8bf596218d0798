"""Subtitles: sentences over cues are put together, translated, and divided again; timings stay."""

from io import BytesIO

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.bitext import Bead, Bitext, Document, Paragraph, Sentence, TranslationUnit, check_ledger, units
from bilingual.cues import parse_cues
from bilingual.errors import InputError, OutputError
from bilingual.formats.subtitles import cue_units, divide_text, write_subtitles
from bilingual.reading.options import ReadOptions
from bilingual.reading.subtitles import read_subtitles
from bilingual.segment import segment_document

SRT = """1
00:00:01,000 --> 00:00:03,000
<i>如果明天</i>下雨，

2
00:00:03,100 --> 00:00:05,000
我们就待在家里。你呢？

3
00:00:06,000 --> 00:00:07,500
- 我也是。
- 好！

4
00:00:20,000 --> 00:00:21,000

5
00:00:30,000 --> 00:00:33,000 X1:40
{\\an8}这是一句话，
没有说完
"""

VTT = """WEBVTT - 片名

STYLE
::cue { color: red }

NOTE 不要翻译

intro
00:01.000 --> 00:03.000 line:0
<v 阿宝>R&amp;D部门&nbsp;在哪里？

00:04.000 --> 01:00:06.000
<00:04.500><c.big>在楼上。</c>
"""


TARGETS = ["If it rains tomorrow, we stay at home.", "And you?", "- Me too.", "- Good!", "This is a sentence, not done"]


def read(text: str, name: str = "a.srt") -> Document:
    document = segment_document(read_subtitles(text.encode(), name, ReadOptions()))
    check_ledger(document)
    return document


def translated(document: Document, targets: list[str]) -> list[TranslationUnit]:
    """Pair the segments of a document with these translations."""
    text = "".join(targets)
    paragraphs, at = [], 0
    for target in targets:
        paragraphs.append(Paragraph(target, at, at + len(target), sentences=(Sentence(target, 0, len(target)),)))
        at += len(target)
    beads = tuple(Bead((number,), (number,)) for number in range(len(targets)))
    return units(Bitext(document, Document("en", document.name, text, tuple(paragraphs)), beads))


def subtitles(made: list[TranslationUnit], text: str, kind: str = "srt") -> str:
    file = BytesIO()
    write_subtitles(made, text, file, kind)
    return file.getvalue().decode()


def test_sentences_over_cues_are_put_together() -> None:
    document = read(SRT)
    assert [paragraph.text for paragraph in document.paragraphs] == [
        "如果明天下雨，我们就待在家里。你呢？",
        "- 我也是。",
        "- 好！",
        "这是一句话，没有说完",
    ]
    assert document.segments == [
        "如果明天下雨，我们就待在家里。",
        "你呢？",
        "- 我也是。",
        "- 好！",
        "这是一句话，没有说完",
    ]
    assert document.text == SRT


def test_webvtt() -> None:
    document = read(VTT, "a.vtt")
    assert document.segments == ["R&D部门\u00a0在哪里？".replace("\u00a0", ""), "在楼上。"]
    [first, second] = parse_cues(VTT)
    assert (first.start_ms, first.end_ms, second.start_ms, second.end_ms) == (1000, 3000, 4000, 3_606_000)


def test_cues_without_stops_stand_alone() -> None:
    cues = [
        f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n"
        for n, text in enumerate(["你好吗", "我很好", "那么，", "走"])
    ]
    assert [paragraph.text for paragraph in read("\n".join(cues)).paragraphs] == ["你好吗", "我很好", "那么， 走"]


def test_bilingual_subtitles() -> None:
    made = translated(read(SRT), TARGETS)
    assert subtitles(made, SRT) == SRT.replace(
        "下雨，\n", "下雨，\nIf it rains tomorrow,\n"
    ).replace("你呢？\n", "你呢？\nwe stay at home. And you?\n").replace(
        "- 好！\n", "- 好！\n- Me too. - Good!\n"
    ).replace("没有说完\n", "没有说完\nThis is a sentence, not done\n")  # fmt: skip


def test_one_unit_a_cue() -> None:
    made = translated(read(SRT), TARGETS)
    assert [(unit.source, unit.target, dict(unit.extra)["start_ms"]) for unit in cue_units(made, SRT)] == [
        ("如果明天下雨，", "If it rains tomorrow,", "1000"),
        ("我们就待在家里。你呢？", "we stay at home. And you?", "3100"),
        ("- 我也是。 - 好！", "- Me too. - Good!", "6000"),
        ("", "", "20000"),
        ("这是一句话， 没有说完", TARGETS[4], "30000"),
    ]


def test_another_reader_sees_the_same_timings() -> None:
    for text, kind in ((SRT, "srt"), (VTT, "vtt")):
        document = read(text)
        made = translated(document, [f"{number} <&> --> word" for number in range(len(document.segments))])
        before = pysubs2.SSAFile.from_string(text, format_=kind)
        after = pysubs2.SSAFile.from_string(subtitles(made, text, kind), format_=kind)
        assert [(event.start, event.end) for event in after] == [(event.start, event.end) for event in before]
        cues = [cue for cue in parse_cues(text) if cue.lines]
        assert [(event.start, event.end) for event in after if event.plaintext] == [
            (c.start_ms, c.end_ms) for c in cues
        ]
    assert "0 &lt;&amp;&gt; → word" in subtitles(made, VTT, "vtt")


def test_subrip_and_webvtt_become_each_other() -> None:
    made = translated(read(SRT), [*TARGETS[:3], "- R&D!", TARGETS[4]])
    assert subtitles(made, SRT, "vtt") == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:03.000\n如果明天下雨，\nIf it rains tomorrow,\n\n"
        "00:00:03.100 --> 00:00:05.000\n我们就待在家里。你呢？\nwe stay at home. And you?\n\n"
        "00:00:06.000 --> 00:00:07.500\n- 我也是。\n- 好！\n- Me too. - R&amp;D!\n\n"
        "00:00:30.000 --> 00:00:33.000\n这是一句话，\n没有说完\nThis is a sentence, not done\n\n"
    )
    made = translated(read(VTT, "a.vtt"), ["Where is R&D?", "Upstairs."])
    assert subtitles(made, VTT, "srt") == (
        "1\n00:00:01,000 --> 00:00:03,000\nR&D部门在哪里？\nWhere is R&D?\n\n"
        "2\n00:00:04,000 --> 01:00:06,000\n在楼上。\nUpstairs.\n\n"
    )


def test_windows_line_ends_are_kept() -> None:
    text = "\ufeff1\r\n00:00:01,000 --> 00:00:02,000\r\n你好。\r\n\r\n"
    assert subtitles(translated(read(text[1:]), ["Hi."]), text[1:]) == text[1:].replace("你好。", "你好。\r\nHi.")


def test_units_of_another_file_are_refused() -> None:
    made = translated(read(SRT), ["a"] * 5)
    with pytest.raises(OutputError, match=r"^the subtitles do not hold the text of these units: take the file "):
        subtitles(made, VTT)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("你好。\n", "no cue in it (a line such as 00:01:02,500 --> 00:01:04,000); if it is a text, rename it to .txt"),
        ("1\n1 --> 2\n你好\n", "line 2: '1 --> 2' is no timing; write 00:01:02,500 --> 00:01:04,000"),
        ("1\n00:00:01,000 --> 00:00:02,000\n\n", "nothing in it but white space: give a file that has text"),
    ],
)
def test_bad_files_in_one_sentence(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert str(caught.value) == message


def test_a_blank_line_inside_a_cue_loses_nothing() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n第一。\n\n第二。\n\n2\n00:00:03,000 --> 00:00:04,000\n2\n"
    assert read(text).segments == ["第一。", "第二。", "2"]


TEXT = st.text("字句词。，！ <b>{}&amp;-\n\r:0123", max_size=30)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, st.integers(0, 5000)), min_size=1, max_size=6), st.sampled_from(["", "WEBVTT\n\n"]))
def test_nothing_is_lost_and_every_cue_is_there(cues: list[tuple[str, int]], head: str) -> None:
    text, now = head, 0
    for number, (line, pause) in enumerate(cues, 1):
        now += pause
        text += f"{number}\n00:00:{now // 1000:02}.{now % 1000:03} --> 00:00:{now // 1000 + 1:02}.000\n{line}\n\n"
    try:
        document = read(text)
    except InputError:
        return
    targets = [f"target {number} is here, now" for number in range(len(document.segments))]
    made = cue_units(translated(document, targets), text)
    assert len(made) == len(parse_cues(text))
    assert sorted(" ".join(unit.target for unit in made).split()) == sorted(" ".join(targets).split())


@given(st.text("ab ,.-", max_size=60), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_dividing_keeps_the_words(text: str, weights: list[int]) -> None:
    parts = divide_text(text, weights)
    assert len(parts) == len(weights)
    assert "".join("".join(parts).split()) == "".join(text.split())
