"""Rows that come one by one (from JSON, XML, HTML, workbooks) gathered into chunks of bounded size.

Not here: text that Arrow can read by itself (delimited).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from sources.base.refusal import RefusedError
from sources.connectors.delivered import assemble, within_bounds, writable
from sources.connectors.remarks import BLANK_ROWS, Remarks
from sources.connectors.source import Bytes

# (line, cells, None) for a good row, (line, None, its text) for a damaged one.
Row = tuple[int, Sequence[str] | None, str | None]
# Rows are objects of Python until their chunk is full: this many cells at a time.
_CELLS_AT_ONCE = 500_000


def chunks_of(
    source: Bytes, names: Sequence[str], rows: Iterable[Row], remarks: Remarks | None = None
) -> Iterator[pa.Table]:
    """Tables of rows. A row with another number of cells than names, or with half a character in one, is damaged."""
    at_once = max(min(source.bounds.chunk_rows, _CELLS_AT_ONCE // max(len(names), 1)), 1)
    good: list[Sequence[str]] = []
    lines: list[int] = []
    malformed: list[tuple[int, str]] = []
    size = 0
    for line, cells, damaged in rows:
        if cells is not None and len(cells) == len(names) and all(writable(cell) == cell for cell in cells):
            good.append(cells)
            lines.append(line)
            size += sum(map(len, cells))
        else:
            text = writable((damaged if cells is None else "\t".join(cells)) or "")
            malformed.append((line, text))
            size += len(text)
        if len(good) + len(malformed) >= at_once or size >= source.bounds.chunk_bytes:
            yield _table(source, names, good, lines, malformed, remarks)
            good, lines, malformed, size = [], [], [], 0
    if good or malformed:
        yield _table(source, names, good, lines, malformed, remarks)


def not_all_blank(chunks: Iterable[pa.Table], remarks: Remarks) -> Iterator[pa.Table]:
    """The same chunks. Raises RefusedError at the end when there were records and none had a value: they were not
    understood.
    """
    rows = 0
    for chunk in chunks:
        rows += chunk.num_rows
        yield chunk
    if not rows and (blank := remarks.count(BLANK_ROWS)):
        raise RefusedError(
            "NO_VALUES",
            f"文件有 {blank:,} 条记录,但没有一个值能读到;请核对导出格式(值应写在元素内容或 value 属性里),重新导出",
            f"the file has {blank:,} records and not one value in them that can be read: check how it is exported",
        )


def _table(
    source: Bytes,
    names: Sequence[str],
    good: list[Sequence[str]],
    lines: list[int],
    malformed: list[tuple[int, str]],
    remarks: Remarks | None,
) -> pa.Table:
    source.check_time()
    columns = [pa.array([row[position] for row in good], pa.string()) for position in range(len(names))]
    table = assemble(names, columns, pa.array(lines, pa.int64()), malformed, remarks)
    return within_bounds(table, source.bounds)
