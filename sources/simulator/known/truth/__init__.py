"""What a perfect warehouse would publish: the indicators, computed from the diary.

Independent of the warehouse on purpose: numpy over true events, the definitions written out once more. One file per
subject; each turns the events that arrived (arrived.py) into evidence: whose an event is, when it was, numerator and
denominator (evidence.py). Not here: what windows and values follow from evidence (known/kpi_table.py, known/week_table.py).
"""

from collections.abc import Iterator

from sources.simulator.known.truth import (
    beds,
    casemix,
    chronic_patients,
    cost_growth,
    equipment_use,
    examinations,
    expert_slots,
    finances,
    first_contact,
    fund_balance,
    governed,
    grass_roots_staff,
    health_records,
    in_time,
    insured_people,
    length_of_stay,
    mortality,
    mutual_recognition,
    operations,
    outpatients,
    prescription_review,
    public_health_services,
    readmission,
    referral_handling,
    referring,
    satisfaction,
    settlement_lists,
    software_readings,
    support,
    telecare,
    training_and_posts,
    two_way_referral,
    workload,
)
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import Evidence

__all__ = ["Arrived", "Evidence", "core_indicators"]


def core_indicators(arrived: Arrived, opening: dict[tuple[int, int, int], int]) -> Iterator[Evidence]:
    """Evidence of every indicator, limited to the tiers each is meant for; one subject's events at a time are in memory.

    `opening`: (institution, kind, number of a month before the first) → average cost in fen.
    """
    yield mutual_recognition.recognised(arrived)
    yield expert_slots.opened_early(arrived)
    yield equipment_use.in_use(arrived)
    yield from grass_roots_staff.evidence(arrived)
    yield two_way_referral.referred(arrived)
    yield two_way_referral.downwards(arrived)
    yield two_way_referral.returned(arrived)
    yield first_contact.at_the_grass_roots(arrived)
    yield length_of_stay.days_of_stay(arrived)
    yield from cost_growth.evidence(arrived, opening)
    yield examinations.repeated(arrived)
    yield examinations.waiting(arrived)
    yield examinations.per_day(arrived)
    yield examinations.positive(arrived)
    yield from operations.evidence(arrived)
    yield from outpatients.evidence(arrived)
    yield from workload.evidence(arrived)
    yield prescription_review.rational(arrived)
    yield from readmission.evidence(arrived)
    yield from beds.evidence(arrived)
    yield from in_time.evidence(arrived)
    yield satisfaction.overall(arrived)
    yield from insured_people.evidence(arrived)
    yield from health_records.evidence(arrived)
    yield from chronic_patients.evidence(arrived)
    yield from public_health_services.evidence(arrived)
    yield from finances.evidence(arrived)
    yield satisfaction.of_staff(arrived)
    yield from training_and_posts.evidence(arrived)
    yield from support.evidence(arrived)
    yield from governed.evidence(arrived)
    yield from referral_handling.evidence(arrived)
    yield from referring.evidence(arrived)
    yield from settlement_lists.evidence(arrived)
    yield from casemix.evidence(arrived)
    yield from telecare.evidence(arrived)
    yield fund_balance.balance(arrived)
    yield mortality.early(arrived)
    yield from software_readings.evidence(arrived)
