"""Run bilingual from a checkout: python3 scripts/run.py translate examples/governance.txt."""

from __future__ import annotations

import subprocess
import sys

from environment import ready

if __name__ == "__main__":
    try:
        sys.exit(subprocess.run([str(ready()), "-m", "bilingual", *sys.argv[1:]], check=False).returncode)
    except KeyboardInterrupt:
        sys.exit(130)
