"""A pytest plugin: run the command line as a user would, in this process or in one of its own."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from bilingual.cli import main

__all__ = ["Command", "Done"]


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


class Command(Protocol):
    """command("translate", "a.txt") runs `bilingual translate a.txt` in this process."""

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Done: ...


@pytest.fixture(scope="session")
def command_env(cache_dir: Path) -> dict[str, str]:
    """The environment of commands in processes of their own: converted models stay in the tests' cache."""
    return {**os.environ, "BILINGUAL_CACHE": str(cache_dir), "COLUMNS": "100"}


@pytest.fixture(scope="session")
def command_line() -> list[str]:
    """How to start the command line in a process of its own."""
    return [sys.executable, "-m", "bilingual"]


@pytest.fixture
def command(
    command_env: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Command:
    """Run the command line in this process and read what it printed."""
    for name in ("BILINGUAL_CACHE", "COLUMNS"):
        monkeypatch.setenv(name, command_env[name])

    def run(*arguments: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capfdbinary.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main(arguments)
        out, err = capfdbinary.readouterr()
        code = exit_.value.code
        return Done(code if isinstance(code, int) else 0, out.decode("utf-8"), err.decode("utf-8"))

    return run
