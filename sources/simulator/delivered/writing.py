"""From text tables to files: CSV lines, workbooks, control files. Same tables, same bytes, fixed modification times."""

import csv
import io
import os
import re
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from sources.simulator.delivered.rendering import TextTable
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.styles import Style
from sources.simulator.ground.text import scaled

_SPECIAL = re.compile(rb'[,\t"\r\n;|]')
_WORKBOOK_CREATED = datetime(2020, 1, 1)


def csv_lines(table: TextTable, style: Style) -> pa.Array:
    """One string per line of the table, with line end."""
    columns = [_quoted(column) for column in table.columns]
    line = pc.binary_join_element_wise(
        *[_large(c) for c in columns], pa.scalar(style.delimiter, pa.large_string()),
        null_handling="replace", null_replacement="",
    )  # fmt: skip
    return pc.binary_join_element_wise(
        line, pa.scalar(style.newline, pa.large_string()), pa.scalar("", pa.large_string())
    )


def _large(column: pa.Array) -> pa.Array:
    return column.cast(pa.large_string())


def _quoted(column: pa.Array) -> pa.Array:
    """Quote the values that need it; most columns need none, which one look at their bytes shows."""
    data = column.buffers()[2]
    if data is None or not _SPECIAL.search(memoryview(data)):
        return column
    inner = pc.replace_substring(column, '"', '""')
    wrapped = pc.binary_join_element_wise(pa.scalar('"'), inner, pa.scalar('"'), "")
    return pc.if_else(pc.match_substring_regex(column, '[,\t"\r\n;|]'), wrapped, column)


def csv_bytes(table: TextTable, style: Style, lines: pa.Array, order: np.ndarray) -> bytes:
    """Header and the lines in the given order, encoded."""
    header = style.delimiter.join(table.headers) + style.newline
    chosen = lines.take(pa.array(order))
    offsets = np.frombuffer(chosen.buffers()[1], dtype=np.int64)[
        chosen.offset : chosen.offset + len(chosen) + 1
    ]
    body = chosen.buffers()[2].to_pybytes()[offsets[0] : offsets[-1]] if len(chosen) else b""
    if style.encoding == "utf-8":
        return header.encode() + body
    return (header + body.decode()).encode(style.encoding)


def workbook_bytes(sheets: list[tuple[str, TextTable, np.ndarray]]) -> bytes:
    """One workbook of (sheet name, table, order). Serial dates and numbers are numeric cells, everything else text."""
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(
        memory, {"in_memory": True, "strings_to_numbers": False, "strings_to_urls": False}
    )
    book.set_properties({"created": _WORKBOOK_CREATED})
    for name, table, order in sheets:
        _fill(book.add_worksheet(name), table, order)
    book.close()
    return memory.getvalue()


def _fill(sheet, table: TextTable, order: np.ndarray) -> None:
    take = pa.array(order)
    for position, (header, kind) in enumerate(zip(table.headers, table.kinds, strict=True)):
        sheet.write_string(0, position, header)
        values = table.columns[position].take(take).to_pylist()
        for row, value in enumerate(values, start=1):
            if value is None or value == "":
                continue
            if kind == "text":
                sheet.write_string(row, position, value)
            else:
                _write_numeric(sheet, row, position, value)


def _write_numeric(sheet, row: int, position: int, value: str) -> None:
    """A number where the text is one (a damaged value is not)."""
    try:
        number = float(value)
    except ValueError:
        sheet.write_string(row, position, value)
    else:
        sheet.write_number(row, position, number)


class ControlFile:
    """control.csv of one deliverer and month: rows and money of every file and sheet it delivers (V35)."""

    def __init__(self):
        self._rows: list[tuple[str, str, int, str]] = []

    def add(self, file: str, sheet: str, table: TextTable, order: np.ndarray) -> None:
        amount = ""
        if table.control is not None:
            amount = scaled(np.array([table.control[order].sum()]), 2)[0].as_py()
        self._rows.append((file, sheet, len(order), amount))

    def text(self) -> bytes:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(["file", "sheet", "rows", "amount_yuan"])
        writer.writerows(self._rows)
        return buffer.getvalue().encode()


def save(path: Path, data: bytes, month: CalendarMonth) -> None:
    """Write a file as if it had arrived on the 8th of the next month at 02:00 UTC."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    arrived = int((month.end + 7 * 86_400 + 2 * 3_600).astype(np.int64))
    os.utime(path, (arrived, arrived))
