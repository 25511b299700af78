"""KPI-004 to 006: senior titles, training and attrition of those who work at the grass roots, month by month."""

import numpy as np

from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import GRASS_ROOTS, VILLAGE, Evidence
from sources.simulator.place.staff import PHYSICIANS, VILLAGE_DOCTOR, StaffMember, Training

_NO_LOSS = ("退休", "死亡")
_POSTED, _TRAINED, _SENIOR = "01", ("01", "02"), "12"
Counts = tuple[int, int] | None  # numerator, denominator; None = not counted


def evidence(arrived: Arrived) -> list[Evidence]:
    """All three."""
    counted = {
        "KPI-004": (_senior, GRASS_ROOTS, 100),
        "KPI-005": (_trained, (*GRASS_ROOTS, *VILLAGE), 100),
        "KPI-006": (_lost, GRASS_ROOTS, 200),
    }
    made = []
    for kpi, (count, tiers, scale) in counted.items():
        rows = [
            (person.institution, month.number, *counts)
            for month in arrived.world.months
            for person in arrived.world.workforce.staff
            if (counts := count(arrived, person, month)) is not None
        ]
        place, number, above, below = np.array(rows, np.int64).T
        found = arrived.evidence(kpi, tiers, place, number, above, below)
        made.append(found.of(scale=scale, over=("last", "last")))
    return made


def _is_physician(arrived: Arrived, person: StaffMember) -> bool:
    return person.kind in PHYSICIANS and arrived.layout.tiers[person.institution] in GRASS_ROOTS


def in_primary_care(arrived: Arrived, person: StaffMember) -> bool:
    """Physicians of townships and community centres, village doctors of villages."""
    in_village = person.kind == VILLAGE_DOCTOR and arrived.layout.tiers[person.institution] in VILLAGE
    return _is_physician(arrived, person) or in_village


def _senior(arrived: Arrived, person: StaffMember, month: CalendarMonth) -> Counts:
    """Physicians who are there, not posted elsewhere: with a senior title or without."""
    if not _is_physician(arrived, person) or not person.there_on(month.last_day):
        return None
    away = any(
        p.who.number == person.number
        and p.kind == _POSTED
        and p.to != person.institution
        and p.start <= month.last_day
        and (p.end is None or p.end >= month.last_day)
        for p in arrived.world.workforce.postings
    )
    return None if away else (int(person.title in _SENIOR), 1)


def _trained(arrived: Arrived, person: StaffMember, month: CalendarMonth) -> Counts:
    """Physicians and village doctors who are there: trained this year or not yet."""
    if not in_primary_care(arrived, person) or not person.there_on(month.last_day):
        return None
    trained = any(
        t.who.number == person.number
        and t.kind in _TRAINED
        and month.new_year <= t.start <= month.last_day
        and ever_listed(arrived, t)
        for t in arrived.world.workforce.trainings
    )
    return int(trained), 1


def ever_listed(arrived: Arrived, training: Training) -> bool:
    """Late entries may come too late for every list of their year."""
    year = int(str(training.start)[:4])
    entered = max(training.known_from, training.start)
    return any(m.year == year and entered <= m.last_day for m in arrived.world.months)


def _lost(arrived: Arrived, person: StaffMember, month: CalendarMonth) -> Counts:
    """Physicians who went within twelve months, of those there then and now. No loss: who retires or dies, and who is seen at
    another place of primary care."""
    if not _is_physician(arrived, person):
        return None
    start, last = month.shifted(-12).last_day, month.last_day
    before, here = person.there_on(start), person.there_on(last)
    lost = person.left is not None and start < person.left <= last and person.reason not in _NO_LOSS
    lost = lost and not any(
        p.same_as == person.number and p.there_on(last) and in_primary_care(arrived, p)
        for p in arrived.world.workforce.staff
    )
    return (int(lost), int(before) + int(here)) if before or here or lost else None
