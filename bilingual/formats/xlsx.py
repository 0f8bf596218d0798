"""XLSX workbooks for reviewers: one sheet a document, the columns of the table, every cell a string.

A string never executes, whatever it starts with. Characters that XML cannot hold stand as `_xHHHH_`, as the format
says.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO
from zipfile import ZipFile

from bilingual.bitext import TranslationUnit
from bilingual.errors import InputError, OutputError
from bilingual.formats.fields import COLUMNS, MAX_RECORD_BYTES, Seen, cells_of, unit_of
from bilingual.untrusted import broken_part, open_archive, refuse_dtd

__all__ = ["read_xlsx", "write_xlsx"]

MAX_CELL_CHARS = 32_767
"""Most that a cell can hold, in UTF-16 units: a limit of the format."""

MAX_SHEETS = 255
"""Most sheets that are read and written; with more, spreadsheets become unusable."""

MAX_ROWS = 1_048_576
"""Most rows of a sheet, the header included: a limit of the format."""

_STYLE = "unit"
_WIDTHS = {"id": 18, "document": 18, "source": 60, "target": 60, "issues": 24, "note": 30}
_TO_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def write_xlsx(units: Iterable[TranslationUnit], file: BinaryIO) -> None:
    """Write units as a workbook: a sheet a document, header frozen, texts wrapped, a drop-down for the status.

    Raises:
        OutputError: A text, the rows of a document, or the documents are more than a workbook can hold.
    """
    # openpyxl and not the faster XlsxWriter: that one takes a text between <r> and </r> for markup of its own.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, NamedStyle

    by_document: dict[str, list[TranslationUnit]] = {}
    for unit in units:
        by_document.setdefault(unit.document, []).append(unit)
    if len(by_document) > MAX_SHEETS:
        raise OutputError(f"XLSX: {len(by_document):,} documents need as many sheets; at most {MAX_SHEETS}: use tsv")
    extra = dict.fromkeys(name for group in by_document.values() for unit in group for name, _ in unit.extra)
    workbook = Workbook(write_only=True)
    workbook.add_named_style(NamedStyle(_STYLE, alignment=Alignment(wrap_text=True, vertical="top")))
    titles: set[str] = set()
    for document, group in by_document.items() or [("", [])]:
        if len(group) >= MAX_ROWS:
            raise OutputError(f"XLSX: {document} has more than {MAX_ROWS - 1:,} units, a sheet's most: use tsv")
        sheet = _add_sheet(workbook, _title(document, titles), [*COLUMNS, *extra])
        for unit in group:
            values = dict(unit.extra)
            cells = cells_of(unit) + [values.get(name, "") for name in extra]
            if any(len(cell) > MAX_CELL_CHARS // 2 for cell in cells):
                _check_lengths(unit, zip([*COLUMNS, *extra], cells, strict=True))
            sheet.append([_cell(sheet, cell) if cell else None for cell in cells])
    workbook.save(file)


def read_xlsx(file: BinaryIO, name: str) -> Iterator[TranslationUnit]:
    """Read the units of all sheets; columns go by the names in the first row.

    A sheet without a row of names is read as source and target when it has two columns, and skipped when it is empty.

    Args:
        file: The open file.
        name: The path, for error messages; its last part is the document of rows that name none.

    Raises:
        InputError: With sheet and row: a cell does not hold what its column asks for; or the file is damaged, a bomb,
            encrypted, or has more than `MAX_SHEETS` sheets.
    """
    document, seen, number = os.path.basename(name), Seen(), 0
    with open_archive(file, name) as archive:
        refuse_dtd(archive, name)
        workbook = _load(archive, file, name)
        if len(workbook.worksheets) > MAX_SHEETS:
            raise InputError(
                f"{name}: has {len(workbook.worksheets):,} sheets; at most {MAX_SHEETS} are read: divide it"
            )
        for sheet in workbook.worksheets:
            header: list[str] | None = None
            for where, cells in _rows(archive, sheet, name):
                if header is None:
                    header = _header(cells, where)
                    if header == cells:
                        continue
                if len(cells) > len(header):
                    raise InputError(
                        f"{where}: the header has {len(header)} cells, this row {len(cells)}; name or empty the others"
                    )
                cells += [""] * (len(header) - len(cells))
                number += 1
                yield unit_of(dict(zip(header, cells, strict=True)), where, document, number, seen)


def _load(archive: ZipFile, file: BinaryIO, name: str) -> Any:
    """Open a workbook; what openpyxl raises on a damaged one is of many kinds."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which hold no text
            return load_workbook(file, read_only=True, data_only=True)
    except Exception as error:
        reason = (
            broken_part(archive, name)
            or f"{name}: is no workbook that can be read ({type(error).__name__}); save it as .xlsx again"
        )
        raise InputError(reason) from error


def _rows(archive: ZipFile, sheet: Any, name: str) -> Iterator[tuple[str, list[str]]]:
    """Read the rows of a sheet that hold something: where each stands, and its cells up to the last one filled."""
    sheet.reset_dimensions()  # what the file says about its size may be wrong
    number, where = 0, f"{name}: sheet {sheet.title!r}"
    try:
        for row in sheet.iter_rows(values_only=True):
            number += 1
            cells = ["" if value is None else _unescape(str(value)) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            if any(len(cell) > MAX_RECORD_BYTES for cell in cells):
                raise InputError(f"{where}, row {number}: a cell is longer than {MAX_RECORD_BYTES:,}; divide it")
            if cells:
                yield f"{where}, row {number}", cells
    except (InputError, GeneratorExit):
        raise
    except Exception as error:  # as in _load
        reason = (
            broken_part(archive, name)
            or f"{where}, row {number + 1}: is damaged ({type(error).__name__}); save it as .xlsx again"
        )
        raise InputError(reason) from error


def _header(cells: list[str], where: str) -> list[str]:
    """Take the first row as names, or two nameless columns as source and target."""
    if {"source", "target"} <= set(cells):
        twice = next((cell for cell in cells if cells.count(cell) > 1), None)
        if twice is not None:
            raise InputError(f"{where}: the column {twice!r} stands twice in the header; rename one")
        return cells
    if len(cells) != 2:
        raise InputError(
            f"{where}: no columns named source and target, and not two columns; name them in the first row"
        )
    return ["source", "target"]


def _title(document: str, titles: set[str]) -> str:
    """Name the sheet of a document: its last part, as short and as plain as Excel asks, and no name twice."""
    stem = re.sub(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]", " ", document.rpartition("/")[2]).strip("' ")
    title, number = stem[:31].strip("' ") or "units", 1
    while title.casefold() in titles or title.casefold() == "history":  # the one name that Excel keeps to itself
        number += 1
        title = f"{stem[:22]} ({number})"
    titles.add(title.casefold())
    return title


def _add_sheet(workbook: Any, title: str, columns: list[str]) -> Any:
    """Add a sheet with its header and without rows."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet = workbook.create_sheet(title)
    for number, name in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(name, 11)
    sheet.freeze_panes = "A2"
    status = get_column_letter(COLUMNS.index("status") + 1)
    choices = DataValidation("list", formula1='"accepted,edited,rejected"', allow_blank=True)
    choices.add(f"{status}2:{status}{MAX_ROWS}")
    sheet.data_validations.append(choices)
    sheet.append([_cell(sheet, name) for name in columns])
    return sheet


def _cell(sheet: Any, text: str) -> Any:
    """Make a cell that is a string, whatever it starts with."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, _escape(text))
    cell.data_type = "s"
    cell.style = _STYLE
    return cell


def _check_lengths(unit: TranslationUnit, cells: Iterable[tuple[str, str]]) -> None:
    """Refuse a unit one of whose cells is too long."""
    for name, cell in cells:
        if len(cell.encode("utf-16-le", "surrogatepass")) > 2 * MAX_CELL_CHARS:
            raise OutputError(
                f"XLSX: the {name} of unit {unit.id} in {unit.document} has more than {MAX_CELL_CHARS:,} characters, "
                "a cell's most: use tsv"
            )


def _escape(text: str) -> str:
    """Write what XML cannot hold as `_xHHHH_`, and so the underscore of a text that looks like that."""
    return _TO_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
