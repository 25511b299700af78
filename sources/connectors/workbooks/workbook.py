"""Excel workbooks: one sheet as text, numbers and dates written out without inventing digits (V06, V34).

A date cell becomes ISO text, a whole number its digits; a number too long for Excel (an identity card typed as a number)
stays in scientific notation, so that conforming sees it has lost digits; an error cell keeps its sign (#N/A), a number
with leading zeros what it shows. Not here: what columns mean, what the scans find.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered, empty_file
from sources.connectors.grid import UNREADABLE, Grid, read_grid
from sources.connectors.joined import joined
from sources.connectors.packed import BROKEN
from sources.connectors.parts import Part, choose, part_of, tell
from sources.connectors.remarks import Remarks
from sources.connectors.source import Bytes
from sources.connectors.wanted import Wanted
from sources.connectors.workbooks.archive import Archive
from sources.connectors.workbooks.formats import shown
from sources.connectors.workbooks.ods import scan_ods
from sources.connectors.workbooks.scan import Formats, SheetScan, unreadable
from sources.connectors.workbooks.xls import scan_xls
from sources.connectors.workbooks.xlsb import scan_xlsb
from sources.connectors.workbooks.xlsx import refuse_rectangle, scan_xlsx, tidied

# Excel keeps 15 significant digits; a longer whole number has already lost some.
_EXACT_LIMIT = 10**15
_LAST_MINUTE = time(23, 59)


def read_workbook(source: Bytes, wanted: Wanted) -> Delivered:
    """Read the sheet that is the table (the named one, else the one that has its header), or those that the mapping joins.
    Raises RefusedError.
    """
    if not source.head(1):
        raise empty_file()
    remarks = Remarks()
    with _opened(source) as book:
        names = _chosen(book, wanted, remarks)

    def read(name: str) -> Delivered:
        with _opened(source) as book:
            found, sheet = book.scanned(name), book.sheet(name)
        merged = (*(sheet.merged_cell_ranges or ()), *found.merged)
        late: Counter[int] = Counter()
        grid = Grid("workbook", "xlsx", _rows(sheet, found, late), name, merged, remarks, late)
        return read_grid(source, grid, wanted)

    return joined(names, read)


@contextmanager
def _opened(source: Bytes) -> Iterator[_Book]:
    """The book, while it is looked into. Raises RefusedError when it is none."""
    try:
        with ExitStack() as stack:
            yield _Book.opened(source, stack)
    except (CalamineError, *BROKEN) as error:
        if isinstance(error, RefusedError):
            raise
        raise unreadable() from error


def _chosen(book: _Book, wanted: Wanted, remarks: Remarks) -> list[str]:
    if wanted.sheet is None:
        if len(book.sheets) == 1 and wanted.sheets is None:
            return [str(book.sheets[0].name)]
        return [part.name for part in choose([book.part(e, wanted) for e in book.sheets], wanted, remarks)]
    name = _stated([str(each.name) for each in book.sheets], wanted.sheet)
    # A guess looks at every sheet by itself.
    others = [] if wanted.is_guess else [each for each in book.sheets if not wanted.is_claimed(each.name)]
    tell((book.part(each, wanted) for each in others if each.name != name), remarks)
    return [name]


@dataclass
class _Book:
    """An open workbook: its sheets, and how one of them is looked through and read."""

    source: Bytes
    book: CalamineWorkbook
    sheets: list[SheetMetadata]
    archive: Archive | None

    @classmethod
    def opened(cls, source: Bytes, stack: ExitStack) -> _Book:
        file: BinaryIO = source.open()
        archive = None
        if source.head(2) == b"PK":
            archive = Archive(
                stack.enter_context(zipfile.ZipFile(stack.enter_context(source.open()))), source
            )
            file = tidied(source, archive) or file
        book = CalamineWorkbook.from_filelike(file)
        everything = book.sheets_metadata
        sheets = [each for each in everything if each.typ == SheetTypeEnum.WorkSheet] or list(everything)
        return cls(source, book, sheets, archive)

    def part(self, sheet: SheetMetadata, wanted: Wanted) -> Part:
        visible = sheet.visible == SheetVisibleEnum.Visible
        return part_of(
            sheet.name, _rows(self.sheet(sheet.name), SheetScan(), Counter()), wanted, visible=visible
        )

    def sheet(self, name: str) -> CalamineSheet:
        path = dict(self.archive.sheets()).get(name) if self.archive else None
        if self.archive and path:
            refuse_rectangle(self.source, self.archive, path)
        return self.book.get_sheet_by_name(name)

    def scanned(self, name: str) -> SheetScan:
        if self.archive is None:
            return scan_xls(self.source, self.book.sheet_names.index(name))
        if path := dict(self.archive.sheets()).get(name):
            return scan_xlsx(self.source, self.archive, path)
        scan = scan_xlsb if self.archive.real("xl/workbook.bin") else scan_ods
        return scan(self.source, self.archive, name)


def _stated(names: list[str], sheet: str) -> str:
    for name in names:
        if name.strip() == sheet.strip():
            return name
    there = "、".join(names)
    raise RefusedError(
        "SHEET_MISSING",
        f"工作簿里没有工作表“{sheet}”,现有:{there};请检查导出模板或映射文件",
        f"the workbook has no sheet {sheet!r}; it has: {there}",
    )


def _rows(sheet: CalamineSheet, found: SheetScan, late: Counter[int]) -> Iterator[list[str]]:
    """Rows of a sheet from its first line on, with the empty columns to the left that calamine leaves out."""
    if sheet.start is None:
        return
    empty = [""] * sheet.start[1]
    instead, formats = found.by_row(), Formats(found)
    rows = sheet.iter_rows()
    for number in range(1, sheet.total_height + 2):
        try:
            values = next(rows)
        except StopIteration:
            return
        except (ArithmeticError, ValueError):
            # A number in this row is a date beyond all dates.
            yield [UNREADABLE]
            continue
        cells = empty + [cell_text(cell) for cell in values]
        for column, cell in enumerate(values, start=len(empty)):
            if type(cell) is datetime and cell.time() >= _LAST_MINUTE:
                late[column] += 1
        for column, signs in formats.of_row(number):
            _put(cells, column, _shown(values, column - 1 - len(empty), signs))
        for column, text in instead.get(number, ()):
            _put(cells, column, text)
        yield cells


def _put(cells: list[str], column: int, text: str | None) -> None:
    if text is not None:
        cells += [""] * (column - len(cells))
        cells[column - 1] = text


def _shown(values: list[Any], position: int, signs: tuple[str, ...]) -> str | None:
    value = values[position] if 0 <= position < len(values) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) >= _EXACT_LIMIT:
        return None
    return shown(value, signs)


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
        moment = _to_the_second(cell)
        return moment.isoformat(sep=" ") if moment.time() != time() else moment.date().isoformat()
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return ""


def _to_the_second(moment: datetime) -> datetime:
    """A day number has more digits than a second: 08:29:59.9999 is 08:30."""
    if not moment.microsecond:
        return moment
    try:
        return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    except OverflowError:
        return moment.replace(microsecond=0)
