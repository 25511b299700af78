"""Volumes and shares against the parameters of the feed specification, §3."""

import numpy as np
import pytest

from sources.simulator.ground.calendar import CalendarMonth, month_range
from sources.simulator.ground.layout import DEMO, load_layout
from sources.simulator.happening.referrals import CRITICAL, UP
from sources.simulator.known.policies import diseases_of
from sources.simulator.month.course import Course
from sources.simulator.state.carried import Carried
from sources.simulator.state.world import make_world

RESIDENTS = 8_000


@pytest.fixture(scope="module")
def year() -> Carried:
    """Half a year, January to June, of a county in which nothing goes wrong; what happens is in the diary."""
    months = month_range("2025-06", 6)
    carried = Carried(make_world(11, RESIDENTS, months, load_layout(), diseases_of(DEMO), defects=False))
    for month in months:
        Course(carried, month)
    return carried


def test_people_come_five_and_a_half_times_a_year(year):
    visits = year.diary.read("visit")
    assert 4.9 < 2 * visits.rows / RESIDENTS < 6.1


def test_tiers_share_the_visits(year):
    visits, layout = year.diary.read("visit"), year.world.layout
    county = layout.is_county[visits.institution].mean()
    village = layout.is_village[visits.institution].mean()
    assert 0.33 < county < 0.45
    assert 0.25 < village < 0.38


def test_admissions_and_care_outside_the_county(year):
    stays = year.diary.read("stay")
    assert 0.15 < 2 * stays.rows / RESIDENTS < 0.25
    beyond = year.diary.read("beyond")
    assert beyond.rows > 0.05 * stays.rows


def test_out_of_county_settlements_arrive_one_to_three_months_late(year):
    months = year.world.months
    beyond = year.diary.read("beyond")
    assert beyond.due.max() < months[-1].start, "nothing of the last month can have arrived"
    assert beyond.due.min() < months[0].start, "the first delivery tells of the time before"


def test_winter_brings_airways_and_the_festival_empties_the_rooms(year):
    visits, diseases = year.diary.read("visit"), year.world.diseases
    airways = np.isin(visits.category, [diseases.categories.index(c) for c in ("J06", "J18", "J20")])
    month = visits.due.astype("datetime64[M]")
    share = [airways[month == np.datetime64(m)].mean() for m in ("2025-01", "2025-06")]
    assert share[0] > 1.5 * share[1]
    day = visits.due.astype("datetime64[D]")
    festival = ((day >= np.datetime64("2025-01-29")) & (day <= np.datetime64("2025-02-03"))).sum() / 6
    ordinary = ((day >= np.datetime64("2025-01-06")) & (day <= np.datetime64("2025-01-11"))).sum() / 6
    assert festival < 0.6 * ordinary


def test_referrals_follow_their_states_in_time(year):
    referrals = year.diary.read("referral")
    assert 0.4 < (referrals.direction == UP).mean() < 0.9
    assert 0.8 < (~np.isnat(referrals.arrive)).mean() < 0.97
    arrived = referrals.take(~np.isnat(referrals.arrive))
    with_the_patient = arrived.documents <= arrived.arrive
    assert 0.8 < with_the_patient.mean() < 0.98
    assert 0.01 < (arrived.accept > arrived.arrive).mean() < 0.15  # entered after the patient had come
    assert 0.01 < (referrals.severity == CRITICAL).mean() < 0.15


def test_months_know_their_days():
    february = CalendarMonth(0, np.datetime64("2024-02"))
    assert str(february.last_day) == "2024-02-29"
    assert february.id_base == 2402 * 10**6
    assert february.shifted(-12).name == "2023-02"
