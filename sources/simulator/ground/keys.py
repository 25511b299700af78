"""How the things of the county are numbered in the files: one function per kind of key that several feeds write.

Numbers are integers counted by the subject modules; -1 gives null. Not here: keys only one feed writes.
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.text import either, identifier


def visit_id(number: np.ndarray) -> pa.Array:
    return identifier("MZ", number, 10)


def stay_id(number: np.ndarray) -> pa.Array:
    return identifier("ZY", number, 10)


def encounter_id(is_stay: np.ndarray, number: np.ndarray) -> pa.Array:
    """stay_id where the mask is true, visit_id elsewhere."""
    return either(is_stay, stay_id(number), visit_id(number))


def registration_no(number: np.ndarray) -> pa.Array:
    return identifier("GH", number, 10)


def record_no(person: np.ndarray) -> pa.Array:
    """Number of the medical record, the same for every stay of a person."""
    return identifier("B", person, 8)


def referral_id(number: np.ndarray) -> pa.Array:
    return identifier("ZZ", number, 10)


def exam_id(number: np.ndarray) -> pa.Array:
    return identifier("EX", number, 10)


def lab_report_id(number: np.ndarray) -> pa.Array:
    return identifier("LA", number, 10)


def prescription_no(number: np.ndarray) -> pa.Array:
    return identifier("CF", number, 10)


def consultation_id(number: np.ndarray) -> pa.Array:
    """A remote service."""
    return identifier("YC", number, 10)


def fee_id(number: np.ndarray) -> pa.Array:
    return identifier("F", number, 12)


def equipment_id(number: np.ndarray) -> pa.Array:
    """Machines are counted from 0."""
    return identifier("SB", number + 1, 6)


def staff_id(number: np.ndarray) -> pa.Array:
    """Staff are counted from 0; -1 gives null."""
    return identifier("P", np.where(number < 0, -1, number + 1), 6)


def doctor_code(number: np.ndarray) -> pa.Array:
    """The insurance code of a member of staff."""
    return identifier("D340699", number, 6)


def contract_id(person: np.ndarray) -> pa.Array:
    return identifier("QY", person, 8)


def settlement_id(number: np.ndarray) -> pa.Array:
    """The bureau's number of a settlement."""
    return identifier("340600S", number, 12)


def hospital_settlement_id(kind: np.ndarray, number: np.ndarray) -> pa.Array:
    """What hospitals write for the same: the kind of care (0 outpatient, 1 inpatient) in front."""
    return _within("340600S", kind, number)


def insured_visit_id(place: np.ndarray, number: np.ndarray) -> pa.Array:
    """mdtrt_id: a visit county-wide, institution and local number."""
    return _within("340600G", place, number)


def insured_stay_id(place: np.ndarray, number: np.ndarray) -> pa.Array:
    """mdtrt_id: a stay county-wide."""
    return _within("340600Z", place, number)


def insured_encounter_id(is_stay: np.ndarray, place: np.ndarray, number: np.ndarray) -> pa.Array:
    """insured_stay_id where the mask is true, insured_visit_id elsewhere."""
    return either(is_stay, insured_stay_id(place, number), insured_visit_id(place, number))


def _within(prefix: str, place: np.ndarray, number: np.ndarray) -> pa.Array:
    return identifier(prefix, (place.astype(np.int64) + 10) * 10**10 + number, 12)
