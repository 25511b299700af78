"""KPI-013 and 047: overall satisfaction of patients and residents, and of staff."""

from sources.simulator.happening.experience import FROM_STAFF, FROM_STAY
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, EVERYONE, Evidence


def overall(arrived: Arrived) -> Evidence:
    """What staff answer does not count."""
    return _mean_score(arrived, "KPI-013", EVERYONE, of_staff=False)


def of_staff(arrived: Arrived) -> Evidence:
    """Only what staff answer."""
    return _mean_score(arrived, "KPI-047", ALL_BUT_VILLAGE, of_staff=True)


def _mean_score(arrived: Arrived, kpi: str, tiers: tuple[str, ...], of_staff: bool) -> Evidence:
    """Scores in tenths; who was asked about no visit and no stay speaks of no department."""
    answers = arrived.of("survey")
    answers = answers.take((answers.kind == FROM_STAFF) == of_staff)
    seen_in, _ = arrived.encounters.seen_by(answers.kind == FROM_STAY, answers.place, answers.number)
    found = arrived.evidence(kpi, tiers, answers.place, answers.due, answers.tenths, 1, department=seen_in)
    return found.of(scale=1, unit=10)
