"""MariaDB and MySQL through PyMySQL, rows streamed: the text protocol brings every value as the server writes it.

Zero dates, times beyond a day and 65-digit decimals have no counterpart in Arrow or Python; as text they stay what they
are. Not here: which rows (select).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast

import pyarrow as pa
import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions
from pymysql.cursors import SSCursor

from sources.connectors.databases.address import Address
from sources.connectors.databases.failures import DatabaseError, Kind, failing_as
from sources.connectors.databases.server import (
    Category,
    Limits,
    ResultColumn,
    decoded,
    fetched,
    hexadecimal,
    quoted,
)

# Python values going out are escaped as ever; nothing coming in is converted.
_CONVERSIONS: dict[int | type[Any], Callable[[Any], str] | Callable[[str], Any]] = {
    key: convert for key, convert in conversions.items() if not isinstance(key, int)
}
_TIMES = (FIELD_TYPE.DATE, FIELD_TYPE.NEWDATE, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP)
_TEXTS = (FIELD_TYPE.VAR_STRING, FIELD_TYPE.STRING, FIELD_TYPE.VARCHAR, FIELD_TYPE.BLOB, FIELD_TYPE.LONG_BLOB)
_NUMBERS = (
    FIELD_TYPE.TINY,
    FIELD_TYPE.SHORT,
    FIELD_TYPE.INT24,
    FIELD_TYPE.LONG,
    FIELD_TYPE.LONGLONG,
    FIELD_TYPE.DECIMAL,
    FIELD_TYPE.NEWDECIMAL,
    FIELD_TYPE.FLOAT,
    FIELD_TYPE.DOUBLE,
    FIELD_TYPE.YEAR,
)
_GRACE_SECONDS = 30
_SESSION = (
    "session transaction isolation level repeatable read",
    "session transaction read only",
    "time_zone = '+08:00'",
    "net_write_timeout = 600",
)
_UNKNOWN_SETTING = (1064, 1193)
_KINDS = {
    Kind.PERMISSION: (1044, 1045, 1142, 1143, 1227, 1370, 1698, 1820, 3118),
    Kind.MISSING: (1049, 1051, 1054, 1109, 1146),
    Kind.TIMEOUT: (1205, 1969, 3024),
    Kind.UNREACHABLE: (1040, 1129, 1203, 1226, 2002, 2003, 2005),
    Kind.INTERRUPTED: (1053, 1159, 1160, 1161, 1184, 1213, 1317, 1927, 2006, 2013, 2055),
    Kind.ENCODING: (1300, 1366, 3854),
}


class MySQL:
    """One read-only connection to MariaDB or MySQL. Raises DatabaseError."""

    kind = "mysql"

    def __init__(self, address: Address, limits: Limits) -> None:
        self._encoding = address.text_encoding
        options = address.options
        with failing_as(pymysql.MySQLError, _told_apart):
            self._connection = pymysql.connect(
                host=address.host,
                port=address.port or 3306,
                user=address.user,
                password=address.password,
                database=address.database or None,
                charset="utf8mb4",
                use_unicode=self._encoding is None,
                conv=_CONVERSIONS,
                autocommit=True,
                connect_timeout=limits.connect_seconds,
                # The server's own limit comes first: it says what it was.
                read_timeout=limits.statement_seconds + _GRACE_SECONDS,
                ssl_ca=options.get("ssl_ca"),
                ssl_verify_cert=True if options.get("ssl_ca") else None,
            )
            self._prepare(limits)

    def _prepare(self, limits: Limits) -> None:
        if self._encoding is not None:
            # Bytes as they are stored: the server's idea of them is not to be trusted.
            self._set("names binary")
        for setting in _SESSION:
            self._set(setting)
        mariadb = "MariaDB" in self._connection.get_server_info()
        limit, unit = ("max_statement_time", 1) if mariadb else ("max_execution_time", 1000)
        self._set(f"session {limit} = {limits.statement_seconds * unit}")

    def _set(self, setting: str) -> None:
        """Set something of the session where this server knows it: many members run very old ones."""
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(f"set {setting}")
            except pymysql.MySQLError as error:
                if error.args[0] not in _UNKNOWN_SETTING:
                    raise

    def quote(self, name: str) -> str:
        return quoted(name, "`", "`")

    def moment(self, text: str) -> str:
        return f"'{text}'"

    def text_of(self, column: ResultColumn) -> str:
        name = f"q.{self.quote(column.name)}"
        # The text protocol prints a FLOAT with six digits; as a double all of them come.
        return f"{name} + 0e0" if column.type == str(FIELD_TYPE.FLOAT) else name

    def matching(self, column: ResultColumn) -> str:
        return f"q.{self.quote(column.name)}"

    def tables(self) -> list[tuple[str, str]]:
        rows = self._fetch("select table_schema, table_name from information_schema.tables")
        return [(_plain(schema), _plain(name)) for schema, name in rows]

    def columns(self, relation: str) -> list[ResultColumn]:
        with failing_as(pymysql.MySQLError, _told_apart), self._connection.cursor() as cursor:
            cursor.execute(f"select * from {relation} q limit 0")
            # The stubs of PyMySQL take the description of a column for a text.
            described = cast(Sequence[tuple[Any, ...]], cursor.description)
            return [ResultColumn(name, _category(kind), str(kind)) for name, kind, *_ in described]

    def clock(self) -> datetime:
        ((now,),) = self._fetch("select date_format(now(), '%Y-%m-%d %H:%i:%s')")
        return datetime.fromisoformat(_plain(now))

    def stream(self, sql: str, columns: Sequence[ResultColumn]) -> Iterator[pa.Table]:
        names, texts = [column.name for column in columns], [self._text(column) for column in columns]
        try:
            with failing_as(pymysql.MySQLError, _told_apart):
                with self._connection.cursor() as cursor:
                    cursor.execute("start transaction with consistent snapshot")
                # Never closed: closing it would read the rest of the result; the connection ends with the extraction.
                cursor = SSCursor(self._connection)
                cursor.execute(sql)
                yield from fetched(cursor, names, texts)
        except UnicodeDecodeError:
            raise DatabaseError(Kind.ENCODING) from None

    def _text(self, column: ResultColumn) -> Callable[[Sequence], pa.Array]:
        if column.type == str(FIELD_TYPE.FLOAT):
            return _short_float
        if column.type == str(FIELD_TYPE.BIT):
            return _bits
        if self._encoding is not None:
            return partial(_decoded, encoding=self._encoding)
        return _as_it_is

    def _fetch(self, sql: str) -> Sequence[tuple]:
        with failing_as(pymysql.MySQLError, _told_apart), self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def close(self) -> None:
        if self._connection.open:
            self._connection.close()


def _plain(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _as_it_is(values: Sequence) -> pa.Array:
    """Text as it came; what is declared as bytes (BLOB, BINARY) as text where it is some, else as hexadecimal digits."""
    if any(isinstance(value, bytes) for value in values):
        values = [_readable(value) if isinstance(value, bytes) else value for value in values]
    return pa.array(values, pa.string())


def _readable(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return hexadecimal(value)


def _decoded(values: Sequence, encoding: str) -> pa.Array:
    return pa.array(decoded([v.encode() if isinstance(v, str) else v for v in values], encoding), pa.string())


def _short_float(values: Sequence) -> pa.Array:
    """The shortest text that means the same single-precision number."""
    return (
        pa.array([_plain(v) if v is not None else None for v in values], pa.string())
        .cast(pa.float32())
        .cast(pa.string())
    )


def _bits(values: Sequence) -> pa.Array:
    return pa.array([None if v is None else str(int.from_bytes(v, "big")) for v in values], pa.string())


def _category(kind: int) -> Category:
    if kind in _TIMES:
        return "time"
    if kind in _NUMBERS:
        return "number"
    return "text" if kind in _TEXTS else "other"


def _told_apart(error: pymysql.MySQLError) -> DatabaseError:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    for kind, numbers in _KINDS.items():
        if number in numbers:
            return DatabaseError(kind, str(number))
    if isinstance(error, pymysql.InterfaceError) or number == 0:
        return DatabaseError(Kind.INTERRUPTED, str(number))
    return DatabaseError(Kind.QUERY, str(number))
