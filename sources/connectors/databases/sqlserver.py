"""SQL Server through mssql-python: the server writes every value as text, its Arrow reader brings it over.

Tried against a stand-in for the driver only: there was no SQL Server to prove it with. The driver is not installed
with the warehouse (docs/connect-a-database.md). Not here: which rows (select).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pyarrow as pa

from sources.connectors.databases.address import Address
from sources.connectors.databases.drivers import import_driver
from sources.connectors.databases.failures import DatabaseError, Kind, failing_as
from sources.connectors.databases.server import FETCH_ROWS, Category, Limits, ResultColumn, checked, quoted

_TIMES = ("date", "datetime", "datetime2", "smalldatetime", "datetimeoffset")
_NUMBERS = (
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "decimal",
    "numeric",
    "money",
    "smallmoney",
    "float",
    "real",
)
_TEXTS = ("char", "varchar", "nchar", "nvarchar", "text", "ntext")
# Style of CONVERT that loses nothing: ISO times, four digits of money, seventeen of float, 0x of bytes.
_STYLES = {
    "datetime": 121, "smalldatetime": 120, "datetime2": 121, "date": 23, "time": 114, "money": 2, "smallmoney": 2,
    "float": 3, "real": 3, "binary": 1, "varbinary": 1, "timestamp": 1, "rowversion": 1,
}  # fmt: skip
_DESCRIBE = (
    "select name, system_type_name from sys.dm_exec_describe_first_result_set(N'{sql}', null, 0) "
    "where is_hidden = 0 order by column_ordinal"
)
_CLOCK = "select convert(varchar(19), switchoffset(sysdatetimeoffset(), '+08:00'), 120)"
_SNAPSHOT = "select snapshot_isolation_state from sys.databases where name = db_name()"
# The driver says in fixed English what the SQLSTATE means, then what the server said in its own words.
_BY_WORDS = (
    (
        Kind.PERMISSION,
        ("invalid authorization", "permission was denied", "login failed", "cannot open database"),
    ),
    (
        Kind.MISSING,
        ("base table or view not found", "column not found", "invalid object name", "invalid column"),
    ),
    (
        Kind.UNREACHABLE,
        ("unable to establish connection", "server rejected", "connection timeout", "login timeout"),
    ),
    (Kind.TIMEOUT, ("timeout expired", "query timeout", "lock request time out")),
    (
        Kind.INTERRUPTED,
        ("communication link failure", "connection fail", "serialization", "deadlock", "not open"),
    ),
)


class SQLServer:
    """One connection to SQL Server. Raises DatabaseError, RefusedError when the driver is not installed."""

    kind = "sqlserver"

    def __init__(self, address: Address, limits: Limits) -> None:
        self._driver = import_driver("mssql_python", "SQL Server")
        with self._failing():
            self._connection = self._driver.connect(
                _connection_string(address), autocommit=True, timeout=limits.connect_seconds
            )
            self._connection.timeout = limits.statement_seconds
            ((state,),) = self._fetch(_SNAPSHOT)
            isolation = "snapshot" if state == 1 else "read committed"
            self._execute(f"set transaction isolation level {isolation}")
            self._execute("set lock_timeout 60000")

    def quote(self, name: str) -> str:
        return quoted(name, "[", "]")

    def moment(self, text: str) -> str:
        return f"'{text.replace(' ', 'T')}'" if len(text) > 10 else f"'{text.replace('-', '')}'"

    def text_of(self, column: ResultColumn) -> str:
        name = f"q.{self.quote(column.name)}"
        if column.type == "datetimeoffset":
            return f"convert(nvarchar(40), convert(datetime2(7), switchoffset({name}, '+08:00')), 121)"
        style = _STYLES.get(column.type)
        return f"convert(nvarchar(max), {name}{'' if style is None else f', {style}'})"

    def matching(self, column: ResultColumn) -> str:
        return f"q.{self.quote(column.name)}"

    def tables(self) -> list[tuple[str, str]]:
        with self._failing():
            rows = self._fetch("select table_schema, table_name from information_schema.tables")
        return [(schema, name) for schema, name in rows]

    def columns(self, relation: str) -> list[ResultColumn]:
        sql = f"select * from {relation} q".replace("'", "''")
        with self._failing():
            self._execute(f"select top 0 * from {relation} q")
            described = self._fetch(_DESCRIBE.format(sql=sql))
        kinds = [(name, re.split(r"[(\s]", kind or "")[0]) for name, kind in described]
        return [ResultColumn(name, _category(kind), kind) for name, kind in kinds]

    def clock(self) -> datetime:
        with self._failing():
            ((now,),) = self._fetch(_CLOCK)
        return datetime.fromisoformat(now)

    def stream(self, sql: str, columns: Sequence[ResultColumn]) -> Iterator[pa.Table]:
        names = [column.name for column in columns]
        with self._failing(), self._execute(sql).arrow_reader(batch_size=FETCH_ROWS) as batches:
            for batch in batches:
                yield pa.table([checked(column.cast(pa.string())) for column in batch.columns], names=names)

    def _failing(self) -> AbstractContextManager[None]:
        return failing_as(self._driver.Error, _told_apart)

    def _execute(self, sql: str) -> Any:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        return cursor

    def _fetch(self, sql: str) -> list[tuple]:
        return [tuple(row) for row in self._execute(sql).fetchall()]

    def close(self) -> None:
        self._connection.close()


def _connection_string(address: Address) -> str:
    """ODBC's form; what stands after `?` in the URL is passed on (Encrypt, TrustServerCertificate …)."""
    parts = {
        "Server": f"{address.host},{address.port or 1433}",
        "Database": address.database,
        "UID": address.user,
        "PWD": address.password,
        "ApplicationIntent": "ReadOnly",
        **address.options,
    }
    return "".join(f"{name}={{{value.replace('}', '}}')}}};" for name, value in parts.items())


def _category(kind: str) -> Category:
    if kind in _TIMES:
        return "time"
    if kind in _NUMBERS:
        return "number"
    return "text" if kind in _TEXTS else "other"


def _told_apart(error: Exception) -> DatabaseError:
    said = str(error).lower()
    for kind, words in _BY_WORDS:
        if any(word in said for word in words):
            return DatabaseError(kind)
    return DatabaseError(Kind.QUERY)
