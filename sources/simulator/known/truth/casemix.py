"""KPI-080 and 095 to 102: cases by the group they were made for, weighed by the county's policy."""

from typing import Any

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.stays import DIED
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, Evidence, merged

_INPATIENT = (*COUNTY, "township")
_LOW_RISK = 1
_HIGH, _LOW = 300, 40  # per cent of the mean cost of a group
_WEIGHT, _MILLION = 10_000, 1_000_000


def evidence(arrived: Arrived) -> list[Evidence]:
    """All nine."""
    book, cases = arrived.world.casebook, _cases(arrived)
    grouped = cases.take(cases.drg >= 0)
    weight, mean = book.weight[grouped.drg], book.mean_cost_fen[grouped.drg]
    cost = _half_up(grouped.cost * _MILLION, mean)
    days = _half_up(np.maximum(grouped.days, 1) * 100 * _MILLION, book.mean_los_hundredths[grouped.drg])
    low = grouped.take(book.risk[grouped.drg] <= _LOW_RISK)

    def of(
        kpi: str, events: Arrays, counted: np.ndarray | int, out_of: np.ndarray | int = 1, **tiers: Any
    ) -> Evidence:
        return _of(arrived, kpi, events, counted, out_of, **tiers)

    return [
        of("KPI-080", low, low.leaving == DIED, tiers=COUNTY).of(scale=1_000),
        of("KPI-095", grouped, weight, doctors=True).of(scale=1, divisor=_WEIGHT),
        _different(arrived, grouped),
        of("KPI-097", grouped, weight, _first_of_month(arrived, grouped), departments=False).of(
            scale=1, divisor=_WEIGHT
        ),
        of("KPI-098", grouped, cost).of(scale=1, divisor=_MILLION),
        of("KPI-099", grouped, days).of(scale=1, divisor=_MILLION),
        of("KPI-100", grouped, grouped.cost * 100 >= mean * _HIGH, tiers=COUNTY),
        of("KPI-101", grouped, grouped.cost * 100 < mean * _LOW),
        of("KPI-102", cases, cases.drg < 0),
    ]


def _cases(arrived: Arrived) -> Arrays:
    """One for each stay: its last list, with what all of them cost, and whose patient it was. Lists of what was given back are none."""
    lists, settled = arrived.of("casemix case"), arrived.of("settlement")
    lists = lists.take(~np.isin(lists.id, settled.original[settled.sign < 0]))
    _, stay = np.unique(lists.place * 10**11 + lists.number, return_inverse=True)
    cost = np.zeros(int(stay.max(initial=-1)) + 1, np.int64)
    np.add.at(cost, stay, lists.fen)
    lists["cost"] = cost[stay]
    cases = lists.take(settles_to_the_end(lists))
    whose = arrived.encounters.seen_by(np.ones(cases.rows, bool), cases.place, cases.number)
    cases["department"], cases["doctor"] = whose
    return cases


def _of(
    arrived: Arrived,
    kpi: str,
    events: Arrays,
    counted: np.ndarray | int,
    out_of: np.ndarray | int,
    tiers: tuple[str, ...] = _INPATIENT,
    departments: bool = True,
    doctors: bool = False,
) -> Evidence:
    return arrived.evidence(
        kpi,
        tiers,
        events.place,
        events.due,
        counted,
        out_of,
        department=events.department if departments else None,
        physician=events.doctor if doctors else None,
    )


def _different(arrived: Arrived, grouped: Arrays) -> Evidence:
    """Groups above the line, the one scheme below it."""
    parts = [_of(arrived, "KPI-096", grouped, above, 1 - above) for above in (1, 0)]
    scheme = np.full(grouped.rows, -1)
    return merged(*parts).of(scale=1, statistic="distinct", item=np.concatenate([grouped.drg, scheme]))


def _first_of_month(arrived: Arrived, cases: Arrays) -> np.ndarray:
    """True at one case of every institution and month."""
    key = cases.place * 10_000 + arrived.month_of(cases.due)
    first = np.zeros(cases.rows, bool)
    first[np.unique(key, return_index=True)[1]] = True
    return first


def _half_up(dividend: np.ndarray, divisor: np.ndarray) -> np.ndarray:
    return (2 * dividend + divisor) // (2 * divisor)


def settles_to_the_end(lists: Arrays) -> np.ndarray:
    """Which of the lists of each stay is the last one: a stay is one case, however often it was settled."""
    order = np.lexsort((lists.id, lists.end))
    stay = lists.place[order] * 10**11 + lists.number[order]
    _, from_end = np.unique(stay[::-1], return_index=True)
    last = np.zeros(lists.rows, bool)
    last[order[lists.rows - 1 - from_end]] = True
    return last
