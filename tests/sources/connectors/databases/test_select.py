"""The SELECT that is sent, per kind of server: names quoted, months and times of change bounded, everything as text."""

from __future__ import annotations

from typing import Any

import pytest

from sources.connectors.databases.failures import DatabaseError
from sources.connectors.databases.mysql import MySQL
from sources.connectors.databases.oracle import Oracle
from sources.connectors.databases.postgresql import PostgreSQL
from sources.connectors.databases.select import build
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import ResultColumn
from sources.connectors.databases.sqlite import SQLite
from sources.connectors.databases.sqlserver import SQLServer

KINDS = {"postgresql": PostgreSQL, "mysql": MySQL, "sqlite": SQLite, "oracle": Oracle, "sqlserver": SQLServer}


def server(
    kind: str, columns: list[ResultColumn], tables: tuple[tuple[str, str], ...] = (("his", "Zy_Fy"),)
) -> Any:
    """The class of that server without a connection: what it knows of names and texts, with these tables."""

    class Without(KINDS[kind]):
        def __init__(self) -> None:
            self.asked: list[str] = []

        def tables(self) -> list[tuple[str, str]]:
            return list(tables)

        def columns(self, relation: str) -> list[ResultColumn]:
            self.asked.append(relation)
            return columns

    return Without()


def source(**changes: Any) -> Selection:
    said = {"table": "zy_fy", "query": None, "month_by": None, "updated": None, "order_by": (), "ignore": ()}
    return Selection(**{**said, **changes})


def sql(kind: str, columns: list[ResultColumn], since: str | None = None, **changes: Any) -> str:
    return build(server(kind, columns), source(**changes), "2025-03", since).sql


def test_names_are_resolved_in_any_case_and_quoted() -> None:
    columns = [ResultColumn("列 一", "text")]
    assert sql("postgresql", columns) == 'select q."列 一"::text as "列 一" from "Zy_Fy" q'
    assert sql("mysql", columns, table="HIS.ZY_FY") == "select q.`列 一` as `列 一` from `his`.`Zy_Fy` q"
    assert sql("sqlserver", [ResultColumn("a]b", "text", "varchar")], table="db.his.zy_fy") == (
        "select convert(nvarchar(max), q.[a]]b]) as [a]]b] from [db].[his].[Zy_Fy] q"
    )


def test_two_tables_of_one_name_need_the_schema() -> None:
    made = server("postgresql", [ResultColumn("a", "text")], (("his", "t"), ("old", "t"), ("his", "T")))
    assert 'from "his"."T" q' in build(made, source(table="his.T"), "2025-03", None).sql
    assert 'from "old"."t" q' in build(made, source(table="OLD.T"), "2025-03", None).sql
    assert 'from "T" q' in build(made, source(table="T"), "2025-03", None).sql
    twice = server("postgresql", [ResultColumn("a", "text")], (("his", "ab"), ("his", "aB")))
    with pytest.raises(DatabaseError) as failed:
        build(twice, source(table="AB"), "2025-03", None)
    assert "aB" in failed.value.subject


def test_a_query_is_bracketed_whatever_comment_ends_it() -> None:
    found = sql("postgresql", [ResultColumn("a", "text")], table=None, query="select a from t; -- all\n")
    assert "from (\nselect a from t; -- all\n) q" in found or "from (\nselect a from t -- all\n) q" in found
    assert sql("postgresql", [ResultColumn("a", "text")], table=None, query="select 1 as a;").endswith(
        "(\nselect 1 as a\n) q"
    )


TIMES = {
    "postgresql": ("timestamp '2025-03-01'", "timestamp '2025-04-01'", "timestamp '2025-03-02 10:00:00'"),
    "mysql": ("'2025-03-01'", "'2025-04-01'", "'2025-03-02 10:00:00'"),
    "oracle": ("date '2025-03-01'", "date '2025-04-01'", "timestamp '2025-03-02 10:00:00'"),
    "sqlserver": ("'20250301'", "'20250401'", "'2025-03-02T10:00:00'"),
}


@pytest.mark.parametrize("kind", TIMES)
def test_a_month_of_times_is_a_range_an_index_can_serve(kind: str) -> None:
    columns = [ResultColumn("FSSJ", "time"), ResultColumn("GXSJ", "time")]
    found = sql(kind, columns, "2025-03-02 10:00:00", month_by="fssj", updated="gxsj", order_by=("FSSJ",))
    low, high, since = TIMES[kind]
    name = server(kind, []).quote
    assert f"where (q.{name('FSSJ')} >= {low} and q.{name('FSSJ')} < {high})" in found
    assert f"and (q.{name('GXSJ')} >= {since} or q.{name('GXSJ')} is null)" in found
    assert found.endswith(f"order by q.{name('FSSJ')}")


def test_a_month_of_numbers_and_of_text() -> None:
    found = sql("mysql", [ResultColumn("ny", "number")], month_by="ny")
    assert "q.`ny` = 202503 or q.`ny` between 20250301 and 20250331" in found
    found = sql("postgresql", [ResultColumn("ny", "text", "varchar")], month_by="ny")
    for beginning in ("202503%", "2025-03%", "2025/03%", "2025/3/%", "2025年3月%"):
        assert f"q.\"ny\"::text like '{beginning}'" in found
    assert "'2025-1" not in found


def test_texts_of_change_that_cannot_be_compared_are_always_read() -> None:
    columns = [ResultColumn("g", "text", "text")]
    found = sql("postgresql", columns, "2025-03-02 10:00:00", updated="g")
    text = 'q."g"::text'
    assert found.endswith(
        f"where ({text} >= '2025-03-02 10:00:00' or q.\"g\" is null or {text} not like '____-__-__%')"
    )
    assert "like '%/%'" in sql("sqlite", columns, "20250302", updated="g")
    assert sql("mysql", [ResultColumn("g", "number")], "20250302", updated="g").endswith(
        "(q.`g` >= 20250302 or q.`g` is null)"
    )


def test_ignored_columns_of_a_table_do_not_travel() -> None:
    columns = [ResultColumn("a", "text"), ResultColumn("照片", "other"), ResultColumn("gxsj", "time")]
    found = sql("mysql", columns, ignore=("照片", "gxsj"), updated="gxsj")
    assert found == "select q.`a` as `a`, q.`gxsj` as `gxsj` from `Zy_Fy` q"


ORACLE = {
    "DB_TYPE_NUMBER": "to_char(q.\"c\", 'TM9')",
    "DB_TYPE_DATE": "to_char(q.\"c\", 'YYYY-MM-DD HH24:MI:SS')",
    "DB_TYPE_TIMESTAMP_TZ": "to_char(q.\"c\" at time zone '+08:00', 'YYYY-MM-DD HH24:MI:SS.FF6')",
    "DB_TYPE_VARCHAR": 'q."c"',
}
SQLSERVER = {
    "datetime2": "convert(nvarchar(max), q.[c], 121)",
    "money": "convert(nvarchar(max), q.[c], 2)",
    "float": "convert(nvarchar(max), q.[c], 3)",
    "varbinary": "convert(nvarchar(max), q.[c], 1)",
    "nvarchar": "convert(nvarchar(max), q.[c])",
}


@pytest.mark.parametrize(("kind", "texts"), [("oracle", ORACLE), ("sqlserver", SQLSERVER)])
def test_the_server_writes_values_as_text(kind: str, texts: dict[str, str]) -> None:
    for column_type, text in texts.items():
        assert server(kind, []).text_of(ResultColumn("c", "other", column_type)) == text
