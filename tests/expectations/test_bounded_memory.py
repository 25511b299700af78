"""A year on record: gates judge the months of the run, and what memory cannot hold goes to the home's own folder."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations import reconciliation
from expectations.check import load_suite
from expectations.facts import load_facts
from expectations.gate import run_gate
from sources.base import engine
from sources.contracts.load import load_contracts
from tests.expectations.conftest import MONTH, TOWN, HandmadeHome, prescription
from tests.expectations.test_warehouse_gates import INSTITUTIONS, LEVELS, UNITS

MONTHS = [f"{2024 + n // 12}-{n % 12 + 1:02}" for n in range(1, 15)]
ROWS = 20_000
PRESCRIPTIONS = tuple(fact for fact in load_facts() if fact.table == "fct_prescription")
# The evidence of one indicator looks back over all events of a person, as first contacts and references do.
EVENTS = f"""create table core.fct_event as
    select m.month, i.institution_id, md5((n % 5000)::varchar) as person_key, n as event
    from (select unnest({MONTHS!r}) as month) as m, core.dim_institution as i, range(12000) as r(n)"""
EVIDENCE = """create view kpi.kpi_evidence__recognition as
    select month, institution_id, first_event as accepted, 1 as offered
    from (select *, (row_number() over (partition by person_key, month order by event, institution_id) = 1)::int as first_event
          from core.fct_event)"""
YEAR = (
    "create schema core",
    "create schema kpi",
    INSTITUTIONS,
    "create schema policy",
    """create table policy.kpi_part as select * from (values
        ('KPI-001', 'numerator', 'recognition', 'accepted', 1, 0), ('KPI-001', 'denominator', 'recognition', 'offered', 1, 0))
        as v(kpi_id, part, subject, measure, coefficient, offset_months)""",
    *UNITS,
    """create table core.dim_kpi as select 'KPI-001' as kpi_id, 1 as minimum_sample, 0 as maturity_lag_days,
        true as is_share, 0 as plausible_low, 50 as plausible_high""",
    f"create table core.dim_month as select '{MONTH}' as month, date '2025-03-31' as last_day",
    EVENTS,
    EVIDENCE,
    """create table kpi.kpi_component as select month, 'institution' as unit_level, institution_id as unit_id, institution_id,
        'KPI-001' as kpi_id, sum(accepted) as numerator, sum(offered) as denominator, 0 as missing_deliveries
        from kpi.kpi_evidence__recognition group by all""",
    LEVELS,
)


def test_a_month_after_a_year_is_judged_within_a_tight_limit(
    handmade: HandmadeHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "MEMORY", "48MB")
    monkeypatch.chdir(tmp_path)
    handmade.build(*YEAR)
    found = run_gate("kpi", handmade.home, [MONTH]).to_frame()
    judged = found[found.check_id == "kpi.kpi_component.evidence_adds_up"]
    assert set(judged.outcome) == {"pass"} and set(judged.month) == {MONTH}
    assert not (tmp_path / ".tmp").exists(), "spilled beside whoever called"


def test_rows_of_a_month_after_a_year_are_accounted_for_within_a_tight_limit(
    handmade: HandmadeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "MEMORY", "24MB")
    checks = [check for check in load_suite("core") if check.subject == "reconciliation"]
    monkeypatch.setattr("expectations.gate.load_suite", lambda _: checks)
    for month in MONTHS:
        _deliver_prescriptions(handmade, month)
    batches = [{"batch_id": month, "month": month, "accepted_fen": 5 * ROWS} for month in MONTHS]
    handmade.outcomes([batch | {"accepted_rows": ROWS} for batch in batches], [])
    delivered = handmade.home.conformed / "his_rx" / "*" / "*" / "*.parquet"
    handmade.build(
        "create schema core",
        f"create table core.dim_month as select unnest({MONTHS!r}) as month",
        f"""create table core.fct_prescription as select institution_id as deliverer_id, org_code as institution_id,
            rx_no as prescription_id, month, rx_amount as amount_fen, source_batch_id, source_line, true as is_valid
            from read_parquet('{delivered}', hive_types_autocast = false)""",
    )
    monkeypatch.setattr("expectations.reconciliation.load_facts", lambda: PRESCRIPTIONS)
    found = run_gate("core", handmade.home, [MONTH]).to_frame()
    assert set(found.outcome) == {"pass"} and set(found.month) == {MONTH}
    (row,) = reconciliation.load(handmade.home).to_pylist()
    assert (row["month"], row["accepted_rows"], row["fact_rows"]) == (MONTH, ROWS, ROWS)


def _deliver_prescriptions(handmade: HandmadeHome, month: str) -> None:
    """ROWS prescriptions of a month, each with a number of its own."""
    schema, sample = load_contracts()["his_rx"].arrow_schema(), prescription(1)
    columns = {field.name: pa.repeat(pa.scalar(sample.get(field.name), field.type), ROWS) for field in schema}
    columns["rx_no"] = pa.array([f"{month}-{number}" for number in range(ROWS)])
    columns["source_batch_id"] = pa.repeat(month, ROWS)
    columns["source_line"] = pa.array(range(ROWS), schema.field("source_line").type)
    path = handmade.home.conformed_batch("his_rx", TOWN, month, month)
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table(columns).cast(schema), path)
