"""Run everything that must pass before a change lands: python3 scripts/check.py [pytest arguments].

ruff, mypy --strict and pytest, in this order; the first that fails ends it.
"""

from __future__ import annotations

import subprocess
import sys

from environment import ROOT, ready

STEPS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", "--strict", "bilingual", "tests", "scripts"),
    ("pytest", "-q"),
)

if __name__ == "__main__":
    python = str(ready("dev"))
    for module, *arguments in STEPS:
        extra = sys.argv[1:] if module == "pytest" else []
        print(f"== {module} {' '.join([*arguments, *extra])}", flush=True)
        code = subprocess.run([python, "-m", module, *arguments, *extra], cwd=ROOT, check=False).returncode
        if code:
            sys.exit(code)
