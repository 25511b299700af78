"""KPI-031: the probability to die early from one of the four chronic diseases."""

import numpy as np

from sources.simulator.afterwards.lifetimes import death_told_in, dies_of
from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import NO_INSTITUTION, Evidence
from sources.simulator.known.truth.stocks import LAST, every_month, population

_FROM, _TO, _MONTHS = 30, 69, 36
_CHRONIC = ("I63.9", "I25.1", "I50.9", "C34.9", "C16.9", "J44.9")


def early(arrived: Arrived) -> Evidence:
    """Of every month: deaths of up to three years, and the months lived by those of that age."""
    lines, dead = population(arrived), every_month(arrived, lambda month: _died(arrived, month))
    lines = lines.take((lines.youngest >= _FROM) & (lines.youngest <= _TO))
    lived = lines.residents * np.minimum(_MONTHS, lines.month + 1)
    found = arrived.evidence(
        "KPI-031",
        NO_INSTITUTION,
        np.concatenate([lines.institution, dead.institution]),
        np.concatenate([lines.month, dead.month]),
        np.concatenate([np.zeros(lines.rows, np.int64), np.ones(dead.rows, np.int64)]),
        np.concatenate([lived, np.zeros(dead.rows, np.int64)]),
    )
    return found.of(statistic="life_table", item=np.concatenate([lines.youngest, dead.group]), over=LAST)


def _died(arrived: Arrived, month: CalendarMonth) -> Arrays:
    """Who died early in the months pooled at this one, as far as it was told of by the end."""
    people, layout = arrived.people, arrived.layout
    person = np.flatnonzero(~np.isnat(people.died))
    number = arrived.month_of(people.died[person])
    pooled = (number <= month.number) & (number >= 0) & (number > month.number - _MONTHS)
    told = death_told_in(people, person) <= arrived.world.months[-1].value
    age = _year(people.died[person]) - _year(people.birth[person])
    chosen = pooled & told & (age >= _FROM) & (age <= _TO) & np.isin(dies_of(person), _CHRONIC)
    keeper = layout.parent[people.village[person[chosen]]]
    return Arrays(institution=keeper, group=age[chosen] // 5 * 5)


def _year(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[Y]").astype(np.int64) + 1970
