"""A failing test of dbt shows where its rows come from, and no value that could be of a person: with the real dbt, on a small project."""

import json
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration import dbt
from orchestration.assets.warehouse import build_warehouse_assets
from orchestration.resources import Place
from orchestration.settings import DBT_PROJECT
from sources.base.home import Home

CARD = "110101199003078515"
ROWS = f"""
select * from (values
    ('b1', 2, 'H1', '2025-01', 'V1', '1'), ('b1', 3, 'H1', '2025-01', '{CARD}', '1'), ('b2', 9, 'H2', '2025-01', '{CARD}', '7'),
    ('b2', 10, 'H2', '2025-01', null, '1')
) as t(source_batch_id, source_line, institution_id, month, visit_id, status)
"""
MODELS = """
models:
  - name: fct_x
    data_tests:
      - unique_key: {name: by_key, arguments: {columns: [month, visit_id]}}
    columns:
      - name: visit_id
        data_tests: [{not_null: {name: filled}}, {unique: {name: once}}]
      - name: status
        data_tests: [{accepted_values: {name: known, description: what it may be, arguments: {values: ['1']}}}]
  - name: mart_x
    columns:
      - name: patient
        data_tests: [{unique: {name: patient_once}}]
"""
EXPECTED = {
    "by_key": [("B.csv", 10), ("A.csv", 3), ("B.csv", 9)],
    "filled": [("B.csv", 10)],
    "once": [("A.csv", 3), ("B.csv", 9)],
    "known": [("B.csv", 9)],
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "tests" / "generic").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: small\nprofile: yigongti\n", "utf-8")
    for name in ("profiles.yml", "tests/generic/unique_key.sql"):
        (folder / name).write_text((DBT_PROJECT / name).read_text("utf-8"), "utf-8")
    (folder / "models" / "fct_x.sql").write_text(ROWS, "utf-8")
    (folder / "models" / "mart_x.sql").write_text(f"select unnest(['{CARD}', '{CARD}']) as patient", "utf-8")
    (folder / "models" / "models.yml").write_text(MODELS, "utf-8")
    return folder


def test_rows_behind_failing_tests(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    home.batch_outcome.mkdir(parents=True)
    for batch, file in (("b1", "A.csv"), ("b2", "B.csv")):
        outcome = pa.table({"batch_id": [batch], "source_file": [file]})
        pq.write_table(outcome, home.batch_outcome / f"{batch}.parquet")
    months = dg.StaticPartitionsDefinition(["2025-01"])
    manifest = dbt.ensure_manifest(project, tmp_path / "cache")
    arguments = dbt.build_arguments
    monkeypatch.setattr(dbt, "build_arguments", lambda *a, **k: arguments(*a, **k, project=project))
    place = Place(county_dir=str(tmp_path), home_dir=str(home.root), verbose=False)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [build_warehouse_assets(manifest, months)],
            partition_key="2025-01",
            resources={"place": place},
            instance=instance,
            raise_on_error=False,
        )
    shown = {
        each.check_name: [record.data for record in each.metadata["failing_rows"].records]
        for each in result.get_asset_check_evaluations()
        if not each.passed
    }
    lines = {name: [(row["source_file"], row["source_line"]) for row in shown[name]] for name in EXPECTED}
    assert {name: sorted(found) for name, found in lines.items()} == {
        n: sorted(e) for n, e in EXPECTED.items()
    }
    assert [row["patient"] for row in shown["patient_once"]] == ["9" * 18]
    assert shown["by_key"][0]["month"] == "2025-01"
    assert CARD not in json.dumps(shown)
    failure = result.failure_data_for_node("warehouse")
    assert failure is not None and failure.user_failure_data is not None
    told = failure.user_failure_data.description or ""
    assert "known: what it may be\n  source_file=B.csv source_line=9 status=9" in told
    assert CARD not in told
