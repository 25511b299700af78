"""KPI-056 to 059: whether a referral is answered, arrives, comes with its documents, and is followed up."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.referrals import CRITICAL, UP, state_at
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, GRASS_ROOTS, VILLAGE, Evidence
from sources.simulator.known.truth.neighbours import days, followed

_REFUSED, _CANCELLED = 25, 90
_ANSWER_MINUTES, _CRITICAL_MINUTES, _DOCUMENT_MINUTES = 2_880, 120, 120
_MINUTES_A_DAY = 1_440
_ARRIVAL_DAYS, _FOLLOW_UP_DAYS = 7, 7


def evidence(arrived: Arrived) -> list[Evidence]:
    """All four."""
    return [_answered(arrived), _failed(arrived), _closed(arrived), _late_documents(arrived)]


def _answered(arrived: Arrived) -> Evidence:
    """Requests upwards of the grass roots that were not cancelled: accepted or arrived in time."""
    rows = arrived.requests
    rows = rows.take((rows.direction == UP) & ~arrived.layout.is_county[rows.sender])
    status = state_at(rows, arrived.end)
    minutes = np.where(rows.severity == CRITICAL, _CRITICAL_MINUTES, _ANSWER_MINUTES)
    limit = rows["apply"] + minutes * np.timedelta64(60, "s")
    due = _days_since(arrived, rows) * _MINUTES_A_DAY >= minutes
    accepted = np.where(status == _REFUSED, np.datetime64("NaT"), rows.accept)
    answer = np.fmin(accepted, rows.arrive)
    answered = answer < arrived.end
    judged = (status != _CANCELLED) & (answered | (status == _REFUSED) | due)
    rows, in_time = rows.take(judged), (answered & (answer <= limit))[judged]
    tiers = (*GRASS_ROOTS, *VILLAGE)
    return arrived.evidence("KPI-056", tiers, rows.sender, rows["apply"], in_time, 1, physician=rows.doctor)


def _failed(arrived: Arrived) -> Evidence:
    """Requests refused, cancelled, or whose patient has not come within days."""
    rows = arrived.requests
    status = state_at(rows, arrived.end)
    come = rows.arrive < arrived.end
    ended = np.isin(status, [_REFUSED, _CANCELLED])
    overdue = _days_since(arrived, rows) > _ARRIVAL_DAYS
    judged = come | ended | overdue
    rows, failed = rows.take(judged), (~come)[judged]
    return arrived.evidence(
        "KPI-057", ALL_BUT_VILLAGE, rows.sender, rows["apply"], failed, 1, physician=rows.doctor
    )


def _days_since(arrived: Arrived, rows: Arrays) -> np.ndarray:
    """Days from the request to the last day of the county."""
    return days(np.array(arrived.end)) - 1 - days(rows["apply"])


def _closed(arrived: Arrived) -> Evidence:
    """At the receiver: feedback was given, and who came down was seen at the grass roots in the days after."""
    rows = arrived.referrals.take(arrived.referrals.target >= 0)
    visits = arrived.visits
    visits = visits.take(~arrived.layout.is_county[visits.institution])
    seen = [arrived.told("pressure"), arrived.told("sugar")]
    person = np.concatenate([visits.person, *(each.person for each in seen)])
    day = np.concatenate([days(visits.due), *(days(each.day) for each in seen)])
    cared_for = followed(rows.person, days(rows.arrive), person, day, _FOLLOW_UP_DAYS)
    closed = (rows.feedback < arrived.end) & ((rows.direction == UP) | cared_for)
    accepted = arrived.accepted_by(rows)
    return arrived.evidence(
        "KPI-058", ALL_BUT_VILLAGE, rows.target, rows.arrive, closed, 1, physician=accepted
    )


def _late_documents(arrived: Arrived) -> Evidence:
    """Documents after the patient, more than two hours after the request, or never."""
    rows = arrived.referrals
    limit = rows["apply"] + _DOCUMENT_MINUTES * np.timedelta64(60, "s")
    in_time = (rows.documents <= rows.arrive) & (rows.documents <= limit) & (rows.documents < arrived.end)
    return arrived.evidence(
        "KPI-059", ALL_BUT_VILLAGE, rows.sender, rows.arrive, ~in_time, 1, physician=rows.doctor
    )
