"""What a release will hold, decided before anything is written: its number, its tables, its inputs.

Belongs here: what is taken from the build and what is kept, and whether it is new at all. Does not: writing
(release.py), how tables are put together and written (marts.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations import reconciliation
from expectations.result import GateResult
from orchestration.publishing import lineage, manifest, texts
from orchestration.publishing.marts import (
    BY_NAME,
    MARTS,
    Mart,
    data_quality,
    in_order,
    put_together,
    read_build,
    read_release,
    same_content,
    stamp,
    with_platforms,
)
from orchestration.publishing.restricted import RESTRICTED, read_restricted
from orchestration.publishing.standing import Standing
from sources.base.engine import cursor
from sources.base.home import Home
from sources.county.county import County
from sources.handover import last_known_month

RELEASE_ID = re.compile(r"^(\d{4}-\d{2})\.(\d+)$")


@dataclass(frozen=True)
class Plan:
    """Everything a release will hold, before anything is written. approved: month → release it was approved for pay from."""

    release_id: str
    months: tuple[str, ...]
    previous: str | None
    tables: dict[str, pa.Table]
    restricted: dict[str, pa.Table]
    evidence_months: list[str]
    overtaken: dict[str, int]
    inputs: dict[str, Any]
    approved: dict[str, str]


def next_release_id(home: Home, last_month: str) -> tuple[str, int]:
    """('YYYY-MM.n', n): n counts the publications of that month."""
    published = current_id(home)
    known = [_revisions(home.releases / published).get(last_month, 0)] if published else [0]
    revision = max([*known, *(number for month, number in _directories(home) if month == last_month)]) + 1
    return f"{last_month}.{revision}", revision


def current_id(home: Home) -> str | None:
    """The release that `current` points at."""
    return home.current.resolve().name if home.current.is_symlink() else None


def make_plan(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    county: County,
    months: Sequence[str],
    gate_results: Sequence[GateResult],
    code_version: str,
) -> Plan:
    """Put the published tables together: months of the run from the build, the others frozen.

    Raises NotIntactError if what is published now is not what was published: nothing is built upon it.
    """
    previous = current_id(home)
    manifest.require_base(home)
    scope = sorted(months)
    release_id, revision = next_release_id(home, scope[-1])
    standing = Standing.of(home)
    published = read_release(home.releases / previous) if previous else {}
    before = _revisions(home.releases / previous) if previous else {}
    revisions = {month: before.get(month, 0) + 1 for month in scope} | {scope[-1]: revision}
    built = {mart.name: _built(connection, home, mart, gate_results) for mart in MARTS}
    platforms = {platform.id: platform.name for platform in county.platforms}
    built["dim_institution"] = with_platforms(built["dim_institution"], platforms)
    # What stands says so itself, so all the months that the build covers are taken from it.
    covered = sorted(set(built["dim_month"]["month"].to_pylist()))
    months_of = {True: covered, False: scope}
    tables = {
        mart.name: _together(
            mart, built[mart.name], published.get(mart.name), months_of[mart.stands], standing
        )
        for mart in MARTS
    }
    replaced = _replaced_months(tables["mart_kpi_value"], published.get("mart_kpi_value"), scope)
    tables = {
        name: _stamped(BY_NAME[name], table, published.get(name), scope, release_id, revisions, standing)
        for name, table in tables.items()
    }
    of_people = read_restricted(home.releases / previous) if previous else {}
    restricted = {}
    for mart in RESTRICTED:
        fresh = read_build(connection, mart.name)
        table = _together(mart, fresh, of_people.get(mart.name), months_of[mart.stands], standing)
        restricted[mart.name] = _stamped(mart, table, None, scope, release_id, revisions, standing)
    inputs = {
        "code_version": code_version,
        "policy": {path.stem: manifest.sha256(path) for path in sorted(home.policy.glob("*.parquet"))},
        "texts": texts.hashes(home),
        "batches": lineage.batches(home, last_known_month(home)),
        "county": {"name": county.name, "region_code": county.region_code, "simulated": county.simulated},
    }
    evidence = lineage.months_needed([*scope, *replaced])
    overtaken = _overtaken(built["mart_kpi_value"], published.get("mart_kpi_value"), scope)
    return Plan(
        release_id, tuple(scope), previous, tables, restricted, evidence, overtaken, inputs, standing.approved
    )


def _together(
    mart: Mart, built: pa.Table, published: pa.Table | None, months: Sequence[str], standing: Standing
) -> pa.Table:
    table = put_together(mart, built, published, months)
    return standing.rows(mart, table) if mart.explains else table


def _built(
    connection: duckdb.DuckDBPyConnection, home: Home, mart: Mart, results: Sequence[GateResult]
) -> pa.Table:
    if mart.name == "mart_data_quality":
        return data_quality([result.to_frame() for result in results])
    if mart.name == reconciliation.TABLE:
        return reconciliation.load(home)
    return read_build(connection, mart.name)


def find_same(home: Home, plan: Plan) -> Path | None:
    """A release with this content from these inputs: the current one, or one that lacked only the pointer."""
    for directory in _candidates(home, plan):
        if _same_tables(directory, plan) and _same_inputs(home, directory, plan):
            return directory
    return None


def _same_tables(directory: Path, plan: Plan) -> bool:
    tables = read_release(directory)
    if not all(name in tables and same_content(table, tables[name]) for name, table in plan.tables.items()):
        return False
    people = read_restricted(directory)
    return all(
        same_content(in_order(mart, people[mart.name]), plan.restricted[mart.name])
        if mart.name in people
        else not len(plan.restricted[mart.name])
        for mart in RESTRICTED
    )


def _stamped(
    mart: Mart,
    table: pa.Table,
    published: pa.Table | None,
    scope: Sequence[str],
    release_id: str,
    revisions: Mapping[str, int],
    standing: Standing,
) -> pa.Table:
    """Mark the rows computed now: months of the run, and rows the last release did not have in this form."""
    if "release_id" not in table.column_names or "month" not in table.column_names:
        return table
    months = standing.open_of(scope) if mart.stands or mart.explains else list(scope)
    computed = pc.is_in(table["month"], pa.array(months, pa.string()))
    if published is not None and mart.matures:
        kept = set(_row_ids(mart, published))
        computed = pc.or_(computed, pa.chunked_array([[row not in kept for row in _row_ids(mart, table)]]))
    return stamp(table, release_id, revisions, computed)


def _row_ids(mart: Mart, values: pa.Table) -> list[tuple]:
    """Key and status of rows: a matured row has another status than the published."""
    names = (*mart.key, "status")
    return list(zip(*(values[name].to_pylist() for name in names), strict=True))


def _replaced_months(values: pa.Table, published: pa.Table | None, scope: Sequence[str]) -> list[str]:
    """Months outside the run in which an immature value was replaced."""
    if published is None:
        return []
    mart = BY_NAME["mart_kpi_value"]
    kept = set(_row_ids(mart, published))
    return sorted({row[0] for row in _row_ids(mart, values) if row not in kept and row[0] not in scope})


def _overtaken(built: pa.Table, published: pa.Table | None, scope: Sequence[str]) -> dict[str, int]:
    """Closed month → how many of its valid values late data would change if the month were computed again."""
    if published is None:
        return {}
    with cursor() as connection:
        connection.register("built", built)
        connection.register("published", published)
        rows = connection.execute(
            """select p.month, count(*) from published as p
               join built as b using (month, kpi_window, institution_id, kpi_id)
               where p.status = 'valid' and not list_contains(?, p.month)
                 and (p.numerator is distinct from b.numerator or p.denominator is distinct from b.denominator)
               group by p.month order by p.month""",
            [list(scope)],
        ).fetchall()
    return dict(rows)


def _candidates(home: Home, plan: Plan) -> list[Path]:
    """The current release, and releases complete but never pointed at (killed before the last step)."""
    found = [home.releases / plan.previous] if plan.previous else []
    for month, revision in sorted(_directories(home), reverse=True):
        directory = home.releases / f"{month}.{revision}"
        if (
            directory not in found
            and manifest.is_intact(directory)
            and manifest.read(directory)["previous"] == plan.previous
        ):
            found.append(directory)
    return found


def _same_inputs(home: Home, directory: Path, plan: Plan) -> bool:
    """Whether the release that computed the run's months did so from the same code, policy and batches."""
    months = read_release(directory)["dim_month"]
    computed_by = dict(zip(months["month"].to_pylist(), months["release_id"].to_pylist(), strict=True))
    if any(computed_by.get(month) is None for month in plan.months):
        return False
    sources = {computed_by[month] for month in plan.months}
    return all(
        manifest.is_intact(home.releases / name)
        and _inputs(manifest.read(home.releases / name)["inputs"], plan) == _inputs(plan.inputs, plan)
        for name in sources
    )


def _inputs(inputs: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Inputs of the months of this run. Batches of later months count only if they changed a figure, and then
    the content differs.
    """
    batches = [batch for batch in inputs["batches"] if batch["month"] <= plan.months[-1]]
    return {**inputs, "batches": batches}


def _revisions(directory: Path) -> dict[str, int]:
    months = pq.read_table(directory / "marts" / "dim_month.parquet", columns=["month", "revision"])
    return dict(zip(months["month"].to_pylist(), months["revision"].to_pylist(), strict=True))


def _directories(home: Home) -> list[tuple[str, int]]:
    """(month, revision) of every finished release folder."""
    if not home.releases.exists():
        return []
    found = (RELEASE_ID.fullmatch(path.name) for path in home.releases.iterdir())
    return [(match[1], int(match[2])) for match in found if match]
