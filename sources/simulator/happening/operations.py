"""Operations of the month's discharged stays, as the record tells them. Not here: what an operation costs (fees.py)."""

from typing import Any

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.keys import staff_id, stay_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import pick
from sources.simulator.place.diseases import Diseases
from sources.simulator.place.staff import PHYSICIANS, Workforce

OPERATIONS = {  # diagnosis → operation code, name, level, chance
    "K80.200": ("51.2300", "腹腔镜下胆囊切除术", "3", 0.7), "K35.800": ("47.0100", "腹腔镜下阑尾切除术", "2", 0.8),
    "K40.900": ("53.0000", "腹股沟疝修补术", "2", 0.9), "N20.000": ("56.0x00", "输尿管镜碎石术", "3", 0.5),
    "H25.900": ("13.4100", "白内障超声乳化术", "3", 0.95), "S52.500": ("79.3200", "桡骨骨折切开复位内固定术", "3", 0.6),
    "S82.800": ("79.3600", "踝关节骨折切开复位内固定术", "3", 0.7), "S72.000": ("81.5200", "人工股骨头置换术", "4", 0.6),
    "D25.900": ("68.2900", "子宫肌瘤剔除术", "3", 0.7), "C16.900": ("43.7x00", "胃大部切除术", "4", 0.3),
    "C50.900": ("85.4300", "乳腺癌改良根治术", "4", 0.4), "O80.000": ("73.5900", "接产", "1", 0.6),
    "I63.900": ("88.4100", "脑动脉造影", "3", 0.12), "I20.000": ("88.5500", "冠状动脉造影", "3", 0.3),
}  # fmt: skip
_THROUGH_A_SCOPE = 3  # the first three of the catalogue
_BY_AN_EXPERT = {"visits": 0.006, "stays": 0.8}  # of the patients of the grass roots
_INFECTED = 0.012  # share of wounds that heal with infection


def operations(seed: int, month: CalendarMonth, stays: Arrays, diseases: Diseases, layout: Layout) -> Arrays:
    """Operations of the surgical diagnoses: `row` of the stay, `sequence` from 1, `which` of the catalogue."""
    rng = stream(seed, "operations", month.number)
    known = list(OPERATIONS)
    catalogue = np.full(len(diseases.codes), -1)
    catalogue[diseases.numbers(known)] = np.arange(len(known))
    which = catalogue[stays.disease]
    chance = np.array([entry[3] for entry in OPERATIONS.values()])
    row = np.flatnonzero(
        (which >= 0) & layout.is_county[stays.institution] & (rng.random(stays.rows) < chance[which])
    )
    further = row[(stays.number[row] % 4 == 0) & (which[row] != known.index("I63.900"))]
    rows = Arrays(
        row=np.concatenate([row, further]),
        sequence=np.repeat([1, 2], [len(row), len(further)]),
        which=np.concatenate([which[row], np.full(len(further), known.index("I63.900"))]),
    )
    rows["complication"] = rng.random(rows.rows) < 0.015
    rows["clean"] = rows.which % 2 == 0
    rows["infected"] = rng.random(rows.rows) < _INFECTED
    rows["minimally_invasive"] = rows.which < _THROUGH_A_SCOPE
    return rows.take(np.lexsort((rows.sequence, rows.row)))


def with_team(seed: int, month: CalendarMonth, rows: Arrays, stays: Arrays, workforce: Workforce) -> None:
    """Add who took part beside the surgeon, all different: `first` and (at every other operation, else -1) `second` assistant,
    `anaesthetist`.
    """
    rng = stream(seed, "operations/team", month.number)
    rows["surgeon"] = stays.doctor[rows.row]
    team = np.full((rows.rows, 3), -1)
    for place in np.unique(stays.institution[rows.row]):
        doctors = workforce.of_kind(int(place), PHYSICIANS, month)
        for n in np.flatnonzero(stays.institution[rows.row] == place):
            team[n] = rng.choice(doctors[doctors != rows.surgeon[n]], 3, replace=False)
    rows["first"], rows["anaesthetist"] = team[:, 0], team[:, 2]
    rows["second"] = np.where(stays.number[rows.row] % 2 == 0, team[:, 1], -1)


def experts(
    seed: int, month: CalendarMonth, kind: str, episodes: Arrays, layout: Layout, workforce: Workforce
) -> np.ndarray:
    """Who of those posted from a county hospital operated on patients of the grass roots, by visit or stay; -1 for none."""
    rng = stream(seed, f"operations/experts/{kind}", month.number)
    chance, which = rng.random(episodes.rows) < _BY_AN_EXPERT[kind], rng.integers(0, 10**6, episodes.rows)
    chosen, day = np.full(episodes.rows, -1), episodes.due.astype("datetime64[D]")
    for row in np.flatnonzero(chance & ~layout.is_county[episodes.institution]).tolist():
        there = [
            post.who.number
            for post in workforce.postings
            if post.to == episodes.institution[row]
            and layout.is_county[post.who.institution]
            and post.start <= day[row] - 1
            and (post.end is None or post.end >= day[row])
        ]
        if there:
            chosen[row] = there[which[row] % len(there)]
    return chosen


def operation_columns(rows: Arrays, stays: Arrays) -> dict[str, Any]:
    """Code, name, day, level and anaesthesia of operations."""
    done, entries = stays.take(rows.row), [*OPERATIONS.values()]
    day = np.minimum(done.admit.astype("datetime64[D]") + rows.sequence, done.due.astype("datetime64[D]"))
    return {
        "oper_code": pick([e[0] for e in entries], rows.which),
        "oper_name": pick([e[1] for e in entries], rows.which),
        "oper_date": day,
        "oper_level": pick([e[2] for e in entries], rows.which),
        "anes_way": pick(["01", "02", "03"], rows.which % 3),
    }


def operation_frame(rows: Arrays, stays: Arrays, layout: Layout) -> Frame:
    """his_mr_oper of the month's discharged stays."""
    done, told = stays.take(rows.row), operation_columns(rows, stays)
    return Frame(
        "his_mr_oper",
        rows.rows,
        layout.deliverer[done.institution],
        {
            "visit_id": stay_id(done.number),
            "seq": rows.sequence,
            **told,
            "operator": staff_id(rows.surgeon),
            "assist1": staff_id(rows["first"]),
            "assist2": staff_id(rows.second),
            "anes_doctor": staff_id(rows.anaesthetist),
            "incision": pick(["Ⅱ/甲", "Ⅱ/丙", "Ⅰ/甲", "Ⅰ/丙"], 2 * rows.clean + rows.infected),
            "minimally_invasive": pick(["0", "1"], rows.minimally_invasive),
            "complication": pick(["0", "1"], rows.complication),
            "oper_code_nhsa": told["oper_code"],
        },
    )
