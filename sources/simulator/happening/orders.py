"""Laboratory and imaging orders: what is ordered, what is recognised instead, what is done, on which machine.

An order with an earlier result that may be recognised raises a prompt (his_recognition): accepted → nothing is done
again, refused → it is done. Orders done after the month's end are delivered in the month of their report.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import identifier, null_where, pick, running_number
from sources.simulator.happening.stays import CANCELLED, stay_id
from sources.simulator.happening.visits import EMERGENCY, visit_id
from sources.simulator.people.registers import Registers
from sources.simulator.place.diseases import Diseases
from sources.simulator.place.facilities import MODALITIES, Equipment

LABS = [  # code, name, fen
    ("HR-L-001", "血常规", 2_000), ("HR-L-002", "尿常规", 1_500), ("HR-L-003", "C反应蛋白", 3_000),
    ("HR-L-004", "肝功能", 4_800), ("HR-L-005", "肾功能", 3_600), ("HR-L-006", "血糖", 800),
    ("HR-L-007", "糖化血红蛋白", 6_500), ("HR-L-008", "血脂四项", 4_200), ("HR-L-009", "心肌酶谱", 9_000),
    ("HR-L-010", "凝血四项", 7_500), ("HR-L-011", "电解质", 3_200), ("HR-L-012", "粪便常规", 1_200),
]  # fmt: skip
EXAMS = [  # code, modality, body part, fen
    ("HR-E-001", "CT", "胸部", 21_000), ("HR-E-002", "CT", "头颅", 19_000), ("HR-E-003", "CT", "腹部", 24_000),
    ("HR-E-004", "MR", "头颅", 42_000), ("HR-E-005", "MR", "腰椎", 42_000), ("HR-E-006", "DR", "胸部", 6_500),
    ("HR-E-007", "DR", "四肢", 6_500), ("HR-E-008", "US", "腹部", 9_000), ("HR-E-009", "US", "心脏", 14_000),
    ("HR-E-010", "US", "盆腔", 9_000), ("HR-E-011", "ECG", "心脏", 2_600), ("HR-E-012", "US", "颈部", 9_000),
]  # fmt: skip
_LAB_MIX = {  # what is ordered for which kind of complaint: weights over LABS
    "chest": [9, 0, 6, 1, 1, 1, 0, 0, 1, 0, 1, 0], "abdomen": [6, 3, 2, 5, 3, 1, 0, 0, 0, 1, 2, 4],
    "heart": [2, 1, 0, 2, 3, 3, 0, 5, 5, 1, 3, 0], "metabolic": [1, 3, 0, 1, 2, 8, 5, 4, 0, 0, 1, 0],
    "head": [4, 0, 1, 2, 2, 3, 0, 4, 2, 3, 2, 0], "spine": [4, 1, 3, 1, 1, 1, 0, 0, 0, 1, 0, 0],
}  # fmt: skip
_EXAM_MIX = {  # weights over EXAMS; the first five are CT and MR
    "chest": [6, 0, 0, 0, 0, 7, 0, 0, 0, 0, 1, 0], "abdomen": [0, 0, 5, 0, 0, 0, 0, 9, 0, 0, 1, 0],
    "heart": [1, 0, 0, 0, 0, 1, 0, 0, 4, 0, 9, 0], "metabolic": [0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 1],
    "head": [0, 8, 0, 4, 0, 0, 0, 0, 0, 0, 2, 1], "spine": [0, 0, 0, 0, 6, 0, 4, 0, 0, 0, 0, 0],
    "limb": [0, 0, 1, 0, 1, 0, 9, 0, 0, 0, 0, 0], "pelvis": [0, 0, 0, 0, 0, 0, 0, 1, 0, 9, 0, 0],
    "neck": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], "check": [0, 0, 0, 0, 0, 3, 0, 5, 0, 0, 4, 0],
}  # fmt: skip
_REASONS = ["01", "02", "03", "04", "05", "06", "99"]
_REASON_WEIGHTS = np.array([0.34, 0.12, 0.12, 0.16, 0.14, 0.07, 0.05])
_MINUTES = {"CT": 12, "MR": 24, "DR": 5, "US": 11, "ECG": 6}
_LARGE = 5  # the first five EXAMS are CT and MR
VISIT, STAY = 0, 1
_ID_WIDTH = 10


@dataclass(frozen=True)
class Manners:
    """How each institution orders: share accepted of what may be recognised, median waiting for CT and MR (minutes)."""

    accept: np.ndarray
    wait: np.ndarray


def manners(seed: int, layout: Layout) -> Manners:
    rng = stream(seed, "order manners")
    return Manners(
        accept=rng.uniform(0.62, 0.93, layout.size),
        wait=np.where(layout.tiers == "county_lead", 1_300.0, rng.uniform(300, 800, layout.size)),
    )


def place_orders(
    seed: int, month: CalendarMonth, visits: Arrays, stays: Arrays, diseases: Diseases, layout: Layout, people
) -> tuple[Arrays, Arrays]:
    """Return (laboratory orders, imaging orders) of the month's visits and admissions."""
    rng = stream(seed, "orders", month.number)
    place = visits.institution
    county, village = layout.is_county[place], layout.is_village[place]
    orders = diseases.orders[visits.disease]
    open_to = (visits.status == 1) & (orders != "none")
    chance = np.where(county, 0.42, np.where(village, 0.03, 0.36)) * open_to
    labs = _of_visits(rng, visits, rng.random(visits.rows) < chance, chance=0.5)
    imaging = np.where(county, 0.34, np.where(village, 0.015, 0.28)) * open_to
    exams = _of_visits(rng, visits, rng.random(visits.rows) < imaging, chance=0.08)
    admitted = stays.take(stays.status != CANCELLED)
    labs = _together(labs, _of_stays(rng, admitted, month, count=3, again=0.30))
    exams = _together(exams, _of_stays(rng, admitted, month, count=1, again=0.05))
    labs["item"] = _items(rng, diseases, labs.disease, _LAB_MIX, len(LABS), "chest")
    exams["item"] = _items(rng, diseases, exams.disease, _EXAM_MIX, len(EXAMS), "abdomen")
    for kind, rows in (("lab", labs), ("exam", exams)):
        kept = _first_per_source(rows)
        for name in list(rows):
            rows[name] = rows[name][kept]
        rows["fen"] = np.array([entry[-1] for entry in (LABS if kind == "lab" else EXAMS)])[rows.item]
    return labs, exams


def _of_visits(rng, visits: Arrays, chosen: np.ndarray, chance: float) -> Arrays:
    """Orders at the chosen visits, a second one with the given chance."""
    row = np.flatnonzero(chosen)
    row = np.concatenate([row, row[rng.random(len(row)) < chance]])
    return Arrays(
        source=np.full(len(row), VISIT),
        row=row,
        number=visits.number[row],
        person=visits.person[row],
        disease=visits.disease[row],
        institution=visits.institution[row],
        emergency=visits.kind[row] == EMERGENCY,
        apply=visits.due[row] + rng.integers(3, 20, len(row)) * 60,
    )


def _of_stays(rng, stays: Arrays, month: CalendarMonth, count: int, again: float) -> Arrays:
    """`count` orders on the day of admission, some of them again two to five days later."""
    row = np.repeat(np.arange(stays.rows), count)
    apply = stays.admit[row] + rng.integers(20, 300, len(row)) * 60
    repeat = rng.random(len(row)) < again
    later = apply[repeat] + rng.integers(2, 6, int(repeat.sum())) * 86_400
    row, apply = np.concatenate([row, row[repeat]]), np.concatenate([apply, later])
    inside = apply < stays.due[row]
    row, apply = row[inside], apply[inside]
    return Arrays(
        source=np.full(len(row), STAY),
        row=row,
        number=stays.number[row],
        person=stays.person[row],
        disease=stays.disease[row],
        institution=stays.institution[row],
        emergency=np.zeros(len(row), bool),
        apply=apply,
    )


def _together(first: Arrays, second: Arrays) -> Arrays:
    return Arrays({name: np.concatenate([first[name], second[name]]) for name in first})


def _items(
    rng, diseases: Diseases, disease: np.ndarray, mixes: dict, count: int, fallback: str
) -> np.ndarray:
    item = np.zeros(len(disease), dtype=np.int64)
    kinds = diseases.orders[disease]
    for kind in np.unique(diseases.orders):
        mask = kinds == kind
        item[mask] = draw(rng, np.array(mixes.get(kind, mixes[fallback]), dtype=float), int(mask.sum()))
    return item


def _first_per_source(rows: Arrays) -> np.ndarray:
    """Indices of the orders that remain when nobody orders the same thing twice at once."""
    minute = rows.apply.astype(np.int64) // 86_400
    key = np.column_stack([rows.person, rows.item, minute, rows.institution])
    return np.sort(np.unique(key, axis=0, return_index=True)[1])


def recognise(
    seed: int, month: CalendarMonth, kind: str, orders: Arrays, layout: Layout, manner: Manners, people
) -> tuple[Arrays, np.ndarray]:
    """Return (prompts, rows of `orders` still to be done). Prompts appear where an earlier result is on hand."""
    rng = stream(seed, f"recognition/{kind}", month.number)
    chance = np.where(layout.is_village[orders.institution], 0.0, 0.24) * ~people.is_test[orders.person]
    row = np.flatnonzero(rng.random(orders.rows) < chance)
    prompts = orders.take(row)
    prompts["accepted"] = rng.random(len(row)) < manner.accept[prompts.institution]
    prompts["reason"] = np.where(prompts.accepted, -1, draw(rng, _REASON_WEIGHTS, len(row)))
    prompts["prior_place"] = layout.county[rng.integers(0, len(layout.county), len(row))]
    prompts["prior_time"] = prompts.apply - rng.integers(1, 28, len(row)) * 86_400 - 3_600
    prompts["prior_number"] = month.id_base + rng.integers(1, 90_000, len(row))
    prompts["labs"] = np.full(len(row), kind == "lab")
    return prompts, np.setdiff1d(np.arange(orders.rows), row[prompts.accepted])


def perform_labs(seed: int, month: CalendarMonth, orders: Arrays, layout: Layout) -> Arrays:
    """Who runs the test and when it is reported (`due`)."""
    rng = stream(seed, "labs", month.number)
    sent = rng.random(orders.rows) < 0.06
    hospital = layout.hospital_of()[orders.institution]
    place = np.where(
        layout.is_village[orders.institution], layout.parent[orders.institution], orders.institution
    )
    orders["place"] = np.where(sent & ~layout.is_county[place], hospital, place)
    orders["collect"] = orders.apply + rng.integers(4, 40, orders.rows) * 60
    orders["receive"] = orders.collect + rng.integers(3, 30, orders.rows) * 60
    orders["due"] = orders.receive + rng.integers(20, 300, orders.rows) * 60
    return orders


def perform_exams(
    seed: int, month: CalendarMonth, orders: Arrays, layout: Layout, equipment: Equipment, manner: Manners
) -> Arrays:
    """Where, when and on which machine; `due` is the report."""
    rng = stream(seed, "exams", month.number)
    modality = np.array([MODALITIES.index(entry[1]) for entry in EXAMS])[orders.item]
    near = np.where(
        layout.is_village[orders.institution], layout.parent[orders.institution], orders.institution
    )
    hospital = layout.hospital_of()[orders.institution]
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


def number_by_deliverer(month: CalendarMonth, rows: Arrays, layout: Layout) -> None:
    """Give the rows delivered in the month their local numbers."""
    order = np.argsort(rows.due, kind="stable")
    for name in list(rows):
        rows[name] = rows[name][order]
    rows["id"] = month.id_base + 1 + running_number(layout.deliverer[rows.place], layout.size)


def lab_frame(labs: Arrays, layout: Layout, registers: Registers) -> Frame:
    """his_lab_report."""
    return Frame(
        "his_lab_report",
        labs.rows,
        layout.deliverer[labs.place],
        {
            "org_code": layout.codes.take(pa.array(labs.place)),
            "report_id": identifier("LA", labs.id, _ID_WIDTH),
            "apply_org": layout.codes.take(pa.array(labs.institution)),
            "patient_id": registers.column(labs.place, labs.person),
            "visit_id": _source_id(labs, layout),
            "item_group_code": pick([entry[0] for entry in LABS], labs.item),
            "item_group_name": pick([entry[1] for entry in LABS], labs.item),
            "apply_time": labs.apply,
            "collect_time": labs.collect,
            "receive_time": labs.receive,
            "report_time": labs.due,
            "mutual_mark": "皖HR",
            "critical_flag": pick(["0", "1"], (labs.id % 211 == 0).astype(np.int64)),
            "amount": labs.fen,
        },
        event=labs.event,
    )


def exam_frame(exams: Arrays, layout: Layout, registers: Registers) -> Frame:
    """his_exam_report."""
    parts = [entry[2] for entry in EXAMS]
    return Frame(
        "his_exam_report",
        exams.rows,
        layout.deliverer[exams.place],
        {
            "org_code": layout.codes.take(pa.array(exams.place)),
            "exam_id": identifier("EX", exams.id, _ID_WIDTH),
            "apply_org": layout.codes.take(pa.array(exams.institution)),
            "report_org": layout.codes.take(pa.array(layout.hospital_of()[exams.place])),
            "patient_id": registers.column(exams.place, exams.person),
            "visit_id": _source_id(exams, layout),
            "modality": pick(MODALITIES, exams.modality),
            "body_part": pick(parts, exams.item),
            "exam_item_code": pick([entry[0] for entry in EXAMS], exams.item),
            "apply_time": exams.apply,
            "book_time": exams.apply + 600,
            "exam_time": exams.exam,
            "report_time": exams.due,
            "positive_flag": pick(["0", "1"], (exams.id % 3 == 0).astype(np.int64)),
            "conclusion": pick([f"{part}未见明显异常" for part in parts], exams.item),
            "ai_flag": pick(["0", "1"], (exams.modality == 0).astype(np.int64)),
            "mutual_mark": "皖HR",
            "amount": exams.fen,
        },
        event=exams.event,
    )


def use_frame(exams: Arrays, equipment: Equipment, layout: Layout) -> Frame:
    """his_equipment_use: one row per examination."""
    remote = exams.place != exams.institution
    return Frame(
        "his_equipment_use",
        exams.rows,
        layout.deliverer[exams.place],
        {
            "use_id": identifier("U", exams.id, _ID_WIDTH),
            "equip_id": identifier("SB", exams.machine + 1, 6),
            "exam_id": identifier("EX", exams.id, _ID_WIDTH),
            "begin_time": exams.exam,
            "end_time": exams.exam + exams.minutes * 60,
            "minutes": exams.minutes,
            "source_org": layout.codes.take(pa.array(exams.institution)),
            "remote_flag": pick(["0", "1"], remote.astype(np.int64)),
        },
        event=exams.event,
    )


def recognition_frame(prompts: Arrays, layout: Layout, registers: Registers) -> Frame:
    """his_recognition; `item_code` is the code of the ordered laboratory group or examination."""
    codes = [entry[0] for entry in LABS] + [entry[0] for entry in EXAMS]
    item = np.where(prompts.labs, prompts.item, prompts.item + len(LABS))
    prior = pa.compute.if_else(
        pa.array(prompts.labs),
        identifier("LA", prompts.prior_number, _ID_WIDTH),
        identifier("EX", prompts.prior_number, _ID_WIDTH),
    )
    return Frame(
        "his_recognition",
        prompts.rows,
        layout.deliverer[prompts.institution],
        {
            "rec_id": identifier("RC", prompts.id, _ID_WIDTH),
            "order_org": layout.codes.take(pa.array(prompts.institution)),
            "patient_id": registers.column(prompts.institution, prompts.person),
            "item_code": pick(codes, item),
            "prior_report_id": prior,
            "prior_org": layout.codes.take(pa.array(prompts.prior_place)),
            "prior_time": prompts.prior_time,
            "prompt_time": prompts.apply,
            "accepted": pick(["0", "1"], prompts.accepted.astype(np.int64)),
            "reject_reason": pick(_REASONS, prompts.reason),
            "saved_amount": null_where(pa.array(prompts.fen), ~prompts.accepted),
        },
        event=prompts.event,
    )


def _source_id(rows: Arrays, layout: Layout) -> pa.Array:
    """The visit or stay the order came from; null when that is in another deliverer's files."""
    text = pa.compute.if_else(pa.array(rows.source == STAY), stay_id(rows.number), visit_id(rows.number))
    return null_where(text, layout.deliverer[rows.place] != layout.deliverer[rows.institution])
