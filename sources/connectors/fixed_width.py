"""Text in columns of fixed width, without delimiter; names and widths stand in the mapping.

Widths count bytes as delivered (a Chinese character is two in GB18030, three in UTF-8), as such exports do. Not here:
delimited text.
"""

from __future__ import annotations

from collections.abc import Iterator

from sources.connectors.delivered import Delivered, unique_header
from sources.connectors.encoding import Encoding, text_blocks
from sources.connectors.remarks import Remarks
from sources.connectors.rows import Row, chunks_of
from sources.connectors.source import Bytes
from sources.connectors.wanted import Wanted


def read_fixed_width(source: Bytes, encoding: Encoding, wanted: Wanted) -> Delivered:
    """Read lines of fixed width; a stated header row and what stands above it are passed over. Raises RefusedError."""
    names = unique_header([name for name, _ in wanted.fixed_width], source.bounds)
    widths = tuple(width for _, width in wanted.fixed_width)
    rows, remarks = _rows(source, encoding, widths, wanted.header_row or 0), Remarks()
    chunks = chunks_of(source, names, rows, remarks)
    return Delivered(names, encoding.name, "fixed width", chunks, remarks=remarks)


def _rows(source: Bytes, encoding: Encoding, widths: tuple[int, ...], above: int) -> Iterator[Row]:
    name = {"utf-8-sig": "utf-8", "utf-16": "utf-8"}.get(encoding.name, encoding.name)
    for block in text_blocks(source, encoding):
        for line, text in enumerate(block.data.decode("utf-8").split("\n"), start=block.first_line):
            # Carriage returns alone end records too.
            for record in text.split("\r"):
                if line > above and record.strip():
                    cells = None if line in block.foreign else _cells(record.encode(name), widths, name)
                    yield line, cells, record


def _cells(raw: bytes, widths: tuple[int, ...], name: str) -> list[str] | None:
    """The line's fields without their padding; None when it is too long, too short, or cuts a character in two."""
    # Blanks at the end may have been trimmed, but only from the last field.
    if not sum(widths[:-1]) <= len(raw) or len(raw.rstrip()) > sum(widths):
        return None
    cells, start = [], 0
    for width in widths:
        try:
            cells.append(raw[start : start + width].decode(name).strip())
        except UnicodeDecodeError:
            return None
        start += width
    return cells
