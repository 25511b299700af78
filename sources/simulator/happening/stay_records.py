"""What is written about stays: the stay itself, its diagnoses, and corrections a month later (V16).

A stay is delivered when it begins (if it is still open at the end of the month) and when it ends. Not here: who stays
where and how long (stays.py).
"""

from typing import Any

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Mark, Note
from sources.simulator.ground.keys import insured_stay_id, record_no, referral_id, staff_id, stay_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import null_where, pick
from sources.simulator.happening.cases import in_order, told_once
from sources.simulator.happening.stays import CANCELLED, DISCHARGED, IN_HOSPITAL, SPLIT, nights
from sources.simulator.people.population import Residents
from sources.simulator.place.casebook import Casebook
from sources.simulator.place.departments import DEPARTMENT_CODES
from sources.simulator.place.diseases import CHRONIC, Diseases


def admission_way(stays: Arrays) -> pa.Array:
    """1 emergency, 2 outpatient, 3 referred."""
    return pick(["1", "2", "3"], np.select([stays.referral >= 0, stays.number % 5 == 0], [2, 0], 1))


def stay_frame(
    month: CalendarMonth,
    stays: Arrays,
    people: Residents,
    layout: Layout,
    patient_id: pa.Array,
    updated: np.ndarray | None = None,
) -> Frame:
    """his_ip_stay rows as known at the end of the month (or, for corrections, as known at `updated`)."""
    place = stays.institution
    gone = (stays.due < month.end) & (stays.status != CANCELLED)
    state = np.select([stays.status == CANCELLED, gone], [CANCELLED, DISCHARGED], IN_HOSPITAL)
    department = pick(DEPARTMENT_CODES, stays.department)
    again = (stays.kind == SPLIT) & (stays.admit >= month.start)
    return Frame(
        "his_ip_stay",
        stays.rows,
        layout.deliverer[place],
        {
            "org_code": pick(layout.codes, place),
            "visit_id": stay_id(stays.number),
            "patient_id": patient_id,
            "mr_no": record_no(stays.person),
            "admit_times": stays.times,
            "mdtrt_id": null_where(insured_stay_id(place, stays.number), ~people.insured[stays.person]),
            "admit_time": stays.admit,
            "admit_way": admission_way(stays),
            "admit_dept": department,
            "attending_staff": staff_id(stays.doctor),
            "ip_med_type": pick(["", "1", "2"], stays.way),
            "referral_id": referral_id(stays.referral),
            "status": pick(["", "1", "2", "3"], state),
            "src_update_ts": np.where(gone, stays.due + 7_200, month.end - 3_600)
            if updated is None
            else updated,
            **_discharge(stays, gone, department, layout),
        },
        event=stays.event,
        subject="stay",
        fragile=~gone | (stays.admit < month.start) | stays.get("corrected", np.zeros(stays.rows, bool)),
        marks=[Mark.where(again, "分解住院", place, "出院后数日内因同一诊断再次入院")],
    )


def _discharge(stays: Arrays, gone: np.ndarray, department: pa.Array, layout: Layout) -> dict[str, Any]:
    """Null for those still there. One hospital counts a stay of one day as 0 (V39)."""
    days = nights(stays)
    counted = np.where(stays.institution == layout.county[1], days, np.maximum(days, 1))
    return {
        "discharge_time": np.where(gone, stays.due, np.datetime64("NaT")),
        "discharge_dept": null_where(department, ~gone),
        "discharge_way": null_where(pa.array(stays.leaving).cast(pa.string()), ~gone),
        "los_days": null_where(counted, ~gone),
    }


def record_diagnosis_frame(
    stays: Arrays, book: Casebook, layout: Layout, updated: np.ndarray, defects: bool
) -> Frame:
    """his_mr_diag of discharged stays: the principal diagnosis (seq 0) and what stands beside it.

    Among the defects one hospital leaves the first of the further places empty now and then (V03).
    """
    gappy = layout.county[0] if defects else -1
    beside, place, other = in_order(stays.others)
    gap = (stays.institution[beside] == gappy) & (stays.number[beside] % 5 == 0)
    row = np.concatenate([np.arange(stays.rows), beside])
    code = np.concatenate([book.principal[stays.plan], other])
    sequence = np.concatenate([np.zeros(stays.rows, np.int64), place + gap])
    late = np.concatenate([np.zeros(stays.rows, bool), gap & (place == 1)])
    order = np.lexsort((sequence, row))
    row, code, sequence, late = row[order], code[order], sequence[order], late[order]
    return Frame(
        "his_mr_diag",
        len(row),
        layout.deliverer[stays.institution[row]],
        {
            "visit_id": stay_id(stays.number[row]),
            "seq": sequence,
            "diag_code": pick(book.codes, code),
            "diag_name": pick(book.names, code),
            "poa": pick(["1", "4"], stays.number[row] % 11 == 0),
            "diag_code_nhsa": pick(book.insurance_codes, code),
            "map_status": "1",
            "src_update_ts": updated[row],
        },
        notes=[Note.where(late, "V03")],
    )


def choose_corrections(seed: int, month: CalendarMonth, stays: Arrays) -> np.ndarray:
    """Rows of the month's discharged stays whose record will be mended next month (V16): 1.5 %, one at least."""
    point = stream(seed, "defects/corrections", month.number).random(stays.rows)
    return np.flatnonzero((point < 0.015) | (point == point.min(initial=1.0)))


def corrected(seed: int, month: CalendarMonth, stays: Arrays, diseases: Diseases, book: Casebook) -> Arrays:
    """The stays as mended: another principal diagnosis for half, another discharge time for the others.

    The discharge stays in its month, after the admission; `changed` is 0 (diagnosis) or 1 (time).
    """
    rng = stream(seed, "defects/correct", month.number)
    mended = stays.take(np.arange(stays.rows))
    time = rng.random(stays.rows) < 0.5
    plausible = np.flatnonzero(np.isin(diseases.groups, ["any", *CHRONIC]) & (diseases.inpatient_weight > 1))
    other = plausible[rng.integers(0, len(plausible), stays.rows)]
    mended["disease"] = np.where(time, stays.disease, other)
    mended["plan"] = np.where(time, stays.plan, book.default[mended.disease])
    mended["others"] = told_once(stays.others, book.principal[mended.plan])
    earlier = stays.due - 86_400
    possible = (earlier > stays.admit) & (
        earlier.astype("datetime64[M]") == stays.due.astype("datetime64[M]")
    )
    mended["due"] = np.where(time & possible, earlier, stays.due)
    return mended


def correction_frames(
    month: CalendarMonth,
    mended: Arrays,
    people: Residents,
    book: Casebook,
    layout: Layout,
    patient_id: pa.Array,
) -> list[Frame]:
    """his_ip_stay and his_mr_diag rows with which last month's records are mended in this month's delivery."""
    known = month.start + (8 + mended.number % 12) * 86_400 + 36_000
    stay = stay_frame(month, mended, people, layout, patient_id, updated=known)
    stay.fragile = np.ones(stay.rows, bool)
    record = record_diagnosis_frame(mended, book, layout, known, defects=True)
    for frame in (stay, record):
        frame.notes.append(Note(np.arange(frame.rows), "V16", disposition="late"))
    return [stay, record]
