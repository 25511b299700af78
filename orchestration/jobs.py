"""The three jobs, and what follows what.

A Dagster run has one kind of partition, so the hospitals' feeds (institution × month) cannot share a run with
the rest (month). Three jobs in a row are the month's work; `yigongti run` executes them in one process, the
schedule and its sensor one after the other. A fourth is how somebody asks in the page for a month at once.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

    AssetJob = UnresolvedAssetJobDefinition

HOSPITAL_FEEDS = "hospital_feeds"
PLATFORM_FEEDS = "platform_feeds"
RELEASE = "release"
JOBS = (HOSPITAL_FEEDS, PLATFORM_FEEDS, RELEASE)
MONTH = "month"
# Tag on a run that belongs to the month's work: when it succeeds, the next job starts for the months it
# names.
CLOSE_TAG = "yigongti/close"


def build_jobs(
    hospital_feeds: list[dg.AssetKey],
    platform_feeds: list[dg.AssetKey],
    left_out: Sequence[dg.AssetCheckKey] = (),
) -> dict[str, "AssetJob"]:
    """Jobs by name, each in one process: DuckDB has a single writer, and importing dbt once is enough.

    left_out: checks that are no part of the month's work.
    """
    others = dg.AssetSelection.checks(*left_out)
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
            name,
            selection - others if left_out else selection,
            description=description,
            executor_def=dg.in_process_executor,
        )
        for name, (selection, description) in parts.items()
    }


def build_month_job(months: dg.PartitionsDefinition) -> dg.JobDefinition:
    """Started in the page for one month, it succeeds at once, and the sensor that follows it starts the month's work."""

    @dg.op(description="请求这个月的全部工作 / ask for the whole month's work")
    def ask_for_the_month(context: dg.OpExecutionContext) -> None:
        context.log.info(
            f"{context.partition_key}: 接入、建库、质控、发布将依次开始,见 Runs / take in, build, judge and release follow, see Runs"
        )

    @dg.job(
        name=MONTH,
        partitions_def=months,
        executor_def=dg.in_process_executor,
        description="一个月的全部工作:选月份,启动,其余三个作业依次自动开始 / a month at once: choose it and "
        "launch; the three jobs follow one after the other",
    )
    def month() -> None:
        ask_for_the_month()

    return month
