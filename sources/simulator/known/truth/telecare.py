"""KPI-020, 021 and 041: what the grass roots have done from afar, and the villages that send ECGs."""

import numpy as np

from sources.simulator.afterwards.office import CANCELLED, OFFERED
from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import NO_INSTITUTION, Evidence, merged
from sources.simulator.known.truth.neighbours import days
from sources.simulator.known.truth.stocks import LAST, every_month
from sources.simulator.place.facilities import MODALITIES

_IMAGE, _ECG = (
    next(n for n, (code, _) in enumerate(OFFERED) if code == name) for name in ("TELE-IMG", "TELE-ECG")
)
_ULTRASOUND = MODALITIES.index("US")
_ECG_DAYS = 90


def evidence(arrived: Arrived) -> list[Evidence]:
    """All three."""
    done = arrived.of("remote service")
    done = done.take(done.status != CANCELLED)
    return [_readings(arrived, done), _villages(arrived, done), _services(arrived, done)]


def _per_thousand(arrived: Arrived, *above: Evidence) -> Evidence:
    """Over the consultations at the grass roots."""
    visits = arrived.primary_care_consultations
    below = arrived.evidence(above[0].kpi, NO_INSTITUTION, visits.institution, visits.due, 0, 1)
    return merged(*above, below).of(scale=1_000)


def _services(arrived: Arrived, done: Arrays) -> Evidence:
    """Every kind the hospitals offer is a consultation or a diagnosis."""
    served = arrived.evidence("KPI-041", NO_INSTITUTION, done.institution, done["apply"], 1, 0)
    return _per_thousand(arrived, served)


def _readings(arrived: Arrived, done: Arrays) -> Evidence:
    """Images and ECGs made at the grass roots, which the hospital reads, and readings asked for that are none of them."""
    exams = arrived.of_patients("exam")
    exams = exams.take(~arrived.layout.is_county[exams.place] & (exams.modality != _ULTRASOUND))
    asked = done.take(np.isin(done.service, [_IMAGE, _ECG]))
    is_ecg = exams.modality == MODALITIES.index("ECG")
    made = _key(exams.place, exams.person, exams.exam, is_ecg)
    asked = asked.take(
        ~np.isin(_key(asked.institution, asked.person, asked["apply"], asked.service == _ECG), made)
    )
    return _per_thousand(
        arrived,
        arrived.evidence("KPI-020", NO_INSTITUTION, exams.place, exams.exam, 1, 0),
        arrived.evidence("KPI-020", NO_INSTITUTION, asked.institution, asked["apply"], 1, 0),
    )


def _key(place: np.ndarray, person: np.ndarray, time: np.ndarray, is_ecg: np.ndarray) -> np.ndarray:
    """Who was examined where, on which day, by ECG or not."""
    return ((person * 10_000 + place) * 100_000 + days(time)) * 2 + is_ecg


def _villages(arrived: Arrived, done: Arrays) -> Evidence:
    """Villages whose clinic sent an ECG of somebody who lives there, over all with residents."""
    people, layout = arrived.people, arrived.layout
    sent = done.take((done.service == _ECG) & layout.is_village[done.institution])
    village, day = people.village[sent.person], days(sent["apply"])

    def lately(month: CalendarMonth) -> Arrays:
        ago = days(np.array(month.end)) - 1 - day
        return Arrays(village=np.unique(village[(ago >= 0) & (ago < _ECG_DAYS)]))

    there = every_month(arrived, lambda month: Arrays(village=np.unique(people.village[: people.count])))
    sending = every_month(arrived, lately)
    return merged(
        arrived.evidence("KPI-021", NO_INSTITUTION, layout.parent[sending.village], sending.month, 1, 0),
        arrived.evidence("KPI-021", NO_INSTITUTION, layout.parent[there.village], there.month, 0, 1),
    ).of(over=LAST)
