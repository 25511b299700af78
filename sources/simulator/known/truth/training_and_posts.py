"""KPI-048, 053 and 055: time away for training, own accord, nurses and physicians in post, month by month."""

import numpy as np

from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, GRASS_ROOTS, VILLAGE, Evidence
from sources.simulator.known.truth.grass_roots_staff import Counts, ever_listed, in_primary_care
from sources.simulator.place.staff import NURSE, PHYSICIANS, StaffMember

_AWAY, _COUNTED, _ENOUGH_DAYS = "01", ("01", "02"), 90


def evidence(arrived: Arrived) -> list[Evidence]:
    """All three."""
    counted = {
        "KPI-048": (_away_long_enough, GRASS_ROOTS, 100),
        "KPI-053": (_went_willingly, (*GRASS_ROOTS, *VILLAGE), 100),
        "KPI-055": (_nurse_or_physician, COUNTY, 1),
    }
    made = []
    for kpi, (count, tiers, scale) in counted.items():
        rows = [
            (person.institution, month.number, *counts)
            for month in arrived.world.months
            for person in arrived.world.workforce.staff
            if person.there_on(month.last_day) and (counts := count(arrived, person, month)) is not None
        ]
        found = arrived.evidence(kpi, tiers, *np.array(rows, np.int64).T)
        made.append(found.of(scale=scale, over=("last", "last")))
    return made


def _away_long_enough(arrived: Arrived, person: StaffMember, month: CalendarMonth) -> Counts:
    """Whole days away within twelve months, counted one by one."""
    if not in_primary_care(arrived, person):
        return None
    year = np.arange(month.shifted(-12).last_day + 1, month.last_day + 1)
    away = np.zeros(len(year), np.int64)
    for t in arrived.world.workforce.trainings:
        if t.who.number == person.number and t.kind == _AWAY and ever_listed(arrived, t):
            away += (year >= t.start) & (year <= t.end)
    return int(away.sum() >= _ENOUGH_DAYS), 1


def _went_willingly(arrived: Arrived, person: StaffMember, month: CalendarMonth) -> Counts:
    """Whether a course of own accord began in this half-year."""
    if not in_primary_care(arrived, person):
        return None
    went = any(
        t.who.number == person.number
        and t.kind in _COUNTED
        and t.voluntary
        and month.half_year == _half_year(t.start)
        and t.start <= month.last_day
        and ever_listed(arrived, t)
        for t in arrived.world.workforce.trainings
    )
    return int(went), 1


def _half_year(day: np.datetime64) -> str:
    year, month = str(day)[:4], int(str(day)[5:7])
    return f"{year}H{1 if month < 7 else 2}"


def _nurse_or_physician(arrived: Arrived, person: StaffMember, month: CalendarMonth) -> Counts:
    if person.kind == NURSE:
        return 1, 0
    return (0, 1) if person.kind in PHYSICIANS else None
