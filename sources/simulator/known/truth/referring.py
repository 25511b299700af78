"""KPI-033, 060 and 061: how much is referred, of all that could be, and by whom."""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.happening.referrals import DOWN, UP
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, COUNTY, GRASS_ROOTS, Evidence, merged
from sources.simulator.known.truth.two_way_referral import is_back

_STAFF = 1_000_000  # more than there are


def evidence(arrived: Arrived) -> list[Evidence]:
    """All three."""
    return [_sent_down(arrived), _sent_up(arrived), _taking_part(arrived)]


def _sent_down(arrived: Arrived) -> Evidence:
    """Referrals down over discharges, both of county hospitals."""
    sent, gone, at_county = arrived.referrals, arrived.discharges, arrived.layout.is_county
    sent = sent.take((sent.direction == DOWN) & at_county[sent.sender])
    gone = gone.take(at_county[gone.institution])
    return merged(
        arrived.evidence("KPI-033", COUNTY, sent.sender, sent.arrive, 1, 0, physician=sent.doctor),
        arrived.evidence("KPI-033", COUNTY, gone.institution, gone.due, 0, 1, physician=gone.doctor),
    )


def _sent_up(arrived: Arrived) -> Evidence:
    """Referrals up over consultations at the grass roots; a health check is none."""
    sent, visits = arrived.referrals, arrived.primary_care_consultations
    sent = sent.take((sent.direction == UP) & ~arrived.layout.is_county[sent.sender])
    return merged(
        arrived.evidence("KPI-060", GRASS_ROOTS, sent.sender, sent.arrive, 1, 0, physician=sent.doctor),
        arrived.evidence(
            "KPI-060", GRASS_ROOTS, visits.institution, visits.due, 0, 1, physician=visits.doctor
        ),
    )


def _taking_part(arrived: Arrived) -> Evidence:
    """Physicians who saw patients in a month, and those among them whose request then asked for was sound."""
    seen = _by_month(arrived, [arrived.visits, arrived.discharges], "institution", "due")
    sound = arrived.referrals.take(~is_back(arrived, arrived.referrals))
    referred = _by_month(arrived, [sound], "sender", "apply")
    place, month = seen // _STAFF // 1_000, seen // _STAFF % 1_000
    took_part = np.isin(seen, referred)
    found = arrived.evidence("KPI-061", ALL_BUT_VILLAGE, place, month, took_part, 1)
    return found.of(statistic="distinct", item=place * _STAFF + seen % _STAFF)


def _by_month(arrived: Arrived, parts: list[Arrays], place: str, when: str) -> np.ndarray:
    """Keys of every institution, month and doctor there was something of, in the months of the county."""
    keys = []
    for rows in parts:
        month = arrived.month_of(rows[when])
        inside = (month >= 0) & (month < len(arrived.world.months)) & (rows.doctor >= 0)
        key = (rows[place] * 1_000 + month) * _STAFF + rows.doctor
        keys.append(key[inside])
    return np.unique(np.concatenate(keys))
