"""The first rows of a member's database tables, as samples for a draft. Not here: reading a month for good (connectors)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.bounds import DEFAULT_BOUNDS
from sources.connectors.databases.address import Address
from sources.connectors.databases.drivers import connect
from sources.connectors.databases.failures import DatabaseError, refusal
from sources.connectors.databases.select import build
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import Limits, Server
from sources.onboarding.profile import profile_columns
from sources.onboarding.sample import ENOUGH_ROWS, Sample

# What servers keep for themselves; nobody delivers from there.
_OF_THE_SYSTEM = frozenset(
    ("information_schema", "pg_catalog", "mysql", "performance_schema", "sys", "system", "xdb", "ctxsys", "mdsys", "wmsys",
     "outln", "dbsnmp", "ordsys", "ordplugins", "olapsys", "lbacsys", "dvsys", "gsmadmin_internal", "audsys", "appqossys")
)  # fmt: skip
_LIMITS = Limits(connect_seconds=15, statement_seconds=300, reading=DEFAULT_BOUNDS)


def read_tables(address: Address, tables: Sequence[str]) -> Iterator[Sample]:
    """A sample per table (all that the account may read when none is named) that holds rows. Raises RefusedError."""
    try:
        names = list(tables) or _all_tables(address)
        for name in names:
            if sample := _sample(address, name):
                yield sample
    except DatabaseError as error:
        raise refusal(error, "draft") from None


def _all_tables(address: Address) -> list[str]:
    server = connect(address, _LIMITS)
    try:
        return sorted(
            f"{schema}.{name}" if schema else name
            for schema, name in server.tables()
            if not _is_of_the_system(schema, name)
        )
    finally:
        server.close()


def _is_of_the_system(schema: str, name: str) -> bool:
    return (
        schema.lower() in _OF_THE_SYSTEM
        or schema.startswith(("pg_toast", "pg_temp"))
        or name.startswith("sqlite_")
    )


def _sample(address: Address, table: str) -> Sample | None:
    """A connection of its own for each table: the rest of a long table is never fetched."""
    server = connect(address, _LIMITS)
    try:
        rows = _first_rows(server, table)
    finally:
        server.close()
    if not rows.num_rows:
        return None
    profiles = profile_columns(rows, rows.column_names)
    return Sample(table, "", None, rows.num_rows, server.kind, profiles, rows.num_rows < ENOUGH_ROWS, table)


def _first_rows(server: Server, table: str) -> pa.Table:
    statement = build(server, Selection(table, None, None, None, (), ()), "", None)
    names = [column.name for column in statement.columns]
    pieces = [pa.table({name: pa.array([], pa.string()) for name in names})]
    for piece in server.stream(statement.sql, statement.columns):
        texts = [pc.cast(column, pa.string()) for column in piece.columns]
        pieces.append(pa.table(dict(zip(names, texts, strict=True))))
        if sum(each.num_rows for each in pieces) >= ENOUGH_ROWS:
            break
    return pa.concat_tables(pieces).slice(0, ENOUGH_ROWS)
