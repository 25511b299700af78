"""KPI-019, 049, 050 and 051: who is posted down to the grass roots, and what is done there."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, GRASS_ROOTS, Evidence, merged
from sources.simulator.place.staff import Posting

_LONG, _DEPUTY, _MIDDLE, _HALF_A_YEAR = "01", "04", "123", 183
_DUE_A_YEAR = {1: 12, 2: 12, 3: 2, 4: 2, 5: 2, 6: 1}
_DAY = np.timedelta64(1, "D")


def evidence(arrived: Arrived) -> list[Evidence]:
    """All four, at the receiver."""
    return [_long_postings(arrived), _quota(arrived), _days_of_experts(arrived), _deputies(arrived)]


def _members(arrived: Arrived, kpi: str) -> Evidence:
    """One below the line for every township and community centre and month."""
    place = np.flatnonzero(np.isin(arrived.layout.tiers, GRASS_ROOTS))
    months = len(arrived.world.months)
    month = np.repeat(np.arange(months), len(place))
    return arrived.evidence(kpi, GRASS_ROOTS, np.tile(place, months), month, 0, 1)


def _postings_down(arrived: Arrived, kind: str) -> list[Posting]:
    tiers = arrived.layout.tiers
    return [
        p
        for p in arrived.world.workforce.postings
        if p.kind == kind and tiers[p.who.institution] in COUNTY and tiers[p.to] not in COUNTY
    ]


def _days(post: Posting, first: np.datetime64, last: np.datetime64) -> np.ndarray:
    """Every day of a posting from `first` to `last`."""
    end = last if post.end is None else min(post.end, last)
    return np.arange(max(post.start, first), end + _DAY)


def _long_postings(arrived: Arrived) -> Evidence:
    """Persons with enough days at a place within twelve months."""
    rows = []
    for month in arrived.world.months:
        days: dict[tuple[int, int], int] = {}
        for post in _postings_down(arrived, _LONG):
            if post.who.title in _MIDDLE:
                key = (post.who.number, post.to)
                inside = _days(post, month.shifted(-12).last_day + _DAY, month.last_day)
                days[key] = days.get(key, 0) + len(inside)
        rows += [(to, month.number) for (_, to), spent in days.items() if spent >= _HALF_A_YEAR]
    place, number = np.array(rows, np.int64).reshape(-1, 2).T
    posted = arrived.evidence("KPI-019", GRASS_ROOTS, place, number, 1, 0)
    return merged(posted, _members(arrived, "KPI-019")).of(scale=1, over=("last", "last"))


def _activities(arrived: Arrived) -> Arrays:
    """What those from above did at the grass roots."""
    rows = arrived.of("dispatch")
    above = np.isin(arrived.layout.tiers, COUNTY)
    return rows.take(above[rows.sender] & ~above[rows.to])


def _quota(arrived: Arrived) -> Evidence:
    """Of each kind what was done of what is due, since the new year, in twelfths of an activity."""
    rows = _activities(arrived)
    number = arrived.month_of(rows.day)
    made = []
    for month in arrived.world.months:
        year = [m.number for m in arrived.world.months if m.year == month.year and m.number <= month.number]
        for place in np.flatnonzero(np.isin(arrived.layout.tiers, GRASS_ROOTS)):
            here = (rows.to == place) & np.isin(number, year)
            done = {kind: int((here & (rows.kind == kind)).sum()) for kind in _DUE_A_YEAR}
            due = {kind: quota * len(year) for kind, quota in _DUE_A_YEAR.items()}
            above = sum(min(12 * done[kind], due[kind]) for kind in due)
            made.append((place, month.number, above, sum(due.values())))
    found = arrived.evidence("KPI-049", GRASS_ROOTS, *np.array(made, np.int64).T)
    return found.of(over=("last", "last"))


def _days_of_experts(arrived: Arrived) -> Evidence:
    """Hours that both the place and the work prove."""
    rows = _activities(arrived)
    rows = rows.take(rows.proven)
    hours = arrived.evidence("KPI-050", GRASS_ROOTS, rows.to, rows.day, rows.hours, 0)
    return merged(hours, _members(arrived, "KPI-050")).of(scale=1, divisor=8, over=("sum", "mean"))


def _deputies(arrived: Arrived) -> Evidence:
    """Days on which deputy heads did something where they are posted, of their days there."""
    rows = arrived.of("dispatch")
    made = []
    for month in arrived.world.months:
        for post in _postings_down(arrived, _DEPUTY):
            days = _days(post, month.first_day, month.last_day)
            if len(days):
                own = (rows.staff == post.who.number) & (rows.to == post.to)
                made.append((post.to, month.number, len(np.intersect1d(rows.day[own], days)), len(days)))
    found = arrived.evidence("KPI-051", GRASS_ROOTS, *np.array(made, np.int64).reshape(-1, 4).T)
    return found.of(scale=7)
