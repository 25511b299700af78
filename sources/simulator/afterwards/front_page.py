"""The front page of the medical record: one line per discharged stay, its fees by the page's own categories.

Diagnoses and operations of the page are feeds of their own (stay_records.py, operations.py). Fees add up to the stay's fee lines.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.keys import record_no, stay_id
from sources.simulator.ground.text import null_where, pick
from sources.simulator.happening import fees
from sources.simulator.happening.stay_records import admission_way
from sources.simulator.happening.stays import NEWBORN_DAYS, TRANSFERRED, nights
from sources.simulator.people.population import Residents
from sources.simulator.place.departments import DEPARTMENT_CODES
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
    stays, place = h.discharged, h.discharged.institution
    return Frame(
        "his_mr_front",
        stays.rows,
        h.layout.deliverer[place],
        {
            "org_code": pick(h.layout.codes, place),
            "mr_no": record_no(stays.person),
            "visit_id": stay_id(stays.number),
            "admit_times": stays.times.astype(np.int64),
            **_patient(h, stays),
            **_stay(h, stays),
            **_findings(h, stays),
            **_money(h, stays),
        },
    )


def returns_as_planned(stay: np.ndarray) -> np.ndarray:
    """Stays, by number, whose front page says that the patient is to be admitted again within 31 days."""
    return stay % 29 == 0


def age_at_admission(stays: Arrays, people: Residents) -> tuple[np.ndarray, np.ndarray]:
    """In whole years and in days."""
    days = (stays.admit.astype("datetime64[D]") - people.birth[stays.person]).astype(np.int64)
    return np.maximum(days * 4 // 1461, 0), days


def newborn_weights(stays: Arrays, people: Residents) -> dict[str, Any]:
    """Grams at birth and at admission of those within four weeks of their birth."""
    newborn = age_at_admission(stays, people)[1] <= NEWBORN_DAYS
    return {
        "nb_birth_weight": null_where(stays.birth_weight, ~newborn),
        "nb_admit_weight": null_where(stays.birth_weight * 97 // 100, ~newborn),
    }


def _patient(h: Happened, stays: Arrays) -> dict[str, Any]:
    """Who it is, as the register knows the person."""
    people, person = h.people, stays.person
    years, days = age_at_admission(stays, people)
    months = pick([f"{n // 30}.{n % 30:02d}" for n in range(370)], np.clip(days, 0, 369))
    readable = np.isin(h.world.registers.state[stays.institution, person], h.world.registers.readable)
    return {
        "pay_way": pick(["07", "01", "02"], np.where(people.insured[person], 2 - people.employee[person], 0)),
        "name": pick(people.name, person),
        "gender": pick(["", "1", "2"], people.sex[person]),
        "birth_date": people.birth[person],
        "age": years,
        "age_days": null_where(months, years >= 1),
        "nationality": "CHN",
        "id_no": null_where(pick(people.id_text, person), ~readable),
        "occupation": pick(_OCCUPATIONS, person % len(_OCCUPATIONS)),
        "marital": pick(["1", "2", "3"], np.select([years < 22, years > 75], [0, 2 - person % 2], 1)),
        "cur_addr": pick(people.address, person),
        "phone": pick(people.phone, person),
    }


def _stay(h: Happened, stays: Arrays) -> dict[str, Any]:
    """When the patient came and went, where to, and in whose care."""
    department = pick(DEPARTMENT_CODES, stays.department)
    doctor = h.world.workforce.names(stays.doctor)
    home = pick(h.layout.names, h.people.home[stays.person])
    return {
        "admit_way": admission_way(stays),
        "admit_date": stays.admit.astype("datetime64[D]"),
        "admit_hour": _hour(stays.admit),
        "admit_dept": department,
        "disch_date": stays.due.astype("datetime64[D]"),
        "disch_hour": _hour(stays.due),
        "disch_dept": department,
        "los_days": np.maximum(nights(stays), 1),
        "chief_doctor": doctor,
        "attending_doctor": doctor,
        "resident_doctor": doctor,
        "disch_way": pa.array(stays.leaving).cast(pa.string()),
        "transfer_to_org": null_where(home, stays.leaving != TRANSFERRED),
        "readmit_plan_31": pick(["1", "2"], returns_as_planned(stays.number)),
    }


def _findings(h: Happened, stays: Arrays) -> dict[str, Any]:
    rng, size = h.rng("front pages"), stays.rows
    return {
        "op_diag_code": pick(h.world.diseases.codes, stays.disease),
        **newborn_weights(stays, h.people),
        "allergy": pick(["1", "2"], rng.random(size) < 0.08),
        "abo": pick(["1", "2", "3", "4", "6"], rng.choice(5, size, p=[0.25, 0.22, 0.28, 0.08, 0.17])),
        "rh": pick(["2", "4"], rng.random(size) < 0.2),
        "mr_quality": pick(["1", "2"], rng.random(size) < 0.06),
        "coma_before": "0/0/0",
        "coma_after": "0/0/0",
    }


def _money(h: Happened, stays: Arrays) -> dict[str, Any]:
    by_category = fees.by_category(h.stay_lines, stays.rows)
    total = by_category.sum(axis=1)
    parts = {name: by_category[:, list(kinds)].sum(axis=1) for name, kinds in _FEES.items()}
    return {"total_fee": total, "self_fee": total * 35 // 100, **parts}


def _hour(time: np.ndarray) -> np.ndarray:
    return (time - time.astype("datetime64[D]").astype("datetime64[s]")).astype(np.int64) // 3_600
