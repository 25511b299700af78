"""A decision that takes somebody's pay stands in policy with who took it, when and by which document, or stops the check."""

from __future__ import annotations

import pytest

from sources.county.county import County, check
from tests.sources.making import COMMON, HOSPITAL, OPEN, TOWNSHIP

VETO = f"{TOWNSHIP},insurance_fraud,2025-01,2025-03,0,医共体管委会,2025-01-20,县医共体〔2025〕3号,none,"


def found(county: County, table: str, header: str, *rows: str) -> list[str]:
    """`line: English message` of every problem of a table with these rows."""
    lines = [
        f"{header},{COMMON}",
        *(row if row.count(",") > header.count(",") else f"{row},{OPEN}" for row in rows),
    ]
    (county.policy_folder / f"{table}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    problems = check(county.folder)
    assert {each.file for each in problems} <= {f"policy/{table}.csv"}
    return [f"{each.line}: {each.message_en}" for each in problems]


VETO_HEADER = "institution_id,kind,month_from,month_to,pay_cap,decided_by,decided_on,document,appeal_state,appeal_decided_on"


@pytest.mark.parametrize(
    "row",
    [
        VETO,
        VETO.replace(",none,", ",open,"),
        VETO.replace(",none,", ",upheld,2025-01-20"),
        VETO.replace(",0,", ",1.2,"),
        VETO + ",2024-12-31,,0,",
        VETO + ",2025-01-31,2025-02-28,0,",
    ],
)
def test_a_decided_veto_is_sound(county: County, row: str) -> None:
    assert found(county, "score_veto", VETO_HEADER, row) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (VETO.replace("医共体管委会", ""), "2: a veto is decided by somebody, on a day, in a document; lacking: decided_by: fill in"),
        (VETO.replace("2025-01-20,县医共体〔2025〕3号", ","), "2: a veto is decided by somebody, on a day, in a document; lacking: decided_on, document"),
        (VETO.replace("insurance_fraud", "fraud"), "2: column kind: fraud is none of medical_safety, insurance_fraud"),
        (VETO.replace(TOWNSHIP, "H9"), "2: there is no institution H9"),
        (VETO.replace(",0,", ",1.3,"), "2: column pay_cap lies between 0 and 1.2: 1.3"),
        (VETO.replace("2025-01,2025-03", "2025-03,2025-01"), "2: month_to lies before month_from"),
        (VETO + ",2025-02-01,,0,", "2: not in force at the end of 2025-01, and would not count there"),
        (VETO.replace(",none,", ",rejected,"), "2: appeal rejected: on which day? Fill in appeal_decided_on"),
        (VETO.replace(",none,", ",open,2025-02-01"), "2: an appeal was decided and appeal_state is open"),
        (VETO.replace(",none,", ",upheld,2025-01-19"), "2: the appeal was decided before the veto was"),
    ],
)  # fmt: skip
def test_a_veto_that_would_not_stand_stops_the_check(county: County, row: str, said: str) -> None:
    (only,) = found(county, "score_veto", VETO_HEADER, row)
    assert only.startswith(said)


def test_what_becomes_of_an_appeal_is_a_row_of_its_own(county: County) -> None:
    """So that the months before stand as they were published."""
    appealed = VETO.replace(",none,", ",open,") + ",2025-01-01,2025-02-27,0,"
    upheld = VETO.replace(",none,", ",upheld,2025-02-20") + ",2025-02-28,,0,"
    assert found(county, "score_veto", VETO_HEADER, appealed, upheld) == []


def test_one_veto_twice_is_told(county: County) -> None:
    (only,) = found(county, "score_veto", VETO_HEADER, VETO, VETO)
    assert only.startswith("3: two rows in force at the same time")


DEDUCTION_HEADER = "institution_id,year,kind,points,document"
RULE_HEADER = "institution_tier,kpi_id,short_of,points_per_unit,points_at_most"
MUTUAL_HEADER = "rater_id,institution_id,year,points,ballots"
RATING = f"{TOWNSHIP},{HOSPITAL},2025,87.5,42"
TAKEN = f"{TOWNSHIP},2025,late_reporting,1.5,县医共体〔2025〕9号"
RULE = "county_lead,KPI-008,60,0.1,3"


@pytest.mark.parametrize(
    ("table", "header", "row"),
    [
        ("score_deduction", DEDUCTION_HEADER, TAKEN),
        ("score_deduction", DEDUCTION_HEADER, TAKEN + ",2025-12-31,,0,"),
        ("deduction_rule", RULE_HEADER, RULE),
        ("mutual_assessment", MUTUAL_HEADER, RATING),
        ("mutual_assessment", MUTUAL_HEADER, RATING.replace("87.5", "100")),
    ],
)
def test_what_an_annual_score_is_made_of_is_read(county: County, table: str, header: str, row: str) -> None:
    assert found(county, table, header, row) == []


@pytest.mark.parametrize(
    ("table", "header", "row", "said"),
    [
        ("score_deduction", DEDUCTION_HEADER, TAKEN.replace("1.5", "0"), "2: column points lies between 0.01 and 120: 0"),
        ("score_deduction", DEDUCTION_HEADER, TAKEN.replace("1.5", "-1"), "2: column points lies between 0.01 and 120: -1"),
        ("score_deduction", DEDUCTION_HEADER, TAKEN.replace("late_", "too_late_"), "2: column kind: too_late_reporting is none of late_reporting"),
        ("score_deduction", DEDUCTION_HEADER, TAKEN.replace("县医共体〔2025〕9号", ""), "2: column document must not be empty"),
        ("score_deduction", DEDUCTION_HEADER, TAKEN + ",2026-01-01,,0,", "2: not in force on 2025-12-31"),
        ("deduction_rule", RULE_HEADER, RULE.replace("KPI-008", "KPI-036"), "2: KPI-036 is not computed: remove the row, it takes nothing"),
        ("score_deduction", DEDUCTION_HEADER, TAKEN.replace("2025,", "25,"), "2: column year wants a year of four digits"),
        ("deduction_rule", RULE_HEADER, RULE.replace("KPI-008", "KPI-998"), "2: there is no KPI KPI-998"),
        ("deduction_rule", RULE_HEADER, RULE.replace("county_lead", "township"), "2: KPI-008 is not measured at township"),
        ("deduction_rule", RULE_HEADER, RULE.replace(",60,", ",101,"), "2: KPI-008 lies between 0 and 100, short_of is 101"),
        ("deduction_rule", RULE_HEADER, RULE.replace("0.1", "0"), "2: column points_per_unit lies between"),
        ("mutual_assessment", MUTUAL_HEADER, RATING.replace(TOWNSHIP, "H9"), "2: there is no institution H9"),
        ("mutual_assessment", MUTUAL_HEADER, RATING.replace(HOSPITAL, TOWNSHIP), "2: an institution does not rate itself"),
        ("mutual_assessment", MUTUAL_HEADER, RATING.replace("87.5", "100.5"), "2: column points lies between 0 and 100: 100.5"),
        ("mutual_assessment", MUTUAL_HEADER, RATING.replace("42", "0"), "2: column ballots lies between 1"),
        ("mutual_assessment", MUTUAL_HEADER, RATING.replace("2025", "2024"), "2: not in force on 2024-12-31"),
    ],
)  # fmt: skip
def test_what_an_annual_score_could_not_be_made_of_stops_the_check(
    county: County, table: str, header: str, row: str, said: str
) -> None:
    (only,) = found(county, table, header, row)
    assert only.startswith(said)


def test_the_shares_of_the_annual_score_add_up(county: County) -> None:
    path = county.policy_folder / "kpi_parameter.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace("annual_mutual_share_pct,10", "annual_mutual_share_pct,11"), "utf-8")
    (problem,) = check(county.folder)
    assert "the shares of the annual score" in problem.message_en and "add to 101" in problem.message_en
