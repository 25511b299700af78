"""No cell is changed in silence: each kind through the front door of a small county, by the county's own rules."""

from __future__ import annotations

import io
import json
from datetime import datetime

import pytest
import xlsxwriter

from sources.base.home import Home
from sources.county.county import County, CountyError
from sources.ingest import BatchOutcome, ingest_feed
from sources.mending.lines import fates
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
FEE = "{id},1,MZ000001,2025-03-05 08:00:00,2025-03-05 08:10:00,{item},挂号费,01,{qty},10.00,{amount},,1"
ANY_FORMAT = """\
  his_op_visit:
    file: "{institution}/{month}/MZJZ_{yyyymm}*"
    columns: {org_code: JGDM, visit_id: JZLSH, patient_id: HZBH, visit_time: JZSJ, visit_type: JZLX, dept_code: KSDM,
              staff_id: YSGH, main_diag_code: ZDBM, main_diag_name: ZDMC, obs_hours: LGXS, status: ZT, src_update_ts: GXSJ,
              op_flag: CZBZ}
"""


def fee(identifier: str, item: str = "310101", qty: str = "1", amount: str = "10.00") -> str:
    return FEE.format(id=identifier, item=item, qty=qty, amount=amount)


def fees(county: County, home: Home, *lines: str) -> list[dict]:
    deliver(county, f"{TOWNSHIP}/{MONTH}/FY_202503.csv", "\n".join([FEES, *lines]) + "\n")
    ingest_feed(county, home, "his_fee_detail", [MONTH])
    return conformed(home, "his_fee_detail")


def received(county: County, home: Home, name: str, content: str | bytes) -> BatchOutcome:
    own = with_mapping(county, ANY_FORMAT)
    deliver(own, f"{TOWNSHIP}/{MONTH}/{name}", content)
    outcomes = ingest_feed(own, home, "his_op_visit", [MONTH])
    return next(outcome for outcome in outcomes if outcome.source_file.endswith(name))


def test_wrappers_of_spreadsheets_are_no_part_of_a_key(county: County, home: Home) -> None:
    rows = fees(
        county, home, fee('="F0001"', '="00123"'), fee("'F0002", "`310101"), fee(' "F0003"', "'00124'")
    )
    assert [(row["fee_id"], row["item_code"]) for row in rows] == [
        ("F0001", "00123"), ("F0002", "310101"), ("F0003", "00124"),
    ]  # fmt: skip


def test_a_raised_digit_makes_no_larger_amount(county: County, home: Home) -> None:
    assert [row["amount"] for row in fees(county, home, fee("F1", amount="10²"), fee("F2", amount="12"))] == [
        1200
    ]
    assert [(line, rule) for line, rule, _ in quarantined(home)] == [(2, "TYPE_INVALID")]


def test_what_is_rounded_is_counted(county: County, home: Home) -> None:
    lines = [
        fee("F1", qty="1.00005"),
        fee("F2", qty="1.5000"),
        fee("F3", amount="10.005"),
        fee("F4", amount="10.100"),
    ]
    assert len(fees(county, home, *lines)) == 4
    assert {key: count for key, count in rules(home).items() if key[0] == "VALUE_ROUNDED"} == {
        ("VALUE_ROUNDED", "qty"): 1,
        ("VALUE_ROUNDED", "amount"): 1,
    }


def test_what_another_unit_rounds_is_counted(county: County, home: Home) -> None:
    mapping = ANY_FORMAT.replace("obs_hours: LGXS", 'obs_hours: {from: LGXS, factor: "0.01"}')
    own = with_mapping(county, mapping)
    lines = visits(visit(1, LGXS="150"), visit(2, LGXS="12.34567"))
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", lines)
    ingest_feed(own, home, "his_op_visit", [MONTH])
    assert rules(home)["VALUE_ROUNDED", "obs_hours"] == 1


def test_a_nul_is_in_no_key_and_no_text(county: County, home: Home) -> None:
    header = VISIT_HEADER.split(",")
    records = [dict(zip(header, visit(n).split(","), strict=True)) for n in (1, 2, 3)]
    records[1]["ZDMC"], records[2]["JZLSH"] = "高\x00血压", "MZ\x000003"
    outcome = received(county, home, "MZJZ_202503.json", json.dumps(records))
    assert (outcome.accepted_rows, outcome.quarantined_rows) == (1, 2)
    assert [(line, rule) for line, rule, _ in quarantined(home)] == [(2, "RAGGED_ROW"), (3, "RAGGED_ROW")]


def test_conversion_damage_is_told_by_column(county: County, home: Home) -> None:
    lines = [
        visit(1, ZDMC="?血?病"),
        visit(2, ZDMC="??"),
        visit(3, HZBH="P?0003"),
        visit(4, ZDMC="鏉庡洓"),
        visit(5),
    ]
    assert received(county, home, "MZJZ_202503.csv", visits(*lines)).accepted_rows == 5
    assert rules(home)["TEXT_DAMAGED", "ZDMC"] == 3
    assert rules(home)["TEXT_DAMAGED", "HZBH"] == 1


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for position, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(number, position, cell, moment)
                    else:
                        sheet.write_string(number, position, str(cell))
    return buffer.getvalue()


def test_a_day_number_just_before_midnight_is_told(county: County, home: Home) -> None:
    rows: list[list[object]] = [list(visit(n).split(",")) for n in (1, 2)]
    rows[0][4] = datetime(2025, 3, 1, 23, 59, 17)
    rows[1][4] = datetime(2025, 3, 1, 8, 30)
    received(county, home, "MZJZ_202503.xlsx", workbook({"数据": [VISIT_HEADER.split(","), *rows]}))
    assert rules(home)["TIME_BEFORE_MIDNIGHT", "JZSJ"] == 1
    received(county, home, "MZJZ_202503b.csv", visits(visit(3, JZSJ="45717.99951")))
    assert rules(home)["TIME_BEFORE_MIDNIGHT", "visit_time"] == 1


def test_a_sheet_that_is_not_read_is_counted_with_its_name(county: County, home: Home) -> None:
    table = [VISIT_HEADER.split(","), visit(1).split(",")]
    content = workbook({"封面": [["某院"], ["三月"]], "数据": table, "字典": [["码", "名"], ["1", "门诊"]]})
    assert received(county, home, "MZJZ_202503.xlsx", content).accepted_rows == 1
    assert {key: n for key, n in rules(home).items() if key[0] == "PART_NOT_READ"} == {
        ("PART_NOT_READ", "封面"): 2,
        ("PART_NOT_READ", "字典"): 2,
    }


@pytest.mark.parametrize("sheets", ["all", "2025-03 (*)"])
def test_sheets_of_one_table_are_one_batch_and_a_line_tells_its_sheet(
    county: County, home: Home, sheets: str
) -> None:
    own = with_mapping(county, ANY_FORMAT.replace("columns:", f'sheets: "{sheets}"\n    columns:'))
    bad = visit(2, JZLX="99")
    content = workbook(
        {
            "2025-03 (1)": [VISIT_HEADER.split(","), visit(1).split(",")],
            "2025-03 (2)": [
                ["第二页"],
                VISIT_HEADER.split(","),
                visit(3).split(","),
                bad.split(","),
                visit(1).split(","),
            ],
        }
    )
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.xlsx", content)
    for _ in range(2):
        (outcome,) = ingest_feed(own, home, "his_op_visit", [MONTH])
        assert (outcome.accepted_rows, outcome.quarantined_rows, outcome.duplicate_rows) == (2, 1, 1)
    ((line, rule, _),) = quarantined(home)
    assert rule == "VALUE_NOT_IN_SET"
    (fate,) = fates(home, "MZJZ_202503.xlsx", line)
    assert (fate.fate, fate.place) == ("quarantined", "工作表 sheet 2025-03 (2) 第 4 行 row")


def test_sheet_and_sheets_are_not_both_said(county: County) -> None:
    with pytest.raises(CountyError, match="sheets"):
        with_mapping(county, ANY_FORMAT.replace("columns:", "sheet: a\n    sheets: all\n    columns:"))


def test_an_identifier_in_the_name_of_a_sheet_is_not_passed_on(county: County, home: Home) -> None:
    table = [VISIT_HEADER.split(","), visit(1).split(",")]
    received(county, home, "MZJZ_202503.xlsx", workbook({"110101199003078515": [["x"]], "数据": table}))
    told = [name for rule, name in rules(home) if rule == "PART_NOT_READ"]
    assert len(told) == 1
    assert "19900307" not in told[0]
    assert not [p for p in home.landing.rglob("manifest.json") if "19900307" in p.read_text("utf-8")]


@pytest.mark.parametrize("twin", ["JZLSH", "JZ\u200bLSH", "JZLSH ", "\ufeffJZLSH", "'JZLSH'", "\uff2aZLSH"])
def test_a_column_that_looks_doubled_is_refused(county: County, home: Home, twin: str) -> None:
    header = VISIT_HEADER.replace("CZBZ", twin)
    outcome = received(county, home, "MZJZ_202503.csv", f"{header}\n{visit(1)}\n")
    assert outcome.refusal is not None
    assert outcome.refusal.code == "DOUBLED_COLUMN"


def test_rows_without_a_value_are_counted(county: County, home: Home) -> None:
    content = visits(visit(1), "," * VISIT_HEADER.count(","), visit(2))
    assert received(county, home, "MZJZ_202503.csv", content).accepted_rows == 2
    assert rules(home)["BLANK_ROWS", ""] == 1
