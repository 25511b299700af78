"""KPI-104: what is left of the insurance package of each alliance, as far as settlements are known."""

from itertools import pairwise

import numpy as np

from sources.simulator.afterwards.fund import budget_lines
from sources.simulator.ground.arrays import Arrays
from sources.simulator.known.truth import settled
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import NO_INSTITUTION, NOBODY, Evidence, merged

_RAISED, _TAKEN_OFF = 1, (2, 3, 4, 5)


def balance(arrived: Arrived) -> Evidence:
    """The month's share of the budget, less what the pooling fund paid here and all funds elsewhere."""
    inside, outside = arrived.of("settlement"), arrived.of("beyond")
    return merged(
        _package(arrived),
        _spent(arrived, inside, inside.institution, inside.pool * inside.sign),
        _spent(arrived, outside, np.full(outside.rows, NOBODY), outside.fund),
    )


def _spent(arrived: Arrived, rows: Arrays, place: np.ndarray, fen: np.ndarray) -> Evidence:
    whose = settled.community(arrived, rows.person, rows.due)
    return arrived.evidence("KPI-104", NO_INSTITUTION, place, rows.due, -fen, 0, community=whose)


def _package(arrived: Arrived) -> Evidence:
    """Every line of the year's budget, from the month it holds to December in equal shares."""
    rows: list[tuple[int, int, int]] = []
    for told in arrived.world.months:
        lines = budget_lines(arrived.world, told)
        for alliance, item, fen, version in zip(
            lines.alliance, lines.item, lines.fen, lines.version, strict=True
        ):
            sign = 1 if item == _RAISED else -1 if item in _TAKEN_OFF else 0
            since = told.of_year if version > 1 else 1
            shares = _shares(int(fen), 13 - since)
            for month in arrived.world.months:
                if month.year == told.year and month.number >= told.number and sign:
                    rows.append((int(alliance), month.number, sign * shares[month.of_year - since]))
    community, number, fen = np.array(rows, np.int64).T
    nowhere = np.full(len(rows), NOBODY)
    return arrived.evidence("KPI-104", NO_INSTITUTION, nowhere, number, fen, fen, community=community)


def _shares(fen: int, months: int) -> list[int]:
    """The money in that many parts, whole fen, that add up to it."""
    ends = [fen * n // months for n in range(months + 1)]
    return [later - earlier for earlier, later in pairwise(ends)]
