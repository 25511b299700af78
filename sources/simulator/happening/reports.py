"""Orders carried out: where, when, on which machine, and the reports of it.

What is done after the month's end is delivered in the month of its report. Not here: what is ordered (orders.py), what
the results say.
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, running_number
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.keys import encounter_id, equipment_id, exam_id, lab_report_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import identifier, null_where, pick
from sources.simulator.happening.orders import EXAMS, LABS, STAY, Manners
from sources.simulator.people.registers import Registers
from sources.simulator.place.facilities import MODALITIES, Equipment

_MINUTES = {"CT": 12, "MR": 24, "DR": 5, "US": 11, "ECG": 6}
_CRITICAL_EVERY = 211  # laboratory reports of which one is critical
_LARGE = 5  # the first five EXAMS are CT and MR


def perform_labs(seed: int, month: CalendarMonth, orders: Arrays, layout: Layout) -> Arrays:
    """The orders with who runs the test and when it is reported (`due`)."""
    orders = Arrays(orders)
    rng = stream(seed, "labs", month.number)
    sent = rng.random(orders.rows) < 0.06
    place, hospital = _near(orders, layout), layout.hospital_of()[orders.institution]
    orders["place"] = np.where(sent & ~layout.is_county[place], hospital, place)
    orders["collect"] = orders.apply + rng.integers(4, 40, orders.rows) * 60
    orders["receive"] = orders.collect + rng.integers(3, 30, orders.rows) * 60
    orders["due"] = orders.receive + rng.integers(20, 300, orders.rows) * 60
    return orders


def perform_exams(
    seed: int, month: CalendarMonth, orders: Arrays, layout: Layout, equipment: Equipment, manner: Manners
) -> Arrays:
    """The orders with where, when and on which machine; `due` is the report."""
    orders = Arrays(orders)
    rng = stream(seed, "exams", month.number)
    modality = np.array([MODALITIES.index(entry[1]) for entry in EXAMS])[orders.item]
    near, hospital = _near(orders, layout), layout.hospital_of()[orders.institution]
    orders["place"] = np.where(equipment.first[near, modality] >= 0, near, hospital)
    machine = (rng.random(orders.rows) * equipment.machines[orders.place, modality]).astype(np.int64)
    orders["machine"] = equipment.first[orders.place, modality] + machine
    orders["modality"] = modality
    large = orders.item < _LARGE
    wait = np.where(
        large, rng.lognormal(np.log(manner.wait[orders.place]), 0.8), rng.uniform(5, 90, orders.rows)
    )
    wait = np.where(orders.emergency, rng.uniform(10, 70, orders.rows), np.minimum(wait, 12_000))
    orders["exam"] = orders.apply + wait.astype(np.int64) * 60
    minutes = np.array([_MINUTES[m] for m in MODALITIES])[modality]
    orders["minutes"] = np.maximum(np.round(minutes * rng.uniform(0.7, 1.5, orders.rows)), 1).astype(np.int64)
    orders["due"] = orders.exam + (orders.minutes + rng.integers(15, 240, orders.rows)) * 60
    return orders


def _near(orders: Arrays, layout: Layout) -> np.ndarray:
    """Who does it when the house can: the institution itself, for a village its township."""
    place = orders.institution
    return np.where(layout.is_village[place], layout.parent[place], place)


def numbered(month: CalendarMonth, rows: Arrays, layout: Layout) -> Arrays:
    """The rows delivered in the month by time, with their local numbers."""
    rows = rows.take(np.argsort(rows.due, kind="stable"))
    rows["id"] = month.id_base + 1 + running_number(layout.deliverer[rows.place], layout.size)
    return rows


def is_critical(report: np.ndarray) -> np.ndarray:
    """Laboratory reports, by number, that hold a critical value."""
    return report % _CRITICAL_EVERY == 0


def finds_something(report: np.ndarray) -> np.ndarray:
    """Examinations, by number, whose report is positive."""
    return report % 5 < 3


def lab_frame(labs: Arrays, layout: Layout, registers: Registers) -> Frame:
    """his_lab_report."""
    return Frame(
        "his_lab_report",
        labs.rows,
        layout.deliverer[labs.place],
        {
            "org_code": pick(layout.codes, labs.place),
            "report_id": lab_report_id(labs.id),
            "apply_org": pick(layout.codes, labs.institution),
            "patient_id": registers.column(labs.place, labs.person),
            "visit_id": _source_id(labs, layout),
            "item_group_code": pick([entry[0] for entry in LABS], labs.item),
            "item_group_name": pick([entry[1] for entry in LABS], labs.item),
            "apply_time": labs.apply,
            "collect_time": labs.collect,
            "receive_time": labs.receive,
            "report_time": labs.due,
            "mutual_mark": "皖HR",
            "critical_flag": pick(["0", "1"], is_critical(labs.id)),
            "amount": labs.fen,
        },
        event=labs.event,
        subject="lab",
    )


def exam_frame(exams: Arrays, layout: Layout, registers: Registers) -> Frame:
    """his_exam_report."""
    parts = [entry[2] for entry in EXAMS]
    return Frame(
        "his_exam_report",
        exams.rows,
        layout.deliverer[exams.place],
        {
            "org_code": pick(layout.codes, exams.place),
            "exam_id": exam_id(exams.id),
            "apply_org": pick(layout.codes, exams.institution),
            "report_org": pick(layout.codes, layout.hospital_of()[exams.place]),
            "patient_id": registers.column(exams.place, exams.person),
            "visit_id": _source_id(exams, layout),
            "modality": pick(MODALITIES, exams.modality),
            "body_part": pick(parts, exams.item),
            "exam_item_code": pick([entry[0] for entry in EXAMS], exams.item),
            "apply_time": exams.apply,
            "book_time": exams.apply + 600,
            "exam_time": exams.exam,
            "report_time": exams.due,
            "positive_flag": pick(["0", "1"], exams.positive),
            "conclusion": pick([f"{part}未见明显异常" for part in parts], exams.item),
            "ai_flag": pick(["0", "1"], exams.modality == 0),
            "mutual_mark": "皖HR",
            "amount": exams.fen,
        },
        event=exams.event,
        subject="exam",
    )


def use_frame(exams: Arrays, layout: Layout) -> Frame:
    """his_equipment_use: one row per examination."""
    remote = exams.place != exams.institution
    return Frame(
        "his_equipment_use",
        exams.rows,
        layout.deliverer[exams.place],
        {
            "use_id": identifier("U", exams.id, 10),
            "equip_id": equipment_id(exams.machine),
            "exam_id": exam_id(exams.id),
            "begin_time": exams.exam,
            "end_time": exams.exam + exams.minutes * 60,
            "minutes": exams.minutes,
            "source_org": pick(layout.codes, exams.institution),
            "remote_flag": pick(["0", "1"], remote),
        },
        event=exams.event,
        subject="use",
    )


def _source_id(rows: Arrays, layout: Layout) -> pa.Array:
    """The visit or stay the order came from; null when that is in another deliverer's files."""
    return null_where(
        encounter_id(rows.source == STAY, rows.number),
        layout.deliverer[rows.place] != layout.deliverer[rows.institution],
    )
