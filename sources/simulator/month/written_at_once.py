"""Every feed that is written by the subject that makes its events: encounters, orders, referrals, money, lists.

Not here: feeds that only write down what others did (written_afterwards.py).
"""

import numpy as np

from sources.simulator.ground.arrays import concat
from sources.simulator.ground.frames import Frame, stack
from sources.simulator.happening import (
    beyond_the_county,
    experience,
    fee_book,
    follow_ups,
    insured,
    medicines,
    operations,
    public_health,
    recognition,
    referrals,
    reports,
    settlements,
    stay_records,
    stays,
    visits,
)
from sources.simulator.month.course import Course
from sources.simulator.place import departments, facilities, institutions, staff_lists


def frames(c: Course) -> list[Frame]:
    """All of them."""
    return [*_encounters(c), *_orders(c), _referrals(c), *_money(c), *_experience(c), *_lists(c), *_health(c)]


def _encounters(c: Course) -> list[Frame]:
    w, v = c.w, c.visits
    return [
        visits.visit_frame(v, w.people, w.diseases, w.layout, w.registers.column(v.institution, v.person)),
        visits.diagnosis_frame(v, w.people, w.diseases, w.layout),
        medicines.prescription_frame(c.prescriptions, v, w.layout),
        medicines.item_frame(c.items, c.prescriptions, v, w.layout),
        *_stays(c),
        operations.operation_frame(c.operations, c.discharged, w.layout, w.casebook),
    ]


def _stays(c: Course) -> list[Frame]:
    """The month's stays and last month's records as mended."""
    w, m, gone = c.w, c.m, c.discharged
    open_still = c.new_stays.take((c.new_stays.due >= m.end) | (c.new_stays.status == stays.CANCELLED))
    open_still["corrected"], open_still["expert"] = (
        np.zeros(open_still.rows, bool),
        np.full(open_still.rows, -1),
    )
    told = concat([gone, open_still])
    patient = w.registers.column(told.institution, told.person)
    stay = [stay_records.stay_frame(m, told, w.people, w.layout, patient)]
    record = [stay_records.record_diagnosis_frame(gone, w.casebook, w.layout, gone.due + 7_200, w.defects)]
    for mended in c.mended:
        patient = w.registers.column(mended.institution, mended.person)
        known = stay_records.correction_frames(m, mended, w.people, w.casebook, w.layout, patient)
        stay.append(known[0])
        record.append(known[1])
    return [stack(stay), stack(record)]


def _orders(c: Course) -> list[Frame]:
    layout, registers = c.w.layout, c.w.registers
    return [
        reports.lab_frame(c.labs, layout, registers),
        reports.exam_frame(c.exams, layout, registers),
        reports.use_frame(c.exams, layout),
        recognition.recognition_frame(c.prompts, layout, registers),
    ]


def _referrals(c: Course) -> Frame:
    w, r = c.w, c.referrals
    patient = w.registers.column(r.sender, r.person)
    return referrals.referral_frame(c.m, w.months, r, w.diseases, w.layout, patient, w.culprits["年末突击"])


def _money(c: Course) -> list[Frame]:
    w = c.w
    return [
        fee_book.detail_frame(c.charged, w.layout),
        settlements.settlement_frame(c.settlements, w.people, w.layout),
        beyond_the_county.beyond_frame(c.beyond, w.people, w.diseases),
        insured.insured_frame(c.m, w.people, w.layout),
    ]


def _experience(c: Course) -> list[Frame]:
    return [
        experience.slot_frame(c.slots, c.w.layout),
        experience.survey_frame(c.answers, c.w.layout),
    ]


def _lists(c: Course) -> list[Frame]:
    w, m = c.w, c.m
    return [
        institutions.institution_frame(w.layout),
        departments.department_frame(w.layout),
        staff_lists.staff_frame(w.workforce, w.layout, m),
        staff_lists.posting_frame(w.workforce, w.layout, m),
        staff_lists.training_frame(w.workforce, w.layout, m),
        facilities.equipment_frame(w.equipment, w.layout),
        w.registers.frame(m, np.concatenate(c.entries)),
    ]


def _health(c: Course) -> list[Frame]:
    """The public-health platform."""
    w, m = c.w, c.m
    return [
        public_health.record_frame(w.seed, m, w.people, w.health, w.layout),
        public_health.contract_frame(c.contracts, w.people, w.layout, m),
        public_health.enrolment_frame(m, w.people, w.health, w.layout),
        follow_ups.follow_up_frame(m, c.follow_ups, w.people),
    ]
