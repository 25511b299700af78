"""KPI-002: expert slots opened to the grass roots at least a day ahead."""

import numpy as np

from sources.simulator.happening.experience import EXPERT, PRIMARY_CHANNEL, STOPPED
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, Evidence

_DAY = np.timedelta64(86_400, "s")


def opened_early(arrived: Arrived) -> Evidence:
    slots = arrived.of("slot")
    slots = slots.take((slots.kind == EXPERT) & (slots.status != STOPPED))
    early = (slots.channel == PRIMARY_CHANNEL) & (slots.released <= slots.due - _DAY)
    # A slot's department is the number in its code, which begins with 1.
    return arrived.evidence(
        "KPI-002",
        COUNTY,
        slots.place,
        slots.due,
        early,
        1,
        department=slots.department - 1,
        physician=slots.doctor,
    )
