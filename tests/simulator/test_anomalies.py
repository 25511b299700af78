"""Every anomaly of the feed specification (§3) is in the files and in the truth, on rows that show it."""

from collections import Counter, defaultdict
from datetime import date

import pytest

from sources.simulator import simulate
from sources.simulator.state.anomalies import KINDS
from tests.simulator.conftest import County

RESIDENTS, MONTHS = 9_000, 3


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> County:
    return County(simulate(tmp_path_factory.mktemp("anomalies") / "county", RESIDENTS, MONTHS))


@pytest.fixture(scope="module")
def told(county) -> dict[str, list[dict[str, str]]]:
    by_kind = defaultdict(list)
    for row in county.truth("anomaly.csv"):
        by_kind[row["kind"]].append(row)
    return by_kind


def keys(row: dict[str, str]) -> dict[str, str]:
    return dict(part.split("=", 1) for part in row["keys"].split(";"))


def test_every_kind_occurs_often_or_at_one_institution_only(told):
    assert set(told) == set(KINDS)
    for kind, rows in told.items():
        assert len(rows) >= 20 or len({row["institution_id"] for row in rows}) <= 3, kind
        assert all(row["institution_id"].startswith("H") for row in rows)
    assert Counter(len({row["institution_id"] for row in rows}) == 1 for rows in told.values())[True] >= 7


def test_a_clean_county_has_no_anomalies(clean):
    assert clean.truth("anomaly.csv") == []


def test_invented_readings_end_in_nought_or_five(county, told):
    wanted = {keys(row)["fu_id"] for row in told["虚假随访"]}
    rows = [
        row
        for month in ("2025-01", "2025-02", "2025-03")
        for row in county.told("PH340621", "ph_followup_htn", month)
        if row["fu_id"] in wanted
    ]
    assert {row["fu_id"] for row in rows} == wanted
    assert all(row["sbp"][-1] in "05" and row["dbp"][-1] in "05" for row in rows if row["sbp"].isdigit())


def day(text: str) -> date:
    year, month, rest = text.replace("日", "").replace("年", "-").replace("月", "-").split("-")
    return date(int(year), int(month), int(rest))


def test_the_dead_are_followed_up(county, told):
    residents = county.truth("resident.csv")
    months = ("2025-01", "2025-02", "2025-03")
    person = {row["ehr_no"]: row["id_no"] for row in residents}
    died = {
        row["id_no"]: day(row["death_date"])
        for month in months
        for row in county.told("PH340621", "ph_death", month)
    }
    followed = {
        row["fu_id"]: row for month in months for row in county.told("PH340621", "ph_followup_htn", month)
    }
    cases = [followed[keys(row)["fu_id"]] for row in told["死亡后随访"]]
    known = [row for row in cases if person[row["ehr_no"]] in died]
    assert known
    assert all(day(row["fu_date"]) >= died[person[row["ehr_no"]]] for row in known)
    assert {e["rule_id"] for e in county.truth("defect.csv") if e["feed"] == "ph_followup_htn"} >= {
        "V29",
        "V31",
    }


def test_answers_share_one_device(county, told):
    places = {row["institution_id"] for row in told["满意度同设备"]}
    assert len(places) == 1
    assert len(told["满意度同设备"]) >= 20


def test_double_charges_have_a_twin(county, told):
    """The same item of the same stay at the same time, twice."""
    (place,) = {row["institution_id"] for row in told["重复收费"]}
    for month in ("2025-01", "2025-02", "2025-03"):
        lines = county.told(place, "his_fee_detail", month)
        alike = Counter((r["visit_id"], r["item_code"], r["fee_time"], r["price"], r["qty"]) for r in lines)
        wanted = {keys(row)["fee_id"] for row in told["重复收费"] if row["month"] == month}
        again = [r for r in lines if r["fee_id"] in wanted]
        assert again
        assert all(
            alike[r["visit_id"], r["item_code"], r["fee_time"], r["price"], r["qty"]] > 1 for r in again
        )
