"""What a release keeps so that its numbers can be walked back: evidence, what the rules leave out of it, batches, deliveries missing,
targets, what money rests on, policy but what it says of single people.

All of it is read from the build and the home at the moment of publishing; nothing here is needed to read the
marts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.publishing import grounds
from orchestration.publishing.evidence import HOMES, PARTS, evidence_file
from orchestration.publishing.left_out import left_out_file
from orchestration.publishing.marts import schema_of, write_parquet
from orchestration.publishing.monthly import Monthly, contents
from sources.base.engine import cursor, literal, literals, matching, quoted
from sources.base.home import Home
from sources.base.months import month_number, month_text
from sources.county.policy_tables import PERSONAL

_WINDOW_MONTHS = 12
# What single cases were grouped by, coded as and settled at: relation → its file of a month.
CASE_FILES: dict[str, Callable[[str], str]] = {
    "chain_case": "case/group/month={}/case.parquet".format,
    "chain_code": "case/code/month={}/code.parquet".format,
    "casemix_settlement": "case/settlement/month={}/settlement.parquet".format,
}
_BATCH_COLUMNS = ("batch_id", "feed", "institution_id", "month", "status", "source_file", "source_sha256")


def months_needed(months: Iterable[str]) -> list[str]:
    """Every month that a window (at most a rolling year) ending in one of `months` reaches."""
    numbers = {int(month[:4]) * 12 + int(month[5:]) - 1 for month in months}
    reached = {number - back for number in numbers for back in range(_WINDOW_MONTHS)}
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in sorted(reached)]


@dataclass(frozen=True)
class Lineage:
    """The lineage of one release for `months`, to be written into `directory`; `before` is that of the release before it."""

    directory: Path
    release_id: str
    months: Sequence[str]
    before: Path | None = None

    def write(self, connection: duckdb.DuckDBPyConnection, home: Home, last_month: str) -> None:
        """All of it. `last_month`: the last month of which deliveries are known."""
        self.write_evidence(connection)
        # A view over the facts: computed once, not for every month.
        connection.execute(
            f"create temp table left_out as select * from {_build(connection, 'kpi_left_out')} "
            "where list_contains(?, month)",
            [list(self.months)],
        )
        self._write_by_month(connection, "left_out", left_out_file, self.months)
        for relation, name_of in CASE_FILES.items():
            self._write_by_month(connection, _build(connection, relation), name_of, self.months)
        for relation in grounds.MONTHLY:
            rows = grounds.kept(_build(connection, relation))
            self._write_by_month(connection, rows, partial(grounds.ground_file, relation), self.months)
        self._write_all(connection, grounds.BUDGET, grounds.BUDGET_FILE)
        # Which deliveries a KPI lacked: why a month counts nothing.
        self._write_months(connection, "kpi_missing_delivery", "missing_delivery.parquet")
        self._write_all(connection, "kpi_home", HOMES)
        # Which target was in force, and which policy row it came from.
        self._write_months(connection, "score_target", "target.parquet")
        self._write(_batches(home, last_month, "*"), "batches.parquet")
        for path in sorted(home.policy.glob("*.parquet")):
            if path.stem not in PERSONAL:
                self._write(pq.read_table(path), f"policy/{path.name}")

    def write_evidence(self, connection: duckdb.DuckDBPyConnection) -> None:
        """The events of every subject that a KPI is made of, wide, and the parts that say of which measures it is made."""
        self._write_all(connection, "kpi_part", PARTS)
        parts = pq.read_table(self.directory / PARTS, partitioning=None).to_pylist()
        for subject in sorted({part["subject"] for part in parts}):
            earlier = {part["offset_months"] for part in parts if part["subject"] == subject}
            # What a month is compared with lies before the months of its windows.
            months = sorted({month_text(month_number(m) - n) for m in self.months for n in {0, *earlier}})
            evidence = _build(connection, f"kpi_evidence__{subject}")
            self._write_by_month(connection, evidence, partial(evidence_file, subject), months)

    def _write_by_month(
        self,
        connection: duckdb.DuckDBPyConnection,
        relation: str,
        name_of: Callable[[str], str],
        months: Sequence[str],
    ) -> None:
        """A file per month that has rows; one month at a time is held in memory, and none that the release before has too."""
        files = Monthly(self.directory, self.release_id, self.before)
        for month, content in sorted(contents(connection, relation, months).items()):
            if files.holds_before(name_of(month), content):
                files.take_over(name_of(month))
            else:
                files.write(name_of(month), _rows(connection, relation, month), content)

    def _write_all(self, connection: duckdb.DuckDBPyConnection, model: str, name: str) -> None:
        rows = connection.execute(f"select * from {_build(connection, model)} order by all")
        self._write(rows.to_arrow_table(), name)

    def _write_months(self, connection: duckdb.DuckDBPyConnection, model: str, name: str) -> None:
        months = literals(self.months)
        rows = connection.execute(
            f"select * from {_build(connection, model)} where month in ({months}) order by all"
        )
        self._write(rows.to_arrow_table(), name)

    def _write(self, table: pa.Table, name: str) -> None:
        write_parquet(table, self.directory / name, self.release_id)


def batches(home: Home, last_month: str) -> list[dict[str, Any]]:
    """The batches as the manifest names them, sorted."""
    return _batches(home, last_month, ", ".join(_BATCH_COLUMNS)).to_pylist()


def _build(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    return f"build.{quoted(schema_of(connection, name))}.{quoted(name)}"


def _rows(connection: duckdb.DuckDBPyConnection, relation: str, month: str) -> pa.Table:
    return connection.execute(
        f"select * from {relation} where month = {literal(month)} order by all"
    ).to_arrow_table()


def _batches(home: Home, last_month: str, columns: str) -> pa.Table:
    files = matching(home.batch_outcome, "*.parquet")
    sql = f"select {columns} from read_parquet(?) where month <= ? order by batch_id, status"
    return cursor().execute(sql, [files, last_month]).to_arrow_table()
