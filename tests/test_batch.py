from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bilingual.batch import Job, Plan, Summary, plan_batch, read_journal, run_batch
from bilingual.bitext import Translation
from bilingual.errors import InputError
from bilingual.pipeline import Options
from bilingual.protocols import Decoding
from command import Command

KINDS = {".txt", ".md"}


class Shouter:
    """A translator that needs no model: every segment becomes its length in words of its own."""

    signature = "shouter@1"
    model_name = "shouter"
    license: str | None = None

    def __init__(self) -> None:
        self.decoded: list[str] = []

    def translate(self, segments: Sequence[str], decoding: Decoding = Decoding()) -> list[list[Translation]]:
        self.decoded += segments
        return [[Translation(f"{len(s)} characters.", -0.5)] if s else [Translation("")] for s in segments]


def tree(root: Path, files: dict[str, str]) -> Path:
    """Write files under a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run(folder: Path, out: Path, translator: Shouter, to: tuple[str, ...] = ("tsv",), **job: object) -> Summary:
    plan = plan_batch(folder, out, to, KINDS, ".zh-en")
    restart = bool(job.pop("restart", False))
    job.setdefault("options", Options(checks=False))
    return run_batch(plan, out, Job(to=to, **job), translator, restart=restart)  # type: ignore[arg-type]


def names(plan: Plan) -> list[tuple[str, list[str]]]:
    return [(item.name, [path.as_posix() for path in item.outputs]) for item in plan.items]


def test_plan_mirrors_the_tree_and_keeps_names_apart(tmp_path: Path) -> None:
    folder = tree(
        tmp_path / "in",
        {"a.txt": "甲", "a.md": "乙", "sub/b.txt": "丙", "c.pdf": "", ".hidden.txt": "丁", "out/x.txt": "戊"},
    )
    (tmp_path / "elsewhere.txt").write_text("己", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    plan = plan_batch(folder, folder / "out", ["html", "tsv"], KINDS, ".zh-en")
    assert names(plan) == [
        ("a.md", ["a.md.zh-en.html", "a.md.zh-en.tsv"]),
        ("a.txt", ["a.txt.zh-en.html", "a.txt.zh-en.tsv"]),
        ("sub/b.txt", ["sub/b.zh-en.html", "sub/b.zh-en.tsv"]),
    ]
    assert plan.others == 1


def test_plan_refuses_what_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        plan_batch(tmp_path / "no", tmp_path, ["tsv"], KINDS, ".zh-en")
    with pytest.raises(InputError, match=r"no file that can be read \(\.md \.txt\)"):
        plan_batch(tmp_path, tmp_path / "out", ["tsv"], KINDS, ".zh-en")
    (tmp_path / "a.txt").write_text("甲")
    with pytest.raises(InputError, match="bilingual translate"):
        plan_batch(tmp_path / "a.txt", tmp_path / "out", ["tsv"], KINDS, ".zh-en")


def test_a_second_run_does_nothing_and_a_change_is_done_again(tmp_path: Path) -> None:
    folder, out = tree(tmp_path / "in", {"a.txt": "甲乙。", "b.txt": "丙丁戊。"}), tmp_path / "out"
    first = run(folder, out, Shouter())
    assert (list(first.entries), first.skipped, first.failed) == (["a.txt", "b.txt"], 0, [])
    again = Shouter()
    assert (run(folder, out, again).skipped, again.decoded) == (2, [])
    # A changed source, a changed output, a changed option: each is done again, and only it.
    tree(folder, {"a.txt": "甲乙丙。"})
    (out / "b.zh-en.tsv").write_text("edited by hand")
    changed = Shouter()
    assert (run(folder, out, changed).skipped, changed.decoded) == (0, ["甲乙丙。", "丙丁戊。"])
    greedy = Shouter()
    assert run(folder, out, greedy, options=Options(decoding=Decoding(beam=1), checks=False)).skipped == 0
    assert run(folder, out, Shouter(), options=Options(decoding=Decoding(beam=1), checks=False)).skipped == 2
    anew = Shouter()
    assert (
        run(folder, out, anew, options=Options(decoding=Decoding(beam=1), checks=False), restart=True).skipped,
        len(anew.decoded),
    ) == (0, 2)


def test_a_torn_journal_line_costs_one_document(tmp_path: Path) -> None:
    folder, out = tree(tmp_path / "in", {"a.txt": "甲乙。", "b.txt": "丙丁戊。"}), tmp_path / "out"
    run(folder, out, Shouter())
    journal = out / ".bilingual" / "journal.jsonl"
    data = journal.read_bytes()
    journal.write_bytes(data[: data.rfind(b'{"name": "b.txt"') + 40])
    assert list(read_journal(out).entries) == ["a.txt"]
    again = Shouter()
    assert (run(folder, out, again).skipped, again.decoded) == (1, ["丙丁戊。"])
    assert list(read_journal(out).entries) == ["a.txt", "b.txt"]


def test_bad_files_fail_by_themselves(tmp_path: Path) -> None:
    folder, out = tree(tmp_path / "in", {"a.txt": "甲乙。", "b.txt": "", "c.txt": "丙。"}), tmp_path / "out"
    summary = run(folder, out, Shouter())
    assert list(summary.entries) == ["a.txt", "c.txt"]
    assert [name for name, _ in summary.failed] == ["b.txt"]


def test_a_persons_file_is_not_replaced(tmp_path: Path) -> None:
    folder, out = tree(tmp_path / "in", {"a.txt": "甲乙。"}), tree(tmp_path / "out", {"a.zh-en.tsv": "mine"})
    assert "--force" in run(folder, out, Shouter()).failed[0][1]
    assert (out / "a.zh-en.tsv").read_text() == "mine"
    assert run(folder, out, Shouter(), force=True).failed == []


def test_more_documents_than_fit_one_window_come_in_order(tmp_path: Path) -> None:
    texts = {f"{n:03}.txt": "\n\n".join(f"第{n}篇第{i}段。" for i in range(60)) for n in range(80)}
    folder, out = tree(tmp_path / "in", texts), tmp_path / "out"
    summary = run(folder, out, Shouter())
    assert list(summary.entries) == sorted(texts)
    assert sum(entry.segments for entry in summary.entries.values()) == 80 * 60


def test_command_writes_an_overview_and_names_failures(command: Command, tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", {"a.txt": "河水变清了。", "sub/b.md": "# 标题\n\n河水变清了。\n", "c.txt": ""})
    done = command("batch", str(folder), "-o", str(tmp_path / "out"), "--to", "html,tsv")
    assert done.code == 1
    assert "2 translated, 0 were done before, 1 failed; 3 sentences." in done.err
    assert "Error: c.txt: " in done.err
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert 'href="./sub/b.zh-en.html"' in index
    assert "c.txt" in index
    again = command("batch", str(folder), "-o", str(tmp_path / "out"), "--to", "html,tsv")
    assert "0 translated, 2 were done before, 1 failed" in again.err


def test_command_scores_each_document_and_all_together(command: Command, tmp_path: Path) -> None:
    folder = tree(tmp_path / "in", {"a.txt": "河水变清了。", "b.txt": "山变绿了。"})
    references = tree(tmp_path / "ref", {"a.en.txt": "The river is clear.\n", "b.txt": "The hills are green.\n"})
    done = command("batch", str(folder), "-o", str(tmp_path / "out"), "--reference", str(references))
    assert done.code == 0
    assert "All: BLEU " in done.err
    assert [len(entry.scores) for entry in read_journal(tmp_path / "out").entries.values()] == [3, 3]
    # The corpus score of a resumed run counts what was done before.
    again = command("batch", str(folder), "-o", str(tmp_path / "out"), "--reference", str(references))
    assert [line for line in again.err.split("\n") if line.startswith("All: ")] == [
        line for line in done.err.split("\n") if line.startswith("All: ")
    ]
