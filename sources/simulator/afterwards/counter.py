"""At the counter: registrations before a visit and bills after a settlement.

Not here: the visit and the settlement themselves (happening/).
"""

import numpy as np

from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.keys import (
    encounter_id,
    hospital_settlement_id,
    registration_no,
    settlement_id,
    staff_id,
)
from sources.simulator.ground.streams import draw
from sources.simulator.ground.text import identifier, null_where, pick
from sources.simulator.happening.settlements import INPATIENT, money
from sources.simulator.happening.visits import EMERGENCY
from sources.simulator.place.departments import DEPARTMENT_CODES, department_table
from sources.simulator.state.happened import Happened

ORDINARY, EXPERT, _EMERGENCY, CONTRACT, BOOKED = range(5)  # kinds of numbers
AT_THE_COUNTER, BY_PRIMARY_CARE, ON_THE_PLATFORM, AT_THE_KIOSK, UNKNOWN_WAY = 0, 1, 2, 3, -1
_WAYS_TO_HOSPITAL, _WAYS_TO_PRIMARY_CARE = [0.35, 0.08, 0.32, 0.25], [0.9, 0.0, 0.06, 0.04]
_LEAVING, _MIDTERM, _REFUND = 0, 1, 2
_HOSPITAL_BEARS = 0.004  # share of bills of which the hospital takes a part itself (V38)


def registration_frame(h: Happened) -> Frame:
    """his_op_register: one number per visit; in an emergency the visit comes first and the number after it."""
    v, layout = h.visits, h.layout
    rng = h.rng("registrations")
    emergency = v.kind == EMERGENCY
    ahead = np.where(emergency, -rng.integers(2, 40, v.rows), rng.integers(3, 70, v.rows))
    table = department_table(h.world.diseases, layout)
    kind, way = _kinds(h, emergency), _ways(h, emergency)
    event = h.enter("registration", visit=v.event, kind=kind, way=way)
    return Frame(
        "his_op_register",
        v.rows,
        layout.deliverer[v.institution],
        {
            "org_code": pick(layout.codes, v.institution),
            "reg_no": registration_no(v.number),
            "patient_id": h.world.registers.column(v.institution, v.person),
            "reg_time": v.due - ahead * 60,
            "dept_code": pick(DEPARTMENT_CODES, table[v.institution, v.disease]),
            "staff_id": staff_id(v.doctor),
            "reg_type": pick(["1", "2", "3", "4", "5"], kind),
            "appoint_channel": pick(["01", "02", "03", "04"], way),
            "status": pick(["", "1", "3", "2"], v.status),
        },
        event=event,
        subject="registration",
    )


def _kinds(h: Happened, emergency: np.ndarray) -> np.ndarray:
    """Of each visit's number; hospitals have experts and numbers that only say that they were booked."""
    number, county = h.visits.number, h.layout.is_county[h.visits.institution]
    return np.select(
        [emergency, county & (number % 3 == 0), number % 11 == 0, county & (number % 13 == 0)],
        [_EMERGENCY, EXPERT, CONTRACT, BOOKED],
        ORDINARY,
    )


def _ways(h: Happened, emergency: np.ndarray) -> np.ndarray:
    """How each visit's number was taken; nobody asks in an emergency."""
    rng, county = h.rng("ways to a number"), h.layout.is_county[h.visits.institution]
    hospital, primary = (
        draw(rng, np.array(mix), h.visits.rows) for mix in (_WAYS_TO_HOSPITAL, _WAYS_TO_PRIMARY_CARE)
    )
    return np.where(emergency, UNKNOWN_WAY, np.where(county, hospital, primary))


def bill_frame(h: Happened) -> Frame:
    """his_bill: one bill per settlement, negative where it was taken back (V13), several for one stay (V15)."""
    s, layout = h.settlements, h.layout
    stay, split = s.kind == INPATIENT, money(s, h.people)
    point = h.rng("defects/borne by the hospital").random(s.rows)
    bears = h.world.defects & (point < _HOSPITAL_BEARS) & (s.sign > 0)
    kind = np.select([s.sign < 0, s.midterm], [_REFUND, _MIDTERM], _LEAVING)
    return Frame(
        "his_bill",
        s.rows,
        layout.deliverer[s.institution],
        {
            "org_code": pick(layout.codes, s.institution),
            "bill_no": identifier("00", s.id, 12),
            "settle_id": hospital_settlement_id(s.kind, s.id),
            "visit_id": encounter_id(stay, s.number),
            "settle_time": s.due,
            "total_amount": s.sign * (s.fen + np.where(bears, 1_000, 0)),
            "fund_amount": s.sign * split["fund_pay_sumamt"],
            "acct_amount": s.sign * split["acct_pay"],
            "cash_amount": s.sign * split["psn_cash_pay"],
            "settle_kind": pick(["1", "2", "3"], kind),
            "ref_settle_id": null_where(hospital_settlement_id(s.kind, s.original), s.original < 0),
            "msettle_id": settlement_id(s.id),
        },
        notes=[Note.where(bears, "V38"), Note.where(s.midterm & (s.sign > 0), "V15")],
    )
