"""Archives and XML from strangers, opened with limits: nothing is fetched, nothing unpacks without end.

All of it ends in one `InputError` that names the file and, where there is one, the line.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from bilingual.errors import InputError

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["broken_part", "open_archive", "parse_xml", "read_member", "refuse_dtd", "stream_elements", "visit_text"]

MAX_UNPACKED_BYTES = 500_000_000
"""Most that an archive may unpack to in all: far above any book or workbook, and still within a laptop's memory."""

MAX_RATIO = 300
"""Most times that a member of over 10 MB may grow. XML of real documents shrinks to a 5th to 50th; a bomb to a
1000th, the most that deflate can do."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def broken_part(archive: zipfile.ZipFile, name: str) -> str:
    """Say which XML part of an Office file is not well-formed, and where; empty when all are."""
    for member in archive.namelist():
        if member.lower().endswith((".xml", ".rels")):
            try:
                parse_xml(archive.read(member), f"{name}/{member}")
            except InputError as error:
                return str(error)
    return ""


@contextmanager
def open_archive(file: BinaryIO, name: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive (DOCX, XLSX, EPUB) after looking at its table of contents.

    Raises:
        InputError: It is no archive, damaged, cut off or encrypted, would unpack to more than `MAX_UNPACKED_BYTES`, or
            names a member outside of itself; also when reading a member fails while it is open.
    """
    magic = file.read(len(_OLE))
    if magic == _OLE:
        raise InputError(f"{name}: is encrypted, or in the old binary format; save it without a password as a new file")
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                _check_member(member, name)
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise InputError(f"{name}: would unpack to more than {MAX_UNPACKED_BYTES:,} bytes; divide it")
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        raise InputError(
            f"{name}: is damaged or cut off ({str(error)[:80] or 'unexpected end'}); fetch or export it again"
        ) from None


def _check_member(member: zipfile.ZipInfo, name: str) -> None:
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", member.filename):
        raise InputError(
            f"{name}: the archive names a file outside of itself ({member.filename[:80]!r}); do not use it"
        )
    if member.flag_bits & 0x1:
        raise InputError(f"{name}: is encrypted; save it without a password")
    if member.file_size > 10_000_000 and member.file_size > MAX_RATIO * member.compress_size:
        raise InputError(
            f"{name}: {member.filename[:80]!r} unpacks to {member.file_size:,} bytes, a zip bomb; do not use it"
        )


def refuse_dtd(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse an Office file one of whose XML parts has a document type: the format forbids it, and bombs need it.

    Raises:
        InputError: Naming the part.
    """
    for member in archive.namelist():
        if member.lower().endswith((".xml", ".rels")):
            with archive.open(member) as part:
                head = part.read(65_536).replace(b"\0", b"")  # UTF-16 reads like ASCII without its zeros
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise InputError(f"{name}: {member} declares XML entities, which are not read; save it as a new file")


def read_member(archive: zipfile.ZipFile, member: str, name: str) -> bytes:
    """Read one member of an archive.

    Raises:
        InputError: There is none of this name.
    """
    try:
        return archive.read(member)
    except KeyError:
        raise InputError(
            f"{name}: holds no {member}; the file is damaged or of another kind: export it again"
        ) from None


def parse_xml(data: bytes, name: str) -> etree._Element:
    """Parse a whole XML file: no entities, no network, no text over 10 MB.

    Raises:
        InputError: It is not well-formed or declares entities.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(_syntax(name, error.msg, error.lineno)) from None
    _refuse_entities(root, name)
    return root


def stream_elements(file: BinaryIO, name: str, tags: Sequence[str]) -> Iterator[tuple[str, etree._Element]]:
    """Parse XML in a stream, in memory that does not grow with the file.

    Args:
        file: The open file.
        name: For error messages.
        tags: Local names of the elements to give out.

    Yields:
        ("start", element), its attributes complete, and ("end", element), all complete; then the element is emptied.

    Raises:
        InputError: It is not well-formed or declares entities.
    """
    from lxml import etree

    events = etree.iterparse(
        file,
        events=("start", "end"),
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    first = True
    try:
        for event, element in events:
            if first:
                _refuse_entities(element, name)
                first = False
            yield event, element
            if event == "end":
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
    except etree.XMLSyntaxError as error:
        # The exception may be the last of several: the log has the first.
        log = events.error_log.filter_from_errors()
        raise InputError(_syntax(name, log[0].message, log[0].line) if log else _syntax(name, error.msg)) from None
    if first:
        raise InputError(
            f"{name}: holds none of the elements {', '.join(tags)}; it is XML of another kind: check its ending"
        )


def visit_text(element: etree._Element, name: str) -> Iterator[etree._Element | str]:
    """Walk over the direct contents of an element: its children and the texts between them, comments left out.

    Raises:
        InputError: It refers to an entity that is not one of XML's own five.
    """
    from lxml import etree

    if element.text:
        yield element.text
    for child in element:
        if isinstance(child, etree._Entity):
            raise InputError(
                f"{name}:{element.sourceline}: the entity {child.text} is not defined; write the character"
            )
        if isinstance(child.tag, str):
            yield child
        if child.tail:
            yield child.tail


def _refuse_entities(element: etree._Element, name: str) -> None:
    """Refuse a document that declares entities: bombs and reads of other files start there."""
    dtd = element.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise InputError(f"{name}: declares XML entities, which are not read; replace them by their text")


def _syntax(name: str, message: str | None, line: int | None = None) -> str:
    """Say in one sentence where XML is broken."""
    message, place = (message or "").split("\n")[0], f"{name}:{line or 1}"
    if any(word in message for word in ("huge", "too long", "limit", "lookup")):
        return f"{place}: a text is longer than 10,000,000 bytes; divide it"
    reason = re.sub(r", line [0-9]+, column [0-9]+.*", "", message) or "no element found"
    return f"{place}: not well-formed XML: {reason}; export it again from the program that wrote it"
