"""Rows that have landed before, known by their content: so that an extraction lands only what is new.

Sixteen bytes a row are kept in memory, for as long as one extraction lasts; nothing is written. Not here: reading or
keeping rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.connectors.delivered import LINE, MALFORMED

_FIELD, _NULL, _ESCAPE = "\x1f", "\x1e", "\x1d"
_SPECIAL = "[\x1d-\x1f]"
_ESCAPED = ((_ESCAPE, "\x1d0"), (_NULL, "\x1d1"), (_FIELD, "\x1d2"))


class LandedRows:
    """A set of rows, asked for by content; empty text and null are different."""

    def __init__(self, tables: Iterable[tuple[pa.Table, bool]]) -> None:
        """Tables in the order in which they landed, and whether each tells of rows that are gone: those leave the set."""
        hashes, flags = [], []
        for table, deletes in tables:
            hashes.append(row_hashes(table))
            flags.append(np.full(table.num_rows, deletes))
        self._take(hashes, flags)

    @classmethod
    def of(cls, hashes: Sequence[np.ndarray]) -> LandedRows:
        """The set of rows with these hashes."""
        made = cls(())
        made._take(hashes, [np.zeros(len(each), bool) for each in hashes])
        return made

    def _take(self, hashes: Sequence[np.ndarray], flags: Sequence[np.ndarray]) -> None:
        together = np.concatenate(hashes) if hashes else np.empty((0, 2), np.uint64)
        gone = np.concatenate(flags) if flags else np.empty(0, bool)
        order = np.lexsort((together[:, 1], together[:, 0]))  # stable: of equal rows the last one landed last
        together, gone = together[order], gone[order]
        last = np.ones(len(together), bool)
        last[:-1] = (together[1:] != together[:-1]).any(axis=1)
        kept = together[last & ~gone]
        self._first, self._second = np.ascontiguousarray(kept[:, 0]), np.ascontiguousarray(kept[:, 1])

    def __len__(self) -> int:
        return len(self._first)

    def holds(self, hashes: np.ndarray) -> np.ndarray:
        """Which of these rows are in the set."""
        if not len(self._first):
            return np.zeros(len(hashes), bool)
        place = np.minimum(np.searchsorted(self._first, hashes[:, 0]), len(self._first) - 1)
        return (self._first[place] == hashes[:, 0]) & (self._second[place] == hashes[:, 1])

    def without(self, table: pa.Table) -> pa.Table:
        """The rows of `table` that are not in the set."""
        if not len(self._first) or not table.num_rows:
            return table
        return table.filter(pa.array(~self.holds(row_hashes(table))))


def row_hashes(table: pa.Table) -> np.ndarray:
    """128 bits for every row's content, as two columns of uint64. Order and case of the headers do not matter."""
    names = sorted(set(table.column_names) - {LINE, MALFORMED}, key=str.casefold)
    key = hashlib.sha256(_FIELD.join(names).casefold().encode()).digest()
    columns = [_unambiguous(table.column(name)) for name in names]
    joined = pc.binary_join_element_wise(*columns, _FIELD, null_handling="replace", null_replacement=_NULL)
    digests = (
        hashlib.blake2b(row, digest_size=16, key=key).digest() for row in joined.cast(pa.binary()).to_pylist()
    )
    return np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2)


def _unambiguous(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The text with separators in it written otherwise, so that no two rows join to the same text."""
    if pc.any(pc.match_substring_regex(column, _SPECIAL)).as_py():
        for character, stand_in in _ESCAPED:
            column = pc.replace_substring(column, character, stand_in)
    return column


class ContentDigest:
    """SHA-256 of rows in their order, the same however they are cut into pieces; `bytes` counts their text."""

    def __init__(self, header: Sequence[str]) -> None:
        self._header = tuple(header)
        # Lengths and text apart: hashed together they would tell where the pieces were cut.
        self._columns = [(hashlib.sha256(), hashlib.sha256()) for _ in header]
        self.bytes = 0

    def add(self, rows: pa.Table) -> None:
        """Take in more rows (their line numbers do not count)."""
        for name, (lengths, texts) in zip(self._header, self._columns, strict=True):
            for chunk in rows.column(name).chunks:
                sizes = pc.fill_null(pc.binary_length(chunk), -1).to_numpy(zero_copy_only=False)
                lengths.update(np.ascontiguousarray(sizes, np.int32).data)
                texts.update(text := _bytes_of(chunk))
                self.bytes += len(text)

    def hexdigest(self) -> str:
        whole = hashlib.sha256(_FIELD.join(self._header).encode())
        for digests in self._columns:
            for digest in digests:
                whole.update(digest.digest())
        return whole.hexdigest()


def _bytes_of(column: pa.Array) -> memoryview:
    """The text of a string column, end to end."""
    _, offsets, data = column.buffers()
    if data is None:
        return memoryview(b"")
    ends = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])]
