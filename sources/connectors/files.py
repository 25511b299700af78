"""Files as the way in: CSV and kin, Excel workbooks, Parquet; chosen by the file's name, proved by its content.

Here: one entry for all of them. Not here: finding the files (ingest) or keeping them (landing).
"""

from __future__ import annotations

import io
from pathlib import PurePath

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.connectors.delimited import read_delimited
from sources.connectors.delivered import Delivered, assemble, empty_file, unique_header
from sources.connectors.workbook import read_workbook
from sources.mapping import FeedPlan
from sources.refusal import RefusedError

CONNECTOR = "files"
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def read_file(name: str, raw: bytes, plan: FeedPlan) -> Delivered:
    """Rows of one delivered file as text. Raises RefusedError with what is wrong and how to mend it."""
    suffix = PurePath(name).suffix.lower()
    feed = plan.feed_mapping
    if suffix in WORKBOOK_SUFFIXES:
        return read_workbook(raw, feed.sheet, feed.header_row)
    if suffix == ".parquet":
        return read_parquet(raw)
    return read_delimited(raw, plan.used_headers, feed.header_row)


def read_parquet(raw: bytes) -> Delivered:
    """A Parquet file with every value written out as text; lines are row numbers from 1."""
    if not raw:
        raise empty_file()
    try:
        table = pq.read_table(io.BytesIO(raw))
        table.validate(full=True)
        names = unique_header(table.column_names)
        columns = [_as_text(column) for column in table.columns]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RefusedError(
            "PARQUET_UNREADABLE",
            "Parquet 文件不完整或含有无法写成文本的列,请重新导出",
            "the Parquet file is incomplete or has columns that cannot be written as text: export it anew",
        ) from error
    lines = pa.array(range(1, table.num_rows + 1), pa.int64())
    return Delivered(assemble(names, columns, lines, []), "parquet", "parquet")


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(column.cast(pa.string()), "")
