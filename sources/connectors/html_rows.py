"""HTML tables, as many systems save them under the name of a workbook (`.xls`): the table with the mapping's header.

Markup is read, never run. Not here: what columns mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered
from sources.connectors.encoding import Encoding, text_pieces
from sources.connectors.grid import MERGED, Grid, read_grid
from sources.connectors.source import Bytes
from sources.connectors.wanted import HEADER_WITHIN, Wanted

_SILENT = ("script", "style", "head")
# The parser keeps what it has not understood yet: a piece at a time.
_PIECE = 1 << 16
_LARGEST_SPAN = 10_000
_BREAKS = ("br", "p", "div")


def read_html(source: Bytes, encoding: Encoding, wanted: Wanted) -> Delivered:
    """Read the table whose first rows hold most of the mapping's headers. Raises RefusedError."""
    number = _best_table(source, encoding, wanted)
    rows = (cells for table, cells in _rows(source, encoding) if table == number)
    return read_grid(source, Grid("html table", encoding.name, rows), wanted)


def _best_table(source: Bytes, encoding: Encoding, wanted: Wanted) -> int:
    best = (0, 0)
    seen: dict[int, int] = {}
    for table, cells in _rows(source, encoding):
        seen[table] = seen.get(table, 0) + 1
        if seen[table] <= HEADER_WITHIN:
            best = max(best, (wanted.matches(cells), -table))
    if not seen:
        raise RefusedError(
            "HTML_NO_TABLE",
            "网页文件里没有表格(可能是登录页或出错页);请重新导出",
            "the HTML file has no table (a login or error page?): export it anew",
        )
    return -best[1]


def _rows(source: Bytes, encoding: Encoding) -> Iterator[tuple[int, list[str]]]:
    """(number of the table from 1, cells) of every row."""
    parser = _Tables(source.bounds.max_columns, source.bounds.max_cell_bytes)
    for text in text_pieces(source, encoding):
        for start in range(0, len(text), _PIECE):
            parser.feed(text[start : start + _PIECE])
            yield from parser.taken()
            source.check_time()
    parser.close()
    yield from parser.taken()


class _Tables(HTMLParser):
    """Collects rows; a table inside a cell is a table of its own."""

    def __init__(self, most_columns: int, longest_cell: int) -> None:
        super().__init__(convert_charrefs=True)
        self._most, self._longest = most_columns, longest_cell
        self._found: list[tuple[int, list[str]]] = []
        self._tables: list[int] = []
        self._count = 0
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._spans = (1, 1)
        self._below: dict[int, int] = {}
        self._silent = 0

    def taken(self) -> list[tuple[int, list[str]]]:
        """Rows that have ended since the last call."""
        found, self._found = self._found, []
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._end_row()
            self._count += 1
            self._tables.append(self._count)
            self._below = {}
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            said = dict(attrs)
            self._cell, self._spans = [], (_number(said.get("colspan")), _number(said.get("rowspan")))
        elif tag in _BREAKS and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_row()
            if self._tables:
                self._tables.pop()

    def handle_data(self, data: str) -> None:
        # One character more than a cell may have is enough to refuse it later.
        if self._cell is not None and not self._silent and sum(map(len, self._cell)) <= self._longest:
            self._cell.append(data[: self._longest + 1])

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        self._fill_merged()
        across, down = self._spans
        text = "".join(self._cell).strip()
        for cell in (text, *[MERGED] * (across - 1)):
            if len(self._row) <= self._most:
                self._below[len(self._row)] = down - 1
                self._row.append(cell)
        self._cell = None

    def _fill_merged(self) -> None:
        """Cells that one above reaches down into."""
        while self._row is not None and self._below.get(len(self._row), 0) > 0:
            self._below[len(self._row)] -= 1
            self._row.append(MERGED)

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            self._fill_merged()
            self._found.append((self._tables[-1] if self._tables else 0, self._row))
            self._row = None


def _number(stated: str | None) -> int:
    text = (stated or "1").strip()
    return min(max(int(text), 1), _LARGEST_SPAN) if text.isascii() and text.isdigit() and len(text) < 9 else 1
