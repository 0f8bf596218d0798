"""The virtual environment that the launchers share: made on first use, renewed when what it is made from changes.

Standard library only, the same on Linux, macOS and Windows.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
BIN = FOLDER / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
MADE_FROM = ("pyproject.toml", "constraints.txt")


def ready(extra: str = "") -> Path:
    """Make or renew `.venv` with the package installed, and return its interpreter.

    Args:
        extra: Optional dependencies to install as well, for example "dev".
    """
    if sys.version_info < (3, 11):  # noqa: UP036  (this file is what an older Python is greeted by)
        sys.exit(
            f"bilingual needs Python 3.11 or newer; this is {sys.version.split()[0]}. Start it with a newer python3."
        )
    digest = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in MADE_FROM)).hexdigest()
    stamp = FOLDER / f"installed-{extra or 'plain'}"
    everything = FOLDER / "installed-dev"
    if PYTHON.exists() and any(s.exists() and s.read_text() == digest for s in (stamp, everything)):
        return PYTHON
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "This Python cannot make virtual environments: its ensurepip module is missing. On Debian or Ubuntu type "
            f"'sudo apt install python3.{sys.version_info.minor}-venv', then this command again."
        )
    print(f"Setting up {FOLDER} (once, a few minutes; the largest part is PyTorch) ...", file=sys.stderr)
    if not PYTHON.exists():
        venv.create(FOLDER, with_pip=True, clear=True)
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*install, "--constraint", str(ROOT / "constraints.txt"), "--editable", target], check=False)
    if done.returncode:
        sys.exit("The installation failed; pip's reason stands above. Mend it and type the same command again.")
    stamp.write_text(digest)
    return PYTHON
