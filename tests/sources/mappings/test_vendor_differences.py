"""The vendor differences V01–V35 that concern these feeds, each as a file a vendor would send, through the whole room."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal

import pytest
import xlsxwriter

from sources.base.home import Home
from sources.conforming.rules import RULE_IDS, disposition, message
from sources.county.county import County
from sources.ingest import BatchOutcome, ingest_feed, unclaimed_files, unmatched_totals
from sources.onboarding.trial import check_delivery
from tests.sources.making import (
    BUREAU,
    MONTH,
    PLATFORM,
    TOWNSHIP,
    VILLAGE,
    conformed,
    deliver,
    quarantined,
    rules,
    visit,
    visits,
)

VISITS = f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv"
PATIENTS = f"{TOWNSHIP}/{MONTH}/HZ_202503.csv"
PATIENT_HEADER = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH"


def wide(text: str) -> str:
    """The full-width forms of ASCII text, blanks as ideographic spaces."""
    return "".join("\u3000" if character == " " else chr(ord(character) + 0xFEE0) for character in text)


def take(county: County, home: Home, feed: str = "his_op_visit") -> BatchOutcome:
    (outcome,) = ingest_feed(county, home, feed, [MONTH])
    return outcome


def patient(number: int = 1, **changes: str) -> str:
    cells = {
        "JGDM": TOWNSHIP,
        "HZBH": f"P{number:05d}",
        "XM": "李秀英",
        "ZJLX": "01",
        "ZJHM": "",
        "XB": "女",
        "CSRQ": "1949-12-31",
        "MZ": "01",
        "LXDH": "13900000000",
        "YBBH": "34000000000123456789",
    }
    cells.update(changes)
    return ",".join(cells.values())


def patients(*lines: str) -> str:
    return "\n".join([PATIENT_HEADER, *lines]) + "\n"


# -- V01, V02: column names


def test_v01_pinyin_columns_are_mapped_and_surplus_ones_counted(county: County, home: Home) -> None:
    text = visits(visit(1)).replace("\n", ",多余\n", 1).replace("I\n", "I,x\n")
    deliver(county, VISITS, text)
    take(county, home)
    assert conformed(home, "his_op_visit")[0]["visit_id"] == "MZ000001"
    assert rules(home) == {("UNMAPPED_COLUMN", "多余"): 1}


def test_v02_headers_are_compared_without_width_and_blanks(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)).replace("JZLSH", " JZLSH\u200b ").replace("KSDM", wide("KSDM")))
    assert take(county, home).accepted_rows == 1


def test_a_renamed_nullable_column_is_noted(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)).replace("LGXS", "LGXSS"))
    take(county, home)
    assert rules(home) == {("MAPPED_COLUMN_ABSENT", "obs_hours"): 1, ("UNMAPPED_COLUMN", "LGXSS"): 1}


def test_a_missing_required_column_refuses_the_file_and_names_near_headers(
    county: County, home: Home
) -> None:
    deliver(county, VISITS, visits(visit(1)).replace("JZSJ", "JZSJ1"))
    outcome = take(county, home)
    assert (outcome.status, outcome.refusal.code) == ("refused", "MISSING_COLUMN")
    assert "JZSJ(visit_time 就诊时间;相近的列名:JZSJ1)" in outcome.refusal.message_zh
    assert "visit_time" in outcome.refusal.message_en
    assert conformed(home, "his_op_visit") == []


def test_a_file_without_header_is_refused_without_echoing_a_person(county: County, home: Home) -> None:
    deliver(county, PATIENTS, patient(1) + "\n" + patient(2) + "\n")
    outcome = take(county, home, "his_patient")
    assert outcome.refusal.code == "HEADER_NOT_RECOGNISED"
    assert "李秀英" not in str(outcome.refusal) and "139" not in str(outcome.refusal)


def test_a_doubled_column_is_refused(county: County, home: Home) -> None:
    text = visits(visit(1)).replace("\n", ",ZT\n", 1).replace("I\n", "I,2\n")
    deliver(county, VISITS, text)
    assert take(county, home).refusal.code == "DOUBLED_COLUMN"


# -- V03: wide sheets


def test_v03_a_wide_front_page_becomes_rows_in_order(county: County, home: Home) -> None:
    header = "ZYLSH,JBDM,ZYZD,JBDM1,QTZD1,JBDM2,QTZD2,JBDM3,QTZD3"
    lines = ["ZY1,I63.900,脑梗死,I10.x00,高血压病, ,,E11.900,2型糖尿病", "ZY2,,,J18.900,肺炎,,,,"]
    deliver(county, f"{TOWNSHIP}/{MONTH}/BASY_202503.csv", "\n".join([header, *lines]), "gb18030")
    outcome = take(county, home, "his_mr_diag")
    rows = [
        (r["visit_id"], r["seq"], r["diag_code"], r["source_line"]) for r in conformed(home, "his_mr_diag")
    ]
    assert rows == [
        ("ZY1", 0, "I63.900", 2), ("ZY1", 1, "I10.x00", 2), ("ZY1", 3, "E11.900", 2), ("ZY2", 1, "J18.900", 3),
    ]  # fmt: skip
    assert (outcome.delivered_rows, outcome.quarantined_rows) == (5, 1)
    missing = {(3, "REQUIRED_MISSING", "diag_code"), (3, "REQUIRED_MISSING", "diag_name")}
    assert set(quarantined(home)) == missing, "a stay without principal diagnosis is seen"


# -- V04, V05: encodings and characters


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_v04_encodings(county: County, home: Home, encoding: str) -> None:
    deliver(county, VISITS, visits(visit(1)), encoding)
    outcome = take(county, home)
    assert outcome.encoding == encoding
    assert conformed(home, "his_op_visit")[0]["main_diag_name"] == "高血压病"


def test_v04_an_unreadable_file_is_refused(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)).encode() + b"\xff\xff\n" * 5)
    assert take(county, home).refusal.code == "ENCODING_UNREADABLE"


def test_v05_full_width_and_zero_width_are_folded_in_codes_numbers_and_dates(
    county: County, home: Home
) -> None:
    line = visit(1, JZSJ=wide("2025-03-01 08:30"), JZLX=wide("1") + "\u200b", LGXS=wide("6.5"), KSDM=" 01 ")
    deliver(county, VISITS, visits(line))
    take(county, home)
    row = conformed(home, "his_op_visit")[0]
    assert row["visit_time"] == datetime(2025, 3, 1, 8, 30)
    assert (row["visit_type"], row["obs_hours"], row["dept_code"]) == ("1", Decimal("6.5"), "01")


def test_v05_text_keeps_its_own_forms(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1, ZDMC=" 高血压\u200b(2级) ")))
    take(county, home)
    assert conformed(home, "his_op_visit")[0]["main_diag_name"] == "高血压(2级)"


def test_nothing_written_as_null(county: County, home: Home) -> None:
    lines = [visit(n, ZDBM=text) for n, text in enumerate(["NULL", "\\N", "null", ""], start=1)]
    deliver(county, VISITS, visits(*lines))
    take(county, home)
    assert [row["main_diag_code"] for row in conformed(home, "his_op_visit")] == [None] * 4


# -- V06, V07, V08: dates


def test_v06_serial_dates_in_csv(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1, JZSJ="45717.3541666667")))
    take(county, home)
    assert conformed(home, "his_op_visit")[0]["visit_time"] == datetime(2025, 3, 1, 8, 30)


def lab_workbook(*rows: list) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("说明").write_string(0, 0, "请勿修改")
        sheet = book.add_worksheet("检验")
        sheet.merge_range(0, 0, 0, 6, "检验报告明细")
        sheet.write_row(1, 0, ["报告号", "申请机构", "患者号", "项目", "项目名称", "报告时间", "金额"])
        for number, row in enumerate(rows, start=2):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


WORKBOOK = f"{TOWNSHIP}/{MONTH}/workbook_202503.xlsx"


def test_v06_v34_a_workbook_with_serial_dates_and_a_title(county: County, home: Home) -> None:
    good = ["LA1", "01", "P1", "HR-L-012", "肝功能", 45717.354166666664, 4800]
    lost = ["LA2", TOWNSHIP, 3.41204e17, "HR-L-012", "肝功能", "2025-03-02", 4800]
    deliver(county, WORKBOOK, lab_workbook(good, lost))
    outcome = take(county, home, "his_lab_report")
    row = conformed(home, "his_lab_report")[0]
    assert (row["report_time"], row["amount"], row["source_line"]) == (datetime(2025, 3, 1, 8, 30), 4800, 3)
    assert row["apply_org"] == TOWNSHIP, "V27: the local code is translated"
    assert quarantined(home) == [(4, "TYPE_INVALID", "patient_id")], "V34: an identifier that lost its digits"
    assert (outcome.delivered_fen, outcome.accepted_fen, outcome.quarantined_fen) == (9600, 4800, 4800)


@pytest.mark.parametrize(
    "text",
    [
        "20250301",
        "01/03/2025",
        "2025年3月1日",
        "Sat Mar 01 00:00:00 CST 2025",
        "2025/3/1",
        "45717",
        "2025.03.01",
    ],
)
def test_v07_every_shape_of_a_date(county: County, home: Home, text: str) -> None:
    deliver(county, VISITS, visits(visit(1, JZSJ=text)))
    take(county, home)
    assert conformed(home, "his_op_visit")[0]["visit_time"] == datetime(2025, 3, 1)


@pytest.mark.parametrize("text", ["1900-01-01", "0001-01-01", "9999-12-31", "99991231"])
def test_v07_placeholder_dates(county: County, home: Home, text: str) -> None:
    deliver(county, VISITS, visits(visit(1, JZSJ=text)))
    deliver(county, PATIENTS, patients(patient(1, CSRQ=text)))
    take(county, home)
    take(county, home, "his_patient")
    assert quarantined(home) == [(2, "REQUIRED_MISSING", "visit_time")]
    assert conformed(home, "his_patient")[0]["birth_year"] is None
    assert rules(home)["PLACEHOLDER_DATE", "birth_date"] == 1


@pytest.mark.parametrize(("text", "rule"), [("2201-03-01", "DATE_OUT_OF_RANGE"), ("2015-03-01", "DATE_OUT_OF_RANGE"),
                                            ("2025-05-01", "DATE_OUT_OF_RANGE"), ("2025-02-30", "DATE_INVALID")])  # fmt: skip
def test_v07_a_date_beyond_reason_is_quarantined(county: County, home: Home, text: str, rule: str) -> None:
    deliver(county, VISITS, visits(visit(1, JZSJ=text), visit(2)))
    take(county, home)
    assert quarantined(home) == [(2, rule, "visit_time")]


def stay(**changes: str) -> str:
    cells = {"JGDM": TOWNSHIP, "ZYLSH": "ZY1", "HZBH": "P1", "RYRQ": "20250301", "RYXS": "15", "RYKS": "01",
             "CYSJ": "2025-03-09 10:00:00", "ZT": "2"}  # fmt: skip
    return ",".join(cells.keys()) + "\n" + ",".join((cells | changes).values()) + "\n"


def test_v08_date_and_hour_delivered_apart(county: County, home: Home) -> None:
    deliver(county, f"{TOWNSHIP}/{MONTH}/ZY_202503.csv", stay())
    take(county, home, "his_ip_stay")
    assert conformed(home, "his_ip_stay")[0]["admit_time"] == datetime(2025, 3, 1, 15)


def test_v08_an_hour_beyond_23(county: County, home: Home) -> None:
    deliver(county, f"{TOWNSHIP}/{MONTH}/ZY_202503.csv", stay(RYXS="25"))
    take(county, home, "his_ip_stay")
    assert quarantined(home) == [(2, "DATE_INVALID", "admit_time")]


# -- V09, V10, V11: people


@pytest.mark.parametrize(
    ("card", "birth", "status"),
    [
        ("11010519491231002X", "1949-12-31", "valid"),
        (" 11010519491231002x ", "1949-12-31", "valid"),
        ("110105491231002", "1949-12-31", "valid"),
        ("11010519491231002X", "1951-06-01", "valid"),
        ("11010519491231002X", "", "valid"),
        ("11010519491231002X", "2024-01-01", "not_own"),
        ("110105194912310021", "1949-12-31", "invalid"),
        ("111111111111111111", "1949-12-31", "invalid"),
        ("11010519491331002X", "1949-12-31", "invalid"),
        ("无", "1949-12-31", "invalid"),
        ("3.41204E+17", "1949-12-31", "invalid"),
        ("", "1949-12-31", "missing"),
    ],
)
def test_v09_identity_cards(county: County, home: Home, card: str, birth: str, status: str) -> None:
    deliver(county, PATIENTS, patients(patient(1, ZJHM=card, CSRQ=birth)))
    take(county, home, "his_patient")
    row = conformed(home, "his_patient")[0]
    assert row["id_card_status"] == status
    assert (row["id_card_key"] is not None) == (status == "valid")
    rule = {"invalid": "ID_CARD_INVALID", "not_own": "ID_CARD_NOT_OWN"}.get(status)
    assert rules(home) == ({(rule, "id_no"): 1} if rule else {})


def test_v09_15_and_18_digits_and_a_small_x_are_one_person(county: County, home: Home) -> None:
    forms = ["11010519491231002X", "11010519491231002x", "110105491231002", wide("11010519491231002X")]
    deliver(county, PATIENTS, patients(*(patient(n, ZJHM=form) for n, form in enumerate(forms))))
    take(county, home, "his_patient")
    assert len({row["id_card_key"] for row in conformed(home, "his_patient")}) == 1


def test_v09_another_document_is_not_an_invalid_card(county: County, home: Home) -> None:
    deliver(county, PATIENTS, patients(patient(1, ZJHM="E12345678", ZJLX="03")))
    take(county, home, "his_patient")
    assert conformed(home, "his_patient")[0]["id_card_status"] == "missing"
    assert rules(home) == {}


@pytest.mark.parametrize(
    ("text", "sex"), [("男", "1"), ("女", "2"), ("M", "1"), ("F", "2"), ("1", "1"), ("未知", "9")]
)
def test_v10_sex_by_the_vendors_dictionary(county: County, home: Home, text: str, sex: str) -> None:
    deliver(county, PATIENTS, patients(patient(1, XB=text)))
    take(county, home, "his_patient")
    assert conformed(home, "his_patient")[0]["gender"] == sex


def test_v10_an_unknown_code_of_a_nullable_column_is_nulled(county: County, home: Home) -> None:
    deliver(county, PATIENTS, patients(patient(1, XB="X")))
    take(county, home, "his_patient")
    assert conformed(home, "his_patient")[0]["gender"] is None
    assert rules(home) == {("CODE_NULLED", "gender"): 1}


@pytest.mark.parametrize(
    ("name", "is_test"),
    [("测试", True), ("张测试", True), ("Test01", True), ("TEST", True), ("李四2", True), ("婴儿A", True), ("演示患者", True),
     ("张三", False), ("张三1", False), ("李秀英", False), ("婴儿", False), ("无名氏", False)],
)  # fmt: skip
def test_v11_test_patients_are_marked_and_kept(county: County, home: Home, name: str, is_test: bool) -> None:
    deliver(county, PATIENTS, patients(patient(1, XM=name)))
    take(county, home, "his_patient")
    assert conformed(home, "his_patient")[0]["is_test"] is is_test
    assert rules(home) == ({("TEST_PATIENT", "name"): 1} if is_test else {})


# -- V12, V13, V14, V25, V26: rows and money


def test_v12_identical_lines_count_once_and_changed_ones_stay(county: County, home: Home) -> None:
    newer = visit(1, GXSJ="2025-03-05 09:00:00", ZDBM="I11.900")
    deliver(county, VISITS, visits(visit(1), visit(2), visit(1), newer, visit(1)))
    outcome = take(county, home)
    assert (outcome.delivered_rows, outcome.accepted_rows, outcome.duplicate_rows) == (5, 3, 2)
    assert [row["source_line"] for row in conformed(home, "his_op_visit")] == [2, 3, 5]
    assert rules(home) == {("DUPLICATE_ROW", ""): 2}


def test_a_running_number_outside_the_mapping_does_not_hide_a_duplicate(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1), visit(1, XH="2")))
    assert take(county, home).duplicate_rows == 1


FEES = f"{TOWNSHIP}/{MONTH}/FY_202503.csv"
FEE_HEADER = "LSH,LB,JZH,FSSJ,JZSJ,XMDM,XMMC,DL,SL,DJ,JE,YLSH,ZT"


def fee(number: int = 1, **changes: str) -> str:
    cells = {"LSH": f"F{number}", "LB": "1", "JZH": "MZ1", "FSSJ": "2025-03-01", "JZSJ": "2025-03-01", "XMDM": "X", "XMMC": "血常规",
             "DL": "04", "SL": "1", "DJ": "20", "JE": "20.00", "YLSH": "", "ZT": "1"}  # fmt: skip
    return ",".join((cells | changes).values())


def fees(*lines: str) -> str:
    return "\n".join([FEE_HEADER, *lines]) + "\n"


def test_v13_v14_reversals_are_negative_rows_that_net_out(county: County, home: Home) -> None:
    late = fee(2, JE="-20.00", SL="-1", YLSH="F1", ZT="3", FSSJ="2025-02-27", JZSJ="2025-03-02")
    deliver(county, FEES, fees(fee(1), late))
    outcome = take(county, home, "his_fee_detail")
    assert (outcome.accepted_rows, outcome.accepted_fen) == (2, 0)
    rows = conformed(home, "his_fee_detail")
    assert [row["amount"] for row in rows] == [2000, -2000]
    assert rows[1]["fee_time"] == datetime(2025, 2, 27), (
        "the month it belongs to stays beside the month it was booked"
    )


@pytest.mark.parametrize(
    ("text", "fen"), [("20", 2000), ("20.0050", 2001), ("20.123456", 2012), ("0.30000000000000004", 30)]
)
def test_v25_v26_yuan_become_fen_half_up_exactly(county: County, home: Home, text: str, fen: int) -> None:
    deliver(county, FEES, fees(fee(1, JE=text)))
    assert take(county, home, "his_fee_detail").accepted_fen == fen


def test_money_is_accounted_by_destination(county: County, home: Home) -> None:
    deliver(
        county,
        FEES,
        fees(fee(1), fee(1), fee(2, ZT="8", JE="3"), fee(3, JE="1.5"), "F9,1", fee(4, JE="十元")),
    )
    o = take(county, home, "his_fee_detail")
    assert (o.delivered_rows, o.accepted_rows, o.quarantined_rows, o.duplicate_rows) == (6, 2, 3, 1)
    assert (o.delivered_fen, o.accepted_fen, o.quarantined_fen, o.duplicate_fen) == (4450, 2150, 300, 2000)


# -- V17, V18, V19: cancelled events and codes pass as they are


def test_v17_v18_cancelled_visits_and_codes_of_any_edition_pass(county: County, home: Home) -> None:
    codes = ["I10", "I10.x00x002", "I10.x00", " I10 .x00 "]
    deliver(county, VISITS, visits(*(visit(n, ZDBM=code, ZT="2") for n, code in enumerate(codes, start=1))))
    assert take(county, home).accepted_rows == 4
    rows = conformed(home, "his_op_visit")
    assert [row["main_diag_code"] for row in rows] == ["I10", "I10.x00x002", "I10.x00", "I10.x00"]
    assert {row["main_diag_code"][:3] for row in rows} == {"I10"}


# -- V22, V23: reversed dictionaries and junk


def follow_up(way: str, adverse: str, sbp: str = "138") -> str:
    header = "编号,档案号,随访日期,方式,收缩压,不良反应,分类,医生,录入时间"
    return f"{header}\nSF1,34062110420300123,2025-03-05,{way},{sbp},{adverse},1,P000201,2025-03-05 20:11:00\n"


@pytest.mark.parametrize(("way", "contract_way"), [("0", "1"), ("1", "2"), ("2", "3"), ("3", "2")])
def test_v22_reversed_dictionaries_of_a_vendor(
    county: County, home: Home, way: str, contract_way: str
) -> None:
    deliver(county, f"{PLATFORM}/{MONTH}/SF_2.csv", follow_up(way, "1"), "utf-8-sig")
    take(county, home, "ph_followup_htn")
    row = conformed(home, "ph_followup_htn")[0]
    assert (row["fu_way"], row["adverse"]) == (contract_way, "2")


def test_v22_a_code_the_dictionary_lacks_is_not_guessed(county: County, home: Home) -> None:
    deliver(county, f"{PLATFORM}/{MONTH}/SF_2.csv", follow_up("面访", "1"))
    take(county, home, "ph_followup_htn")
    assert quarantined(home) == [(2, "VALUE_NOT_IN_SET", "fu_way")]


@pytest.mark.parametrize("text", ["138/86", "<140", "未查"])
def test_v32_text_in_a_measurement_loses_the_value_not_the_row(county: County, home: Home, text: str) -> None:
    deliver(county, f"{PLATFORM}/{MONTH}/SF_2.csv", follow_up("1", "2", text))
    assert take(county, home, "ph_followup_htn").accepted_rows == 1
    assert conformed(home, "ph_followup_htn")[0]["sbp"] is None
    assert rules(home) == {("VALUE_NULLED", "sbp"): 1}


def test_v23_junk_defaults_are_nulled_and_counted(county: County, home: Home) -> None:
    deliver(county, PATIENTS, patients(patient(1, MZ="1", LXDH="120"), patient(2)))
    take(county, home, "his_patient")
    assert [row["nation"] for row in conformed(home, "his_patient")] == [None, "01"]
    assert rules(home) == {("DEFAULT_VALUE", "nation"): 1, ("DEFAULT_VALUE", "phone"): 1}


# -- V27, V29: institutions


def test_v27_old_and_local_codes_are_translated_and_strangers_quarantined(county: County, home: Home) -> None:
    orgs = ["01", "OLD0001", VILLAGE, "H34062199999"]
    deliver(county, VISITS, visits(*(visit(n, JGDM=org) for n, org in enumerate(orgs, start=1))))
    take(county, home)
    assert [row["org_code"] for row in conformed(home, "his_op_visit")] == [TOWNSHIP, VILLAGE]
    of_another = (3, "INSTITUTION_OF_ANOTHER", "org_code")
    assert quarantined(home) == [of_another, (5, "UNKNOWN_INSTITUTION", "org_code")]


# -- V33: damaged lines


def test_v33_damaged_lines_lose_themselves_only(county: County, home: Home) -> None:
    lines = [
        visit(1, ZDMC='"高血压'),
        visit(2),
        visit(3)[:40],
        visit(4, ZDMC='"高血压\n2级"'),
        visit(5) + ",,",
        visit(6),
    ]
    deliver(county, VISITS, visits(*lines))
    outcome = take(county, home)
    assert [row["source_line"] for row in conformed(home, "his_op_visit")] == [3, 5, 8]
    assert quarantined(home) == [(2, "RAGGED_ROW", None), (4, "RAGGED_ROW", None), (7, "RAGGED_ROW", None)]
    assert (outcome.delivered_rows, outcome.quarantined_rows) == (6, 3)


def test_v33_too_many_damaged_lines_refuse_the_file(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(*(visit(n) for n in range(1, 300)), *["x,y"] * 6))
    outcome = take(county, home)
    assert outcome.refusal.code == "TOO_MANY_DAMAGED_LINES"
    assert "第 301、302、303、304、305 行" in outcome.refusal.message_zh


def test_v33_the_limit_is_a_share(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(*(visit(n) for n in range(1, 700)), *["x,y"] * 6))
    assert take(county, home).quarantined_rows == 6


def test_a_truncated_file_loses_its_last_line(county: County, home: Home) -> None:
    text = visits(visit(1), visit(2), visit(3))
    deliver(county, VISITS, text[: text.rindex("P000201")])
    outcome = take(county, home)
    assert (outcome.accepted_rows, quarantined(home)) == (2, [(4, "RAGGED_ROW", None)])


def test_nul_bytes(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1), visit(2, ZDMC="高\x00压")))
    take(county, home)
    assert quarantined(home) == [(3, "RAGGED_ROW", None)]


def test_an_empty_file_is_refused_and_a_header_alone_is_not(county: County, home: Home) -> None:
    deliver(county, VISITS, b"")
    assert take(county, home).refusal.code == "EMPTY_FILE"
    deliver(county, VISITS, visits())
    outcome = take(county, home)
    assert (outcome.status, outcome.delivered_rows) == ("conformed", 0)


@pytest.mark.parametrize("text", ["[]", "<data><rows></rows></data>", "<r><v/><v/></r>"])
def test_no_rows_where_names_stand_in_rows_are_a_delivery_of_nothing(
    county: County, home: Home, text: str
) -> None:
    deliver(county, VISITS, text)
    outcome = take(county, home)
    assert (outcome.status, outcome.delivered_rows) == ("conformed", 0)
    assert conformed(home, "his_op_visit") == []


def test_objects_without_names_are_not_nothing(county: County, home: Home) -> None:
    deliver(county, VISITS, "[{}, {}]")
    assert take(county, home).refusal.code == "JSON_NO_TABLE"


# -- V35: control totals


def control(rows: int, amount: str = "") -> str:
    return f"file,sheet,rows,amount_yuan\nFY_202503.csv,,{rows},{amount}\n"


@pytest.mark.parametrize(
    ("rows", "amount", "code"),
    [(2, "40.00", None), (2, "", None), (3, "40.00", "CONTROL_TOTAL_MISMATCH"), (2, "40.01", "CONTROL_TOTAL_MISMATCH"),
     (2, "四十", "CONTROL_UNREADABLE")],
)  # fmt: skip
def test_v35_control_totals(county: County, home: Home, rows: int, amount: str, code: str | None) -> None:
    deliver(county, FEES, fees(fee(1), fee(2)))
    deliver(county, f"{TOWNSHIP}/{MONTH}/control.csv", control(rows, amount), "utf-8-sig")
    refusal = take(county, home, "his_fee_detail").refusal
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize("name", ["fy_202503.CSV", f"{TOWNSHIP}\\{MONTH}\\FY_202503.csv", "./FY_202503.csv"])
@pytest.mark.parametrize("file", ["control.csv", "CONTROL.CSV"])
def test_v35_names_are_read_as_the_sender_writes_them(
    county: County, home: Home, name: str, file: str
) -> None:
    deliver(county, FEES, fees(fee(1), fee(2)))
    text = control(9).replace("FY_202503.csv", name)
    deliver(county, f"{TOWNSHIP}/{MONTH}/{file}", text)
    outcome = take(county, home, "his_fee_detail")
    assert outcome.refusal is not None and outcome.refusal.code == "CONTROL_TOTAL_MISMATCH"
    assert unmatched_totals(county) == [] == unclaimed_files(county)


def test_v35_lines_that_contradict_each_other_are_no_control(county: County, home: Home) -> None:
    deliver(county, FEES, fees(fee(1), fee(2)))
    deliver(county, f"{TOWNSHIP}/{MONTH}/control.csv", control(2) + control(3).splitlines()[1] + "\n")
    outcome = take(county, home, "his_fee_detail")
    assert outcome.refusal is not None and outcome.refusal.code == "CONTROL_UNREADABLE"


def test_v35_a_total_of_a_file_that_is_not_there_is_told(county: County) -> None:
    deliver(county, FEES, fees(fee(1)))
    there = f"{TOWNSHIP}/{MONTH}/control.csv"
    deliver(county, there, control(1) + control(5).replace("FY_202503", "FY_202503_2").splitlines()[1] + "\n")
    deliver(county, f"{TOWNSHIP}/2025-02/control.csv", control(1))
    deliver(county, f"{TOWNSHIP}/control.csv", control(1))
    february, march = f"{TOWNSHIP}/2025-02/control.csv:2 FY_202503.csv", f"{there}:3 FY_202503_2.csv"
    assert unmatched_totals(county) == [february, march]
    assert unmatched_totals(county, [MONTH]) == [march]
    assert check_delivery(county, TOWNSHIP, MONTH).totals_of_nothing == (march,)
    assert unclaimed_files(county) == [f"{TOWNSHIP}/control.csv"]


def test_v35_a_control_file_that_does_not_name_the_file_is_no_control(county: County, home: Home) -> None:
    deliver(county, FEES, fees(fee(1)))
    text = control(9).replace("FY_202503.csv", "other.csv")
    deliver(county, f"{TOWNSHIP}/{MONTH}/control.csv", text)
    assert take(county, home, "his_fee_detail").status == "conformed"


# -- types and lengths


def test_the_remaining_rules(county: County, home: Home) -> None:
    lines = [visit(1, KSDM=""), visit(2, KSDM="0" * 21), visit(3, LGXS="1" * 30), visit(4, ZDMC="病" * 101)]
    deliver(county, VISITS, visits(*lines))
    take(county, home)
    assert quarantined(home) == [(2, "REQUIRED_MISSING", "dept_code"), (3, "LENGTH_EXCEEDED", "dept_code")]
    rows = conformed(home, "his_op_visit")
    assert (rows[0]["obs_hours"], rows[1]["main_diag_name"]) == (None, None), "what may be lost is lost alone"


def test_a_row_with_two_faults_has_two_reasons_and_counts_once(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1, ZT="8", JZLX="8")))
    outcome = take(county, home)
    assert outcome.quarantined_rows == 1
    assert quarantined(home) == [(2, "VALUE_NOT_IN_SET", "status"), (2, "VALUE_NOT_IN_SET", "visit_type")]


def test_insured_month_and_a_pattern_without_institution(county: County, home: Home) -> None:
    text = "psn_no\tinsutype\tym\tadmdvs\n340000001\t390\t202503\t340621\n340000002\t390\tx\t340621\n"
    deliver(county, f"{BUREAU}/{MONTH}/insured.txt", text)
    take(county, home, "si_insured")
    assert [row["insured_month"] for row in conformed(home, "si_insured")] == ["2025-03"]
    assert quarantined(home) == [(3, "DATE_INVALID", "month")]


def test_technical_columns_come_from_the_mapping(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1, CZBZ="u"), visit(2, CZBZ="?", GXSJ="")))
    take(county, home)
    rows = [(row["op_flag"], row["src_update_ts"]) for row in conformed(home, "his_op_visit")]
    assert rows == [("U", datetime(2025, 3, 1, 9))]
    assert quarantined(home) == [(3, "OPERATION_UNKNOWN", "op_flag")]


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_every_rule_says_in_two_languages_what_it_is(rule_id: str) -> None:
    said = message(rule_id, None)
    assert said.zh and said.en
    assert disposition(rule_id) in ("quarantined", "nulled", "marked", "duplicate")
