"""Dagster's event log does not grow for ever: old runs are forgotten, the newest state of everything is kept.

Belongs here: what is forgotten, the job and its schedule. Does not belong here: the home's own logs and releases.

Deleting a run by itself would take the materialisations with it that the page shows; so the newest of each partition is first
written once more without a run, with the time at which it happened. Verdicts of checks stand in a table of their own: of each check
and partition the newest stays.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from sqlalchemy import func, select

from orchestration.history import one_transaction, underlying
from orchestration.partitions import TIMEZONE

KEPT_DAYS = 90
WITHOUT_RUN = ""
FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


class Keep(dg.Config):
    """days: runs that ended longer ago are forgotten."""

    days: int = KEPT_DAYS


def forget(instance: dg.DagsterInstance, before: datetime) -> int:
    """Forget runs that ended before a moment, and all but the newest events written without a run. How many runs."""
    old = [
        record.dagster_run.run_id
        for record in instance.get_run_records(dg.RunsFilter(statuses=FINISHED, updated_before=before))
    ]
    kept = [_newest_by_partition(instance, key) for key in instance.all_asset_keys()]
    with one_transaction(instance):
        instance.event_log_storage.delete_events(WITHOUT_RUN)
        for records in kept:
            _write_again(instance, records, {*old, WITHOUT_RUN})
    _forget_verdicts(instance, [*old, WITHOUT_RUN])
    for run_id in old:
        instance.delete_run(run_id)
    return len(old)


def _forget_verdicts(instance: dg.DagsterInstance, gone: Sequence[str]) -> None:
    """Of verdicts that runs left which go, or that were written without a run, all but the newest of a check and partition;
    what was planned by such a run and never judged goes too.
    """
    from dagster._core.storage.event_log import SqlEventLogStorage
    from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable

    storage, verdict = underlying(instance.event_log_storage), AssetCheckExecutionsTable.c
    if not isinstance(storage, SqlEventLogStorage):
        return
    judged = verdict.execution_status != AssetCheckExecutionRecordStatus.PLANNED.value
    check = (verdict.asset_key, verdict.check_name, verdict.partition)
    with storage.index_connection() as connection:
        newest = (
            connection.execute(select(func.max(verdict.id)).where(judged).group_by(*check)).scalars().all()
        )
        found = connection.execute(select(verdict.id).where(verdict.run_id.in_(gone))).scalars().all()
        for each in sorted(set(found) - set(newest)):
            connection.execute(AssetCheckExecutionsTable.delete().where(verdict.id == each))


def _newest_by_partition(instance: dg.DagsterInstance, key: dg.AssetKey) -> list[dg.EventLogRecord]:
    """The newest materialisation of every partition of an asset, oldest first."""
    storage, kind = instance.event_log_storage, dg.DagsterEventType.ASSET_MATERIALIZATION
    newest = list(storage.get_latest_storage_id_by_partition(key, kind).values())
    wanted = dg.EventRecordsFilter(event_type=kind, asset_key=key, storage_ids=newest)
    found = storage.get_event_records(wanted) if newest else ()
    return sorted(found, key=lambda record: record.timestamp)


def _write_again(
    instance: dg.DagsterInstance, records: Sequence[dg.EventLogRecord], gone: Collection[str]
) -> None:
    """Of an asset's newest materialisations those whose runs go; what is its very newest stays so."""
    storage = instance.event_log_storage
    for record in records:
        if record.run_id in gone:
            storage.store_event(record.event_log_entry._replace(run_id=WITHOUT_RUN))
    if records and records[-1].run_id not in gone:
        # Every storage in SQL has it; the interface of storages does not name it.
        storage.store_asset_event(records[-1].event_log_entry, records[-1].storage_id)  # type: ignore[attr-defined]


def build_forget_job() -> dg.JobDefinition:
    """The job, to be started in the page or by its schedule."""

    @dg.op(
        description="删除过期的运行记录,保留每个分区与每项检查的最新状态 / forget old runs, keep what is newest"
    )
    def forget_old_runs(context: dg.OpExecutionContext, config: Keep) -> None:
        count = forget(context.instance, datetime.now(UTC) - timedelta(days=config.days))
        context.log.info(f"已删除 {count} 次运行 / {count} runs forgotten")

    @dg.job(
        name="forget",
        executor_def=dg.in_process_executor,
        description=f"清理 Dagster 的运行记录(默认留 {KEPT_DAYS} 天) / forget runs older than {KEPT_DAYS} days",
    )
    def forget_job() -> None:
        forget_old_runs()

    return forget_job


def build_forget_schedule(job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Every Sunday night, on from the start."""
    return dg.ScheduleDefinition(
        name="forget_old_runs",
        job=job,
        cron_schedule="0 3 * * 0",
        execution_timezone=TIMEZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="每周:清理过期的运行记录 / weekly: forget old runs",
    )
