"""Hypertension follow-ups: whose turn it is, what is measured, and what of it is made up.

Not here: who is enrolled (public_health.py), diabetes (afterwards/outreach.py).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Mark, Note, platform_frame
from sources.simulator.ground.keys import staff_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import identifier, null_where, pick, scaled
from sources.simulator.happening.public_health import PublicHealth
from sources.simulator.people.population import Residents, living
from sources.simulator.place.staff import Workforce

_CONTROLLED = 0.45


def follow_ups(
    seed: int,
    month: CalendarMonth,
    people: Residents,
    health: PublicHealth,
    layout: Layout,
    workforce: Workforce,
    culprits: dict[str, int],
) -> Arrays:
    """Each enrolled person about once a quarter; control improves slowly.

    Where follow-ups are made up, readings end in 0 or 5; where nobody looks, the dead are followed up too (V31).
    """
    rng = stream(seed, "follow-ups", month.number)
    enrolled = _enrolled(month, people, health, culprits["死亡后随访"])
    person = enrolled[(enrolled % 3 == month.number % 3) & (rng.random(len(enrolled)) < 0.86)]
    size = len(person)
    rows = Arrays(person=person, day=month.first_day + draw(rng, month.day_weights(), size))
    rows["controlled"] = rng.random(size) < min(_CONTROLLED + 0.014 * (month.number + 6), 0.7)
    low, high = rng.normal(129, 7, size).clip(100, 139), rng.normal(152, 9, size).clip(140, 210)
    systolic = np.where(rows.controlled, low, high).astype(np.int64)
    low, high = rng.normal(79, 6, size).clip(58, 89), rng.normal(93, 7, size).clip(70, 125)
    diastolic = np.where(rows.controlled, low, high).astype(np.int64)
    rows["dead"] = ~living(people, person, rows.day)
    rows["invented"] = (people.home[person] == culprits["虚假随访"]) & (person % 5 > 0)
    for name, reading in (("systolic", systolic), ("diastolic", diastolic)):
        rows[name] = np.where(rows.invented, reading // 5 * 5, reading)
    rows["at_night"] = (people.village[person] == layout.village[0]) & (culprits["虚假随访"] >= 0)
    rows["height"] = np.where(people.sex[person] == 1, 1_680, 1_570) + rng.integers(-90, 90, size)
    rows["adverse"] = rng.random(size) < 0.03
    written = rows.day.astype("datetime64[s]") + 18 * 3_600 + rng.integers(0, 10_000, size)
    rows["written"] = np.where(rows.at_night, month.end - 5_400 + np.arange(size) % 1_800, written)
    rows["way"] = draw(rng, np.array([0.5, 0.2, 0.3]), size)
    rows["weight"], rows["heart_rate"] = rng.integers(450, 950, size), rng.integers(58, 98, size)
    rows["smoke"] = np.where(people.sex[person] == 1, rng.integers(0, 21, size), 0)
    rows["drink"], rows["salt"] = rng.integers(0, 3, size), rng.integers(0, 3, size)
    rows["compliance"] = draw(rng, np.array([0.7, 0.25, 0.05]), size)
    rows["adherence"] = draw(rng, np.array([0.72, 0.22, 0.06]), size)
    rows["doctor"] = workforce.doctor(rng, people.home[person], month)
    return rows


def _enrolled(month: CalendarMonth, people: Residents, health: PublicHealth, careless: int) -> np.ndarray:
    """Who is on the list: the enrolled who live, and the dead whom nobody took off it."""
    enrolled = np.flatnonzero(health.enrolled["HTN"] <= month.first_day)
    alive = living(people, enrolled, np.full(len(enrolled), month.end))
    unnoticed = (people.home[enrolled] == careless) | ((enrolled % 4 == 0) & (careless >= 0))
    return enrolled[alive | (unnoticed & (people.died[enrolled] < month.value))]


def follow_up_frame(month: CalendarMonth, rows: Arrays, people: Residents) -> Frame:
    """ph_followup_htn."""
    person, grades = rows.person, ["1", "2", "3"]
    columns = {
        "fu_id": identifier("SF", month.id_base + 1 + np.arange(rows.rows), 10),
        "ehr_no": pick(people.ehr_no, person),
        "fu_date": rows.day,
        "fu_way": pick(grades, rows.way),
        "symptoms": pick(["1", "2;3"], person % 8 == 0),
        "sbp": rows.systolic,
        "dbp": rows.diastolic,
        "height": scaled(rows.height, 1),
        "weight": scaled(rows.weight, 1),
        "heart_rate": rows.heart_rate,
        "smoke": rows.smoke,
        "drink": pick(["0.0", "1.0", "2.5"], rows.drink),
        "salt": pick(grades, rows.salt),
        "compliance": pick(grades, rows.compliance),
        "drug_adherence": pick(grades, rows.adherence),
        "adverse": pick(["1", "2"], rows.adverse),
        "fu_class": pick(grades, np.select([rows.adverse, rows.controlled], [2, 0], 1)),
        "drugs": '[{"name":"氨氯地平","dose":"5mg"}]',
        "next_date": rows.day + 90,
        "staff_id": staff_id(rows.doctor),
        "device_id": null_where(identifier("BP-", person % 400, 4), person % 3 > 0),
        "created_at": rows.written,
    }
    home = people.home[person]
    notes = [Note.where(rows.dead, "V31"), Note.where(rows.at_night & ~rows.dead, "V29")]
    marks = [
        Mark.where(rows.dead, "死亡后随访", home, "死亡日期之后仍有随访"),
        Mark.where(rows.invented, "虚假随访", home, "血压末位均为0或5"),
    ]
    frame = platform_frame("ph_followup_htn", rows.rows, columns, notes, marks)
    frame.event, frame.subject = rows.event, "pressure"
    return frame
