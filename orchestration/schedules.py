"""When the month is closed: a schedule starts the first job, a sensor starts each next one.

Belongs here: timing and succession. Does not belong here: reacting to files (orchestration.sensors).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.due import due_months
from orchestration.jobs import CLOSE_TAG, HOSPITAL_FEEDS, MONTH, PLATFORM_FEEDS, RELEASE
from orchestration.partitions import (
    PARTITION_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
    TIMEZONE,
    delivery_tags,
    month_tags,
)
from sources.county.county import County

if TYPE_CHECKING:
    from orchestration.jobs import AssetJob

# Dagster's own tag on a run that a sensor asked for.
SENSOR_TAG = "dagster/sensor_name"
NEXT_JOB = {MONTH: HOSPITAL_FEEDS, HOSPITAL_FEEDS: PLATFORM_FEEDS, PLATFORM_FEEDS: RELEASE}


def just_closed(county: County, today: date) -> str | None:
    """The month whose accounts have closed and that shall be published one of these days."""
    closed = due_months(county, today, 0)
    late = due_months(county, today, county.settings.publish_within_days)
    return closed[-1] if closed and closed[-1] not in late else None


def build_closing_schedule(
    job: "AssetJob", county: County, institutions: Sequence[str]
) -> dg.ScheduleDefinition:
    """The night after a month's accounts have closed: take in all hospitals' deliveries of it.

    It looks every night, so that a night without power is made up for; the key of the run lets a month run once.
    """

    @dg.schedule(
        name="close_the_month",
        job=job,
        cron_schedule="0 2 * * *",
        execution_timezone=TIMEZONE,
        description="结账日次日:接入该月数据,随后建库、质控、发布 / the night after a month has closed",
    )
    def close_the_month(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        month = just_closed(county, context.scheduled_execution_time.date())
        if month is None:
            return dg.SkipReason("近日没有月份结账 / no month has closed these days")
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
