"""Write a file whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from bilingual.errors import OutputError

__all__ = ["write_atomically"]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write through a temporary file beside `path` that takes its place only when all is written.

    Whatever goes wrong, an interrupt included, the temporary file is removed and an older `path` stays as it was.
    A path that exists and is no regular file (a pipe, `/dev/null`) is written directly.

    Args:
        path: The file to make or to replace.
        write: Called once with the open binary file.

    Raises:
        OutputError: The folder is missing or not writable, `path` is a folder, or the disk is full.
    """
    if os.path.isdir(path):
        raise OutputError(f"{path}: is a folder; name a file")
    special = os.path.exists(path) and not os.path.isfile(path)
    temporary = path if special else path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        # os.open, not tempfile: the finished file gets the permissions that the user's umask gives any new file.
        flags = os.O_WRONLY | getattr(os, "O_BINARY", 0) | (0 if special else os.O_CREAT | os.O_EXCL)
        with os.fdopen(os.open(temporary, flags, 0o666), "wb") as file:
            write(file)
        if not special:
            os.replace(temporary, path)
    except OSError as error:
        raise OutputError(_sentence(path, error)) from error
    finally:
        if not special:
            temporary.unlink(missing_ok=True)


def _sentence(path: Path, error: OSError) -> str:
    """Say in one sentence why a file was not written and what to do."""
    if error.errno in _FULL:
        return f"{path}: not written: no space left on the disk, or the file is larger than allowed; make room"
    if not path.parent.is_dir():
        return f"{path}: not written: the folder {path.parent} does not exist; make it first"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{path}: not written: no permission to write in {path.parent}; choose another place with -o"
    return f"{path}: not written: {error.strerror or error}; choose another place with -o"
