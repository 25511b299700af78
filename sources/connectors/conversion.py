"""What wrong conversions leave in a text: question marks for characters, private ones, 锟斤拷, one encoding read as another.

The text cannot be had back; the column is named, so that somebody exports it anew. Not here: files that are unreadable as a
whole (encoding).
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Question marks within or before Chinese, alone, or in the middle of a code; the replacement character and what becomes of
# it; characters that only somebody's own table knows; control characters.
_REMAINS = (
    r"[\p{Han}]\?+[\p{Han}]|^\?+[\p{Han}]|[\p{Han}]\?{2,}|\?{3,}|^\?{2,}$|^[A-Za-z0-9_-]*\?[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*$"
    r"|\x{FFFD}|锟斤|烫烫|屯屯|[\x{E000}-\x{F8FF}\x{80}-\x{9F}]"
)
# Without one of these bytes there is nothing to look for: ?, Latin letters, private characters, the words above.
_SIGNS = (b"?", b"\xc2", b"\xee", b"\xef\xbf\xbd", "锟斤".encode(), "烫烫".encode(), "屯屯".encode())
_HAN = re.compile("[\u4e00-\u9fff]")
# UTF-8 read as Latin or as GBK begins its characters with one of these.
_FIRST_OF_GBK = "".join(
    bytes((first, second)).decode("gbk")
    for first in range(0xE4, 0xEA)
    for second in range(0x80, 0xC0)
    if second != 0x7F
)
_MISREAD = f"[\u00c0-\u00ff][^\x00-\x7f]|[{_FIRST_OF_GBK}]"
# What a conversion puts where it found half a character, or one that its encoding has not.
_REPLACEMENT = "\ufffd".encode()
# A column is misread throughout or not at all: so many of its first cells tell.
_SAMPLE = 2_000


def damaged_texts(column: pa.ChunkedArray) -> int:
    """How many cells of a column show that their text went through a wrong conversion."""
    found: pa.ChunkedArray | None = None
    if any(_may_hold_remains(chunk) for chunk in column.chunks):
        found = pc.fill_null(pc.match_substring_regex(column, _REMAINS), False)
    sample = column.slice(0, _SAMPLE)
    if not all(_is_ascii(chunk) for chunk in sample.chunks) and len(_misread(sample)):
        misread = pc.is_in(column, value_set=_misread(column))
        found = misread if found is None else pc.or_(found, misread)
    return 0 if found is None else int(pc.sum(found).as_py() or 0)


def replaced_rows(rows: pa.Table) -> pa.ChunkedArray | None:
    """True for rows of text with the replacement character in a cell; None when it is nowhere."""
    found: pa.ChunkedArray | None = None
    for column in rows.columns:
        if pa.types.is_string(column.type) and any(
            _REPLACEMENT in bytes_of(chunk).tobytes() for chunk in column.chunks
        ):
            here = pc.fill_null(pc.match_substring(column, _REPLACEMENT.decode()), False)
            found = here if found is None else pc.or_(found, here)
    return found


def _misread(column: pa.ChunkedArray) -> pa.Array:
    """The different texts of a column that were read in another encoding than they were written in."""
    suspects = column.filter(pc.fill_null(pc.match_substring_regex(column, _MISREAD), False))
    different = pc.unique(suspects)
    return different.filter(pa.array([_is_misread(text) for text in different.to_pylist()], pa.bool_()))


def _is_misread(text: str) -> bool:
    """Whether the bytes of a text are Chinese when they are read in the encoding they were written in."""
    for wrong, right in (
        ("gb18030", "utf-8"),
        ("cp1252", "utf-8"),
        ("latin-1", "utf-8"),
        ("latin-1", "gb18030"),
    ):
        try:
            chinese = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if len(chinese) > 1 and len(_HAN.findall(chinese)) * 2 >= len(chinese):
            return True
    return False


def _may_hold_remains(chunk: pa.Array) -> bool:
    text = bytes_of(chunk).tobytes()
    return any(sign in text for sign in (_SIGNS[:1] if text.isascii() else _SIGNS))


def _is_ascii(chunk: pa.Array) -> bool:
    return bytes_of(chunk).tobytes().isascii()


def bytes_of(chunk: pa.Array) -> np.ndarray:
    """The text of a string column, end to end, without copying it."""
    _, offsets, data = chunk.buffers()
    if data is None or not len(chunk):
        return np.empty(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    return np.frombuffer(data, np.uint8)[int(ends[0]) : int(ends[-1])]
