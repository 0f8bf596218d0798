"""The wheel stands by itself: it carries the model and the page, and translates far from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel_translates_outside_the_checkout(tmp_path: Path, command_env: dict[str, str]) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), str(ROOT)], check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert "bilingual/models/zh-en-small/model.safetensors" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/models/zh-en-small/LICENSE") for name in names)
    article = tmp_path / "a.txt"
    article.write_text("河水变清了。\n", encoding="utf-8")
    where = "import bilingual; print(bilingual.__file__)"
    environment = {**command_env, "PYTHONPATH": str(tmp_path / "site")}
    found = subprocess.run([sys.executable, "-c", where], env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert found.stdout.startswith(str(tmp_path / "site"))
    done = subprocess.run(
        [sys.executable, "-m", "bilingual", "translate", "a.txt", "--to", "html,tsv"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "河水变清了。" in (tmp_path / "a.zh-en.html").read_text(encoding="utf-8")
