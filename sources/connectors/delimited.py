"""Delimited text (CSV and its kin): delimiter found, every good row kept, only damaged lines lost (V33).

A clean block is read by Arrow alone. Only when its quotes do not pair, it holds NUL bytes, or Arrow counts other rows
than there are lines, it is walked line by line (records). Not here: encodings, or what columns mean.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from sources.base.bounds import Bounds
from sources.connectors.delivered import Delivered, assemble, empty_file, unique_header, within_bounds
from sources.connectors.encoding import Encoding, TextBlock, text_blocks
from sources.connectors.records import Form, fields_of, sort_out
from sources.connectors.remarks import Remarks
from sources.connectors.source import Bytes
from sources.connectors.wanted import HEADER_WITHIN, Header, Wanted, above_data

# Of those equally good the first is taken.
DELIMITERS = (
    ",",
    "\t",
    "|",
    ";",
    "^",
    "~",
    "\x01",
    "\x1f",
    "\x03",
    "#",
    "||",
    "|@|",
    "@#@",
    "|!|",
    "##",
    "^^",
    "~~",
    "$$",
)
_RUN_OF_SIGNS = re.compile(r"[!#$%&*+/:;<=>?@\\^`|~,-]{2,4}")
_SHOWN = {"\t": "tab", "\x01": "\\x01", "\x03": "\\x03", "\x1f": "\\x1f"}
# Stands for a delimiter of several signs, in the header.
_ONE_SIGN = "\x1f"
_QUOTE, _LINE_FEED, _CARRIAGE_RETURN = ord('"'), ord("\n"), ord("\r")
# Characters that stand for line breaks within a field while Arrow reads it: two that the text does not use.
_STAND_INS = "\x1e\x1d\x1c\x1f\x1a\x19\x18\x17\x16\x15\x14\x13\x12\x11\x10\x0f\x0e"
# A header cell may hold line breaks; a header over more lines than this is an unclosed quote.
_LONGEST_HEADER = 20


def read_delimited(source: Bytes, encoding: Encoding, wanted: Wanted) -> Delivered:
    """Read delimited text whose delimiter is stated, or told by the headers the mapping reads. Raises RefusedError."""
    blocks = text_blocks(source, encoding)
    first = next(blocks)
    head = [line.removesuffix("\r") for line in _head(first, wanted.header_row or 0)]
    delimiter, header = _find(head, wanted)
    names = unique_header(header.names, source.bounds)
    remarks = Remarks()
    reader = _Reader(names, Form(len(names), delimiter), source.bounds, remarks)
    body = _without_lines(first, header.row)
    dialect = f"delimiter={_SHOWN.get(delimiter, delimiter)} {header.dialect}"
    chunks = reader.chunks(chain([body], blocks))
    return Delivered(names, encoding.name, dialect, chunks, remarks=remarks)


def _head(block: TextBlock, header_row: int) -> list[str]:
    """The first lines, among them the header and the lines it may run over."""
    count = max(HEADER_WITHIN, header_row) + _LONGEST_HEADER
    lines = block.data.split(b"\n", count)[:count]
    return b"\n".join(lines).decode("utf-8").split("\n")


def _find(head: Sequence[str], wanted: Wanted) -> tuple[str, Header]:
    """Delimiter and header; among the delimiters the one with which the header is known best. Raises RefusedError."""
    stated = wanted.delimiter and _meant(wanted.delimiter)
    tried = []
    for delimiter in (stated,) if stated else _candidates(head):
        header = _header(head, delimiter, wanted)
        if header is not None:
            tried.append((_merit(head, delimiter, header, wanted), delimiter, header))
    if not tried:
        raise empty_file()
    _, delimiter, header = max(tried, key=lambda found: found[0])
    return delimiter, header


def _merit(
    head: Sequence[str], delimiter: str, header: Header, wanted: Wanted
) -> tuple[int, float, int, int]:
    """Known names; else columns with a name, in so far as the lines below have as many; `||` read as `|` leaves every other
    name empty, `|^|` read as `^` leaves signs behind.
    """
    below = [line for line in head[header.row :] if line.strip()][:HEADER_WITHIN]
    width, named = len(header.names), sum(bool(name.strip()) for name in header.names)
    regular = sum(len(_header_cells([line], delimiter)[0]) == width for line in below)
    share = regular / len(below) if below else 1.0
    return wanted.matches(header.names), named * share, named - width, len(delimiter)


def _meant(stated: str) -> str:
    r"""A delimiter as a mapping writes it: itself, `tab`, or `\x01` and the like."""
    escaped = re.fullmatch(r"\\x([0-9a-fA-F]{2})", stated)
    return (
        chr(int(escaped.group(1), 16)) if escaped else {"tab": "\t", "\\t": "\t"}.get(stated.lower(), stated)
    )


def _candidates(head: Sequence[str]) -> list[str]:
    """Delimiters of one sign, usual ones of several that the first lines hold, and others that most of these lines hold."""
    lines = [line for line in head[:HEADER_WITHIN] if line.strip()]
    runs = Counter(run for line in lines for run in set(_RUN_OF_SIGNS.findall(line)))
    others = sorted(run for run, count in runs.items() if 2 * count > len(lines) and run not in DELIMITERS)
    return [d for d in DELIMITERS if len(d) == 1 or any(d in line for line in lines)] + others


def _header(head: Sequence[str], delimiter: str, wanted: Wanted) -> Header | None:
    """The header under one delimiter; its `row` is the last physical line it takes."""
    if wanted.header_row is not None:
        starts: Sequence[int] = [wanted.header_row]
    else:
        starts = range(1, min(len(head), HEADER_WITHIN) + 1)
    found = []
    for start in starts:
        if start <= len(head) and head[start - 1].strip():
            names, height = _header_cells(head[start - 1 :], delimiter)
            found.append(Header(tuple(names), start + height - 1, height))
    if not found:
        return None
    if wanted.header_row is not None or wanted.matches(found[0].names) >= wanted.least:
        return found[0]
    fallback = found[above_data([header.names for header in found]) - 1] if wanted.is_guess else found[0]
    best = max(wanted.matches(header.names) for header in found)
    clear = [header for header in found if wanted.matches(header.names) == best]
    return clear[0] if best >= wanted.least and (len(clear) == 1 or wanted.is_guess) else fallback


def _without_lines(block: TextBlock, count: int) -> TextBlock:
    start = 0
    for _ in range(count):
        end = block.data.find(b"\n", start)
        start = len(block.data) if end < 0 else end + 1
    return replace(block, data=block.data[start:], first_line=block.first_line + count)


def _header_cells(lines: Sequence[str], delimiter: str) -> tuple[list[str], int]:
    """Cells of the header that begins here and how many physical lines it takes."""
    if len(delimiter) > 1:
        lines = [line.replace(delimiter, _ONE_SIGN) for line in lines[:_LONGEST_HEADER]]
        delimiter = _ONE_SIGN
    for length in range(1, min(len(lines), _LONGEST_HEADER) + 1):
        fields = fields_of("\n".join(lines[:length]), delimiter)
        if fields is not None:
            return fields, length
        if '"' not in lines[0]:
            break
    return lines[0].split(delimiter), 1


_Parsed = tuple[Sequence[pa.ChunkedArray | pa.Array], pa.Array, list[tuple[int, str]]]


@dataclass(frozen=True)
class _Reader:
    """Reads the blocks below the header."""

    header: Sequence[str]
    form: Form
    bounds: Bounds
    remarks: Remarks

    def chunks(self, blocks: Iterator[TextBlock]) -> Iterator[pa.Table]:
        """One table per block; lines of a record that is not whole yet go before the next block."""
        waiting = TextBlock(b"", 0)
        for block in blocks:
            if waiting.data:
                block = replace(block, data=waiting.data + block.data, first_line=waiting.first_line)
            (columns, lines, malformed), waiting = self._read(block)
            table = assemble(self.header, columns, lines, malformed, self.remarks)
            if table.num_rows:
                yield within_bounds(table, self.bounds)

    def _read(self, block: TextBlock) -> tuple[_Parsed, TextBlock]:
        delimiter = self.form.delimiter
        if len(delimiter) == 1:
            return self._read_block(block)
        # Arrow and Python know delimiters of one sign only.
        sign = next((c for c in _STAND_INS if c.encode() not in block.data), _ONE_SIGN)
        data = block.data.replace(delimiter.encode(), sign.encode())
        one_sign = replace(self, form=Form(self.form.width, sign))
        (columns, lines, malformed), waiting = one_sign._read_block(replace(block, data=data))
        if b'"' in data:
            columns = [_put_back(column, sign, delimiter) for column in columns]
        malformed = [(line, text.replace(sign, delimiter)) for line, text in malformed]
        rest = waiting.data.replace(sign.encode(), delimiter.encode())
        return (columns, lines, malformed), TextBlock(rest, waiting.first_line)

    def _read_block(self, block: TextBlock) -> tuple[_Parsed, TextBlock]:
        nothing = TextBlock(b"", 0)
        if not block.data.strip(b"\r\n"):
            return ([pa.array([], pa.string())] * self.form.width, pa.array([], pa.int64()), []), nothing
        is_doubtful = block.cut_off or block.foreign or b"\x00" in block.data
        if not is_doubtful and self._quotes_pair(block.data):
            lines = _physical_lines(block)
            columns = self._parse(block.data)
            if columns is not None and len(columns[0]) == len(lines):
                return (columns, lines, []), nothing
        return self._read_damaged(block)

    def _quotes_pair(self, data: bytes) -> bool:
        """Whether every line's quotes open after and close before a delimiter, inner ones doubled.

        Arrow takes an unclosed quote at the end, or text after a closing one, without a word.
        """
        if b'"' not in data:
            return True
        text = np.frombuffer(b"\n" + data + b"\n", np.uint8)
        quotes = np.flatnonzero(text == _QUOTE)
        breaks = np.flatnonzero(text == _LINE_FEED)
        if (np.searchsorted(quotes, breaks) % 2).any():
            return False
        opening, closing = quotes[::2], quotes[1::2]
        bounds = np.array([ord(self.form.delimiter), _LINE_FEED, _CARRIAGE_RETURN], np.uint8)
        doubled = opening[1:] == closing[:-1] + 1
        opens = np.isin(text[opening - 1], bounds)
        closes = np.isin(text[closing + 1], bounds)
        opens[1:] |= doubled
        closes[:-1] |= doubled
        return bool(opens.all() and closes.all())

    def _parse(self, data: bytes) -> list[pa.ChunkedArray] | None:
        """Columns as text, or None when Arrow finds a line of the wrong width or a quote without end."""
        names = [f"c{position}" for position in range(self.form.width)]
        wrong: list[object] = []

        def note(row: object) -> str:
            wrong.append(row)
            return "skip"

        try:
            table = pacsv.read_csv(
                pa.BufferReader(pa.py_buffer(data)),
                read_options=pacsv.ReadOptions(column_names=names, block_size=1 << 22),
                parse_options=pacsv.ParseOptions(
                    delimiter=self.form.delimiter,
                    quote_char='"' if b'"' in data else False,
                    newlines_in_values=False,
                    invalid_row_handler=note,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        return None if wrong else table.columns

    def _read_damaged(self, block: TextBlock) -> tuple[_Parsed, TextBlock]:
        texts = block.data.decode("utf-8").split("\n")
        if texts[-1] == "" and not block.cut_off:
            texts.pop()
        found = sort_out(texts, block.first_line, self.form, block.last)
        if sum(map(len, texts[len(texts) - found.waiting :])) > self.bounds.max_line_bytes:
            found = sort_out(texts, block.first_line, self.form, last=True)
        good, lines, malformed = found.good, found.lines, found.malformed
        if foreign := set(block.foreign):
            malformed += [(line, text) for line, text in zip(lines, good, strict=True) if line in foreign]
            good = [text for line, text in zip(lines, good, strict=True) if line not in foreign]
            lines = [line for line in lines if line not in foreign]
        last_line = block.first_line + len(texts) - 1
        if block.cut_off and lines and lines[-1] == last_line:
            malformed.append((lines.pop(), good.pop()))
        rest = "\n".join(texts[len(texts) - found.waiting :]) + "\n" if found.waiting else ""
        waiting = TextBlock(rest.encode(), last_line - found.waiting + 1)
        return (self._columns(good), pa.array(lines, pa.int64()), malformed), waiting

    def _columns(self, records: list[str]) -> Sequence[pa.ChunkedArray | pa.Array]:
        """Columns of records that have been found whole."""
        if not records:
            return [pa.array([], pa.string())] * self.form.width
        inside = [mark for mark in "\n\r" if any(mark in record for record in records)]
        stand_ins = self._stand_ins(records, len(inside))
        data = "\x00".join(records)
        for mark, stand_in in zip(inside, stand_ins, strict=True):
            data = data.replace(mark, stand_in)
        raw = data.replace("\x00", "\n").encode()
        columns = self._parse(raw) if self._quotes_pair(raw) else None
        if columns is None or len(columns[0]) != len(records):
            return _parsed_slowly(records, self.form)
        for mark, stand_in in zip(inside, stand_ins, strict=True):
            columns = [_put_back(column, stand_in, mark) for column in columns]
        return columns

    def _stand_ins(self, records: list[str], count: int) -> list[str]:
        used = {c for c in _STAND_INS if c == self.form.delimiter or any(c in record for record in records)}
        free = [character for character in _STAND_INS if character not in used]
        return free[:count] if len(free) >= count else ["\n"] * count


def _physical_lines(block: TextBlock) -> pa.Array:
    """Line numbers of all lines that are not empty."""
    data = block.data
    count = data.count(b"\n") + (not data.endswith(b"\n"))
    blank = b"\n\n" in data or b"\n\r\n" in data or data.startswith((b"\n", b"\r\n"))
    if not blank:
        return pa.array(np.arange(block.first_line, block.first_line + count))
    text = np.frombuffer(data if data.endswith(b"\n") else data + b"\n", np.uint8)
    ends = np.flatnonzero(text == _LINE_FEED)
    lengths = np.diff(ends, prepend=-1) - 1
    lengths -= (lengths == 1) & (text[ends - 1] == _CARRIAGE_RETURN)
    return pa.array(np.flatnonzero(lengths > 0) + block.first_line)


def _parsed_slowly(records: Sequence[str], form: Form) -> list[pa.Array]:
    """Python's parser, for records that Arrow reads differently (a quote in the middle of a field)."""
    rows = [next(csv.reader(io.StringIO(r, newline=""), delimiter=form.delimiter)) for r in records]
    return [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]


def _put_back(column: pa.ChunkedArray, stand_in: str, mark: str) -> pa.ChunkedArray:
    if not pc.any(pc.match_substring(column, stand_in)).as_py():
        return column
    return pc.replace_substring(column, stand_in, mark)
