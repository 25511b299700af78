"""KPI-003: minutes of large equipment used, of the minutes it is available."""

import numpy as np

from sources.simulator.known.truth.arrived import LARGE_EQUIPMENT, Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, Evidence, merged


def in_use(arrived: Arrived) -> Evidence:
    machines, months = arrived.world.equipment, len(arrived.world.months)
    large = np.flatnonzero(np.isin(machines.modality, LARGE_EQUIPMENT))
    machine, month = np.tile(large, months), np.repeat(np.arange(months), len(large))
    available = arrived.evidence(
        "KPI-003",
        ALL_BUT_VILLAGE,
        machines.institution[machine],
        month,
        0,
        machines.hours_tenths[machine] * 6,
    )
    use = arrived.of("use")
    use = use.take(np.isin(machines.modality[use.machine], LARGE_EQUIPMENT))
    used = arrived.evidence(
        "KPI-003", ALL_BUT_VILLAGE, machines.institution[use.machine], use.exam, use.minutes, 0
    )
    return merged(available, used)
