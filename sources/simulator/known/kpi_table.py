"""From evidence to truth/kpi_value.csv and truth/kpi_unit_value.csv: sums per unit and month, windows, values.

Not here: what an indicator counts (truth/), whose figure an event is in (units.py), weeks (week_table.py).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np

from sources.simulator.delivered.writing import csv_table
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.known import units
from sources.simulator.known.truth.evidence import Evidence

WINDOWS = ("month", "quarter", "half_year", "ytd", "rolling12")
_MICRO, _PUBLISHED = Decimal("0.000001"), Decimal("0.0001")
_FIGURES = ("numerator", "denominator", "value", "sample_size")
COLUMNS = ("month", "window", "institution_id", "kpi_id", *_FIGURES)
UNIT_COLUMNS = ("month", "window", "unit_level", "unit_id", "kpi_id", *_FIGURES)


@dataclass(frozen=True, slots=True)
class Value:
    """One published figure: an indicator of a unit in a month, over a window."""

    month: str
    window: str
    level: units.Level
    unit: str
    kpi: str
    numerator: Decimal
    denominator: Decimal
    value: Decimal | None
    sample_size: int


def values(evidence: Evidence, months: list[CalendarMonth], layout: Layout) -> Iterator[Value]:
    """Every level × month × window × unit of an indicator with a denominator."""
    inside = (evidence.month >= 0) & (evidence.month < len(months))
    for level in units.levels(evidence):
        sums = _Sums(evidence, level, inside, len(months), layout)
        for month in months:
            for window in WINDOWS:
                yield from sums.values(month, window, _window(window, month, months))


def _window(window: str, month: CalendarMonth, months: list[CalendarMonth]) -> list[int]:
    """Numbers of the months a window at `month` covers."""
    if window == "month":
        return [month.number]
    earlier = [m for m in months if m.number <= month.number]
    if window == "rolling12":
        return [m.number for m in earlier if m.number > month.number - 12]
    size = {"quarter": 3, "half_year": 6, "ytd": 12}[window]
    return [m.number for m in earlier if _part_of_year(m, size) == _part_of_year(month, size)]


def _part_of_year(month: CalendarMonth, months: int) -> tuple[int, int]:
    return month.year, (month.of_year - 1) // months


class _Sums:
    """Evidence of one indicator summed by unit of a level and month."""

    def __init__(
        self, evidence: Evidence, level: units.Level, inside: np.ndarray, months: int, layout: Layout
    ):
        self.evidence, self.level = evidence, level
        self.month, self.single = evidence.month[inside], evidence.numerator[inside]
        self.below_of = evidence.denominator[inside]
        self.counts = self.below_of != 0
        self.item = None if evidence.item is None else evidence.item[inside]
        sums = units.added_up(evidence, level, inside, self.month, months, layout)
        self.names, self.place = sums.names, sums.unit
        self.above, self.below, self.count = sums.above, sums.below, sums.count

    def values(self, month: CalendarMonth, window: str, covered: list[int]) -> Iterator[Value]:
        name = month.name
        above, below = ([month.number] if rule == "last" else covered for rule in self.evidence.over)
        totals = self.above[:, above].sum(axis=1), self.below[:, below].sum(axis=1)
        counts = self.count[:, below].sum(axis=1).tolist()
        for place in np.flatnonzero(totals[1]).tolist():
            numerator = self._part(place, 0, above, totals) / self.evidence.unit
            denominator = self._part(place, 1, below, totals)
            value: Decimal | None
            if self.evidence.statistic == "median":
                value = self._median(place, covered)
            elif self.evidence.statistic == "cv":
                value = self._variation(place, covered)
            elif self.evidence.statistic == "life_table":
                value = self._dying(place, month.number)
            else:
                value = ratio(self.evidence, numerator, denominator)
            different = self.evidence.statistic == "distinct"
            count = int(denominator) if different else counts[place]
            unit, kpi = self.names[place], self.evidence.kpi
            yield Value(name, window, self.level, unit, kpi, numerator, denominator, value, count)

    def _part(self, place: int, part: int, chosen: list[int], totals: tuple[np.ndarray, ...]) -> Decimal:
        if self.evidence.statistic == "distinct":
            return Decimal(self._different(place, (self.single != 0, self.counts)[part], chosen))
        total = Decimal(int(totals[part][place]))
        mean = self.evidence.over[part] == "mean"
        return (total / len(chosen)).quantize(_PUBLISHED, ROUND_HALF_UP) if mean else total

    def _different(self, place: int, counts: np.ndarray, chosen: list[int]) -> int:
        assert self.item is not None  # asked for by `distinct` only
        return len(np.unique(self.item[(self.place == place) & np.isin(self.month, chosen) & counts]))

    def _single(self, place: int, chosen: list[int]) -> np.ndarray:
        return self.single[(self.place == place) & np.isin(self.month, chosen)]

    def _variation(self, place: int, chosen: list[int]) -> Decimal:
        """Of integers, so exact up to the root: √(n Σx² − (Σx)²) ÷ Σx."""
        single = [int(x) for x in self._single(place, chosen)]
        total, squares = sum(single), sum(x * x for x in single)
        return _rounded(Decimal(len(single) * squares - total * total).sqrt() / total)

    def _dying(self, place: int, month: int) -> Decimal | None:
        """1 − Π(1 − 5m/(1 + 2.5m)) over the groups, m = deaths by years lived; none where nobody lived in a group with deaths."""
        assert self.item is not None  # asked for by `life_table` only
        mine, surviving = (self.place == place) & (self.month == month), Fraction(1)
        for group in np.unique(self.item[mine]):
            rows = mine & (self.item == group)
            lived = int(self.below_of[rows].sum())
            if not lived:
                return None
            rate = Fraction(12 * int(self.single[rows].sum()), lived)
            surviving *= max(Fraction(0), 1 - 5 * rate / (1 + Fraction(5, 2) * rate))
        dying = self.evidence.scale * (1 - surviving)
        return _rounded(Decimal(dying.numerator) / dying.denominator)

    def _median(self, place: int, chosen: list[int]) -> Decimal:
        single = np.sort(self._single(place, chosen))
        middle = single[(len(single) - 1) // 2] + single[len(single) // 2]
        return _rounded(Decimal(int(middle)) / (2 * self.evidence.unit * self.evidence.divisor))


def ratio(evidence: Evidence, numerator: Decimal, denominator: Decimal) -> Decimal:
    """The value that sums of an indicator have."""
    return _rounded(evidence.scale * numerator / (denominator * evidence.divisor))


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_MICRO, ROUND_HALF_UP)


def as_csv(rows: Iterable[Value]) -> bytes:
    """Figures of institutions: the file's bytes, sorted."""
    entries = [
        (v.month, v.window, v.unit, v.kpi, *_figures(v))
        for v in rows
        if v.level == "institution" and v.unit != units.NOBODYS
    ]
    return csv_table(COLUMNS, sorted(entries))


def units_as_csv(rows: Iterable[Value]) -> bytes:
    """Figures of every level, with what belongs to none: the file's bytes, sorted."""
    entries = [(v.month, v.window, v.level, v.unit, v.kpi, *_figures(v)) for v in rows]
    return csv_table(UNIT_COLUMNS, sorted(entries))


def _figures(value: Value) -> tuple[str, str, str, int]:
    figure = "" if value.value is None else f"{value.value:f}"
    return plain(value.numerator), plain(value.denominator), figure, value.sample_size


def plain(number: Decimal) -> str:
    """Without an exponent, and without zeros that say nothing."""
    return f"{number:f}" if number == number.to_integral_value() else f"{number.normalize():f}"
