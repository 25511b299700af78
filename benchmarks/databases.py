"""Extraction from databases: ours (read as text, and landed encrypted) against what others do with the same table.

For PostgreSQL: DuckDB's postgres scanner to Parquet (the fastest known), ADBC with the values it types itself, and a loop
over psycopg's rows. For MariaDB and SQLite: a loop over their plain driver's rows. Servers on loopback, the same table.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import duckdb
import duckdb_extensions
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from pymysql.cursors import SSCursor

from sources.base.bounds import Bounds
from sources.base.home import Home
from sources.connectors.databases.address import Address
from sources.connectors.databases.reading import numbered, reading
from sources.connectors.databases.selection import Selection
from sources.connectors.databases.server import Limits
from sources.connectors.delivered import schema_of
from sources.intake.admission import Arrived
from sources.intake.landed_rows import ContentDigest
from sources.intake.landing import Landing
from tests.sources.connectors.databases.servers import Server, mariadb, postgresql

PAIRS = 3
_WRITTEN = {"compression": "snappy", "dictionary_pagesize_limit": 64 << 10, "write_statistics": False}
LIMITS = Limits(10, 3600, Bounds())
_NAMES = (
    "id",
    "jzlsh",
    "jgdm",
    "hzbh",
    "jzsj",
    "jzlx",
    "ksdm",
    "ysgh",
    "zdbm",
    "zdmc",
    "je",
    "sl",
    "csrq",
    "gxsj",
    "zt",
)
_FILLED = {
    "postgresql": """create table {here}.fy as select g::bigint as id, 'MZ' || lpad(g::text, 10, '0') as jzlsh,
        'H34062100001'::varchar(20) as jgdm, 'P' || g % 50000 as hzbh,
        timestamp '2025-03-01' + g % 2600000 * interval '1 second' as jzsj, (g % 3 + 1)::smallint as jzlx,
        '0302'::varchar(20) as ksdm, 'P' || lpad((g % 900)::text, 6, '0') as ysgh, 'I10.x00x002'::varchar(20) as zdbm,
        '高血压病'::varchar(100) as zdmc, (g % 100000 / 100.0)::numeric(12, 2) as je, (g % 100 / 4.0)::numeric(12, 4) as sl,
        date '1950-01-01' + (g % 25000)::int as csrq, timestamp '2025-03-02' + g % 2600000 * interval '1 second' as gxsj,
        '1'::char(1) as zt from generate_series(1, {rows}) g""",
    "mariadb": """create table fy as select seq as id, concat('MZ', lpad(seq, 10, '0')) as jzlsh, 'H34062100001' as jgdm,
        concat('P', seq % 50000) as hzbh, timestamp('2025-03-01') + interval seq % 2600000 second as jzsj,
        seq % 3 + 1 as jzlx, '0302' as ksdm, concat('P', lpad(seq % 900, 6, '0')) as ysgh, 'I10.x00x002' as zdbm,
        '高血压病' as zdmc, cast(seq % 100000 / 100 as decimal(12, 2)) as je, cast(seq % 100 / 4 as decimal(12, 4)) as sl,
        date('1950-01-01') + interval seq % 25000 day as csrq,
        timestamp('2025-03-02') + interval seq % 2600000 second as gxsj, '1' as zt from seq_1_to_{rows}""",
}


@dataclass(frozen=True)
class Measured:
    """One way of reading one table: median seconds, rows and megabytes of text a second, ratio to the server's yardstick."""

    server: str
    way: str
    seconds: float
    rows_per_second: float
    megabytes_per_second: float
    ratio: float


def measure(rows: int = 500_000) -> Iterator[Measured]:
    """Fill a table on every server, then time every way in turn, `PAIRS` times."""
    with tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name, postgresql() as pg, mariadb() as my:
        folder = Path(name)
        pg.run(_FILLED["postgresql"].replace("{rows}", str(rows)))
        pg.run("analyze {here}.fy")
        my.run(_FILLED["mariadb"].replace("{rows}", str(rows)))
        _fill_sqlite(folder / "fy.sqlite", pg)
        yield from _compared("PostgreSQL", _ways_of_postgresql(pg, folder), rows)
        yield from _compared("MariaDB", _ways_of_mariadb(my, folder), rows)
        yield from _compared("SQLite", _ways_of_sqlite(folder), rows)


def _compared(server: str, ways: dict[str, Callable[[], int]], rows: int) -> Iterator[Measured]:
    """The first way is the yardstick of its server."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    size = 0
    for _ in range(PAIRS):
        for way, run in ways.items():
            start = time.perf_counter()
            size = max(size, run())
            seconds[way].append(time.perf_counter() - start)
    yardstick = seconds[next(iter(ways))]
    for way, taken in seconds.items():
        median = statistics.median(taken)
        ratio = statistics.median(a / b for a, b in zip(taken, yardstick, strict=True))
        yield Measured(server, way, median, rows / median, size / 1e6 / median, ratio)


# -- ours


def _extracted(address: Address, table: str, folder: Path) -> int:
    """Read as text and written to plain Parquet, for comparison with others that do the same."""
    source = Selection(table, None, "jzsj", None, (), ())
    with reading(address, source, "2025-03", None, LIMITS, frozenset()) as found:
        schema = pa.schema([(name, pa.string()) for name in found.header])
        with pq.ParquetWriter(folder / "ours.parquet", schema, **_WRITTEN) as writer:
            for chunk in found.chunks:
                writer.write_table(chunk)
    return 0


def _landed(address: Address, table: str, folder: Path) -> int:
    """Read, numbered, digested and written encrypted, as an extraction does; bytes of text."""
    source, landing = (
        Selection(table, None, "jzsj", None, (), ()),
        Landing(Home(folder / "home"), b"bench" * 8),
    )
    arrived = Arrived()
    with (
        landing.arriving("his_fee_detail", "H34062100001", "2025-03", "bench") as arriving,
        reading(address, source, "2025-03", None, LIMITS, frozenset()) as found,
    ):
        arriving.begin(schema_of(found.header))
        digest = ContentDigest(found.header)
        for chunk in found.chunks:
            rows = numbered(chunk, 1 + arrived.rows)
            digest.add(rows)
            arrived.add(rows, None)
            arriving.add(rows)
    return digest.bytes


# -- theirs


def _ways_of_postgresql(server: Server, folder: Path) -> dict[str, Callable[[], int]]:
    address, table = Address("postgresql", server.url), f"{server.name}.fy"
    connection = duckdb.connect(config={"extension_directory": str(folder / "extensions")})
    duckdb_extensions.import_extension("postgres_scanner", con=connection)
    connection.execute("load postgres_scanner")
    connection.execute(f"attach '{server.url}' as p (type postgres, read_only)")

    def scanner() -> int:
        connection.execute(f"copy p.{table} to '{folder / 'scanner.parquet'}' (format parquet)")
        return 0

    def adbc() -> int:
        with adbc_driver_postgresql.dbapi.connect(server.url) as opened, opened.cursor() as cursor:
            cursor.execute(f"select * from {table}")
            _write(cursor.fetch_record_batch(), folder)
        return 0

    def loop() -> int:
        with psycopg.connect(server.url) as opened, opened.cursor(name="loop") as cursor:
            cursor.itersize = 20_000
            cursor.execute(f"select * from {table}")
            return _looped(lambda: cursor.fetchmany(20_000), folder)

    return {
        "DuckDB postgres_scanner → Parquet": scanner,
        "ours → Parquet as text": lambda: _extracted(address, table, folder),
        "ours → landed": lambda: _landed(address, table, folder),
        "ADBC → Parquet": adbc,
        "psycopg rows → Parquet as text": loop,
    }


def _ways_of_mariadb(server: Server, folder: Path) -> dict[str, Callable[[], int]]:
    address = Address("mysql", server.url)

    def loop() -> int:
        cursor = SSCursor(server.connection)
        cursor.execute("select * from fy")
        return _looped(lambda: cursor.fetchmany(20_000), folder)

    return {
        "pymysql rows → Parquet as text": loop,
        "ours → Parquet as text": lambda: _extracted(address, "fy", folder),
        "ours → landed": lambda: _landed(address, "fy", folder),
    }


def _ways_of_sqlite(folder: Path) -> dict[str, Callable[[], int]]:
    address = Address("sqlite", str(folder / "fy.sqlite"))

    def loop() -> int:
        with sqlite3.connect(folder / "fy.sqlite") as connection:
            cursor = connection.execute("select * from fy")
            return _looped(lambda: cursor.fetchmany(20_000), folder)

    return {
        "sqlite3 rows → Parquet as text": loop,
        "ours → Parquet as text": lambda: _extracted(address, "fy", folder),
        "ours → landed": lambda: _landed(address, "fy", folder),
    }


def _write(batches: Iterator[pa.RecordBatch], folder: Path) -> None:
    writer = None
    for batch in batches:
        writer = writer or pq.ParquetWriter(folder / "theirs.parquet", batch.schema, compression="snappy")
        writer.write_batch(batch)
    if writer is not None:
        writer.close()


def _looped(fetch: Callable[[], Sequence[tuple[Any, ...]]], folder: Path) -> int:
    """What somebody would write by hand: fetch, turn every value into text, write."""
    schema = pa.schema([(name, pa.string()) for name in _NAMES])
    with pq.ParquetWriter(folder / "loop.parquet", schema, compression="snappy") as writer:
        while rows := fetch():
            texts = [[None if v is None else str(v) for v in column] for column in zip(*rows, strict=True)]
            writer.write_table(pa.table([pa.array(text, pa.string()) for text in texts], schema=schema))
    return 0


def _fill_sqlite(path: Path, server: Server) -> None:
    with sqlite3.connect(path) as connection, server.connection.cursor() as cursor:
        connection.execute(f"create table fy ({', '.join(_NAMES)})")
        cursor.execute(
            f"select id, {', '.join(f'{name}::text' for name in _NAMES[1:])} from {server.name}.fy"
        )
        marks = ", ".join("?" * len(_NAMES))
        connection.executemany(f"insert into fy values ({marks})", cursor)
