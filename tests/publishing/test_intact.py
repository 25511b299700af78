"""A release that is not what was published is refused by every reader, and nothing is built upon it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.explain.number import explain
from orchestration.publishing import manifest, release
from orchestration.publishing.compare import diff, list_releases, list_text, show
from orchestration.publishing.manifest import NotIntactError
from orchestration.publishing.release import ReleaseBlockedError
from tests.publishing.conftest import TOWN, Workshop

MART = "marts/mart_kpi_value.parquet"


def raise_a_value(directory: Path) -> None:
    path = directory / MART
    table = pq.read_table(path)
    index = table.column_names.index("score")
    raised = pa.array([Decimal(120)] * len(table), table.schema.field(index).type)
    pq.write_table(table.set_column(index, table.schema.field(index), raised), path)


def raise_and_list_anew(directory: Path) -> None:
    """As somebody would who knows that there is a list of hashes."""
    raise_a_value(directory)
    path = directory / manifest.FILE
    found = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**found, "files": list(manifest.files_of(directory))}), "utf-8")


ALTERATIONS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a value": (raise_a_value, MART),
    "a value and the list": (raise_and_list_anew, "manifest.json"),
    "a file more": (lambda d: (d / "lineage" / "more.parquet").write_bytes(b"x"), "lineage/more.parquet"),
    "a file less": (lambda d: (d / "lineage" / "batches.parquet").unlink(), "lineage/batches.parquet"),
    "no manifest": (lambda d: (d / manifest.FILE).unlink(), "manifest.json"),
    "half a manifest": (lambda d: (d / manifest.FILE).write_text("{", "utf-8"), "manifest.json"),
    "no hash": (lambda d: (d / manifest.OWN_HASH).unlink(), "manifest.json"),
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_what_was_altered_is_refused_by_name(workshop: Workshop, alteration: str) -> None:
    before = workshop.publish("2025-01").path
    current = workshop.publish("2025-02").path
    alter, named = ALTERATIONS[alteration]
    alter(current)
    for read in (
        lambda: show(workshop.home),
        lambda: diff(workshop.home, before.name, current.name),
        lambda: explain(workshop.home, "2025-02", TOWN, "KPI-010"),
        lambda: workshop.publish("2025-03"),
        lambda: workshop.publish("2025-02"),
    ):
        with pytest.raises(NotIntactError, match=named):
            read()
    assert workshop.home.current.resolve() == current
    assert "2025-01.1" in show(workshop.home, before.name)


def test_a_release_made_whole_anew_is_not_the_one_the_next_was_built_upon(workshop: Workshop) -> None:
    old = workshop.publish("2025-01").path
    workshop.publish("2025-02")
    raise_a_value(old)
    manifest.write(old, manifest.read(old))
    assert manifest.is_intact(old)
    for read in (
        lambda: show(workshop.home, old.name),
        lambda: diff(workshop.home, old.name, "2025-02.1"),
        lambda: explain(workshop.home, "2025-01", TOWN, "KPI-010"),
    ):
        with pytest.raises(NotIntactError, match=r"2025-01\.1"):
            read()


def test_an_intact_release_can_be_made_current_and_built_upon(workshop: Workshop) -> None:
    old = workshop.publish("2025-01").path
    raise_a_value(workshop.publish("2025-02").path)
    release.move_pointer(workshop.home, old)
    again = workshop.publish("2025-02")
    assert (again.release_id, again.previous, again.created) == ("2025-02.2", "2025-01.1", True)
    assert "2025-02.2" in show(workshop.home)


def test_the_list_of_releases_marks_a_lost_manifest(workshop: Workshop) -> None:
    (workshop.publish("2025-01").path / manifest.FILE).unlink()
    assert "manifest.json" in list_text(workshop.home)
    assert list_releases(workshop.home) == []


def test_a_release_of_an_older_version_has_no_hash_of_its_own(workshop: Workshop) -> None:
    directory = workshop.publish("2025-01").path
    found = {name: value for name, value in manifest.read(directory).items() if name != "own_hash"}
    (directory / manifest.FILE).write_text(json.dumps(found), "utf-8")
    (directory / manifest.OWN_HASH).unlink()
    assert workshop.publish("2025-02").previous == "2025-01.1"


@pytest.mark.parametrize(
    "change", ["set score = 120 where institution_id = '{}'", "set unit = 'days'", "set sample_size = null"]
)
def test_the_database_and_the_files_hold_the_same(
    workshop: Workshop, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(tables: dict[str, pa.Table], path: Path, release_id: str) -> None:
        write_database(tables, path, release_id)
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"update marts.mart_kpi_value {change.format(TOWN)}")

    write_database = release.write_database
    monkeypatch.setattr(release, "write_database", write)
    workshop.made = None  # not a copy of what was made without the change
    with pytest.raises(ReleaseBlockedError, match="mart_kpi_value,"):
        workshop.publish("2025-01")
    assert not workshop.home.current.exists()


def test_every_file_of_a_release_says_which_it_is(workshop: Workshop) -> None:
    """Files of a month that did not change are those of the release that wrote them, and say so."""
    first = workshop.publish("2025-01").path
    directory = workshop.publish("2025-02").path
    files = sorted(directory.rglob("*.parquet"))
    frozen = [path for path in files if path.parent.name == "month=2025-01"]

    def named(paths: list[Path]) -> set[str]:
        return {pq.read_metadata(path).metadata[b"release_id"].decode() for path in paths}

    assert named(frozen) == {first.name}
    assert named([path for path in files if path not in frozen]) == {directory.name}
