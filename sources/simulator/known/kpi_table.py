"""From evidence to truth/kpi_value.csv: sums per institution and month, windows, values.

Not here: what an indicator counts (truth/).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from sources.simulator.delivered.writing import csv_table
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.known.truth.evidence import Evidence

WINDOWS = ("month", "quarter", "ytd", "rolling12")
_SCALE = {"KPI-006": 200, "KPI-010": 1, "KPI-013": 1, "KPI-015": 1}
_LAST_ONLY = ("KPI-004", "KPI-005", "KPI-006")
_TENTHS, _MEDIAN = "KPI-013", "KPI-015"
_MICRO = Decimal("0.000001")
COLUMNS = ("month", "window", "institution_id", "kpi_id", "numerator", "denominator", "value", "sample_size")


@dataclass(frozen=True)
class Value:
    """One published figure: an indicator of an institution in a month, over a window."""

    month: str
    window: str
    institution: int
    kpi: str
    numerator: Decimal
    denominator: Decimal
    value: Decimal
    sample_size: int


def values(evidence: list[Evidence], months: list[CalendarMonth], layout: Layout) -> Iterator[Value]:
    """Every month × window × institution × indicator with a denominator, in that order of indicators."""
    for one in evidence:
        inside = (one.month >= 0) & (one.month < len(months))
        sums = _Sums(one, inside, layout.size, len(months))
        for month in months:
            for window in WINDOWS:
                chosen = _window(one.kpi, window, month, months)
                yield from sums.values(month, window, chosen)


def _window(kpi: str, window: str, month: CalendarMonth, months: list[CalendarMonth]) -> list[int]:
    """Numbers of the months a window at `month` covers."""
    if kpi in _LAST_ONLY or window == "month":
        return [month.number]
    earlier = [m for m in months if m.number <= month.number]
    if window == "quarter":
        return [m.number for m in earlier if _quarter(m) == _quarter(month)]
    if window == "ytd":
        return [m.number for m in earlier if m.year == month.year]
    return [m.number for m in earlier if m.number > month.number - 12]


def _quarter(month: CalendarMonth) -> tuple[int, int]:
    return month.year, (int(month.name[5:]) - 1) // 3


class _Sums:
    """Evidence of one indicator summed by institution and month."""

    def __init__(self, evidence: Evidence, inside: np.ndarray, institutions: int, months: int):
        self.kpi = evidence.kpi
        where = (evidence.institution[inside], evidence.month[inside])
        self.above = np.zeros((institutions, months), np.int64)
        self.below, self.count = np.zeros_like(self.above), np.zeros_like(self.above)
        np.add.at(self.above, where, evidence.numerator[inside])
        np.add.at(self.below, where, evidence.denominator[inside])
        np.add.at(self.count, where, (evidence.denominator[inside] != 0).astype(np.int64))
        self.place, self.month, self.single = *where, evidence.numerator[inside]

    def values(self, month: CalendarMonth, window: str, chosen: list[int]) -> Iterator[Value]:
        for place in np.flatnonzero(self.below[:, chosen].sum(axis=1)).tolist():
            above, below = int(self.above[place, chosen].sum()), int(self.below[place, chosen].sum())
            count = int(self.count[place, chosen].sum())
            numerator = Decimal(above) / (10 if self.kpi == _TENTHS else 1)
            value = (
                self._median(place, chosen)
                if self.kpi == _MEDIAN
                else _rounded(_SCALE.get(self.kpi, 100) * numerator, below)
            )
            yield Value(month.name, window, place, self.kpi, numerator, Decimal(below), value, count)

    def _median(self, place: int, chosen: list[int]) -> Decimal:
        """Median minutes as hours."""
        minutes = np.sort(self.single[(self.place == place) & np.isin(self.month, chosen)])
        middle = minutes[(len(minutes) - 1) // 2] + minutes[len(minutes) // 2]
        return _rounded(Decimal(int(middle)), 120)


def _rounded(numerator: Decimal, denominator: int) -> Decimal:
    return (numerator / denominator).quantize(_MICRO, ROUND_HALF_UP)


def as_csv(rows: list[Value], layout: Layout) -> bytes:
    """The file's bytes, sorted."""
    codes = layout.code_list()
    entries = [
        (v.month, v.window, codes[v.institution], v.kpi, _plain(v.numerator), _plain(v.denominator), f"{v.value:f}",
         v.sample_size)
        for v in rows
    ]  # fmt: skip
    return csv_table(COLUMNS, sorted(entries))


def _plain(number: Decimal) -> str:
    return f"{number:f}" if number == number.to_integral_value() else f"{number.normalize():f}"
