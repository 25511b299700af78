"""Visits, stays, settlements and referrals of a release, a row each and nothing about persons: files by month for BI tools.

Here: writing the months of a run, and taking over the files of the others from the release before, so that a release costs
what is new. Not here: what a row says (dbt_project/models/marts/events), tables small enough to be read whole (marts).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import duckdb

from orchestration.publishing.marts import schema_of, write_parquet
from orchestration.publishing.monthly import Monthly
from sources.base.engine import quoted

EVENTS = ("event_referral", "event_settlement", "event_stay", "event_visit")


def events_file(name: str, month: str) -> str:
    """Where the events of a month lie, below a release."""
    return f"events/{name}/month={month}/{name}.parquet"


def write_events(
    connection: duckdb.DuckDBPyConnection,
    release: Path,
    release_id: str,
    months: Collection[str],
    kept: Collection[str],
    previous: Path | None,
) -> None:
    """Write `months` of the attached `build` into the folder `release`; `kept` are taken over from the folder `previous`.

    A month without rows has no file; a file that is taken over says in its metadata which release wrote it.
    """
    files = Monthly(release, release_id, previous)
    for name in EVENTS:
        source = f"build.{quoted(schema_of(connection, name))}.{quoted(name)}"
        for month in sorted(months):
            rows = connection.execute(
                f"select * from {source} where month = ? order by all", [month]
            ).to_arrow_table()
            if len(rows):
                write_parquet(rows, release / events_file(name, month), release_id)
        for month in sorted(kept):
            if files.has_before(events_file(name, month)):
                files.take_over(events_file(name, month))
