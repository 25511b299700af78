"""When the month is closed: a schedule starts the first job, a sensor starts each next one.

Belongs here: timing and succession. Does not belong here: reacting to files (orchestration.sensors).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.due import DELIVERED_BY
from orchestration.jobs import CLOSE_TAG, HOSPITAL_FEEDS, MONTH, PLATFORM_FEEDS, RELEASE
from orchestration.partitions import (
    PARTITION_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
    TIMEZONE,
    delivery_tags,
    month_tags,
)

if TYPE_CHECKING:
    from orchestration.jobs import AssetJob

CLOSING_CRON = f"0 2 {DELIVERED_BY} * *"
# Dagster's own tag on a run that a sensor asked for.
SENSOR_TAG = "dagster/sensor_name"
NEXT_JOB = {MONTH: HOSPITAL_FEEDS, HOSPITAL_FEEDS: PLATFORM_FEEDS, PLATFORM_FEEDS: RELEASE}


def month_before(moment: datetime) -> str:
    """'YYYY-MM' of the month before the one that `moment` lies in."""
    year, month = (moment.year, moment.month - 1) if moment.month > 1 else (moment.year - 1, 12)
    return f"{year:04d}-{month:02d}"


def build_closing_schedule(job: "AssetJob", institutions: Sequence[str]) -> dg.ScheduleDefinition:
    """Every month on the closing day: take in all hospitals' deliveries of the month before."""

    @dg.schedule(
        name="close_the_month",
        job=job,
        cron_schedule=CLOSING_CRON,
        execution_timezone=TIMEZONE,
        description="每月16日:接入上月数据,随后建库、质控、发布 / on the 16th: close the month before",
    )
    def close_the_month(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        month = month_before(context.scheduled_execution_time)
        return dg.RunRequest(
            run_key=f"close-{month}",
            tags={**delivery_tags(institutions, month, month), CLOSE_TAG: f"{month}/{month}"},
        )

    return close_the_month


def build_succession_sensor(
    jobs: Mapping[str, "AssetJob"], month_job: dg.JobDefinition, scope: "Scope"
) -> dg.SensorDefinition:
    """When a run that is a whole step of the month's work succeeds, request the next job for the same months."""

    @dg.run_status_sensor(
        name="next_job_of_the_month",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[month_job, *(jobs[name] for name in (HOSPITAL_FEEDS, PLATFORM_FEEDS))],
        request_jobs=[jobs[name] for name in NEXT_JOB.values()],
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="月份 → 医院数据源 → 平台数据源 → 发布 / month, hospitals' feeds, platforms' feeds, release",
    )
    def next_job_of_the_month(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        run = context.dagster_run
        months = scope.months_of(run.job_name, run.tags, run.asset_selection)
        if months is None:
            return dg.SkipReason(f"{run.job_name}: 只是一部分,不接着做 / a part only: nothing follows")
        return request_after(run.job_name, *months, scope.institutions)

    return next_job_of_the_month


@dataclass(frozen=True)
class Scope:
    """What makes a run a whole step of the month's work: every deliverer, every feed of its job.

    institutions: in partition order. feeds: assets of each job of feeds.
    """

    institutions: Sequence[str]
    feeds: Mapping[str, Collection[dg.AssetKey]]

    def months_of(
        self, job_name: str, tags: Mapping[str, str], selected: Collection[dg.AssetKey] | None
    ) -> tuple[str, str] | None:
        """First and last month of a run after which the next job is due; None for a run that is a part only.

        Runs of the schedule name their months. Runs started by hand do by their partitions. What the inbox sensor starts
        never counts: a file alone releases nothing.
        """
        if CLOSE_TAG in tags:
            first, last = tags[CLOSE_TAG].split("/")
            return first, last
        if SENSOR_TAG in tags or (selected is not None and not set(self.feeds[job_name]) <= set(selected)):
            return None
        first, last = (tags.get(tag, tags.get(PARTITION_TAG, "")) for tag in (RANGE_START_TAG, RANGE_END_TAG))
        if job_name != HOSPITAL_FEEDS:
            return (first, last) if first and last else None
        (low, _, first), (high, _, last) = first.partition("|"), last.partition("|")
        return (first, last) if (low, high) == (self.institutions[0], self.institutions[-1]) else None


def request_after(job_name: str, first: str, last: str, institutions: Sequence[str]) -> dg.RunRequest:
    """The run that follows one of the month's work, for the months first … last."""
    following = NEXT_JOB[job_name]
    of_hospitals = following == HOSPITAL_FEEDS
    tags = delivery_tags(institutions, first, last) if of_hospitals else month_tags(first, last)
    return dg.RunRequest(job_name=following, tags={**tags, CLOSE_TAG: f"{first}/{last}"})
