from __future__ import annotations

import io
from pathlib import Path

import pytest

from bilingual.bitext import visible
from bilingual.formats import read_units
from bilingual.formats.tsv import read_tsv
from command import Command, Done

EXAMPLES = Path(__file__).parent.parent / "examples"
ZH, EN = EXAMPLES / "news.txt", EXAMPLES / "news.en.txt"
PAIRS = 16


def test_two_documents_become_a_page_and_a_table(command: Command, tmp_path: Path) -> None:
    done = command("align", str(ZH), str(EN), "-o", str(tmp_path / "news.html"), "--to", "html,tsv")
    assert done.code == 0, done.err
    assert f"{PAIRS} pairs, 0 doubtful (confidence under 0.8), 0 without a counterpart." in done.err
    assert "in simplified Chinese" in done.err
    units = list(read_units(tmp_path / "news.tsv"))
    assert len(units) == PAIRS
    assert {unit.origin for unit in units} == {"human"}
    assert units[7].source.startswith("“刚开馆的时候")
    assert units[7].target == (
        "“When we first opened, we hardly saw five people a day,” said Luo Qingshan, the librarian. “Now, on weekends, "
        "even the front steps are full of people.”"
    )
    assert "Machine translation" not in (tmp_path / "news.html").read_text(encoding="utf-8")


def test_beads_go_to_standard_output_as_vecalign_writes_them(command: Command) -> None:
    done = command("align", str(ZH), str(EN), "-o", "-", "--to", "beads")
    lines = done.out.removesuffix("\n").split("\n")
    assert len(lines) == PAIRS
    assert lines[0].startswith("[0]:[0]:0.000")
    assert any(line.startswith("[7]:[7, 8]:") for line in lines)


def test_the_other_direction_and_traditional_characters(command: Command, tmp_path: Path) -> None:
    import opencc

    traditional = tmp_path / "news.hant.txt"
    traditional.write_text(opencc.OpenCC("s2t").convert(ZH.read_text(encoding="utf-8")), encoding="utf-8")
    done = command("align", str(EN), str(traditional), "-o", str(tmp_path / "out.tsv"))
    assert done.code == 0, done.err
    assert "in traditional Chinese" in done.err
    units = list(read_units(tmp_path / "out.tsv"))
    assert [unit.source_lang for unit in units] == ["en"] * PAIRS
    assert units[-1].target == "縣裏已爲此撥款15萬元。"


def test_paragraphs_stay(command: Command, tmp_path: Path) -> None:
    english = tmp_path / "e.txt"
    lines = EN.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    blocks = [*lines[:2], *(" ".join(lines[i : i + 2]) for i in range(2, PAIRS, 2))]
    english.write_text("\n\n".join(blocks), encoding="utf-8")
    assert command("align", str(ZH), str(english), "-o", str(tmp_path / "o.tsv")).code == 0
    units = list(read_units(tmp_path / "o.tsv"))
    assert len(units) == PAIRS
    assert [unit.paragraph for unit in units][:3] == [1, 2, 3]


def test_pre_segmented_lines_and_a_persons_constraints(command: Command, tmp_path: Path) -> None:
    zh, en, anchors = tmp_path / "z.txt", tmp_path / "e.txt", tmp_path / "anchors.txt"
    zh.write_text("河水变清了。\n山也绿了。\n鸟也回来了。\n", encoding="utf-8")
    en.write_text("The river is clear.\nThe hills are green.\nThe birds are back.\n")
    beads = command("align", str(zh), str(en), "--pre-segmented", "-o", "-", "--to", "beads").out
    assert [line.rsplit(":", 1)[0] for line in beads.split("\n")[:-1]] == ["[0]:[0]", "[1]:[1]", "[2]:[2]"]
    anchors.write_text("# a person says\ntogether 0 1\n")
    run = ("align", str(zh), str(en), "--pre-segmented", "--anchors", str(anchors), "-o", "-", "--to", "beads")
    forced = command(*run, "--force").out
    sides = [line.rsplit(":", 1)[0] for line in forced.split("\n")[:-1]]
    assert any("0" in side.split(":")[0] and "1" in side.split(":")[1] for side in sides)


def test_directories_pair_by_name_then_by_content(command: Command, tmp_path: Path) -> None:
    zh, en = tmp_path / "zh", tmp_path / "en"
    for folder in (zh, en):
        folder.mkdir()
    (zh / "library.txt").write_bytes(ZH.read_bytes())
    (en / "library.en.txt").write_bytes(EN.read_bytes())
    (zh / "b.txt").write_text("河水变清了。山也绿了。鸟也回来了。孩子们在河边放风筝。\n" * 3, encoding="utf-8")
    (en / "other.txt").write_text(
        "The river is clear. The hills are green. The birds are back. The children fly kites by the river.\n" * 3
    )
    (zh / "c.txt").write_text("中央银行宣布降低存款准备金率。市场对此反应平淡。\n", encoding="utf-8")
    done = command("align", str(zh), str(en), "-o", str(tmp_path / "out"), "--to", "tsv", "--force")
    assert done.code == 1
    assert "library.txt ↔ library.en.txt (by name)" in done.err
    assert "b.txt ↔ other.txt (by content, score 0." in done.err
    assert f"Error: {zh / 'c.txt'}: no counterpart was found" in done.err
    assert len(list(read_units(tmp_path / "out" / "library.tsv"))) == PAIRS


@pytest.mark.parametrize(
    ("zh", "en", "message"),
    [
        ("河水变清了。", "山也绿了。", "both in Chinese"),
        ("The river.", "The hills are green.", "both in English"),
        ("河水变清了。\n" * 30, "", "empty"),
        (
            (EXAMPLES / "governance.txt").read_text(encoding="utf-8"),
            EN.read_text(encoding="utf-8"),
            "do not look like translations of each other",
        ),
    ],
)
def test_pairs_that_are_none_are_refused(command: Command, tmp_path: Path, zh: str, en: str, message: str) -> None:
    (tmp_path / "z.txt").write_text(zh, encoding="utf-8")
    (tmp_path / "e.txt").write_text(en, encoding="utf-8")
    done = command("align", str(tmp_path / "z.txt"), str(tmp_path / "e.txt"), "-o", str(tmp_path / "o.html"))
    assert done.code == 1
    assert message in done.err
    assert not (tmp_path / "o.html").exists()


def test_evaluate_beads_against_gold(command: Command, tmp_path: Path) -> None:
    gold, hypothesis = tmp_path / "gold.txt", tmp_path / "hyp.txt"
    gold.write_text("[0]:[0]\n[1, 2]:[1]\n")
    hypothesis.write_text("[0]:[0]:0.1\n[1]:[1]:0.5\n[2]:[]:0.5\n")
    done = command("evaluate", "--beads", str(hypothesis), str(gold))
    assert done.out.split("\n")[:2] == [
        "strict  precision 0.3333 recall 0.5000 F1 0.4000",
        "lax     precision 0.6667 recall 1.0000 F1 0.8000",
    ]


def run_on(command: Command, folder: Path, zh: str, en: str, *options: str) -> Done:
    """Align two texts; the table goes to standard output."""
    (folder / "z.txt").write_text(zh, encoding="utf-8", newline="")
    (folder / "e.txt").write_text(en, encoding="utf-8", newline="")
    return command("align", str(folder / "z.txt"), str(folder / "e.txt"), "--no-checks", "-o", "-", *options)


def sides(table: str) -> tuple[str, str]:
    """Join the visible characters of all sources and of all targets of a table."""
    units = list(read_tsv(io.BytesIO(table.encode()), "-"))
    return visible("".join(unit.source for unit in units)), visible("".join(unit.target for unit in units))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--source-lang", "en"), "z.txt is taken for en, and most of its letters are Chinese"),
        (("--source-lang", "fr"), "z.txt is taken for fr, and most of its letters are Chinese"),
        (("--target-lang", "zh"), "e.txt is taken for Chinese, and no Chinese character is in it"),
        (("--source-lang", "en", "--target-lang", "zh"), "z.txt is taken for en"),
    ],
)
def test_a_language_that_contradicts_the_text_is_an_error(
    command: Command, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    done = run_on(command, tmp_path, "河水变清了。", "The river is clear.", *options)
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert "Traceback" not in done.err


def test_neither_side_in_chinese_is_an_error(command: Command, tmp_path: Path) -> None:
    done = run_on(command, tmp_path, "Le fleuve.", "The river.", "--source-lang", "fr")
    assert done.code == 1
    assert "Neither z.txt nor e.txt is in Chinese" in done.err


def test_the_same_file_twice_is_an_error(command: Command) -> None:
    done = command("align", str(EN), str(EN), "-o", "-")
    assert done.code == 1
    assert "are both in English: one of the two must be Chinese" in done.err


@pytest.mark.parametrize("turned", [False, True])
def test_an_empty_side_is_an_error_on_either_side(command: Command, tmp_path: Path, turned: bool) -> None:
    texts = ("", "The river is clear.") if turned else ("河水变清了。", " \n \n")
    done = run_on(command, tmp_path, *texts)
    assert (done.code, done.out) == (1, "")
    assert "give " in done.err


@pytest.mark.parametrize(
    ("zh", "en", "message"),
    [
        ("", "The river is clear.", "z.txt"),
        ("河水变清了。", "山也绿了。", "are both in Chinese"),
        ("The river is clear.", "The hills are green.", "are both in English"),
    ],
)
def test_what_no_encoder_can_mend_is_refused_before_one_is_loaded(
    command: Command, tmp_path: Path, zh: str, en: str, message: str
) -> None:
    done = run_on(command, tmp_path, zh, en, "--encoder", str(tmp_path / "none"))
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert "directory" not in done.err


def test_an_encoder_that_is_not_there_is_named_with_what_to_do(command: Command, tmp_path: Path) -> None:
    done = run_on(command, tmp_path, "河水变清了。", "The river is clear.", "--encoder", str(tmp_path / "none"))
    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    assert f"There is no directory {tmp_path / 'none'}" in done.err


def test_several_formats_stand_side_by_side(command: Command, tmp_path: Path) -> None:
    """The help says so too: the output's name without its ending, and each format's own."""
    out = tmp_path / "out"
    out.mkdir()
    done = command("align", str(ZH), str(EN), "--no-checks", "-o", str(out / "news.x"), "--to", "tsv,beads")
    assert done.code == 0, done.err
    assert sorted(path.name for path in out.iterdir()) == ["news.beads", "news.tsv"]
    done = command("align", str(ZH), str(EN), "--no-checks", "-o", str(out), "--to", "jsonl,tmx")
    assert done.code == 0, done.err
    assert sorted(path.name for path in out.iterdir()) == [
        "news.beads", "news.tsv", "news.zh-en.jsonl", "news.zh-en.tmx",
    ]  # fmt: skip
    assert "with several formats NAME.EXT each" in " ".join(command("align", "--help").out.replace("│", " ").split())


def test_one_side_a_hundred_times_longer_loses_nothing(command: Command, tmp_path: Path) -> None:
    zh = "河水变清了。\n山也绿了。\n鸟也回来了。\n"
    en = "The river is clear.\nThe hills are green.\nThe birds are back.\n" * 100
    done = run_on(command, tmp_path, zh, en, "--force", "--to", "tsv")
    assert done.code == 0, done.err
    assert sides(done.out) == (visible(zh), visible(en))


def test_lines_of_numbers_find_their_counterparts(command: Command, tmp_path: Path) -> None:
    numbers = "\n".join(str(number * 37 % 1000) for number in range(40)) + "\n"
    done = run_on(command, tmp_path, numbers, numbers, "--to", "beads")
    assert done.code == 0, done.err
    assert [line.rsplit(":", 1)[0] for line in done.out.split("\n")[:-1]] == [f"[{n}]:[{n}]" for n in range(40)]


def test_lines_that_are_all_alike_are_doubtful_and_none_is_lost(command: Command, tmp_path: Path) -> None:
    zh, en = "鸟也回来了。\n" * 60, "The birds are back.\n" * 55
    done = run_on(command, tmp_path, zh, en, "--to", "tsv")
    assert done.code == 0, done.err
    assert sides(done.out) == (visible(zh), visible(en))


def test_control_characters_are_kept_and_said(command: Command, tmp_path: Path) -> None:
    zh = "河水\x00变清了。\n山也\x1b[31m绿了。\n鸟也回来了。\x07\n"
    en = "The river is\x00 clear.\nThe hills\x7f are green.\nThe birds are back.\x85\n"
    done = run_on(command, tmp_path, zh, en, "--to", "tsv")
    assert done.code == 0, done.err
    assert "NUL" in done.err
    assert sides(done.out) == (visible(zh), visible(en))


def test_a_paragraph_of_a_megabyte_without_a_stop(command: Command, tmp_path: Path) -> None:
    """With the checks, which once compared every clause with all the others."""
    zh = "".join(f"河水变清了，山也绿了，第{day}天，" for day in range(22_000))
    en = "".join(f"the river is clear, the hills are green, day {day}, " for day in range(1_000))
    assert len(zh.encode()) > 900_000
    (tmp_path / "z.txt").write_text(zh, encoding="utf-8")
    (tmp_path / "e.txt").write_text(en, encoding="utf-8")
    done = command("align", str(tmp_path / "z.txt"), str(tmp_path / "e.txt"), "--force", "-o", "-", "--to", "tsv")
    assert done.code == 0, done.err
    assert sides(done.out) == (visible(zh), visible(en))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("together 9 0", "There is no segment 9 in z.txt: its 8 segments count from 0."),
        ("together 0 0\napart 0 0", "Segments 0 and 0 cannot be both together and apart."),
        ("together 0 7\ntogether 1 0", "Segments 0 and 7 together, and 1 and 0: these cross"),
        ("near 0 1", "a line looks like"),
    ],
)
def test_anchors_that_cannot_hold_are_named(command: Command, tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "a.txt").write_text(lines)
    texts = "河水变清了。\n山也绿了。\n" * 4, "The river is clear.\nThe hills are green.\n" * 4
    done = run_on(command, tmp_path, *texts, "--anchors", str(tmp_path / "a.txt"))
    assert (done.code, done.out) == (1, "")
    assert message in done.err


def test_a_stretch_that_one_side_leaves_out_is_named(command: Command, tmp_path: Path) -> None:
    ferry = Path(__file__).parent / "data" / "aligned"
    english = (ferry / "ferry.en.txt").read_text(encoding="utf-8").split("\n\n")
    (tmp_path / "part.txt").write_text("\n\n".join(english[:4]), encoding="utf-8")
    done = command("align", str(ferry / "ferry.txt"), str(tmp_path / "part.txt"), "--no-checks", "-o", "-")
    assert done.code == 0, done.err
    first = "校长名叫顾渡生，今年八十六岁。"
    assert f"ferry.txt: sentences 18 to 80 have no counterpart, from “{first}” on.\n" in done.err
    whole = command("align", str(ferry / "ferry.txt"), str(ferry / "ferry.en.txt"), "--no-checks", "-o", "-")
    assert "have no counterpart" not in whole.err
