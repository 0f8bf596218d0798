"""A translation memory: pairs that people have confirmed, in one SQLite file of the user's.

A pair is stored with the source texts of its neighbours, since the same sentence may need another translation
elsewhere. What a memory holds, and nothing else, decides `content_hash`, which belongs into a run's signature.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bilingual.bitext import TranslationUnit, unit_id
from bilingual.errors import InputError, OutputError

__all__ = ["Match", "Memory", "open_memory", "settled"]

APPLICATION_ID = 0x42694C4D
"""The bytes "BiLM" in the file's header: this SQLite file is one of ours."""
VERSION = 1
"""Of the tables; in the file as `user_version`."""
MIN_SCORE = 0.7
"""Matches below this similarity are not offered; 0.7 is where translators' tools usually begin."""
LOCK_TIMEOUT_S = 5.0
"""How long to wait for another process that is writing."""

_CONTEXT = {"prev", "next"}
"""Names of the neighbours' sources in TMX, as OmegaT writes and reads them."""

_TABLES = """
CREATE TABLE pairs (
    source_lang TEXT NOT NULL,
    target_lang TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (source_lang, target_lang, source, target, before, after, document)
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Match:
    """A stored pair that is like what was asked for.

    Attributes:
        source: The stored source.
        target: The stored target.
        score: Similarity of the sources in [0, 1]; 1 is the same text.
        neighbours: How many of the two neighbours are the same, where there are any: 0, 1 or 2.
    """

    source: str
    target: str
    score: float
    neighbours: int


class Memory:
    """An open memory; close it or use it in a `with` statement."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Take over an open connection; `open_memory` is the way to get one."""
        self.path = path
        self._connection = connection
        self._langs: list[tuple[str, str]] | None = None
        self._sources: dict[tuple[str, str], list[str]] = {}

    def __enter__(self) -> Self:
        """Give the memory itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def count(self) -> int:
        """Count the pairs."""
        with _errors(self.path):
            return int(self._connection.execute("SELECT count(*) FROM pairs").fetchone()[0])

    def find(
        self,
        source: str,
        before: str = "",
        after: str = "",
        *,
        langs: tuple[str, str] = ("zh-Hans", "en"),
        min_score: float = MIN_SCORE,
        limit: int = 3,
    ) -> list[Match]:
        """Look up a source: the same text first, those with the same neighbours before others, then similar ones.

        Args:
            source: The text to be translated.
            before: Source text of the unit before it in the document, or empty.
            after: Source text of the unit after it, or empty.
            langs: Source and target language.
            min_score: Least similarity of the sources, in [0, 1].
            limit: Most matches to return; similar texts are looked for only where the same text is not stored.

        Returns:
            At most `limit` matches, best first, each target once.
        """
        if not source or re.search("[\ud800-\udfff]", source):
            return []  # SQLite's texts are UTF-8, which has no half surrogate pairs
        matches = [
            Match(source, target, 1.0, _neighbours((before, after), (stored_before, stored_after)))
            for _, target, stored_before, stored_after in self._pairs(langs, [source])
        ]
        if not matches and min_score < 1:
            similar = dict(self._similar(source, langs, min_score, limit))
            matches = [
                Match(stored, target, similar[stored], _neighbours((before, after), (stored_before, stored_after)))
                for stored, target, stored_before, stored_after in self._pairs(langs, list(similar))
            ]
        matches.sort(key=lambda match: (-match.score, -match.neighbours, match.source, match.target))
        return list({match.target: match for match in reversed(matches)}.values())[::-1][:limit]

    def _pairs(self, langs: tuple[str, str], sources: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
        for source in sources:
            for pair in self._stored_langs(langs):
                with _errors(self.path):
                    yield from self._connection.execute(
                        "SELECT source, target, before, after FROM pairs "
                        "WHERE source_lang = ? AND target_lang = ? AND source = ?",
                        (*pair, source),
                    ).fetchall()

    def _stored_langs(self, langs: tuple[str, str]) -> list[tuple[str, str]]:
        """Give the stored pairs of tags that mean these languages: what is stored as "zh" also serves "zh-Hans"."""
        if self._langs is None:
            with _errors(self.path):
                rows = self._connection.execute("SELECT DISTINCT source_lang, target_lang FROM pairs").fetchall()
            self._langs = [(source, target) for source, target in rows]
        return [pair for pair in self._langs if list(map(_primary, pair)) == list(map(_primary, langs))]

    def _similar(
        self, source: str, langs: tuple[str, str], min_score: float, limit: int
    ) -> Iterator[tuple[str, float]]:
        """Find the most similar stored sources, by the share of characters that need no change (indel)."""
        from rapidfuzz import fuzz, process

        if langs not in self._sources:
            texts: list[str] = []
            for pair in self._stored_langs(langs):
                with _errors(self.path):
                    rows = self._connection.execute(
                        "SELECT DISTINCT source FROM pairs WHERE source_lang = ? AND target_lang = ?", pair
                    ).fetchall()
                texts += [row[0] for row in rows]
            self._sources[langs] = texts
        found = process.extract(
            source, self._sources[langs], scorer=fuzz.ratio, score_cutoff=100 * min_score, limit=limit
        )
        for stored, score, _ in found:
            yield stored, score / 100

    def add(
        self,
        source: str,
        target: str,
        before: str = "",
        after: str = "",
        *,
        document: str = "",
        langs: tuple[str, str] = ("zh-Hans", "en"),
    ) -> None:
        """Store one pair; see `add_all`."""
        self.add_all([(source, target, before, after, document)], langs=langs)

    def add_all(
        self, pairs: Iterable[tuple[str, str, str, str, str]], *, langs: tuple[str, str] = ("zh-Hans", "en")
    ) -> int:
        """Store pairs (source, target, before, after, document), all or none.

        In the same place of the same document a new target takes the place of the old one: it is a correction. Pairs
        whose place is not known (no neighbour, no document) stay beside each other.

        Returns:
            How many pairs the memory did not hold before.
        """
        new = 0
        with _errors(self.path, writing=True), self._connection:
            for source, target, before, after, document in pairs:
                if not source or not target:
                    continue
                key = (*langs, source, before, after, document)
                row = (*langs, source, target, before, after, document)
                where = "source_lang=? AND target_lang=? AND source=? AND before=? AND after=? AND document=?"
                if self._connection.execute(
                    f"SELECT 1 FROM pairs WHERE {where} AND target=?", (*key, target)
                ).fetchone():
                    continue
                if before or after or document:
                    self._connection.execute(f"DELETE FROM pairs WHERE {where}", key)
                self._connection.execute(
                    "INSERT INTO pairs (source_lang, target_lang, source, target, before, after, document) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
                new += 1
        self._sources.clear()
        self._langs = None
        return new

    def add_units(
        self, units: Sequence[TranslationUnit], places: Iterable[int] | None = None, *, in_order: bool = True
    ) -> int:
        """Store units with their neighbours.

        Args:
            units: Units of documents in their order, or of another memory.
            places: Which of them to store; all by default.
            in_order: Whether the units beside each other are neighbours. Where not, neighbours are those that the
                unit names itself (`prev` and `next` in `extra`, as OmegaT writes them in TMX), or none.

        Returns:
            How many pairs were new.
        """
        rows: dict[tuple[str, str], list[tuple[str, str, str, str, str]]] = {}
        for place in range(len(units)) if places is None else places:
            unit = units[place]
            extra = dict(unit.extra)
            if extra.keys() & _CONTEXT or not in_order:
                before, after = extra.get("prev", ""), extra.get("next", "")
            else:
                before, after = neighbours(units, place)
            document = unit.document if before or after or in_order else ""
            row = (unit.source, unit.target, before, after, document)
            rows.setdefault((unit.source_lang, unit.target_lang), []).append(row)
        return sum(self.add_all(pairs, langs=langs) for langs, pairs in rows.items())

    def units(self) -> Iterator[TranslationUnit]:
        """Give all pairs as units, ordered by document and source, with their neighbours in `extra`, for any format."""
        with _errors(self.path):
            rows = self._connection.execute(
                "SELECT source_lang, target_lang, source, target, before, after, document FROM pairs "
                "ORDER BY document, source, target, before, after"
            ).fetchall()
        seen: Counter[tuple[str, str]] = Counter()
        for place, (source_lang, target_lang, source, target, before, after, document) in enumerate(rows, 1):
            seen[document, source] += 1
            yield TranslationUnit(
                id=unit_id(document, source, seen[document, source]),
                document=document,
                paragraph=place,
                sentence=1,
                kind="text",
                level=0,
                source_lang=source_lang,
                target_lang=target_lang,
                source=source,
                target=target,
                origin="human",
                extra=tuple((name, text) for name, text in (("prev", before), ("next", after)) if text),
            )

    def content_hash(self) -> str:
        """Hash what the memory holds: 16 hexadecimal digits, the same for the same pairs in whatever order stored."""
        digest = hashlib.sha256()
        with _errors(self.path):
            rows = self._connection.execute(
                "SELECT DISTINCT source_lang, target_lang, source, target, before, after FROM pairs "
                "ORDER BY 1, 2, 3, 4, 5, 6"
            )
            for row in rows:
                digest.update(("\x1f".join(row) + "\x1e").encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:16]


def neighbours(units: Sequence[TranslationUnit], place: int) -> tuple[str, str]:
    """Give the sources of the units before and after a place in the same document; empty where there is none."""
    document = units[place].document
    before = units[place - 1] if place else None
    after = units[place + 1] if place + 1 < len(units) else None
    return (
        before.source if before and before.document == document else "",
        after.source if after and after.document == document else "",
    )


def settled(matches: Sequence[Match]) -> Match | None:
    """Choose the match to be used as it is: the same text, and no other target with as good a claim.

    Of two stored targets the one with more of the same neighbours wins; with equal claims people have to choose.
    """
    exact = sorted((match for match in matches if match.score == 1), key=lambda match: -match.neighbours)
    if not exact or (len(exact) > 1 and exact[0].neighbours == exact[1].neighbours):
        return None
    return exact[0]


def _primary(lang: str) -> str:
    """Give the language of a tag without script and region."""
    return lang.split("-")[0].lower()


def _neighbours(asked: tuple[str, str], stored: tuple[str, str]) -> int:
    return sum(a == b for a, b in zip(asked, stored, strict=True))


def open_memory(path: Path, *, create: bool = True, timeout_s: float = LOCK_TIMEOUT_S) -> Memory:
    """Open a memory, or begin one.

    Args:
        path: The file.
        create: Begin a new one when there is no file.
        timeout_s: How long to wait for another process that is writing.

    Raises:
        InputError: The file is not a memory of ours, damaged, locked, from a newer version, or missing.
        OutputError: It cannot be made.
    """
    if not path.exists():
        if not create:
            raise InputError(f"{path}: there is no such memory; 'bilingual review apply --memory {path}' begins one.")
        if not path.parent.is_dir():
            raise OutputError(f"The folder {path.parent} does not exist: make it first (mkdir {path.parent}).")
    elif not path.is_file():
        raise InputError(f"{path}: is not a file; a memory is one SQLite file.")
    with _errors(path):
        connection = sqlite3.connect(path, timeout=timeout_s)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return Memory(connection, path)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Verify that the file is ours, or make the tables in an empty one."""
    identity, version, tables = _state(connection)
    if (identity, version, tables) == (0, 0, 0):
        connection.execute("BEGIN IMMEDIATE")  # two processes may begin the same memory
        identity, version, tables = _state(connection)
        if tables == 0:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute(_TABLES)
            identity, version = APPLICATION_ID, VERSION
        connection.commit()
    if identity != APPLICATION_ID:
        raise InputError(f"{path}: is an SQLite file, but not a memory of bilingual; choose another file.")
    if version > VERSION:
        raise InputError(f"{path}: was made by a newer version of bilingual; update it (pip install -U bilingual).")


def _state(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Read application id, version and number of tables."""
    identity = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return int(identity), int(version), int(tables)


@contextmanager
def _errors(path: Path, *, writing: bool = False) -> Iterator[None]:
    """Turn what SQLite says into one sentence."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise OutputError(f"{path}: cannot hold {error.object[:40]!r}: half of a surrogate pair is no text.") from error
    except sqlite3.DatabaseError as error:
        message = str(error)
        if "locked" in message or "busy" in message:
            raise InputError(
                f"{path}: is locked: another program is writing to it; try again when it is done."
            ) from error
        if "not a database" in message:
            raise InputError(f"{path}: is not a memory of bilingual (no SQLite file); choose another file.") from error
        if "malformed" in message:
            raise InputError(f"{path}: is damaged; restore it from a copy.") from error
        kind = OutputError if writing or "unable to open" in message or "readonly" in message else InputError
        raise kind(f"{path}: cannot be {'written' if writing else 'opened'}: {message}.") from error
