"""Every word of the mapping language does what docs/add-a-member.md says, from a delivered file to conformed rows."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

import pytest

from sources.base.home import Home
from sources.county.county import County, CountyError
from sources.ingest import BatchOutcome, ingest_feed
from sources.onboarding.trial import check_delivery
from tests.sources.making import MONTH, TOWNSHIP, conformed, deliver, quarantined, rules, with_mapping

FOLLOW_UP = """\
  ph_followup_htn:
    file: "{institution}/{month}/SF.csv"
    columns:
      fu_id: {const: "1"}
      ehr_no: {const: "34062110420300123"}
      fu_date: {const: "2025-03-05"}
      fu_way: {const: "2"}
      fu_class: {const: "1"}
      staff_id: {const: "P1"}
      created_at: {const: "2025-03-05 20:00:00"}
"""


def take(county: County, home: Home, feed: str) -> BatchOutcome:
    (outcome,) = ingest_feed(county, home, feed, [MONTH])
    return outcome


def follow_up(county: County, home: Home, columns: str, text: str, head: str = "") -> dict:
    """The one conformed follow-up made of these columns (replacing constants of the same name) and this file."""
    named = {line.split(":")[0].strip() for line in columns.splitlines()}
    kept = [line for line in FOLLOW_UP.splitlines() if line.split(":")[0].strip() not in named]
    feeds = "\n".join([*kept, *(f"      {line.strip()}" for line in columns.splitlines())]) + "\n"
    county = with_mapping(county, feeds, head)
    deliver(county, f"{TOWNSHIP}/{MONTH}/SF.csv", text)
    take(county, home, "ph_followup_htn")
    rows = conformed(home, "ph_followup_htn")
    return rows[0] if rows else {}


@pytest.mark.parametrize(
    ("columns", "text", "expected"),
    [
        ('sbp: {from: 血压, split: "/", part: 1}\ndbp: {from: 血压, split: "/", part: 2}', "血压\n138/86\n", (138, 86)),
        ("sbp: {from: 血压, extract: '^(\\d+)'}\ndbp: {from: 血压, extract: '(\\d+)mmHg$'}", "血压\n138-86mmHg\n", (138, 86)),
        ("sbp: {from: 血压, extract: '[((](\\d+)[))]'}\ndbp: {from: 血压, extract: '\\((?:低)(\\d+)\\)'}", "血压\n(138)(低86)\n", (138, 86)),
        ("sbp: {from: 高压, replace: {mmHg: \"\"}}\ndbp: {first_of: [低压, 舒张压]}", "高压,舒张压\n138mmHg,86\n", (138, 86)),
        ("sbp: {first_of: [A, B]}\ndbp: {first_of: [B, A]}", "A,B\n,86\n", (86, 86)),
        ('sbp: {from: A, null_values: ["/"]}\ndbp: B', "A,B\n/,86\n", (None, 86)),
    ],
)  # fmt: skip
def test_parts_of_a_text(
    county: County, home: Home, columns: str, text: str, expected: tuple[int | None, int]
) -> None:
    row = follow_up(county, home, columns, text)
    assert (row["sbp"], row["dbp"]) == expected
    assert rules(home) == {}


def test_a_part_that_is_not_there_is_counted_and_not_guessed(county: County, home: Home) -> None:
    row = follow_up(county, home, 'sbp: {from: 血压, split: "/", part: 1}', "血压\n138\n")
    assert row["sbp"] is None
    assert rules(home) == {("VALUE_NULLED", "sbp"): 1}


def test_a_required_part_that_is_not_there_quarantines_the_row(county: County, home: Home) -> None:
    follow_up(county, home, "staff_id: {from: 医生, extract: '\\((\\w+)\\)'}", "医生\n某某\n")
    assert quarantined(home) == [(2, "PART_NOT_FOUND", "staff_id")]


def test_factor_turns_metres_into_centimetres_exactly(county: County, home: Home) -> None:
    row = follow_up(county, home, "height: {from: 身高米, factor: 100}", "身高米\n1.685\n")
    assert row["height"] == Decimal("168.5")


@pytest.mark.parametrize(
    ("dictionary", "delivered", "way", "rule"),
    [
        ("{面访: 2, 电话: 3}", "面访", "2", None),
        ("{面访: 2, 电话: 3}", "2", "2", None),
        ("{面访: 2, 电话: 3}", "1", None, "DICTIONARY_GAP"),
        ("{面访: 2, 电话: 3}", "视频", None, "VALUE_NOT_IN_SET"),
        ('{"0": 1, "1": 2}', "2", None, "DICTIONARY_GAP"),
        ("{面访: 2, other: 3}", "视频", "3", None),
        ("{面访: 2, other: null}", "视频", None, "REQUIRED_MISSING"),
        ("{面访: 2, other: keep}", "1", "1", None),
    ],
)
def test_a_dictionary_never_guesses(
    county: County, home: Home, dictionary: str, delivered: str, way: str | None, rule: str | None
) -> None:
    head = f"dictionaries:\n  way: {dictionary}\n"
    row = follow_up(county, home, "fu_way: {from: 方式, dictionary: way}", f"方式\n{delivered}\n", head)
    assert row.get("fu_way") == way
    assert rules(home) == ({(rule, "fu_way"): 1} if rule else {})


def test_an_unknown_code_of_a_nullable_column_is_emptied_and_counted(county: County, home: Home) -> None:
    head = "dictionaries:\n  adverse: {无: 1, 有: 2, other: null}\n"
    row = follow_up(county, home, "adverse: {from: 反应, dictionary: adverse}", "反应\n不详\n", head)
    assert (row["adverse"], rules(home)) == (None, {("VALUE_NULLED", "adverse"): 1})


def test_headers_of_other_years_stand_for_the_one_that_is_mapped(county: County, home: Home) -> None:
    head = "aliases: {收缩压: [SSY, 高压]}\n"
    row = follow_up(county, home, "sbp: 收缩压", "高压\n138\n", head)
    assert (row["sbp"], rules(home)) == (138, {})


@pytest.mark.parametrize(
    ("zone", "text", "moment"),
    [("UTC", "2025-03-05 12:00:00", datetime(2025, 3, 5, 20)), ("UTC", "2025-03-05T12:00:00Z", datetime(2025, 3, 5, 20)),
     ("UTC", "2025-03-05", datetime(2025, 3, 5)), ("Asia/Shanghai", "2025-03-05 12:00:00", datetime(2025, 3, 5, 12)),
     ("UTC", "20250305120000", datetime(2025, 3, 5, 20))],
)  # fmt: skip
def test_v40_a_vendor_that_keeps_utc(
    county: County, home: Home, zone: str, text: str, moment: datetime
) -> None:
    row = follow_up(county, home, "created_at: 时间", f"时间\n{text}\n", f"timezone: {zone}\n")
    assert row["created_at"] == moment


SHARED = """\
  his_op_diag:
    file: "{institution}/{month}/ZD.csv"
    select: {类别: [门诊, ""]}
    columns: {visit_id: 流水号, seq: 序号, diag_code: 编码, diag_name: 名称, map_status: {const: "1"}}
  his_mr_diag:
    file: "{institution}/{month}/ZD.csv"
    select: {类别: 住院}
    columns: {visit_id: 流水号, seq: 序号, diag_code: 编码, diag_name: 名称, map_status: {const: "1"}}
"""


def test_one_file_for_two_feeds_loses_no_row(county: County, home: Home) -> None:
    county = with_mapping(county, SHARED)
    lines = [
        "类别,流水号,序号,编码,名称",
        "门诊,M1,0,I10,高血压",
        "住院,Z1,0,I63,脑梗死",
        ",M2,0,J06,感冒",
    ]
    deliver(county, f"{TOWNSHIP}/{MONTH}/ZD.csv", "\n".join(lines) + "\n")
    outpatient, inpatient = take(county, home, "his_op_diag"), take(county, home, "his_mr_diag")
    assert [row["visit_id"] for row in conformed(home, "his_op_diag")] == ["M1", "M2"]
    assert [row["visit_id"] for row in conformed(home, "his_mr_diag")] == ["Z1"]
    assert (outpatient.delivered_rows, outpatient.accepted_rows, inpatient.delivered_rows) == (2, 2, 1)
    assert rules(home) == {("ROW_OF_ANOTHER_FEED", ""): 2}


def test_a_row_that_no_feed_selects_is_quarantined_once(county: County, home: Home) -> None:
    county = with_mapping(county, SHARED)
    lines = ["类别,流水号,序号,编码,名称", "门诊,M1,0,I10,高血压", "家床,J1,0,I10,高血压", "住院,Z1"]
    deliver(county, f"{TOWNSHIP}/{MONTH}/ZD.csv", "\n".join(lines) + "\n")
    outcomes = [take(county, home, feed) for feed in ("his_mr_diag", "his_op_diag")]
    assert [(o.delivered_rows, o.accepted_rows, o.quarantined_rows) for o in outcomes] == [
        (2, 0, 2),
        (1, 1, 0),
    ]
    assert quarantined(home) == [(3, "ROW_NOT_SELECTED", "visit_id"), (4, "RAGGED_ROW", None)]


WIDE = """\
  si_insured:
    file: "{institution}/{month}/CB.csv"
    columns: {psn_no: 个人编号, month: {const: "2025-03"}, insu_admdvs: {const: "340621"}}
    repeat:
      keep_when: psn_type
      first_always: false
      blocks:
        - {insutype: {const: "310"}, psn_type: 职工身份}
        - {insutype: {const: "390"}, psn_type: 居民身份}
"""


def test_a_block_may_hold_a_constant(county: County, home: Home) -> None:
    """What the header of a wide sheet means stands in every row of its block."""
    county = with_mapping(county, WIDE)
    deliver(county, f"{TOWNSHIP}/{MONTH}/CB.csv", "个人编号,职工身份,居民身份\nA,,15\nB,11,\n")
    take(county, home, "si_insured")
    rows = [
        (row["insurance_key"] is not None, row["insutype"], row["psn_type"])
        for row in conformed(home, "si_insured")
    ]
    assert rows == [(True, "390", "15"), (True, "310", "11")]


DIAGNOSES = """\
  his_mr_diag:
    file: "{institution}/{month}/BASY.csv"
    columns: {visit_id: ZYH, map_status: {const: "1"}, diag_name: {const: "?"}, diag_code: {null_values: ["/"]}}
    repeat:
      into: seq
      keep_when: diag_code
      blocks:
        - {diag_code: ZD}
        - {n: [1, 3], diag_code: "ZD{n:02}"}
"""


def test_zero_padded_numbers_and_one_reading_of_nothing(county: County, home: Home) -> None:
    county = with_mapping(county, DIAGNOSES, 'null_values: ["NULL", "-"]\njunk: {diag_code: ["无"]}\n')
    deliver(
        county, f"{TOWNSHIP}/{MONTH}/BASY.csv", "ZYH,ZD,ZD01,ZD02,ZD03\nA,I10,J00, - ,无\nB,-,/,NULL,K29\n"
    )
    take(county, home, "his_mr_diag")
    rows = [(row["visit_id"], row["seq"], row["diag_code"]) for row in conformed(home, "his_mr_diag")]
    assert rows == [("A", 0, "I10"), ("A", 1, "J00"), ("B", 3, "K29")]
    assert quarantined(home) == [(3, "REQUIRED_MISSING", "diag_code")]


def test_a_block_without_headers_is_told(county: County, home: Home) -> None:
    county = with_mapping(county, DIAGNOSES.replace("{n:02}", "_{n}"))
    deliver(county, f"{TOWNSHIP}/{MONTH}/BASY.csv", "ZYH,ZD,ZD01,ZD02\nA,I10,J00,\n")
    take(county, home, "his_mr_diag")
    assert rules(home)["BLOCK_ABSENT", "ZD_1"] == 1
    assert not check_delivery(county, TOWNSHIP, MONTH).is_clean


@pytest.mark.parametrize(
    ("block", "said"),
    [('{diag_code: "ZD{n}"}', "n: [1, 15]"), ('{n: [1, 3], diag_code: "ZD{nn}"}', "{n:02}")],
)
def test_a_number_that_would_stay_text_is_a_problem(county: County, block: str, said: str) -> None:
    with pytest.raises(CountyError, match=re.escape(said)):
        with_mapping(county, DIAGNOSES.replace('{n: [1, 3], diag_code: "ZD{n:02}"}', block))


def test_problems_name_file_line_and_how_to_mend(county: County) -> None:
    feeds = FOLLOW_UP.replace('fu_way: {const: "2"}', "fu_way: {from: 方式, dictionary: wey}")
    feeds = feeds.replace('staff_id: {const: "P1"}', "staff_id: {dictionary: way}")
    feeds += "      sbp: {from: A, money_unit: fen}\n      blood: B\n      dbp: {from: A, extract: '\\d+'}\n"
    with pytest.raises(CountyError) as caught:
        with_mapping(county, feeds, 'dictionaries:\n  way: {面访: 7}\njunk:\n  phone: ["=fonee"]\n')
    said = str(caught.value)
    assert "mappings/own.yml:" in said and "(group)" in said
    with pytest.raises(CountyError) as caught:
        with_mapping(county, feeds.replace("'\\d+'", "'(\\d+)'"), "dictionaries:\n  way: {面访: 7}\n")
    said = str(caught.value)
    assert "mappings/own.yml:14: 没有字典 wey,是否 way?" in said
    assert "没有列 blood" in said and "sbp 不是金额列" in said
    assert "要写 from、first_of、expression 或 const" in said
