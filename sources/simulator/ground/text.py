"""Columns of text, built without a Python loop over rows.

Belongs here: turning numpy arrays into pyarrow string arrays (identifiers, decimals, picks from a list, JSON lists).
Does not belong here: what a column means (the subject modules) or how a vendor writes it (delivered/).
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ZERO = ord("0")


def from_bytes(matrix: np.ndarray) -> pa.StringArray:
    """Make one string per row of an (n, width) uint8 matrix holding UTF-8 text of constant width."""
    rows, width = matrix.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(matrix, dtype=np.uint8)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def digits(numbers: np.ndarray, width: int) -> np.ndarray:
    """Return the last `width` decimal digits of non-negative integers as an (n, width) uint8 matrix of ASCII."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return ((np.asarray(numbers, dtype=np.int64)[:, None] // powers) % 10 + _ZERO).astype(np.uint8)


def identifier(prefix: str, numbers: np.ndarray, width: int) -> pa.StringArray:
    """Return prefix + zero-padded number, e.g. ('MZ', 2503000001, 10) → 'MZ2503000001'. Negative numbers → null."""
    numbers = np.asarray(numbers, dtype=np.int64)
    head = np.frombuffer(prefix.encode("ascii"), dtype=np.uint8)
    matrix = np.empty((len(numbers), len(head) + width), dtype=np.uint8)
    matrix[:, : len(head)] = head
    matrix[:, len(head) :] = digits(np.maximum(numbers, 0), width)
    column = from_bytes(matrix)
    return null_where(column, numbers < 0) if (numbers < 0).any() else column


def pick(values: pa.Array | Sequence[str | None], index: np.ndarray) -> pa.Array:
    """Return values[index] as a pyarrow array; a negative index gives null, a mask picks the first or second value."""
    index = index.astype(np.int64) if index.dtype == bool else index
    table = values if isinstance(values, pa.Array) else pa.array(values, type=pa.string())
    return table.take(pa.array(index, mask=index < 0))


def null_where(column: np.ndarray | pa.Array, mask: np.ndarray) -> pa.Array:
    """Return the column with nulls where `mask` (bool, same length) is true."""
    column = column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column)
    return pc.if_else(pa.array(mask), pa.scalar(None, column.type), column)


def either(mask: np.ndarray, yes: pa.Array | str, no: pa.Array | str) -> pa.Array:
    """`yes` where the mask is true, `no` elsewhere; each a column or a constant."""
    return pc.if_else(pa.array(mask), yes, no)


def join(*parts: pa.Array | str, sep: str = "") -> pa.Array:
    """Concatenate columns and constants row by row; a null anywhere gives null."""
    return pc.binary_join_element_wise(*[p if isinstance(p, pa.Array) else pa.scalar(p) for p in parts], sep)


def scaled(numbers: np.ndarray, places: int) -> pa.Array:
    """Write integers counted in 10**-places as plain decimals: (1234, 2) → '12.34', (-5, 2) → '-0.05'."""
    numbers = np.asarray(numbers, dtype=np.int64)
    if places == 0:
        return pa.array(numbers).cast(pa.string())
    size = 10**places
    whole = pa.array(np.abs(numbers) // size).cast(pa.string())
    fraction = from_bytes(digits(np.abs(numbers) % size, places))
    text = pc.binary_join_element_wise(whole, fraction, ".")
    negative = numbers < 0
    return pc.if_else(pa.array(negative), join("-", text), text) if negative.any() else text
