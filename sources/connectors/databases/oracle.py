"""Oracle through python-oracledb (thin): the server writes every value as text, Arrow batches bring it over.

Tried against a stand-in for the driver only: there was no Oracle server to prove it with. The driver is not installed
with the warehouse (docs/connect-a-database.md). Not here: which rows (select).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pyarrow as pa

from sources.connectors.databases.address import Address
from sources.connectors.databases.drivers import import_driver
from sources.connectors.databases.failures import DatabaseError, Kind, failing_as
from sources.connectors.databases.server import FETCH_ROWS, Category, Limits, ResultColumn, checked, quoted

_SESSION = (
    "alter session set time_zone = '+08:00'",
    "alter session set nls_numeric_characters = '.,'",
    "set transaction read only",
)
_DAY_TIME = "YYYY-MM-DD HH24:MI:SS"
_KINDS = {
    Kind.PERMISSION: (1005, 1017, 1031, 1045, 28000, 28001),
    Kind.MISSING: (904, 942, 12514, 12505),
    Kind.TIMEOUT: (1013, 30006, 3136),
    Kind.UNREACHABLE: (12154, 12170, 12516, 12519, 12520, 12541, 12543, 12545, 1033, 1034, 1089),
    Kind.INTERRUPTED: (28, 1012, 1555, 1092, 2396, 3113, 3114, 3135, 8177, 12537, 12570),
}
_BY_DRIVER = {
    "DPY-4011": Kind.INTERRUPTED,
    "DPY-4024": Kind.TIMEOUT,
    "DPY-6000": Kind.UNREACHABLE,
    "DPY-6001": Kind.MISSING,
    "DPY-6003": Kind.MISSING,
    "DPY-6005": Kind.UNREACHABLE,
}


class Oracle:
    """One read-only connection to Oracle. Raises DatabaseError, RefusedError when the driver is not installed."""

    kind = "oracle"

    def __init__(self, address: Address, limits: Limits) -> None:
        self._driver = import_driver("oracledb", "Oracle")
        with self._failing():
            self._connection = self._driver.connect(
                user=address.user,
                password=address.password,
                host=address.host,
                port=address.port or 1521,
                service_name=address.database,
                tcp_connect_timeout=limits.connect_seconds,
            )
            self._connection.call_timeout = limits.statement_seconds * 1000
            for statement in _SESSION:
                self._execute(statement)

    def quote(self, name: str) -> str:
        return quoted(name, '"', '"')

    def moment(self, text: str) -> str:
        return f"timestamp '{text}'" if len(text) > 10 else f"date '{text}'"

    def text_of(self, column: ResultColumn) -> str:
        name = f"q.{self.quote(column.name)}"
        form = {
            "DB_TYPE_NUMBER": f"to_char({name}, 'TM9')",
            "DB_TYPE_BINARY_FLOAT": f"to_char({name}, 'TM9')",
            "DB_TYPE_BINARY_DOUBLE": f"to_char({name}, 'TM9')",
            "DB_TYPE_DATE": f"to_char({name}, '{_DAY_TIME}')",
            "DB_TYPE_TIMESTAMP": f"to_char({name}, '{_DAY_TIME}.FF6')",
            "DB_TYPE_TIMESTAMP_TZ": f"to_char({name} at time zone '+08:00', '{_DAY_TIME}.FF6')",
            "DB_TYPE_TIMESTAMP_LTZ": f"to_char({name} at time zone '+08:00', '{_DAY_TIME}.FF6')",
            "DB_TYPE_RAW": f"case when {name} is not null then '0x' || rawtohex({name}) end",
        }
        return form.get(column.type, name)

    def matching(self, column: ResultColumn) -> str:
        return f"q.{self.quote(column.name)}"

    def tables(self) -> list[tuple[str, str]]:
        sql = "select owner, table_name from all_tables union all select owner, view_name from all_views"
        with self._failing():
            return [(owner, name) for owner, name in self._execute(sql).fetchall()]

    def columns(self, relation: str) -> list[ResultColumn]:
        with self._failing():
            described = self._execute(f"select * from {relation} q where 1 = 0").description
        return [ResultColumn(name, _category(kind.name), kind.name) for name, kind, *_ in described]

    def clock(self) -> datetime:
        sql = f"select to_char(systimestamp at time zone '+08:00', '{_DAY_TIME}') from dual"
        with self._failing():
            ((now,),) = self._execute(sql).fetchall()
        return datetime.fromisoformat(now)

    def stream(self, sql: str, columns: Sequence[ResultColumn]) -> Iterator[pa.Table]:
        names = [column.name for column in columns]
        with self._failing():
            for frame in self._connection.fetch_df_batches(statement=sql, size=FETCH_ROWS):
                table = pa.table(frame)
                if table.num_rows:
                    texts = [checked(column.combine_chunks().cast(pa.string())) for column in table.columns]
                    yield pa.table(texts, names=names)

    def _failing(self) -> AbstractContextManager[None]:
        return failing_as(self._driver.Error, _told_apart)

    def _execute(self, sql: str) -> Any:
        cursor = self._connection.cursor()
        cursor.execute(sql)
        return cursor

    def close(self) -> None:
        self._connection.close()


def _category(kind: str) -> Category:
    if kind.startswith(("DB_TYPE_DATE", "DB_TYPE_TIMESTAMP")):
        return "time"
    if kind.startswith(("DB_TYPE_NUMBER", "DB_TYPE_BINARY_")):
        return "number"
    return "text" if kind.startswith(("DB_TYPE_VARCHAR", "DB_TYPE_CHAR", "DB_TYPE_N")) else "other"


def _told_apart(error: Exception) -> DatabaseError:
    detail = error.args[0] if error.args else None
    code, full = getattr(detail, "code", 0), getattr(detail, "full_code", "") or ""
    for kind, numbers in _KINDS.items():
        if code in numbers:
            return DatabaseError(kind, full)
    return DatabaseError(_BY_DRIVER.get(full, Kind.QUERY), full)
