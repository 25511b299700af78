"""KPI-013: overall satisfaction of patients and residents; what staff answer does not count."""

from sources.simulator.happening.experience import FROM_STAFF
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import ALL_BUT_VILLAGE, VILLAGE, Evidence


def overall(arrived: Arrived) -> Evidence:
    """Scores in tenths."""
    answers = arrived.of("survey")
    answers = answers.take(answers.kind != FROM_STAFF)
    return arrived.evidence(
        "KPI-013", (*ALL_BUT_VILLAGE, *VILLAGE), answers.place, answers.due, answers.tenths, 1
    )
