"""Parquet files: every value of every row group read, checked and written out as text.

A count of rows alone does not notice damage, so nothing is taken from the footer but the columns. Not here: what
columns mean.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered, assemble, empty_file, unique_header, within_bounds
from sources.connectors.remarks import Remarks
from sources.connectors.rows import not_all_blank
from sources.connectors.source import Bytes

# The footer of an honest file: column names and statistics, never this much.
_FOOTER_LIMIT = 64 << 20


def read_parquet(source: Bytes) -> Delivered:
    """A Parquet file with every value written out as text; lines are row numbers from 1. Raises RefusedError."""
    if not source.head(1):
        raise empty_file()
    try:
        file = pq.ParquetFile(
            source.open(),
            page_checksum_verification=True,
            thrift_string_size_limit=_FOOTER_LIMIT,
            thrift_container_size_limit=_FOOTER_LIMIT,
        )
        schema = file.schema_arrow
        names = unique_header(schema.names, source.bounds)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _unreadable() from error
    remarks = Remarks()
    chunks = not_all_blank(_chunks(source, file, names, remarks), remarks)
    return Delivered(names, "parquet", "parquet", chunks, remarks=remarks)


def _chunks(
    source: Bytes, file: pq.ParquetFile, names: tuple[str, ...], remarks: Remarks
) -> Iterator[pa.Table]:
    first = 1
    try:
        for batch in file.iter_batches(batch_size=_rows_at_once(source, file.metadata), use_threads=False):
            source.check_time()
            batch.validate(full=True)
            columns = [_as_text(column) for column in batch.columns]
            lines = pa.array(range(first, first + batch.num_rows), pa.int64())
            first += batch.num_rows
            yield within_bounds(assemble(names, columns, lines, [], remarks), source.bounds)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _unreadable() from error
    if first - 1 != file.metadata.num_rows:
        raise _unreadable()


def _rows_at_once(source: Bytes, metadata: pq.FileMetaData) -> int:
    """Rows that make a chunk of bounded size, as far as the footer tells the truth."""
    size = sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    rows = source.bounds.chunk_bytes * metadata.num_rows // max(size, 1)
    return max(min(rows, source.bounds.chunk_rows), 1)


def _as_text(column: pa.Array) -> pa.Array:
    return pc.fill_null(column.cast(pa.string()), "")


def _unreadable() -> RefusedError:
    return RefusedError(
        "PARQUET_UNREADABLE",
        "Parquet 文件不完整、已损坏或含有无法写成文本的列,请重新导出",
        "the Parquet file is incomplete, damaged, or has columns that cannot be written as text: export it anew",
    )
