"""XLSX looked through before it is opened: how large it grows, which cells hold errors, lost formulas or formats of keys.

The reader of workbooks lays a sheet out as a full rectangle and shows an error or an uncalculated formula as an empty
cell; both must be known beforehand. Not here: reading values (workbook).
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from sources.connectors.grid import letters
from sources.connectors.packed import too_large_unpacked
from sources.connectors.source import Bytes
from sources.connectors.workbooks.archive import Archive
from sources.connectors.workbooks.formats import template
from sources.connectors.workbooks.scan import (
    SheetScan,
    Signs,
    lost_formula,
    too_large_sheet,
    unreadable,
)

_BLOCK = 1 << 22
_R = rb"""\br\s*=\s*["']"""
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?" + _R + rb"""(\d{1,9})["']""")
_FAR_COLUMN = re.compile(_R + rb"([A-Z]{3,7})\d")
_COLUMN = re.compile(_R + rb"([A-Z]{1,7})\d")
# A row begins, or a cell with its attributes and content; both may leave out where they stand.
_CELL = re.compile(rb"<(?:\w+:)?row\b([^>]*)>|<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REFERENCE = re.compile(_R + rb"""([A-Z]{1,7})(\d{1,9})["']""")
_ROW_NUMBER = re.compile(_R + rb"""(\d{1,9})["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)</")
_TYPE = re.compile(rb"""\bt\s*=\s*["'](\w+)["']""")
_STYLE = re.compile(rb"""\bs\s*=\s*["'](\d{1,9})["']""")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?![^>]*" + _R + rb")[\s/>]")
# Columns named by one or two letters.
_NEAR_COLUMNS = 26 + 26 * 26
_DIMENSION = re.compile(rb"""<(?:\w+:)?dimension\s+ref\s*=\s*["']([^"']*)["']\s*/>""")
_AREA = re.compile(rb"[A-Z]{1,3}[0-9]{1,7}(:[A-Z]{1,3}[0-9]{1,7})?")
_HEAD = 1 << 16
_HELD = 64 << 20


def scan_xlsx(source: Bytes, archive: Archive, path: str) -> SheetScan:
    """Look through the sheet at `path`. Raises RefusedError."""
    return _Careful(_signs(archive)).scanned(archive, path, source)


def tidied(source: Bytes, archive: Archive) -> BinaryIO | None:
    """A copy without the areas that some writers state wrongly ("1:6"), which Excel passes over; None when none is wrong."""
    wrong = [path for _, path in archive.sheets() if _states_wrong_area(archive, path)]
    if not wrong:
        return None
    # Closed with the workbook that is read from it.
    copy = tempfile.SpooledTemporaryFile(_HELD)  # noqa: SIM115
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for member in archive.archive.infolist():
            with (
                archive.archive.open(member) as part,
                target.open(member.filename, "w", force_zip64=True) as written,
            ):
                head = part.read(_HEAD)
                written.write(_DIMENSION.sub(b"", head, count=1) if member.filename in wrong else head)
                while block := part.read(_BLOCK):
                    source.check_time()
                    written.write(block)
    copy.seek(0)
    return cast(BinaryIO, copy)


def _states_wrong_area(archive: Archive, path: str) -> bool:
    with archive.archive.open(path) as part:
        stated = _DIMENSION.search(part.read(_HEAD))
    return stated is not None and not _AREA.fullmatch(stated[1])


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


def refuse_rectangle(source: Bytes, archive: Archive, path: str) -> None:
    """A cell far down and one far right make a rectangle of billions. Raises RefusedError."""
    limit = source.bounds.max_sheet_cells
    first, last, width = 0, 0, _NEAR_COLUMNS
    with archive.archive.open(path) as part:
        for piece in _pieces(part, source):
            rows = [int(row) for row in _ROW.findall(piece)]
            if rows:
                first, last = min(rows[0], first or rows[0]), max(last, *rows)
            width = max([width, *(_number(name) for name in set(_FAR_COLUMN.findall(piece)))])
    if (last - first + 1) * width <= limit:
        return
    with archive.archive.open(path) as part:
        names = {name for piece in _pieces(part, source) for name in _COLUMN.findall(piece)}
    width = max((_number(name) for name in names), default=1)
    if (last - first + 1) * width > limit:
        raise too_large_sheet(last, width, limit)


def _signs(archive: Archive) -> dict[int, Signs]:
    """Formats of keys by style."""
    if archive.real("xl/styles.xml") is None:
        return {}
    formats: dict[str, str] = {}
    styles: list[str] = []
    for element in archive.part("xl/styles.xml"):
        name = element.tag.rsplit("}", 1)[-1]
        if name == "numFmts":
            formats = {child.get("numFmtId", ""): child.get("formatCode", "") for child in element}
        elif name == "cellXfs":
            styles = [child.get("numFmtId", "") for child in element]
    found = {number: template(formats.get(style, "")) for number, style in enumerate(styles)}
    return {number: signs for number, signs in found.items() if signs is not None}


class _Careful:
    """Cell by cell, but only where something special stands."""

    def __init__(self, signs: dict[int, Signs]) -> None:
        self._signs = signs
        numbers = "|".join(map(str, signs)).encode()
        self._styled = re.compile(rb"""\bs\s*=\s*["'](?:""" + numbers + rb""")["']""") if signs else None
        self._found = SheetScan()
        self._row, self._column = 0, 0

    def scanned(self, archive: Archive, path: str, source: Bytes) -> SheetScan:
        # Once cells leave out where they stand, all must be counted.
        is_counted = False
        with archive.archive.open(path) as part:
            for piece in _pieces(part, source):
                is_counted = is_counted or _UNPLACED.search(piece) is not None
                if is_counted or self._is_special(piece):
                    for found in _CELL.finditer(piece):
                        if found[1] is not None:
                            self._begin_row(found[1])
                        elif is_counted or self._may_matter(found[2], found[3]):
                            self._take(found[2], found[3] or b"")
        return self._found

    def _is_special(self, piece: bytes) -> bool:
        is_styled = self._styled is not None and self._styled.search(piece) is not None
        return is_styled or bool(_ERROR.search(piece)) or bool(_FORMULA.search(piece))

    def _may_matter(self, attributes: bytes, content: bytes | None) -> bool:
        """Whether a cell is worth a closer look; most are not."""
        if content is None:
            return b"e" in attributes
        has_value = b"v>" in content and b"v></" not in content
        is_bare = not has_value and (b"<f" in content or b":f" in content)
        return b"e" in attributes or is_bare or (self._styled is not None and b"s" in attributes)

    def _begin_row(self, attributes: bytes) -> None:
        stated = _ROW_NUMBER.search(attributes)
        self._row, self._column = int(stated[1]) if stated else self._row + 1, 0

    def _take(self, attributes: bytes, content: bytes) -> None:
        reference = _REFERENCE.search(attributes)
        self._column += 1
        if reference:
            self._row, self._column = int(reference[2]), _number(reference[1])
        stated_type, style = _TYPE.search(attributes), _STYLE.search(attributes)
        kind = stated_type[1] if stated_type else b"n"
        if kind == b"e":
            value = _VALUE.search(content)
            self._found.texts[self._row, self._column] = (
                value[1].decode("utf-8", "replace") if value else "#N/A"
            )
        elif kind != b"str" and _FORMULA.search(content) and not _VALUE.search(content):
            raise lost_formula(f"{letters(self._column)}{self._row}")
        elif kind == b"n" and style and int(style[1]) in self._signs:
            self._found.add_format(self._row, self._column, self._signs[int(style[1])])


def _number(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number
