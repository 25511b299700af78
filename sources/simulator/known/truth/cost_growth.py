"""KPI-011, 026 and 027: what settled cases cost, and its growth against the same month of the year before."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.settlements import INPATIENT
from sources.simulator.known.truth import settled
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, COUNTY, Evidence

_WITH_BEDS = (*COUNTY, "township")
Opening = dict[tuple[int, int, int], int]


def evidence(arrived: Arrived, opening: Opening) -> list[Evidence]:
    """All three."""
    cases = settled.cases(arrived)
    stays = cases.take(cases.kind == INPATIENT)
    cost = arrived.evidence("KPI-026", _WITH_BEDS, stays.institution, stays.due, stays.fen, 1)
    return [
        _growth("KPI-011", ALL_BUT_VILLAGE, arrived, cases, opening),
        cost.of(scale=1, divisor=100),
        _growth("KPI-027", _WITH_BEDS, arrived, stays, opening),
    ]


def _growth(kpi: str, tiers: tuple[str, ...], arrived: Arrived, cases: Arrays, opening: Opening) -> Evidence:
    """Cases of institutions, kinds and months whose cost a year earlier is known."""
    month = arrived.month_of(cases.due)
    previous = _a_year_earlier(cases, month, opening)
    kept = previous > 0
    cases, previous, month = cases.take(kept), previous[kept], month[kept]
    return arrived.evidence(kpi, tiers, cases.institution, month, cases.fen - previous, previous)


def _a_year_earlier(cases: Arrays, month: np.ndarray, opening: Opening) -> np.ndarray:
    """Average cost of the institution and kind twelve months earlier (fen, half up), 0 without one."""
    previous = np.zeros(cases.rows, np.int64)
    cells = np.unique(np.column_stack([cases.institution, cases.kind, month]), axis=0)
    for place, kind, number in cells.tolist():
        here = (cases.institution == place) & (cases.kind == kind)
        if number >= 12:
            then = cases.take(here & (month == number - 12))
            count, total = then.rows, int(then.fen.sum())
            value = (2 * total + count) // (2 * count) if count > 0 else 0
        else:
            value = opening.get((place, kind, number - 12), 0)
        previous[here & (month == number)] = value
    return previous
