"""KPI-007, 008 and 014: referrals of indicated cases, their way down, and returns of those who were sent down."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.referrals import DOWN
from sources.simulator.happening.stays import DIED
from sources.simulator.happening.visits import EMERGENCY, OUTPATIENT
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, COUNTY, Evidence, merged
from sources.simulator.known.truth.neighbours import days, followed, preceded

_CASE_DAYS, _RETURN_DAYS = 30, 30
_PLANNED = 2  # first_visit_flag of a visit that was agreed


def referred(arrived: Arrived) -> Evidence:
    """Referrals that arrived, of the indicated cases: up from the grass roots, down from the hospitals."""
    sent, at_county = arrived.referrals, arrived.layout.is_county
    up = arrived.visits.take(~at_county[arrived.visits.institution])
    up = _cases(arrived, up, arrived.diseases.up)
    down = arrived.discharges.take(at_county[arrived.discharges.institution])
    down = _cases(arrived, down.take(down.leaving != DIED), arrived.diseases.down)
    return merged(
        arrived.evidence("KPI-007", ALL_BUT_VILLAGE, sent.sender, sent.arrive, 1, 0, physician=sent.doctor),
        *(
            arrived.evidence(
                "KPI-007", ALL_BUT_VILLAGE, rows.institution, rows.due, 0, 1, physician=rows.doctor
            )
            for rows in (up, down)
        ),
    )


def _cases(arrived: Arrived, rows: Arrays, indicated: np.ndarray) -> Arrays:
    """Events of indicated categories without one of the same person and category in the 30 days before."""
    rows = rows.take(np.isin(rows.category, arrived.diseases.category[indicated]))
    key = rows.person * 1_000 + rows.category
    return rows.take(~preceded(key, rows.due, (rows.number, rows.institution), _CASE_DAYS))


def downwards(arrived: Arrived) -> Evidence:
    """Referrals down, of all a county hospital takes part in."""
    rows = arrived.referrals.take(arrived.referrals.target >= 0)
    rows["hospital"] = np.where(rows.direction == DOWN, rows.sender, rows.target)
    rows["whose"] = np.where(rows.direction == DOWN, rows.doctor, arrived.accepted_by(rows))
    rows = rows.take(arrived.layout.is_county[rows.hospital])
    down = rows.direction == DOWN
    return arrived.evidence("KPI-008", COUNTY, rows.hospital, rows.arrive, down, 1, physician=rows.whose)


def returned(arrived: Arrived) -> Evidence:
    """Patients sent down who come back to any county hospital, or go outside, for the same within 30 days."""
    sent = arrived.referrals.take(arrived.referrals.direction == DOWN)
    back = is_back(arrived, sent)
    return arrived.evidence("KPI-014", COUNTY, sent.sender, sent.arrive, back, 1, physician=sent.doctor)


def is_back(arrived: Arrived, sent: Arrays) -> np.ndarray:
    """True for those sent down from a county hospital who are back too soon."""
    at_county = arrived.layout.is_county
    visits, stays, beyond = arrived.visits, arrived.discharges, arrived.beyond
    unplanned = np.isin(visits.kind, [OUTPATIENT, EMERGENCY]) & (visits["first"] != _PLANNED)
    visits = visits.take(at_county[visits.institution] & unplanned)
    stays = stays.take(at_county[stays.institution])
    key = np.concatenate([rows.person * 1_000 + rows.category for rows in (visits, stays, beyond)])
    day = days(np.concatenate([visits.due, stays.admit, beyond.due]))
    back = followed(sent.person * 1_000 + sent.category, days(sent.arrive), key, day, _RETURN_DAYS)
    return back & (sent.direction == DOWN) & at_county[sent.sender]
