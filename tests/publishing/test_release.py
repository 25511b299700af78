"""Releases: what a new one takes from the build, what it keeps from the last, and when there is none to make."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.publishing import manifest
from orchestration.publishing.evidence import Unit, evidence_file, evidence_of
from orchestration.publishing.marts import (
    BY_NAME,
    MARTS,
    RENAMED,
    put_together,
    read_release,
    same_content,
    write_parquet,
)
from orchestration.publishing.release import ReleaseBlockedError, current_id, next_release_id, publish
from orchestration.publishing.walkback import walk_back
from tests.publishing.conftest import CODE, LEAD, TOWN, Workshop


def values(workshop: Workshop) -> dict[tuple[str, str], tuple]:
    """(month, institution) → (denominator, status, release_id) as published."""
    rows = pq.read_table(workshop.home.current / "marts" / "mart_kpi_value.parquet").to_pylist()
    return {
        (r["month"], r["institution_id"]): (int(r["denominator"]), r["status"], r["release_id"]) for r in rows
    }


def revisions(workshop: Workshop) -> dict[str, int]:
    rows = pq.read_table(workshop.home.current / "marts" / "dim_month.parquet").to_pylist()
    return {row["month"]: row["revision"] for row in rows}


def test_first_release_holds_the_months_of_the_run_and_points_there(workshop: Workshop) -> None:
    release = workshop.publish("2025-01", "2025-02")
    assert (release.release_id, release.created, release.previous) == ("2025-02.1", True, None)
    assert workshop.home.current.resolve() == release.path
    assert not workshop.home.current.readlink().is_absolute(), "a home can be moved"
    assert values(workshop) == {
        (m, w): (4, "valid", "2025-02.1") for m in ("2025-01", "2025-02") for w in (LEAD, TOWN)
    }
    assert revisions(workshop) == {"2025-01": 1, "2025-02": 1}
    assert (release.path / "site").is_dir()


def test_manifest_names_every_file_and_no_clock(workshop: Workshop) -> None:
    release = workshop.publish("2025-01")
    found = manifest.read(release.path)
    assert manifest.is_intact(release.path)
    paths = {file["path"] for file in found["files"]}
    assert {f"marts/{mart.name}.parquet" for mart in MARTS} < paths
    assert {
        "release.duckdb",
        "marts.duckdb",
        "gates/results.json",
        "gates/report.html",
        "lineage/batches.parquet",
    } < paths
    assert f"lineage/{evidence_file('stay', '2025-01')}" in paths
    assert "lineage/policy/kpi_target.parquet" in paths
    assert found["inputs"]["code_version"] == CODE
    assert [batch["batch_id"] for batch in found["inputs"]["batches"]] == ["b1"]
    (release.path / "release.duckdb").write_bytes(b"changed")
    assert not manifest.is_intact(release.path)


def test_same_inputs_give_the_same_mart_bytes(workshop: Workshop, tmp_path) -> None:
    other = Workshop(tmp_path / "elsewhere")
    one, two = workshop.publish("2025-01"), other.publish("2025-01")

    def hashes(directory):
        return {
            f["path"]: f["sha256"]
            for f in manifest.files_of(directory)
            if f["path"] not in ("marts.duckdb", "release.duckdb")
        }

    assert hashes(one.path) == hashes(two.path)


def test_nothing_changed_makes_no_release(workshop: Workshop) -> None:
    first = workshop.publish("2025-01", "2025-02")
    again = workshop.publish("2025-01", "2025-02")
    part = workshop.publish("2025-01")
    assert (again.release_id, again.created) == (first.release_id, False)
    assert (part.release_id, part.created) == (first.release_id, False)
    assert [path.name for path in workshop.home.releases.iterdir()] == ["2025-02.1"]


def test_a_closed_month_stays_frozen_until_it_is_run(workshop: Workshop) -> None:
    workshop.publish("2025-01", "2025-02")
    workshop.events["2025-01", TOWN] = 5  # a late row for January
    workshop.batches["b9"] = "2025-01"
    march = workshop.publish("2025-03")
    assert march.release_id == "2025-03.1"
    assert values(workshop)["2025-01", TOWN] == (4, "valid", "2025-02.1")
    assert values(workshop)["2025-03", TOWN] == (4, "valid", "2025-03.1")

    january = workshop.publish("2025-01")
    assert january.release_id == "2025-01.2"
    assert january.previous == "2025-03.1"
    assert values(workshop)["2025-01", TOWN] == (5, "valid", "2025-01.2")
    assert values(workshop)["2025-03", TOWN] == (4, "valid", "2025-03.1")
    assert revisions(workshop) == {"2025-01": 2, "2025-02": 1, "2025-03": 1}
    assert next_release_id(workshop.home, "2025-01") == ("2025-01.3", 3)


def test_late_data_of_a_closed_month_are_counted_and_not_applied(workshop: Workshop) -> None:
    assert workshop.publish("2025-01").overtaken == {}
    workshop.events["2025-01", TOWN] = 9
    second = workshop.publish("2025-02")
    assert second.overtaken == {"2025-01": 1}
    assert workshop.publish("2025-01").overtaken == {}


def test_a_value_published_as_immature_is_replaced_once_it_is_known(workshop: Workshop) -> None:
    workshop.immature = {"2025-01"}
    workshop.publish("2025-01")
    assert values(workshop)["2025-01", TOWN][1] == "immature"
    workshop.immature = {"2025-02"}
    workshop.events["2025-01", TOWN] = 6
    workshop.publish("2025-02")
    assert values(workshop)["2025-01", TOWN] == (6, "valid", "2025-02.1")
    evidence = evidence_of(workshop.home.current, ["2025-01"], Unit("institution", TOWN), "KPI-010")
    assert len(evidence) == 6, "its evidence is kept with the release that computed it"
    scores = pq.read_table(workshop.home.current / "marts" / "mart_institution_score.parquet").to_pylist()
    assert {row["release_id"] for row in scores if row["month"] == "2025-01"} == {"2025-01.1"}, (
        "scores stay frozen"
    )


def test_months_with_a_missing_delivery_are_no_evidence(workshop: Workshop) -> None:
    workshop.undelivered = {"2025-01"}
    workshop.publish("2025-01", "2025-02")
    found = walk_back(workshop.home, "2025-01", TOWN, "KPI-010")
    assert (found.evidence, [row["month"] for row in found.missing]) == ([], ["2025-01"])
    assert len(walk_back(workshop.home, "2025-02", TOWN, "KPI-010").evidence) == 4


@pytest.mark.parametrize("change", ["code", "policy", "batch"])
def test_changed_inputs_make_a_revision_even_if_no_figure_moves(workshop: Workshop, change: str) -> None:
    workshop.publish("2025-01")
    if change == "policy":
        workshop.policy(61)
    if change == "batch":
        workshop.batches["b8"] = "2025-01"
    again = workshop.publish("2025-01", code="other" if change == "code" else CODE)
    assert (again.release_id, again.created) == ("2025-01.2", True)


def test_failed_missing_or_foreign_gates_block(workshop: Workshop) -> None:
    workshop.publish("2025-01")
    workshop.build("2025-02")
    month = ["2025-02"]
    for results in (
        workshop.results("2025-02", fail="kpi"),
        workshop.results("2025-02")[:3],
        workshop.results("2025-01"),
    ):
        with pytest.raises(ReleaseBlockedError):
            publish(workshop.home, workshop.county, month, results, CODE)
    assert current_id(workshop.home) == "2025-01.1"
    assert [path.name for path in workshop.home.releases.iterdir()] == ["2025-01.1"]


def test_marts_database_carries_content_and_descriptions(workshop: Workshop) -> None:
    release = workshop.publish("2025-01")
    with duckdb.connect(str(release.path / "release.duckdb"), read_only=True) as connection:
        tables = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'marts'"
            ).fetchall()
        }
        assert tables == {mart.name for mart in MARTS}
        comment = connection.execute(
            "select comment from duckdb_columns() where table_name = 'mart_kpi_value' and column_name = 'value'"
        ).fetchone()
        assert comment == ("值 | the value",)
        assert connection.execute("select count(*) from marts.mart_data_quality").fetchone() == (4,)
    field = pq.read_schema(release.path / "marts" / "mart_kpi_value.parquet").field("value")
    assert field.metadata[b"description_zh"].decode() == "值"


def test_gate_results_are_published_as_data_and_page(workshop: Workshop) -> None:
    release = workshop.publish("2025-01")
    gates = json.loads((release.path / "gates" / "results.json").read_text("utf-8"))
    assert [gate["gate"] for gate in gates] == ["feed", "core", "kpi", "scoring"]
    page = (release.path / "gates" / "report.html").read_text("utf-8")
    assert "濉河县" in page and "2025-01.1" in page
    assert "http" not in page and " src=" not in page


def test_columns_of_an_older_release_are_known_by_their_names_of_today(
    workshop: Workshop, tmp_path: Path
) -> None:
    """Whose month is closed keeps its rows, key and all, when the column was renamed since."""
    release = workshop.publish("2025-01").path
    for name in ("mart_kpi_value", "mart_quarantine_summary"):
        table = pq.read_table(release / "marts" / f"{name}.parquet")
        kept = [column for column in table.column_names if column not in RENAMED]
        write_parquet(table.select(kept), tmp_path / "marts" / f"{name}.parquet", release.name)
        (read,) = [found for known, found in read_release(tmp_path).items() if known == name]
        for new, old in RENAMED.items():
            assert old not in read.column_names or read[new].equals(read[old])
        empty = table.schema.empty_table()
        assert same_content(put_together(BY_NAME[name], empty, read, ["2025-02"]), table)


def test_platforms_that_deliver_are_listed_with_the_institutions(workshop: Workshop) -> None:
    table = read_release(workshop.publish("2025-01").path)["dim_institution"]
    rows = {row["institution_id"]: row for row in table.to_pylist()}
    assert rows["PH340621"] == {
        "institution_id": "PH340621", "institution_name": "公卫平台", "institution_tier": "platform", "delivered_by": "PH340621",
            "alliance_id": None,
    }  # fmt: skip
    assert set(rows) == {LEAD, TOWN, "PH340621"}
