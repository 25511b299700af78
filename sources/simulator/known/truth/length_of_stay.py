"""KPI-010: length of stay."""

import numpy as np

from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, Evidence
from sources.simulator.known.truth.neighbours import days

_ORDINARY, _LONGEST_DAYS = 1, 60  # day surgery and very long stays do not count


def days_of_stay(arrived: Arrived) -> Evidence:
    """Days of the stays that ended, one at least."""
    stays = arrived.discharges.take(arrived.discharges.way == _ORDINARY)
    stayed = np.maximum(days(stays.due) - days(stays.admit), 1)
    kept = stayed <= _LONGEST_DAYS
    stays = stays.take(kept)
    found = arrived.evidence(
        "KPI-010",
        ALL_BUT_VILLAGE,
        stays.institution,
        stays.due,
        stayed[kept],
        1,
        department=stays.department,
        physician=stays.doctor,
    )
    return found.of(scale=1)
