"""Word documents: a table of two columns, one row a unit, or each paragraph below its original.

The table is read again. Word has no place for the other fields: they are not in these files; ids come out the same,
because they are made of document and text.
"""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, BinaryIO

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError
from bilingual.formats.fields import MAX_RECORD_BYTES, Seen, unit_of
from bilingual.formats.inline import clean_text
from bilingual.formats.languages import is_chinese, read_tag
from bilingual.untrusted import broken_part, open_archive, refuse_dtd
from bilingual.word import WORD, paragraph_text

__all__ = ["read_docx_table", "write_docx_below", "write_docx_table"]

_log = logging.getLogger(__name__)

_STYLES = {"title": "Title", "list_item": "List Bullet", "quote": "Quote", "caption": "Caption"}
_KINDS = {style: kind for kind, style in _STYLES.items()}
_NAME_STYLE = "Subtitle"
_TAG = re.compile("[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_PIECES = re.compile("([\t\n])")


def write_docx_table(units: Iterable[TranslationUnit], file: BinaryIO) -> None:
    """Write a table of source and target for each document, one row a unit, headings and lists in their styles.

    A character that XML cannot hold becomes U+FFFD; their number is logged as a warning.
    """
    word, counts = _new_document(), Counter[str]()
    ids = {style.name: style.style_id for style in word.styles}
    for document, group in groupby(units, key=lambda unit: unit.document):
        rows = list(group)
        _add_text(word.add_paragraph(style=_NAME_STYLE)._p, document, counts)
        table = word.add_table(rows=0, cols=2, style="Table Grid")
        _add_row(table, (rows[0].source_lang, rows[0].target_lang), ids["Normal"], counts)
        for unit in rows:
            _add_row(table, (unit.source, unit.target), ids[_style(unit)], counts)
    word.save(file)
    _warn(counts)


def write_docx_below(units: Iterable[TranslationUnit], file: BinaryIO) -> None:
    """Write the paragraphs of a document, each translation below its original and in grey.

    A character that XML cannot hold becomes U+FFFD; their number is logged as a warning.
    """
    from docx.shared import RGBColor

    word, counts = _new_document(), Counter[str]()
    for _, group in groupby(units, key=lambda unit: (unit.document, unit.paragraph)):
        rows = list(group)
        between = "" if is_chinese(rows[0].source_lang) else " "
        source = between.join(unit.source for unit in rows if unit.source)
        target = " ".join(unit.target for unit in rows if unit.target)
        if source:
            _add_text(word.add_paragraph(style=_style(rows[0]))._p, source, counts)
        if target:
            paragraph = word.add_paragraph(style=_style(rows[0]))
            _add_text(paragraph._p, target, counts)
            paragraph.runs[0].font.color.rgb = RGBColor(0x59, 0x59, 0x59)  # 7:1 on white, the contrast of WCAG AAA
    word.save(file)
    _warn(counts)


def read_docx_table(file: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """Read the rows of every table of two columns.

    A first row of two language tags names the languages; without one the column with more Chinese is the source.

    Args:
        file: The open file.
        name: The path, for error messages; its last part is the document of tables without a name above them.

    Raises:
        InputError: A table has another number of columns, there is none, or the file is damaged, encrypted or a bomb.
    """
    import docx

    seen, number, tables = Seen(), 0, 0
    with open_archive(file, name) as archive:
        refuse_dtd(archive, name)
        try:
            word = docx.Document(file)
        except Exception as error:  # python-docx raises errors of many kinds on a damaged file
            reason = (
                broken_part(archive, name)
                or f"{name}: is no Word document ({type(error).__name__}); save it as .docx again"
            )
            raise InputError(reason) from error
        document = os.path.basename(name)
        styles = {style.style_id: style.name or "" for style in word.styles}
        for block in word.iter_inner_content():
            if not hasattr(block, "rows"):
                named = styles.get(block._p.style) == _NAME_STYLE
                document = paragraph_text(block._p) if named else document
                continue
            tables += 1
            rows = _rows(block, styles, f"{name}: table {tables}")
            source, languages = _sides([cells for _, cells, _ in rows])
            for where, cells, style in rows:
                if not any(cells) or languages == [read_tag(cell) for cell in cells]:
                    continue
                number += 1
                row = {"source_lang": languages[source], "target_lang": languages[1 - source], **_kind(style)}
                row |= {"source": cells[source], "target": cells[1 - source]}
                yield unit_of(row, where, document, number, seen)
    if not tables:
        raise InputError(f"{name}: holds no table of two columns; to translate its text: bilingual translate {name}")


def _rows(table: Any, styles: dict[str, str], where: str) -> list[tuple[str, list[str], str]]:
    """Read the rows of a table: where each stands, its two texts, and the style of its first paragraph."""
    rows = []
    for number, row in enumerate(table._tbl.tr_lst, 1):
        place = f"{where}, row {number}"
        paragraphs = [list(cell.iter(f"{WORD}p")) for cell in row.tc_lst]
        cells = ["\n".join(paragraph_text(paragraph) for paragraph in cell) for cell in paragraphs]
        if len(cells) != 2:
            raise InputError(f"{place}: the row has {len(cells)} cells; it needs two, source and target")
        if any(len(cell) > MAX_RECORD_BYTES for cell in cells):
            raise InputError(f"{place}: a cell is longer than {MAX_RECORD_BYTES:,}; divide it")
        style = styles.get(paragraphs[0][0].style, "") if paragraphs[0] else ""
        rows.append((place, cells, style))
    return rows


def _sides(rows: list[list[str]]) -> tuple[int, list[str]]:
    """Find the column of the source, 0 or 1, and the languages of both columns.

    A first row of two language tags says it; without one the column with more Chinese is the source.
    """
    if rows and all(_TAG.fullmatch(cell) for cell in rows[0]):
        tags = [read_tag(cell) for cell in rows[0]]
        return int(is_chinese(tags[1]) and not is_chinese(tags[0])), tags
    chinese = [sum("\u4e00" <= char <= "\u9fff" for row in rows for char in row[side]) for side in (0, 1)]
    return (1, ["en", "zh"]) if chinese[1] > chinese[0] else (0, ["zh", "en"])


def _kind(style: str) -> dict[str, str]:
    """Give kind and level of a unit in this style."""
    name, _, digit = style.rpartition(" ")
    if name == "Heading" and digit.isdecimal():
        return {"kind": "heading", "level": digit}
    if name == "List Bullet" and digit.isdecimal():
        return {"kind": "list_item", "level": digit}
    kind = _KINDS.get(style, "text")
    return {"kind": kind, "level": "1" if kind == "list_item" else "0"}


def _style(unit: TranslationUnit) -> str:
    """Name the style of a unit's paragraph."""
    if unit.kind == "heading":
        return f"Heading {min(max(unit.level, 1), 9)}"
    if unit.kind == "list_item" and unit.level > 1:
        return f"List Bullet {min(unit.level, 3)}"
    return _STYLES.get(unit.kind, "Normal")


def _new_document() -> Any:
    """Make an empty document whose Chinese is set in a Chinese font."""
    import docx
    from docx.oxml.ns import qn

    word = docx.Document()
    word.core_properties.author = "bilingual"
    word.core_properties.comments = ""
    word.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "SimSun")
    return word


def _add_row(table: Any, texts: tuple[str, str], style_id: str, counts: Counter[str]) -> None:
    """Add a row, element by element: python-docx's own way looks up the style in all styles, 2 ms each time."""
    for cell, text in zip(table.add_row()._tr.tc_lst, texts, strict=True):
        cell.p_lst[0].style = style_id
        _add_text(cell.p_lst[0], text, counts)


def _add_text(paragraph: Any, text: str, counts: Counter[str]) -> None:
    """Add a text to a `w:p` as one run: tabs and line feeds as Word's own, all else, CR too, as it is."""
    run = paragraph.add_r()
    for piece in _PIECES.split(clean_text(text, counts)):
        if piece == "\t":
            run.add_tab()
        elif piece == "\n":
            run.add_br()
        elif piece:
            run.add_t(piece)


def _warn(counts: Counter[str]) -> None:
    if counts["replaced"]:
        _log.warning("DOCX: %d characters that XML cannot hold were replaced by U+FFFD", counts["replaced"])
