"""Workbooks saved as XML (XML spreadsheet 2003): the sheet that is the table, with the care that other workbooks get.

Not here: XML of other kinds (xml_rows).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered
from sources.connectors.encoding import Encoding
from sources.connectors.grid import MERGED, Grid, letters, plain, read_grid
from sources.connectors.joined import joined
from sources.connectors.parts import Part, choose, part_of, tell
from sources.connectors.remarks import Remarks
from sources.connectors.source import Bytes
from sources.connectors.wanted import Wanted
from sources.connectors.workbooks.formats import shown, template
from sources.connectors.workbooks.scan import lost_formula
from sources.connectors.xml_events import xml_events

NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_NS = f"{{{NAMESPACE}}}"
_LAST_ROW = 1 << 20
# A moment within the minute before midnight.
_LATE = re.compile(r"T23:59:\d\d")


def read_spreadsheet(source: Bytes, encoding: Encoding, wanted: Wanted) -> Delivered:
    """Read the sheet that is the table. Raises RefusedError."""
    remarks = Remarks()

    def read(sheet: str) -> Delivered:
        sheets = _Sheets(source, encoding, is_strict=True)
        rows = sheets.rows_of(sheet)
        grid = Grid("xml spreadsheet", encoding.name, rows, sheet, remarks=remarks, late=sheets.late)
        return read_grid(source, grid, wanted)

    return joined(_chosen(source, encoding, wanted, remarks), read)


def _chosen(source: Bytes, encoding: Encoding, wanted: Wanted, remarks: Remarks) -> list[str]:
    parts = [
        part for part in _parts(source, encoding, wanted) if wanted.sheet or not wanted.is_claimed(part.name)
    ]
    if wanted.sheet is None and parts:
        return [part.name for part in choose(parts, wanted, remarks)]
    name = next(
        (part.name for part in parts if wanted.sheet and part.name.strip() == wanted.sheet.strip()), None
    )
    if name is None:
        there = "、".join(part.name for part in parts)
        raise RefusedError(
            "SHEET_MISSING",
            f"工作簿里没有工作表“{wanted.sheet or ''}”,现有:{there};请检查导出模板或映射文件",
            f"the workbook has no sheet {wanted.sheet or ''!r}; it has: {there}",
        )
    tell((part for part in parts if part.name != name and not wanted.is_claimed(part.name)), remarks)
    return [name]


def _parts(source: Bytes, encoding: Encoding, wanted: Wanted) -> Iterator[Part]:
    sheets = _Sheets(source, encoding, is_strict=False)
    while (name := sheets.next_sheet()) is not None:
        yield part_of(name, map(plain, sheets.rows()), wanted)


@dataclass
class _Sheets:
    """Sheets one after the other. Only where it is strict a formula without its value is refused."""

    source: Bytes
    encoding: Encoding
    is_strict: bool
    late: Counter[int] = field(default_factory=Counter)
    _styles: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._events = xml_events(self.source, self.encoding)

    def rows_of(self, sheet: str) -> Iterator[list[str]]:
        while (name := self.next_sheet()) is not None:
            if name == sheet:
                yield from self.rows()
                return

    def next_sheet(self) -> str | None:
        """The name of the sheet that begins next, None at the end."""
        for event, element in self._events:
            if event == "start" and element.tag == f"{_NS}Worksheet":
                return element.get(f"{_NS}Name", "")
            if event == "end" and element.tag == f"{_NS}Style":
                self._learn(element)
            if event == "end" and element.tag == f"{_NS}Row":
                element.clear()
        return None

    def _learn(self, style: Element) -> None:
        number = style.find(f"{_NS}NumberFormat")
        signs = template(number.get(f"{_NS}Format", "")) if number is not None else None
        if signs is not None:
            self._styles[style.get(f"{_NS}ID", "")] = signs

    def rows(self) -> Iterator[list[str]]:
        """Rows of the sheet that has begun, up to its end."""
        number = 0
        columns: dict[int, str] = {}
        table: Element | None = None
        # Columns that a merged cell above still covers: how many rows more.
        below: Counter[int] = Counter()
        for event, element in self._events:
            if event == "start" and element.tag == f"{_NS}Table":
                table = element
            if event == "start":
                continue
            if element.tag == f"{_NS}Worksheet":
                return
            if element.tag == f"{_NS}Column":
                columns[_attribute(element, "Index", len(columns) + 1)] = element.get(f"{_NS}StyleID", "")
            if element.tag != f"{_NS}Row":
                continue
            for _ in range(number + 1, min(_attribute(element, "Index", 0), _LAST_ROW)):
                number += 1
                yield _covered([], below)
            number += 1
            yield _covered(self._cells(element, number, columns, below), below)
            element.clear()
            if table is not None:
                del table[:]

    def _cells(self, row: Element, number: int, columns: dict[int, str], below: Counter[int]) -> list[str]:
        cells: list[str] = []
        most = self.source.bounds.max_columns
        for cell in row.iter(f"{_NS}Cell"):
            while below.get(len(cells) + 1, 0) > 0 and not cell.get(f"{_NS}Index"):
                cells.append(MERGED)
            position = _attribute(cell, "Index", len(cells) + 1)
            cells += [""] * (min(position, most + 2) - 1 - len(cells))
            across, down = min(_attribute(cell, "MergeAcross", 0), most), _attribute(cell, "MergeDown", 0)
            style = cell.get(f"{_NS}StyleID") or row.get(f"{_NS}StyleID") or columns.get(len(cells) + 1, "")
            cells.append(self._text(cell, f"{letters(len(cells) + 1)}{number}", style))
            if _LATE.search(cells[-1]) and cell.find(f"{_NS}Data[@{_NS}Type='DateTime']") is not None:
                self.late[len(cells) - 1] += 1
            for column in range(len(cells), len(cells) + across + 1):
                below[column] = max(below[column], down + 1 if down else 0)
            cells += [MERGED] * across
        return cells

    def _text(self, cell: Element, place: str, style: str) -> str:
        data = cell.find(f"{_NS}Data")
        text = "".join(data.itertext()) if data is not None else ""
        is_text = data is not None and data.get(f"{_NS}Type") == "String"
        if not text and not is_text and cell.get(f"{_NS}Formula") and self.is_strict:
            raise lost_formula(place)
        if style in self._styles and text.isascii() and text.isdigit():
            return shown(int(text), self._styles[style]) or text
        return text


def _covered(cells: list[str], below: Counter[int]) -> list[str]:
    """The row with the signs of merged cells that reach down into it; each reaches one row less then."""
    for column in [column for column, rows in below.items() if rows > 0]:
        cells += [""] * (column - len(cells))
        if not cells[column - 1]:
            cells[column - 1] = MERGED
        below[column] -= 1
    return cells


def _attribute(element: Element, name: str, otherwise: int) -> int:
    text = element.get(f"{_NS}{name}", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise
