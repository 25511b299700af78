"""One cell that cannot be read costs its row or its value, never the run: each as a file through the front door."""

from __future__ import annotations

import json

import pytest

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


FORMATS = {
    "utf-8.csv": lambda records: as_csv(records).encode(),
    "gb18030.csv": lambda records: as_csv(records).encode("gb18030"),
    "utf-16.csv": lambda records: as_csv(records).encode("utf-16"),
    ".json": lambda records: json.dumps(records, ensure_ascii=False).encode(),
    "lines.json": lambda records: "\n".join(json.dumps(r, ensure_ascii=False) for r in records).encode(),
    ".html": lambda records: as_markup(records, "<table>", "tr", "td").encode(),
    ".xml": lambda records: as_markup(records, "<data>", "row", "").encode(),
}


def as_csv(records: list[dict]) -> str:
    return "\n".join(",".join(line) for line in [records[0].keys(), *(r.values() for r in records)]) + "\n"


def as_markup(records: list[dict], root: str, row: str, cell: str) -> str:
    lines = [dict(zip(records[0], records[0], strict=True)), *records] if cell else records
    rows = ("".join(f"<{cell or k}>{v}</{cell or k}>" for k, v in line.items()) for line in lines)
    return root + "".join(f"<{row}>{each}</{row}>" for each in rows) + root.replace("<", "</")


@pytest.mark.parametrize("name", FORMATS)
def test_a_character_that_a_conversion_lost_is_told_and_costs_nothing(
    county: County, home: Home, name: str
) -> None:
    """Eight of ten lines hold one: the file is refused."""
    own = with_mapping(
        county,
        f'  his_op_visit:\n    file: "{{institution}}/{{month}}/MZJZ_{{yyyymm}}*"\n    columns:{VISIT_COLUMNS}'
        "      main_diag_name: ZDMC\n",
    )
    header = VISIT_HEADER.split(",")
    records = [dict(zip(header, visit(n).split(","), strict=True)) for n in range(1, 11)]
    records[1]["ZDMC"] = "高血\ufffd病"
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503a{name}", FORMATS[name](records))
    assert only(ingest_feed(own, home, "his_op_visit", [MONTH])).accepted_rows == 10
    assert rules(home)["TEXT_DAMAGED", "ZDMC"] == 1
    for record in records[2:]:
        record["ZDMC"] = "\ufffd"
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503b{name}", FORMATS[name](records))
    refused = [each for each in ingest_feed(own, home, "his_op_visit", [MONTH]) if each.refusal]
    assert [each.refusal.code for each in refused if each.refusal] == ["REPLACEMENT_CHARACTER"]


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


def test_of_several_columns_the_first_that_says_something(county: County, home: Home) -> None:
    """Also within `coalesce`; what is junk for the column is passed over like 无, and stands when there is nothing else."""
    own = with_mapping(
        county,
        f'  his_op_visit:\n    file: "{{institution}}/{{month}}/MZJZ_{{yyyymm}}.csv"\n    columns:{VISIT_COLUMNS}'
        "      main_diag_name: {first_of: [ZDMC, XH]}\n"
        "      obs_hours: {expression: 'coalesce(LGXS, GXSJ, 0) + 1'}\n",
        head="junk:\n  main_diag_name: [待查]\n",
    )
    cells = [
        ("-", "甲"),
        ("null", "乙"),
        ("无", "丙"),
        ("待查", "丁"),
        ("无", ""),
        ("待查", ""),
        ("戊", "己"),
        ("—", "待查"),
    ]
    lines = [
        visit(n, ZDMC=first, XH=second, LGXS="/" if n == 1 else "2", GXSJ="")
        for n, (first, second) in enumerate(cells, start=1)
    ]
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(*lines))
    assert only(ingest_feed(own, home, "his_op_visit", [MONTH])).accepted_rows == len(cells)
    found = conformed(home, "his_op_visit")
    assert [row["main_diag_name"] for row in found] == ["甲", "乙", "丙", "丁", "无", None, "戊", "—"]
    assert [row["obs_hours"] for row in found] == [1] + [3] * (len(cells) - 1)
    assert rules(home)["DEFAULT_VALUE", "main_diag_name"] == 1


@pytest.mark.parametrize(
    ("name", "around"),
    [
        ("a.json", '{"code": 0, "page": {"total": 3}, "data": %s}'),
        ("b.xml", "<data><code>0</code><page><total>3</total></page>%s</data>"),
        ("c.xml", "<data code='0' total='3'>%s</data>"),
    ],
)
@pytest.mark.parametrize("rows", [2, 3])
def test_a_count_in_the_file_is_held_against_its_rows(
    county: County, home: Home, name: str, around: str, rows: int
) -> None:
    own = with_mapping(
        county,
        f'  his_op_visit:\n    file: "{{institution}}/{{month}}/MZJZ_{{yyyymm}}*"\n    columns:{VISIT_COLUMNS}',
    )
    header = VISIT_HEADER.split(",")
    records = [dict(zip(header, visit(n).split(","), strict=True)) for n in range(rows)]
    content = json.dumps(records) if name.endswith("json") else as_markup(records, "", "row", "")
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503{name}", around % content)
    assert only(ingest_feed(own, home, "his_op_visit", [MONTH])).accepted_rows == rows
    told = {rule: times for (rule, _), times in rules(home).items()}
    assert told.get("COUNT_DIFFERS", 0) == 3 - rows
    assert told["PART_NOT_READ"] >= 1
