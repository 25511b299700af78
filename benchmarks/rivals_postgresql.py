"""The same marts in PostgreSQL: our SQL word for word in its dialect, tuned as one would tune a warehouse there.

Here: loading by COPY into a database of its own, settings and statistics, making the models. Not here: what is loaded and what
the models are (rivals_bed). The server is the one of the tests: YIGONGTI_TEST_POSTGRESQL, else one on loopback.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import sqlglot
from adbc_driver_postgresql.dbapi import Connection
from sqlglot import exp

from benchmarks.rivals_bed import SCHEMAS, Bed, Model

SERVER = "YIGONGTI_TEST_POSTGRESQL"
_ON_LOOPBACK = "postgresql://root@127.0.0.1:5432/test"
# What a session may set; the server's own memory (shared_buffers) is as it finds it. Compiling (jit) takes longer than it saves
# here, and of a CTE nothing is known: nested loops over one took 83 s at 20,000 residents for kpi_value alone. Indexes on the keys
# of the feeds changed nothing: every model reads all rows.
_SETTINGS = {
    "work_mem": "'512MB'",
    "maintenance_work_mem": "'512MB'",
    "effective_cache_size": "'8GB'",
    "max_parallel_workers_per_gather": "2",
    "synchronous_commit": "off",
    "random_page_cost": "1.1",
    "jit": "off",
    "enable_nestloop": "off",
}


@contextmanager
def database() -> Iterator[Connection]:
    """A connection to a database of one's own, dropped afterwards."""
    url = os.environ.get(SERVER, _ON_LOOPBACK)
    name = f"yigongti_rivals_{uuid.uuid4().hex[:8]}"
    with adbc.connect(url, autocommit=True) as server, server.cursor() as cursor:
        # Texts are compared byte by byte, as ours are; by the rules of a language sorting takes longer.
        cursor.execute(f"create database {name} template template0 encoding 'UTF8' lc_collate 'C'")
        try:
            with adbc.connect(urlunsplit(urlsplit(url)._replace(path=f"/{name}")), autocommit=True) as con:
                for setting, value in _SETTINGS.items():
                    _do(con, f"set {setting} = {value}")
                yield con
        finally:
            cursor.execute(f"drop database {name} with (force)")


def load(con: Connection, bed: Bed) -> float:
    """Seconds to bring in everything the models read; reading it out of our files is not counted."""
    seconds = 0.0
    for schema in SCHEMAS:
        _do(con, f"create schema {schema}")
    for relation, rows in bed.tables():
        start = time.perf_counter()
        _copy(con, relation, rows)
        seconds += time.perf_counter() - start
    for view in bed.views():
        _do(con, f"create view {view.relation} as {_in_its_words(view)}")
    return seconds


def run(con: Connection, bed: Bed) -> dict[str, float]:
    """Seconds by model, statistics included: without them the next model is planned blindly."""
    seconds = {}
    for model in bed.models():
        sql = _in_its_words(model)
        start = time.perf_counter()
        _do(con, f"drop table if exists {model.relation}")
        _do(con, f"create unlogged table {model.relation} as {sql}")
        _do(con, f"analyze {model.relation}")
        seconds[model.name] = time.perf_counter() - start
    return seconds


def asked(con: Connection, query: str) -> list[tuple]:
    """Rows of a query."""
    with con.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _copy(con: Connection, relation: str, rows: pa.Table) -> None:
    """An unlogged table filled by COPY in binary, with statistics."""
    schema, name = relation.split(".")
    with con.cursor() as cursor:
        cursor.adbc_ingest(name, rows.slice(0, 0), "create", db_schema_name=schema)
        cursor.execute(f"alter table {relation} set unlogged")
        if rows.num_rows:
            cursor.adbc_ingest(name, rows, "append", db_schema_name=schema)
        cursor.execute(f"analyze {relation}")


def _in_its_words(model: Model) -> str:
    tree = sqlglot.parse_one(model.elsewhere().sql, read="duckdb")
    return tree.transform(_rounded).sql(dialect="postgres", comments=False)


def _rounded(node: exp.Expression) -> exp.Expression:
    """It rounds to places only what is a decimal."""
    if isinstance(node, exp.Round):
        node.set("this", exp.cast(node.this, "decimal"))
    return node


def _do(con: Connection, sql: str) -> None:
    with con.cursor() as cursor:
        cursor.execute(sql)
