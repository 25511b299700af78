"""What a perfect warehouse would publish: the indicators, computed from the diary.

Independent of the warehouse on purpose: numpy over true events, the definitions written out once more. One file per
subject; each turns the events that arrived (arrived.py) into evidence: institution, month, numerator and denominator per
event (evidence.py). Not here: what windows and values follow from evidence (known/kpi_table.py).
"""

from sources.simulator.known.truth import (
    beds,
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


def core_indicators(arrived: Arrived, opening: dict[tuple[int, int, int], int]) -> list[Evidence]:
    """Evidence of every indicator, limited to the tiers each is meant for.

    `opening`: (institution, kind, number of a month before the first) → average cost in fen.
    """
    return [
        mutual_recognition.recognised(arrived),
        expert_slots.opened_early(arrived),
        equipment_use.in_use(arrived),
        *grass_roots_staff.evidence(arrived),
        two_way_referral.referred(arrived),
        two_way_referral.downwards(arrived),
        two_way_referral.returned(arrived),
        first_contact.at_the_grass_roots(arrived),
        length_of_stay.days_of_stay(arrived),
        *cost_growth.evidence(arrived, opening),
        examinations.repeated(arrived),
        examinations.waiting(arrived),
        examinations.per_day(arrived),
        examinations.positive(arrived),
        *operations.evidence(arrived),
        *outpatients.evidence(arrived),
        *workload.evidence(arrived),
        prescription_review.rational(arrived),
        *readmission.evidence(arrived),
        *beds.evidence(arrived),
        *in_time.evidence(arrived),
        satisfaction.overall(arrived),
        *insured_people.evidence(arrived),
        *health_records.evidence(arrived),
        *chronic_patients.evidence(arrived),
        *public_health_services.evidence(arrived),
        *finances.evidence(arrived),
        satisfaction.of_staff(arrived),
        *training_and_posts.evidence(arrived),
        *support.evidence(arrived),
        *governed.evidence(arrived),
        *referral_handling.evidence(arrived),
        *referring.evidence(arrived),
        *settlement_lists.evidence(arrived),
        *telecare.evidence(arrived),
        fund_balance.balance(arrived),
        mortality.early(arrived),
        *software_readings.evidence(arrived),
    ]
