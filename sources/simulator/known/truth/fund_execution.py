"""Where every insurance package stood at the end of each month: what the months brought, what was known to be spent, what was spent.

Counted person by person from the diary: an insured person's community is that of his home. Who died before the first list of
the insured is on none, and what he cost is nobody's. Not here: what a community keeps of a surplus.
"""

from collections import defaultdict

import numpy as np

from sources.simulator.afterwards.fund import budget_lines
from sources.simulator.delivered.writing import csv_table
from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.people.population import living

_COLUMNS = (
    "month",
    "community_id",
    "insurance_type_code",
    "budget_fen",
    "in_county_fen",
    "out_of_county_fen",
    "happened_out_of_county_fen",
)
_TAKEN_OFF = (2, 3, 4, 5)
_PLANNED = (6, 7, 8, 9)
_Package = tuple[int, int]  # number of the alliance, insurance


def as_csv(arrived: Arrived, to_come: Arrays) -> bytes:
    """truth/fund_execution.csv, to date in every month. to_come: what was settled outside and nobody has been told."""
    inside, outside = arrived.of("settlement"), arrived.of("beyond")
    packages = [(a, scheme) for a in range(len(arrived.layout.alliance_ids)) for scheme in (310, 390)]
    rows = []
    for month in arrived.world.months:
        brought = _brought(arrived, month)
        here = _paid(arrived, month, inside, inside.pool * inside.sign, _numbered_in(arrived, inside))
        told = _paid(arrived, month, outside, outside.fund, outside.arrives)
        happened = _paid(arrived, month, outside, outside.fund, arrived.month_of(outside.due))
        coming = _paid(arrived, month, to_come, to_come.fund, arrived.month_of(to_come.due))
        for package in packages:
            community = arrived.layout.alliance_ids[package[0]]
            fen = (brought[package], here[package], told[package], happened[package] + coming[package])
            rows.append((month.name, community, package[1], *fen))
    return csv_table(_COLUMNS, rows)


def _brought(arrived: Arrived, until: CalendarMonth) -> dict[_Package, int]:
    """Of every line told of the year, its part of the months gone by: a line told later begins when it is told."""
    sums: dict[_Package, int] = defaultdict(int)
    told = [m for m in arrived.world.months if m.year == until.year and m.number <= until.number]
    for month in told:
        lines = budget_lines(arrived.world, month)
        for alliance, scheme, item, fen, version in zip(
            lines.alliance, lines.scheme, lines.item, lines.fen, lines.version, strict=True
        ):
            if item in _PLANNED:
                continue
            since = month.of_year if version > 1 else 1
            over = 13 - since
            gone = int(fen) * (until.of_year + 1 - since) // over
            before = int(fen) * (told[0].of_year - since) // over if told[0].of_year > since else 0
            sums[int(alliance), int(scheme)] += (gone - before) * (-1 if item in _TAKEN_OFF else 1)
    return sums


def _numbered_in(arrived: Arrived, rows: Arrays) -> np.ndarray:
    """Number of the month in which the bureau numbered, and so delivered, each settlement inside the county."""
    bases = np.array([month.id_base * 10 for month in arrived.world.months])
    return np.searchsorted(bases, rows.id, side="right") - 1


def _paid(
    arrived: Arrived, until: CalendarMonth, rows: Arrays, fen: np.ndarray, known: np.ndarray
) -> dict[_Package, int]:
    """What was settled in the months of the year so far and known by the end of the month, by the home of the insured."""
    people, months = arrived.people, arrived.world.months
    first = next(m.number for m in months if m.year == until.year)
    settled = arrived.month_of(rows.due)
    counted = (settled >= first) & (settled <= until.number) & (known <= until.number)
    counted &= living(people, rows.person, np.full(rows.rows, months[0].start))
    alliance = arrived.layout.alliance_of[people.home[rows.person]]
    scheme = np.where(people.employee[rows.person], 310, 390)
    sums: dict[_Package, int] = defaultdict(int)
    for a, s, amount in zip(alliance[counted], scheme[counted], fen[counted], strict=True):
        sums[int(a), int(s)] += int(amount)
    return sums


__all__ = ["as_csv"]
