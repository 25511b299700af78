"""One key for several rows of a batch, with no time that tells them apart: none of them is chosen, none vanishes.

Through the front door: files in the inbox, rows and money of the outcome, quarantine, and what `feed check` says before.
"""

from __future__ import annotations

import pytest

from sources.base.home import Home
from sources.conforming.rules import KEY_REUSED, key_reused
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.ingest import BatchOutcome, ingest_feed
from sources.onboarding.trial import check_delivery
from tests.sources.making import (
    MONTH,
    TOWNSHIP,
    VILLAGE,
    conformed,
    deliver,
    in_small_chunks,
    quarantined,
    read_all,
    rules,
    visit,
    visits,
    with_mapping,
)

VISITS = f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv"
FEES = f"{TOWNSHIP}/{MONTH}/FY_202503.csv"
FEE_HEADER = "LSH,LB,JZH,FSSJ,JZSJ,XMDM,XMMC,DL,SL,DJ,JE,YLSH,ZT"


def fees(*cells: tuple[str, str, str]) -> str:
    """A file of charge lines from (number, visit, amount)."""
    lines = [
        f"{number},1,{stay},2025-03-05 08:00:00,2025-03-05 08:10:00,310101,挂号费,01,1,10.00,{amount},,1"
        for number, stay, amount in cells
    ]
    return "\n".join([FEE_HEADER, *lines]) + "\n"


def take(county: County, home: Home, feed: str = "his_op_visit") -> BatchOutcome:
    (outcome,) = ingest_feed(county, home, feed, [MONTH])
    return outcome


@pytest.fixture(params=["in one piece", "in many pieces"])
def either(request: pytest.FixtureRequest, county: County) -> County:
    return county if request.param == "in one piece" else in_small_chunks(county)


def test_numbers_that_begin_anew_per_visit(either: County, home: Home) -> None:
    lines = [(str(n), f"MZ{stay:04d}", "10.00") for stay in range(1, 9) for n in (1, 2)]
    deliver(either, FEES, fees(*lines, ("3", "MZ0001", "5.00")))
    outcome = take(either, home, "his_fee_detail")
    assert (outcome.accepted_rows, outcome.quarantined_rows, outcome.duplicate_rows) == (1, 16, 0)
    assert (outcome.accepted_fen, outcome.quarantined_fen) == (500, 16_000)
    assert quarantined(home) == [(line, KEY_REUSED, None) for line in sorted(range(2, 18), key=str)]
    assert rules(home)[KEY_REUSED, ""] == 16


def test_a_reversal_under_the_number_of_its_original(either: County, home: Home) -> None:
    deliver(either, FEES, fees(("F1", "MZ1", "100.00"), ("F1", "MZ1", "-100.00"), ("F2", "MZ1", "30.00")))
    outcome = take(either, home, "his_fee_detail")
    assert (outcome.accepted_fen, outcome.quarantined_fen, outcome.delivered_fen) == (3_000, 0, 3_000)
    assert [row["fee_id"] for row in conformed(home, "his_fee_detail")] == ["F2"]


def test_numbers_rounded_by_a_spreadsheet(either: County, home: Home) -> None:
    rounded = [visit(n, JZLSH="20250301000012300", HZBH=f"P{n}") for n in range(1, 16)]
    deliver(either, VISITS, visits(*rounded, visit(99)))
    outcome = take(either, home)
    assert (outcome.accepted_rows, outcome.quarantined_rows) == (1, 15)


def test_copies_and_versions_are_no_second_use(either: County, home: Home) -> None:
    newer = visit(1, GXSJ="2025-03-05 09:00:00", ZDBM="I11.900")
    gone = visit(2, CZBZ="D", GXSJ="")
    deliver(either, VISITS, visits(visit(1), visit(1), newer, visit(2), gone, visit(3, GXSJ=""), visit(1)))
    outcome = take(either, home)
    assert (outcome.accepted_rows, outcome.quarantined_rows, outcome.duplicate_rows) == (5, 0, 2)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2025-03-05 09:00:00", "20250305090000"),  # one moment in two spellings
        ("", "不详"),  # neither can be read
        ("", ""),
    ],
)
def test_a_time_tells_versions_apart_only_where_it_differs(
    county: County, home: Home, first: str, second: str
) -> None:
    deliver(county, VISITS, visits(visit(1, GXSJ=first), visit(1, GXSJ=second, ZDBM="I11.900")))
    assert take(county, home).quarantined_rows == 2


def test_a_row_in_quarantine_for_another_reason_reuses_nothing(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1), visit(1, JZSJ="")))
    take(county, home)
    assert quarantined(home) == [(3, "REQUIRED_MISSING", "visit_time")]


def test_feed_check_says_it_beforehand(either: County) -> None:
    deliver(either, VISITS, visits(*(visit(n, JZLSH=f"MZ{n % 10}", HZBH=f"P{n}") for n in range(20))))
    (report,) = check_delivery(either, TOWNSHIP).files
    (finding,) = [each for each in report.findings if each.rule.rule_id == KEY_REUSED]
    assert (finding.rule.violated, finding.wants_a_look) == (20, True)
    assert "visit_id" in finding.rule.message_zh and finding.examples[0].line == 2
    assert report.account is not None and report.account.quarantined_rows == 20


STAFF = """\
  his_staff:
    file: "{institution}/{month}/RY_{yyyymm}*"
    columns: {org_code: JGDM, staff_id: %s, emp_no: GH, staff_type: LB, name: XM, gender: XB, gp_flag: {const: '0'}}
"""


def test_villages_that_number_alike_are_told_the_way_out_and_it_works(county: County, home: Home) -> None:
    lines = f"JGDM,GH,LB,XM,XB\n{TOWNSHIP},01,11,张三,1\n{VILLAGE},01,61,李四,2\n"
    own = with_mapping(county, STAFF % "GH")
    deliver(own, f"{TOWNSHIP}/{MONTH}/RY_202503.csv", lines)
    assert take(own, home, "his_staff").quarantined_rows == 2
    assert quarantined(home) == [(2, KEY_REUSED, None), (3, KEY_REUSED, None)]
    (told,) = {row["message_zh"] for row in read_all(home.quarantine).to_pylist()}
    assert "org_code" in told and "join" in told
    assert "org_code" not in key_reused(load_contracts()["his_op_visit"]).zh.replace("(org_code", "")
    take(with_mapping(county, STAFF % '{from: [JGDM, GH], join: concat, separator: "-"}'), home, "his_staff")
    assert [row["staff_id"] for row in conformed(home, "his_staff")] == [f"{TOWNSHIP}-01", f"{VILLAGE}-01"]


def test_a_row_of_another_village_is_another_event() -> None:
    """Delivered in a file of its own it would take the place of the first: the core gate counts that (events_kept)."""
    apart = {feed: contract.tells_events_apart for feed, contract in load_contracts().items()}
    assert {"his_equipment", "his_slot"} <= {feed for feed in apart if "org_code" in apart[feed]}
    assert not [feed for feed in apart if feed.startswith(("ph_", "si_")) and "org_code" in apart[feed]]


def test_a_separator_inside_a_value_makes_no_copy(county: County, home: Home) -> None:
    one = visit(1, KSDM="01\x1f02", YSGH="P1", GXSJ="2025-03-01 09:00:00")
    other = visit(1, KSDM="01", YSGH="02\x1fP1", GXSJ="2025-03-01 09:00:00")
    deliver(county, VISITS, visits(one, other))
    assert take(county, home).duplicate_rows == 0
