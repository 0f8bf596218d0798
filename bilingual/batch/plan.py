"""What a batch will do: the readable files of a directory, the names of their outputs, and one shard of them."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bilingual.errors import InputError

__all__ = ["Item", "Plan", "Shard", "parse_shard", "place_of", "plan_batch", "shard_plan"]


@dataclass(frozen=True, slots=True)
class Item:
    """One input of a plan.

    Attributes:
        path: Its file.
        name: Relative to the directory, forward slashes.
        outputs: Paths in OUT, one a format.
        size_bytes: Of the file.
    """

    path: Path
    name: str
    outputs: tuple[Path, ...]
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Shard:
    """The documents that one of several processes takes: number `index` (1-based) of `count`."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def holds(self, name: str) -> bool:
        """Say whether a document falls to this shard: by the hash of its name, the same on every machine."""
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8]) % self.count == self.index - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch will do, in the order of the names; `others` counts files of kinds that are not read.

    A plan of one shard holds that shard's items only; their outputs have the names that a run over everything gives.
    """

    items: tuple[Item, ...]
    others: int
    shard: Shard | None = None


def parse_shard(text: str) -> Shard:
    """Read "2/8".

    Raises:
        InputError: It is not of this form, or the index is not in 1 ... count.

    >>> parse_shard("2/8")
    Shard(index=2, count=8)
    """
    match = re.fullmatch(r"([0-9]+)/([0-9]+)", text.strip())
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise InputError(f"--shard {text}: write I/N, from 1/N to N/N, for example --shard 2/8.")
    return Shard(int(match[1]), int(match[2]))


def shard_plan(plan: Plan, shard: Shard) -> Plan:
    """Keep the items that fall to a shard; the shards of one plan share it without overlap."""
    return replace(plan, items=tuple(item for item in plan.items if shard.holds(item.name)), shard=shard)


def place_of(name: str) -> tuple[tuple[bool, str], ...]:
    """Give the sort key of a document's name in a plan: the files of a folder stand before its folders.

    >>> sorted(["b/a.txt", "z.txt", "b/c/a.txt", "b/z.txt"], key=place_of)
    ['z.txt', 'b/a.txt', 'b/z.txt', 'b/c/a.txt']
    """
    *folders, file = name.split("/")
    return (*((True, folder) for folder in folders), (False, file))


def plan_batch(directory: Path, out: Path, to: Sequence[str], readable: Collection[str], suffix: str) -> Plan:
    """Find every readable file under a directory and name its outputs, the tree mirrored.

    Hidden files and folders, the output folder, and links that leave the directory are left out. The outputs of
    `a/b.txt` are `a/b.zh-en.html` ...; where two inputs would share an output, both keep their full file names.

    Args:
        directory: Where to look.
        out: The output folder; may lie inside `directory`.
        to: Extensions without the dot.
        readable: Extensions with the dot that the reader takes.
        suffix: What stands between stem and extension, for example ".zh-en".

    Raises:
        InputError: The directory is missing, not a directory, or holds nothing readable.
    """
    if not directory.is_dir():
        what = "is a file, not a directory; for one article use 'bilingual translate'" if directory.exists() else None
        raise InputError(f"{directory} {what or 'does not exist'}.")
    root, skip = directory.resolve(), out.resolve()
    found: list[tuple[str, Path]] = []
    others = 0
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = [f for f in folders if not f.startswith(".") and (here / f).resolve() != skip]
        for file in files:
            path = here / file
            if file.startswith(".") or not path.resolve().is_relative_to(root):
                continue
            if path.suffix.lower() in readable:
                found.append((path.relative_to(root).as_posix(), path))
            else:
                others += 1
    if not found:
        raise InputError(f"{directory} holds no file that can be read ({' '.join(sorted(readable))}).")
    found.sort(key=lambda pair: place_of(pair[0]))
    stems = Counter(Path(name).with_suffix("").as_posix().casefold() for name, _ in found)
    items = []
    for name, path in found:
        stem = Path(name).with_suffix("")
        base = name if stems[stem.as_posix().casefold()] > 1 else stem.as_posix()
        outputs = tuple(Path(f"{base}{suffix}.{extension}") for extension in to)
        items.append(Item(path, name, outputs, _size(path)))
    return Plan(tuple(items), others)


def _size(path: Path) -> int:
    """Give the size of a file; one that vanishes meanwhile fails later, by name."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
