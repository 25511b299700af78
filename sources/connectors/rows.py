"""Rows that come one by one (from JSON, XML, HTML, workbooks) gathered into chunks of bounded size.

Not here: text that Arrow can read by itself (delimited).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from sources.connectors.delivered import assemble, within_bounds
from sources.connectors.source import Bytes

# (line, cells, None) for a good row, (line, None, its text) for a damaged one.
Row = tuple[int, Sequence[str] | None, str | None]
# Rows are objects of Python until their chunk is full: this many cells at a time.
_CELLS_AT_ONCE = 500_000


def chunks_of(source: Bytes, names: Sequence[str], rows: Iterable[Row]) -> Iterator[pa.Table]:
    """Tables of rows. A row with another number of cells than names is damaged."""
    at_once = max(min(source.bounds.chunk_rows, _CELLS_AT_ONCE // max(len(names), 1)), 1)
    good: list[Sequence[str]] = []
    lines: list[int] = []
    malformed: list[tuple[int, str]] = []
    size = 0
    for line, cells, damaged in rows:
        if cells is not None and len(cells) == len(names):
            good.append(cells)
            lines.append(line)
            size += sum(map(len, cells))
        else:
            text = damaged if cells is None else "\t".join(cells)
            malformed.append((line, text or ""))
            size += len(text or "")
        if len(good) + len(malformed) >= at_once or size >= source.bounds.chunk_bytes:
            yield _table(source, names, good, lines, malformed)
            good, lines, malformed, size = [], [], [], 0
    if good or malformed:
        yield _table(source, names, good, lines, malformed)


def _is_text(cell: str | None) -> bool:
    """Whether a cell can be written down: half of a character (a lone surrogate of JSON) is none."""
    if cell is None or cell.isascii():
        return True
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(text: str) -> str:
    """A text as it can be written down: halves of characters are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _table(
    source: Bytes,
    names: Sequence[str],
    good: list[Sequence[str]],
    lines: list[int],
    malformed: list[tuple[int, str]],
) -> pa.Table:
    source.check_time()
    if broken := [place for place, cells in enumerate(good) if not all(map(_is_text, cells))]:
        malformed = sorted([*malformed, *((lines[place], "\t".join(good[place])) for place in broken)])
        lines = [line for place, line in enumerate(lines) if place not in broken]
        good = [cells for place, cells in enumerate(good) if place not in broken]
    malformed = [(line, shown(text)) for line, text in malformed]
    columns = [pa.array([row[position] for row in good], pa.string()) for position in range(len(names))]
    table = assemble(names, columns, pa.array(lines, pa.int64()), malformed)
    return within_bounds(table, source.bounds)
