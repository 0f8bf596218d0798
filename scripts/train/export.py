"""Write the averaged weights of a training state as a Hugging Face MarianMT directory.

python scripts/train/export.py WORK OUT/state.pt FOLDER [--dtype float16]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from model import Shape, write_checkpoint


def export(work: Path, state: Path, folder: Path, dtype: torch.dtype = torch.float16) -> tuple[int, int]:
    """Write FOLDER.

    Returns:
        (steps, target tokens) that the weights were trained for in this state's run.
    """
    saved = torch.load(state, map_location="cpu", weights_only=True)
    write_checkpoint(saved["average"], Shape(**saved["shape"]), work, folder, dtype)
    return saved["step"], saved["tokens"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("work", type=Path, help="folder that prepare.py wrote: the tokenizer is taken from it")
    parser.add_argument("state", type=Path, help="OUT/state.pt of train.py")
    parser.add_argument("folder", type=Path, help="directory to write")
    parser.add_argument("--dtype", choices=("float16", "float32"), default="float16")
    a = parser.parse_args(arguments)
    steps, tokens = export(a.work, a.state, a.folder, getattr(torch, a.dtype))
    print(f"{a.folder}: {steps:,} steps, {tokens:,} target tokens")


if __name__ == "__main__":
    main()
