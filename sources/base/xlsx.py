"""Workbooks that people are given to read or to fill in: every text stays a text, the same content is the same bytes.

Here: opening one, its heading and its page of explanations. Not here: what stands in it (code, review and quarantine
workbooks), reading workbooks that somebody delivered (connectors.workbooks).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sources.base.files import write_bytes

# No clock in a result.
_CREATED = datetime(2000, 1, 1)


@contextmanager
def workbook(path: Path, title: str, *, row_by_row: bool = False) -> Iterator[xlsxwriter.Workbook]:
    """A new workbook at `path`; `row_by_row` keeps one row in memory, then no row can be written to again. Raises OSError."""
    buffer = BytesIO()
    kept = "constant_memory" if row_by_row else "in_memory"
    options = {kept: True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title, "created": _CREATED})
        yield book
    write_bytes(path, buffer.getvalue())


def write_heading(
    book: xlsxwriter.Workbook, sheet: Worksheet, headings: Sequence[str], width: Callable[[str], int]
) -> None:
    """The first row, which stays in sight."""
    bold = book.add_format({"bold": True, "bg_color": "#E8EDF3", "border": 1, "border_color": "#C7CED8"})
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
        sheet.set_column(column, column, width(heading))
    sheet.freeze_panes(1, 0)


def to_fill(book: xlsxwriter.Workbook) -> Format:
    """The look of a cell that people fill in."""
    return book.add_format({"num_format": "@", "bg_color": "#FFF6D6", "border": 1, "border_color": "#D9DEE5"})


def write_lines(sheet: Worksheet, lines: Sequence[str], width: int = 120) -> None:
    """A page of text, a line in a cell."""
    sheet.set_column(0, 0, width)
    for number, line in enumerate(lines):
        sheet.write_string(number, 0, line)
