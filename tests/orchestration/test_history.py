"""What `yigongti run` leaves for Dagster's page: all of a run's events or none, as Dagster itself reads them."""

import logging
from pathlib import Path

import dagster as dg
import pytest

from orchestration import history
from orchestration.instance import open_instance

FEED = dg.AssetKey(["feeds", "a"])
PARTITIONS = ["H1|2025-01", "H1|2025-02", "H2|2025-01"]


def materialised(rows: int = 5) -> list[dg.AssetMaterialization]:
    metadata = {"dagster/partition_row_count": rows}
    return [dg.AssetMaterialization(FEED, partition=each, metadata=metadata) for each in PARTITIONS]


def judged(passed: bool) -> dg.AssetCheckEvaluation:
    return dg.AssetCheckEvaluation(
        asset_key=FEED, check_name="feed_gate", passed=passed, metadata={"checks": 1}
    )


def newest(instance: dg.DagsterInstance) -> dg.AssetMaterialization:
    event = instance.get_latest_materialization_event(FEED)
    assert event is not None and event.asset_materialization is not None
    return event.asset_materialization


def test_partitions_rows_and_verdicts_are_there_and_a_second_run_adds_to_them(tmp_path: Path):
    assert history.remember(tmp_path, [*materialised(), judged(False)])
    with open_instance(tmp_path) as instance:
        assert instance.get_materialized_partitions(FEED) == set(PARTITIONS)
        assert newest(instance).metadata["dagster/partition_row_count"].value == 5
    assert history.remember(tmp_path, [*materialised(6), judged(True)])
    with open_instance(tmp_path) as instance:
        assert newest(instance).metadata["dagster/partition_row_count"].value == 6
        key = dg.AssetCheckKey(FEED, "feed_gate")
        storage = instance.event_log_storage
        statuses = [each.status.value for each in storage.get_asset_check_execution_history(key, limit=9)]
        assert statuses == ["SUCCEEDED", "FAILED"]


def test_half_a_run_is_not_remembered_and_the_log_says_why(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    broken = [*materialised(), "no event"]
    with caplog.at_level(logging.WARNING):
        assert not history.remember(tmp_path, broken)
    assert "no event" in caplog.text
    with open_instance(tmp_path) as instance:
        assert instance.get_materialized_partitions(FEED) == set()


def test_the_storage_works_as_before_when_all_is_stored(tmp_path: Path):
    with open_instance(tmp_path) as instance:
        with history.one_transaction(instance):
            instance.report_runless_asset_event(materialised()[0])
        instance.report_runless_asset_event(materialised()[1])
        assert instance.get_materialized_partitions(FEED) == set(PARTITIONS[:2])
