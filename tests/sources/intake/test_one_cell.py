"""One cell that cannot be read costs its row or its value, never the run: each as a file through the front door."""

from __future__ import annotations

import json

from sources.base.home import Home
from sources.county.county import County
from sources.ingest import BatchOutcome, ingest_feed
from tests.sources.making import (
    MONTH,
    TOWNSHIP,
    VISIT_HEADER,
    conformed,
    deliver,
    quarantined,
    rules,
    visit,
    visits,
    with_mapping,
)

FEES = "LSH,LB,JZH,FSSJ,JZSJ,XMDM,XMMC,DL,SL,DJ,JE,YLSH,ZT"
FEE = "F{n:04d},1,MZ000001,2025-03-05 08:00:00,2025-03-05 08:10:00,310101,挂号费,01,1,10.00,{amount},,1"
VISIT_COLUMNS = """
      org_code: JGDM
      visit_id: JZLSH
      patient_id: HZBH
      visit_time: JZSJ
      visit_type: JZLX
      dept_code: KSDM
      staff_id: YSGH
      main_diag_code: ZDBM
      status: ZT
"""


def only(outcomes: list[BatchOutcome]) -> BatchOutcome:
    (outcome,) = outcomes
    return outcome


def test_a_bar_code_in_the_amount_is_no_amount(county: County, home: Home) -> None:
    lines = [FEE.format(n=n, amount=a) for n, a in ((1, "10.00"), (2, "6901234567892"), (3, "123456789.50"))]
    deliver(county, f"{TOWNSHIP}/{MONTH}/FY_202503.csv", "\n".join([FEES, *lines]) + "\n")
    outcome = only(ingest_feed(county, home, "his_fee_detail", [MONTH]))
    assert (outcome.accepted_rows, outcome.quarantined_rows, outcome.accepted_fen) == (2, 1, 12_345_679_950)
    assert [(line, column) for line, _, column in quarantined(home)] == [(3, "amount")]


def test_a_number_in_another_unit_may_be_large(county: County, home: Home) -> None:
    own = with_mapping(
        county,
        f'  his_op_visit:\n    file: "{{institution}}/{{month}}/MZJZ_{{yyyymm}}.csv"\n    columns:{VISIT_COLUMNS}'
        "      obs_hours: {from: LGXS, factor: 100}\n",
    )
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1, LGXS="10000"), visit(2, LGXS="0.5")))
    assert only(ingest_feed(own, home, "his_op_visit", [MONTH])).accepted_rows == 2
    assert [row["obs_hours"] for row in conformed(home, "his_op_visit")] == [None, 50]
    assert rules(home)["VALUE_NULLED", "obs_hours"] == 1


def test_half_a_character_costs_one_row(county: County, home: Home) -> None:
    own = with_mapping(
        county,
        f'  his_op_visit:\n    file: "{{institution}}/{{month}}/MZJZ_{{yyyymm}}.json"\n    columns:{VISIT_COLUMNS}'
        "      main_diag_name: ZDMC\n",
    )
    header = VISIT_HEADER.split(",")
    records = [dict(zip(header, visit(n).split(","), strict=True)) for n in range(1, 301)]
    records[1]["ZDMC"] = "高血压病\ud83d"
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.json", json.dumps(records))
    outcome = only(ingest_feed(own, home, "his_op_visit", [MONTH]))
    assert (outcome.status, outcome.accepted_rows, outcome.quarantined_rows) == ("conformed", 299, 1)
    assert [line for line, *_ in quarantined(home)] == [2]


def test_half_a_character_in_a_header_is_spelled_out(county: County, home: Home) -> None:
    own = with_mapping(
        county,
        f'  his_op_visit:\n    file: "{{institution}}/{{month}}/MZJZ_{{yyyymm}}.json"\n    columns:{VISIT_COLUMNS}',
    )
    record = dict(zip(VISIT_HEADER.split(","), visit(1).split(","), strict=True)) | {"\udc00": "x"}
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.json", json.dumps([record]))
    assert only(ingest_feed(own, home, "his_op_visit", [MONTH])).accepted_rows == 1
    assert ("UNMAPPED_COLUMN", "\\udc00") in rules(home)


LAB = """  his_lab_report:
    file: "{institution}/{month}/JY_{yyyymm}.csv"
    columns:
      org_code: {const: "{institution}"}
      report_id: BGH
      apply_org: SQJG
      patient_id: HZBH
      item_group_code: XM
      item_group_name: XMMC
      report_time: BGSJ
"""


def test_an_amount_that_the_mapping_cannot_take_out_leaves_both_sides(county: County, home: Home) -> None:
    own = with_mapping(county, LAB + "      amount: {from: JE, extract: '^(\\d+\\.\\d\\d)$'}\n")
    lines = [
        f"B{n},{TOWNSHIP},P1,X,血常规,2025-03-05 08:00:00,{amount}" for n, amount in ((1, "12.50"), (2, "30"))
    ]
    deliver(
        own, f"{TOWNSHIP}/{MONTH}/JY_202503.csv", "\n".join(["BGH,SQJG,HZBH,XM,XMMC,BGSJ,JE", *lines]) + "\n"
    )
    outcome = only(ingest_feed(own, home, "his_lab_report", [MONTH]))
    assert (outcome.accepted_rows, outcome.delivered_fen, outcome.accepted_fen) == (2, 1_250, 1_250)
    assert rules(home)["VALUE_NULLED", "amount"] == 1


def test_joined_parts_that_are_all_empty_are_nothing(county: County, home: Home) -> None:
    """Arrow 26 drops such rows from `binary_join_element_wise(null_handling="skip")` when it joins several columns."""
    own = with_mapping(
        county,
        f'  his_op_visit:\n    file: "{{institution}}/{{month}}/MZJZ_{{yyyymm}}.csv"\n    columns:{VISIT_COLUMNS}'
        '      main_diag_name: {from: [ZDMC, XH], join: concat, separator: "/"}\n',
    )
    lines = visits(visit(1, ZDMC="甲", XH="一"), visit(2, ZDMC="", XH=""), visit(3, ZDMC="", XH="丙"))
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", lines)
    assert only(ingest_feed(own, home, "his_op_visit", [MONTH])).accepted_rows == 3
    assert [row["main_diag_name"] for row in conformed(home, "his_op_visit")] == ["甲/一", None, "丙"]
