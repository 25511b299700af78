"""Policy of the insurance package that would keep or pay nonsense is told with its file, its line and how to mend it."""

from __future__ import annotations

import re

import pytest

from sources.county.county import County, check

COMMON, OPEN = "effective_from,effective_to,assumption,origin", "2025-01-01,,1,"
RULES = "insurance,method,budget_basis,lead_score_share,mature_after_months,learn_from_months,truncation_percentile,minimum_savings_rate,warning_surplus_rate"
TABLES = {
    "package_contract": ("community_id,insurance,signed_by,document", ["YGT01,*,unified_legal_person,一号"]),
    "package_rule": (RULES, ["310,retention,told,1,3,6,,,0.03", "390,retention,risk,0.6,3,6,99,0.02,"]),
    "risk_rule": ("insurance,risk_floor,risk_cap", ["390,0.5,3"]),
    "retention_band": ("lower_score,upper_score,retention_rate", ["0,60,0", "60,80,0.7", "80,,1"]),
    "overspend_band": ("lower_rate,upper_rate,insurance_share", ["0,0.05,0.5", "0.05,,0"]),
    "capitation_rate": (
        "insurance,capitation_group,place,age_from,age_to,coefficient,annual_fen",
        ["390,basic,any,0,64,0.88,85000", "390,basic,any,65,,1.95,85000", "390,HTN,primary,0,,1,120000"],
    ),
    "completion_factor": ("age_months,known_share,precedence", ["1,0.62,always", "2,0.85,until_learned"]),
}


def _said(county: County, table: str, old: str, new: str) -> list[str]:
    """`line: English message` of every problem of that table after the change."""
    for name, (header, rows) in TABLES.items():
        lines = [f"{header},{COMMON}", *(f"{row},{OPEN}" for row in rows)]
        text = "\n".join(lines) + "\n"
        if name == table:
            assert old in text
            text = text.replace(old, new, 1)
        (county.policy_folder / f"{name}.csv").write_text(text, "utf-8")
    problems = [each for each in check(county.folder) if each.file == f"policy/{table}.csv"]
    assert all(re.search(r"[\u4e00-\u9fff]", each.message_zh) for each in problems)
    return [f"{each.line}: {each.message_en}" for each in problems]


@pytest.mark.parametrize("table", TABLES)
def test_policy_that_stands_together_is_silent(county: County, table: str) -> None:
    assert _said(county, table, "2025-01-01", "2025-01-01") == []


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        # Bands
        ("retention_band", "60,80,0.7", "65,80,0.7", "2: bands do not join: this one ends at 60.000000, the next begins at 65"),
        ("retention_band", "60,80,0.7", "60,85,0.7", "3: bands do not join: this one ends at 85.000000, the next begins at 80"),
        ("retention_band", "60,80,0.7", "60,,0.7", "3: bands do not join: this one has no end, the next begins at 80"),
        ("retention_band", "0,60,0", "10,60,0", "2: the lowest band begins at 10.000000, not at 0"),
        ("retention_band", "80,,1", "80,120,1", "4: nothing holds from 120.000000 on: leave upper_score of the highest band empty"),
        ("overspend_band", "0.05,,0", "0.1,,0", "2: bands do not join: this one ends at 0.050000, the next begins at 0.1"),
        # A band that ends in time leaves a hole for who comes later.
        ("retention_band", "60,80,0.7,2025-01-01,", "60,80,0.7,2025-02-01,", "2: bands do not join"),
        # So does one that ends while the others go on.
        ("retention_band", "60,80,0.7,2025-01-01,", "60,80,0.7,2025-01-01,2025-06-30", "2: bands do not join: this one ends at 60.000000"),
        ("retention_band", "0,60,0,2025-01-01,", "0,60,0,2025-01-01,2025-06-30", "3: the lowest band begins at 60.000000, not at 0"),
        ("overspend_band", "0.05,,0,2025-01-01,", "0.05,,0,2025-01-01,2025-06-30", "2: nothing holds from 0.050000 on: leave upper_rate"),
        # Shares
        ("retention_band", "60,80,0.7", "60,80,70", "3: retention_rate is a share from 0 to 1 (80 % is 0.8), not 70"),
        ("overspend_band", "0,0.05,0.5", "0,0.05,-0.5", "2: insurance_share is a share from 0 to 1"),
        ("completion_factor", "1,0.62", "1,62", "2: known_share is a share from 0 to 1"),
        ("package_rule", "risk,0.6", "risk,60", "3: lead_score_share is a share from 0 to 1"),
        ("package_rule", "99,0.02", "99,2", "3: minimum_savings_rate is a share from 0 to 1"),
        ("package_rule", "99,0.02", "0.99,0.02", "3: truncation_percentile is a percentile from 50 to below 100"),
        # Rules and what they need
        ("package_rule", "told,1,3", "told,1,0", "2: mature_after_months is at least 1"),
        ("package_rule", "told,1,3,6", "told,1,3,0", "2: learn_from_months is at least 1"),
        ("package_rule", "310,retention,told", "310,retention,heads", "2: budgets go by heads, but risk_rule.csv has no row for insurance 310"),
        ("package_rule", "310,retention", "310,capitation", "2: settled by heads, but capitation_rate.csv has no row for insurance 310"),
        ("risk_rule", "390,0.5,3", "390,1.5,3", "2: 0 ≤ risk_floor ≤ 1 ≤ risk_cap (the mean is 1), not 1.5"),
        ("completion_factor", "2,0.85", "2,0.5", "3: from 2025-01-01 on known_share falls from 0.62 to 0.5 though age_months rises"),
        # Twice
        ("package_contract", f"一号,{OPEN}\n", f"一号,{OPEN}\nYGT01,390,members_jointly,二号,{OPEN}\n", "3: insurance 390 of YGT01 is signed for twice"),
        ("package_contract", f"一号,{OPEN}\n", f"一号,{OPEN}\nYGT01,*,members_jointly,二号,{OPEN}\n", "3: two rows in force at the same time: YGT01, *"),
        ("package_contract", "YGT01", "YGT09", "2: there is no community YGT09; near: YGT01"),
        ("package_contract", "unified_legal_person", "somebody", "2: column signed_by: somebody is none of"),
        ("capitation_rate", "basic,any,65", "basic,any,60", "3: ages overlap with line 2: a person would be paid for twice"),
        ("capitation_rate", "0.88,85000", "-0.88,85000", "2: a rate is not below 0"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_told(county: County, table: str, old: str, new: str, said: str) -> None:
    messages = _said(county, table, old, new)
    assert [each for each in messages if said in each], messages


@pytest.mark.parametrize("end", ["2025-12-31", "9999-12-31"])
def test_bands_may_end_all_together(county: County, end: str) -> None:
    bands = "\n".join(f"{row},{OPEN}" for row in TABLES["retention_band"][1])
    assert _said(county, "retention_band", bands, bands.replace("2025-01-01,", f"2025-01-01,{end}")) == []
