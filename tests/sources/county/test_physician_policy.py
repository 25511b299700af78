"""Policy of people's work that may not stand is told with row and rule: shares, gates, what may not decide pay."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sources.county.county import check

DEMO = Path("sources/counties/demo")
OPEN = "2015-01-01,,1,"
REDEMPTIONS = "redemption_id,institution_id,staff_id,redeemed_on,purpose,points,approved_by,document,effective_from,effective_to,assumption,origin\n"


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """The demo county, whose policy stands."""
    shutil.copytree(DEMO, tmp_path / "county")
    assert [each for each in check(tmp_path / "county") if each.file.startswith("policy/")] == []
    return tmp_path / "county"


def mended(county: Path, table: str, old: str, new: str) -> list[str]:
    """`line: English message` of every problem of a table after replacing text in it."""
    path = county / "policy" / f"{table}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    problems = [each for each in check(county) if each.file == f"policy/{table}.csv"]
    assert all(re.search(r"[\u4e00-\u9fff]", each.message_zh) for each in problems)
    return [f"{each.line}: {each.message_en}" for each in problems]


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        # The shares of one item are its whole
        (
            "point_role",
            "item_class,03,executing,0.8",
            "item_class,03,executing,0.7",
            "2: item_class 03: from 2015-01-01 on the shares of its roles add to 0.9, not to 1 (lines 2, 3)",
        ),
        ("point_role", "surgeon,0.6,", "surgeon,0.600001,", "10: operation *: from 2015-01-01 on the shares of its roles add to 1.000001, not to 1"),
        (
            "point_role",
            "item_class,03,executing,0.8,nobody,2015-01-01,,1",
            "item_class,03,executing,0.8,nobody,2015-01-01,2025-02-28,1",
            "2: item_class 03: from 2025-03-01 on the shares of its roles add to 0.2",
        ),
        ("point_role", "operation,*,surgeon,0.6,nobody", "operation,*,surgeon,0.6,shared", "10: operation *: one role has when_absent nobody"),
        ("capability_rule", "quality,0.3,", "quality,0.4,", "2: capability: from 2015-01-01 on the weights of its parts add to 1.1, not to 1"),
        ("point_role", "item_class,03,ordering", "item_class,03,surgeon", "2: item_class names no surgeon; there are: ordering, executing"),
        # No bounty for numbers alone
        (
            "point_rule",
            "referral_down,*,event,1,no_bounce_back_and_followed_up,30",
            "referral_down,*,event,1,,",
            "13: referral_down *: referrals and public health may not be paid by number alone (REQ-128, S003 §6.4): write a",
        ),
        (
            "point_rule",
            "referral_up,*,event,0.5,answered",
            "referral_up,*,event,0.5,",
            "12: referral_up *: referrals and public health may not be paid by number alone",
        ),
        (
            "point_rule",
            "follow_up,*,event,0.6,measured",
            "follow_up,*,event,0.6,",
            "11: follow_up *: referrals and public health may not be paid by number alone",
        ),
        (
            "point_rule",
            "referral_up,*,event,0.5,answered",
            "referral_up,*,event,0.5,measured",
            "12: referral_up *: the gate measured says nothing of it; there are: answered",
        ),
        ("point_rule", "no_bounce_back_and_followed_up,30", "no_bounce_back_and_followed_up,", "13: a gate that waits for what happens later"),
        (
            "assistance_rule",
            "referral_down,*,3,24,no_bounce_back_and_followed_up,30",
            "referral_down,*,3,24,,",
            "6: referral_down *: referrals and public health may not be paid by number alone",
        ),
        # What may not decide pay
        (
            "quality_factor_rule",
            "physician,KPI-072",
            "physician,KPI-104",
            "3: KPI-104 may not enter a quality factor: payment standard and profit or loss of cases may not decide people's pay (医保发",
        ),
        *(
            (
                "quality_factor_rule",
                "department,KPI-013",
                f"department,{kpi}",
                f"4: {kpi} may not enter a quality factor: payment standard and profit or loss of cases",
            )
            for kpi in ("KPI-100", "KPI-101")
        ),
        (
            "quality_factor_rule",
            "physician,KPI-072",
            "physician,KPI-003",
            "3: KPI-003 has no score for a physician (not at that level, not computed, or only watched): remove the row",
        ),
        (
            "quality_factor_rule",
            "kpi_id,weight",
            "kpi_id,payment_standard,weight",
            "1: unknown column payment_standard: payment standard and profit or loss of cases",
        ),
        (
            "point_rule",
            "rule_id,event_kind",
            "rule_id,case_profit_fen,event_kind",
            "1: unknown column case_profit_fen: payment standard and profit or loss of cases",
        ),
        ("post_factor", "basis,code", "basis,床位数,code", "1: unknown column 床位数: static resources such as beds and equipment"),
        ("point_rule", "VISIT-OTHER,visit", "病例盈亏,visit", "5: rule_id 病例盈亏: payment standard and profit or loss of cases"),
        ("point_role", "item_class,03,ordering", "item_class,01,ordering", "2: beds (01) are a static resource and earn no points"),
        ("point_role", "item_class,03,ordering", "item_class,09,ordering", "2: drugs and consumables (09) may not be tied to anybody's income"),
        (
            "capability_rule",
            "volume,0.25,0,30",
            "volume,0.25,40,30",
            "2: volume is so much a month and no mean of cases, so it has no shrinkage: write 0, not 40",
        ),
        # One work, one count; figures
        ("point_role", "item_class,03,ordering", "item_class,06,ordering", "2: fees of class 06 and the event operation are the same work"),
        ("point_rule", "VISIT-CLINIC,visit,1,event", "VISIT-CLINIC,visit,1,hour", "2: unit hour is for dispatch only"),
        ("point_rule", "event,0.45", "event,-0.45", "2: column points lies between 0 and 1000: -0.45"),
        (
            "quality_factor_rule",
            "physician,KPI-072,1,0.8,1.2",
            "physician,KPI-072,1,0.8,1.3",
            "2: from 2015-01-01 on rows of physician have the same factor_min and factor_max",
        ),
        ("physician_fee_rule", ",18.5,,", ",18.5,1000,", "2: write either point_value or total_fen"),
        ("assistance_rule", "dispatch,02,6,24", "dispatch,02,6,12", "2: valid_months is the same in all rows"),
        ("assistance_rule", "dispatch,02,6,24", "dispatch,02,6,", "2: write valid_months"),
    ],
)  # fmt: skip
def test_what_may_not_stand_is_told(county: Path, table: str, old: str, new: str, said: str) -> None:
    found = mended(county, table, old, new)
    assert any(each.startswith(said) for each in found), found


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("study,60,院务会,纪要1号", None),
        ("study,120,院务会,纪要1号", None),
        ("study,61,院务会,纪要1号", "study costs 60 points: 61 is no multiple of it"),
        (
            "holiday,60,院务会,纪要1号",
            "assistance_rule has no redemption holiday on 2025-03-01; there are: promotion, study",
        ),
        ("study,60,,纪要1号", "column approved_by must not be empty"),
        ("study,60,院务会,", "column document must not be empty"),
    ],
)
def test_a_redemption_has_a_price_and_an_approval(county: Path, row: str, said: str | None) -> None:
    path = county / "policy" / "assistance_redemption.csv"
    path.write_text(f"{REDEMPTIONS}R1,H34062100001,P000001,2025-03-01,{row},{OPEN}\n", "utf-8")
    found = [each.message_en for each in check(county) if each.file == f"policy/{path.name}"]
    assert found == ([] if said is None else [said])


@pytest.mark.parametrize(("day", "points"), [("2025-03-31", 60), ("2025-04-01", 90)])
def test_a_redemption_costs_what_it_did_on_its_day(county: Path, day: str, points: int) -> None:
    """A price that has risen since does not make an earlier redemption wrong, nor may the old one be paid afterwards."""
    rules = county / "policy" / "assistance_rule.csv"
    old = "redemption,study,60,,,,2015-01-01,,1,"
    text = rules.read_text("utf-8")
    assert old in text
    new = f"{old.replace(',,1,', ',2025-03-31,1,')}\nredemption,study,90,,,,2025-04-01,,1,"
    rules.write_text(text.replace(old, new), "utf-8")
    path = county / "policy" / "assistance_redemption.csv"
    for asked in (60, 90):
        row = f"R1,H34062100001,P000001,{day},study,{asked},院务会,纪要1号,{OPEN}"
        path.write_text(f"{REDEMPTIONS}{row}\n", "utf-8")
        told = [each.message_en for each in check(county) if each.file == f"policy/{path.name}"]
        assert told == (
            [] if asked == points else [f"study costs {points} points: {asked} is no multiple of it"]
        )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("12,88.5,纪要1号", None),
        ("0,88.5,纪要1号", "column reviews lies between 1 and 10000: 0"),
        ("12,100.5,纪要1号", "column mean_score lies between 0 and 100: 100.5"),
        ("12,88.5,", "column document must not be empty"),
    ],
)
def test_a_peer_review_says_how_many_and_by_which_document(county: Path, row: str, said: str | None) -> None:
    path = county / "policy" / "peer_review.csv"
    columns = "month,institution_id,staff_id,reviews,mean_score,document,effective_from,effective_to,assumption,origin"
    path.write_text(f"{columns}\n2025-03,H34062100001,P000001,{row},{OPEN}\n", "utf-8")
    found = [each.message_en for each in check(county) if each.file == f"policy/{path.name}"]
    assert found == ([] if said is None else [said])
