"""The person index: valid cards first, then insurance numbers, never two cards in one person."""

from __future__ import annotations

import pyarrow.parquet as pq

from sources.base.home import Home
from sources.base.privacy import pseudonym
from sources.county.county import DEMONSTRATION_KEY, County
from sources.identity.index import PERSON_INDEX_SCHEMA, build_person_index
from sources.ingest import ingest_feed, prepare
from tests.sources.making import BUREAU, HOSPITAL, MONTH, TOWNSHIP, deliver, visit, visits

CARD, OTHER_CARD = "11010519491231002X", "340699198001011238"
HEADER = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH,GXSJ"


def register(county: County, org: str, *patients: tuple[str, str, str], month: str = MONTH) -> None:
    lines = [
        f"{org},{number},李某,,{card},女,,,,{insurance},{month}-05" for number, card, insurance in patients
    ]
    name = f"{org}/{month}/HZ_{month.replace('-', '')}.csv"
    deliver(county, name, "\n".join([HEADER, *lines]) + "\n")


def persons(
    county: County, home: Home, months: list[str] | None = None
) -> dict[tuple[str, str], tuple[str, str]]:
    """{(kind, key): (person, method)} after taking everything in."""
    for feed in ("his_patient", "si_insured", "his_op_visit"):
        ingest_feed(county, home, feed, months or [MONTH])
    build_person_index(county, home)
    rows = pq.ParquetFile(home.person_index).read().to_pylist()
    return {(r["key_type"], r["local_key"]): (r["person_key"], r["link_method"]) for r in rows}


def patient(org: str, number: str) -> tuple[str, str]:
    return "patient", pseudonym(DEMONSTRATION_KEY, "patient", org, number)


def insured(number: str) -> tuple[str, str]:
    return "insurance", pseudonym(DEMONSTRATION_KEY, "insurance", "", number)


def test_one_card_in_two_institutions_is_one_person(county: County, home: Home) -> None:
    register(county, TOWNSHIP, ("P1", CARD, ""), ("P2", "", ""))
    register(county, HOSPITAL, ("P1", "110105491231002", ""))
    found = persons(county, home)
    assert found[patient(TOWNSHIP, "P1")] == found[patient(HOSPITAL, "P1")]
    assert found[patient(TOWNSHIP, "P1")][1] == "id_card"
    assert found[patient(TOWNSHIP, "P2")][1] == "own"
    assert len({person for person, _ in found.values()}) == 2


def test_person_keys_are_the_documented_pseudonym(county: County, home: Home) -> None:
    register(county, TOWNSHIP, ("P1", CARD, ""))
    card_key = pseudonym(DEMONSTRATION_KEY, "id_card", "", CARD)
    expected = pseudonym(DEMONSTRATION_KEY, "person", "id_card", card_key)
    assert persons(county, home)[patient(TOWNSHIP, "P1")][0] == expected


def test_an_insurance_number_stands_for_the_one_card_it_belongs_to(county: County, home: Home) -> None:
    register(county, TOWNSHIP, ("P1", CARD, "I1"), ("P2", "", "I1"))
    deliver(
        county, f"{BUREAU}/{MONTH}/insured.txt", "psn_no\tinsutype\tym\tadmdvs\nI1\t390\t202503\t340621\n"
    )
    found = persons(county, home)
    assert found[patient(TOWNSHIP, "P2")] == (found[patient(TOWNSHIP, "P1")][0], "insurance")
    assert found[insured("I1")] == (found[patient(TOWNSHIP, "P1")][0], "id_card")


def test_an_insurance_number_of_two_cards_links_neither(county: County, home: Home) -> None:
    register(county, TOWNSHIP, ("P1", CARD, "I1"), ("P2", OTHER_CARD, "I1"), ("P3", "", "I1"))
    found = persons(county, home)
    assert len({found[patient(TOWNSHIP, number)][0] for number in ("P1", "P2", "P3")}) == 3
    assert found[patient(TOWNSHIP, "P3")] == (found[insured("I1")][0], "insurance")


def test_records_without_card_share_their_insurance_number(county: County, home: Home) -> None:
    register(county, TOWNSHIP, ("P1", "", "I1"))
    register(county, HOSPITAL, ("P9", "", "I1"))
    found = persons(county, home)
    assert found[patient(TOWNSHIP, "P1")] == found[patient(HOSPITAL, "P9")]


def test_the_newest_valid_card_of_a_patient_counts(county: County, home: Home) -> None:
    register(county, TOWNSHIP, ("P1", OTHER_CARD, ""), month="2025-02")
    register(county, TOWNSHIP, ("P1", CARD, ""))
    register(county, HOSPITAL, ("P1", CARD, ""), month="2025-02")
    found = persons(county, home, ["2025-02", MONTH])
    assert found[patient(TOWNSHIP, "P1")] == found[patient(HOSPITAL, "P1")]


def test_a_patient_known_from_a_visit_only_is_somebody(county: County, home: Home) -> None:
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1, HZBH="P77")))
    assert persons(county, home)[patient(TOWNSHIP, "P77")][1] == "own"


def test_a_home_without_people_has_an_empty_index(county: County, home: Home) -> None:
    assert build_person_index(county, home)["person"] == 0
    prepare(county, home, [MONTH])
    assert set(build_person_index(county, home).values()) == {0}
    assert pq.read_schema(home.person_index).names == PERSON_INDEX_SCHEMA.names
