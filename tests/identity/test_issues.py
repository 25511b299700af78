"""What cannot be true of people is counted: one card with many names (V09), people recorded twice (V30)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sources.base.home import Home
from sources.county.county import County
from sources.identity.index import build_person_index
from sources.ingest import ingest_feed
from tests.sources.making import HOSPITAL, MONTH, TOWNSHIP, deliver, make_county

HEADER = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH,GXSJ"
CARD, OTHER_CARD = "340699198403170020", "340699198403170047"


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "county")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def issues(county: County, home: Home, *people: tuple[str, str, str, str, str]) -> Counter[tuple[str, int]]:
    """{(issue, records concerned): rows} of (institution, number, name, card, insurance number)."""
    for org in {person[0] for person in people}:
        lines = [
            f"{org},{p[1]},{p[2]},,{p[3]},女,1984-03-17,,,{p[4]},{MONTH}-05" for p in people if p[0] == org
        ]
        deliver(county, f"{org}/{MONTH}/HZ_{MONTH.replace('-', '')}.csv", "\n".join([HEADER, *lines]) + "\n")
    ingest_feed(county, home, "his_patient", [MONTH])
    build_person_index(county, home)
    rows = pq.ParquetFile(home.person_issue).read().to_pylist()
    assert all(row["source_file"] and row["source_line"] >= 2 and row["person_key"] for row in rows)
    return Counter((row["issue_id"], row["records"]) for row in rows)


def test_a_card_with_two_names_is_counted_a_misheard_name_is_not(county: County, home: Home) -> None:
    found = issues(
        county, home,
        (TOWNSHIP, "P1", "王秀芳", CARD, ""), (HOSPITAL, "P1", "李建国", CARD, ""),
        (TOWNSHIP, "P2", "张静", OTHER_CARD, ""), (HOSPITAL, "P2", "章婧", OTHER_CARD, ""),
    )  # fmt: skip
    assert found == {("CARD_OF_MANY_NAMES", 2): 2}


def test_somebody_registered_twice_in_one_place_is_counted(county: County, home: Home) -> None:
    found = issues(
        county, home,
        (TOWNSHIP, "P1", "王秀芳", CARD, ""), (TOWNSHIP, "P9", "王秀芳", CARD, ""), (HOSPITAL, "P1", "王秀芳", CARD, ""),
    )  # fmt: skip
    assert found == {("DUPLICATE_REGISTRATION", 2): 2}


def test_an_insurance_number_of_two_cards_is_counted(county: County, home: Home) -> None:
    found = issues(
        county, home, (TOWNSHIP, "P1", "王秀芳", CARD, "I1"), (HOSPITAL, "P1", "赵雨桐", OTHER_CARD, "I1")
    )
    assert found == {("INSURANCE_OF_MANY_CARDS", 2): 2}
