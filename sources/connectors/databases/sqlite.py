"""SQLite through Python's own module: a file in the county folder, opened for reading only.

Values have types here, columns do not: every value becomes text by itself. Not here: which rows (select).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

import pyarrow as pa

from sources.base.months import shanghai_time
from sources.connectors.databases.address import Address
from sources.connectors.databases.failures import DatabaseError, Kind, failing_as
from sources.connectors.databases.server import Limits, ResultColumn, fetched, hexadecimal, quoted

_STEPS_BETWEEN_LOOKS = 100_000


class SQLite:
    """One read-only connection to an SQLite file. Raises DatabaseError."""

    kind = "sqlite"

    def __init__(self, address: Address, limits: Limits) -> None:
        self._path = address.path
        if not self._path.is_file():
            raise DatabaseError(Kind.MISSING, subject=self._path.name)
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        with failing_as(sqlite3.Error, _told_apart):
            # The stream may be read in another thread than the one that opened it, never in two at once.
            self._connection = sqlite3.connect(
                uri, uri=True, timeout=limits.connect_seconds, check_same_thread=False
            )
            self._connection.execute("pragma query_only = on")
            self._connection.execute("pragma trusted_schema = off")
        if address.text_encoding is not None:
            self._connection.text_factory = partial(str, encoding=address.text_encoding, errors="strict")
        self._limit = limits.statement_seconds

    def quote(self, name: str) -> str:
        return quoted(name, '"', '"')

    def moment(self, text: str) -> str:
        return f"'{text}'"

    def text_of(self, column: ResultColumn) -> str:
        return f"q.{self.quote(column.name)}"

    def matching(self, column: ResultColumn) -> str:
        return f"cast(q.{self.quote(column.name)} as text)"

    def tables(self) -> list[tuple[str, str]]:
        rows = self._fetch("select name from sqlite_master where type in ('table', 'view') order by name")
        return [("main", name) for (name,) in rows]

    def columns(self, relation: str) -> list[ResultColumn]:
        with failing_as(sqlite3.Error, _told_apart):
            cursor = self._connection.execute(f"select * from {relation} q limit 0")
        return [ResultColumn(name, "text") for name, *_ in cursor.description]

    def clock(self) -> datetime:
        """When the file was last written: as with any delivered file."""
        return shanghai_time(self._path.stat().st_mtime)

    def stream(self, sql: str, columns: Sequence[ResultColumn]) -> Iterator[pa.Table]:
        names, texts = [column.name for column in columns], [_text] * len(columns)
        self._stop_after(self._limit)
        try:
            with failing_as(sqlite3.Error, _told_apart):
                yield from fetched(self._connection.execute(sql), names, texts)
        except UnicodeDecodeError:
            raise DatabaseError(Kind.ENCODING) from None

    def _stop_after(self, seconds: int) -> None:
        end = time.monotonic() + seconds
        self._connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_LOOKS)

    def _fetch(self, sql: str) -> list[tuple]:
        with failing_as(sqlite3.Error, _told_apart):
            return self._connection.execute(sql).fetchall()

    def close(self) -> None:
        self._connection.close()


def _text(values: Sequence) -> pa.Array:
    """Text stays; whole numbers, reals (shortest text of the same number) and blobs are written out."""
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([_written(value) for value in values], pa.string())


def _written(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return hexadecimal(value) if isinstance(value, bytes) else str(value)


def _told_apart(error: sqlite3.Error) -> DatabaseError:
    code = getattr(error, "sqlite_errorname", "") or ""
    said = str(error)
    if "no such" in said:
        return DatabaseError(Kind.MISSING, code)
    if "decode to UTF-8" in said:
        return DatabaseError(Kind.ENCODING, code)
    by_code = {
        "SQLITE_INTERRUPT": Kind.TIMEOUT,
        "SQLITE_BUSY": Kind.UNREACHABLE,
        "SQLITE_LOCKED": Kind.UNREACHABLE,
        "SQLITE_CANTOPEN": Kind.PERMISSION,
        "SQLITE_PERM": Kind.PERMISSION,
        "SQLITE_NOTADB": Kind.DAMAGED,
        "SQLITE_CORRUPT": Kind.DAMAGED,
    }
    return DatabaseError(by_code.get(code, Kind.QUERY), code)
