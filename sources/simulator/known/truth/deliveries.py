"""KPI-149 and 150: how many delivered rows are fit for use, and how many deliveries came in time."""

from collections.abc import Sequence

import numpy as np

from sources.simulator.delivered.outbox import Delivery
from sources.simulator.ground.frames import PLATFORM
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, NO_INSTITUTION, NOBODY, Evidence


def evidence(arrived: Arrived, deliveries: Sequence[Delivery]) -> list[Evidence]:
    """Both, at who delivers; what platforms deliver is nobody's."""
    told = [(d.deliverer, d.month, d.rows, d.rejected, d.late) for d in deliveries]
    deliverer, month, rows, rejected, late = np.array(told, np.int64).T
    place = np.where(deliverer == PLATFORM, NOBODY, deliverer)
    return [
        arrived.evidence("KPI-149", NO_INSTITUTION, place, month, rows - rejected, rows),
        arrived.evidence("KPI-150", ALL_BUT_VILLAGE, place, month, 1 - late, 1),
    ]
