"""From evidence to truth/kpi_week_value.csv: what is watched week by week, Monday to Sunday.

A week belongs to the month in which it ends; one that ends after the last month is not told of yet. Not here: months and
windows (kpi_table.py).
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

import numpy as np

from sources.simulator.delivered.writing import csv_table
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.known import units
from sources.simulator.known.kpi_table import plain, ratio
from sources.simulator.known.truth.evidence import Evidence

WATCHED = frozenset(
    f"KPI-{number:03d}"
    for number in (1, 7, 8, 10, 12, 56, 57, 58, 59, 60, 65, 66, 72, 74, 81, 84, 87, 93, 138)
)
_LEVELS: tuple[units.Level, ...] = ("institution", "community", "county")
_SUNDAY = np.timedelta64(6, "D")
COLUMNS = (
    "month", "week", "unit_level", "unit_id", "kpi_id", "numerator", "denominator", "value", "sample_size",
)  # fmt: skip
Row = tuple[str, str, str, str, str, str, str, str, int]


def rows(evidence: Evidence, months: list[CalendarMonth], layout: Layout) -> Iterator[Row]:
    """Every level × unit × week with a denominator, of an indicator that is watched."""
    if evidence.kpi not in WATCHED:
        return
    assert evidence.day is not None  # what is watched by the week names its days
    monday = _monday(evidence.day)
    inside = (evidence.month >= 0) & (monday + _SUNDAY <= months[-1].last_day)
    weeks, number = np.unique(monday[inside], return_inverse=True)
    month = [str(sunday)[:7] for sunday in weeks + _SUNDAY]
    for level in _LEVELS:
        sums = units.added_up(evidence, level, inside, number, len(weeks), layout)
        for unit, week in np.argwhere(sums.below).tolist():
            above, below = (Decimal(int(part[unit, week])) for part in (sums.above, sums.below))
            value = ratio(evidence, above / evidence.unit, below)
            figures = (plain(above / evidence.unit), plain(below), f"{value:f}", int(sums.count[unit, week]))
            yield (month[week], str(weeks[week]), level, sums.names[unit], evidence.kpi, *figures)


def as_csv(told: Iterable[Row]) -> bytes:
    """The file's bytes, sorted."""
    return csv_table(COLUMNS, sorted(told))


def _monday(day: np.ndarray) -> np.ndarray:
    """The first day of 1970 was a Thursday."""
    return day - (day.astype(np.int64) + 3) % 7
