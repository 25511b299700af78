"""KPI-023, 029, 035, 043, 064, 072, 074, 092 and 093: who is seen where, how, and with what in hand afterwards."""

import numpy as np

from sources.simulator.afterwards.counter import BOOKED, BY_PRIMARY_CARE, EXPERT, ON_THE_PLATFORM
from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.medicines import DRIP, HERBS
from sources.simulator.happening.settlements import INPATIENT
from sources.simulator.happening.visits import CHECK, EMERGENCY, INTERNET, OUTPATIENT
from sources.simulator.known.truth import settled
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import (
    ALL_BUT_VILLAGE,
    COUNTY,
    EVERYONE,
    GRASS_ROOTS,
    NO_INSTITUTION,
    VILLAGE,
    Evidence,
    merged,
)

_DONE = 1
_IN_CLINIC, _OUTPATIENT = (OUTPATIENT, INTERNET, EMERGENCY), (OUTPATIENT, INTERNET)
_PRIMARY = (*GRASS_ROOTS, *VILLAGE)


def evidence(arrived: Arrived) -> list[Evidence]:
    """All nine."""
    seen = treated(arrived)
    clinic = seen.take(np.isin(seen.kind, _IN_CLINIC) & seen.primary)
    outpatients = seen.take(np.isin(seen.kind, _OUTPATIENT))
    at_hospital, at_grass_roots = (outpatients.take(outpatients.primary == primary) for primary in (0, 1))
    ordinary = at_hospital.take(~at_hospital.expert)

    def share(kpi: str, tiers: tuple[str, ...], rows: Arrays, above: np.ndarray) -> Evidence:
        return arrived.evidence(
            kpi,
            tiers,
            rows.institution,
            rows.due,
            above,
            1,
            department=rows.department,
            physician=rows.doctor,
        )

    return [
        share("KPI-023", NO_INSTITUTION, seen, seen.primary),
        share("KPI-029", ALL_BUT_VILLAGE, seen, seen.chinese),
        share("KPI-035", _PRIMARY, clinic, clinic.chinese),
        _cost(arrived),
        _growth(arrived, "KPI-064", ordinary, -1),
        share("KPI-072", EVERYONE, outpatients, outpatients.antibiotic),
        share("KPI-074", _PRIMARY, at_grass_roots, at_grass_roots.drip),
        _growth(arrived, "KPI-092", at_hospital, 1),
        share("KPI-093", COUNTY, at_hospital, at_hospital.appointed),
    ]


def treated(arrived: Arrived) -> Arrays:
    """Visits to be treated, not check-ups, with what became of each as far as it was told."""
    rows = arrived.told("visit")
    papers, items, numbers = (
        arrived.of(subject) for subject in ("prescription", "prescription item", "registration")
    )

    def at(visits: np.ndarray) -> np.ndarray:
        marked = np.zeros(rows.rows, bool)
        marked[visits] = True
        return marked

    rows["primary"] = ~arrived.layout.is_county[rows.institution]
    rows["chinese"] = rows.tcm | at(papers.visit[papers.kind == HERBS])
    rows["antibiotic"] = at(items.visit[items.antibiotic])
    rows["drip"] = at(items.visit[items.route == DRIP])
    rows["expert"] = at(numbers.visit[numbers.kind == EXPERT])
    booked = (numbers.kind == BOOKED) | np.isin(numbers.way, [BY_PRIMARY_CARE, ON_THE_PLATFORM])
    rows["appointed"] = at(numbers.visit[booked])
    test = arrived.people.is_test[rows.person]
    return rows.take(rows.alive & (rows.status == _DONE) & ~test & (rows.kind != CHECK))


def _cost(arrived: Arrived) -> Evidence:
    """Cost of outpatient cases of the insured."""
    cases = settled.cases(arrived)
    cases = cases.take(cases.kind != INPATIENT)
    found = arrived.evidence("KPI-043", ALL_BUT_VILLAGE, cases.institution, cases.due, cases.fen, 1)
    return found.of(scale=1, divisor=100)


def _growth(arrived: Arrived, kpi: str, rows: Arrays, sign: int) -> Evidence:
    """Visits against those of the same month of the year before, months that have one; `sign` 1 for more, -1 for fewer."""
    month = arrived.month_of(rows.due)
    now = rows.take(month >= 12)

    def visits(of: Arrays, counted_in: np.ndarray, above: int, below: int) -> Evidence:
        return arrived.evidence(
            kpi,
            COUNTY,
            of.institution,
            counted_in,
            above,
            below,
            department=of.department,
            physician=of.doctor,
        )

    return merged(visits(now, month[month >= 12], sign, 0), visits(rows, month + 12, -sign, 1))
