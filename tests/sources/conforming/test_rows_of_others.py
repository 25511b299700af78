"""Whose row it is: a deliverer brings its own rows and those of whom it delivers for; another's stay out by name."""

from __future__ import annotations

import pytest

from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.county.county import County, CountyError
from sources.ingest import ingest_feed
from sources.onboarding.trial import check_delivery
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


def saying(county: County, words: str) -> County:
    """The county whose township's delivery says more."""
    path = county.folder / "county.yml"
    told = f"{{institution: {TOWNSHIP}, mapping: vendor"
    path.write_text(path.read_text("utf-8").replace(f"{told}}}", f"{told}, {words}}}"), encoding="utf-8")
    return County.load(county.folder)


def take(county: County, home: Home) -> list[str]:
    orgs = (TOWNSHIP, VILLAGE, HOSPITAL)
    rows = [visit(number, JGDM=org) for number, org in enumerate(orgs, start=1)]
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(*rows))
    ingest_feed(county, home, "his_op_visit", [MONTH])
    return [row["org_code"] for row in conformed(home, "his_op_visit")]


def test_a_row_of_another_institution_is_quarantined_by_name(county: County, home: Home) -> None:
    assert take(county, home) == [TOWNSHIP, VILLAGE]
    assert quarantined(home) == [(4, "INSTITUTION_OF_ANOTHER", "org_code")]


ALL_MINE = """\
  his_op_visit:
    file: "{institution}/{month}/MZJZ_{yyyymm}.csv"
    columns: {org_code: {const: "{institution}"}, visit_id: JZLSH, patient_id: HZBH, visit_time: JZSJ, visit_type: JZLX, dept_code: KSDM,
              staff_id: YSGH, main_diag_code: ZDBM, status: ZT}
"""


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", {("OWNER_UNREAD", "JGDM"): 1}),
        ("    ignore: [JGDM]\n", {}),
        ("    ignore: [JGDM]\n    aliases: {JZLSH: JGDM}\n", {}),
    ],
)
def test_a_column_of_institutions_that_is_not_read_is_held_against_the_deliverer(
    county: County, home: Home, more: str, told: dict[tuple[str, str], int]
) -> None:
    own = with_mapping(county, ALL_MINE + more, head="dictionaries: {institution: {OLD1: H34062100001}}\n")
    orgs = (TOWNSHIP, VILLAGE, "OLD1", "", TOWNSHIP)
    rows = [visit(number, JGDM=org) for number, org in enumerate(orgs, start=1)]
    deliver(own, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(*rows))
    ingest_feed(own, home, "his_op_visit", [MONTH])
    assert {row["org_code"] for row in conformed(home, "his_op_visit")} == {TOWNSHIP}
    assert {key: n for key, n in rules(home).items() if key[0] == "OWNER_UNREAD"} == told
    (report,) = check_delivery(own, TOWNSHIP).files
    assert [f.rule.column_name for f in report.findings if f.wants_a_look] == [name for _, name in told]


@pytest.mark.parametrize("whom", [f"[{HOSPITAL}]", "all"])
def test_who_delivers_for_others_says_so(county: County, home: Home, whom: str) -> None:
    take(county, home)
    assert take(saying(county, f"delivers_for: {whom}"), home) == [TOWNSHIP, VILLAGE, HOSPITAL]
    assert quarantined(home) == []


def test_delivering_for_nobody_known_is_a_problem(county: County) -> None:
    with pytest.raises(CountyError, match="H34062199999"):
        saying(county, "delivers_for: [H34062199999]")


def test_feeds_of_institutions_say_whose_rows_they_carry() -> None:
    """Only where one row has one party, and that may be another's, is nothing asked."""
    free = {
        contract.feed
        for contract in load_contracts().values()
        if contract.is_of_each_institution
        and any(c.references for c in contract.columns)
        and not contract.owner_columns
    }
    assert free == {"his_equipment_use", "his_timepoint"}
