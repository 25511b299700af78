"""The three jobs, and what follows what.

A Dagster run has one kind of partition, so the hospitals' feeds (institution × month) cannot share a run with
the rest (month). Three jobs in a row are the month's work; `yigongti run` executes them in one process, the
schedule and its sensor one after the other.
"""

from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

    AssetJob = UnresolvedAssetJobDefinition

HOSPITAL_FEEDS = "hospital_feeds"
PLATFORM_FEEDS = "platform_feeds"
RELEASE = "release"
JOBS = (HOSPITAL_FEEDS, PLATFORM_FEEDS, RELEASE)
# Tag on a run that belongs to the month's work: when it succeeds, the next job starts for the months it
# names.
CLOSE_TAG = "yigongti/close"


def build_jobs(hospital_feeds: list[dg.AssetKey], platform_feeds: list[dg.AssetKey]) -> dict[str, "AssetJob"]:
    """Jobs by name, each in one process: DuckDB has a single writer, and importing dbt once is enough."""
    feeds = dg.AssetSelection.assets(*hospital_feeds, *platform_feeds)
    rest = dg.AssetSelection.all() - feeds
    parts = {
        HOSPITAL_FEEDS: (
            dg.AssetSelection.assets(*hospital_feeds),
            "医院数据源:接入与定型 / take in the hospitals' feeds",
        ),
        PLATFORM_FEEDS: (
            dg.AssetSelection.assets(*platform_feeds),
            "平台数据源 / take in the platforms' feeds",
        ),
        RELEASE: (rest, "建库、质控、发布 / build, judge, release"),
    }
    return {
        name: dg.define_asset_job(
            name, selection, description=description, executor_def=dg.in_process_executor
        )
        for name, (selection, description) in parts.items()
    }
