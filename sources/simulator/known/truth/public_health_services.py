"""KPI-124, 131 to 140 and 143: what public health did, and for how many of those it was due to."""

import numpy as np

from sources.simulator.afterwards.lifetimes import on_the_child_register, yearly_check
from sources.simulator.ground.arrays import Arrays, concat
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import (
    ALL_BUT_VILLAGE,
    GRASS_ROOTS,
    NO_INSTITUTION,
    NOBODY,
    Evidence,
    merged,
)
from sources.simulator.known.truth.stocks import ELDERLY_FROM, every_month, home, population, shares

_EARLY_DAYS, _PRENATAL, _AFTER_BIRTH_DAYS, _CHILD_MONTHS, _YOUNG_MONTHS = 91, 5, 28, 84, 36
_HOURS = 24
_FLOW_OVER_STOCK = ("sum", "last")


def evidence(arrived: Arrived) -> list[Evidence]:
    """All of them."""
    children = every_month(arrived, lambda month: _children(arrived, month))
    young = children.take(children.young > 0)
    cured = arrived.of("chinese medicine")
    lines = population(arrived)
    lines = lines.take(lines.youngest >= ELDERLY_FROM)
    check_ups = arrived.of("check-up")
    old = lines.institution, lines.month, lines.residents
    return [
        _once_a_year(arrived, "KPI-124", check_ups.take(check_ups.whole), *old),
        _tuberculosis(arrived),
        *_deliveries(arrived),
        _newborns(arrived),
        shares(arrived, "KPI-136", GRASS_ROOTS, children, "seen", "one"),
        _doses(arrived),
        _infections(arrived),
        _once_a_year(arrived, "KPI-139", cured.take(cured.old), *old),
        _once_a_year(arrived, "KPI-140", cured.take(~cured.old), young.institution, young.month, young.one),
        _services(arrived),
    ]


def _once_a_year(
    arrived: Arrived, kpi: str, done: Arrays, place: np.ndarray, month: np.ndarray, due: np.ndarray
) -> Evidence:
    """People by the first time in a year, of those who are there at the end of a month."""
    done = done.take(np.argsort(done.day, kind="stable"))
    year = done.day.astype("datetime64[Y]").astype(np.int64)
    done = done.take(np.unique(np.stack([done.person, year]), axis=1, return_index=True)[1])
    return merged(
        arrived.evidence(kpi, GRASS_ROOTS, home(arrived, done.person), done.day, 1, 0),
        arrived.evidence(kpi, GRASS_ROOTS, place, month, 0, due),
    ).of(over=_FLOW_OVER_STOCK)


def _tuberculosis(arrived: Arrived) -> Evidence:
    rows = arrived.of("tuberculosis")
    return arrived.evidence("KPI-131", GRASS_ROOTS, home(arrived, rows.person), rows.day, rows.managed, 1)


def _deliveries(arrived: Arrived) -> list[Evidence]:
    rows = arrived.of("delivery")
    early = rows.days < _EARLY_DAYS
    visited = rows.home - rows.born <= _AFTER_BIRTH_DAYS
    whole = early & (rows.seen >= _PRENATAL) & visited
    place = home(arrived, rows.person)
    return [
        arrived.evidence(kpi, GRASS_ROOTS, place, rows.born, good, rows.births)
        for kpi, good in (("KPI-132", early), ("KPI-133", whole), ("KPI-134", visited))
    ]


def _newborns(arrived: Arrived) -> Evidence:
    rows = arrived.of("delivery")
    month = rows.born.astype("datetime64[M]") + 1
    visited = rows.home < month.astype("datetime64[D]") + _AFTER_BIRTH_DAYS
    return arrived.evidence("KPI-135", NO_INSTITUTION, np.full(rows.rows, NOBODY), rows.born, visited, 1)


def _this_year(day: np.ndarray, month: CalendarMonth) -> np.ndarray:
    """Whether a day lies in the year of the month, up to its end."""
    return (day >= month.new_year) & (day <= month.last_day)


def _children(arrived: Arrived, month: CalendarMonth) -> Arrays:
    """Children of the register at the end of a month: residents from the first one on, and who was born since."""
    people = arrived.people
    known = on_the_child_register(arrived.world)
    birth = people.birth[known]
    check = yearly_check(people, known, month.year)
    seen = np.zeros(len(known), bool)
    for day in (birth + 5, birth + 31, check):
        seen |= _this_year(day, month)
    born = arrived.of("delivery")
    born = born.take(born.born <= month.last_day)
    rows = concat(
        [
            Arrays(institution=home(arrived, known), birth=birth, seen=seen),
            Arrays(
                institution=np.full(born.rows, NOBODY),
                birth=born.born,
                seen=_this_year(born.home, month) | _this_year(born.checked, month),
            ),
        ]
    )
    age = month.number - arrived.month_of(rows.birth)
    rows["seen"] = rows.seen.astype(np.int64)
    rows["young"] = (age <= _YOUNG_MONTHS).astype(np.int64)
    rows["one"] = np.ones(rows.rows, np.int64)
    return rows.take(age < _CHILD_MONTHS)


def _doses(arrived: Arrived) -> Evidence:
    rows = arrived.of("dose")
    rows = rows.take(~rows.forbidden)
    return arrived.evidence("KPI-137", GRASS_ROOTS, arrived.people.home[rows.person], rows.due, rows.given, 1)


def _infections(arrived: Arrived) -> Evidence:
    rows = arrived.of("infection")
    rows = rows.take(~rows.revised)
    return arrived.evidence("KPI-138", ALL_BUT_VILLAGE, rows.institution, rows.due, rows.hours <= _HOURS, 1)


def _services(arrived: Arrived) -> Evidence:
    """Booked with the family doctor, whoever gave them."""
    rows = arrived.of("contract service")
    home, doctor = arrived.people.home[rows.person], arrived.family_doctors(second=False)[rows.person]
    return arrived.evidence("KPI-143", GRASS_ROOTS, home, rows.day, rows.done, 1, physician=doctor)
