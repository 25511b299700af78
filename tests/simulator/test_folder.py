"""The county folder: complete, valid, the same every time."""

import hashlib
from pathlib import Path

import pytest

from sources.county.county import County, check
from sources.county.policy_words import indicators
from sources.simulator import simulate
from tests.simulator.conftest import LAYOUT, MONTHS, RESIDENTS


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in files
    }


def test_the_same_arguments_give_the_same_bytes_and_times(spoilt, tmp_path):
    again = simulate(tmp_path / "again", RESIDENTS, MONTHS, defects="default")
    assert fingerprint(again) == fingerprint(spoilt.folder)


def test_another_seed_gives_another_county(clean, tmp_path):
    other = simulate(tmp_path / "other", RESIDENTS, 1, defects="none", seed=8)
    name = "inbox/H34062100001/2025-03/MZJZ_202503.csv"
    assert (other / name).read_bytes() != (clean.folder / name).read_bytes()


def test_the_folder_is_a_county_without_problems(spoilt):
    assert check(spoilt.folder) == []
    county = County.load(spoilt.folder)
    assert county.first_month == "2025-02"
    assert county.configuration.last_month == "2025-03"
    assert county.configuration.simulated


def test_every_expected_delivery_is_there(spoilt):
    county = County.load(spoilt.folder)
    mapping_of = LAYOUT.mapping_of
    for deliverer in county.deliverers:
        feeds = county.mappings[mapping_of[deliverer]].mapping.feeds
        if any(feed.is_database for feed in feeds.values()):
            continue
        for month in ("2025-02", "2025-03"):
            listed = spoilt.rows(f"{deliverer}/{month}/control.csv")
            assert len(listed) == len(feeds)
            assert all((spoilt.folder / "inbox" / row["file"]).is_file() for row in listed)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        simulate(tmp_path, RESIDENTS, 1)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("wrong", [{"residents": 10}, {"months": 0}, {"defects": "some"}])
def test_impossible_arguments_are_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="simulate needs"):
        simulate(tmp_path / "county", **{"residents": RESIDENTS, "months": 1, **wrong})


def test_the_lead_hospitals_card_gives_outcomes_thirty_per_cent(clean):
    card = [r for r in clean.policy("kpi_weight.csv") if r["institution_tier"] == "county_lead"]
    outcome = sum(float(r["weight"]) for r in card if indicators()[r["kpi_id"]].is_primary_outcome)
    assert outcome / sum(float(r["weight"]) for r in card) >= 0.30


def test_baselines_and_opening_costs_fit_what_was_simulated(clean):
    baseline = {
        (r["institution_id"], r["kpi_id"]): float(r["baseline_value"])
        for r in clean.policy("institution_baseline.csv")
    }
    values = [r for r in clean.truth("kpi_value.csv") if r["kpi_id"] == "KPI-010" and r["window"] == "month"]
    assert values
    for row in values:
        assert abs(float(row["value"]) - baseline[row["institution_id"], "KPI-010"]) < 8
    growth = [float(r["value"]) for r in clean.truth("kpi_value.csv") if r["kpi_id"] == "KPI-011"]
    assert all(0 < g < 14 for g in growth)
