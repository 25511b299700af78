"""Excel workbooks: one sheet as text, numbers and dates written out without inventing digits (V06, V34).

A date cell becomes ISO text, a whole number its digits; a number too long for Excel (an identity card typed as a number)
stays in scientific notation, so that conforming sees it has lost digits. Not here: what columns mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from sources.connectors.delivered import Delivered, assemble, empty_file, unique_header, within_bounds
from sources.connectors.source import Source
from sources.refusal import RefusedError

# Excel keeps 15 significant digits; a longer whole number has already lost some.
_EXACT_LIMIT = 10**15
# Cells are objects of Python for a moment: this many at a time.
_CELLS_AT_ONCE = 1_000_000


def read_workbook(source: Source, sheet: str | None, header_row: int) -> Delivered:
    """Read one sheet (the first when none is named). Raises RefusedError."""
    if not source.bytes:
        raise empty_file()
    try:
        book = CalamineWorkbook.from_filelike(source.open())
        name = _sheet_name(book, sheet)
        found = book.get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError) as error:
        if isinstance(error, RefusedError):
            raise
        raise RefusedError(
            "WORKBOOK_UNREADABLE",
            "工作簿无法打开:文件不完整、已加密或不是 Excel 文件,请去掉密码后重新另存为 xlsx",
            "the workbook cannot be opened: incomplete, encrypted or not Excel; save it anew as xlsx without a password",
        ) from error
    rows = _rows(found)
    header = next(islice(rows, header_row - 1, None), [])
    if not any(str(cell).strip() for cell in header):
        raise empty_file()
    _refuse_merged_cells(found, name, header_row)
    names = [cell_text(cell) for cell in header]
    while not names[-1].strip():
        names.pop()
    columns = unique_header(names, source.bounds)
    return Delivered(
        columns, "xlsx", f"header_row={header_row}", _chunks(source, rows, columns, header_row), name
    )


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Rows of a sheet from its first line on, with the empty columns to the left that calamine leaves out."""
    if sheet.start is not None:
        empty = [""] * sheet.start[1]
        for row in sheet.iter_rows():
            yield empty + row


def _sheet_name(book: CalamineWorkbook, sheet: str | None) -> str:
    if sheet is None:
        return str(book.sheet_names[0])
    for name in book.sheet_names:
        if name.strip() == sheet.strip():
            return str(name)
    there = "、".join(book.sheet_names)
    raise RefusedError(
        "SHEET_MISSING",
        f"工作簿里没有工作表“{sheet}”,现有:{there};请检查导出模板或映射文件",
        f"the workbook has no sheet {sheet!r}; it has: {there}",
    )


def _refuse_merged_cells(sheet: CalamineSheet, name: str, header_row: int) -> None:
    for (first_row, first_column), (last_row, _) in sheet.merged_cell_ranges or []:
        if last_row >= header_row - 1:
            place = f"{_letters(first_column)}{first_row + 1}"
            raise RefusedError(
                "MERGED_CELLS",
                f"工作表“{name}”的 {place} 处有合并单元格,无法确定每行的值;请取消合并并填满每一格",
                f"sheet {name!r} has merged cells at {place}: unmerge them and fill every cell",
            )


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _chunks(
    source: Source, rows: Iterator[list[Any]], names: tuple[str, ...], header_row: int
) -> Iterator[pa.Table]:
    first = header_row + 1
    at_once = max(min(source.bounds.chunk_rows, _CELLS_AT_ONCE // len(names)), 1)
    while part := list(islice(rows, at_once)):
        source.check_time()
        columns = [
            pa.array([cell_text(row[position]) for row in part], pa.string())
            for position in range(len(names))
        ]
        lines = pa.array(range(first, first + len(part)), pa.int64())
        first += len(part)
        table = assemble(names, columns, lines, [])
        if table.num_rows:
            yield within_bounds(table, source.bounds)


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
