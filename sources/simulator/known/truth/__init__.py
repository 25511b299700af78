"""What a perfect warehouse would publish: the fifteen core indicators, computed from the diary.

Independent of the warehouse on purpose: numpy over true events, the definitions written out once more. One file per
subject; each turns the events that arrived (arrived.py) into evidence: institution, month, numerator and denominator per
event (evidence.py). Not here: what windows and values follow from evidence (known/kpi_table.py).
"""

from sources.simulator.known.truth import (
    costs,
    equipment,
    examinations,
    first_contact,
    recognition,
    referrals,
    satisfaction,
    slots,
    staff,
    stays,
)
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import Evidence

__all__ = ["Arrived", "Evidence", "core_indicators"]


def core_indicators(arrived: Arrived, opening: dict[tuple[int, int, int], int]) -> list[Evidence]:
    """Evidence of all fifteen indicators, limited to the tiers each is meant for.

    `opening`: (institution, kind, number of a month before the first) → average cost in fen.
    """
    return [
        recognition.recognised(arrived),
        slots.opened_early(arrived),
        equipment.in_use(arrived),
        *staff.evidence(arrived),
        referrals.two_way(arrived),
        referrals.downwards(arrived),
        referrals.returned(arrived),
        first_contact.at_the_grass_roots(arrived),
        stays.length(arrived),
        costs.growth(arrived, opening),
        examinations.repeated(arrived),
        examinations.waiting(arrived),
        satisfaction.overall(arrived),
    ]
