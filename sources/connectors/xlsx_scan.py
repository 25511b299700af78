"""What a workbook's XML says before it is opened: how large it grows, which cells hold errors or lost formulas.

The reader of workbooks lays a sheet out as a full rectangle and shows an error or an uncalculated formula as an empty
cell; both must be known beforehand. Not here: reading values (workbook).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sources.base.refusal import RefusedError
from sources.connectors.packed import too_large_unpacked
from sources.connectors.source import Bytes

_BLOCK = 1 << 22
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')
_FAR_COLUMN = re.compile(rb'\br="([A-Z]{3,7})\d')
_COLUMN = re.compile(rb'\br="([A-Z]{1,7})\d')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,7})(\d{1,9})"')
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)</")
# Columns named by one or two letters.
_NEAR_COLUMNS = 26 + 26 * 26
# Parts other than sheets and texts that are read whole.
_PART_LIMIT = 16 << 20


@dataclass
class SheetScan:
    """Errors by (row, column) from 1, as Excel writes them (#N/A)."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def scan(source: Bytes, sheet: str) -> SheetScan:
    """Look through one sheet of an XLSX file; other kinds of workbook have nothing to scan. Raises RefusedError."""
    with source.open() as file, zipfile.ZipFile(file) as archive:
        _refuse_growth(archive, source)
        path = _path_of(archive, sheet)
        if path is None:
            return SheetScan()
        _refuse_rectangle(archive, path, source)
        return _careful(archive, path, source)


def _refuse_growth(archive: zipfile.ZipFile, source: Bytes) -> None:
    """Hold what the parts claim, and what the largest really are, against the bound."""
    limit = source.bounds.max_workbook_bytes
    if sum(member.file_size for member in archive.infolist()) > limit:
        raise too_large_unpacked(limit)


def _path_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    if "xl/workbook.xml" not in archive.namelist():
        return None
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _part(archive, "xl/_rels/workbook.xml.rels")
    }
    for element in _part(archive, "xl/workbook.xml").iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            reference = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
            target = targets.get(reference, "")
            path = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
            return path if path in archive.namelist() else None
    return None


def _part(archive: zipfile.ZipFile, name: str) -> Element:
    try:
        with archive.open(name) as part:
            return fromstring(part.read(_PART_LIMIT))
    except (KeyError, ParseError, DefusedXmlException, ValueError) as error:
        raise unreadable() from error


def _pieces(part: IO[bytes], source: Bytes) -> Iterator[bytes]:
    """The part's XML in pieces that end with a cell or a row, never more than the bound in all."""
    rest, size = b"", 0
    while block := part.read(_BLOCK):
        source.check_time()
        size += len(block)
        if size > source.bounds.max_workbook_bytes:
            raise too_large_unpacked(source.bounds.max_workbook_bytes)
        data = rest + block
        cut = max(data.rfind(b"</c>") + 4, data.rfind(b"</row>") + 6, data.rfind(b":c>") + 3)
        cut = cut if cut > 6 else 0
        if len(data) - cut > source.bounds.max_line_bytes:
            raise unreadable()
        rest = data[cut:]
        yield data[:cut]
    yield rest


def _refuse_rectangle(archive: zipfile.ZipFile, path: str, source: Bytes) -> None:
    """A cell far down and one far right make a rectangle of billions."""
    limit = source.bounds.max_sheet_cells
    first, last, width = 0, 0, _NEAR_COLUMNS
    with archive.open(path) as part:
        for piece in _pieces(part, source):
            rows = [int(row) for row in _ROW.findall(piece)]
            if rows:
                first, last = min(rows[0], first or rows[0]), max(last, *rows)
            width = max([width, *(_number(letters) for letters in set(_FAR_COLUMN.findall(piece)))])
    if (last - first + 1) * width <= limit:
        return
    with archive.open(path) as part:
        names = {letters for piece in _pieces(part, source) for letters in _COLUMN.findall(piece)}
    width = max((_number(letters) for letters in names), default=1)
    if (last - first + 1) * width > limit:
        raise RefusedError(
            "SHEET_TOO_LARGE",
            f"工作表有 {last} 行 {width} 列,超过 {limit:,} 格(设置 max_sheet_cells),可能在很远处误留了一格;请删除多余的行列后另存",
            f"the sheet has {last} rows and {width} columns, more than {limit:,} cells (setting max_sheet_cells): a stray "
            "cell far away? Delete surplus rows and columns and save it anew",
        )


def _careful(archive: zipfile.ZipFile, path: str, source: Bytes) -> SheetScan:
    found = SheetScan()
    with archive.open(path) as part:
        for piece in _pieces(part, source):
            if b't="e"' not in piece and b"<f" not in piece and b":f" not in piece:
                continue
            for attributes, content in _CELL.findall(piece):
                if b't="e"' in attributes:
                    _note_error(found, attributes, content)
                elif (b"<f" in content or b":f" in content) and b't="str"' not in attributes:
                    _refuse_lost(attributes, content)
    return found


def _note_error(found: SheetScan, attributes: bytes, content: bytes) -> None:
    reference, value = _REFERENCE.search(attributes), _VALUE.search(content)
    if reference:
        text = value.group(1).decode("utf-8", "replace") if value else "#N/A"
        found.errors[int(reference.group(2)), _number(reference.group(1))] = text


def _refuse_lost(attributes: bytes, content: bytes) -> None:
    if _VALUE.search(content):
        return
    reference = _REFERENCE.search(attributes)
    place = (reference.group(1) + reference.group(2)).decode() if reference else "?"
    raise RefusedError(
        "FORMULA_WITHOUT_VALUE",
        f"{place} 格是公式,但文件里没有算好的值;请在 Excel 或 WPS 中打开、重新计算并另存,或粘贴为数值后报送",
        f"cell {place} is a formula without its calculated value: open the file in Excel, recalculate and save it, or paste "
        "values",
    )


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def unreadable() -> RefusedError:
    """The refusal of a workbook that cannot be opened."""
    return RefusedError(
        "WORKBOOK_UNREADABLE",
        "工作簿无法打开:文件不完整、已加密或不是 Excel 文件,请去掉密码后重新另存为 xlsx",
        "the workbook cannot be opened: incomplete, encrypted or not Excel; save it anew as xlsx without a password",
    )
