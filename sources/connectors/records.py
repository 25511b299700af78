"""Damaged stretches of delimited text, taken line by line: quoted line breaks joined, damaged lines set apart (V33).

Slow and careful, for the few blocks that Arrow alone cannot be trusted with. Not here: clean text (delimited).
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

# Cells are held against the county's bounds later; the parser must not stop earlier with an error of its own.
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
# A quoted field may run over this many physical lines; more is an unclosed quote.
_LONGEST_RECORD = 200
# After this many records whose end was not found in sight, a stretch of text is taken line by line.
_FAILED_JOINS = 200


@dataclass(frozen=True)
class Form:
    """How a record looks: number of fields and the delimiter, one character."""

    width: int
    delimiter: str


@dataclass
class Sorted:
    """Whole records (line breaks inside a field kept) with the line each begins on, damaged lines, and how many lines at
    the end wait for the next block, because a quoted field is still open there.
    """

    good: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    malformed: list[tuple[int, str]] = field(default_factory=list)
    waiting: int = 0


def sort_out(texts: Sequence[str], first_line: int, form: Form, last: bool) -> Sorted:
    """Judge physical lines (without line feed) one by one; `last` when no block follows."""
    found = Sorted()
    position = failed = 0
    while position < len(texts):
        text, line, length = texts[position].removesuffix("\r"), first_line + position, 1
        if text and is_record(text, form):
            found.good.append(text)
            found.lines.append(line)
        elif text and "\r" in text and ('"' not in text or all_records(text, form)):
            _take_apart(text, line, form, found)
        elif text:
            record, length = _joined(texts, position, form, last) if failed < _FAILED_JOINS else (None, 1)
            if length == 0:
                found.waiting = len(texts) - position
                break
            if record is None:
                found.malformed.append((line, text))
                failed += text.count('"') % 2
            else:
                found.good.append(record)
                found.lines.append(line)
        position += length
    return found


def all_records(text: str, form: Form) -> bool:
    """Whether a line holds whole records, ended by carriage returns alone as some programs mix them in."""
    return all(is_record(piece, form) for piece in text.split("\r") if piece)


def _take_apart(text: str, line: int, form: Form, found: Sorted) -> None:
    for piece in text.split("\r"):
        if piece and is_record(piece, form):
            found.good.append(piece)
            found.lines.append(line)
        elif piece:
            found.malformed.append((line, piece))


def is_record(text: str, form: Form) -> bool:
    """Whether a physical line is a whole record by itself."""
    if "\x00" in text:
        return False
    if '"' not in text:
        return text.count(form.delimiter) == form.width - 1
    fields = fields_of(text, form.delimiter)
    if fields is None or len(fields) != form.width:
        return False
    # An odd quote at the end of a field has lost its other half; within a field it is a character (5" 管). Two fields with
    # one each are the halves of one field that lost the delimiter before it.
    if text.count('"') % 2 and any(value.endswith('"') for value in fields):
        return False
    return _odd_fields(text, form.delimiter) < 2


def _odd_fields(text: str, delimiter: str) -> int:
    """How many fields that do not begin with a quote hold an odd number of them."""
    count = start = 0
    while True:
        if text.startswith('"', start):
            end = text.find('"', start + 1)
            while text.startswith('""', end):
                end = text.find('"', end + 2)
            following = text.find(delimiter, end)
        else:
            following = text.find(delimiter, start)
            end = len(text) if following < 0 else following
            count += text.count('"', start, end) % 2
        if following < 0:
            return count
        start = following + len(delimiter)


def fields_of(text: str, delimiter: str) -> list[str] | None:
    """The fields of one record, None when a quote is left open or closed in the wrong place."""
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _joined(texts: Sequence[str], position: int, form: Form, last: bool) -> tuple[str | None, int]:
    """A record whose quoted field runs over several lines, and how many it takes; 0 when the end is not in sight.

    An unclosed quote would swallow whole records: the join is refused as soon as a following line is one by itself.
    """
    quotes = texts[position].count('"')
    if quotes % 2 == 0 or "\x00" in texts[position]:
        return None, 1
    there = len(texts) - position
    for length in range(2, min(_LONGEST_RECORD, there) + 1):
        following = texts[position + length - 1].removesuffix("\r")
        if is_record(following, form):
            return None, 1
        quotes += following.count('"')
        if quotes % 2 == 0:
            record = "\n".join(texts[position : position + length]).removesuffix("\r")
            fields = fields_of(record, form.delimiter)
            if fields is not None and len(fields) == form.width:
                return record, length
    return None, 0 if not last and there < _LONGEST_RECORD else 1
