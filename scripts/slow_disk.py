"""A disk that takes its time, for `bench_scale.py`; a module of its own, so that the actors can import it."""

from __future__ import annotations

import time
from typing import Any

from fsspec.implementations.local import LocalFileSystem

__all__ = ["WRITE_S", "SlowDisk"]

WRITE_S = 0.5
"""Seconds that it takes for a file."""


class SlowDisk(LocalFileSystem):  # type: ignore[misc]
    """The local file system, with a pause before every file that is written."""

    protocol = "slow"

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        if "w" in mode:
            time.sleep(WRITE_S)
        return super()._open(path, mode, **options)
