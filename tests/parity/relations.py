"""The relations of two builds as bags of rows: which are not the same."""

from __future__ import annotations

from pathlib import Path

import duckdb

from sources.base.engine import connect
from sources.base.home import Home

Columns = list[tuple[str, str]]


def differing(ours: Path, theirs: Path) -> tuple[set[str], dict[str, list[tuple[int, int]]]]:
    """The relations of `theirs`, and {relation: (rows, digest) in either home} of those that are not the same."""
    found: dict[str, list[tuple[int, int]]] = {}
    with opened(ours) as first, opened(theirs) as second:
        wanted, there = columns(first), columns(second)
        for relation, described in there.items():
            assert [name for name, _ in described] == [name for name, _ in wanted[relation]], relation
            bags = [bag(connection, relation, wanted[relation]) for connection in (first, second)]
            if bags[0] != bags[1]:
                found[relation] = bags
    return set(there), found


def opened(home: Path) -> duckdb.DuckDBPyConnection:
    """The build database of a home, whose views name files relative to it."""
    return connect(Home(home).build_database, read_only=True, file_search_path=str(home))


def columns(connection: duckdb.DuckDBPyConnection) -> dict[str, Columns]:
    found: dict[str, Columns] = {}
    for schema, table, column, kind in connection.execute(
        """select schema_name, table_name, column_name, data_type from duckdb_columns()
           where not internal and schema_name <> 'main' order by schema_name, table_name, column_index"""
    ).fetchall():
        found.setdefault(f'{schema}."{table}"', []).append((column, kind))
    return found


def bag(connection: duckdb.DuckDBPyConnection, relation: str, described: Columns) -> tuple[int, int]:
    """Number of rows and the sum of their hashes, in DuckDB's types: equal for equal bags of rows."""
    cells = ", ".join(f'cast("{name}" as {kind})' for name, kind in described)
    asked = f"select count(*), coalesce(sum(cast(hash({cells}) as hugeint)), 0) from {relation}"
    return connection.execute(asked).fetchone()
