"""XLS looked through: errors, formulas nobody calculated, number formats of keys, from the records of BIFF.

An XLS file is a small file system (OLE) with one stream of records. Not here: values (workbook).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from sources.connectors.grid import letters
from sources.connectors.source import Bytes
from sources.connectors.workbooks.formats import template
from sources.connectors.workbooks.scan import SheetScan, lost_formula, unreadable

_END_OF_CHAIN = 0xFFFFFFFE
_STREAMS = ("workbook", "book")
_BOUND_SHEET, _FORMAT, _XF, _BOF, _EOF = 0x85, 0x41E, 0xE0, 0x809, 0x0A
_FORMULA, _BOOL_OR_ERROR, _NUMBER, _RK, _MULTIPLE_RK = 0x06, 0x205, 0x203, 0x27E, 0xBD
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def scan_xls(source: Bytes, number: int) -> SheetScan:
    """Look through the sheet of that number (from 0). Raises RefusedError."""
    with source.open() as file:
        data = file.read(source.bounds.max_workbook_bytes)
    try:
        return _scan(_stream(data), number)
    except (struct.error, IndexError, KeyError) as error:
        raise unreadable() from error


def _scan(book: bytes, number: int) -> SheetScan:
    formats: dict[int, str] = {}
    styles: list[int] = []
    starts: list[int] = []
    is_biff8 = book[4:6] == b"\x00\x06"
    for kind, record in _records(book, 0):
        if kind == _BOUND_SHEET:
            starts.append(struct.unpack_from("<I", record)[0])
        elif kind == _FORMAT:
            formats[struct.unpack_from("<H", record)[0]] = _text(record[2:], is_biff8)
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", record, 2)[0])
        elif kind == _EOF:
            break
    signs = {
        n: found for n, style in enumerate(styles) if (found := template(formats.get(style, ""))) is not None
    }
    return _Sheet(signs).scanned(book, starts[number]) if number < len(starts) else SheetScan()


class _Sheet:
    """The records of one sheet."""

    def __init__(self, signs: dict[int, tuple[str, ...]]) -> None:
        self._signs = signs
        self._found = SheetScan()
        self._empty: tuple[int, int] | None = None
        self._calculated = False

    def scanned(self, book: bytes, start: int) -> SheetScan:
        depth = 0
        for kind, record in _records(book, start):
            # A chart within the sheet is a stream of its own.
            depth += (kind == _BOF) - (kind == _EOF)
            if depth == 0:
                break
            if depth == 1:
                self._cell(kind, record)
        if self._empty and not self._calculated:
            row, column = self._empty
            raise lost_formula(f"{letters(column)}{row}")
        return self._found

    def _cell(self, kind: int, record: bytes) -> None:
        if kind not in (_FORMULA, _BOOL_OR_ERROR, _NUMBER, _RK, _MULTIPLE_RK):
            return
        row, column, style = struct.unpack_from("<HHH", record)
        if kind == _BOOL_OR_ERROR and record[7]:
            self._found.texts[row + 1, column + 1] = ERRORS.get(record[6], "#N/A")
        elif kind == _FORMULA:
            self._formula(row + 1, column + 1, style, record[6:14])
        elif kind == _MULTIPLE_RK:
            for position, at in enumerate(range(4, len(record) - 2, 6)):
                self._number(row + 1, column + 1 + position, struct.unpack_from("<H", record, at)[0])
        elif kind in (_NUMBER, _RK):
            self._number(row + 1, column + 1, style)

    def _formula(self, row: int, column: int, style: int, value: bytes) -> None:
        """Its value is a number, or says of what kind it is; an empty text may also mean that nothing was calculated."""
        if value[6:] != b"\xff\xff":
            self._calculated = True
            self._number(row, column, style)
        elif value[0] == 2:
            self._calculated = True
            self._found.texts[row, column] = ERRORS.get(value[2], "#N/A")
        elif value[0] == 3:
            self._empty = self._empty or (row, column)
        else:
            self._calculated = True

    def _number(self, row: int, column: int, style: int) -> None:
        if style in self._signs:
            self._found.add_format(row, column, self._signs[style])


def _records(book: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    while start + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, start)
        yield kind, book[start + 4 : start + 4 + size]
        start += 4 + size


def _text(raw: bytes, is_biff8: bool) -> str:
    if not is_biff8:
        return raw[1 : 1 + raw[0]].decode("latin-1")
    length, flags = struct.unpack_from("<HB", raw)
    if flags & 1:
        return raw[3 : 3 + 2 * length].decode("utf-16-le", "replace")
    return raw[3 : 3 + length].decode("latin-1")


# -- the file system around it


def _stream(data: bytes) -> bytes:
    """The stream of records. Raises RefusedError when there is none."""
    if not data.startswith(b"\xd0\xcf\x11\xe0"):
        return data
    size, small = 1 << struct.unpack_from("<H", data, 30)[0], 1 << struct.unpack_from("<H", data, 32)[0]
    first_directory, _, cutoff, first_small, _, first_more, more = struct.unpack_from("<7I", data, 48)
    table = _numbers(data, _allocation(data, size, first_more, more), size)
    directory = _chain(data, table, first_directory, size)
    root_start = struct.unpack_from("<I", directory, 116)[0]
    for at in range(0, len(directory) - 127, 128):
        name_bytes = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(name_bytes - 2, 0)].decode("utf-16-le", "replace").lower()
        if name in _STREAMS:
            start, length = struct.unpack_from("<II", directory, at + 116)
            if length >= cutoff:
                return _chain(data, table, start, size)[:length]
            container = _chain(data, table, root_start, size)
            small_table = _as_numbers(_chain(data, table, first_small, size))
            return b"".join(container[n * small : (n + 1) * small] for n in _links(small_table, start))[
                :length
            ]
    raise unreadable()


def _allocation(data: bytes, size: int, first_more: int, more: int) -> list[int]:
    """Sectors of the table that chains sectors."""
    found = list(struct.unpack_from("<109I", data, 76))
    for _ in range(min(more, len(data) // size)):
        *part, first_more = struct.unpack_from(f"<{size // 4}I", data, (first_more + 1) * size)
        found += part
    return [sector for sector in found if sector < len(data) // size]


def _numbers(data: bytes, sectors: list[int], size: int) -> list[int]:
    table = _as_numbers(b"".join(data[(n + 1) * size : (n + 2) * size] for n in sectors))
    # A chain in a circle ends after as many sectors as there are.
    return table[: len(data) // size]


def _as_numbers(raw: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))


def _links(table: list[int], start: int) -> Iterator[int]:
    for _ in range(len(table)):
        if start >= _END_OF_CHAIN or start >= len(table):
            return
        yield start
        start = table[start]


def _chain(data: bytes, table: list[int], start: int, size: int) -> bytes:
    return b"".join(data[(n + 1) * size : (n + 2) * size] for n in _links(table, start))
