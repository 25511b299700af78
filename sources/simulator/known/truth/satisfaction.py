"""KPI-013: overall satisfaction of patients and residents; what staff answer does not count."""

from sources.simulator.happening.experience import FROM_STAFF
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import EVERYONE, Evidence


def overall(arrived: Arrived) -> Evidence:
    """Scores in tenths."""
    answers = arrived.of("survey")
    answers = answers.take(answers.kind != FROM_STAFF)
    return arrived.evidence("KPI-013", EVERYONE, answers.place, answers.due, answers.tenths, 1).of(
        scale=1, unit=10
    )
