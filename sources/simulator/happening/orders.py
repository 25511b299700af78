"""Laboratory and imaging orders: what can be ordered, and what is ordered for whom.

An order with an earlier result that may be recognised raises a prompt (recognition.py): accepted → nothing is done
again, refused → it is done (reports.py).
"""

from dataclasses import dataclass

import numpy as np

from sources.simulator.ground.arrays import Arrays, concat
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.happening.stays import CANCELLED
from sources.simulator.happening.visits import EMERGENCY
from sources.simulator.people.population import Residents
from sources.simulator.place.diseases import Diseases

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
VISIT, STAY = 0, 1


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
    seed: int,
    month: CalendarMonth,
    visits: Arrays,
    stays: Arrays,
    diseases: Diseases,
    layout: Layout,
    people: Residents,
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
    labs = concat([labs, _of_stays(rng, admitted, count=3, again=0.30)])
    exams = concat([exams, _of_stays(rng, admitted, count=1, again=0.05)])
    labs["item"] = _items(rng, diseases, labs.disease, _LAB_MIX, "chest")
    exams["item"] = _items(rng, diseases, exams.disease, _EXAM_MIX, "abdomen")
    labs, exams = (rows.take(_first_per_source(rows)) for rows in (labs, exams))
    labs["fen"] = np.array([entry[-1] for entry in LABS])[labs.item]
    exams["fen"] = np.array([entry[-1] for entry in EXAMS])[exams.item]
    return labs, exams


def _of_visits(rng: np.random.Generator, visits: Arrays, chosen: np.ndarray, chance: float) -> Arrays:
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


def _of_stays(rng: np.random.Generator, stays: Arrays, count: int, again: float) -> Arrays:
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


def _items(
    rng: np.random.Generator,
    diseases: Diseases,
    disease: np.ndarray,
    mixes: dict[str, list[int]],
    fallback: str,
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
