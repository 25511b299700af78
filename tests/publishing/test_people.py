"""What belongs to single people is published in `restricted/` and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.explain.payout import explain_payout
from orchestration.publishing import manifest
from orchestration.publishing.walkback import ExplainError
from sources.county.policy_tables import PERSONAL, TABLES
from tests.publishing.conftest import TOWN, Workshop
from tests.publishing.people import publish_pay


def test_every_policy_table_of_staff_is_personal() -> None:
    assert {t.name for t in TABLES if any(c.name == "staff_id" for c in t.columns)} == PERSONAL


@pytest.mark.parametrize("table", sorted(PERSONAL))
def test_policy_of_single_people_is_an_input_and_no_part_of_a_release(workshop: Workshop, table: str) -> None:
    pq.write_table(
        pa.table({"staff_id": ["P000011"], "amount_fen": [100]}), workshop.home.policy / f"{table}.parquet"
    )
    text = workshop.home.county_texts / "policy" / f"{table}.csv"
    text.parent.mkdir(parents=True)
    text.write_text("staff_id\nP000011\n", "utf-8")
    release = publish_pay(workshop, "2025-01", amount=100, points=1).path
    assert table in manifest.read(release)["inputs"]["policy"]
    assert not [path for path in release.rglob("*") if path.stem == table]


QUARTER, STAFF = "2025-03", "P000011"


def told(release: Path, name: str) -> list[dict]:
    return pq.ParquetFile(release / "restricted" / TOWN / f"{name}.parquet").read().to_pylist()


def page_of(release: Path) -> str:
    return (release / "restricted" / TOWN / "sheets" / QUARTER / "0001.html").read_text("utf-8")


@pytest.mark.parametrize("approved", [True, False])
def test_the_sheet_of_a_month_that_stands_is_that_of_its_entries(workshop: Workshop, approved: bool) -> None:
    first = publish_pay(workshop, QUARTER, amount=100_000, points=10)
    second = publish_pay(
        workshop,
        QUARTER,
        amount=95_000,
        points=12,
        standing={QUARTER: (first.release_id, approved)},
        stood=100_000,
    )
    assert second.created is approved
    assert [row["amount_fen"] for row in told(second.path, "pay_sheet")] == [100_000]
    assert [row["points"] for row in told(second.path, "pay_work")] == [10]
    pool = pq.read_table(second.path / "marts" / "mart_pool_institution.parquet").to_pylist()
    assert {row["amount_fen"] for row in pool if row["month"] == QUARTER} == {100_000}
    assert {row["release_id"] for row in told(second.path, "pay_sheet")} == {first.release_id}
    said = page_of(second.path)
    assert ('<b class="good">已审批</b>' in said) is approved and "1,000.00" in said and "950.00" not in said
    assert f"发布版本 {first.release_id}" in said
    assert manifest.read(second.path)["approved_months"] == ({QUARTER: first.release_id} if approved else {})
    explained = explain_payout(workshop.home, QUARTER, STAFF, TOWN, rows=True)
    assert "1,000.00" in explained and "10 × 1.1(医师)× 1 = 10" in explained
    assert "内部市场劳务 fees 30.00 元" in explained and "market_split/SURG-7030/expert" in said


def test_an_approval_is_said_on_sheets_of_months_that_are_not_computed(workshop: Workshop) -> None:
    first = publish_pay(workshop, "2025-01", QUARTER, amount=100_000, points=10)
    second = publish_pay(
        workshop,
        "2025-01",
        amount=95_000,
        points=12,
        standing={QUARTER: (first.release_id, True)},
        stood=100_000,
    )
    assert "已审批" in page_of(second.path) and "1,000.00" in page_of(second.path)


def test_a_sheet_that_differs_from_what_was_entered_is_refused(workshop: Workshop) -> None:
    first = publish_pay(workshop, QUARTER, amount=100_000, points=10)
    publish_pay(
        workshop, QUARTER, amount=1, points=10, standing={QUARTER: (first.release_id, True)}, stood=99_999
    )
    with pytest.raises(ExplainError, match="金额对不上"):
        explain_payout(workshop.home, QUARTER, STAFF, TOWN, rows=False)


def test_lists_of_files_name_nobody(workshop: Workshop) -> None:
    release = publish_pay(workshop, QUARTER, amount=100_000, points=10).path
    assert STAFF in page_of(release)
    assert STAFF not in (release / manifest.FILE).read_text("utf-8")
