"""KPI-024, 025, 028, 032, 044, 045, 105 and 108: where the insured are treated, and what the funds pay for them."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.settlements import INPATIENT
from sources.simulator.known.truth import settled
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import (
    COUNTY,
    GRASS_ROOTS,
    NO_INSTITUTION,
    NOBODY,
    VILLAGE,
    Evidence,
    merged,
)
from sources.simulator.people.population import living

_WITH_BEDS = (*COUNTY, "township")


def evidence(arrived: Arrived) -> list[Evidence]:
    """All eight."""
    paid, treated, months = _payments(arrived), _treated(arrived), _insured_months(arrived)
    inside, stay = paid.institution != NOBODY, paid.stay
    at_grass_roots = inside & np.isin(arrived.layout.tiers[paid.institution], (*GRASS_ROOTS, *VILLAGE))
    stays = treated.take(treated.stay)

    def money(
        kpi: str, above: np.ndarray, below: np.ndarray | int, tiers: tuple[str, ...] = NO_INSTITUTION
    ) -> Evidence:
        return arrived.evidence(
            kpi, tiers, paid.institution, paid.due, above, below, community=paid.community
        )

    def share(kpi: str, rows: Arrays) -> Evidence:
        at_home = rows.institution != NOBODY
        return arrived.evidence(
            kpi, NO_INSTITUTION, rows.institution, rows.due, at_home, 1, community=rows.community
        )

    def per_insured(kpi: str) -> Evidence:
        return arrived.evidence(
            kpi, NO_INSTITUTION, months.institution, months.due, 0, 1, community=months.community
        )

    admitted = arrived.evidence(
        "KPI-045", NO_INSTITUTION, stays.institution, stays.due, 1, 0, community=stays.community
    )
    return [
        money("KPI-024", paid.fund * inside, paid.fund),
        money("KPI-025", paid.fund * at_grass_roots, paid.fund * inside),
        share("KPI-028", stays),
        share("KPI-032", treated),
        money("KPI-044", paid.fund * stay, paid.fen * stay, _WITH_BEDS),
        merged(admitted, per_insured("KPI-045")).of(over=("sum", "mean")),
        money("KPI-105", paid.fund * (stay & ~inside), paid.fund * stay),
        merged(money("KPI-108", paid.fund, 0), per_insured("KPI-108")).of(scale=1, divisor=100),
    ]


def _bundle(arrived: Arrived, place: np.ndarray, rows: Arrays, stay: np.ndarray, sign: np.ndarray) -> Arrays:
    return Arrays(
        institution=place,
        due=rows.due,
        stay=stay,
        fen=rows.fen * sign,
        fund=rows.fund * sign,
        community=settled.community(arrived, rows.person, rows.due),
    )


def _stacked(inside: Arrays, outside: Arrays) -> Arrays:
    return Arrays({name: np.concatenate([inside[name], outside[name]]) for name in inside})


def _outside(arrived: Arrived) -> Arrays:
    rows = arrived.of("beyond")
    nowhere = np.full(rows.rows, NOBODY)
    return _bundle(arrived, nowhere, rows, rows.stay, np.ones(rows.rows, np.int64))


def _payments(arrived: Arrived) -> Arrays:
    """Every settlement in the county and outside it; what is taken back is negative."""
    rows = arrived.of("settlement")
    inside = _bundle(arrived, rows.institution, rows, rows.kind == INPATIENT, rows.sign)
    return _stacked(inside, _outside(arrived))


def _treated(arrived: Arrived) -> Arrays:
    """Cases in the county, settlements outside it."""
    rows = settled.cases(arrived)
    inside = _bundle(arrived, rows.institution, rows, rows.kind == INPATIENT, np.ones(rows.rows, np.int64))
    return _stacked(inside, _outside(arrived))


def _insured_months(arrived: Arrived) -> Arrays:
    """Everyone insured in each month."""
    people, parts = arrived.people, []
    for month in arrived.world.months:
        person = np.flatnonzero(people.insured)
        person = person[living(people, person, np.full(len(person), month.start))]
        due = np.full(len(person), month.start)
        parts.append((person, due, settled.community(arrived, person, due)))
    person, due, community = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Arrays(institution=np.full(len(person), NOBODY), due=due, community=community)
