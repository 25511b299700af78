"""What a release keeps so that its numbers can be walked back: evidence, batches, deliveries missing, targets, policy.

All of it is read from the build and the home at the moment of publishing; nothing here is needed to read the
marts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.publishing.marts import schema_of, write_parquet
from sources.base.engine import cursor, quoted
from sources.base.home import Home

_WINDOW_MONTHS = 12
_BATCH_COLUMNS = ("batch_id", "feed", "institution_id", "month", "status", "source_file", "source_sha256")


def months_needed(months: Iterable[str]) -> list[str]:
    """Every month that a window (at most a rolling year) ending in one of `months` reaches."""
    numbers = {int(month[:4]) * 12 + int(month[5:]) - 1 for month in months}
    reached = {number - back for number in numbers for back in range(_WINDOW_MONTHS)}
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in sorted(reached)]


def write_evidence(connection: duckdb.DuckDBPyConnection, months: Sequence[str], directory: Path) -> None:
    """`month=YYYY-MM/evidence.parquet`: exactly the rows that count.

    Rows of institutions a KPI does not apply to, and of months in which a required delivery is missing, count
    nowhere: they are left out, so that the rows here sum to the published numerators and denominators.
    """
    evidence, component = (
        f'build."{schema_of(connection, name)}"."{name}"' for name in ("kpi_evidence", "kpi_component")
    )
    connection.execute(
        f"""
        create or replace temp table counted as
        select e.* from {evidence} as e join {component} as c using (kpi_id, month, institution_id)
        where c.missing_deliveries = 0 and list_contains(?, e.month)
    """,
        [list(months)],
    )
    for month in months:
        rows = connection.execute(
            "select * from counted where month = ? order by all", [month]
        ).to_arrow_table()
        if len(rows):
            write_parquet(rows, directory / f"month={month}" / "evidence.parquet")
    connection.execute("drop table counted")


def write_missing_deliveries(
    connection: duckdb.DuckDBPyConnection, months: Sequence[str], path: Path
) -> None:
    """Which deliveries a KPI lacked: why a month counts nothing."""
    _write_months(connection, "kpi_missing_delivery", months, path)


def write_targets(connection: duckdb.DuckDBPyConnection, months: Sequence[str], path: Path) -> None:
    """Which target was in force, and which policy row it came from."""
    _write_months(connection, "score_target", months, path)


def write_batches(home: Home, last_month: str, path: Path) -> None:
    """Every batch the build could know: deliveries up to `last_month`."""
    write_parquet(_batches(home, last_month, "*"), path)


def batches(home: Home, last_month: str) -> list[dict[str, Any]]:
    """The batches as the manifest names them, sorted."""
    return _batches(home, last_month, ", ".join(_BATCH_COLUMNS)).to_pylist()


def write_policy(home: Home, directory: Path) -> None:
    """The policy tables as the build read them."""
    for path in sorted(home.policy.glob("*.parquet")):
        write_parquet(pq.read_table(path), directory / path.name)


def _write_months(
    connection: duckdb.DuckDBPyConnection, model: str, months: Sequence[str], path: Path
) -> None:
    rows = connection.execute(
        f"select * from build.{quoted(schema_of(connection, model))}.{quoted(model)} "
        "where list_contains(?, month) order by all",
        [list(months)],
    )
    write_parquet(rows.to_arrow_table(), path)


def _batches(home: Home, last_month: str, columns: str) -> pa.Table:
    files = str(home.batch_outcome / "*.parquet")
    sql = f"select {columns} from read_parquet(?) where month <= ? order by batch_id, status"
    return cursor().execute(sql, [files, last_month]).to_arrow_table()
