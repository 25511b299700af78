"""Vendor differences that concern whole rows, codes and clocks (V09–V40), each as a file a vendor would send."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from sources.base.home import Home
from sources.conforming import values
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.ingest import BatchOutcome, ingest_feed
from tests.sources.making import (
    HOSPITAL,
    MONTH,
    TOWNSHIP,
    VILLAGE,
    conformed,
    deliver,
    quarantined,
    rules,
    visit,
    visits,
    with_mapping,
)


def simple(feed: str, **more: str) -> str:
    """A mapping of a feed whose required columns stand under their own names; `more` replaces single entries."""
    contract = load_contracts()[feed]
    entries = {column.name: column.name for column in contract.columns if column.required} | more
    lines = "".join(f"      {name}: {said}\n" for name, said in entries.items())
    return f'  {feed}:\n    file: "{{institution}}/{{month}}/F.csv"\n    columns:\n{lines}'


def take(county: County, home: Home, feed: str, text: str) -> BatchOutcome:
    deliver(county, f"{TOWNSHIP}/{MONTH}/F.csv", text)
    (outcome,) = ingest_feed(county, home, feed, [MONTH])
    return outcome


# -- V10: the sex column against the identity card


@pytest.mark.parametrize(
    ("card", "sex", "marked"),
    [("11010519491231002X", "女", False), ("11010519491231002X", "男", True), ("110105194912310011", "男", False), ("", "男", False)],
)  # fmt: skip
def test_v10_sex_and_identity_card(county: County, home: Home, card: str, sex: str, marked: bool) -> None:
    if card.endswith("0011"):
        card = card[:17] + str(check_of(card[:17]))
    header = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ"
    text = f"{header}\n{TOWNSHIP},P1,某某,01,{card},{sex},1949-12-31\n"
    deliver(county, f"{TOWNSHIP}/{MONTH}/HZ_202503.csv", text)
    ingest_feed(county, home, "his_patient", [MONTH])
    found = {rule for rule, _ in rules(home)} & {"SEX_NOT_AS_ID_CARD"}
    assert found == ({"SEX_NOT_AS_ID_CARD"} if marked else set())
    assert conformed(home, "his_patient")[0]["gender"] == {"男": "1", "女": "2"}[sex], "kept as delivered"


def check_of(body: str) -> str:
    weights = [2**power % 11 for power in range(17, 0, -1)]
    return "10X98765432"[sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11]


# -- V15, V24: settlements


SETTLEMENT = {
    "setl_id": "S1", "mdtrt_id": "M1", "fixmedins_code": TOWNSHIP, "psn_no": "34000000000123456789", "insutype": "390",
    "med_type": "21", "insu_admdvs": "340621", "mdtrt_admdvs": "340621", "setl_time": "2025-03-05 10:00:00",
    "medfee_sumamt": "100.00", "refd_setl_flag": "0",
}  # fmt: skip


def settlement(**changes: str) -> dict[str, str]:
    names = [column.name for column in load_contracts()["si_settlement"].columns if column.required]
    return {name: (SETTLEMENT | changes).get(name, "0") for name in names}


def test_v15_several_settlements_of_one_stay_are_several_rows(county: County, home: Home) -> None:
    county = with_mapping(county, simple("si_settlement"))
    rows = [
        settlement(setl_id="S1", setl_time="2025-03-01"),
        settlement(setl_id="S2", setl_time="2025-03-31"),
    ]
    text = "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"
    assert take(county, home, "si_settlement", text).accepted_fen == 20000
    assert {row["mdtrt_id"] for row in conformed(home, "si_settlement")} == {"M1"}


def test_v24_what_the_insurer_would_refuse_is_said_before(county: County, home: Home) -> None:
    county = with_mapping(county, simple("si_settle_oper"))
    names = [column.name for column in load_contracts()["si_settle_oper"].columns if column.required]
    cells = {
        "setl_id": "S1",
        "seq": "1",
        "oprn_oprt_type": "1",
        "oprn_oprt_code": "88.4100",
        "oprn_oprt_name": "造影",
    }
    good = [cells.get(name, "2025-03-05 10:00:00") for name in names]
    bad = [
        "" if name in ("oprn_oprt_code", "oper_dr_code") else cell
        for name, cell in zip(names, good, strict=True)
    ]
    outcome = take(
        county,
        home,
        "si_settle_oper",
        "\n".join([",".join(names), ",".join(good), ",".join(good), ",".join(bad)]) + "\n",
    )
    assert (outcome.accepted_rows, outcome.duplicate_rows, outcome.quarantined_rows) == (1, 1, 1)
    missing = {column for line, rule, column in quarantined(home) if rule == "REQUIRED_MISSING"}
    assert missing == {"oprn_oprt_code"} | ({"oper_dr_code"} & set(names))


# -- V18, V19: editions and blanks of codes


def test_v18_the_declared_edition_stands_beside_every_code(county: County, home: Home) -> None:
    head = "code_systems: {diagnosis: GLB2.0}\n"
    county = with_mapping(county, simple("his_op_diag", map_status='{const: "1"}'), head)
    take(county, home, "his_op_diag", "visit_id,seq,diag_code,diag_name\nM1,0,I10.x00x002,高血压\n")
    assert [row["code_ver"] for row in conformed(home, "his_op_diag")] == ["GLB2.0"]


def test_v18_a_delivered_edition_is_held_against_the_declared_one(county: County, home: Home) -> None:
    head = "code_systems: {diagnosis: GLB2.0}\n"
    county = with_mapping(
        county, simple("his_op_diag", map_status='{const: "1"}', diag_code="diag_code", code_ver="BB"), head
    )
    take(
        county,
        home,
        "his_op_diag",
        "visit_id,seq,diag_code,diag_name,BB\nM1,0,I10,高血压,YB2.0\nM2,0,I10,高血压,\n",
    )
    assert [row["code_ver"] for row in conformed(home, "his_op_diag")] == ["YB2.0", "GLB2.0"]
    assert rules(home) == {("CODE_SYSTEM_DIFFERS", "code_ver"): 1}


def test_v19_blanks_inside_a_procedure_code_are_dropped(county: County, home: Home) -> None:
    county = with_mapping(county, simple("his_mr_oper"))
    take(
        county,
        home,
        "his_mr_oper",
        "visit_id,seq,oper_code,oper_name,oper_date\nZ1,1, 88.41 00 ,造影,2025-03-02\n",
    )
    assert [row["oper_code"] for row in conformed(home, "his_mr_oper")] == ["88.4100"]


# -- V28, V29: people of several numbers, rows typed for somebody else


def test_v28_several_numbers_of_one_doctor_become_one(county: County, home: Home) -> None:
    head = 'dictionaries:\n  staff: {"00817": P000123, A03: P000123, other: keep}\n'
    feeds = simple("his_op_diag", map_status='{const: "1"}', diag_code="{from: YSGH, dictionary: staff}")
    county = with_mapping(county, feeds, head)
    take(county, home, "his_op_diag", "visit_id,seq,YSGH,diag_name\nM1,0,00817,x\nM2,0,A03,x\nM3,0,B9,x\n")
    assert [row["diag_code"] for row in conformed(home, "his_op_diag")] == ["P000123", "P000123", "B9"]


def test_v29_who_served_and_who_delivered_stay_apart(county: County, home: Home) -> None:
    deliver(
        county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1, JGDM=VILLAGE), visit(2, JGDM=TOWNSHIP))
    )
    (outcome,) = ingest_feed(county, home, "his_op_visit", [MONTH])
    assert outcome.institution_id == TOWNSHIP
    assert [row["org_code"] for row in conformed(home, "his_op_visit")] == [VILLAGE, TOWNSHIP]


# -- V32: text in measurements


@pytest.mark.parametrize(
    ("text", "number"), [("5.6", "5.6"), ("<5", None), ("阴性", None), ("未查", None), ("1:80", None)]
)
def test_v32_a_result_keeps_its_words_beside_the_number(
    county: County, home: Home, text: str, number: str | None
) -> None:
    county = with_mapping(county, simple("his_lab_result", result_num="result_text"))
    take(county, home, "his_lab_result", f"report_id,item_code,item_name,result_text\nR1,X,某项,{text}\n")
    (row,) = conformed(home, "his_lab_result")
    assert (row["result_text"], row["result_num"]) == (text, None if number is None else Decimal(number))


# -- V36, V37: cut off texts, clocks that disagree


def test_v36_text_that_ends_where_the_field_ends_is_counted(county: County, home: Home) -> None:
    feeds = simple(
        "his_op_diag", map_status='{const: "1"}', diag_code="C", diag_name="{from: diag_name, cut_at: 6}"
    )
    county = with_mapping(county, feeds)
    take(
        county,
        home,
        "his_op_diag",
        "visit_id,seq,C,diag_name\nM1,0,I10,原发性高血压\nM2,0,I10,高血压\n",
    )
    assert rules(home) == {("TEXT_CUT_OFF", "diag_name"): 1}
    assert conformed(home, "his_op_diag")[0]["diag_name"] == "原发性高血压"


@pytest.mark.parametrize(("out", "marked"), [("2025-03-09", False), ("2025-03-01 07:00", True), ("", False)])
def test_v37_a_step_before_the_one_that_precedes_it_is_marked(
    county: County, home: Home, out: str, marked: bool
) -> None:
    header = "JGDM,ZYLSH,HZBH,RYRQ,RYXS,RYKS,CYSJ,ZT"
    text = f"{header}\n{TOWNSHIP},Z1,P1,20250301,15,01,{out},2\n"
    deliver(county, f"{TOWNSHIP}/{MONTH}/ZY_202503.csv", text)
    ingest_feed(county, home, "his_ip_stay", [MONTH])
    assert rules(home) == ({("TIME_REVERSED", "discharge_time"): 1} if marked else {})
    (row,) = conformed(home, "his_ip_stay")
    assert row["discharge_time"] == (datetime.fromisoformat(out) if out else None), "kept as delivered"


# -- the samples of feeds.md §2


@pytest.mark.parametrize(
    ("expression", "text", "meant"),
    [
        (values.timestamp("t"), "45658", datetime(2025, 1, 1)),
        (values.with_hour(values.timestamp("t"), "'15'"), "20250301", datetime(2025, 3, 1, 15)),
        (values.money("t", "yuan"), "-20.00", -2000),
        (values.money("t", "wanyuan"), "12.345678", 12345678),
        (values.lost_digits("t"), "3.41204E+17", True),
        (values.timestamp("t"), "01-MAR-25", datetime(2025, 3, 1)),
        (values.timestamp("t"), "01-3月 -25", datetime(2025, 3, 1)),
        (values.timestamp("t"), "Mar  1 2025  3:00PM", datetime(2025, 3, 1, 15)),
        (values.timestamp("t"), "2025-03-01 下午 3:20:00", datetime(2025, 3, 1, 15, 20)),
        (values.timestamp("t"), "1740787200000", datetime(2025, 3, 1, 8)),
        (values.timestamp("t"), "1740787200", datetime(2025, 3, 1, 8)),
    ],
)
def test_samples_of_the_specification(expression: str, text: str, meant: object) -> None:
    from tests.sources.conforming.test_values import value

    assert value(expression, text) == meant


def test_sample_default_values_are_junk(county: County, home: Home) -> None:
    """“亲人”/120/中国, and a bill code that only repeats the visit."""
    head = 'junk:\n  diag_name: ["亲人", "/^(.)$/"]\n  diag_code_nhsa: ["=visit_id"]\n'
    feeds = simple("his_op_diag", map_status='{const: "1"}', diag_name="N", diag_code_nhsa="B")
    county = with_mapping(county, feeds, head)
    outcome = take(
        county,
        home,
        "his_op_diag",
        "visit_id,seq,diag_code,N,B\nM1,0,I10,亲人,x\nM2,0,I10,高血压,M2\nM3,0,I10,。,x\n",
    )
    assert (outcome.accepted_rows, outcome.quarantined_rows) == (1, 2)
    assert conformed(home, "his_op_diag")[0]["diag_code_nhsa"] is None
    assert rules(home)["DEFAULT_VALUE", "diag_code_nhsa"] == 1
    assert HOSPITAL not in str(quarantined(home))
