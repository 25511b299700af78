"""KPI-046, 052, 069, 121 to 123, 141, 142 and 144: what there is for how many residents — records, contracts, physicians."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.happening.public_health import renewed
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import GRASS_ROOTS, NO_INSTITUTION, VILLAGE, Evidence, merged
from sources.simulator.known.truth.stocks import (
    ELDERLY_FROM,
    LAST,
    every_month,
    everyone,
    population,
    shares,
)
from sources.simulator.place.staff import PHYSICIANS

_CONTRACT_DAYS, _RENEWAL_DAYS, _CHILDBED_DAYS, _CHILD_YEARS = 364, 30, 42, 7


def evidence(arrived: Arrived) -> list[Evidence]:
    """All of them."""
    residents = population(arrived)
    records = every_month(arrived, lambda month: _records(arrived, month))
    contracts = every_month(arrived, lambda month: _contracts(arrived, month))
    staff = every_month(arrived, lambda month: _physicians(arrived, month))
    key_groups = every_month(arrived, lambda month: _key_groups(arrived, month))
    return [
        _per_resident(arrived, "KPI-046", staff, "one", residents, NO_INSTITUTION).of(scale=1_000),
        _per_resident(arrived, "KPI-052", staff, "general", residents, NO_INSTITUTION).of(scale=10_000),
        _villages(arrived),
        _per_resident(arrived, "KPI-121", records, "one", residents),
        _per_resident(arrived, "KPI-122", records, "standard", residents),
        shares(arrived, "KPI-123", GRASS_ROOTS, records, "used", "one"),
        _per_resident(arrived, "KPI-141", contracts, "one", residents),
        shares(arrived, "KPI-142", GRASS_ROOTS, key_groups, "contracted", "one"),
        _renewals(arrived),
    ]


def _per_resident(
    arrived: Arrived,
    kpi: str,
    rows: Arrays,
    column: str,
    residents: Arrays,
    tiers: tuple[str, ...] = GRASS_ROOTS,
) -> Evidence:
    return merged(
        arrived.evidence(kpi, tiers, rows.institution, rows.month, rows[column], 0),
        arrived.evidence(kpi, tiers, residents.institution, residents.month, 0, residents.residents),
    ).of(over=LAST)


def _records(arrived: Arrived, month: CalendarMonth) -> Arrays:
    """Records told of once: what they say of their use is as old as that."""
    health, first = arrived.world.health, arrived.world.months[0]
    told = np.where(health.created <= first.last_day, first.first_day, _first_of_month(health.created))
    last_used = np.maximum(health.created, told - health.idle)
    used = last_used > month.shifted(-12).last_day
    return everyone(arrived, health.created <= month.last_day, standard=health.standard, used=used)


def _first_of_month(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[M]").astype("datetime64[D]")


def _in_force(arrived: Arrived, month: CalendarMonth) -> np.ndarray:
    """Who has a contract on the last day, the first or the second."""
    begins = arrived.world.health.signed, renewed(arrived.people, arrived.world.health)
    last = month.last_day
    return np.any([(day <= last) & (day + _CONTRACT_DAYS >= last) for day in begins], axis=0)


def _contracts(arrived: Arrived, month: CalendarMonth) -> Arrays:
    return everyone(arrived, _in_force(arrived, month))


def _renewals(arrived: Arrived) -> Evidence:
    """Contracts by the month they end in; the second is known to have begun when it has."""
    again = renewed(arrived.people, arrived.world.health)
    known = again <= arrived.world.months[-1].last_day
    first = arrived.world.health.signed
    signed = np.flatnonzero(first <= arrived.world.months[-1].last_day)
    second = np.flatnonzero(known)
    person = np.concatenate([signed, second])
    ends = np.concatenate([first[signed], again[second]]) + _CONTRACT_DAYS
    follows = np.concatenate([known[signed], np.zeros(len(second), bool)])
    doctors = [arrived.family_doctors(second=False)[signed], arrived.family_doctors(second=True)[second]]
    home, doctor = arrived.people.home[person], np.concatenate(doctors)
    return arrived.evidence("KPI-144", GRASS_ROOTS, home, ends, follows, 1, physician=doctor)


def _physicians(arrived: Arrived, month: CalendarMonth) -> Arrays:
    staff = [p for p in arrived.world.workforce.staff if p.kind in PHYSICIANS and p.there_on(month.last_day)]
    place, number = (np.array([getattr(p, name) for p in staff]) for name in ("institution", "number"))
    primary = np.isin(arrived.layout.tiers[place], (*GRASS_ROOTS, *VILLAGE))
    general = (primary & (number % 5 == 0)).astype(np.int64)
    return Arrays(institution=place, one=np.ones(len(staff), np.int64), general=general)


def _key_groups(arrived: Arrived, month: CalendarMonth) -> Arrays:
    """Old, young, ill, or mothers; ages by the year of birth, as records keep no more."""
    people, health = arrived.people, arrived.world.health
    inside = slice(0, people.count)
    years = month.year - (people.birth[inside].astype("datetime64[Y]").astype(np.int64) + 1970)
    member = (health.created <= month.last_day) & ((years >= ELDERLY_FROM) | (years < _CHILD_YEARS))
    for disease in ("HTN", "DM2", "SMI"):
        member |= health.enrolled[disease] <= month.last_day
    births = arrived.of("delivery")
    with_child = (births.registered <= month.last_day) & (
        month.last_day - births.born <= np.timedelta64(_CHILDBED_DAYS, "D")
    )
    mothers = np.zeros(people.count, bool)
    mothers[births.person[with_child]] = True
    known = health.created <= arrived.world.months[-1].last_day
    return everyone(arrived, (member | mothers) & known, contracted=_in_force(arrived, month))


def _villages(arrived: Arrived) -> Evidence:
    """Villages by their first visit of the year, of those where anybody lives."""
    tours = arrived.of("mobile clinic")
    tours = tours.take(np.argsort(tours.day, kind="stable"))
    year = tours.day.astype("datetime64[Y]").astype(np.int64)
    tours = tours.take(np.unique(np.stack([tours.village, year]), axis=1, return_index=True)[1])
    lived_in = np.unique(arrived.people.village[: arrived.people.count])
    there = every_month(arrived, lambda month: Arrays(institution=arrived.layout.parent[lived_in]))
    return merged(
        arrived.evidence("KPI-069", NO_INSTITUTION, arrived.layout.parent[tours.village], tours.day, 1, 0),
        arrived.evidence("KPI-069", NO_INSTITUTION, there.institution, there.month, 0, 1),
    ).of(over=("sum", "last"))
