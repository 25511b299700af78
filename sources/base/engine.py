"""The one way to a DuckDB connection, and to a name or a text inside a statement.

Here: connecting, asking one question, counting, quoting. No engine loads or fetches an extension by itself. Not here:
the build database as dbt opens it (its profile), the dialects of other servers (connectors.databases), statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sources.base.plain_path import plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What one engine over a home may take of memory; the rest goes to the home's spill folder. dbt's profile says the same.
MEMORY = "2GB"
# What is built in is enough; anything else would be looked for on the network.
ALONE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def connect(
    database: Path | None = None, *, read_only: bool = False, spill: Path | None = None, **settings: str
) -> DuckDBPyConnection:
    """An engine of one's own, in memory or on a file, with DuckDB's `settings`. Close it, or use it in a `with`.

    spill: a home's folder for what does not fit; then its memory is bounded.
    """
    import duckdb  # here, so that whoever only quotes does not load the engine

    name = str(plain(database)) if database else ":memory:"
    return duckdb.connect(
        name, read_only=read_only, config={**ALONE, **(bounded(spill) if spill else {}), **settings}
    )


def bounded(spill: Path) -> dict[str, str]:
    """DuckDB's settings for a bounded share of memory, and the folder for what does not fit."""
    return {"memory_limit": MEMORY, "temp_directory": str(spill)}


@cache
def _shared() -> DuckDBPyConnection:
    return connect()


def cursor() -> DuckDBPyConnection:
    """A cursor of the engine this process shares, to read and to register tables; tables made in it must be temporary.

    Starting an engine takes as long as judging a small feed.
    """
    return _shared().cursor()


def ask(sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows that answer one statement over files."""
    with cursor() as connection:
        return connection.execute(sql, parameters).fetchall()


def counted(connection: DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    """The numbers of a statement that only counts: it answers with one row, whatever there is."""
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row


def quoted(name: str) -> str:
    """A name inside a statement."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """A text, or the path of a file, inside a statement."""
    return "'" + str(text).replace("'", "''") + "'"


def matching(folder: Path, pattern: str) -> str:
    """The files of a folder that match a pattern, for `read_parquet`; what stands in the folder's own path matches nothing else."""
    return str(plain(folder) / pattern)


def literals(texts: Iterable[str]) -> str:
    """Texts inside a statement, a comma between them."""
    return ", ".join(literal(text) for text in texts)
