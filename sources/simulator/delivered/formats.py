"""The bytes of every form of file a vendor writes: delimited text, workbooks, Parquet, JSON lines, dBase.

The same table gives the same bytes. Values are texts, as an interface that exports whatever it finds would write them;
what a value means is not known here, nor where a file lies (writing.py).
"""

import io
import json
import re
import struct
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from sources.simulator.delivered.rendering import TextTable
from sources.simulator.ground.styles import Style

_SPECIAL = re.compile(rb'[,\t"\r\n;|]')
_WORKBOOK_CREATED = datetime(2020, 1, 1)
_DBF_WIDEST = 254  # bytes of a character field
_DBF_GBK = 0x4D  # language driver: Chinese GBK
_DBF_DAY = (126, 1, 1)  # the date in the header says nothing: always the same


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


def _fill(sheet: Worksheet, table: TextTable, order: np.ndarray) -> None:
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


def _write_numeric(sheet: Worksheet, row: int, position: int, value: str) -> None:
    """A number where the text is one (a damaged value is not)."""
    try:
        number = float(value)
    except ValueError:
        sheet.write_string(row, position, value)
    else:
        sheet.write_number(row, position, number)


def parquet_bytes(table: TextTable, order: np.ndarray) -> bytes:
    """One row group of string columns."""
    memory = io.BytesIO()
    pq.write_table(pa.table(_chosen(table, order), names=table.headers), memory, compression="zstd")
    return memory.getvalue()


def json_lines(table: TextTable, order: np.ndarray) -> bytes:
    """One object per line; of no rows an empty array, for a file without a byte says nothing."""
    columns = [column.to_pylist() for column in _chosen(table, order)]
    rows = zip(*columns, strict=True)
    lines = [json.dumps(dict(zip(table.headers, row, strict=True)), ensure_ascii=False) for row in rows]
    return "".join(f"{line}\n" for line in lines or ["[]"]).encode()


def dbf_bytes(table: TextTable, order: np.ndarray) -> bytes:
    """dBase III with character fields in GBK, each as wide as its longest value."""
    fields, columns = [], []
    for name, column in zip(table.headers, _chosen(table, order), strict=True):
        cells = [(text or "").encode("gbk", "replace") for text in column.to_pylist()]
        width = max(map(len, cells), default=1) or 1
        if width > _DBF_WIDEST:
            raise ValueError(f"{table.feed}: {name} does not fit a character field")
        fields.append((name, width))
        columns.append([cell.ljust(width) for cell in cells])
    header = struct.pack("<4B I 2H 17x B 2x", 0x03, *_DBF_DAY, len(order), 33 + 32 * len(fields),
                         1 + sum(width for _, width in fields), _DBF_GBK)  # fmt: skip
    descriptions = [
        struct.pack("<11s c 4x B B 14x", name.encode("ascii"), b"C", width, 0) for name, width in fields
    ]
    records = [b" " + b"".join(cells) for cells in zip(*columns, strict=True)]
    return b"".join([header, *descriptions, b"\r", *records, b"\x1a"])


def _chosen(table: TextTable, order: np.ndarray) -> list[pa.Array]:
    take = pa.array(order)
    return [column.take(take) for column in table.columns]


WRITERS = {"parquet": parquet_bytes, "jsonl": json_lines, "dbf": dbf_bytes}
