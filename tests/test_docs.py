"""The README names every command, and its commands run."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from bilingual.cli import app
from command import Command

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NEEDS_NETWORK = ("models pull", "Helsinki-NLP/")
DECISIONS = "review apply"


def commands(group: typer.Typer, prefix: str = "") -> Iterator[str]:
    """Name every command, those of groups with the group's name before."""
    for one in group.registered_commands:
        assert one.callback is not None
        yield prefix + (one.name or one.callback.__name__.strip("_"))
    for sub in group.registered_groups:
        assert sub.typer_instance is not None
        name = sub.name if isinstance(sub.name, str) else sub.typer_instance.info.name
        yield from commands(sub.typer_instance, f"{prefix}{name} ")


def shell_lines() -> list[str]:
    """Give the commands of the README's shell blocks that need no network."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.split("\n")]
    return [line for line in lines if line and not any(word in line for word in NEEDS_NETWORK)]


@pytest.mark.parametrize("name", sorted(commands(app)))
def test_every_command_is_in_the_readme_and_explains_itself(name: str, command: Command) -> None:
    group, _, verb = name.partition(" ")
    row = next((line for line in README.split("\n") if line.startswith(f"| `bilingual {group}")), "")
    assert row, f"the README's table has no row for {group}"
    assert not verb or f"`{verb}`" in row or f"{group} {verb}" in row, f"{name} is not in its row"
    done = command(*name.split(), "--help")
    assert done.code == 0
    assert re.search(rf"Example: .*\bbilingual {name}", " ".join(done.out.split()))


def test_the_commands_of_the_readme_run(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = ROOT / "examples"
    shutil.copytree(examples, tmp_path / "examples", ignore=shutil.ignore_patterns("*.zh-en.*"))
    (tmp_path / "articles").mkdir()
    shutil.copy(examples / "blog.md", tmp_path / "articles")
    shutil.copy(examples / "news.txt", tmp_path / "article.txt")
    shutil.copy(examples / "news.en.txt", tmp_path / "article.en.txt")
    lines = shell_lines()
    assert len(lines) >= 6
    for line in lines:
        words = shlex.split(line)
        if words[:2] == ["python3", "scripts/check.py"]:
            continue  # this very run
        words = words[1:] if words[0] == "bilingual" else words[2:]
        done = command(*words)
        assert done.code == 0, f"{line}\n{done.err}"
    assert (tmp_path / "examples" / "governance.zh-en.html").exists()
    assert (tmp_path / "translated" / "index.html").exists()
    assert (tmp_path / "aligned.tmx").exists()


def test_the_python_lines_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "examples" / "news.txt", tmp_path / "article.txt")
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})  # the README's own lines


def test_links_of_the_documents_lead_somewhere() -> None:
    for document in (ROOT / "README.md", *(ROOT / "examples").glob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8")):
            if "://" not in target and document.name != "blog.md":
                assert (document.parent / target).exists(), f"{document.name}: {target}"
