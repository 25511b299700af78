"""When dbt parses, and with which arguments it builds."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestration import dbt
from sources.base.engine import connect
from sources.base.home import Home


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


class Parses:
    """Stands in for the parse: leaves what it leaves, and counts."""

    def __init__(self, seconds: float = 0) -> None:
        self.seconds, self.made = seconds, 0

    def __call__(self, _: Path, destination: Path, target: str) -> None:
        self.made += 1
        time.sleep(self.seconds)
        destination.mkdir(parents=True, exist_ok=True)
        for name in ("manifest.json", dbt.PARSED):
            (destination / name).write_text(json.dumps({}))


def test_parses_once_per_text(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dbt, "_parse", parses := Parses())
    first = dbt.ensure_manifest(project, tmp_path)
    assert dbt.ensure_manifest(project, tmp_path) == first
    (project / "models" / "a.sql").write_text("select 2")
    assert dbt.ensure_manifest(project, tmp_path) != first
    assert parses.made == 2


def test_who_starts_at_the_same_time_waits_and_finds_it_parsed(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dbt, "_parse", parses := Parses(seconds=0.2))
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda _: dbt.ensure_manifest(project, tmp_path), range(4)))
    assert (parses.made, len(set(found))) == (1, 1)


def test_half_a_parse_is_made_anew(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What a kill or a clean-up left: a manifest without the parse it belongs to."""
    monkeypatch.setattr(dbt, "_parse", parses := Parses())
    (dbt.ensure_manifest(project, tmp_path).parent / dbt.PARSED).unlink()
    assert (dbt.ensure_manifest(project, tmp_path).parent / dbt.PARSED).is_file()
    assert parses.made == 2


def test_a_recent_parse_of_another_text_stays_for_the_run_that_reads_it(tmp_path: Path):
    old, recent, scratch = (tmp_path / name for name in ("old", "recent", "scratch"))
    for folder in (old, recent, scratch):
        folder.mkdir()
    os.utime(old, (0, 0))
    dbt._sweep(tmp_path, scratch)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["recent", "scratch"]


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


def test_row_counts_are_of_tables_not_views_and_of_each_month(tmp_path: Path):
    home = Home(tmp_path)
    home.warehouse.mkdir()
    with connect(home.build_database) as connection:
        connection.execute("create schema core; create table core.t as select range from range(3)")
        connection.execute("create view core.v as select 1")
        connection.execute(
            "create table core.m as select unnest(['2025-01', '2025-02', '2025-02', null]) as month"
        )
    assert dbt.row_counts(home) == {
        "m": dbt.Rows(4, {"2025-01": 1, "2025-02": 2}),
        "t": dbt.Rows(3, {}),
    }
