"""Operations and other procedures of the month's discharged stays, as the record tells them.

Not here: what an operation costs (fees.py)."""

from typing import Any

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.keys import staff_id, stay_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import pick
from sources.simulator.happening.cases import in_order
from sources.simulator.place.casebook import FURTHER_PROCEDURE, NOWHERE, Casebook
from sources.simulator.place.staff import PHYSICIANS, Workforce

_BY_AN_EXPERT = {"visits": 0.006, "stays": 0.8}  # of the patients of the grass roots
_INFECTED = 0.012  # share of wounds that heal with infection


def operations(seed: int, month: CalendarMonth, stays: Arrays, book: Casebook) -> Arrays:
    """What the stays' plans say was done: `row` of the stay, `sequence` from 1, `which` of the casebook's procedures."""
    rng = stream(seed, "operations", month.number)
    done = np.column_stack([book.done[stays.plan], np.full(stays.rows, NOWHERE)])
    further = (stays.number % 4 == 0) & book.may_go_further[stays.plan]
    done[further, (done[further] >= 0).sum(axis=1)] = FURTHER_PROCEDURE
    row, sequence, which = in_order(done)
    rows = Arrays(row=row, sequence=sequence, which=which)
    rows["complication"] = rng.random(rows.rows) < 0.015
    rows["clean"] = rows.which % 2 == 0
    rows["infected"] = rng.random(rows.rows) < _INFECTED
    rows["minimally_invasive"] = book.through_a_scope[which]
    return rows


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


def operation_columns(rows: Arrays, stays: Arrays, book: Casebook) -> dict[str, Any]:
    """Code, name, day, level and anaesthesia of operations."""
    done = stays.take(rows.row)
    day = np.minimum(done.admit.astype("datetime64[D]") + rows.sequence, done.due.astype("datetime64[D]"))
    return {
        "oper_code": pick(book.procedures, rows.which),
        "oper_name": pick(book.procedure_names, rows.which),
        "oper_date": day,
        "oper_level": pick([str(n) for n in range(5)], book.procedure_level[rows.which]),
        "anes_way": pick(["01", "02", "03"], rows.which % 3),
    }


def operation_frame(rows: Arrays, stays: Arrays, layout: Layout, book: Casebook) -> Frame:
    """his_mr_oper of the month's discharged stays."""
    done, told = stays.take(rows.row), operation_columns(rows, stays, book)
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
