"""Dagster's memory in PostgreSQL, as docs/examples/deploy/dagster.yaml has it: written whole or not at all, forgotten as elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import dagster as dg
import pytest
import yaml

from orchestration.forgetting import forget
from orchestration.history import POSTGRESQL, remember, underlying
from orchestration.instance import open_instance
from tests.orchestration.test_forgetting import a, state
from tests.sources.connectors.databases import servers

KEY = dg.AssetKey("a")
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "deploy" / "dagster.yaml"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with the dagster.yaml of the page, its server and a schema of its own in the place of the page's."""
    if find_spec("dagster_postgres") is None:
        servers.unavailable("dagster-postgres", ModuleNotFoundError("make postgresql"))
    with servers.postgresql() as server:
        settings, url = yaml.safe_load(EXAMPLE.read_text("utf-8")), urlsplit(server.url)
        database = settings["storage"]["postgres"]["postgres_db"]
        database |= {"hostname": url.hostname, "port": url.port or 5432, "username": url.username}
        database |= {"db_name": url.path[1:], "params": {"options": f"-csearch_path={server.name}"}}
        monkeypatch.setenv(database["password"]["env"], url.password or os.environ.get("PGPASSWORD", "-"))
        file = tmp_path / "dagster" / "dagster.yaml"
        file.parent.mkdir()
        file.write_text(yaml.safe_dump(settings), "utf-8")
        yield tmp_path


def events(instance: dg.DagsterInstance) -> int:
    kind = dg.DagsterEventType.ASSET_MATERIALIZATION
    wanted = dg.EventRecordsFilter(event_type=kind, asset_key=KEY)
    return len(instance.event_log_storage.get_event_records(wanted))


def test_a_run_is_remembered_whole_or_not_at_all_on_one_connection(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    made = [dg.AssetMaterialization(KEY, partition=month) for month in ("2025-01", "2025-02")]
    verdict = dg.AssetCheckEvaluation(asset_key=KEY, check_name="good", passed=True)
    with open_instance(home) as instance:
        storage = underlying(instance.event_log_storage)
        assert type(storage).__name__ == POSTGRESQL
        assert not remember(home, [*made, "no event"])  # type: ignore[list-item]
        assert events(instance) == 0
        opened, connect = [], type(storage)._connect
        monkeypatch.setattr(type(storage), "_connect", lambda self: opened.append(1) or connect(self))
        assert remember(home, [*made, verdict])
        monkeypatch.undo()
        # One for the events; before them the storage asks once what its tables are.
        assert len(opened) <= 2
        assert instance.get_materialized_partitions(KEY) == {"2025-01", "2025-02"}
        history = storage.get_asset_check_execution_history(dg.AssetCheckKey(KEY, "good"), limit=9)
        assert [each.status.value for each in history] == ["SUCCEEDED"]


def test_old_runs_go_and_the_newest_state_of_every_partition_stays(home: Path):
    assert remember(home, [dg.AssetMaterialization(KEY, partition="2025-01")] * 3)
    with open_instance(home) as instance:
        for month in ("2025-02", "2025-02", "2025-03"):
            dg.materialize([a], partition_key=month, instance=instance)
        before = state(instance)
        assert forget(instance, datetime.now(UTC) + timedelta(days=1)) == 3
        assert (state(instance), events(instance)) == (before, 3)


def test_without_its_password_nothing_is_remembered_and_nobody_stopped(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.delenv("YIGONGTI_DAGSTER_PASSWORD")
    assert not remember(home, [dg.AssetMaterialization(KEY)])
    assert "YIGONGTI_DAGSTER_PASSWORD" in caplog.text
