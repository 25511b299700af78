"""Policy by which stays are paid and years cleared: what would pay nonsense, or nobody, is told with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sources.county.county import County, check
from sources.county.policy_tables import TABLES
from tests.sources.making import COMMON, HOSPITAL, OPEN

DEMO = Path("sources/counties/demo/policy")
ANY = ",,*,*,fee_for_service"
RATE = "drg_rate,*,*,850000,,,,,0.4,0,3,1,,,all,70"
POINTS = "drg_points,*,*,,9,,,100,0.4,0,3,1,,,all,"
CLEARING = "*,1,-1,0,1,-1,30,6,30"
SETTLEMENT = (
    "payment_method",
    "drg_payment_rule",
    "institution_factor",
    "fund_ceiling",
    "special_review_ceiling",
    "deductible_rule",
    "clearing_rule",
    "deposit_return",
)


def found(county: County, table: str, *rows: str) -> list[str]:
    """`line: English message` of every problem of a table with these rows; one that brings its own dates keeps them."""
    header = ",".join(
        column.name for column in next(each for each in TABLES if each.name == table).own_columns
    )
    lines = [
        f"{header},{COMMON}",
        *(row if row.count(",") > header.count(",") else f"{row},{OPEN}" for row in rows),
    ]
    (county.policy_folder / f"{table}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    problems = check(county.folder)
    assert {each.file for each in problems} <= {f"policy/{table}.csv"}
    assert all(re.search(r"[\u4e00-\u9fff]", each.message_zh) for each in problems)
    return [f"{each.line}: {each.message_en}" for each in problems]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("payment_method", (ANY, f"{HOSPITAL},,*,inpatient,dip", ",township,390,outpatient,capitation")),
        ("payment_method", (f"{ANY},2024-01-01,2024-12-31,1,", f"{ANY},2025-01-01,,1,")),
        ("drg_payment_rule", (RATE, POINTS)),
        ("drg_payment_rule", (RATE.replace("850000,,,", ",,1600000000,2000"), POINTS.replace(",,9,,", ",,,4500000000,"))),
        ("drg_payment_rule", (RATE.replace("1,,,all", "1,5,at_cap,base"),)),
        ("drg_weight", ("chs-drg-1.1,BR23,1.6,1280000,8.5", "chs-drg-1.1,BR25,0.8,,")),
        ("institution_factor", (f"{HOSPITAL},drg_rate,0.95",)),
        ("special_review_ceiling", ("drg_rate,5,100", "dip,5,1000")),
        ("clearing_rule", (CLEARING.replace("6,30", "5,31"),)),
        ("clearing_rule", (CLEARING.replace("6,30", "2,28"),)),
        ("mortality_risk", ("chs-drg-1.1,BR23,2",)),
        ("deductible_rule", ("township,*,20000,3", "village,*,0,0")),
        ("clearing_rule", (CLEARING, CLEARING.replace("*,1,-1,0", "340621,0,0,1"))),
        ("deposit_return", ("0,0", "80,100")),
    ],
)  # fmt: skip
def test_what_can_be_paid_is_sound(county: County, table: str, rows: tuple[str, ...]) -> None:
    if table == "payment_method":
        assert found(county, "drg_payment_rule", RATE) == []
    assert found(county, table, *rows) == []


@pytest.mark.parametrize(
    ("table", "rows", "said"),
    [
        # REQ-149: nobody without a method, nobody with two
        ("payment_method", (",township,*,*,dip",), "2: the row for any institution, insurance (*) and kind of care (*) does not hold on all days"),
        ("payment_method", (f"{ANY},2025-02-01,,1,", ",township,*,*,dip"), "3: the row for any institution, insurance (*)"),
        ("payment_method", (f"{ANY},2024-01-01,2026-12-31,1,", ",township,*,*,dip"), "3: the row for any institution, insurance (*)"),
        ("payment_method", (ANY, ",,*,*,dip"), "3: two rows in force at the same time: *, *, *, *"),
        ("payment_method", (ANY, f"{HOSPITAL},county,*,*,dip"), "3: give institution_id or institution_tier, not both"),
        ("payment_method", (ANY, "H9,,*,*,dip"), "3: there is no institution H9"),
        ("payment_method", (ANY, ",county,*,*,drg_rate"), "3: drg_payment_rule.csv has no rule for drg_rate"),
        ("payment_method", (ANY, ",county,*,*,by_weight"), "3: column method: by_weight is none of drg_rate"),
        # What a weight or a point is worth
        ("drg_payment_rule", (RATE.replace("850000", ""),), "2: give either base_rate_fen or budget_fen"),
        ("drg_payment_rule", (RATE.replace("850000,,", "850000,,5"),), "2: give either base_rate_fen or budget_fen"),
        ("drg_payment_rule", (RATE.replace("850000,,,", "850000,,,5"),), "2: budget_volume without a budget_fen"),
        ("drg_payment_rule", (RATE.replace("850000,", "850000,9"),), "2: drg_rate has no point_value but base_rate_fen"),
        ("drg_payment_rule", (POINTS.replace(",,9", ",5,9"),), "2: drg_points has no base_rate_fen but point_value"),
        ("drg_payment_rule", (POINTS.replace("100,0.4", ",0.4"),), "2: points_per_weight is for drg_points only, and needed there"),
        ("drg_payment_rule", (RATE.replace(",,,,,0.4", ",,,,100,0.4"),), "2: points_per_weight is for drg_points only"),
        ("drg_payment_rule", (RATE.replace("850000", "0"),), "2: base_rate_fen must be above 0"),
        ("drg_payment_rule", (POINTS.replace("100,0.4", "-1,0.4"),), "2: points_per_weight must be above 0"),
        ("drg_payment_rule", (RATE.replace(",70", ",170"),), "2: ungrouped_pct lies between 0 and 100"),
        ("drg_payment_rule", (RATE.replace("0.4,0,3", "3,0,0.4"),), "2: 0 ≤ lower_bound < upper_bound, not 3 and 0.4"),
        ("drg_payment_rule", (RATE.replace("1,,,all", "1,2,,all"),), "2: ratio_cap 2 lies below upper_bound 3"),
        ("drg_payment_rule", (RATE.replace("1,,,all", "1,,at_cap,all"),), "2: beyond_cap without a ratio_cap"),
        ("drg_weight", ("chs-drg-1.1,BR23,0,1,",), "2: weight must be above 0"),
        ("drg_weight", ("chs-drg-1.1,BR23,1,0,",), "2: mean_cost_fen must be above 0; leave it empty if unknown"),
        ("drg_weight", ("chs-drg-1.1,BR23,1,1,0",), "2: mean_los_days must be above 0; leave it empty if unknown"),
        ("drg_weight", ("chs-drg-1.1 ambiguous_groups=on,BR23,1,1,",), "2: scheme is the name of the scheme alone"),
        ("mortality_risk", ("chs-drg-1.1 ambiguous_groups=on,BR23,2",), "2: scheme is the name of the scheme alone"),
        ("institution_factor", (f"{HOSPITAL},drg_rate,0",), "2: factor must be above 0"),
        ("fund_ceiling", ("*,0",), "2: annual_fen must be above 0"),
        ("special_review_ceiling", ("dip,5,0",), "2: 0 ≤ most_cases ≤ of_cases"),
        ("special_review_ceiling", ("dip,7,5",), "2: 0 ≤ most_cases ≤ of_cases"),
        ("deductible_rule", ("township,*,-1,3",), "2: deductible_fen and chain_days are not below 0"),
        ("clearing_rule", (CLEARING.replace("*,1,", "*,2,"),), "2: assessment_sign is 1, -1 or 0"),
        ("clearing_rule", (CLEARING.replace("-1,0,1", "-1,1,1"),), "2: assessment_sign and deposit_return_sign are about the same deposit"),
        ("clearing_rule", (CLEARING.replace("6,30", "6,31"),), "2: annual_month is 1 to 12, annual_day a day of that month in every year"),
        ("clearing_rule", (CLEARING.replace("6,30", "2,29"),), "2: annual_month is 1 to 12, annual_day a day of that month in every year"),
        ("clearing_rule", (CLEARING.replace("6,30", "2,30"),), "2: annual_month is 1 to 12, annual_day a day of that month in every year"),
        ("clearing_rule", (CLEARING.replace("6,30", "13,1"),), "2: annual_month is 1 to 12, annual_day a day of that month in every year"),
        ("clearing_rule", (CLEARING.replace("6,30", "5,0"),), "2: annual_month is 1 to 12, annual_day a day of that month in every year"),
        ("clearing_rule", (CLEARING.replace(",30,6", ",-1,6"),), "2: monthly_workdays is not below 0"),
        ("deposit_return", ("0,101",), "2: returned_pct lies between 0 and 100"),
    ],
)  # fmt: skip
def test_what_cannot_be_paid_is_told_with_its_line(
    county: County, table: str, rows: tuple[str, ...], said: str
) -> None:
    assert any(each.startswith(said) for each in found(county, table, *rows)), found(county, table, *rows)


@pytest.mark.parametrize("table", SETTLEMENT)
def test_the_demo_county_has_every_table_and_says_what_is_assumed(table: str) -> None:
    header, *rows = (DEMO / f"{table}.csv").read_text("utf-8").splitlines()
    place = header.split(",").index("assumption")
    assert rows
    assert all(row.split(",", place + 1)[place] in "01" and row.rsplit(",", 1)[-1] for row in rows)
