"""ODS looked through: merged areas, errors, formulas nobody calculated, numbers shown with leading zeros.

Not here: values (workbook).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from sources.connectors.grid import letters
from sources.connectors.source import Bytes
from sources.connectors.workbooks.archive import Archive
from sources.connectors.workbooks.scan import SheetScan, lost_formula, too_large_sheet, unreadable

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_ERROR = re.compile(r"#[A-Z0-9/!?]+|Err:\d{3}")
_SHOWN = re.compile(r"[A-Za-z-]*0*(\d+)")


def scan_ods(source: Bytes, archive: Archive, sheet: str) -> SheetScan:
    """Look through the sheet of that name. Raises RefusedError."""
    try:
        with archive.archive.open("content.xml") as part:
            return _scan(iterparse(part, events=("start", "end"), forbid_dtd=True), source, sheet)
    except (KeyError, ParseError, DefusedXmlException) as error:
        raise unreadable() from error


def _scan(events: Iterator[tuple[str, Element]], source: Bytes, sheet: str) -> SheetScan:
    found, row, is_it, width = SheetScan(), 0, False, 0
    table: Element | None = None
    for event, element in events:
        if element.tag == f"{_TABLE}table" and event == "start":
            table, is_it, row = element, element.get(f"{_TABLE}name") == sheet, 0
        elif element.tag == f"{_TABLE}table-row" and event == "end":
            repeated = _number(element, "number-rows-repeated")
            if is_it and len(element):
                width = max(width, _look_at(element, row, found))
                if width and (row + repeated) * width > source.bounds.max_sheet_cells and _is_filled(element):
                    raise too_large_sheet(row + repeated, width, source.bounds.max_sheet_cells)
            row += repeated
            element.clear()
            if table is not None:
                table.clear()
            source.check_time()
    return found


def _look_at(line: Element, row: int, found: SheetScan) -> int:
    """Note what is special in a row; its last filled column."""
    column = last = 0
    for cell in line:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        repeated = _number(cell, "number-columns-repeated")
        down, across = _number(cell, "number-rows-spanned"), _number(cell, "number-columns-spanned")
        if down > 1 or across > 1:
            found.merged.append(((row, column), (row + down - 1, column + across - 1)))
        if len(cell):
            last = column + repeated
            text = _special(cell, f"{letters(column + 1)}{row + 1}")
            for position in range(repeated if text is not None else 0):
                found.texts[row + 1, column + 1 + position] = text or ""
        else:
            _special(cell, f"{letters(column + 1)}{row + 1}")
        column += repeated
    return last


def _special(cell: Element, place: str) -> str | None:
    """The text of a cell that shows an error, or a whole number as more than its digits."""
    shown = "\n".join("".join(line.itertext()) for line in cell.findall(f"{_TEXT}p"))
    kind, formula = cell.get(f"{_OFFICE}value-type"), cell.get(f"{_TABLE}formula")
    if formula and _ERROR.fullmatch(shown):
        return shown
    if formula and (kind is None or (kind == "float" and not cell.get(f"{_OFFICE}value"))):
        raise lost_formula(place)
    number, looks = cell.get(f"{_OFFICE}value", ""), _SHOWN.fullmatch(shown)
    if (
        kind == "float"
        and looks
        and shown != number
        and looks[1].lstrip("0") == number.removesuffix(".0").lstrip("0")
    ):
        return shown
    return None


def _is_filled(line: Element) -> bool:
    return any(len(cell) for cell in line)


def _number(element: Element, name: str) -> int:
    text = element.get(f"{_TABLE}{name}", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
