"""PostgreSQL through ADBC: the server itself writes every value as text, Arrow brings it over in its binary COPY.

Text by the server keeps every digit of numeric and every odd date; a copy typed by the client does not. Errors are told
apart by SQLSTATE. Not here: which rows (select).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as driver
import pyarrow as pa
from adbc_driver_postgresql import StatementOptions

from sources.connectors.databases.address import Address
from sources.connectors.databases.ahead import read_ahead
from sources.connectors.databases.failures import DatabaseError, Kind, failing_as
from sources.connectors.databases.server import Category, Limits, ResultColumn, checked, decoded, quoted

_BATCH_BYTES = 8 << 20
_TIMES = ("date", "timestamp", "timestamptz")
_NUMBERS = ("int2", "int4", "int8", "numeric", "float4", "float8", "money", "oid")
_TEXTS = ("text", "varchar", "bpchar", "name")
# Texts that do not depend on how the server was set up. One statement at a time: the driver takes no more.
_SESSION = (
    "set default_transaction_read_only = on",
    "set default_transaction_isolation = 'repeatable read'",
    "set timezone = 'Asia/Shanghai'",
    "set datestyle = 'ISO, YMD'",
    "set intervalstyle = 'postgres'",
    "set bytea_output = 'hex'",
    "set extra_float_digits = 3",
    "set client_encoding = 'UTF8'",
    # What a function of the server has to say goes nowhere: libpq would print it.
    "set client_min_messages = error",
)
_BY_CLASS = {"08": Kind.INTERRUPTED, "28": Kind.PERMISSION, "3D": Kind.MISSING, "53": Kind.UNREACHABLE}
_BY_STATE = {
    "42501": Kind.PERMISSION,
    "42P01": Kind.MISSING,
    "42703": Kind.MISSING,
    "3F000": Kind.MISSING,
    "57014": Kind.TIMEOUT,
    "55P03": Kind.TIMEOUT,
    "57P01": Kind.INTERRUPTED,
    "57P02": Kind.INTERRUPTED,
    "57P03": Kind.UNREACHABLE,
    "40001": Kind.INTERRUPTED,
    "40P01": Kind.INTERRUPTED,
    "25006": Kind.QUERY,
    "22021": Kind.ENCODING,
    "22P05": Kind.ENCODING,
}


class PostgreSQL:
    """One read-only connection to PostgreSQL. Raises DatabaseError."""

    kind = "postgresql"

    def __init__(self, address: Address, limits: Limits) -> None:
        self._encoding = address.text_encoding
        self._statement_seconds = limits.statement_seconds
        try:
            self._connection = driver.connect(_uri(address, limits), autocommit=True)
        except adbc_driver_manager.Error as error:
            raise _not_connected(error) from None
        for statement in (*_SESSION, f"set statement_timeout = '{limits.statement_seconds}s'"):
            self._run(statement)

    def quote(self, name: str) -> str:
        return quoted(name, '"', '"')

    def moment(self, text: str) -> str:
        return f"timestamp '{text}'"

    def text_of(self, column: ResultColumn) -> str:
        name = f"q.{self.quote(column.name)}"
        if column.type == "timestamptz":
            return f"({name} at time zone 'Asia/Shanghai')::text"
        return f"{name}::numeric::text" if column.type == "money" else f"{name}::text"

    def matching(self, column: ResultColumn) -> str:
        return f"q.{self.quote(column.name)}::text"

    def tables(self) -> list[tuple[str, str]]:
        """Those it may not read too: what is forbidden must not look as if it did not exist."""
        rows = self._run(
            "select nspname::text as schema, relname::text as name from pg_class c "
            "join pg_namespace n on n.oid = c.relnamespace where relkind in ('r', 'v', 'm', 'f', 'p')"
        )
        return [(row["schema"], row["name"]) for row in rows.to_pylist()]

    def columns(self, relation: str) -> list[ResultColumn]:
        with failing_as(adbc_driver_manager.Error, _told_apart), self._connection.cursor() as cursor:
            schema = cursor.adbc_execute_schema(f"select * from {relation} q")
        return [_column(field) for field in schema]

    def clock(self) -> datetime:
        now = self._run("select to_char(now(), 'YYYY-MM-DD HH24:MI:SS')").column(0)[0].as_py()
        return datetime.fromisoformat(now)

    def stream(self, sql: str, columns: Sequence[ResultColumn]) -> Iterator[pa.Table]:
        with read_ahead(self._batches(sql)) as batches:
            for batch in batches:
                arrays = [self._text(array) for array in batch.columns]
                yield pa.table(arrays, names=[column.name for column in columns])

    def _batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        started = time.monotonic()
        try:
            with failing_as(adbc_driver_manager.Error, _told_apart), self._connection.cursor() as cursor:
                size = StatementOptions.BATCH_SIZE_HINT_BYTES.value
                cursor.adbc_statement.set_options(**{size: str(_BATCH_BYTES)})
                cursor.execute(sql)
                yield from cursor.fetch_record_batch()
        except (pa.ArrowException, OSError) as error:
            raise self._broken_off(error, time.monotonic() - started) from None

    def _broken_off(self, error: Exception, seconds: float) -> DatabaseError:
        """Why a result broke off: once rows flow the driver passes on no SQLSTATE, and the words may be in any language."""
        try:
            self._run("select 1")
        except DatabaseError:
            return DatabaseError(Kind.INTERRUPTED)
        if seconds >= self._statement_seconds:
            return DatabaseError(Kind.TIMEOUT)
        cancelled = any(word in str(error) for word in ("canceling statement", "conflict with recovery"))
        return DatabaseError(Kind.INTERRUPTED if cancelled else Kind.QUERY)

    def _text(self, array: pa.Array) -> pa.Array:
        if self._encoding is None:
            return checked(array)
        return pa.array(decoded(array.cast(pa.binary()).to_pylist(), self._encoding), pa.string())

    def _run(self, sql: str) -> pa.Table:
        with (
            failing_as((adbc_driver_manager.Error, pa.ArrowException, OSError), _told_apart),
            self._connection.cursor() as cursor,
        ):
            cursor.execute(sql)
            return cursor.fetch_arrow_table()

    def close(self) -> None:
        self._connection.close()


def _uri(address: Address, limits: Limits) -> str:
    """The member's URL for libpq, with our time-outs where it states none."""
    parts = urlsplit(address.secret)
    ours = {
        "connect_timeout": str(limits.connect_seconds),
        "application_name": "yigongti",
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "tcp_user_timeout": "60000",
    }
    query = urlencode({**ours, **dict(parse_qsl(parts.query))})
    # Written anew: an @ in the password is no separator to us but would be to libpq.
    password = f":{quote(address.password, safe='')}" if address.password else ""
    account = f"{quote(address.user, safe='')}{password}@" if address.user else ""
    place = address.host + (f":{address.port}" if address.port else "")
    return urlunsplit(("postgresql", account + place, parts.path, query, ""))


def _column(field: pa.Field) -> ResultColumn:
    kind = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
    return ResultColumn(field.name, _category(kind), kind)


def _category(kind: str) -> Category:
    if kind in _TIMES:
        return "time"
    if kind in _NUMBERS:
        return "number"
    return "text" if kind in _TEXTS else "other"


def _told_apart(error: Exception) -> DatabaseError:
    state = getattr(error, "sqlstate", None) or ""
    if not state and _is_about_the_connection(str(error)):
        return DatabaseError(Kind.INTERRUPTED)
    kind = _BY_STATE.get(state) or _BY_CLASS.get(state[:2]) or Kind.QUERY
    return DatabaseError(kind, state)


def _is_about_the_connection(said: str) -> bool:
    """libpq gives no SQLSTATE when the connection itself is lost."""
    return any(word in said for word in ("connection", "SSL", "server closed", "terminat"))


def _not_connected(error: Exception) -> DatabaseError:
    """libpq gives no SQLSTATE before a session exists: only whether the server answered at all."""
    said = str(error)
    answered = "FATAL" in said or "致命错误" in said or "password" in said
    busy = any(
        word in said for word in ("too many", "starting up", "shutting down", "recovery", "太多", "启动")
    )
    return DatabaseError(Kind.PERMISSION if answered and not busy else Kind.UNREACHABLE)
