"""Excel workbooks: one sheet as text, numbers and dates written out without inventing digits (V06, V34).

A date cell becomes ISO text, a whole number its digits; a number too long for Excel (an identity card typed as a number)
stays in scientific notation, so that conforming sees it has lost digits; an error cell keeps its sign (#N/A).
Not here: what columns mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered, empty_file
from sources.connectors.grid import Grid, read_grid
from sources.connectors.packed import BROKEN
from sources.connectors.source import Bytes
from sources.connectors.wanted import Wanted
from sources.connectors.xlsx_scan import SheetScan, scan, unreadable

# Excel keeps 15 significant digits; a longer whole number has already lost some.
_EXACT_LIMIT = 10**15


def read_workbook(source: Bytes, wanted: Wanted) -> Delivered:
    """Read one sheet (the first visible one when none is named). Raises RefusedError."""
    if not source.head(1):
        raise empty_file()
    try:
        book = CalamineWorkbook.from_filelike(source.open())
        name = _sheet_name(book, wanted.sheet)
        found = scan(source, name) if source.head(2) == b"PK" else SheetScan()
        sheet = book.get_sheet_by_name(name)
    except (CalamineError, *BROKEN) as error:
        if isinstance(error, RefusedError):
            raise
        raise unreadable() from error
    merged = tuple(sheet.merged_cell_ranges or ())
    return read_grid(source, Grid("workbook", "xlsx", _rows(sheet, found), name, merged), wanted)


def _sheet_name(book: CalamineWorkbook, sheet: str | None) -> str:
    if sheet is None:
        visible = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
        return str((visible or book.sheet_names)[0])
    for name in book.sheet_names:
        if name.strip() == sheet.strip():
            return str(name)
    there = "、".join(book.sheet_names)
    raise RefusedError(
        "SHEET_MISSING",
        f"工作簿里没有工作表“{sheet}”,现有:{there};请检查导出模板或映射文件",
        f"the workbook has no sheet {sheet!r}; it has: {there}",
    )


def _rows(sheet: CalamineSheet, found: SheetScan) -> Iterator[list[str]]:
    """Rows of a sheet from its first line on, with the empty columns to the left that calamine leaves out."""
    if sheet.start is None:
        return
    empty = [""] * sheet.start[1]
    rows_with = {row for row, _ in found.errors}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = empty + [cell_text(cell) for cell in row]
        if number in rows_with:
            cells = [found.errors.get((number, column), cell) for column, cell in enumerate(cells, start=1)]
        yield cells


def cell_text(cell: Any) -> str:
    """A cell as text: no digit more or less than the cell holds."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, (int, float)):
        if abs(cell) >= _EXACT_LIMIT:
            return f"{cell:.5E}"
        return str(int(cell)) if cell == int(cell) else repr(cell)
    if isinstance(cell, datetime):
        return (
            cell.isoformat(sep=" ", timespec="seconds") if cell.time() != time() else cell.date().isoformat()
        )
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return ""
