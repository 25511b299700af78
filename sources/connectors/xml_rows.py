"""XML: elements that repeat, each a row, their children and attributes the cells; workbooks saved as XML too.

Declared entities and document types are refused (they can make a small file endless). Not here: what elements mean.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, iterparse

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered, unique_header
from sources.connectors.encoding import Encoding, text_pieces
from sources.connectors.grid import MERGED, Grid, read_grid
from sources.connectors.rows import Row, chunks_of
from sources.connectors.source import Bytes
from sources.connectors.wanted import Wanted

_SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
# Deeper than this no table lies; a hostile file would only fill the memory.
_DEEPEST = 64
_LAST_ROW = 1 << 20


def read_xml(source: Bytes, encoding: Encoding, wanted: Wanted) -> Delivered:
    """Read rows of XML; lines are the rows' numbers from 1. Raises RefusedError."""
    head = source.head(4096)
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        grid = Grid("xml spreadsheet", encoding.name, _sheet_rows(source, encoding, wanted.sheet))
        return read_grid(source, grid, wanted)
    chosen = _row_path(source, encoding, wanted)
    names = unique_header(list(chosen.keys), source.bounds)
    rows = _rows(source, encoding, chosen)
    return Delivered(names, encoding.name, f"xml rows={chosen.path[-1]}", chunks_of(source, names, rows))


@dataclass
class _Rows:
    """Elements of one path: their cells' names in order of first appearance, and how many there are."""

    path: tuple[str, ...]
    keys: dict[str, None] = field(default_factory=dict)
    count: int = 0


def _row_path(source: Bytes, encoding: Encoding, wanted: Wanted) -> _Rows:
    """The path whose elements hold most of what the mapping reads; among equals the most frequent."""
    found: dict[tuple[str, ...], _Rows] = {}
    for path, element in _elements(source, encoding):
        if len(element) or element.attrib:
            rows = found.setdefault(path, _Rows(path))
            rows.count += 1
            if len(rows.keys) <= source.bounds.max_columns:
                rows.keys.update((name, None) for name, _ in _cells(element))
    if not found:
        raise _unreadable("没有重复的行元素", "no element repeats as a row")
    return max(found.values(), key=lambda r: (wanted.matches(list(r.keys)), r.count, len(r.path)))


def _rows(source: Bytes, encoding: Encoding, chosen: _Rows) -> Iterator[Row]:
    places = {key: number for number, key in enumerate(chosen.keys)}
    number = 0
    for path, element in _elements(source, encoding):
        if path == chosen.path:
            number += 1
            cells = [""] * len(places)
            for name, text in _cells(element):
                cells[places[name]] = text
            yield number, cells, None


def _cells(element: Element) -> Iterator[tuple[str, str]]:
    """(name, text) of attributes and children; of a child that stands there again its number goes with the name."""
    seen: dict[str, int] = {}
    pairs = [*element.attrib.items(), *((str(child.tag), _text(child)) for child in element)]
    for tag, text in pairs:
        name = tag.rsplit("}", 1)[-1]
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name}({seen[name]})"), text


def _text(child: Element) -> str:
    return tostring(child, encoding="unicode").strip() if len(child) else (child.text or "")


def _elements(source: Bytes, encoding: Encoding) -> Iterator[tuple[tuple[str, ...], Element]]:
    """(path, element) of every element as it ends; what has been seen two levels below is dropped from memory."""
    path: list[str] = []
    open_elements: list[Element] = []
    for event, element in _events(source, encoding):
        if event == "start":
            path.append(element.tag)
            open_elements.append(element)
            if len(path) > _DEEPEST:
                raise _unreadable("嵌套太深", "nested too deeply")
            continue
        yield tuple(path), element
        path.pop()
        open_elements.pop()
        # A row's cells are needed until the row ends; what lies higher up holds rows, which are not.
        if len(path) == 1 or (len(path) > 1 and len(element) and _is_leafy(element)):
            element.clear()
            if open_elements:
                open_elements[-1].remove(element)


def _is_leafy(element: Element) -> bool:
    return not any(len(child) for child in element)


def _events(source: Bytes, encoding: Encoding) -> Iterator[tuple[str, Element]]:
    parser = DefusedXMLParser(target=TreeBuilder(), encoding="utf-8", forbid_dtd=True)
    try:
        yield from iterparse(_Stream(source, encoding), events=("start", "end"), parser=parser)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        if isinstance(error, RefusedError):
            raise
        raise _unreadable(
            "文件不完整、格式有误或声明了实体", "cut off, malformed, or with declared entities"
        ) from error


class _Stream(io.RawIOBase):
    """The file as UTF-8, whatever it declares itself to be: its encoding has been proved."""

    def __init__(self, source: Bytes, encoding: Encoding) -> None:
        self._pieces = text_pieces(source, encoding)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece.removeprefix("\ufeff").encode()
        data, self._rest = self._rest[: size if size > 0 else None], self._rest[size:] if size > 0 else b""
        return data


def _sheet_rows(source: Bytes, encoding: Encoding, sheet: str | None) -> Iterator[list[str]]:
    """Rows of the named (or first) sheet of a workbook saved as XML."""
    name, row_number = None, 0
    for event, element in _events(source, encoding):
        if event == "start" and element.tag == f"{_SPREADSHEET}Worksheet":
            if name is not None:
                return
            title = element.get(f"{_SPREADSHEET}Name", "")
            name = title if sheet is None or title.strip() == sheet.strip() else None
        elif event == "end" and name is not None and element.tag == f"{_SPREADSHEET}Row":
            for _ in range(row_number + 1, min(_attribute(element, "Index", 0), _LAST_ROW)):
                row_number += 1
                yield []
            row_number += 1
            yield _sheet_cells(element, source.bounds.max_columns)
            element.clear()
    if name is None:
        raise RefusedError(
            "SHEET_MISSING",
            f"工作簿里没有工作表“{sheet}”;请检查导出模板或映射文件",
            f"the workbook has no sheet {sheet!r}",
        )


def _sheet_cells(row: Element, most: int) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_SPREADSHEET}Cell"):
        position = _attribute(cell, "Index", len(cells) + 1)
        cells += [""] * (min(position, most + 2) - 1 - len(cells))
        data = cell.find(f"{_SPREADSHEET}Data")
        cells.append("".join(data.itertext()) if data is not None else "")
        cells += [MERGED] * min(_attribute(cell, "MergeAcross", 0), most)
    return cells


def _attribute(element: Element, name: str, otherwise: int) -> int:
    text = element.get(f"{_SPREADSHEET}{name}", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise


def _unreadable(zh: str, en: str) -> RefusedError:
    return RefusedError(
        "XML_UNREADABLE", f"XML 无法读取:{zh};请重新导出", f"the XML cannot be read ({en}): export it anew"
    )
