"""Forms of a file other than delimited text and workbooks: Parquet, JSON lines, dBase. The same table, the same bytes.

All values are texts, as an interface that exports whatever it finds would write them; what a value means is not known here.
"""

import io
import json
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sources.simulator.delivered.rendering import TextTable

_DBF_WIDEST = 254  # bytes of a character field
_DBF_GBK = 0x4D  # language driver: Chinese GBK
_DBF_DAY = (126, 1, 1)  # the date in the header says nothing: always the same


def parquet_bytes(table: TextTable, order: np.ndarray) -> bytes:
    """One row group of string columns."""
    memory = io.BytesIO()
    pq.write_table(pa.table(_chosen(table, order), names=table.headers), memory, compression="zstd")
    return memory.getvalue()


def json_lines(table: TextTable, order: np.ndarray) -> bytes:
    """One object per line."""
    columns = [column.to_pylist() for column in _chosen(table, order)]
    rows = zip(*columns, strict=True)
    lines = [json.dumps(dict(zip(table.headers, row, strict=True)), ensure_ascii=False) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def dbf_bytes(table: TextTable, order: np.ndarray) -> bytes:
    """dBase III with character fields in GBK, each as wide as its longest value."""
    fields, columns = [], []
    for header, column in zip(table.headers, _chosen(table, order), strict=True):
        cells = [(text or "").encode("gbk", "replace") for text in column.to_pylist()]
        width = max(map(len, cells), default=1) or 1
        if width > _DBF_WIDEST:
            raise ValueError(f"{table.feed}: {header} does not fit a character field")
        fields.append((header, width))
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
