"""Grids: rows of cells without a header of their own (sheets, HTML tables): header found, rows below it delivered.

Not here: how the cells are had (workbook, html_rows, xml_rows).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered, empty_file, unique_header
from sources.connectors.rows import Row, chunks_of
from sources.connectors.source import Bytes
from sources.connectors.wanted import HEADER_WITHIN, Wanted, find_header

# Stands in every cell that a merged one covers besides its first: nobody can tell whether its value counts there.
MERGED = "\x00merged"


@dataclass(frozen=True)
class Grid:
    """Rows of cells from the first line on, and what is known of them; `merged` areas as (row, column) of their first and
    last cell, from 0.
    """

    kind: str
    encoding: str
    rows: Iterator[list[str]]
    sheet: str | None = None
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()


def read_grid(source: Bytes, grid: Grid, wanted: Wanted) -> Delivered:
    """Find the header and deliver what stands below; lines are the grid's row numbers. Raises RefusedError."""
    first = list(islice(grid.rows, max(HEADER_WITHIN, wanted.header_row or 0)))
    header = find_header([["" if cell == MERGED else cell for cell in row] for row in first], wanted)
    if header is None:
        raise empty_file()
    for (first_row, first_column), (last_row, _) in grid.merged:
        if last_row >= header.row:
            place = f"{_letters(first_column)}{first_row + 1}"
            raise merged_cells(f"工作表“{grid.sheet}”的 {place} ", f"{place} of sheet {grid.sheet!r}")
    names = unique_header(header.names, source.bounds)
    below = chain(first[header.row :], grid.rows)
    rows = _rows(below, header.row + 1, len(names))
    dialect = f"{grid.kind} {header.dialect}"
    return Delivered(names, grid.encoding, dialect, chunks_of(source, names, rows), grid.sheet)


def _rows(cells: Iterator[list[str]], first: int, width: int) -> Iterator[Row]:
    """Rows made as wide as the header; what stands to the right of it is damage, not to be lost in silence."""
    for number, row in enumerate(cells, start=first):
        if MERGED in row:
            raise merged_cells(f"第 {number} 行", f"row {number}")
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            yield number, None, "\t".join(row)
        elif any(row):
            yield number, [*row[:width], *[""] * (width - len(row))], None


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def merged_cells(place_zh: str, place_en: str) -> RefusedError:
    """The refusal of merged cells below the header."""
    return RefusedError(
        "MERGED_CELLS",
        f"{place_zh}处有合并单元格,无法确定每行的值;请取消合并并填满每一格",
        f"merged cells at {place_en}: unmerge them and fill every cell",
    )
