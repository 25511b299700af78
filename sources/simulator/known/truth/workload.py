"""KPI-038, 039 and 040: visits for every workday of a physician, and all work for everybody in post."""

import numpy as np

from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, COUNTY, GRASS_ROOTS, Evidence, merged
from sources.simulator.known.truth.outpatients import treated
from sources.simulator.place.staff import PHYSICIANS

_VISITS_PER_BED_DAY = 3


def evidence(arrived: Arrived) -> list[Evidence]:
    """All three."""
    return [
        _per_day(arrived, "KPI-038", GRASS_ROOTS),
        _per_day(arrived, "KPI-039", COUNTY),
        _per_head(arrived),
    ]


def _per_day(arrived: Arrived, kpi: str, tiers: tuple[str, ...]) -> Evidence:
    """Visits at institutions of these tiers, and the workdays of those in post there at the end of each month."""
    own = np.isin(arrived.layout.tiers, tiers)
    visits = treated(arrived)
    visits = visits.take(own[visits.institution])
    days = [
        (person.institution, month.number, month.workdays, person.number)
        for month in arrived.world.months
        for person in arrived.world.workforce.staff
        if person.kind in PHYSICIANS and own[person.institution] and person.there_on(month.last_day)
    ]
    place, number, workdays, staff = np.array(days, np.int64).T
    found = merged(
        arrived.evidence(kpi, tiers, visits.institution, visits.due, 1, 0, physician=visits.doctor),
        arrived.evidence(kpi, tiers, place, number, 0, workdays, physician=staff),
    )
    return found.of(scale=1)


def _per_head(arrived: Arrived) -> Evidence:
    """Visits and bed days, as many visits each as policy says, and everybody in post at the end of each month."""
    visits, beds = treated(arrived), arrived.of("bed")
    posts = [
        (person.institution, month.number)
        for month in arrived.world.months
        for person in arrived.world.workforce.staff
        if person.there_on(month.last_day)
    ]
    place, number = np.array(posts, np.int64).T
    found = merged(
        arrived.evidence("KPI-040", ALL_BUT_VILLAGE, visits.institution, visits.due, 1, 0),
        arrived.evidence(
            "KPI-040", ALL_BUT_VILLAGE, beds.place, beds.month, beds.used * _VISITS_PER_BED_DAY, 0
        ),
        arrived.evidence("KPI-040", ALL_BUT_VILLAGE, place, number, 0, 1),
    )
    return found.of(scale=1, over=("sum", "mean"))
