"""The first rows of a member's database tables, as samples for a draft. Not here: reading a month for good (connectors)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.bounds import DEFAULT_BOUNDS
from sources.connectors.databases.address import Address
from sources.connectors.databases.drivers import connect
from sources.connectors.databases.failures import DatabaseError, refusal
from sources.connectors.databases.select import build
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import Limits, Server
from sources.onboarding.profile import ColumnProfile, profile_columns
from sources.onboarding.sample import ENOUGH_ROWS, Sample
from sources.onboarding.suggest import guess_feeds, guess_of

# What servers keep for themselves; nobody delivers from there.
_OF_THE_SYSTEM = frozenset(
    ("information_schema", "pg_catalog", "mysql", "performance_schema", "sys", "system", "xdb", "ctxsys", "mdsys", "wmsys",
     "outln", "dbsnmp", "ordsys", "ordplugins", "olapsys", "lbacsys", "dvsys", "gsmadmin_internal", "audsys", "appqossys")
)  # fmt: skip
# What a file needs to be drafted as a feed at all.
_LEAST_FIT = 0.3
_LIMITS = Limits(connect_seconds=15, statement_seconds=300, reading=DEFAULT_BOUNDS)


def read_tables(
    address: Address,
    tables: Sequence[str],
    feed: str | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Iterator[Sample]:
    """A sample per table that holds rows: of those named, else of all the account may read whose columns are called like
    those of a feed (of `feed`, when it is given). `told` hears which table is read. Raises RefusedError.
    """
    try:
        names = list(tables) or _tables_alike(address, feed, told)
        for number, name in enumerate(names, start=1):
            told(f"{number}/{len(names)} {name}")
            if sample := _sample(address, name):
                yield sample
    except DatabaseError as error:
        raise refusal(error, "draft") from None


def _tables_alike(address: Address, feed: str | None, told: Callable[[str], None]) -> list[str]:
    """Tables whose names of columns resemble a feed; no row is read. What cannot be looked into resembles none."""
    server = connect(address, _LIMITS)
    try:
        there = sorted(pair for pair in server.tables() if not _is_of_the_system(*pair))
        names = [f"{schema}.{name}" if schema else name for schema, name in there]
        alike = [name for name in names if _resembles(server, name, feed)]
    finally:
        server.close()
    told(
        f"{len(names)} 张表,{len(alike)} 张的列名像数据源 / {len(names)} tables, {len(alike)} with columns named like a feed's"
    )
    return alike


def _resembles(server: Server, table: str, feed: str | None) -> bool:
    try:
        statement = build(server, Selection(table, None, None, None, (), ()), "", None)
    except DatabaseError:
        return False
    profiles = {c.name: ColumnProfile(c.name, 0, 0, 0, 0, {}, (), ()) for c in statement.columns}
    guesses = [guess_of(feed, table, profiles)] if feed else guess_feeds(table, profiles)[:1]
    return any(len(guess.suggestions) >= 2 and guess.fit >= _LEAST_FIT for guess in guesses)


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
