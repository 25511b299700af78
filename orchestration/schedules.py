"""When the month is closed: a schedule starts the first job, a sensor starts each next one.

Belongs here: timing and succession. Does not belong here: reacting to files (orchestration.sensors).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.jobs import CLOSE_TAG, HOSPITAL_FEEDS, PLATFORM_FEEDS, RELEASE
from orchestration.partitions import TIMEZONE, delivery_tags, month_tags

if TYPE_CHECKING:
    from orchestration.jobs import AssetJob

# close_after_days of the policy is 15: on the 16th the month before is complete.
CLOSING_CRON = "0 2 16 * *"
NEXT_JOB = {HOSPITAL_FEEDS: PLATFORM_FEEDS, PLATFORM_FEEDS: RELEASE}


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


def build_succession_sensor(jobs: dict[str, "AssetJob"]) -> dg.SensorDefinition:
    """When a run of the month's work succeeds, request the next job for the same months."""

    @dg.run_status_sensor(
        name="next_job_of_the_month",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[jobs[name] for name in NEXT_JOB],
        request_jobs=[jobs[name] for name in NEXT_JOB.values()],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="医院数据源 → 平台数据源 → 发布 / hospitals' feeds, platforms' feeds, release",
    )
    def next_job_of_the_month(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        return request_after(context.dagster_run.job_name, context.dagster_run.tags)

    return next_job_of_the_month


def request_after(job_name: str, tags: Mapping[str, str]) -> dg.RunRequest | dg.SkipReason:
    """The run that follows one of the month's work; runs without the tag stand for themselves."""
    months = tags.get(CLOSE_TAG)
    if months is None:
        return dg.SkipReason(f"{job_name}: 不属于月结 / not part of closing a month")
    first, last = months.split("/")
    return dg.RunRequest(job_name=NEXT_JOB[job_name], tags={**month_tags(first, last), CLOSE_TAG: months})
