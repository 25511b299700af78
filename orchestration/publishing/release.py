"""Write, audit, publish: a release is written aside, judged, and only then becomes `current`, atomically.

`publish` is a row of small steps. Killed after any of them, `current` still points at the last good release,
and the next `publish` finishes: it starts afresh, or, if only the pointer was left to move, moves it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from expectations.report import write_report
from expectations.result import GateResult
from expectations.summary import to_json
from orchestration.publishing import events, lineage, manifest
from orchestration.publishing.approvals import APPROVED
from orchestration.publishing.marts import differing, write_database, write_parquet
from orchestration.publishing.money import page as money
from orchestration.publishing.plan import RELEASE_ID, Plan, current_id, find_same, make_plan, next_release_id
from orchestration.publishing.proof.enter import enter, sign
from orchestration.publishing.proof.keys import Signer
from orchestration.publishing.quality.page import write_pages
from orchestration.publishing.restricted import write_restricted
from orchestration.publishing.texts import write_texts
from sources.base.engine import connect, literal
from sources.base.home import Home
from sources.base.plain_path import plain
from sources.base.terms import GATES
from sources.county.county import County
from sources.handover import last_known_month

__all__ = ["ReleaseBlockedError", "ReleaseInfo", "current_id", "next_release_id", "publish"]

STAGING = ".staging"
DATABASE = "release.duckdb"


class ReleaseBlockedError(RuntimeError):
    """The gates do not allow publishing."""


@dataclass(frozen=True)
class ReleaseInfo:
    """A published release. `created` is False if nothing had changed and it was there already.

    overtaken: closed month → number of its published values that late data would change.
    """

    release_id: str
    path: Path
    created: bool
    previous: str | None
    overtaken: dict[str, int]


def publish(
    home: Home,
    county: County,
    months: Sequence[str],
    gate_results: Sequence[GateResult],
    code_version: str,
    signer: Signer | None = None,
) -> ReleaseInfo:
    """Publish the build for `months` ('YYYY-MM') on top of the current release, signed if there is a signer.

    Returns the new release, or the existing one if neither content nor inputs have changed.
    Raises ReleaseBlockedError if a gate failed, did not run, or judged other months.
    """
    require_passed(gate_results, months)
    staging = open_staging(home)
    with _build(home) as connection:
        plan = make_plan(connection, home, county, months, gate_results, code_version)
        existing = find_same(home, plan)
        if existing is not None:
            return keep(home, existing, plan, signer)
        write_marts(staging, plan)
        write_marts_database(staging, plan)
        write_restricted(plan.restricted, staging, plan.release_id)
        compare_marts(staging, plan)
        write_gates(staging, gate_results, county, plan)
        write_events(connection, staging, home, plan)
        write_lineage(connection, staging, home, plan)
        write_pages(connection, staging, home, county, plan)
        money.write_pages(staging, home, county, plan)
    reserve_site(staging)
    write_manifest(staging, plan, gate_results)
    sign(staging, home, signer)
    sync(staging)
    final = rename(staging, home, plan.release_id)
    enter(home, final, signer)
    move_pointer(home, final)
    return ReleaseInfo(plan.release_id, final, True, plan.previous, plan.overtaken)


# The steps, in order. Each leaves nothing half-done that a later run would take for done.


def require_passed(results: Sequence[GateResult], months: Sequence[str]) -> None:
    """All four gates, of exactly these months, without a critical failure."""
    ran = {result.gate: result for result in results}
    for gate in GATES:
        if gate not in ran:
            raise ReleaseBlockedError(f"质控门 {gate} 尚未运行,不能发布 / gate {gate} has not run")
        if sorted(ran[gate].months) != sorted(months):
            raise ReleaseBlockedError(f"质控门 {gate} 判断的月份与本次不同 / gate {gate} judged other months")
        if ran[gate].failed:
            count = len(ran[gate].failures)
            raise ReleaseBlockedError(
                f"质控门 {gate} 有 {count} 项未通过,不能发布 / gate {gate}: {count} critical failures"
            )


def open_staging(home: Home) -> Path:
    """An empty folder to write into; what a killed run left there is removed."""
    staging = home.releases / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    return staging


def keep(home: Home, existing: Path, plan: Plan, signer: Signer | None) -> ReleaseInfo:
    """Nothing to write: remove the staging folder, and finish the release that lacked its entry or the pointer."""
    shutil.rmtree(home.releases / STAGING)
    enter(home, existing, signer)
    finished = existing.name != current_id(home)
    if finished:
        move_pointer(home, existing)
    return ReleaseInfo(existing.name, existing, finished, plan.previous, plan.overtaken)


def write_marts(staging: Path, plan: Plan) -> None:
    for name, table in plan.tables.items():
        write_parquet(table, staging / "marts" / f"{name}.parquet", plan.release_id)


def write_marts_database(staging: Path, plan: Plan) -> None:
    """The marts as one database, and the name it had in 0.2.0, under which `marts.x` is ambiguous once it is opened."""
    write_database(plan.tables, staging / DATABASE, plan.release_id)
    (staging / "marts.duckdb").symlink_to(DATABASE)


def compare_marts(staging: Path, plan: Plan) -> None:
    """What was written twice is read back and must be the same. Raises ReleaseBlockedError naming the tables that are not."""
    apart = differing(plan.tables, staging / DATABASE, staging / "marts")
    if apart:
        raise ReleaseBlockedError(
            f"{DATABASE} 与 Parquet 不一致:{', '.join(apart)},没有发布;请检查磁盘后重新运行 / {DATABASE} and the "
            f"Parquet files differ in {', '.join(apart)}, nothing is published: check the disk and run again"
        )


def write_gates(staging: Path, results: Sequence[GateResult], county: County, plan: Plan) -> None:
    """The verdicts as data and as a page."""
    directory = staging / "gates"
    directory.mkdir()
    ordered = sorted(results, key=lambda result: list(GATES).index(result.gate))
    content = json.dumps(to_json(ordered), ensure_ascii=False, indent=1)
    (directory / "results.json").write_text(content + "\n", "utf-8")
    write_report(ordered, directory / "report.html", county.name, plan.release_id, county.name_of)


def write_events(connection: duckdb.DuckDBPyConnection, staging: Path, home: Home, plan: Plan) -> None:
    previous = home.releases / plan.previous if plan.previous else None
    kept = set(plan.tables["dim_month"]["month"].to_pylist()) - set(plan.months)
    events.write_events(connection, staging, plan.release_id, plan.months, kept, previous)


def write_lineage(connection: duckdb.DuckDBPyConnection, staging: Path, home: Home, plan: Plan) -> None:
    directory = staging / "lineage"
    before = home.releases / plan.previous / "lineage" if plan.previous else None
    lineage.Lineage(directory, plan.release_id, plan.evidence_months, before).write(
        connection, home, last_known_month(home)
    )
    write_texts(home, staging)


def reserve_site(staging: Path) -> None:
    """The site's place; its pages come later."""
    (staging / "site").mkdir()


def write_manifest(staging: Path, plan: Plan, results: Sequence[GateResult]) -> None:
    named = RELEASE_ID.fullmatch(plan.release_id)
    assert named is not None, f"{plan.release_id} is no release id"
    month, revision = named.groups()
    manifest.write(
        staging,
        {
            "release_id": plan.release_id,
            "month": month,
            "revision": int(revision),
            "months_computed": list(plan.months),
            "months_published": plan.tables["dim_month"]["month"].to_pylist(),
            "previous": plan.previous,
            "previous_manifest": manifest.sha256(staging.parent / plan.previous / manifest.FILE)
            if plan.previous
            else None,
            APPROVED: plan.approved,
            "inputs": plan.inputs,
            "rows": {name: len(table) for name, table in plan.tables.items()},
            "gates": {result.gate: result.counts() for result in results},
        },
    )


def sync(staging: Path) -> None:
    """Everything on disk before the release gets its name."""
    for path in [*staging.rglob("*"), staging, staging.parent]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def rename(staging: Path, home: Home, release_id: str) -> Path:
    final = home.releases / release_id
    staging.rename(final)
    return final


def move_pointer(home: Home, release: Path) -> None:
    """Replace the link in one step: readers see the old release or the new one, never none."""
    beside = home.root / ".current.new"
    beside.unlink(missing_ok=True)
    beside.symlink_to(release.relative_to(home.root))
    beside.replace(home.current)


def _build(home: Home) -> duckdb.DuckDBPyConnection:
    # Views of the build name the files of the home relative to it.
    connection = connect(file_search_path=str(plain(home.root)), spill=home.spill)
    connection.execute(f"attach {literal(plain(home.build_database))} as build (read_only)")
    return connection
