"""Old runs go, the newest state of every partition stays as it was, with its time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration.forgetting import build_forget_job, forget
from orchestration.history import remember
from orchestration.instance import open_instance

KEY = dg.AssetKey("a")
MONTHS = dg.StaticPartitionsDefinition(["2025-01", "2025-02", "2025-03"])


@dg.asset(partitions_def=MONTHS)
def a(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"run": context.run.run_id})


def state(instance: dg.DagsterInstance) -> dict[str, float]:
    """Partition → when it was last materialised; and what the asset shows as its newest."""
    kind, storage = dg.DagsterEventType.ASSET_MATERIALIZATION, instance.event_log_storage
    ids = storage.get_latest_storage_id_by_partition(KEY, kind)
    wanted = dg.EventRecordsFilter(event_type=kind, asset_key=KEY, storage_ids=list(ids.values()))
    found = {each.partition_key: each.timestamp for each in storage.get_event_records(wanted)}
    newest = instance.get_latest_materialization_event(KEY)
    assert newest is not None
    return {**found, "newest": newest.timestamp}


@pytest.fixture
def instance(tmp_path: Path):
    remember(tmp_path, [dg.AssetMaterialization(KEY, partition="2025-01")] * 3)
    with open_instance(tmp_path) as instance:
        for month in ("2025-02", "2025-02", "2025-03"):
            dg.materialize([a], partition_key=month, instance=instance)
        yield instance


def test_all_runs_go_and_what_the_page_shows_stays(instance: dg.DagsterInstance):
    before = state(instance)
    assert set(before) == {"2025-01", "2025-02", "2025-03", "newest"}
    assert forget(instance, datetime.now(UTC) + timedelta(days=1)) == 3
    assert instance.get_run_records() == []
    assert state(instance) == before
    events = dg.EventRecordsFilter(event_type=dg.DagsterEventType.ASSET_MATERIALIZATION, asset_key=KEY)
    assert len(instance.event_log_storage.get_event_records(events)) == 3


def test_younger_runs_stay_and_what_is_newest_stays_newest(instance: dg.DagsterInstance):
    cut = datetime.now(UTC)
    dg.materialize([a], partition_key="2025-03", instance=instance)
    before = state(instance)
    assert forget(instance, cut) == 3
    assert len(instance.get_run_records()) == 1
    assert state(instance) == before


@dg.asset_check(asset=a, name="good")
def good() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@dg.asset_check(asset=a, name="bad")
def bad() -> dg.AssetCheckResult:
    raise RuntimeError


def verdicts(instance: dg.DagsterInstance, name: str) -> list[tuple[str, str]]:
    """(run, status) of a check, newest first."""
    history = instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(KEY, name), limit=9
    )
    return [(each.run_id, each.status.value) for each in history]


def test_of_the_verdicts_of_forgotten_runs_the_newest_stays(instance: dg.DagsterInstance, tmp_path: Path):
    evaluation = dg.AssetCheckEvaluation(asset_key=KEY, check_name="good", passed=False)
    remember(tmp_path, [evaluation, evaluation])
    for _ in range(2):
        dg.materialize([a, good], partition_key="2025-03", instance=instance)
    dg.materialize([a, bad], partition_key="2025-03", instance=instance, raise_on_error=False)
    newest = verdicts(instance, "good")[0]
    assert (len(verdicts(instance, "good")), len(verdicts(instance, "bad"))) == (4, 1)
    forget(instance, datetime.now(UTC) + timedelta(days=1))
    assert (verdicts(instance, "good"), verdicts(instance, "bad")) == ([newest], [])


def test_verdicts_of_younger_runs_stay(instance: dg.DagsterInstance):
    dg.materialize([a, good], partition_key="2025-03", instance=instance)
    cut = datetime.now(UTC)
    for _ in range(2):
        dg.materialize([a, good], partition_key="2025-03", instance=instance)
    before = verdicts(instance, "good")
    forget(instance, cut)
    assert verdicts(instance, "good") == before[:2]


def test_the_job_forgets_what_is_older_than_it_is_told(instance: dg.DagsterInstance):
    config = {"ops": {"forget_old_runs": {"config": {"days": 1}}}}
    assert build_forget_job().execute_in_process(run_config=config, instance=instance).success
    assert len(instance.get_run_records()) == 4
