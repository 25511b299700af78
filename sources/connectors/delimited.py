"""Delimited text (CSV and its kin): delimiter found, every good row kept, only damaged lines lost (V33).

A clean file is read by Arrow alone. Only when Arrow's row count differs from the physical lines is the file walked
line by line: quoted line breaks are joined, lines with an unclosed quote, a wrong number of columns or NUL bytes are
set apart. Not here: encodings, or what columns mean.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from sources.connectors.delivered import Delivered, assemble, empty_file, unique_header
from sources.connectors.encoding import Decoded, decode
from sources.mapping import normalise_header

DELIMITERS = (",", ";", "\t", "|")
_NOTHING = b"\r\n\t \x00\xef\xbb\xbf"
_LINE_BREAK_STAND_IN = "\x1e"
# A quoted field may run over this many physical lines; more is an unclosed quote.
_LONGEST_RECORD = 200


@dataclass(frozen=True)
class _Body:
    """The lines below the header."""

    data: bytes
    first_line: int
    width: int
    delimiter: str


def read_delimited(raw: bytes, expected: Collection[str], header_row: int) -> Delivered:
    """Read delimited text. `expected` are the normalised headers that tell the delimiter. Raises RefusedError."""
    if not (raw[:4096].strip(_NOTHING) or raw.strip(_NOTHING)):
        raise empty_file()
    decoded = decode(raw)
    data = _with_unix_line_breaks(decoded.data)
    header_text, body = _split_header(data, header_row)
    delimiter = _find_delimiter(header_text, expected)
    header = unique_header(next(csv.reader([header_text], delimiter=delimiter)))
    inner = _Body(body, header_row + 1, len(header), delimiter)
    columns, lines, malformed = _read_body(inner, decoded)
    rows = assemble(header, columns, lines, malformed)
    dialect = {"\t": "tab"}.get(delimiter, delimiter)
    return Delivered(rows, decoded.encoding, f"delimiter={dialect} header_row={header_row}")


def _with_unix_line_breaks(data: bytes) -> bytes:
    if b"\r" not in data:
        return data
    if b"\n" not in data:
        return data.replace(b"\r", b"\n")
    data = data.replace(b"\r\n", b"\n")
    return data.replace(b"\r", b" ") if b"\r" in data else data


def _split_header(data: bytes, header_row: int) -> tuple[str, bytes]:
    start = 0
    for _ in range(header_row - 1):
        start = data.find(b"\n", start) + 1
        if start == 0:
            raise empty_file()
    end = data.find(b"\n", start)
    end = len(data) if end < 0 else end
    header = data[start:end].decode("utf-8")
    if not header.strip():
        raise empty_file()
    return header, data[end + 1 :]


def _find_delimiter(header: str, expected: Collection[str]) -> str:
    def merit(delimiter: str) -> tuple[int, int]:
        names = next(csv.reader([header], delimiter=delimiter))
        return sum(normalise_header(name) in expected for name in names), len(names)

    return max(DELIMITERS, key=merit)


_Parsed = tuple[list[pa.ChunkedArray], pa.Array, list[tuple[int, str]]]


def _read_body(body: _Body, decoded: Decoded) -> _Parsed:
    if not (body.data[:4096].strip(b"\n") or body.data.strip(b"\n")):
        return [pa.chunked_array([], pa.string())] * body.width, pa.array([], pa.int64()), []
    if b"\x00" not in body.data and not decoded.cut_off:
        lines = _physical_lines(body)
        columns = _parse(body, body.data)
        if columns is not None and len(columns[0]) == len(lines):
            return columns, lines, []
    return _read_damaged(body, decoded.cut_off)


def _physical_lines(body: _Body) -> pa.Array:
    """Line numbers of all lines that are not empty."""
    count = body.data.count(b"\n") + (not body.data.endswith(b"\n"))
    if b"\n\n" not in body.data and not body.data.startswith(b"\n"):
        return pa.array(np.arange(body.first_line, body.first_line + count))
    breaks = np.flatnonzero(np.frombuffer(body.data, np.uint8) == ord("\n"))
    ends = breaks if body.data.endswith(b"\n") else np.append(breaks, len(body.data))
    lengths = np.diff(ends, prepend=-1) - 1
    return pa.array(np.flatnonzero(lengths > 0) + body.first_line)


def _parse(body: _Body, data: bytes) -> list[pa.ChunkedArray] | None:
    """Columns as text, or None when Arrow finds a line of the wrong width or a quote without end."""
    names = [f"c{position}" for position in range(body.width)]
    wrong: list[object] = []

    def note(row: object) -> str:
        wrong.append(row)
        return "skip"

    try:
        table = pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(data)),
            read_options=pacsv.ReadOptions(column_names=names, block_size=1 << 22),
            parse_options=pacsv.ParseOptions(
                delimiter=body.delimiter,
                quote_char='"' if b'"' in data else False,
                newlines_in_values=False,
                invalid_row_handler=note,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    return None if wrong else table.columns


def _read_damaged(body: _Body, cut_off: bool) -> _Parsed:
    texts = body.data.decode("utf-8").split("\n")
    if texts[-1] == "" and not cut_off:
        texts.pop()
    good, lines, malformed = _sort_out(texts, body)
    if cut_off and lines and lines[-1] == body.first_line + len(texts) - 1:
        malformed.append((lines.pop(), good.pop()))
    if not good:
        return [pa.chunked_array([], pa.string())] * body.width, pa.array([], pa.int64()), malformed
    data = "\n".join(good).encode()
    columns = _parse(body, data)
    if columns is None or len(columns[0]) != len(good):
        columns = _parse_slowly(good, body)
    return [_line_breaks_back(column) for column in columns], pa.array(lines, pa.int64()), malformed


def _sort_out(texts: Sequence[str], body: _Body) -> tuple[list[str], list[int], list[tuple[int, str]]]:
    """Whole records on one line each (with their first line number), and the damaged lines."""
    good: list[str] = []
    lines: list[int] = []
    malformed: list[tuple[int, str]] = []
    position = 0
    while position < len(texts):
        text, line, length = texts[position], body.first_line + position, 1
        if text and _is_record(text, body):
            good.append(text)
            lines.append(line)
        elif text:
            record, length = _joined(texts, position, body)
            if record is None:
                malformed.append((line, text))
            else:
                good.append(record)
                lines.append(line)
        position += length
    return good, lines, malformed


def _is_record(text: str, body: _Body) -> bool:
    if "\x00" in text:
        return False
    if '"' not in text:
        return text.count(body.delimiter) == body.width - 1
    return _width(text, body.delimiter) == body.width


def _width(text: str, delimiter: str) -> int | None:
    """Number of fields, None when a quote is left open or closed in the wrong place."""
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return len(records[0]) if len(records) == 1 else None


def _joined(texts: Sequence[str], position: int, body: _Body) -> tuple[str | None, int]:
    """A record whose quoted field runs over several lines, and how many it takes.

    An unclosed quote would swallow whole records: the join is refused as soon as a following line is one by itself.
    """
    text = texts[position]
    if text.count('"') % 2 == 0 or "\x00" in text:
        return None, 1
    quotes = text.count('"')
    for length in range(2, min(_LONGEST_RECORD, len(texts) - position) + 1):
        following = texts[position + length - 1]
        if _is_record(following, body):
            return None, 1
        quotes += following.count('"')
        if quotes % 2 == 0:
            record = "\n".join(texts[position : position + length])
            if _width(record, body.delimiter) == body.width:
                return record.replace("\n", _LINE_BREAK_STAND_IN), length
    return None, 1


def _parse_slowly(records: Sequence[str], body: _Body) -> list[pa.ChunkedArray]:
    """Python's parser, for records that Arrow reads differently (a quote in the middle of a field)."""
    rows = [next(csv.reader([record], delimiter=body.delimiter)) for record in records]
    return [pa.chunked_array([pa.array(column, pa.string())]) for column in zip(*rows, strict=True)]


def _line_breaks_back(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pc.any(pc.match_substring(column, _LINE_BREAK_STAND_IN)).as_py():
        return column
    return pc.replace_substring(column, _LINE_BREAK_STAND_IN, "\n")
