"""The database of the member that is read instead of sending files: what is in it, and the same on real servers."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from sources.simulator.delivered.vendor_database import copy_into
from tests.sources.connectors.databases import servers

MEMBER, TABLES = "H34062100104", 33


@pytest.fixture
def postgresql() -> Iterator[servers.Server]:
    with servers.postgresql() as server:
        yield server


@pytest.fixture
def mariadb() -> Iterator[servers.Server]:
    with servers.mariadb() as server:
        yield server


def rows(county, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(county.folder / "databases" / f"{MEMBER}.sqlite")) as connection:
        return connection.execute(sql).fetchall()


def test_every_table_holds_all_months_and_money_as_numbers(clean):
    tables = [name for (name,) in rows(clean, "select name from sqlite_master where type = 'table'")]
    assert len(tables) == TABLES
    assert {m for (m,) in rows(clean, "select distinct stat_month from qz_op_visit")} == {
        "2025-02",
        "2025-03",
    }
    assert rows(clean, "select distinct typeof(n_amount) from qz_fee_detail") == [("real",)]
    numbers = [n for (n,) in rows(clean, "select row_id from qz_op_visit order by row_id")]
    assert numbers == list(range(1, len(numbers) + 1))


def compare(county, server: servers.Server, dialect: str) -> None:
    path = county.folder / "databases" / f"{MEMBER}.sqlite"
    tables = copy_into(server.connection, dialect, path)
    assert len(tables) == TABLES
    for table in ("qz_op_visit", "qz_fee_detail", "qz_mr_front"):
        (size,) = rows(county, f"select count(*) from {table}")[0]
        assert server.run(f"select count(*) from {table}") == [(size,)]
    wanted = rows(county, "select c_visit_id, t_visit_time from qz_op_visit order by row_id limit 50")
    assert server.run("select c_visit_id, t_visit_time from qz_op_visit order by row_id limit 50") == wanted
    (fen,) = rows(county, "select sum(cast(round(n_amount * 100) as integer)) from qz_fee_detail")[0]
    ((total,),) = server.run("select sum(n_amount) from qz_fee_detail")
    assert round(total * 100) == fen


def test_the_same_tables_in_postgresql(clean, postgresql):
    postgresql.run("set search_path to {here}")
    compare(clean, postgresql, "postgresql")


def test_the_same_tables_in_mariadb(clean, mariadb):
    compare(clean, mariadb, "mariadb")
