"""What people correct comes back: translate, correct, apply, translate again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from bilingual.formats import read_units
from command import Command

CHROMIUM = shutil.which("chromium")
ARTICLE = "河水变清了。\n\n山也绿了。\n\n河水变清了。\n"


def test_a_stored_translation_is_used_as_it_is_and_named(command: Command, tmp_path: Path) -> None:
    article, memory, table = tmp_path / "a.txt", tmp_path / "m.sqlite", tmp_path / "pairs.tsv"
    article.write_text(ARTICLE, encoding="utf-8")
    table.write_text("山也绿了。\tThe hills are green again.\n", encoding="utf-8")
    assert command("memory", "add", str(memory), str(table)).code == 0
    out = tmp_path / "a.jsonl"
    assert command("translate", str(article), "--memory", str(memory), "-o", str(out)).code == 0
    units = list(read_units(out))
    assert [(unit.source, unit.origin) for unit in units] == [
        ("河水变清了。", "machine"),
        ("山也绿了。", "memory"),
        ("河水变清了。", "machine"),
    ]
    assert units[1].target == "The hills are green again."
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == ARTICLE


def test_a_similar_segment_is_offered_on_the_page_only(command: Command, tmp_path: Path) -> None:
    article, memory, table = tmp_path / "a.txt", tmp_path / "m.sqlite", tmp_path / "pairs.tsv"
    article.write_text("望川市去年新建污水管网七百三十公里。\n", encoding="utf-8")
    table.write_text(
        "望川市今年新建污水管网七百三十公里。\tWangchuan laid 730 km of sewers this year.\n", encoding="utf-8"
    )
    assert command("memory", "add", str(memory), str(table)).code == 0
    assert command("translate", str(article), "--memory", str(memory), "--to", "html,jsonl").code == 0
    (unit,) = read_units(tmp_path / "a.zh-en.jsonl")
    assert unit.origin == "machine"
    assert "Wangchuan laid 730 km of sewers this year." in (tmp_path / "a.zh-en.html").read_text(encoding="utf-8")


def test_a_missing_or_foreign_memory_is_refused(command: Command, tmp_path: Path) -> None:
    article, foreign = tmp_path / "a.txt", tmp_path / "notes.db"
    article.write_text(ARTICLE, encoding="utf-8")
    foreign.write_bytes(b"not a database" * 100)
    for path in (tmp_path / "no.sqlite", foreign):
        done = command("translate", str(article), "--memory", str(path))
        assert done.code == 1
        assert path.name in done.err
    assert not (tmp_path / "a.zh-en.html").exists()


def test_another_memory_is_another_run_for_a_batch(command: Command, tmp_path: Path) -> None:
    folder, memory, table = tmp_path / "in", tmp_path / "m.sqlite", tmp_path / "pairs.tsv"
    folder.mkdir()
    (folder / "a.txt").write_text(ARTICLE, encoding="utf-8")
    table.write_text("山也绿了。\tThe hills are green again.\n", encoding="utf-8")
    assert command("memory", "add", str(memory), str(table)).code == 0
    run = ("batch", str(folder), "-o", str(tmp_path / "out"), "--to", "tsv", "--beam", "1")
    assert "1 translated" in command(*run).err
    assert "1 translated" in command(*run, "--memory", str(memory)).err
    assert "1 were done before" in command(*run, "--memory", str(memory)).err
    table.write_text("河水变清了。\tThe river is clear.\n", encoding="utf-8")
    assert command("memory", "add", str(memory), str(table)).code == 0
    assert "1 translated" in command(*run, "--memory", str(memory)).err


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_corrections_flow_back(command: Command, tmp_path: Path) -> None:
    """Translate, open the page, edit and split rows, export, apply into table and memory, translate again."""
    article, table, memory = tmp_path / "a.txt", tmp_path / "a.zh-en.tsv", tmp_path / "m.sqlite"
    article.write_text("河水变清了。\n\n山也绿了，鸟也回来了。\n", encoding="utf-8")
    assert command("translate", str(article), "--to", "tsv,html").code == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(accept_downloads=True)
        page.goto((tmp_path / "a.zh-en.html").as_uri())
        page.click("#u1 .target")
        page.keyboard.press("Enter")
        page.fill("textarea", "The hills are green and the birds are back.")
        page.keyboard.press("Enter")
        with page.expect_download() as download:
            page.click("#export")
        download.value.save_as(tmp_path / "decisions.json")
        browser.close()
    done = command("review", "apply", str(tmp_path / "decisions.json"), str(table), "--memory", str(memory))
    assert done.code == 0, done.err
    reviewed = list(read_units(tmp_path / "a.zh-en.reviewed.tsv"))
    assert [(unit.status, unit.target) for unit in reviewed][1] == (
        "edited",
        "The hills are green and the birds are back.",
    )
    again = tmp_path / "again.tsv"
    assert command("translate", str(article), "--memory", str(memory), "-o", str(again)).code == 0
    assert [(unit.origin, unit.target) for unit in read_units(again)][1] == (
        "memory",
        "The hills are green and the birds are back.",
    )
