"""The front page of the medical record: one line per discharged stay, its fees by the page's own categories.

Diagnoses and operations of the page are feeds of their own (stays.py). Fees add up to the stay's fee lines.
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame
from sources.simulator.ground.text import identifier, null_where, pick
from sources.simulator.happening import fees
from sources.simulator.happening.stays import stay_id
from sources.simulator.happening.visits import department_codes
from sources.simulator.state.happened import Happened

# column of the page ← fee categories (item_type) it adds up
_FEES = {
    "service_fee": (1, 2, 12), "treat_op_fee": (), "nurse_fee": (7,), "patho_fee": (), "lab_fee": (4,),
    "imaging_fee": (3,), "clin_diag_fee": (), "nonsurg_fee": (5,), "phys_fee": (), "surg_treat_fee": (6,),
    "anes_fee": (), "surg_fee": (), "rehab_fee": (), "tcm_treat_fee": (), "west_drug_fee": (9,),
    "antibiotic_fee": (), "cpm_fee": (11,), "herb_fee": (10,), "blood_fee": (), "exam_material_fee": (),
    "treat_material_fee": (8,), "surg_material_fee": (), "other_fee": (13, 14),
}  # fmt: skip
_OCCUPATIONS = ["11", "13", "17", "21", "24", "27", "31", "70", "80", "90"]


def front_page_frame(h: Happened) -> Frame:
    """his_mr_front of the month's discharges."""
    stays, layout, people = h.discharged, h.layout, h.people
    rng = h.rng("front pages")
    person, place, size = stays.person, stays.institution, stays.rows
    take = pa.array(person)
    codes, table = department_codes(h.world.diseases, layout)
    department = pick(codes, table[place, stays.disease])
    admitted, left = stays.admit.astype("datetime64[D]"), stays.due.astype("datetime64[D]")
    days = np.maximum((left - admitted).astype(np.int64), 1)
    age = (admitted - people.birth[person]).astype(np.int64)
    years = np.maximum(age * 4 // 1461, 0)
    infant = years < 1
    doctor = pa.array([p.name for p in h.world.workforce.staff]).take(pa.array(stays.doctor))
    money = fees.by_category(h.stay_lines, size)
    readable = np.isin(h.world.registers.state[place, person], h.world.registers.readable)
    return Frame(
        "his_mr_front",
        size,
        layout.deliverer[place],
        {
            "org_code": layout.codes.take(pa.array(place)),
            "mr_no": identifier("B", person, 8),
            "visit_id": stay_id(stays.number),
            "pay_way": pick(
                ["07", "01", "02"], np.where(people.insured[person], 2 - people.employee[person], 0)
            ),
            "admit_times": stays.times.astype(np.int64),
            "name": people.name.take(take),
            "gender": pick(["", "1", "2"], people.sex[person]),
            "birth_date": people.birth[person],
            "age": years,
            "age_days": null_where(
                pick([f"{n // 30}.{n % 30:02d}" for n in range(370)], np.clip(age, 0, 369)), ~infant
            ),
            "nationality": "CHN",
            "id_no": null_where(people.id_text.take(take), ~readable),
            "occupation": pick(_OCCUPATIONS, person % len(_OCCUPATIONS)),
            "marital": pick(["1", "2", "3"], np.select([years < 22, years > 75], [0, 2 - person % 2], 1)),
            "cur_addr": people.address.take(take),
            "phone": people.phone.take(take),
            "admit_way": pick(
                ["1", "2", "3"], np.where(stays.referral >= 0, 2, np.where(stays.number % 5 == 0, 0, 1))
            ),
            "admit_date": admitted,
            "admit_hour": _hour(stays.admit),
            "admit_dept": department,
            "disch_date": left,
            "disch_hour": _hour(stays.due),
            "disch_dept": department,
            "los_days": days,
            "op_diag_code": h.world.diseases.codes.take(pa.array(stays.disease)),
            "allergy": pick(["1", "2"], (rng.random(size) < 0.08).astype(np.int64)),
            "abo": pick(["1", "2", "3", "4", "6"], rng.choice(5, size, p=[0.25, 0.22, 0.28, 0.08, 0.17])),
            "rh": pick(["2", "4"], (rng.random(size) < 0.2).astype(np.int64)),
            "chief_doctor": doctor,
            "attending_doctor": doctor,
            "resident_doctor": doctor,
            "mr_quality": pick(["1", "2"], (rng.random(size) < 0.06).astype(np.int64)),
            "disch_way": pa.array(stays.leaving).cast(pa.string()),
            "transfer_to_org": null_where(pick(layout.names, people.home[person]), stays.leaving != 3),
            "readmit_plan_31": pick(["1", "2"], (stays.number % 29 == 0).astype(np.int64)),
            "coma_before": "0/0/0",
            "coma_after": "0/0/0",
            "total_fee": money.sum(axis=1),
            "self_fee": money.sum(axis=1) * 35 // 100,
            **{name: money[:, list(kinds)].sum(axis=1) for name, kinds in _FEES.items()},
        },
    )


def _hour(time: np.ndarray) -> np.ndarray:
    return (time - time.astype("datetime64[D]").astype("datetime64[s]")).astype(np.int64) // 3_600
