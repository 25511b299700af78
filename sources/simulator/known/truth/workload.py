"""KPI-038 and 039: visits for every workday of a physician."""

import numpy as np

from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, GRASS_ROOTS, Evidence, merged
from sources.simulator.known.truth.outpatients import treated
from sources.simulator.place.staff import PHYSICIANS


def evidence(arrived: Arrived) -> list[Evidence]:
    """Both."""
    return [_per_day(arrived, "KPI-038", GRASS_ROOTS), _per_day(arrived, "KPI-039", COUNTY)]


def _per_day(arrived: Arrived, kpi: str, tiers: tuple[str, ...]) -> Evidence:
    """Visits at institutions of these tiers, and the workdays of those in post there at the end of each month."""
    own = np.isin(arrived.layout.tiers, tiers)
    visits = treated(arrived)
    visits = visits.take(own[visits.institution])
    days = [
        (person.institution, month.number, month.workdays)
        for month in arrived.world.months
        for person in arrived.world.workforce.staff
        if person.kind in PHYSICIANS and own[person.institution] and person.there_on(month.last_day)
    ]
    place, number, workdays = np.array(days, np.int64).T
    found = merged(
        arrived.evidence(kpi, tiers, visits.institution, visits.due, 1, 0),
        arrived.evidence(kpi, tiers, place, number, 0, workdays),
    )
    return found.of(scale=1)
