"""KPI-065, 081, 082 and 087: what has to be done in time, and was."""

import numpy as np

from sources.simulator.afterwards.office import DONE, LATE, OFFERED
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import COUNTY, NOBODY, Evidence

_ANSWER, _CRITICAL, _BALLOON = 30, 30, 90  # minutes
_REPORT_DAYS = 2
_INPATIENT = (*COUNTY, "township")


def evidence(arrived: Arrived) -> list[Evidence]:
    """All four."""
    return [_answers(arrived), _critical(arrived), _balloons(arrived), _reports(arrived)]


def _answers(arrived: Arrived) -> Evidence:
    """Urgent consultations that were not cancelled."""
    rows = arrived.of("remote service")
    consultation = np.array([code == "TELE-CON" for code, _ in OFFERED])[rows.service]
    rows = rows.take(consultation & rows.urgent & np.isin(rows.status, [DONE, LATE]))
    minutes = (rows.report - rows["apply"]).astype(np.int64) // 60
    in_time = (rows.status == DONE) & (minutes <= _ANSWER)
    return arrived.evidence(
        "KPI-065", COUNTY, rows.hospital, rows["apply"], in_time, 1, physician=rows.expert
    )


def _critical(arrived: Arrived) -> Evidence:
    """By who ordered the report, as far as the report arrived."""
    rows, labs = arrived.of("critical value"), arrived.told("lab")
    report = labs.take(rows.report)
    who = np.where(report.alive, report.institution, NOBODY)
    in_time = (rows.minutes >= 0) & (rows.minutes <= _CRITICAL)
    counts = ~(report.alive & arrived.people.is_test[report.person])
    return arrived.evidence("KPI-081", _INPATIENT, who[counts], rows.found[counts], in_time[counts], 1)


def _balloons(arrived: Arrived) -> Evidence:
    rows = arrived.of("infarction")
    return arrived.evidence("KPI-082", COUNTY, rows.place, rows.contact, rows.minutes <= _BALLOON, 1)


def _reports(arrived: Arrived) -> Evidence:
    """Reports by the day: the day of the event and the two after it."""
    rows = arrived.of("adverse event")
    return arrived.evidence("KPI-087", _INPATIENT, rows.place, rows.day, rows.hours // 24 <= _REPORT_DAYS, 1)
