"""Prices of the internal market that nobody could pay, and those that policy forbids, stop the check with a sentence."""

from __future__ import annotations

import pytest

from sources.county.county import County
from tests.sources.county.test_policy_decisions import found
from tests.sources.making import OPEN

HEADER = (
    "service_code,name_zh,unit,provider_side,consumer_side,pricing,price_fen,version,document,report_within_minutes,"
    "hours_per_unit,needs_check_in,volume_at_least,quality_gate,gate_days"
)
ECG = "TELE-ECG,心电,份,hospital,primary,flat,1500,v1,签约书,60,,,,,"
UP = "UP-PREP,前期检查,例,primary,hospital,flat,3000,v1,签约书,,,,,recognised,14"
CHRON = "CHRON-PKG,慢病管理包,人·季,primary,hospital,flat,4000,v1,签约书,,,,1,followed_up,"
DOWN = "DOWN-REHAB,康复床日,床日,primary,hospital,flat,6000,v1,签约书,,,,,closed,"
SPLIT = "service_code,party,share"
RULE = "scope,silence_days,ageing_first_days,ageing_second_days,ageing_third_days,late_deduction_pct"


@pytest.mark.parametrize(
    "rows",
    [
        (ECG, UP, DOWN, CHRON),
        (ECG.replace("签约书", ""),),
        (f"{ECG},2024-01-01,2024-12-31,0,", f"{ECG.replace('1500', '1200')},2025-01-01,,0,"),
        (f"{ECG},2024-01-01,2024-06-30,0,", f"{ECG},2025-01-01,,0,"),
    ],
)
def test_a_price_list_is_sound(county: County, rows: tuple[str, ...]) -> None:
    assert found(county, "market_price", HEADER, *rows) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ECG.replace("1500", ""), "TELE-ECG has a flat price: write price_fen"),
        (ECG.replace("1500", "0"), "TELE-ECG has a flat price: write price_fen"),
        (ECG.replace("primary", "hospital"), "TELE-ECG: provider and consumer are both hospital"),
        (ECG.replace(",60,,", ",60,0,"), "TELE-ECG: hours_per_unit lies above 0"),
        (UP.replace("recognised,14", ","), "UP-PREP pays for every referral without a quality gate, which is refused (REQ-128)"),
        (UP.replace("14", ""), "UP-PREP asks for recognition: gate_days says"),
        ("BONUS,转诊奖励,例,primary,hospital,flat,2000,v1,签约书,,,,,,", "BONUS pays for every referral without a quality gate, which is refused (REQ-128)"),
        (DOWN.replace("closed", ""), "DOWN-REHAB pays for every referral without a quality gate, which is refused (REQ-128)"),
        (CHRON.replace("followed_up", ""), "CHRON-PKG pays for every follow-up without a quality gate, which is refused (REQ-128)"),
        # A gate that says nothing of the service asks for nothing.
        (DOWN.replace("closed", "followed_up"), "DOWN-REHAB: nothing tells whether it passed the gate followed_up (REQ-128); there is: closed"),
        (UP.replace("recognised,14", "closed,"), "UP-PREP: nothing tells whether it passed the gate closed (REQ-128); there is: recognised"),
        (CHRON.replace("followed_up", "closed"), "CHRON-PKG: nothing tells whether it passed the gate closed (REQ-128); there is: followed_up"),
        ("BONUS,转诊奖励,例,primary,hospital,flat,2000,v1,签约书,,,,,closed,", "BONUS: nothing tells whether it passed the gate closed (REQ-128)"),
    ],
)  # fmt: skip
def test_a_price_that_cannot_stand_stops_the_check(county: County, row: str, said: str) -> None:
    (only,) = found(county, "market_price", HEADER, row)
    assert only.startswith(f"2: {said}")


@pytest.mark.parametrize("row", [UP, UP.replace("UP-PREP", "up-prep"), UP.replace("UP-PREP", "REBATE")])
def test_no_share_of_a_bill_for_a_referral(county: County, row: str) -> None:
    """Whatever the service is called: the grass roots get no share of what a hospital charges."""
    told = found(county, "market_price", HEADER, row.replace("flat,3000", "share,"))
    (refusal,) = [one for one in told if "医保发〔2025〕18号" in one]
    assert "REQ-162" in refusal
    assert "flat" in refusal


def test_a_share_needs_its_parties(county: County) -> None:
    row = "LAB-HUB,检验,组套,hospital,primary,share,,v1,签约书,240,,,,,"
    (only,) = found(county, "market_price", HEADER, row)
    assert only.startswith(
        "2: LAB-HUB is a share of the fee: market_split.csv needs the shares of county_hospital, township"
    )
    told = found(county, "market_price", HEADER, row.replace("share,,", "share,5,"))
    assert any("leave price_fen empty" in one for one in told)


def test_versions_do_not_overlap(county: County) -> None:
    rows = f"{ECG},2024-01-01,2025-01-01,0,", f"{ECG},2025-01-01,,0,"
    assert found(county, "market_price", HEADER, *rows) == ["3: two rows in force at the same time: TELE-ECG"]


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        (("0.5", "0.2", "0.15", "0.15"), []),
        (("0.5", "0.2", "0.15", "0.16"), ["2: shares of FD-FEE from 2024-01-01 on add up to 1.01, not exactly 1: change share in its rows"]),
        (("0.5", "0.2", "0.15", "0.149999"), ["2: shares of FD-FEE from 2024-01-01 on add up to 0.999999, not exactly 1: change share in its rows"]),
        (("0.5", "0.35", "0.15", "0"), ["5: FD-FEE: a share lies above 0 and not above 1: 0"]),
    ],
)  # fmt: skip
def test_shares_are_exactly_the_whole(county: County, shares: tuple[str, ...], said: list[str]) -> None:
    parties = ("family_doctor", "nurse", "public_health", "village_doctor")
    rows = [f"FD-FEE,{party},{share},2024-01-01,,0," for party, share in zip(parties, shares, strict=True)]
    assert found(county, "market_split", SPLIT, *rows) == said


def test_shares_are_the_whole_after_every_change(county: County) -> None:
    rows = (
        "A,expert,0.4,2024-01-01,,0,",
        "A,county_hospital,0.6,2024-01-01,2024-12-31,0,",
        "A,county_hospital,0.5,2025-01-01,,0,",
    )
    assert found(county, "market_split", SPLIT, *rows) == [
        "2: shares of A from 2025-01-01 on add up to 0.9, not exactly 1: change share in its rows"
    ]


def test_a_share_may_not_end_alone(county: County) -> None:
    shares = ("township,0.3", "county_hospital,0.28", "expert,0.42")
    rows = [f"SURG-7030,{share},2024-01-01,{'2025-06-30' if '0.28' in share else ''},0," for share in shares]
    assert found(county, "market_split", SPLIT, *rows) == [
        "2: shares of SURG-7030 from 2025-07-01 on add up to 0.72, not exactly 1: change share in its rows"
    ]


def test_a_share_price_has_shares_as_long_as_it_holds(county: County) -> None:
    row = "LAB-HUB,检验,组套,hospital,primary,share,,v1,签约书,240,,,,,"
    (county.policy_folder / "market_split.csv").write_text(
        f"{SPLIT},effective_from,effective_to,assumption,origin\n"
        "LAB-HUB,county_hospital,0.6,2024-01-01,2025-06-30,0,\nLAB-HUB,township,0.4,2024-01-01,2025-06-30,0,\n",
        "utf-8",
    )
    (only,) = found(county, "market_price", HEADER, f"{row},2024-01-01,,0,")
    assert only.endswith("the shares of county_hospital, township, in force from 2025-07-01 on")
    assert found(county, "market_price", HEADER, f"{row},2024-01-01,2025-06-30,0,") == []


@pytest.mark.parametrize("party", ["nurse", "family_doctor", "public_health", "village_doctor"])
def test_nobody_is_paid_whom_no_record_names(county: County, party: str) -> None:
    rows = [f"SURG-7030,{share}" for share in ("township,0.3", "county_hospital,0.28", f"{party},0.42")]
    told = found(county, "market_split", SPLIT, *rows)
    assert [
        one for one in told if one.startswith(f"4: no record of SURG-7030 says who its {party} is")
    ] == told


def test_an_up_referral_is_not_shared(county: County) -> None:
    told = found(county, "market_split", SPLIT, "UP-PREP,township,1")
    assert [one for one in told if "医保发〔2025〕18号" in one and "REQ-162" in one]


def test_a_split_has_a_price_and_a_flat_price_no_share_for_the_consumer(county: County) -> None:
    (county.policy_folder / "market_price.csv").write_text(
        f"{HEADER},effective_from,effective_to,assumption,origin\n{ECG},{OPEN}\n", "utf-8"
    )
    told = found(county, "market_split", SPLIT, "TELE-ECG,township,1", "TELE-XX,expert,1")
    assert told == [
        "2: TELE-ECG has a flat price that is the provider's: its consumer (township) has no share; remove the row",
        "3: market_price.csv has no service TELE-XX: add its price, or remove the row",
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("county,15,30,60,90,20", []),
        ("county,15,30,30,90,20", ["2: the bounds of ageing rise and lie above 0, not 30, 30, 90"]),
        ("county,0,30,60,90,20", ["2: silence_days is at least 1"]),
        ("county,15,30,60,90,101", ["2: late_deduction_pct lies between 0 and 100"]),
    ],
)
def test_a_rule_is_sound(county: County, row: str, said: list[str]) -> None:
    assert found(county, "market_rule", RULE, row) == said
