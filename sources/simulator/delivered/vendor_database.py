"""The vendor's own database of a member that is read instead of sending files: one table per feed, all months in it.

The county folder holds it as an SQLite file. `copy_into` writes the same schema and rows into a server through any DB-API
connection, so that the same mapping can be tried against PostgreSQL or MariaDB. Not here: what the rows say.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from sources.simulator.delivered.rendering import TextTable
from sources.simulator.ground.calendar import CalendarMonth

MONTH, NUMBER = "stat_month", "row_id"
_TYPES = {
    "postgresql": {"integer": "bigint", "real": "numeric(18,4)", "text": "text"},
    "mariadb": {"integer": "bigint", "real": "decimal(18,4)", "text": "text"},
}
_QUOTES = {"postgresql": '"', "mariadb": "`", "sqlite": '"'}
_BATCH = 5_000


class VendorDatabase:
    """Collects the tables of one member month by month. Numbers are stored as numbers, everything else as text."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._connection = sqlite3.connect(path)
        self._sizes: dict[str, int] = {}

    def add(self, name: str, table: TextTable, order: np.ndarray, month: CalendarMonth) -> None:
        """Append the lines of a table, in the given order, as rows of a month."""
        first = self._sizes.get(name, 0)
        if not first:
            columns = ", ".join(_quoted(h, "sqlite") for h in table.headers)
            self._connection.execute(
                f"create table if not exists {name} ({NUMBER} integer, {MONTH} text, {columns})"
            )
        take, size = pa.array(order), len(order)
        cells = [_cells(c.take(take), kind) for c, kind in zip(table.columns, table.kinds, strict=True)]
        rows = zip(range(first + 1, first + size + 1), [month.name] * size, *cells, strict=True)
        marks = ", ".join("?" * (len(cells) + 2))
        self._connection.executemany(f"insert into {name} values ({marks})", rows)
        self._connection.commit()
        self._sizes[name] = first + size

    def close(self, month: CalendarMonth) -> None:
        """Close the file as it stood when the last month arrived."""
        self._connection.close()
        os.utime(self.path, (month.arrival, month.arrival))


def _cells(column: pa.Array, kind: str) -> list:
    texts = column.to_pylist()
    return [_number(text) for text in texts] if kind == "number" else texts


def _number(text: str | None) -> int | float | str | None:
    """The number a text stands for; a damaged one stays a text."""
    try:
        return text if text is None else float(text) if "." in text else int(text)
    except ValueError:
        return text


def copy_into(connection: Any, dialect: Literal["postgresql", "mariadb"], source: Path) -> list[str]:
    """Write every table of a vendor's SQLite file into an open DB-API connection; return their names.

    A column is numeric where all its values are. Tables of the same name are replaced; the caller commits.
    """
    origin = sqlite3.connect(source)
    try:
        tables = origin.execute("select name from sqlite_master where type = 'table' order by name")
        names = [name for (name,) in tables]
        for name in names:
            _copy_table(origin, connection, dialect, name)
    finally:
        origin.close()
    return names


def _copy_table(origin: sqlite3.Connection, connection: Any, dialect: str, name: str) -> None:
    headers = [row[1] for row in origin.execute(f"pragma table_info({name})")]
    kinds = [_kind(origin, name, header) for header in headers]
    columns = ", ".join(
        f"{_quoted(header, dialect)} {_TYPES[dialect][kind]}"
        for header, kind in zip(headers, kinds, strict=True)
    )
    cursor = connection.cursor()
    cursor.execute(f"drop table if exists {_quoted(name, dialect)}")
    cursor.execute(f"create table {_quoted(name, dialect)} ({columns})")
    marks = ", ".join(["%s"] * len(headers))
    found = origin.execute(f"select * from {name} order by {NUMBER}")
    while rows := found.fetchmany(_BATCH):
        typed = [[_stored(v, k) for v, k in zip(row, kinds, strict=True)] for row in rows]
        cursor.executemany(f"insert into {_quoted(name, dialect)} values ({marks})", typed)


def _kind(origin: sqlite3.Connection, name: str, header: str) -> str:
    """The narrowest kind that holds every value of a column."""
    found = {
        row[0] for row in origin.execute(f"select distinct typeof({_quoted(header, 'sqlite')}) from {name}")
    }
    found.discard("null")
    if found <= {"integer"} and found:
        return "integer"
    return "real" if found and found <= {"integer", "real"} else "text"


def _stored(value: object, kind: str) -> object:
    return str(value) if kind == "text" and value is not None else value


def _quoted(name: str, dialect: str) -> str:
    quote = _QUOTES[dialect]
    return f"{quote}{name}{quote}"
