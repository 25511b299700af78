"""KPI-066 and 067: how fast software reads examinations, and how often the doctor says the same."""

import numpy as np

from sources.simulator.afterwards.results import NORMAL
from sources.simulator.ground.arrays import Arrays
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, Evidence

_SECONDS = 15 * 60
_TIERS = (*COUNTY, "township")


def evidence(arrived: Arrived) -> list[Evidence]:
    """Both."""
    read = _readings(arrived)
    in_time = (read.seconds >= 0) & (read.seconds <= _SECONDS)
    tells_negatives = np.unique(arrived.layout.deliverer[read.place[read.read == NORMAL]])
    concluded = read.take((read.final >= 0) & np.isin(arrived.layout.deliverer[read.place], tells_negatives))
    agreed = concluded.read == concluded.final
    return [
        arrived.evidence("KPI-066", _TIERS, read.place, read.uploaded, in_time, 1),
        arrived.evidence("KPI-067", _TIERS, concluded.place, concluded.uploaded, agreed, 1),
    ]


def _readings(arrived: Arrived) -> Arrays:
    """Readings that arrived but those known to be of what hospitals try their software on: their examination says so."""
    rows, exams = arrived.of("reading"), arrived.told("exam")
    known = exams.alive[rows.exam] & arrived.people.is_test[exams.person[rows.exam]]
    return rows.take(~known)
