"""KPI-070: prescriptions reviewed, and those found rational."""

import numpy as np

from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, Evidence

_RATIONAL = 0


def rational(arrived: Arrived) -> Evidence:
    """Reviews of patients' prescriptions; a village's are its township's. Who a visit that never arrived was for, nobody
    can tell.
    """
    rows, visits = arrived.of("prescription review"), arrived.told("visit")
    visit = visits.take(rows.visit)
    counts = ~(visit.alive & arrived.people.is_test[visit.person])
    rows = rows.take(counts)
    found = (rows.result == _RATIONAL).astype(np.int64)
    return arrived.evidence("KPI-070", ALL_BUT_VILLAGE, rows.place, rows.month, found, 1)
