"""KPI-009: residents with a health record who go to the grass roots first with something new."""

import numpy as np

from sources.simulator.happening.visits import EMERGENCY, HOME, OUTPATIENT
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import GRASS_ROOTS, NOBODY, VILLAGE, Evidence
from sources.simulator.known.truth.neighbours import preceded

_NEW_AFTER_DAYS = 90


def at_the_grass_roots(arrived: Arrived) -> Evidence:
    """First contacts of a person with a category, inside or outside the county, counted at the person's home."""
    visits, beyond, layout = arrived.visits, arrived.beyond, arrived.layout
    visits = visits.take((visits.category >= 0) & np.isin(visits.kind, [OUTPATIENT, EMERGENCY, HOME]))
    outside = np.repeat([0, 1], [visits.rows, beyond.rows])
    person = np.concatenate([visits.person, beyond.person])
    time = np.concatenate([visits.due, beyond.due])
    ties = (
        np.concatenate([layout.deliverer[visits.institution], np.zeros(beyond.rows, np.int64)]),
        np.concatenate([visits.number, beyond.id]),
    )
    key = person * 1_000 + np.concatenate([visits.category, beyond.category])
    first = ~preceded(key, time, ties, _NEW_AFTER_DAYS, before_time=outside)
    primary = np.concatenate([~layout.is_county[visits.institution], np.zeros(beyond.rows, bool)])
    person, time, primary = person[first], time[first], primary[first]
    home = np.full(len(person), NOBODY)
    recorded = _recorded(arrived, person)
    home[recorded] = arrived.people.home[person[recorded]]
    return arrived.evidence("KPI-009", (*GRASS_ROOTS, *VILLAGE), home, time, primary, 1)


def _recorded(arrived: Arrived, person: np.ndarray) -> np.ndarray:
    """True for residents who have a health record by the end."""
    recorded = np.zeros(len(person), bool)
    known = person < arrived.people.count
    created = arrived.world.health.created[person[known]]
    recorded[known] = created <= arrived.world.months[-1].last_day
    return recorded
