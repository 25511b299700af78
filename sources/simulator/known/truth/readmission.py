"""KPI-062 and 063: who is in hospital again soon for the same, and it was not planned."""

import numpy as np

from sources.simulator.afterwards.front_page import returns_as_planned
from sources.simulator.happening.stays import DIED
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, Evidence
from sources.simulator.known.truth.neighbours import days, followed

_TIERS = (*COUNTY, "township")
_HOURS = 1_000_000  # more than there are


def evidence(arrived: Arrived) -> list[Evidence]:
    """Of everyone who left alive."""
    stays = arrived.discharges.take(arrived.discharges.leaving != DIED)
    unplanned = ~returns_as_planned(stays.number)
    return [
        arrived.evidence(
            kpi,
            _TIERS,
            stays.institution,
            stays.due,
            unplanned & _is_back(arrived, within),
            1,
            department=stays.department,
            physician=stays.doctor,
        )
        for kpi, within in (("KPI-062", 14), ("KPI-063", 31))
    ]


def _is_back(arrived: Arrived, within: int) -> np.ndarray:
    """True for those admitted at or after the hour they left, or settled outside on a later day."""
    every = arrived.discharges
    stays, beyond = every.take(every.leaving != DIED), arrived.beyond
    beyond = beyond.take(beyond.stay)
    key, other = (rows.person * 1_000 + rows.category for rows in (stays, every))
    admitted = np.sort(other * _HOURS + _hours(every.admit))
    place = np.searchsorted(admitted, key * _HOURS + _hours(stays.due))
    found = admitted[np.minimum(place, len(admitted) - 1)]
    soon = (place < len(admitted)) & (found // _HOURS == key)
    soon &= found % _HOURS // 24 - days(stays.due) <= within
    outside = beyond.person * 1_000 + beyond.category
    return soon | followed(key, days(stays.due), outside, days(beyond.due), within)


def _hours(times: np.ndarray) -> np.ndarray:
    return times.astype("datetime64[h]").astype(np.int64)
