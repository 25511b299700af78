"""Grids: rows of cells without a header of their own (sheets, HTML tables): header found, rows below it delivered.

Not here: how the cells are had (workbook, html_rows, xml_rows).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import pyarrow as pa

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered, empty_file, unique_header
from sources.connectors.remarks import TIME_BEFORE_MIDNIGHT, Remarks
from sources.connectors.rows import Row, chunks_of
from sources.connectors.source import Bytes
from sources.connectors.wanted import HEADER_WITHIN, Wanted, find_header

# Stands in every cell that a merged one covers besides its first: nobody can tell whether its value counts there.
MERGED = "\x00merged"
# Stands alone in a row that cannot be read.
UNREADABLE = "\x00unreadable"


@dataclass(frozen=True)
class Grid:
    """Rows of cells from the first line on, and what is known of them; `merged` areas as (row, column) of their first and
    last cell, from 0. `late` counts, by column from 0, times made from day numbers that lie just before midnight; it is
    whole after the last row.
    """

    kind: str
    encoding: str
    rows: Iterator[list[str]]
    sheet: str | None = None
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    remarks: Remarks = field(default_factory=Remarks)
    late: Counter[int] = field(default_factory=Counter)


def read_grid(source: Bytes, grid: Grid, wanted: Wanted) -> Delivered:
    """Find the header and deliver what stands below; lines are the grid's row numbers. Raises RefusedError."""
    first = list(islice(grid.rows, max(HEADER_WITHIN, wanted.header_row or 0)))
    header = find_header([plain(row) for row in first], wanted)
    if header is None:
        raise empty_file()
    for (first_row, first_column), (last_row, _) in grid.merged:
        if last_row >= header.row:
            place = f"{letters(first_column + 1)}{first_row + 1}"
            raise merged_cells(f"工作表“{grid.sheet}”的 {place} ", f"{place} of sheet {grid.sheet!r}")
    names = unique_header(header.names, source.bounds)
    below = chain(first[header.row :], grid.rows)
    rows = _rows(below, header.row + 1, len(names))
    dialect = f"{grid.kind} {header.dialect}"
    chunks = _told(chunks_of(source, names, rows, grid.remarks), grid, names)
    return Delivered(names, grid.encoding, dialect, chunks, grid.sheet, grid.remarks)


def _told(chunks: Iterator[pa.Table], grid: Grid, names: Sequence[str]) -> Iterator[pa.Table]:
    yield from chunks
    for column, count in grid.late.items():
        if column < len(names):
            grid.remarks.add(TIME_BEFORE_MIDNIGHT, names[column], count)


def plain(row: list[str]) -> list[str]:
    """A row without the signs for what is merged or cannot be read."""
    return ["" if cell in (MERGED, UNREADABLE) else cell for cell in row]


def _rows(cells: Iterator[list[str]], first: int, width: int) -> Iterator[Row]:
    """Rows made as wide as the header; what stands to the right of it is damage, not to be lost in silence."""
    for number, row in enumerate(cells, start=first):
        if MERGED in row:
            raise merged_cells(f"第 {number} 行", f"row {number}")
        if UNREADABLE in row:
            yield number, None, ""
        elif len(row) > width and any(cell.strip() for cell in row[width:]):
            yield number, None, "\t".join(row)
        elif any(row):
            yield number, [*row[:width], *[""] * (width - len(row))], None


def letters(column: int) -> str:
    """The letters of a column, from 1."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def merged_cells(place_zh: str, place_en: str) -> RefusedError:
    """The refusal of merged cells below the header."""
    return RefusedError(
        "MERGED_CELLS",
        f"{place_zh}处有合并单元格,无法确定每行的值;请取消合并并填满每一格",
        f"merged cells at {place_en}: unmerge them and fill every cell",
    )
