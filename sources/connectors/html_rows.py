"""HTML tables, as many systems save them under the name of a workbook (`.xls`): the table with the mapping's header.

Markup is read, never run. Not here: what columns mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered
from sources.connectors.encoding import Encoding, text_pieces
from sources.connectors.grid import MERGED, Grid, plain, read_grid
from sources.connectors.joined import joined
from sources.connectors.parts import Looking, choose, tell
from sources.connectors.remarks import Remarks
from sources.connectors.source import Bytes
from sources.connectors.wanted import Wanted

_SILENT = ("script", "style", "head")
# The parser keeps what it has not understood yet: a piece at a time.
_PIECE = 1 << 16
_LARGEST_SPAN = 10_000
_BREAKS = ("br", "p", "div")
_DEEPEST = 32


@dataclass(frozen=True)
class _Row:
    """A row of the table of that number (from 1), which lies in a cell of the tables `around`."""

    table: int
    around: tuple[int, ...]
    cells: list[str]


def read_html(source: Bytes, encoding: Encoding, wanted: Wanted) -> Delivered:
    """Read the table that holds the mapping's headers. Raises RefusedError."""
    remarks = Remarks()
    tables = _chosen(source, encoding, wanted, remarks)

    def read(name: str) -> Delivered:
        rows = (row.cells for row in _rows(source, encoding) if row.table == tables[name])
        return read_grid(source, Grid("html table", encoding.name, rows, remarks=remarks), wanted)

    return joined(list(tables), read)


def _chosen(source: Bytes, encoding: Encoding, wanted: Wanted, remarks: Remarks) -> dict[str, int]:
    """{name: number} of the table, or of those that the mapping joins; tables that lie around it or within it are no parts of
    their own.
    """
    looks: dict[int, Looking] = {}
    around: dict[int, tuple[int, ...]] = {}
    for row in _rows(source, encoding):
        looks.setdefault(row.table, Looking(f"table {row.table}", wanted)).add(plain(row.cells))
        around[row.table] = row.around
    if not looks:
        raise RefusedError(
            "HTML_NO_TABLE",
            "网页文件里没有表格(可能是登录页或出错页);请重新导出",
            "the HTML file has no table (a login or error page?): export it anew",
        )
    parts = {number: look.part() for number, look in sorted(looks.items())}
    stated = next((n for n in parts if parts[n].name == wanted.sheet), 0)
    best = stated or max(parts, key=lambda number: (parts[number].matches, -number))
    beside = [n for n in parts if n != best and n not in around[best] and best not in around[n]]
    if stated:
        tell((parts[n] for n in beside), remarks)
        return {parts[stated].name: stated}
    chosen = choose([parts[n] for n in sorted([best, *beside])], wanted, remarks)
    return {part.name: number for number, part in parts.items() if part in chosen}


def _rows(source: Bytes, encoding: Encoding) -> Iterator[_Row]:
    parser = _Tables(source.bounds.max_columns, source.bounds.max_cell_bytes)
    for text in text_pieces(source, encoding):
        for start in range(0, len(text), _PIECE):
            parser.feed(text[start : start + _PIECE])
            yield from parser.taken()
            source.check_time()
    parser.close()
    yield from parser.taken()


class _Table:
    """A table that has begun: its number, its open row and cell, and the columns that a cell above still covers."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self.spans = (1, 1)
        self.below: dict[int, int] = {}


class _Tables(HTMLParser):
    """Collects rows. A table inside a cell is a table of its own, and its text is the cell's as well."""

    def __init__(self, most_columns: int, longest_cell: int) -> None:
        super().__init__(convert_charrefs=True)
        self._most, self._longest = most_columns, longest_cell
        self._found: list[_Row] = []
        # What stands outside any table is taken for table 0.
        self._open = [_Table(0)]
        self._count = 0
        self._silent = 0

    def taken(self) -> list[_Row]:
        """Rows that have ended since the last call."""
        found, self._found = self._found, []
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        now = self._open[-1]
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._begin_table(now)
        elif tag == "tr":
            self._end_row()
            now.row = []
        elif tag in ("td", "th") and now.row is not None:
            self._end_cell()
            said = dict(attrs)
            now.cell, now.spans = [], (_number(said.get("colspan")), _number(said.get("rowspan")))
        elif tag in _BREAKS and now.cell:
            now.cell.append("\n")

    def _begin_table(self, now: _Table) -> None:
        if now.cell is None:
            # A table where no cell is open was begun without ending the one before.
            self._end_row()
            if len(self._open) > 1:
                self._open.pop()
        if len(self._open) > _DEEPEST:
            raise RefusedError(
                "HTML_TOO_DEEP",
                f"表格套了 {_DEEPEST} 层以上,不像数据表;请重新导出",
                f"tables lie more than {_DEEPEST} deep within each other: export it anew",
            )
        self._count += 1
        self._open.append(_Table(self._count))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_row()
            if len(self._open) > 1:
                self._open.pop()

    def close(self) -> None:
        super().close()
        while len(self._open) > 1:
            self._end_row()
            self._open.pop()
        self._end_row()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        for table in self._open:
            # One character more than a cell may have is enough to refuse it later.
            if table.cell is not None and sum(map(len, table.cell)) <= self._longest:
                table.cell.append(data[: self._longest + 1])

    def _end_cell(self) -> None:
        now = self._open[-1]
        if now.cell is None or now.row is None:
            return
        self._fill_merged(now)
        across, down = now.spans
        text = "".join(now.cell).strip()
        for cell in (text, *[MERGED] * (across - 1)):
            if len(now.row) <= self._most:
                now.below[len(now.row)] = down - 1
                now.row.append(cell)
        now.cell = None
        for table in self._open[:-1]:
            if table.cell:
                table.cell.append(" ")

    def _fill_merged(self, now: _Table) -> None:
        """Cells that one above reaches down into."""
        while now.row is not None and now.below.get(len(now.row), 0) > 0:
            now.below[len(now.row)] -= 1
            now.row.append(MERGED)

    def _end_row(self) -> None:
        self._end_cell()
        now = self._open[-1]
        if now.row is not None:
            self._fill_merged(now)
            self._found.append(_Row(now.number, tuple(each.number for each in self._open[:-1]), now.row))
            now.row = None


def _number(stated: str | None) -> int:
    text = (stated or "1").strip()
    return min(max(int(text), 1), _LARGEST_SPAN) if text.isascii() and text.isdigit() and len(text) < 9 else 1
