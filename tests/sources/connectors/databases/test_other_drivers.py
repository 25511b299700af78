"""Oracle and SQL Server without a server: stand-ins offer what the drivers' documentation says, no more.

They show that our side asks rightly, reads in pieces and tells errors apart; that a real server answers so is not proven.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from sources.base.bounds import Bounds
from sources.base.refusal import RefusedError
from sources.connectors.databases.address import resolve
from sources.connectors.databases.failures import DatabaseError, Kind
from sources.connectors.databases.reading import reading
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import Limits

LIMITS = Limits(7, 60, Bounds())
SOURCE = Selection("fy", None, "FSSJ", None, ("LSH",), ())
ROWS = pa.table({"LSH": ["1", "2", "3"], "FSSJ": ["2025-03-01 08:00:00"] * 3})
NO_ROW_OF_NO_MONTH = pa.table({"n": ["0"]})


def answer(sql: str) -> pa.Table:
    """What a server gives for a statement that is streamed."""
    return NO_ROW_OF_NO_MONTH if "count(*)" in sql else ROWS


class Asked(list):
    """Statements in the order they were sent."""


def cursor_of(asked: Asked, answers: dict[str, list[tuple]], described: list[tuple]) -> type:
    """A DB-API cursor that answers statements by a word in them."""

    class Cursor:
        description: Any = None

        def execute(self, sql: str) -> None:
            asked.append(sql)
            self.description = described
            self._rows = next((rows for word, rows in answers.items() if word in sql), [])

        def fetchall(self) -> list[tuple]:
            return self._rows

        def arrow_reader(self, batch_size: int) -> Any:
            asked.append(f"batch {batch_size}")
            given = answer(asked[-2])
            return pa.RecordBatchReader.from_batches(given.schema, given.to_batches(max_chunksize=2))

    return Cursor


class DriverError(Exception):
    """Stands for the driver's Error."""


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    asked = Asked()
    answers = {"all_tables": [("HIS", "FY")], "systimestamp": [("2025-04-01 09:00:00",)]}
    kinds = [("LSH", SimpleNamespace(name="DB_TYPE_NUMBER")), ("FSSJ", SimpleNamespace(name="DB_TYPE_DATE"))]
    cursor = cursor_of(asked, answers, kinds)
    state = SimpleNamespace(asked=asked, options={}, fails=None, closed=False)

    class Connection:
        call_timeout = 0

        def cursor(self) -> Any:
            return cursor()

        def fetch_df_batches(self, statement: str, size: int) -> Iterator[pa.Table]:
            asked.append(statement)
            state.call_timeout = self.call_timeout
            given = answer(statement)
            for start in range(0, len(given), 2):
                if start and state.fails:
                    raise state.fails
                yield given.slice(start, 2)
            yield given.slice(0, 0)

        def close(self) -> None:
            state.closed = True

    def connect(**options: Any) -> Connection:
        state.options = options
        return Connection()

    module = ModuleType("oracledb")
    module.connect, module.Error = connect, DriverError
    monkeypatch.setitem(sys.modules, "oracledb", module)
    yield state


def read(url: str) -> list[dict]:
    address = resolve("X", None, None, Path(), {"X": url})
    with reading(address, SOURCE, "2025-03", None, LIMITS, frozenset()) as found:
        return [row for chunk in found.chunks for row in chunk.to_pylist()]


ORACLE_URL = "oracle://leser:geheim@db.example/his"


def test_oracle_is_read_in_a_read_only_transaction_in_pieces(oracle: SimpleNamespace) -> None:
    assert read(ORACLE_URL) == ROWS.to_pylist()
    assert "set transaction read only" in oracle.asked
    assert (oracle.options["host"], oracle.options["port"], oracle.options["service_name"]) == (
        "db.example",
        1521,
        "his",
    )
    assert oracle.options["tcp_connect_timeout"] == 7
    assert oracle.call_timeout == 60_000
    assert oracle.asked[-1] == (
        """select to_char(q."LSH", 'TM9') as "LSH", to_char(q."FSSJ", 'YYYY-MM-DD HH24:MI:SS') as "FSSJ" from "FY" q """
        """where (q."FSSJ" >= date '2025-03-01' and q."FSSJ" < date '2025-04-01') order by q."LSH\""""
    )
    assert oracle.closed


@pytest.mark.parametrize(
    ("code", "full_code", "kind"),
    [
        (1555, "ORA-01555", Kind.INTERRUPTED),
        (942, "ORA-00942", Kind.MISSING),
        (1017, "ORA-01017", Kind.PERMISSION),
        (0, "DPY-4011", Kind.INTERRUPTED),
        (0, "DPY-4024", Kind.TIMEOUT),
        (12170, "ORA-12170", Kind.UNREACHABLE),
        (1476, "ORA-01476", Kind.QUERY),
    ],
)
def test_errors_of_oracle_are_told_apart(
    oracle: SimpleNamespace, code: int, full_code: str, kind: Kind
) -> None:
    oracle.fails = DriverError(SimpleNamespace(code=code, full_code=full_code, message="张三 geheim"))
    with pytest.raises(DatabaseError) as failed:
        read(ORACLE_URL)
    assert (failed.value.kind, failed.value.code) == (kind, full_code)
    assert oracle.closed


@pytest.fixture
def sqlserver(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    asked = Asked()
    answers = {
        "sys.databases": [(1,)],
        "information_schema": [("dbo", "FY")],
        "sysdatetimeoffset": [("2025-04-01 09:00:00",)],
        "dm_exec_describe": [("LSH", "bigint"), ("FSSJ", "datetime2(7)")],
    }
    cursor = cursor_of(asked, answers, [])
    state = SimpleNamespace(asked=asked, text="", options={}, closed=False, fails=None)

    class Connection:
        timeout = 0

        def cursor(self) -> Any:
            if state.fails:
                raise state.fails
            state.statement_seconds = self.timeout
            return cursor()

        def close(self) -> None:
            state.closed = True

    def connect(text: str, **options: Any) -> Connection:
        state.text, state.options = text, options
        return Connection()

    module = ModuleType("mssql_python")
    module.connect, module.Error = connect, DriverError
    monkeypatch.setitem(sys.modules, "mssql_python", module)
    yield state


SQLSERVER_URL = "mssql://leser:ge}heim@db.example/his?Encrypt=yes"


def test_sql_server_is_read_from_a_snapshot_in_pieces(sqlserver: SimpleNamespace) -> None:
    assert read(SQLSERVER_URL) == ROWS.to_pylist()
    assert "set transaction isolation level snapshot" in sqlserver.asked
    assert sqlserver.text == (
        "Server={db.example,1433};Database={his};UID={leser};PWD={ge}}heim};ApplicationIntent={ReadOnly};Encrypt={yes};"
    )
    assert (sqlserver.options["timeout"], sqlserver.statement_seconds) == (7, 60)
    assert sqlserver.asked[-2] == (
        "select convert(nvarchar(max), q.[LSH]) as [LSH], convert(nvarchar(max), q.[FSSJ], 121) as [FSSJ] from [FY] q "
        "where (q.[FSSJ] >= '20250301' and q.[FSSJ] < '20250401') order by q.[LSH]"
    )
    assert sqlserver.closed


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (
            "Driver Error: Invalid authorization specification; DDBC Error: Login failed for user 'leser'.",
            Kind.PERMISSION,
        ),
        ("Driver Error: Base table or view not found; DDBC Error: Invalid object name 'fy'.", Kind.MISSING),
        ("Driver Error: Timeout expired; DDBC Error: Query timeout expired", Kind.TIMEOUT),
        ("Driver Error: Client unable to establish connection", Kind.UNREACHABLE),
        ("Driver Error: Communication link failure; DDBC Error: TCP Provider", Kind.INTERRUPTED),
        ("Driver Error: Division by zero", Kind.QUERY),
    ],
)
def test_errors_of_sql_server_are_told_apart(sqlserver: SimpleNamespace, said: str, kind: Kind) -> None:
    sqlserver.fails = DriverError(said)
    with pytest.raises(DatabaseError) as failed:
        read(SQLSERVER_URL)
    assert failed.value.kind is kind
    assert "leser" not in str(failed.value)


@pytest.mark.parametrize(
    ("package", "url", "pip"),
    [("oracledb", ORACLE_URL, "oracledb"), ("mssql_python", SQLSERVER_URL, "mssql-python")],
)
def test_a_driver_that_is_not_installed_is_said_so(
    monkeypatch: pytest.MonkeyPatch, package: str, url: str, pip: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(RefusedError) as refused:
        read(url)
    assert refused.value.refusal.code == "DATABASE_DRIVER_MISSING"
    assert f"pip install {pip}" in refused.value.refusal.message_en


def test_the_real_drivers_offer_what_the_stand_ins_do() -> None:
    import mssql_python
    import oracledb
    from mssql_python.cursor import Cursor

    assert {"fetch_df_batches", "cursor", "close", "call_timeout"} <= set(dir(oracledb.Connection))
    assert {"DB_TYPE_NUMBER", "DB_TYPE_DATE", "DB_TYPE_TIMESTAMP_TZ"} <= set(dir(oracledb))
    assert {"arrow_reader", "execute", "fetchall"} <= set(dir(Cursor))
    assert issubclass(mssql_python.Error, Exception)
