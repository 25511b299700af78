"""When dbt parses, and with which arguments it builds."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from orchestration import dbt


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: p\n")
    (folder / "models" / "a.sql").write_text("select 1")
    return folder


def test_hash_follows_the_text_of_the_project(project: Path):
    before = dbt.project_hash(project)
    assert dbt.project_hash(project) == before
    (project / "models" / "a.sql").write_text("select 2")
    assert dbt.project_hash(project) != before


def test_hash_follows_names(project: Path):
    before = dbt.project_hash(project)
    (project / "models" / "a.sql").rename(project / "models" / "b.sql")
    assert dbt.project_hash(project) != before


def test_what_dbt_writes_into_the_project_does_not_count(project: Path):
    before = dbt.project_hash(project)
    for made in ("target/manifest.json", "logs/dbt.log", ".user.yml"):
        (project / made).parent.mkdir(exist_ok=True)
        (project / made).write_text("x")
    assert dbt.project_hash(project) == before


def test_parses_once_per_text(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    parsed = []

    def parse(_: Path, destination: Path) -> None:
        parsed.append(destination)
        destination.mkdir(parents=True)
        (destination / "manifest.json").write_text(json.dumps({}))

    monkeypatch.setattr(dbt, "_parse", parse)
    first = dbt.ensure_manifest(project, tmp_path)
    assert dbt.ensure_manifest(project, tmp_path) == first
    (project / "models" / "a.sql").write_text("select 2")
    assert dbt.ensure_manifest(project, tmp_path) != first
    assert len(parsed) == 2


def test_who_starts_together_parses_once(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    parsed, both_ask = [], Barrier(2)

    def parse(_: Path, destination: Path) -> None:
        parsed.append(destination)
        time.sleep(0.2)  # time enough for the other to come to the door
        destination.mkdir(parents=True)
        (destination / "manifest.json").write_text(json.dumps({}))

    def ask(_: int) -> Path:
        both_ask.wait()
        return dbt.ensure_manifest(project, tmp_path)

    monkeypatch.setattr(dbt, "_parse", parse)
    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(ask, range(2)))) == 1
    assert len(parsed) == 1


def test_no_project_is_said_in_words(tmp_path: Path):
    with pytest.raises(dbt.DbtError, match="no dbt project"):
        dbt.ensure_manifest(tmp_path / "nowhere", tmp_path)


def test_a_full_build_leaves_out_the_unit_tests_and_selects_nothing():
    arguments = dbt.build_arguments(Path("/t"), Path("/l"), project=Path("/p"))
    assert arguments[0] == "build"
    assert arguments[arguments.index("--exclude-resource-type") + 1] == "unit_test"
    assert arguments[arguments.index("--target-path") + 1] == "/t"
    assert arguments[arguments.index("--log-path") + 1] == "/l"
    assert arguments[arguments.index("--log-level") + 1] == "none"
    assert "--no-write-json" in arguments
    assert "--select" not in arguments
    assert "--vars" not in arguments  # changing vars would throw the parse away


def test_a_selection_is_handed_on():
    arguments = dbt.build_arguments(
        Path("/t"), Path("/l"), selection=["--select", "a b"], indirect_selection="empty", console=True
    )
    assert arguments[arguments.index("--select") + 1] == "a b"
    assert arguments[arguments.index("--indirect-selection") + 1] == "empty"
    assert arguments[arguments.index("--log-level") + 1] == "info"


def test_the_home_variable_is_put_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv(dbt.HOME_VARIABLE, "before")
    with dbt.home_variable(tmp_path):
        assert os.environ[dbt.HOME_VARIABLE] == str(tmp_path)
    assert os.environ[dbt.HOME_VARIABLE] == "before"
    monkeypatch.delenv(dbt.HOME_VARIABLE)
    with dbt.home_variable(tmp_path):
        pass
    assert dbt.HOME_VARIABLE not in os.environ


def test_row_counts_are_of_tables_not_views(tmp_path: Path):
    import duckdb

    with duckdb.connect(str(tmp_path / "b.duckdb")) as connection:
        connection.execute("create schema core; create table core.t as select range from range(3)")
        connection.execute("create view core.v as select 1")
    assert dbt.row_counts(tmp_path / "b.duckdb") == {"t": 3}
