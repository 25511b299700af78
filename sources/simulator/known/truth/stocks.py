"""States at the end of each month: who was in which state then, as evidence that counts once a month."""

from collections.abc import Callable

import numpy as np

from sources.simulator.ground.arrays import Arrays, concat
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import NOBODY, Evidence

LAST = ("last", "last")
ELDERLY_FROM = 65


def every_month(arrived: Arrived, counted: Callable[[CalendarMonth], Arrays]) -> Arrays:
    """`counted` of each month one after another, with the column `month` (its number)."""
    parts = []
    for month in arrived.world.months:
        rows = counted(month)
        rows["month"] = np.full(rows.rows, month.number)
        parts.append(rows)
    return concat(parts)


def shares(
    arrived: Arrived, kpi: str, tiers: tuple[str, ...], rows: Arrays, above: str, below: str
) -> Evidence:
    """Evidence of states: columns institution, month, and the two named."""
    made = arrived.evidence(kpi, tiers, rows.institution, rows.month, rows[above], rows[below])
    return made.of(over=LAST)


def everyone(arrived: Arrived, chosen: np.ndarray, **columns: np.ndarray) -> Arrays:
    """The residents of a mask at the institution they belong to; columns are masks of all residents."""
    person = np.flatnonzero(chosen)
    ones = {name: column[person].astype(np.int64) for name, column in columns.items()}
    return Arrays(
        person=person, institution=arrived.people.home[person], one=np.ones(len(person), np.int64), **ones
    )


def population(arrived: Arrived) -> Arrays:
    """Lines of the count by village, five-year band and sex, every month: residents, elderly, adults."""
    people, inside = arrived.people, slice(0, arrived.people.count)
    age = people.age[inside]
    from_age = np.where(age < 5, np.minimum(age, 1), np.minimum(age // 5 * 5, 85))
    key = np.stack([people.village[inside], from_age, people.sex[inside]])
    (village, youngest, _), count = np.unique(key, axis=1, return_counts=True)
    keeper = arrived.layout.parent[village]
    lines = Arrays(institution=keeper, youngest=youngest, residents=count)
    return every_month(arrived, lambda month: Arrays({**lines}))


def recorded(arrived: Arrived) -> np.ndarray:
    """Residents whose health record was told of in the end."""
    return arrived.world.health.created <= arrived.world.months[-1].last_day


def home(arrived: Arrived, person: np.ndarray) -> np.ndarray:
    """Where the records of people say that they belong, NOBODY without a record."""
    return np.where(recorded(arrived)[person], arrived.people.home[person], NOBODY)
