"""JSON: an array of flat objects (alone or wrapped, as API pages are dumped) or one object a line.

Numbers keep their digits as delivered; a nested value stays JSON text. A damaged line of JSON lines is set apart; a
damaged array is refused, because nobody can tell where it goes on. Not here: what keys mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sources.base.refusal import RefusedError
from sources.connectors.delivered import Delivered, unique_header
from sources.connectors.encoding import Encoding, line_too_long, text_blocks, text_pieces
from sources.connectors.remarks import PART_NOT_READ, Remarks
from sources.connectors.rows import Row, chunks_of, not_all_blank
from sources.connectors.source import Bytes
from sources.connectors.stated_counts import StatedCounts

_BLANK = " \t\r\n,"
# No word, escape or sign of JSON besides strings and numbers is longer.
_LONGEST_TOKEN = 16
# So many values beside the rows are told by name, further ones together.
_MOST_TOLD = 20


class _Number(str):
    """A number in the digits it was written in."""

    __slots__ = ()


class _Pairs(list[tuple[str, Any]]):
    """One object, its keys in order, repeated ones too."""


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_Number
)
# A record by itself: its number, and its pairs or the text that is none.
_Record = tuple[int, _Pairs | None, str | None]


def looks_like_json(head: str) -> bool:
    """Whether text begins like an array of objects or like an object."""
    text = head.lstrip(" \t\r\n\ufeff")
    if text.startswith("["):
        return text[1:].lstrip()[:1] in ("{", "]", "")
    return text.startswith("{") and text[1:].lstrip()[:1] in ('"', "}", "")


def read_json(source: Bytes, encoding: Encoding) -> Delivered:
    """Read JSON; the header is every key there is, in the order of first appearance: of no rows there is none. Raises RefusedError."""
    is_lines = _is_lines(source, encoding)
    keys: dict[str, None] = {}
    has_rows = False
    for _, pairs, _ in _records(source, encoding, is_lines, Remarks()):
        has_rows = True
        keys.update((key, None) for key, _ in pairs or ())
        if len(keys) > source.bounds.max_columns:
            break
    if has_rows and not keys:
        raise RefusedError(
            "JSON_NO_TABLE",
            "JSON 里没有一个能读出列的对象;请报送对象数组,或每行一个对象",
            "no object of this JSON has a key that can be read: deliver an array of objects, or one object a line",
        )
    names = unique_header(list(keys), source.bounds)
    dialect = "json lines" if is_lines else "json array, lines are elements"
    remarks = Remarks()
    rows = _rows(_records(source, encoding, is_lines, remarks), {key: n for n, key in enumerate(keys)})
    chunks = not_all_blank(chunks_of(source, names, rows, remarks), remarks)
    return Delivered(names, encoding.name, dialect, chunks, remarks=remarks)


def _is_lines(source: Bytes, encoding: Encoding) -> bool:
    """One whole object on the first line, and another on the next; an object alone must not hold the rows inside."""
    text = next(text_blocks(source, encoding)).data.decode("utf-8").lstrip(" \t\r\n\ufeff")
    first, _, below = text.partition("\n")
    if not first.startswith("{"):
        return False
    try:
        found = _DECODER.decode(first)
    except (ValueError, RecursionError):
        return below.lstrip().startswith("{")
    return below.lstrip().startswith("{") or not any(_arrays(found))


def _records(source: Bytes, encoding: Encoding, is_lines: bool, remarks: Remarks) -> Iterator[_Record]:
    return _by_line(source, encoding) if is_lines else _of_array(source, encoding, remarks)


def _by_line(source: Bytes, encoding: Encoding) -> Iterator[_Record]:
    for block in text_blocks(source, encoding):
        for number, line in enumerate(block.data.decode("utf-8").split("\n"), start=block.first_line):
            for text in _objects_of(line.strip()):
                pairs = _decoded(text)
                yield number, pairs if number not in block.foreign else None, text


def _objects_of(line: str) -> list[str]:
    """A line as it is, or in pieces where carriage returns alone end objects."""
    if "\r" in line and _decoded(line) is None:
        return [piece for piece in line.split("\r") if piece.strip()]
    return [line] if line else []


def _decoded(text: str) -> _Pairs | None:
    """The object a text is, None when it is none."""
    try:
        pairs = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return pairs if _is_whole(pairs) else None


def _is_whole(pairs: object) -> bool:
    """An object in which no key stands twice: of two values nobody could tell the right one."""
    return isinstance(pairs, _Pairs) and len({key for key, _ in pairs}) == len(pairs)


def _of_array(source: Bytes, encoding: Encoding, remarks: Remarks) -> Iterator[_Record]:
    """Elements of the array, numbered from 1; of an object the one array of objects it holds."""
    text = _Text(source, encoding)
    if text.peek() == "{":
        yield from _of_wrapper(text, remarks)
        return
    text.expect("[")
    number = 0
    while text.peek() != "]":
        number += 1
        value = text.value()
        yield number, value if _is_whole(value) else None, _as_text(value)
    text.expect("]")
    if text.peek():
        raise _unreadable(number)


def _of_wrapper(text: _Text, remarks: Remarks) -> Iterator[_Record]:
    whole = text.value()
    if text.peek():
        raise _unreadable(1)
    arrays = list(_arrays(whole))
    if len(arrays) != 1:
        raise RefusedError(
            "JSON_NO_TABLE",
            f"JSON 对象里有 {len(arrays)} 个对象数组,应当只有一个;请直接报送数组,或每行一个对象",
            f"the JSON object holds {len(arrays)} arrays of objects, it should be one: deliver the array itself, or one "
            "object a line",
        )
    for number, value in enumerate(arrays[0], start=1):
        yield number, value if _is_whole(value) else None, _as_text(value)
    _tell_beside(whole, arrays[0], remarks)


def _tell_beside(whole: object, rows: Sequence[Any], remarks: Remarks) -> None:
    """Values around the rows are named; one that counts rows is held against them."""
    counts = StatedCounts()
    for number, (name, value) in enumerate(_beside(whole, rows, "")):
        remarks.add(PART_NOT_READ, name if number < _MOST_TOLD else "…")
        counts.note(name, value)
    counts.hold_against(len(rows), remarks)


def _beside(value: object, rows: Sequence[Any], name: str) -> Iterator[tuple[str, str]]:
    """(keys from the outermost on, text) of every value in an object that is not within the rows."""
    if isinstance(value, _Pairs):
        for key, inner in value:
            yield from _beside(inner, rows, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and (value is rows or any(inner is rows for inner in value)):
        return
    elif text := _as_text(value):
        yield name, text


def _arrays(value: object) -> Iterator[Sequence[Any]]:
    """Arrays of objects inside an object, outermost first."""
    if isinstance(value, _Pairs):
        for _, inner in value:
            yield from _arrays(inner)
    elif isinstance(value, list) and any(isinstance(inner, _Pairs) for inner in value):
        yield value
    elif isinstance(value, list):
        # Lists of lists: rows without names.
        yield from (inner for inner in value if isinstance(inner, list) and inner)


class _Text:
    """JSON text read value by value, a block at a time."""

    def __init__(self, source: Bytes, encoding: Encoding) -> None:
        self._longest = max(source.bounds.max_line_bytes, source.bounds.chunk_bytes)
        self._pieces = text_pieces(source, encoding)
        self._text = ""
        self._position = 0
        self._line = 1

    def peek(self) -> str:
        """The next character that is not blank, "" at the end."""
        while True:
            while self._position < len(self._text):
                character = self._text[self._position]
                if character not in _BLANK and character != "\ufeff":
                    return character
                self._position += 1
            if not self._more():
                return ""

    def expect(self, character: str) -> None:
        if self.peek() != character:
            raise _unreadable(self._line)
        self._position += 1

    def value(self) -> Any:
        """The next value, whole. Raises RefusedError."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._position)
            except RecursionError:
                raise _unreadable(self._line) from None
            except ValueError as error:
                # It may only be unfinished: an error in the middle is one for good.
                if len(self._text) - self._position > self._longest:
                    raise line_too_long(self._longest) from None
                if self._is_broken(error) or not self._more():
                    raise _unreadable(self._line) from None
                continue
            if end == len(self._text) and not isinstance(value, (_Pairs, list, str)) and self._more():
                continue
            self._position = end
            return value

    def _is_broken(self, error: ValueError) -> bool:
        at_the_end = len(self._text) - getattr(error, "pos", 0) < _LONGEST_TOKEN
        return not at_the_end and "Unterminated" not in str(error)

    def _more(self) -> bool:
        piece = next(self._pieces, "")
        self._line += self._text.count("\n", 0, self._position)
        self._text = self._text[self._position :] + piece
        self._position = 0
        return bool(piece)


def _rows(records: Iterator[_Record], places: dict[str, int]) -> Iterator[Row]:
    for number, pairs, text in records:
        if pairs is None:
            yield number, None, text
            continue
        cells = [""] * len(places)
        for key, value in pairs:
            cells[places[key]] = _as_text(value)
        yield number, cells, None


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    return "".join(_written(value))


def _written(value: object) -> Iterator[str]:
    """A nested value as JSON text, numbers in their own digits."""
    if isinstance(value, _Pairs):
        inner = ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {''.join(_written(v))}" for k, v in value)
        yield f"{{{inner}}}"
    elif isinstance(value, list):
        yield f"[{', '.join(''.join(_written(inner)) for inner in value)}]"
    elif isinstance(value, _Number):
        yield str(value)
    else:
        yield json.dumps(value, ensure_ascii=False)


def _unreadable(line: int) -> RefusedError:
    return RefusedError(
        "JSON_UNREADABLE",
        f"第 {line} 行附近不是完整的 JSON(可能被截断);请重新导出,最好每行一个对象",
        f"no whole JSON near line {line} (cut off?): export it anew, best one object a line",
    )
