"""What every kind of server offers to the extraction, and the pieces they share.

Here: the protocol, columns of a result, limits, text checked. Not here: SQL that means something (select) or a driver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

import pyarrow as pa

from sources.base.bounds import Bounds
from sources.connectors.databases.failures import DatabaseError, Kind

Category = Literal["time", "number", "text", "other"]
# Rows fetched at a time: enough to keep a driver busy, little enough to keep memory flat however wide they are.
FETCH_ROWS = 20_000
_FIRST_ROWS = 500
_PIECE_BYTES = 4 << 20


@dataclass(frozen=True)
class Limits:
    """Bounds of reading; the county's settings."""

    connect_seconds: int
    statement_seconds: int
    reading: Bounds


@dataclass(frozen=True)
class ResultColumn:
    """One column of a table or query. `type` is the driver's word for its type."""

    name: str
    category: Category
    type: str = ""


class Server(Protocol):
    """One read-only connection."""

    kind: str

    def quote(self, name: str) -> str:
        """An identifier as it stands, whatever its letters."""

    def moment(self, text: str) -> str:
        """A literal for ISO `text` (day, or day and time), comparable with this server's times."""

    def text_of(self, column: ResultColumn) -> str:
        """The expression that gives that column of alias `q` as text, digit by digit."""

    def matching(self, column: ResultColumn) -> str:
        """The expression of that column to be compared with LIKE."""

    def tables(self) -> list[tuple[str, str]]:
        """(schema, name) of the tables and views this account may read."""

    def columns(self, relation: str) -> list[ResultColumn]:
        """Columns of a relation (a quoted table, or a query in brackets)."""

    def clock(self) -> datetime:
        """The server's own time, as wall time in Shanghai, whole seconds."""

    def stream(self, sql: str, columns: Sequence[ResultColumn]) -> Iterator[pa.Table]:
        """Rows of a statement, piece by piece, every column as text (null stays null)."""

    def close(self) -> None:
        """Give the connection back, in the middle of a result too."""


def quoted(name: str, opening: str, closing: str) -> str:
    return f"{opening}{name.replace(closing, closing * 2)}{closing}"


def hexadecimal(value: bytes) -> str:
    """Bytes that are no text, readable: 0x00FF."""
    return f"0x{value.hex().upper()}"


def checked(array: pa.Array) -> pa.Array:
    """The text itself. Raises DatabaseError when it is not UTF-8."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        raise DatabaseError(Kind.ENCODING) from None
    return array


def decoded(values: Sequence[bytes | None], encoding: str) -> list[str | None]:
    """Bytes as text of a stated encoding. Raises DatabaseError when they are not."""
    try:
        return [None if value is None else value.decode(encoding) for value in values]
    except UnicodeDecodeError:
        # The error itself holds the value.
        raise DatabaseError(Kind.ENCODING) from None


def fetched(
    cursor: Any, names: Sequence[str], texts: Sequence[Callable[[Sequence], pa.Array]]
) -> Iterator[pa.Table]:
    """The rows of a DB-API cursor in pieces of about the same size; `texts` make one column's values text."""
    count = _FIRST_ROWS
    while rows := cursor.fetchmany(count):
        columns = zip(*rows, strict=True)
        table = pa.table(
            [text(values) for text, values in zip(texts, columns, strict=True)], names=list(names)
        )
        del rows
        yield table
        count = min(FETCH_ROWS, max(1, _PIECE_BYTES * table.num_rows // max(table.nbytes, 1)))
