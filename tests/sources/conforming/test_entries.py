"""A list that has somebody twice: versions of one entry where the lines agree on who it is, set apart where they do not.

Through the front door: files in the inbox and databases, in one piece and in many, rows of the outcome, marks, quarantine.
"""

from __future__ import annotations

import numpy as np
import pytest

from sources.base.home import Home
from sources.conforming.entries import Stated
from sources.conforming.rules import ENTRY_REPEATED, KEY_REUSED
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.ingest import BatchOutcome, ingest_feed
from sources.onboarding.trial import check_delivery
from tests.sources.making import (
    BUREAU,
    MONTH,
    TOWNSHIP,
    conformed,
    deliver,
    in_small_chunks,
    quarantined,
    rules,
    with_mapping,
)

PATIENTS = f"{TOWNSHIP}/{MONTH}/HZ_202503.csv"
HEADER = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH"
CARD, OTHER_CARD = "340621194912310011", "340621196005050024"


@pytest.fixture(params=["in one piece", "in many pieces"])
def either(request: pytest.FixtureRequest, county: County) -> County:
    return county if request.param == "in one piece" else in_small_chunks(county)


def patient(**changes: str) -> str:
    cells = {
        "JGDM": TOWNSHIP,
        "HZBH": "P1",
        "XM": "张三",
        "ZJLX": "01",
        "ZJHM": "",
        "XB": "1",
        "CSRQ": "1949-12-31",
        "MZ": "",
        "LXDH": "13900000001",
        "YBBH": "",
    }
    return ",".join((cells | changes).values())


def take(county: County, home: Home, *lines: str) -> BatchOutcome:
    """The outcome of patients listed so, many others between the lines."""
    others = [patient(HZBH=f"Q{number}", XM=f"李{number}") for number in range(20)]
    deliver(county, PATIENTS, "\n".join([HEADER, lines[0], *others, *lines[1:]]) + "\n")
    (outcome,) = ingest_feed(county, home, "his_patient", [MONTH])
    return outcome


@pytest.mark.parametrize(
    "second",
    [
        {"LXDH": "13900000002"},
        {"XM": "张 三", "CSRQ": "19491231", "LXDH": "1"},
        {"XB": "9", "LXDH": "2"},
        {"CSRQ": "", "XB": ""},
        {"ZJHM": CARD},
        {"CSRQ": "1900-01-01"},
    ],
    ids=[
        "telephone",
        "written otherwise",
        "sex not stated",
        "nothing but the name",
        "card added",
        "placeholder",
    ],
)
def test_one_patient_listed_twice_is_one_entry(either: County, home: Home, second: dict[str, str]) -> None:
    outcome = take(either, home, patient(), patient(**second))
    assert (outcome.accepted_rows, outcome.quarantined_rows, outcome.duplicate_rows) == (22, 0, 0)
    assert rules(home)[ENTRY_REPEATED, ""] == 1


@pytest.mark.parametrize(
    "second",
    [
        {"XM": "李四"},
        {"XB": "2"},
        {"CSRQ": "1950-12-31"},
        {"ZJHM": OTHER_CARD, "CSRQ": "1960-05-05", "XM": "张三"},
        {"XM": "测试"},
    ],
    ids=["name", "sex", "birth", "card", "test patient"],
)
def test_somebody_else_under_the_number_is_set_apart(
    either: County, home: Home, second: dict[str, str]
) -> None:
    outcome = take(either, home, patient(), patient(LXDH="1"), patient(**second))
    assert (outcome.accepted_rows, outcome.quarantined_rows) == (20, 3)
    assert [(line, rule) for line, rule, _ in quarantined(home)] == [
        (line, KEY_REUSED) for line in sorted((2, 23, 24), key=str)
    ]
    assert (ENTRY_REPEATED, "") not in rules(home)


def test_what_two_rows_leave_open_may_divide_them_by_a_third(either: County, home: Home) -> None:
    open_, first, other = patient(), patient(ZJHM=CARD), patient(ZJHM=OTHER_CARD, CSRQ="1960-05-05")
    assert take(either, home, open_, first, other).quarantined_rows == 3


def test_the_same_card_proves_it_whatever_else_was_mistyped(either: County, home: Home) -> None:
    outcome = take(either, home, patient(ZJHM=CARD), patient(ZJHM=CARD, XM="章三", XB="2", CSRQ="1949-12-30"))
    assert (outcome.accepted_rows, rules(home)[ENTRY_REPEATED, ""]) == (22, 1)


def test_a_card_that_is_none_proves_nothing(county: County, home: Home) -> None:
    junk = "111111111111111111"
    assert take(county, home, patient(ZJHM=junk), patient(ZJHM=junk, XM="李四")).quarantined_rows == 2


def test_feed_check_says_it_beforehand_and_names_what_decides(either: County) -> None:
    deliver(
        either,
        PATIENTS,
        "\n".join([HEADER, patient(), patient(LXDH="1"), patient(HZBH="P2"), patient(HZBH="P2", XM="李四")])
        + "\n",
    )
    (report,) = check_delivery(either, TOWNSHIP).files
    found = {finding.rule.rule_id: finding for finding in report.findings}
    assert (found[ENTRY_REPEATED].rule.violated, found[KEY_REUSED].rule.violated) == (1, 2)
    assert not found[ENTRY_REPEATED].wants_a_look and found[KEY_REUSED].wants_a_look
    for finding in (found[ENTRY_REPEATED], found[KEY_REUSED]):
        assert "name, id_no, gender, birth_date" in finding.rule.message_zh
        assert "patient_id" in finding.rule.message_en and "张三" not in finding.rule.message_zh


STAFF = """\
  his_staff:
    file: "{institution}/{month}/RY_{yyyymm}.csv"
    columns:
      {staff_id: id, org_code: {const: "{institution}"}, emp_no: no, name: name, id_no: card, gender: sex, birth_date: born,
       staff_type: {const: "11"}, gp_flag: gp}
"""


def test_staff_whose_names_and_cards_are_dropped_are_told_apart_all_the_same(
    county: County, home: Home
) -> None:
    county = with_mapping(county, STAFF)
    lines = [
        f"S1,1,王五,{CARD},1,,0",
        f"S1,1,王伍,{CARD},1,,1",  # the card proves it
        "S2,2,赵六,,1,,0",
        "S2,2,赵七,,1,,1",
    ]
    deliver(
        county, f"{TOWNSHIP}/{MONTH}/RY_202503.csv", "\n".join(["id,no,name,card,sex,born,gp", *lines]) + "\n"
    )
    (outcome,) = ingest_feed(county, home, "his_staff", [MONTH])
    assert [row["gp_flag"] for row in conformed(home, "his_staff")] == ["0", "1"]
    assert (outcome.quarantined_rows, rules(home)[ENTRY_REPEATED, ""]) == (2, 1)


@pytest.mark.parametrize(
    ("columns", "accepted"),
    [(", birth_year: born, gender: sex", 3), ("", 1)],
    ids=["birth and sex are delivered", "nothing that tells is delivered"],
)
def test_double_insurance_under_one_number_is_one_entry_under_two_numbers_two(
    county: County, home: Home, columns: str, accepted: int
) -> None:
    mapping = county.folder / "mappings" / "bureau.yml"
    mapping.write_text(
        mapping.read_text("utf-8").replace("insu_admdvs: admdvs", f"insu_admdvs: admdvs{columns}"),
        encoding="utf-8",
    )
    lines = ["N1,310,2025-03,340621,1949,1", "N1,390,2025-03,340621,1949,1", "N2,390,2025-03,340621,1949,1"]
    deliver(
        county,
        f"{BUREAU}/{MONTH}/insured.txt",
        "\n".join(["psn_no,insutype,ym,admdvs,born,sex", *lines]) + "\n",
    )
    (outcome,) = ingest_feed(County.load(county.folder), home, "si_insured", [MONTH])
    assert outcome.accepted_rows == accepted
    assert rules(home).get((ENTRY_REPEATED if columns else KEY_REUSED, "")) == (1 if columns else 2)


def test_every_register_that_is_a_list_says_whose_entry_a_row_is() -> None:
    named = {feed for feed, contract in load_contracts().items() if contract.same_entry}
    assert {"his_patient", "his_staff", "ph_ehr", "si_insured"} <= named
    assert not [feed for feed in named if load_contracts()[feed].delivery == "events"]


@pytest.mark.parametrize("proof", [None, 0])
def test_disputed_keys_are_those_of_a_plain_reading(proof: int | None) -> None:
    """The same as asking every key's rows in turn, over many keys of few values."""
    random = np.random.default_rng(3)
    keys = random.integers(0, 120, (400, 1), dtype=np.uint64).repeat(2, axis=1)
    values = random.integers(0, 3, (400, 3), dtype=np.uint64)
    expected = set()
    for key in np.unique(keys[:, 0]):
        rows = values[keys[:, 0] == key]
        stated = [set(column[column > 0]) for column in rows.T]
        shown = [len(set(column)) == 1 and column[0] > 0 for column in rows.T]
        same = all(len(each) <= 1 for each in stated) and any(shown)
        if len(rows) > 1 and not (same or (proof is not None and shown[proof])):
            expected.add(int(key))
    found = Stated(keys, values, proof).disputed()
    assert {int(key) for key in found[:, 0]} == expected and 0 < len(expected) < 120
