"""Policy that would be wrong in silence is told without data: every kind of fault with its file and line, all at once."""

from __future__ import annotations

import csv
import dataclasses
import re
from pathlib import Path

import pytest

from sources.county import policy_checks, policy_guards
from sources.county.county import County, check, notes
from sources.county.policy_words import code_sets, indicators, parameters, quality_parameters
from tests.sources.making import OPEN, POLICY, TOWNSHIP

MODELS = Path("dbt_project/models")
ENDING = "minimum_peers,5,2025-01-01,2025-06-30,1,\n"
VILLAGES = "".join(
    f"village,{row},0,{OPEN}\n" for row in ("KPI-005,人才共享,10", "KPI-009,服务协同,10", "KPI-013,满意,80")
)
LEAD_WITHOUT_OUTCOMES = (
    "weights of primary-care outcomes in the lead hospital's card add to {}; policy demands 30 (REQ-097)"
)


def mend(county: County, table: str, old: str, new: str) -> list[str]:
    """`line: English message` of every problem of a policy table after replacing text in it."""
    path = county.policy_folder / f"{table}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    problems = [each for each in check(county.folder) if each.file == f"policy/{table}.csv"]
    assert all(re.search(r"[\u4e00-\u9fff]", each.message_zh) for each in problems)
    return [f"{each.line}: {each.message_en}" for each in problems]


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        # Weights and cards
        ("kpi_weight", "township,KPI-013,满意,60", "township,KPI-013,满意,55", "5: from 2025-01 on: the weights of tier township add to 95"),
        ("kpi_weight", VILLAGES, "", "0: from 2025-01 on: tier village has institutions and no card"),
        ("kpi_weight", "village,KPI-013", "village,KPI-001", "10: KPI-001 is not measured at village"),
        ("kpi_weight", "township,KPI-013,满意,60", "township,KPI-013,满意,-5", "7: column weight lies between 0 and 100: -5"),
        # Cards that reward the wrong thing
        ("kpi_target", "60,90,95", "40,10,45", "2: KPI-001: higher is better, so baseline < target < challenge"),
        ("kpi_weight", "KPI-008,服务协同,30,1", "KPI-010,运行效率,30,0", f"2: from 2025-01 on: {LEAD_WITHOUT_OUTCOMES.format(0)}"),
        ("kpi_weight", "KPI-008,服务协同,30", "KPI-008,服务协同,29", f"2: from 2025-01 on: {LEAD_WITHOUT_OUTCOMES.format(29)}"),
        ("kpi_weight", "KPI-013,满意,10,0", "KPI-013,满意,10,1", "4: from 2025-01 on: KPI-013 is no primary-care outcome, whatever primary_outcome says"),
        ("kpi_weight", "county_lead,KPI-001,资源整合", "county_lead,KPI-007,服务协同", "2: from 2025-01 on: the card of county_lead has KPI-007 without"),
        ("kpi_weight", f"village,KPI-005,人才共享,10,0,{OPEN}\n", "", "8: from 2025-01 on: the card of village has 2 indicators in 2 dimensions; a total"),
        ("kpi_weight", "village,KPI-009,服务协同,10", "village,KPI-009,服务协同,0", "the card of village has 2 indicators in 2 dimensions"),
        ("kpi_parameter", "minimum_valid_indicators,3", "minimum_valid_indicators,1", "18: parameter minimum_valid_indicators wants a whole number from 3 to"),
        ("kpi_parameter", "minimum_valid_dimensions,2", "minimum_valid_dimensions,1", "19: parameter minimum_valid_dimensions wants a whole number from 2 to"),
        ("quality_dimension", "completeness,25", "completeness,24", "2: from 2025-01 on: the weights of the dimensions add to 99"),
        ("quality_dimension", "plausibility,20,10,2025-01-01", "plausibility,20,10,2025-03-01", "from 2025-01 on: no row in force for dimension plausibility"),
        # Names
        ("kpi_target", "KPI-013", "KPI-998", "3: there is no KPI KPI-998"),
        ("kpi_weight", "township,KPI-013", "township,KPI-998", "7: there is no KPI KPI-998"),
        ("kpi_parameter", "long_stay_days", "long_stay_day", "6: there is no parameter long_stay_day; near: long_stay_days"),
        ("quality_parameter", "oldest_age_years", "oldest_age", "7: there is no parameter oldest_age"),
        ("kpi_code_set", "satisfaction_respondent", "satisfaction_respondents", "11: there is no code set satisfaction_respondents"),
        ("kpi_code_set", "large_equipment_class,CT", "large_equipment_class,PETCT", "3: code PETCT of large_equipment_class never occurs"),
        ("kpi_code_set", "up_indication_category,I63", "up_indication_category,I63.9", "8: code I63.9 of up_indication_category never occurs"),
        ("kpi_target", "KPI-001,,,", "KPI-001,,H9,", "2: there is no institution H9"),
        ("kpi_target", "KPI-001,,,", f"KPI-001,county_lead,{TOWNSHIP},", f"2: {TOWNSHIP} is township, this row says county_lead"),
        # Figures
        ("kpi_target", "60,90,95", "90,60,95", "2: KPI-001: higher is better, so baseline < target < challenge"),
        ("kpi_target", "60,90,95", "60,90,", "2: a target of mode abs needs challenge"),
        ("kpi_target", "abs,60,90,95", "delta,,-2,-3", "2: KPI-001: higher is better, so baseline < target < challenge"),
        ("kpi_target", "abs,60,90,95", "ratio,,0.8,0.9", "2: KPI-001: higher is better"),
        ("kpi_target", "abs,60,90,95,,,,", "range,,,,,9,3,1", "2: wanted: range_low ≤ range_high"),
        ("score_anchor", "baseline,60", "baseline,101", "from 2025-01 on: points of the anchors: floor < baseline"),
        ("score_anchor", "baseline,60", "baseline,NaN", "3: column points wants a number with six decimals at most: NaN"),
        ("pay_curve", "0,60,0,0", "0,50,0,0", "3: from 2025-01 on: line 2 ends at 50 and line 3 starts at 60"),
        ("pay_curve", "60,,0.6", "60,120,0.6", "3: from 2025-01 on: leave score_to of the highest piece empty"),
        ("pay_curve", "60,,0.6,1.2", "60,,1.2,0.6", "3: from 2025-01 on: wanted: score_from < score_to"),
        ("kpi_parameter", "minimum_coverage_pct,80", "minimum_coverage_pct,800", "10: parameter minimum_coverage_pct wants a number from 0 to 100: 800"),
        ("kpi_parameter", "long_stay_days,60", "long_stay_days,60.5", "6: parameter long_stay_days wants a whole number"),
        # Days off
        ("calendar_exception", "2025-01-28,2025-02-04", "2025-01-28,", "2: 春节 does not end within 31 days: write effective_to"),
        ("calendar_exception", "2025-02-08,2025-02-08", "2025-02-04,2025-02-04", "3: is worked, and a day off by line 2"),
        ("calendar_exception", "2025-02-08,2025-02-08", "2025-02-08,", "3: 春节调休 does not end within 31 days"),
        # Dates, and what is not there
        ("kpi_parameter", "minimum_peers,5,2025-01-01,,", f"{ENDING}minimum_peers,6,2025-07-10,,", "3: minimum_peers: no row in force from 2025-07-01 to"),
        ("kpi_parameter", "minimum_peers,5,2025-01-01,,", f"{ENDING}minimum_peers,6,2025-06-30,,", "3: two rows in force at the same time: minimum_peers"),
        ("kpi_parameter", "minimum_peers,5,2025-01-01", "minimum_peers,5,2025-02-01", "0: from 2025-01 on: no row in force for parameter minimum_peers"),
        ("kpi_code_set", f"large_exam_modality,CT,{OPEN}\n", "", "0: from 2025-01 on: no row in force for code set large_exam_modality"),
        ("score_anchor", f"challenge,120,{OPEN}\n", "", "0: from 2025-01 on: no row in force for anchor challenge"),
        ("kpi_target", "90,95,,,,,2025-01-01,,1", "90,95,,,,,2025-01-01,,1,a,b,c", "none"),
        ("kpi_weight", "资源整合,60", "资源整合,1,60", "column primary_outcome"),
        ("kpi_weight", "county_lead,KPI-001", "KPI-001", "2: this row has other than the header's 9 columns"),
    ],
)  # fmt: skip
def test_every_kind_of_fault_is_told_with_its_line(
    county: County, table: str, old: str, new: str, said: str
) -> None:
    found = mend(county, table, old, new)
    assert any(said in each for each in found) if said != "none" else found == [], found


def test_a_weighted_indicator_without_a_target_is_told_where_it_is_weighted(county: County) -> None:
    path = county.policy_folder / "kpi_target.csv"
    path.write_text(path.read_text("utf-8").replace("KPI-013,,", f"KPI-013,,{TOWNSHIP}", 1), "utf-8")
    lead, village = check(county.folder)
    assert (lead.file, lead.line, village.line) == ("policy/kpi_weight.csv", 4, 10)
    assert "no target" in village.message_en


def test_a_tier_may_have_no_card_on_purpose(county: County) -> None:
    assert mend(county, "kpi_weight", VILLAGES, "")
    path = county.folder / "county.yml"
    path.write_text(path.read_text("utf-8") + "\nsettings: {tiers_without_card: [village]}\n", "utf-8")
    assert check(county.folder) == []


def test_a_card_that_changes_later_is_wrong_from_that_month_on(county: County) -> None:
    row = "township,KPI-013,满意,60,0,2025-01-01,"
    found = mend(county, "kpi_weight", row, f"{row}2025-06-30,1,\ntownship,KPI-013,满意,50,0,2025-07-01,")
    assert found == ["5: from 2025-07 on: the weights of tier township add to 90, not to 100 (lines 5, 6, 8)"]


def test_what_only_ends_one_day_is_a_note_until_its_month_is_asked_for(county: County) -> None:
    assert (
        mend(
            county, "kpi_parameter", "minimum_peers,5,2025-01-01,,", "minimum_peers,5,2025-01-01,2025-12-31,"
        )
        == []
    )
    assert any("from 2026-01 on: no row in force" in str(note) for note in notes(county.folder, {}))
    path = county.folder / "county.yml"
    text = path.read_text("utf-8").replace(
        "first_month: 2025-01", "first_month: 2025-01\nlast_month: 2026-03"
    )
    path.write_text(text, "utf-8")
    (problem,) = check(county.folder)
    assert "from 2026-01 on" in problem.message_en
    path.write_text(text.replace("2026-03", "2025-12"), "utf-8")
    assert check(county.folder) == [] and notes(county.folder, {}) == []


def test_a_card_need_not_have_what_its_tier_cannot_measure(county: County) -> None:
    (lacking,) = mend(county, "kpi_weight", "township,KPI-005,人才共享", "township,KPI-007,服务协同")
    assert "KPI-007 has a weight at township and no target" in lacking


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"is_static_resource": True}, "KPI-001 is a static resource (beds, worth of equipment) and may weigh nothing"),
        ({"not_computed": "没有数据"}, "KPI-001 is not computed: its weight counts nowhere"),
        ({"direction": "monitor"}, "KPI-001 is only monitored"),
        ({"direction": "range"}, "KPI-001 is good within a range: its target has target_mode range"),
    ],
)  # fmt: skip
def test_what_an_indicator_is_says_the_registry_not_the_card(
    county: County, monkeypatch: pytest.MonkeyPatch, change: dict, said: str
) -> None:
    known = {**indicators(), "KPI-001": dataclasses.replace(indicators()["KPI-001"], **change)}
    for module in (policy_checks, policy_guards):
        monkeypatch.setattr(module, "indicators", lambda: known)
    assert any(said in each.message_en for each in check(county.folder))


@pytest.mark.parametrize(
    ("direction", "must_reach", "said"),
    [
        ("higher", "60", None),
        ("lower", "0", None),
        ("higher", "100.5", "6: KPI-009 lies between 0 and 100, must_reach is 100.5: write one in between"),
        ("lower", "-1", "6: KPI-009 lies between 0 and 100, must_reach is -1"),
        (
            "range",
            "60",
            "6: KPI-009 is best within a range: there is nothing to reach; leave must_reach empty",
        ),
        ("monitor", "60", "6: KPI-009 is watched only: there is nothing to reach"),
    ],
)
def test_a_threshold_stands_where_a_value_can_reach_it(
    county: County, monkeypatch: pytest.MonkeyPatch, direction: str, must_reach: str, said: str | None
) -> None:
    known = {**indicators(), "KPI-009": dataclasses.replace(indicators()["KPI-009"], direction=direction)}
    monkeypatch.setattr(policy_checks, "indicators", lambda: known)
    path = county.policy_folder / "kpi_weight.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    lines = [header + ",must_reach"]
    lines += [f"{row},{must_reach if row.startswith('township,KPI-009') else ''}" for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    found = [f"{each.line}: {each.message_en}" for each in check(county.folder) if "reach" in each.message_en]
    assert [each[: len(said)] for each in found] == [said] if said else found == []


def test_the_demo_countys_policy_passes_every_guard() -> None:
    assert check(Path("sources/counties/demo")) == []


def test_faults_of_several_tables_are_told_at_once(county: County) -> None:
    for table, old, new in (
        ("kpi_weight", "township,KPI-013,满意,60", "township,KPI-013,满意,55"),
        ("kpi_target", "60,90,95", "90,60,95"),
        ("kpi_code_set", "large_equipment_class,CT", "large_equipment_class,PETCT"),
    ):
        path = county.policy_folder / f"{table}.csv"
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    assert {each.file for each in check(county.folder)} >= {
        "policy/kpi_weight.csv", "policy/kpi_target.csv", "policy/kpi_code_set.csv",
    }  # fmt: skip


def test_the_words_of_policy_are_those_the_models_read() -> None:
    models = "\n".join(path.read_text("utf-8") for path in MODELS.rglob("*.sql"))
    assert set(re.findall(r"\bparameter = '(\w+)'", models)) == set(quality_parameters())
    sets = re.findall(r"code_set = '(\w+)'", models) + re.findall(r"'(\w+)' as code_set", models)
    sets += re.findall(r": '(account_\w+)'", models)  # named in a loop over kinds of accounts
    # Read by publishing, not by a model.
    assert {*sets, "counts_no_person"} == set(code_sets())
    assert set(parameters()) == {row.split(",")[0] for row in POLICY["kpi_parameter"][1]}


@pytest.mark.parametrize(
    "table", sorted(Path("sources/counties/demo").glob("*/*.csv")), ids=lambda table: table.name
)
def test_every_reader_of_csv_can_read_the_demo_countys_tables(table: Path) -> None:
    """A comma within a cell stands in quotes."""
    with table.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert {len(row) for row in rows} <= {len(header)}
