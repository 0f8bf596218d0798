"""Record the sizes and hashes of a bundled model: python scripts/write_manifest.py models/zh-en-small.

Run it after the files of a model were replaced. Facts that are no hashes (licence, word links) are kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bilingual.engines.models import read_manifest, write_manifest

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    directory = Path(sys.argv[1])
    facts = {name: value for name, value in read_manifest(directory).items() if name != "files"}
    write_manifest(directory, **facts)
