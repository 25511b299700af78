"""KPI-070: prescriptions reviewed, and those found rational."""

import numpy as np

from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, NOBODY, Evidence

_RATIONAL = 0


def rational(arrived: Arrived) -> Evidence:
    """Reviews of patients' prescriptions; a village's are its township's. Of a prescription or a visit that never arrived
    nobody can tell whose it was.
    """
    rows, visits = arrived.of("prescription review"), arrived.told("visit")
    visit, written = visits.take(rows.visit), arrived.told("prescription").alive[rows.paper]
    seen = written & visit.alive
    rows["department"] = np.where(seen, visit.department, NOBODY)
    rows["doctor"] = np.where(written, visit.doctor, NOBODY)
    rows = rows.take(~(seen & arrived.people.is_test[visit.person]))
    return arrived.evidence(
        "KPI-070",
        ALL_BUT_VILLAGE,
        rows.place,
        rows.month,
        rows.result == _RATIONAL,
        1,
        department=rows.department,
        physician=rows.doctor,
    )
