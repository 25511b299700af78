"""Rows that a database no longer has, extracted as any run does, through the core gate: each deletion is accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations import reconciliation
from expectations.facts import load_facts
from expectations.gate import run_gate
from sources.base.home import Home
from tests.expectations.conftest import HandmadeHome
from tests.expectations.test_reconciliation import counts, empty_fact
from tests.sources.connectors.databases.making import SQLITE, VISITS, VisitDatabase, database_county, take
from tests.sources.making import HOSPITAL, MONTH

REPLACING = VISITS.replace("    columns:\n", "    replaces: month\n    columns:\n", 1)


@pytest.fixture
def extracted(tmp_path: Path) -> Home:
    """Three visits read from a database, one of them deleted there before the next run."""
    home = Home(tmp_path / "home")
    HandmadeHome(home.root)
    (tmp_path / "county").mkdir()
    database = VisitDatabase(tmp_path / "county")
    for number in (1, 2, 3):
        database.add(number)
    county = database_county(tmp_path / "county", REPLACING, SQLITE)
    take(county, home)
    database.run("delete from mzjz where jzlsh = 'MZ000002'")
    take(county, home)
    return home


@pytest.mark.parametrize(
    ("kept", "counted", "outcome"),
    [
        ("visit_id <> 'MZ000002'", {"accepted_rows": 4, "fact_rows": 2, "deleted_rows": 2}, "pass"),
        ("true", {"accepted_rows": 4, "fact_rows": 3, "unexplained_rows": 1}, "fail"),
        (
            "visit_id = 'MZ000001'",
            {"accepted_rows": 4, "fact_rows": 1, "deleted_rows": 2, "unexplained_rows": 1},
            "fail",
        ),
    ],
    ids=["deleted", "still there", "one too many"],
)
def test_a_batch_of_deletions_goes_through_the_core_gate(
    extracted: Home, kept: str, counted: dict[str, int], outcome: str
) -> None:
    handmade = HandmadeHome.on(extracted)
    rows = f"read_parquet('{extracted.conformed}/his_op_visit/*/*/*.parquet', hive_partitioning = true)"
    handmade.build(
        "create schema core",
        f"create table core.dim_month as select '{MONTH}' as month",
        *(empty_fact(fact) for fact in load_facts() if fact.table != "fct_outpatient_visit"),
        f"""create table core.fct_outpatient_visit as select institution_id as deliverer_id, org_code as institution_id,
            visit_id, strftime(visit_time, '%Y-%m') as month, source_batch_id, source_line, patient_key as person_key
            from {rows} where coalesce(op_flag, 'I') <> 'D' and {kept}""",
    )
    judged = run_gate("core", extracted, [MONTH]).to_frame().set_index("check_id")
    (row,) = (r for r in reconciliation.load(extracted).to_pylist() if r["fact"] == "fct_outpatient_visit")
    assert (row["institution_id"], counts(row)) == (HOSPITAL, counted)
    assert judged.outcome["core.his_op_visit.rows_reconcile"] == outcome
