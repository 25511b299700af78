"""Parts of one container that are one table (a sheet for every department) read one after the other as one delivery.

Every line keeps its part: of the first its own number, of each further one LINES_OF_A_PART more. Not here: which parts
(parts), how one is read (the readers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.likeness import normalise_header
from sources.base.refusal import RefusedError
from sources.connectors.delivered import LINE, Delivered

# More than a sheet has rows.
LINES_OF_A_PART = 10_000_000


def joined(names: Sequence[str], read: Callable[[str], Delivered]) -> Delivered:
    """One delivery of several parts under one header; `read` opens one by its name. Raises RefusedError."""
    first = read(names[0])
    if len(names) == 1:
        return first
    chunks = _chunks(first, names, read)
    dialect = f"{first.dialect} parts={len(names)}"
    return replace(first, dialect=dialect, chunks=chunks, sheet=None, parts=tuple(names))


def part_of_line(parts: Sequence[str], line: int) -> tuple[str, int]:
    """The part that a line of a joined delivery stands in, and its number there."""
    part, number = divmod(line, LINES_OF_A_PART)
    return parts[part], number


def _chunks(first: Delivered, names: Sequence[str], read: Callable[[str], Delivered]) -> Iterator[pa.Table]:
    yield from first.chunks
    for position, name in enumerate(names[1:], start=1):
        part = read(name)
        there = {normalise_header(header): header for header in part.header}
        if there.keys() != set(map(normalise_header, first.header)):
            raise _other_header(names[0], name, first.header, part.header)
        order = [there[normalise_header(header)] for header in first.header]
        for chunk in part.chunks:
            rows = chunk.select([*order, *chunk.column_names[len(order) :]]).rename_columns(
                first.schema.names
            )
            lines = pc.add(rows.column(LINE), position * LINES_OF_A_PART)
            yield rows.set_column(rows.column_names.index(LINE), LINE, lines)


def _other_header(one: str, other: str, header: Sequence[str], there: Sequence[str]) -> RefusedError:
    names = [set(map(normalise_header, each)) for each in (header, there)]
    lacks, more = (len(names[0] - names[1]), len(names[1] - names[0]))
    return RefusedError(
        "PARTS_DIFFER",
        f"“{other}”的表头与“{one}”不同(少 {lacks} 列,多 {more} 列),不能合并读取;请统一表头,或在映射文件的 sheets 里只选相同的表",
        f"the header of {other!r} is not that of {one!r} ({lacks} columns less, {more} more), they cannot be joined: make them "
        "alike, or choose by `sheets:` in the mapping",
    )
