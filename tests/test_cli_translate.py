"""The command line on good and bad input: whole messages, exit codes, and nothing half written."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bilingual.bitext import visible
from command import Command

ARTICLE = "望川市今年植树三万棵。\n\n“河水变清了。”老王说。\n"


def read_table(path: Path) -> list[dict[str, str]]:
    """Read a TSV file of ours as plain rows."""
    header, *rows = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return [dict(zip(header.split("\t"), row.split("\t"), strict=True)) for row in rows]


def test_one_article_becomes_a_page_beside_it(command: Command, tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text(ARTICLE, encoding="utf-8")
    done = command("translate", str(article))
    assert (done.code, done.out) == (0, "")
    assert f"{article} → {tmp_path / 'a.zh-en.html'}\n" in done.err
    page = (tmp_path / "a.zh-en.html").read_text(encoding="utf-8")
    assert "望川市今年植树三万棵。" in page
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "a.zh-en.html"]
    # A page of ours is replaced without asking.
    assert command("translate", str(article)).code == 0


def test_the_modest_model_is_named_with_the_way_to_a_better_one(command: Command, tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text(ARTICLE, encoding="utf-8")
    assert command("translate", str(article)).err.endswith(
        "Translated by the small bundled model, which is modest. A better one: 'bilingual models pull "
        "Helsinki-NLP/opus-mt-zh-en', then --model Helsinki-NLP/opus-mt-zh-en\n"
    )


def test_several_formats_and_rows_account_for_every_sentence(command: Command, tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text(ARTICLE, encoding="utf-8")
    assert command("translate", str(article), "--to", "tsv,jsonl", "--to", "txt").code == 0
    rows = read_table(tmp_path / "a.zh-en.tsv")
    assert [(r["document"], r["paragraph"], r["sentence"], r["source"]) for r in rows] == [
        ("a.txt", "1", "1", "望川市今年植树三万棵。"),
        ("a.txt", "2", "1", "“河水变清了。”老王说。"),
    ]
    records = [json.loads(line) for line in (tmp_path / "a.zh-en.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [r["target"] for r in records] == [r["target"] for r in rows]
    assert (tmp_path / "a.zh-en.txt").read_text(encoding="utf-8") == "\n\n".join(r["target"] for r in rows) + "\n"


def test_standard_input_gives_english_on_standard_output(command: Command) -> None:
    done = command("translate", "-", stdin="你好，世界。\n".encode())
    assert done.code == 0
    assert done.out.strip()
    assert not any("\u4e00" <= c <= "\u9fff" for c in done.out)


def test_pre_segmented_gives_as_many_lines_out_as_in(command: Command, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("你好。再见。\n\n【关注】\n好。\n", encoding="utf-8")
    done = command("translate", str(lines), "--pre-segmented", "--to", "txt", "-o", "-")
    assert done.code == 0
    out = done.out.split("\n")
    assert (len(out), out[1], out[4]) == (5, "", "")


def test_reference_scores_are_shown_on_the_page_and_said(command: Command, tmp_path: Path) -> None:
    article, reference = tmp_path / "a.txt", tmp_path / "a.en.txt"
    article.write_text(ARTICLE, encoding="utf-8")
    reference.write_text(
        "Wangchuan planted 30,000 trees this year.\n“The river is clear,” said Wang.\n", encoding="utf-8"
    )
    done = command("translate", str(article), "--reference", str(reference))
    assert done.code == 0
    bleu = next(line for line in done.err.split("\n") if "BLEU" in line)
    assert "nrefs:1|bs:1000|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp" in bleu
    page = (tmp_path / "a.zh-en.html").read_text(encoding="utf-8")
    assert bleu.split(": ", 1)[1].split(" (")[0] in page
    assert "said Wang." in page


# Bad input: one sentence, the next command to type, exit code 1, and nothing written.


def refuses(command: Command, message: str, *arguments: str, stdin: bytes = b"") -> None:
    """Expect exit code 1 and `message` in the one line of error."""
    done = command(*arguments, stdin=stdin)
    assert done.code == 1, done.err
    errors = [line for line in done.err.split("\n") if line.startswith("Error: ")]
    assert len(errors) == 1, done.err
    assert message in errors[0]
    assert "Traceback" not in done.err


def test_missing_file(command: Command, tmp_path: Path) -> None:
    refuses(command, f"{tmp_path / 'no.txt'}", "translate", str(tmp_path / "no.txt"))


def test_directory_instead_of_a_file(command: Command, tmp_path: Path) -> None:
    refuses(command, "bilingual batch", "translate", str(tmp_path))


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", "\ufeff\u3000\n".encode()])
def test_empty_and_blank_files(command: Command, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "empty.txt"
    path.write_bytes(data)
    refuses(command, "empty.txt", "translate", str(path))
    assert list(tmp_path.iterdir()) == [path]


def test_a_picture_named_txt(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "picture.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 4)
    refuses(command, "picture.txt", "translate", str(path))


def test_bytes_that_are_not_in_the_declared_encoding(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(ARTICLE.encode("gb18030"))
    refuses(command, "try --encoding gb18030", "translate", str(path), "--encoding", "utf-8")


def test_output_folder_missing(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    refuses(command, "mkdir", "translate", str(path), "-o", str(tmp_path / "no" / "a.html"))


def test_output_exists(command: Command, tmp_path: Path) -> None:
    path, work = tmp_path / "a.txt", tmp_path / "a.zh-en.tsv"
    path.write_text(ARTICLE, encoding="utf-8")
    work.write_text("mine")
    refuses(command, "--force", "translate", str(path), "--to", "tsv")
    assert work.read_text() == "mine"
    assert command("translate", str(path), "--to", "tsv", "--force").code == 0
    assert work.read_text(encoding="utf-8").startswith("id\tdocument\t")


def test_a_page_that_is_not_ours_is_kept(command: Command, tmp_path: Path) -> None:
    path, page = tmp_path / "a.txt", tmp_path / "a.zh-en.html"
    path.write_text(ARTICLE, encoding="utf-8")
    page.write_text("<p>mine</p>")
    refuses(command, "--force", "translate", str(path))
    assert page.read_text() == "<p>mine</p>"


def test_an_output_that_is_an_input(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    refuses(command, "is an input", "translate", str(path), "-o", str(path), "--to", "txt", "--force")
    assert path.read_text(encoding="utf-8") == ARTICLE


def test_two_inputs_with_one_output(command: Command, tmp_path: Path) -> None:
    for name in ("a.txt", "a.md"):
        (tmp_path / name).write_text(ARTICLE, encoding="utf-8")
    refuses(command, "would both be written to", "translate", str(tmp_path / "a.txt"), str(tmp_path / "a.md"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.md", "a.txt"]


def test_unknown_format_and_engine(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    refuses(command, "there are html, chapters, txt, beads, srt, vtt, tsv", "translate", str(path), "--to", "pdf")
    done = command("translate", str(path), "--engine", "fast")
    assert done.code == 2
    assert "'ctranslate2', 'transformers'" in done.err


def test_reference_of_another_length_for_a_list_of_segments(command: Command, tmp_path: Path) -> None:
    path, reference = tmp_path / "a.txt", tmp_path / "r.txt"
    path.write_text("河水变清了。\n老王说。\n", encoding="utf-8")
    reference.write_text("One line.\nTwo.\nThree.\n")
    message = f"a.txt has 2 lines, {reference} has 3"
    refuses(command, message, "translate", str(path), "--pre-segmented", "--reference", str(reference))
    assert not (tmp_path / "a.zh-en.html").exists()


def test_one_bad_article_among_several(command: Command, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.txt", tmp_path / "b.txt"
    good.write_text(ARTICLE, encoding="utf-8")
    bad.write_bytes(b"")
    refuses(command, "b.txt", "translate", str(good), str(bad))
    assert (tmp_path / "a.zh-en.html").exists()


def test_model_that_is_absent(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    refuses(command, "models pull", "translate", str(path), "--model", "nobody/nothing-zh-en")


def test_model_directory_missing_a_file_or_changed(command: Command, tmp_path: Path) -> None:
    import bilingual

    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    bundled = Path(bilingual.__file__).parent.parent / "models" / "zh-en-small"
    model = tmp_path / "model"
    shutil.copytree(bundled, model)
    (model / "vocab.json").write_bytes((model / "vocab.json").read_bytes().replace(b"0", b"1", 1))
    refuses(command, "vocab.json", "translate", str(path), "--model", str(model))
    (model / "vocab.json").unlink()
    refuses(command, "vocab.json", "translate", str(path), "--model", str(model))


# Odd input that is translated all the same, with a warning where one helps.


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("This text is English.\n", "no Chinese"),
        ("你好\x00世界。\u202e再见。\n", "NUL character"),
        ("😀😀😀\n", "no Chinese"),
        ("他说<script>alert(1)</script>和 A & B。\n", ""),
    ],
)
def test_odd_texts_are_kept_whole(command: Command, tmp_path: Path, text: str, warning: str) -> None:
    path = tmp_path / "odd.txt"
    path.write_text(text, encoding="utf-8")
    done = command("translate", str(path), "--to", "jsonl,html")
    assert done.code == 0, done.err
    assert warning in done.err
    records = [json.loads(line) for line in (tmp_path / "odd.zh-en.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    assert visible("".join(r["source"] for r in records)) == visible(text)
    assert "<script>alert(1)" not in (tmp_path / "odd.zh-en.html").read_text(encoding="utf-8")


def test_ten_thousand_characters_without_punctuation(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("山高水长" * 2500 + "\n", encoding="utf-8")
    done = command("translate", str(path), "--to", "tsv", "--beam", "1")
    assert done.code == 0
    assert "a sentence has 10,000 characters" in done.err
    assert "".join(row["source"] for row in read_table(tmp_path / "long.zh-en.tsv")) == "山高水长" * 2500


def test_a_line_of_one_megabyte(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    text = "河水变清了，" * 55_000
    path.write_text(text + "\n", encoding="utf-8")
    done = command("translate", str(path), "--to", "tsv", "--beam", "1", "--no-repair")
    assert done.code == 0
    assert "a sentence has 330,000 characters" in done.err
    assert "".join(row["source"] for row in read_table(tmp_path / "line.zh-en.tsv")) == text


def test_disk_full(tmp_path: Path, command_line: list[str], command_env: dict[str, str]) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    limit = 4096  # bytes; the page is larger
    done = subprocess.run(
        [*command_line, "translate", str(path)],
        capture_output=True,
        text=True,
        env=command_env,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        check=False,
    )
    assert done.returncode == 1
    assert "Error: " in done.stderr
    assert "a.zh-en.html" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_output_folder_not_writable(command: Command, tmp_path: Path) -> None:
    path, folder = tmp_path / "a.txt", tmp_path / "closed"
    path.write_text(ARTICLE, encoding="utf-8")
    folder.mkdir(mode=0o500)
    if os.geteuid() == 0:  # permissions bind no administrator, but nobody makes files here
        folder = Path("/proc")
    refuses(command, str(folder / "a.html"), "translate", str(path), "-o", str(folder / "a.html"))


def test_a_reader_that_stops_early_is_no_error(
    tmp_path: Path, command_line: list[str], command_env: dict[str, str]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("好。\n\n" * 20000, encoding="utf-8")
    process = subprocess.Popen(
        [*command_line, "segment", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=command_env
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "好。\n".encode()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (0, b"")


def test_interrupted_run_keeps_what_is_finished(
    tmp_path: Path, command_line: list[str], command_env: dict[str, str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(8):
        text = "\n\n".join(f"第{number}章第{i}节。" for i in range(1000))
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [*command_line, "batch", str(folder), "-o", str(out), "--to", "tsv", "--beam", "1", "--no-checks"],
        stderr=subprocess.DEVNULL,
        env=command_env,
    )
    journal = out / ".bilingual" / "journal.jsonl"
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and not (journal.exists() and '"name"' in journal.read_text("utf-8")):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    records = [json.loads(line) for line in journal.read_text(encoding="utf-8").split("\n") if line]
    finished = [record["name"] for record in records if "name" in record]
    assert finished
    assert len(finished) < 8
    assert sorted(p.name for p in out.glob("*.tsv")) == sorted(f"{Path(name).stem}.zh-en.tsv" for name in finished)


def test_help_and_version_need_no_terminal(command: Command) -> None:
    from bilingual import __version__

    assert command("--version").out == f"bilingual {__version__}\n"
    for name in ("translate", "batch", "segment", "evaluate"):
        done = command(name, "--help")
        assert done.code == 0
        assert f"Example: bilingual {name} " in " ".join(done.out.split())
    assert command("translate").code == 2
    assert sys.version_info >= (3, 11)
