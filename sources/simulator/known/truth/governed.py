"""KPI-016 to 018, 042, 071 and 147: what the office keeps by hand, records reviewed, suggestions adopted."""

import numpy as np

from sources.simulator.afterwards.governance import (
    MAJOR_ITEMS,
    PARTICIPATED,
    category,
    checklist,
    documented,
    grade,
)
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, NO_INSTITUTION, NOBODY, Evidence

_UNIFIED, _COORDINATED, _RECOMMENDED = 1, 3, 2
_FROM_STAFF_OR_MEMBERS = (2, 3)


def evidence(arrived: Arrived) -> list[Evidence]:
    """All six."""
    return [
        _items(arrived, "KPI-016", _UNIFIED),
        _decisions(arrived),
        _items(arrived, "KPI-018", _COORDINATED),
        _townships_at_standard(arrived),
        _records(arrived),
        _suggestions(arrived),
    ]


def _items(arrived: Arrived, kpi: str, kind: int) -> Evidence:
    """Items of a category, state of every month; without a document nothing is achieved."""
    item, alliance, achieved = checklist(arrived.layout)
    mine = category(item) == kind
    proven = (achieved & documented(item))[mine].astype(np.int64)
    months, size = len(arrived.world.months), int(mine.sum())
    found = arrived.evidence(
        kpi,
        NO_INSTITUTION,
        np.full(size * months, NOBODY),
        np.repeat(np.arange(months), size),
        np.tile(proven, months),
        1,
        community=np.tile(alliance[mine], months),
    )
    return found.of(over=("last", "last"))


def _decisions(arrived: Arrived) -> Evidence:
    """Two meetings a month; whose they are nobody writes down."""
    months, size = len(arrived.world.months), len(MAJOR_ITEMS)
    return arrived.evidence(
        "KPI-017",
        NO_INSTITUTION,
        np.full(size * months, NOBODY),
        np.repeat(np.arange(months), size),
        np.tile(PARTICIPATED, months),
        np.tile(MAJOR_ITEMS, months),
    )


def _townships_at_standard(arrived: Arrived) -> Evidence:
    place = np.flatnonzero(np.array(arrived.layout.tiers) == "township")
    months = len(arrived.world.months)
    month = np.repeat(np.arange(months), len(place))
    reached = np.tile(grade(place) == _RECOMMENDED, months).astype(np.int64)
    found = arrived.evidence("KPI-042", NO_INSTITUTION, np.tile(place, months), month, reached, 1)
    return found.of(over=("last", "last"))


def _records(arrived: Arrived) -> Evidence:
    rows = arrived.of_patients("record_review")
    stay = arrived.told("stay").take(rows.stay)
    department, physician = (np.where(stay.alive, whose, NOBODY) for whose in (stay.department, stay.doctor))
    return arrived.evidence(
        "KPI-071",
        (*COUNTY, "township"),
        rows.place,
        rows.month,
        rows.grade == 0,
        1,
        department=department,
        physician=physician,
    )


def _suggestions(arrived: Arrived) -> Evidence:
    rows = arrived.of("complaint")
    rows = rows.take(np.isin(rows.source, _FROM_STAFF_OR_MEMBERS) & rows.closed)
    return arrived.evidence("KPI-147", NO_INSTITUTION, rows.place, rows.due, rows.adopted, 1)
