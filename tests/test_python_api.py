from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bilingual


def test_public_names() -> None:
    assert [name for name in bilingual.__all__ if not hasattr(bilingual, name)] == []


def test_text_and_file_give_the_same(tmp_path: Path) -> None:
    text = "河水变清了。山也绿了。\n"
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    from_text, from_file = bilingual.translate(text, beam=1), bilingual.translate(path, beam=1)
    assert from_text.source.segments == ["河水变清了。", "山也绿了。"]
    from_name = bilingual.translate(str(path), beam=1)
    assert from_text.target.segments == from_file.target.segments == from_name.target.segments
    assert [bead.type for bead in from_text.beads] == ["1-1", "1-1"]


def test_a_missing_path_is_an_error() -> None:
    with pytest.raises(bilingual.BilingualError, match=r"nowhere\.txt"):
        bilingual.translate(Path("nowhere.txt"))


def test_the_command_is_installed() -> None:
    done = subprocess.run([sys.executable, "-m", "bilingual", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"bilingual {bilingual.__version__}\n"
