"""XLSB looked through: errors, merged areas, number formats of keys, from its binary records.

Not here: values (workbook).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import IO, cast

from sources.connectors.packed import too_large_unpacked
from sources.connectors.source import Bytes
from sources.connectors.workbooks.archive import Archive
from sources.connectors.workbooks.formats import template
from sources.connectors.workbooks.scan import Place, SheetScan, Signs, too_large_sheet, unreadable
from sources.connectors.workbooks.xls import ERRORS

_ROW, _RK, _ERROR, _REAL, _FORMULA_NUMBER, _FORMULA_ERROR = 0, 2, 3, 5, 9, 11
_CELLS = range(1, 12)
_MERGED, _FORMAT, _XF, _CELL_XFS, _CELL_XFS_END = 176, 44, 47, 617, 618
_SHEET = 156


def scan_xlsb(source: Bytes, archive: Archive, sheet: str) -> SheetScan:
    """Look through the sheet of that name. Raises RefusedError."""
    found, row = SheetScan(), 0
    first = last = width = 0
    signs: dict[int, Signs] = {}
    styles = archive.real("xl/styles.bin")
    try:
        path = _paths(source, archive)[sheet]
        if styles is not None:
            with archive.archive.open(styles) as part:
                signs = _signs(_records(part, source))
        with archive.archive.open(path) as part:
            for kind, record in _records(part, source):
                if kind == _ROW:
                    row = struct.unpack_from("<I", record)[0] + 1
                elif kind == _MERGED:
                    top, bottom, left, right = struct.unpack_from("<4I", record)
                    found.merged.append(((top, left), (bottom, right)))
                elif kind in _CELLS:
                    column, style = struct.unpack_from("<II", record)
                    first, last, width = first or row, row, max(width, column + 1)
                    _note(found, signs, kind, (row, column + 1), style & 0xFFFFFF, record)
    except (struct.error, IndexError, KeyError) as error:
        raise unreadable() from error
    if (last - first + 1) * width > source.bounds.max_sheet_cells:
        raise too_large_sheet(last, width, source.bounds.max_sheet_cells)
    return found


def _paths(source: Bytes, archive: Archive) -> dict[str, str]:
    """{name of a sheet: its part}."""
    targets = archive.targets("xl/_rels/workbook.bin.rels")
    found = {}
    with archive.archive.open(archive.real("xl/workbook.bin") or "") as part:
        for kind, record in _records(part, source):
            if kind == _SHEET:
                reference, rest = _wide(record[8:])
                found[_wide(rest)[0]] = archive.real(targets[reference]) or ""
    return found


def _wide(raw: bytes) -> tuple[str, bytes]:
    """A text with its length before it, and what follows."""
    end = 4 + 2 * struct.unpack_from("<I", raw)[0]
    return raw[4:end].decode("utf-16-le", "replace"), raw[end:]


def _note(
    found: SheetScan, signs: dict[int, Signs], kind: int, place: Place, style: int, record: bytes
) -> None:
    if kind in (_ERROR, _FORMULA_ERROR):
        found.texts[place] = ERRORS.get(record[8], "#N/A")
    elif kind in (_RK, _REAL, _FORMULA_NUMBER) and style in signs:
        found.add_format(*place, signs[style])


def _signs(records: Iterator[tuple[int, bytes]]) -> dict[int, Signs]:
    """Formats of keys by style."""
    formats: dict[int, str] = {}
    styles: list[int] = []
    within = False
    for kind, record in records:
        if kind == _FORMAT:
            formats[struct.unpack_from("<H", record)[0]] = _wide(record[2:])[0]
        elif kind in (_CELL_XFS, _CELL_XFS_END):
            within = kind == _CELL_XFS
        elif kind == _XF and within:
            styles.append(struct.unpack_from("<H", record, 2)[0])
    return {
        n: signs for n, style in enumerate(styles) if (signs := template(formats.get(style, ""))) is not None
    }


def _records(part: IO[bytes], source: Bytes) -> Iterator[tuple[int, bytes]]:
    part, size = io.BufferedReader(cast(io.RawIOBase, part)), 0
    while head := part.read(1):
        kind = head[0]
        if kind & 0x80:
            kind = (kind & 0x7F) | (part.read(1)[0] << 7)
        length = 0
        for shift in (0, 7, 14, 21):
            byte = part.read(1)[0]
            length |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        size += length
        if size > source.bounds.max_workbook_bytes:
            raise too_large_unpacked(source.bounds.max_workbook_bytes)
        yield kind, part.read(length)
    source.check_time()
