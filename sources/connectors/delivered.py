"""What every connector hands over: rows as delivered, each with the line it stood on, damaged lines kept apart.

Not here: how it was read (the connectors) or where it is kept (landing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sources.refusal import RefusedError

LINE = "source_line"
MALFORMED = "malformed_text"


@dataclass(frozen=True)
class Delivered:
    """Delivered columns as text, plus `source_line` (int64) and `malformed_text` (null for good rows)."""

    rows: pa.Table
    encoding: str
    dialect: str
    sheet: str | None = None

    @property
    def header(self) -> list[str]:
        return [name for name in self.rows.column_names if name not in (LINE, MALFORMED)]

    @property
    def malformed(self) -> int:
        return self.rows.num_rows - self.rows.column(MALFORMED).null_count


def unique_header(names: Sequence[str]) -> list[str]:
    """Header names made usable as column names: empty ones numbered, repeated ones told apart."""
    found: list[str] = []
    for position, name in enumerate(names, start=1):
        clean = name.strip().strip("\ufeff") or f"(空列{position})"
        if clean in found or clean in (LINE, MALFORMED):
            clean = f"{clean}({position})"
        found.append(clean)
    return found


def assemble(
    header: Sequence[str],
    columns: Sequence[pa.ChunkedArray | pa.Array],
    lines: pa.Array,
    malformed: Sequence[tuple[int, str]],
) -> pa.Table:
    """Good rows and damaged lines in one table, in the order of the file."""
    none = pa.nulls(len(lines), pa.string())
    table = pa.table([*columns, lines, none], names=[*header, LINE, MALFORMED])
    table = _without_blank_rows(table, header)
    if not malformed:
        return table
    damaged = {name: pa.nulls(len(malformed), pa.string()) for name in header}
    damaged[LINE] = pa.array([line for line, _ in malformed], pa.int64())
    damaged[MALFORMED] = pa.array([text for _, text in malformed], pa.string())
    together = pa.concat_tables([table, pa.table(damaged)])
    return together.take(pc.sort_indices(together.column(LINE)))


def _without_blank_rows(table: pa.Table, header: Sequence[str]) -> pa.Table:
    """Rows in which every cell is empty are padding of a spreadsheet, not rows."""
    blank = None
    for name in header:
        empty = pc.equal(table.column(name), "")
        blank = empty if blank is None else pc.and_(blank, empty)
        if not pc.any(blank).as_py():
            return table
    return table.filter(pc.invert(blank)) if blank is not None else table


def empty_file() -> RefusedError:
    return RefusedError(
        "EMPTY_FILE",
        "文件是空的,连表头也没有;本月没有数据时请报送只有表头的文件",
        "the file is empty, even the header is missing; when there is nothing to deliver send the header alone",
    )
