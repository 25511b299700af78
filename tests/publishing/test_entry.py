"""An entry walked back from a release: what it was taken from, what it grew by, what does not hold together."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.explain.entry import explain_entry
from orchestration.publishing import manifest
from orchestration.publishing.grounds import BUDGET_FILE, SPEND, ground_file
from orchestration.publishing.walkback import ExplainError
from sources.base.home import Home

MONTH, BEFORE, RELEASE = "2025-03", "2025-02", "2025-03.2"
SINCE = dt.date(2025, 1, 1)
CONSUMER, PROVIDER = "institution:T1:market", "institution:H1:market"


def entry(
    relation: str,
    key: str,
    amount: int,
    rule: str,
    account: str = PROVIDER,
    counter: str = CONSUMER,
    **others,
) -> dict:
    return {
        "entry_id": f"{relation}/{key}/{rule}/{counter}>{account}",
        "month": MONTH,
        "account_id": account,
        "counter_account_id": counter,
        "amount_fen": amount,
        "rule_id": rule,
        "source_relation": relation,
        "source_key": key,
        "is_correction": False,
        "is_approved": False,
        "release_id": RELEASE,
        **others,
    }


def service(settled: int) -> dict:
    return {
        "service_id": "TELE 1",
        "month": MONTH,
        "settled_fen": settled,
        "source_file": "H1/a.csv",
        "source_line": 7,
    }


def package(month: str, in_county: int, budget: int = 0) -> dict:
    return {
        "month": month,
        "budget_year": 2025,
        "community_id": "A",
        "insurance_type_code": "390",
        "in_county_fen": in_county,
        "budget_fen": budget,
    }


def spent(settled_month: str, fen: int, line: int, **others) -> dict:
    return {
        "settled_month": settled_month,
        "place": "in_county",
        "settlement_id": f"s{line}",
        "community_id": "A",
        "insurance_type_code": "390",
        "component": "inpatient",
        "allocated_by": "list_of_the_month",
        "fund_fen": fen,
        "source_file": "SI/settled.csv",
        "source_line": line,
        **others,
    }


PRICES = [
    {"service_code": code, "version": version, "price_fen": fen, "effective_from": SINCE, "effective_to": None, "assumption": True, "origin": "示例"}
    for code, version, fen in (("TELE", "2024.1", 2500), ("TELE", "2025.2", 2200), ("CSSD", "2024.1", 900))
]  # fmt: skip


def released(root: Path, entries: list[dict], **kept: list[dict]) -> Home:
    """A home whose only release has these entries; kept: {relation or relation__month: its rows}."""
    home = Home(root)
    release = home.releases / RELEASE
    files = {"marts/mart_fund_entry.parquet": entries, "lineage/policy/market_price.parquet": PRICES}
    for name, rows in kept.items():
        relation, _, month = name.partition("__")
        path = (
            BUDGET_FILE if relation == "budget" else ground_file(relation, month.replace("_", "-") or MONTH)
        )
        files[f"lineage/{path}"] = rows
    for name, rows in files.items():
        path = release / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), path)
    manifest.write(release, {"previous": None})
    home.current.symlink_to(release)
    return home


def test_a_service_leads_to_its_price_and_its_line(tmp_path) -> None:
    home = released(
        tmp_path,
        [entry("market_txn", "TELE 1", 2200, "market_price/TELE/2025.2")],
        market_txn=[service(2200)],
    )
    said = explain_entry(home, MONTH, "TELE 1", rows=False)
    assert "price_fen 22.00 元" in said and "25.00" not in said and "9.00 元" not in said
    assert "〔假设〕" in said and "H1/a.csv:7" in said


def test_an_entry_that_is_not_what_it_rests_on_is_refused(tmp_path) -> None:
    home = released(
        tmp_path,
        [entry("market_txn", "TELE 1", 2200, "market_price/TELE/2025.2")],
        market_txn=[service(2201)],
    )
    with pytest.raises(ExplainError, match="对不上"):
        explain_entry(home, MONTH, "TELE 1", rows=False)


def test_an_entry_whose_ground_is_not_kept_is_refused(tmp_path) -> None:
    home = released(tmp_path, [entry("market_txn", "TELE 1", 2200, "market_price/TELE/2025.2")])
    with pytest.raises(ExplainError, match="不在版本"):
        explain_entry(home, MONTH, "TELE 1", rows=False)


def care(amount: int) -> dict:
    return entry(
        "fund_execution",
        "2025-03/2025/A/390",
        amount,
        "fund_spend/in_county",
        "care:A:in_county",
        "package:A",
    )


def test_what_a_package_paid_is_what_it_grew_by_and_the_settlements_known_since(tmp_path) -> None:
    lines = [
        spent("2025-03", 500, 3),
        spent("2025-02", 200, 2),
        # Of another year, place, insurance and community: no part of it.
        spent("2024-12", 9, 4),
        spent("2025-03", 9, 5, place="out_of_county"),
        spent("2025-03", 9, 6, insurance_type_code="310"),
        spent("2025-03", 9, 7, community_id="B"),
    ]
    home = released(
        tmp_path,
        [care(700)],
        fund_execution=[package(MONTH, 1700, 5)],
        fund_execution__2025_02=[package(BEFORE, 1000, 5)],
        **{SPEND: lines},
    )
    said = explain_entry(home, MONTH, "care:A:in_county", rows=True)
    assert "2 笔,7.00 元" in said and "SI/settled.csv:3" in said and "SI/settled.csv:4" not in said
    assert "上月 10.00 → 本月 17.00,变动 7.00 元 ← 本笔" in said
    assert "budget_fen:" not in said, "what did not change is no reason"
    assert "其余" not in said


def test_what_earlier_settlements_moved_is_said(tmp_path) -> None:
    home = released(
        tmp_path, [care(700)], fund_execution=[package(MONTH, 700)], **{SPEND: [spent("2025-03", 600, 3)]}
    )
    assert "其余 1.00 元" in explain_entry(home, MONTH, "care:A:in_county", rows=False)


def test_a_position_that_grew_by_something_else_is_refused(tmp_path) -> None:
    home = released(tmp_path, [care(700)], fund_execution=[package(MONTH, 701)])
    with pytest.raises(ExplainError, match="对不上"):
        explain_entry(home, MONTH, "care:A:in_county", rows=False)


def test_a_budget_leads_to_the_lines_told_by_then(tmp_path) -> None:
    told = {
        "budget_id": "B1",
        "community_id": "A",
        "insurance_type_code": "390",
        "budget_year": 2025,
        "item_code": "01",
    }
    lines = [
        {**told, "amount_fen": 60, "effective_date": SINCE, "source_file": "SI/budget.csv", "source_line": 2},
        {
            **told,
            "amount_fen": 70,
            "effective_date": dt.date(2025, 4, 1),
            "source_file": "SI/budget.csv",
            "source_line": 3,
        },
    ]
    raised = entry(
        "fund_execution", "2025-03/2025/A/390", 5, "package_rule/390", "package:A", "insurance:390"
    )
    home = released(tmp_path, [raised], fund_execution=[package(MONTH, 0, 5)], budget=lines)
    said = explain_entry(home, MONTH, raised["entry_id"], rows=False)
    assert "SI/budget.csv:2" in said and "SI/budget.csv:3" not in said


def test_a_difference_names_what_stands(tmp_path) -> None:
    stands = entry("market_txn", "TELE 0", 100, "market_price/TELE/2024.1", month=BEFORE)
    differs = entry("fund_entry", "correction", -25, "market_price/TELE/2024.1", is_correction=True)
    home = released(tmp_path, [stands, differs])
    said = explain_entry(home, MONTH, differs["entry_id"], rows=False)
    assert "差额" in said and stands["entry_id"] in said


def test_an_account_that_moved_often_is_listed(tmp_path) -> None:
    many = [entry("market_txn", f"TELE {n}", 100, "market_price/TELE/2025.2") for n in range(14)]
    home = released(tmp_path, many)
    said = explain_entry(home, MONTH, CONSUMER, rows=False)
    assert "14 笔 entries:收 received 0.00 元,付 given 14.00 元" in said and "另 2 笔" in said
    assert "另" not in explain_entry(home, MONTH, CONSUMER, rows=True)


def test_what_is_not_there_is_said(tmp_path) -> None:
    with pytest.raises(ExplainError, match="没有分录"):
        explain_entry(released(tmp_path, [care(700)]), MONTH, "pool:A", rows=False)
