"""Whose figure evidence is in at each level, what units are called, and evidence added up by unit and period.

Not here: which periods there are and what follows from the sums (kpi_table.py, week_table.py).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sources.simulator.ground.keys import staff_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.text import pick
from sources.simulator.known.truth.evidence import Evidence
from sources.simulator.place.departments import DEPARTMENT_CODES

Level = Literal["institution", "community", "county", "department", "physician"]
NOBODYS = "-"  # what belongs to none of a level
_PARTS = 1_000_000  # more than an institution has departments or staff


@dataclass(frozen=True)
class Sums:
    """Evidence of an indicator by unit (row) and period (column): parts, and how many events have a denominator."""

    names: list[str]
    unit: np.ndarray  # row of each event
    above: np.ndarray
    below: np.ndarray
    count: np.ndarray


def added_up(
    evidence: Evidence, level: Level, chosen: np.ndarray, period: np.ndarray, periods: int, layout: Layout
) -> Sums:
    """The chosen events (a mask) by units of a level; `period` is the column of each of them."""
    units, unit = np.unique(_units(evidence, level)[chosen], return_inverse=True)
    above, below, count = (np.zeros((len(units), periods), np.int64) for _ in range(3))
    denominator = evidence.denominator[chosen]
    np.add.at(above, (unit, period), evidence.numerator[chosen])
    np.add.at(below, (unit, period), denominator)
    np.add.at(count, (unit, period), (denominator != 0).astype(np.int64))
    return Sums(_names(level, units, layout), unit, above, below, count)


def levels(evidence: Evidence) -> list[Level]:
    """Levels of which the events say whose they are."""
    known: list[Level] = ["institution", "community", "county"]
    known += ["department"] if evidence.department is not None else []
    return known + (["physician"] if evidence.physician is not None else [])


def _units(evidence: Evidence, level: Level) -> np.ndarray:
    """A number for the unit of each event: of the institution or community (NOBODY for none), or of a part of its place."""
    if level == "county":
        return np.zeros(len(evidence.month), np.int64)
    whose: np.ndarray = getattr(evidence, level)
    if level in ("institution", "community"):
        return whose
    return evidence.place * _PARTS + whose + 1


def _names(level: Level, units: np.ndarray, layout: Layout) -> list[str]:
    """A department is called by its institution and its code, a physician by the institution and the staff number."""
    if level == "county":
        return [layout.region] * len(units)
    if level == "community":
        return _or_nobodys(pick(layout.alliance_ids, units).to_pylist())
    if level == "institution":
        return _or_nobodys(pick(layout.codes, units).to_pylist())
    place, part = units // _PARTS, units % _PARTS - 1
    own = pick(DEPARTMENT_CODES, part) if level == "department" else staff_id(part)
    where = _or_nobodys(pick(layout.codes, place).to_pylist())
    return [f"{at}/{name}" for at, name in zip(where, _or_nobodys(own.to_pylist()), strict=True)]


def _or_nobodys(names: list[str | None]) -> list[str]:
    return [NOBODYS if name is None else name for name in names]
