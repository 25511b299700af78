"""`yigongti casemix group` against the second grouper: the SQL of the warehouse gives each case the same group.

Not here: schemes as files (test_schemes), the second grouper by itself (test_oracle).
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.casemix import CasesError
from orchestration.casemix.group import group_cases
from sources.casemix.scheme import SchemeError
from sources.casemix.switches import Switches
from tests.casemix.cases import REFERENCE, SCHEME, UNKNOWN_DIAGNOSIS, labelled_examples, random_cases
from tests.casemix.grouping import grouped, write_cases
from tests.casemix.oracle import Case, Oracle

# In the list of MDC P, in that of no ADRG for an infant of seven months.
NO_GROUP = "P07.300x011"
HARBIN = REFERENCE / "casemix" / "harbin-2022"
WOMAN = Case("w", 2, 67, None, None, ("I63.900", "J15.902"), ())


def _codes(rows: list) -> list[tuple[str, str, str, str]]:
    return [(row["case_id"], row["mdc"], row["adrg"], row["drg"]) for row in rows]


def _told(oracle: Oracle, cases: list[Case]) -> list[tuple[str, str, str, str]]:
    found = [(case.case_id, oracle.group(case)) for case in cases]
    return [(case_id, group.mdc, group.adrg, group.drg) for case_id, group in found]


def test_every_case_gets_the_group_of_the_second_grouper(tmp_path: Path) -> None:
    cases = [*random_cases(seed=21, count=8_000), *(case for case, _ in labelled_examples())]
    rows = grouped(tmp_path, cases, "chs-drg-1.1")
    assert _codes(rows) == _told(Oracle(SCHEME), cases)
    assert {row["status"] for row in rows} == {"grouped", "ungroupable"}
    for row in rows:
        assert (row["reason"] == "") == (row["status"] == "grouped"), row
        assert (row["decided_by"] == "") == (row["status"] != "grouped"), row


@pytest.mark.parametrize(
    ("scheme", "switches", "oracle", "published"),
    [
        ("chs-drg-1.1", {"procedure_matching": "any"}, Oracle(SCHEME, any_procedure=True), Oracle(SCHEME)),
        ("harbin-2022", {"ambiguous_groups": "on"}, Oracle(SCHEME, HARBIN, qy=True), Oracle(SCHEME, HARBIN)),
    ],
    ids=["any", "ambiguous"],
)
def test_a_county_may_read_a_scheme_otherwise(tmp_path, scheme, switches, oracle, published) -> None:
    cases = random_cases(seed=22, count=4_000)
    rows = grouped(tmp_path, cases, scheme, **switches)
    told = _told(oracle, cases)
    assert _codes(rows) == told
    assert told != _told(published, cases), "a switch that changes nothing shows nothing"
    ambiguous = [row for row in rows if row["status"] == "ambiguous"]
    assert bool(ambiguous) == ("ambiguous_groups" in switches)
    assert {row["reason"] for row in ambiguous} <= {"operation_does_not_fit_diagnosis"}


def test_codes_are_cleaned_first(tmp_path: Path) -> None:
    spoilt = replace(
        WOMAN, case_id="s", diagnoses=(" ｉ63．900 ", "j15.902", "I10.X00X002"), procedures=("", " ")
    )
    clean = replace(WOMAN, diagnoses=("I63.900", "J15.902", "I10.x00x002"))
    one, other = grouped(tmp_path, [clean, spoilt], "chs-drg-1.1")
    assert one["drg"] == other["drg"] == "BR23"
    assert one["decided_by"] == other["decided_by"]


def test_why_a_case_has_no_group(tmp_path: Path) -> None:
    baby = Case("", 2, 0, 3, None, ("P07.300x011",), ())
    why = {
        "no_principal_diagnosis": replace(WOMAN, diagnoses=("", "J15.902")),
        # A valid operation opens the first MDC to everybody; it is no reason.
        "principal_diagnosis_unknown": replace(
            WOMAN, diagnoses=(UNKNOWN_DIAGNOSIS,), procedures=("41.5x00",)
        ),
        "principal_diagnosis_in_no_mdc": replace(WOMAN, diagnoses=("V01.x00",)),
        "sex_does_not_fit": replace(WOMAN, sex=1, diagnoses=("N81.100",), procedures=("41.5x00",)),
        "sex_unknown": replace(WOMAN, sex=None, diagnoses=("N81.100",)),
        "age_does_not_fit": replace(baby, age_years=40),
        "age_unknown": replace(baby, age_years=None),
        "newborn_without_weight": baby,
        "no_group_in_mdc": Case("", 2, 0, 200, 5000, (NO_GROUP,), ()),
    }
    cases = [replace(case, case_id=reason) for reason, case in why.items()]
    rows = grouped(tmp_path, cases, "chs-drg-1.1")
    assert [(row["reason"], row["status"]) for row in rows] == [(reason, "ungroupable") for reason in why]


def test_a_newborn_without_a_weight_can_be_sent_back(tmp_path: Path) -> None:
    light = Case("light", 2, 0, 3, 1420, ("P07.300x011",), ())
    unknown = replace(light, case_id="unknown", birth_weight_g=None, diagnoses=("P22.000",))
    usual = grouped(tmp_path, [light, unknown], "chs-drg-1.1")
    assert [row["status"] for row in usual] == ["grouped", "grouped"]
    strict = grouped(tmp_path, [light, unknown], "chs-drg-1.1", newborn_without_weight="rejected")
    assert [(row["status"], row["reason"], row["drg"]) for row in strict] == [
        ("grouped", "", usual[0]["drg"]),
        ("rejected", "newborn_without_weight", "0000"),
    ]


def test_a_cell_that_is_no_number_refuses_its_case_only(tmp_path: Path) -> None:
    cases = write_cases(tmp_path / "cases.csv", [WOMAN, replace(WOMAN, case_id="x")])
    wrong = ["六十七", "nan", "-1", "99999999999", "1e400"]
    given = cases.read_text("utf-8").splitlines()
    rows = [given[-1].replace("x,2,67", f"x{number},2,{age}") for number, age in enumerate(wrong)]
    cases.write_text("\n".join([*given[:-1], *rows]) + "\n", "utf-8")
    counted = group_cases(cases, tmp_path / "out.csv", "chs-drg-1.1", Switches())
    assert counted == {"grouped": 1, "rejected": len(wrong)}
    assert "x1,rejected,age_years_invalid,0000,00,0000," in (tmp_path / "out.csv").read_text("utf-8")


def test_a_file_is_read_as_it_is_named_and_written(tmp_path: Path) -> None:
    """Brackets are no pattern, a mark is no comment, a byte order mark no part of a name, blanks of any kind no code."""
    write_cases(tmp_path / "cases1.csv", [replace(WOMAN, case_id="other")])
    cases = write_cases(tmp_path / "cases[1].csv", [replace(WOMAN, procedures=("\t", "\u00a041.5x00"))])
    text = cases.read_text("utf-8").replace("\n", "\r\n") + '"#q",2,67,,,"\tI63.900|J15.902",\r\n'
    cases.write_text("\ufeff" + text, "utf-8", newline="")
    group_cases(cases, tmp_path / "out.csv", "chs-drg-1.1", Switches())
    rows = list(csv.reader((tmp_path / "out.csv").open(encoding="utf-8")))[1:]
    assert [(row[0], row[5]) for row in rows] == [("w", "BR23"), ("#q", "BR23")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("case_id,sex\na,1\n", "age_years"),
        ("case_id,sex,age_years,age_days,birth_weight_g,diagnoses,procedures\na,1,,,,,\na,1,,,,,\n", "1, 2"),
        ("case_id,sex,age_years,age_days,birth_weight_g,diagnoses,procedures\n#a\n", "7"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "cases.csv").write_text(text, "utf-8")
    with pytest.raises(CasesError, match=said):
        group_cases(tmp_path / "cases.csv", tmp_path / "out.csv", "chs-drg-1.1", Switches())
    assert not (tmp_path / "out.csv").exists()


def test_a_scheme_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    cases = write_cases(tmp_path / "cases.csv", [WOMAN])
    with pytest.raises(SchemeError, match=r"chs-drg-1\.1"):
        group_cases(cases, tmp_path / "out.csv", "chs-drg-9", Switches())
