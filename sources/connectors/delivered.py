"""What every connector hands over: rows as delivered, in chunks, each row with the line it stood on.

Not here: how it was read (the connectors) or where it is kept (intake).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.bounds import Bounds
from sources.base.likeness import normalise_header
from sources.base.refusal import RefusedError
from sources.connectors.remarks import BLANK_ROWS, Remarks

LINE = "source_line"
MALFORMED = "malformed_text"
_WRAPPED = re.compile(r"""^=?(["'])([^"']*)\1$""")


@dataclass(frozen=True)
class Delivered:
    """One delivery, read once from front to back.

    `chunks` is a single pass over tables with one string column per header, LINE (int64) and MALFORMED (the text of a
    damaged line, null for good rows), in the order of the file; each holds a bounded part of it. The iterator raises
    RefusedError when something further down makes the whole delivery unusable. `remarks` are whole after the last chunk.
    `parts` are the sheets or tables that it was joined of (joined), none for an undivided one. Where names stand in the rows
    (JSON, XML), no rows have no `header`.
    """

    header: tuple[str, ...]
    encoding: str
    dialect: str
    chunks: Iterator[pa.Table]
    sheet: str | None = None
    remarks: Remarks = field(default_factory=Remarks)
    parts: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """Columns of every chunk."""
        return schema_of(self.header)


def schema_of(header: Sequence[str]) -> pa.Schema:
    """Columns of a chunk under these headers."""
    texts = [(name, pa.string()) for name in header]
    return pa.schema([*texts, (LINE, pa.int64()), (MALFORMED, pa.string())])


def header_of(schema: pa.Schema) -> tuple[str, ...]:
    """The delivered headers among the columns of a chunk."""
    return tuple(name for name in schema.names if name not in (LINE, MALFORMED))


def unique_header(names: Sequence[str], bounds: Bounds) -> tuple[str, ...]:
    """Header names made usable as column names: empty ones numbered, repeated ones told apart, also when they only differ
    in width or in what nobody sees. Raises RefusedError.
    """
    if len(names) > bounds.max_columns:
        raise RefusedError(
            "TOO_MANY_COLUMNS",
            f"表头有 {len(names):,} 列,超过上限 {bounds.max_columns:,}(设置 max_columns);请检查分隔符和导出模板,或调高该设置",
            f"the header has {len(names):,} columns, more than {bounds.max_columns:,} (setting max_columns): "
            "check delimiter and export template, or raise the setting",
        )
    found: list[str] = []
    taken = {LINE, MALFORMED}
    for position, name in enumerate(names, start=1):
        clean = _on_one_line(unwrapped(writable(name).strip().strip("\ufeff").strip())) or f"(空列{position})"
        while normalise_header(clean) in taken:
            clean = f"{clean}({position})"
        found.append(clean)
        taken.add(normalise_header(clean))
    return tuple(found)


def unwrapped(name: str) -> str:
    """A header without what programs put around it (="名称", '名称')."""
    return _WRAPPED.sub(r"\2", name).strip()


def writable(text: str) -> str:
    """A text as it can be written down: half of a character (a lone surrogate of JSON) is spelled out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _on_one_line(name: str) -> str:
    """A header broken over lines for looks; between Latin words the break was a blank."""
    return re.sub(r"(?<=[!-~])\s*[\r\n]+\s*(?=[!-~])", " ", name).replace("\r", "").replace("\n", "")


def assemble(
    header: Sequence[str],
    columns: Sequence[pa.ChunkedArray | pa.Array],
    lines: pa.Array,
    malformed: Sequence[tuple[int, str]],
    remarks: Remarks | None = None,
) -> pa.Table:
    """Good rows and damaged lines in one table, in the order of the file; rows without a filled cell are left out and
    counted.
    """
    none = pa.nulls(len(lines), pa.string())
    table = pa.table([*columns, lines, none], names=[*header, LINE, MALFORMED])
    filled = _without_blank_rows(table, header)
    if remarks is not None:
        remarks.add(BLANK_ROWS, "", table.num_rows - filled.num_rows)
    if not malformed:
        return filled
    damaged = {name: pa.nulls(len(malformed), pa.string()) for name in header}
    damaged[LINE] = pa.array([line for line, _ in malformed], pa.int64())
    damaged[MALFORMED] = pa.array([text for _, text in malformed], pa.string())
    together = pa.concat_tables([filled, pa.table(damaged)])
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


def within_bounds(table: pa.Table, bounds: Bounds) -> pa.Table:
    """The chunk itself. Raises RefusedError when one cell is longer than a cell may be."""
    for name in header_of(table.schema):
        column = table.column(name)
        # A column that is short as a whole cannot hold a long cell.
        if column.nbytes <= bounds.max_cell_bytes:
            continue
        lengths = pc.binary_length(column)
        if (pc.max(lengths).as_py() or 0) > bounds.max_cell_bytes:
            position = pc.index(pc.greater(lengths, bounds.max_cell_bytes), True).as_py()
            line = table.column(LINE)[position].as_py()
            raise RefusedError(
                "CELL_TOO_LARGE",
                f"第 {line} 行有一格超过 {bounds.max_cell_bytes:,} 字节(设置 max_cell_bytes),可能是引号未闭合或嵌入了文件;请改正后重新报送",
                f"line {line} has a cell of more than {bounds.max_cell_bytes:,} bytes (setting max_cell_bytes): "
                "an unclosed quote or an embedded file? Correct it and deliver again",
            )
    return table


def empty_file() -> RefusedError:
    return RefusedError(
        "EMPTY_FILE",
        "文件是空的,连表头也没有;本月没有数据时请报送只有表头的文件(JSON 报送 [])",
        "the file is empty, even the header is missing; when there is nothing to deliver send the header alone (of JSON: [])",
    )
