"""KPI-011: growth of the average cost of a settlement against the same month of the year before."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, Evidence


def against_last_year(arrived: Arrived, opening: dict[tuple[int, int, int], int]) -> Evidence:
    """Settlements of institutions, kinds and months whose cost a year earlier is known."""
    settled = arrived.of("settlement")
    month = arrived.month_of(settled.due)
    previous = _a_year_earlier(settled, month, opening)
    kept = previous > 0
    settled, previous, month = settled.take(kept), previous[kept], month[kept]
    above, below = settled.sign * (settled.fen - previous), settled.sign * previous
    return arrived.evidence("KPI-011", ALL_BUT_VILLAGE, settled.institution, month, above, below)


def _a_year_earlier(
    settled: Arrays, month: np.ndarray, opening: dict[tuple[int, int, int], int]
) -> np.ndarray:
    """Average cost of the institution and kind twelve months earlier (fen, half up), 0 without one."""
    previous = np.zeros(settled.rows, np.int64)
    cells = np.unique(np.column_stack([settled.institution, settled.kind, month]), axis=0)
    for place, kind, number in cells.tolist():
        here = (settled.institution == place) & (settled.kind == kind)
        if number >= 12:
            then = settled.take(here & (month == number - 12))
            count, total = int(then.sign.sum()), int((then.sign * then.fen).sum())
            value = (2 * total + count) // (2 * count) if count > 0 else 0
        else:
            value = opening.get((place, kind, number - 12), 0)
        previous[here & (month == number)] = value
    return previous
