"""Outpatient and emergency visits: who comes, with what, where and when.

Three sources: chronic patients on their monthly round, everybody else by season, and visits that something else
called for (a referral's arrival, a return after a down-referral). Departments, doctors and numbers are given last,
when all visits of the month are known. Not here: what is ordered, prescribed and charged at a visit.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, concat, running_number, spread
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.keys import insured_visit_id, referral_id, registration_no, staff_id, visit_id
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import join, null_where, pick
from sources.simulator.people.population import Residents
from sources.simulator.place.departments import DEPARTMENT_CODES, department_table, emergency_departments
from sources.simulator.place.diseases import CHRONIC, Diseases
from sources.simulator.place.staff import Workforce

VISITS_PER_YEAR = 5.5
_CHRONIC_PER_MONTH = {"htn": 0.30, "dm": 0.30, "chd": 0.34, "copd": 0.36, "stroke": 0.26}
_LEAD_SHARE = 0.60
_TEST_VISITS = 2
_UNMAPPABLE = 0.008
OUTPATIENT, EMERGENCY, HOME, CHECK, INTERNET = 1, 2, 3, 4, 6
_TYPE_TEXT = ["", "1", "2", "3", "4", "5", "6"]


def new_visits(
    person: np.ndarray,
    disease: np.ndarray,
    institution: np.ndarray,
    time: np.ndarray,
    kind: np.ndarray | int = OUTPATIENT,
    first: np.ndarray | int = 1,
    referral: np.ndarray | int = -1,
    forced: int = 0,
) -> Arrays:
    """Bundle visits; constants are spread over the rows. `time` is datetime64[s] on whole minutes, `forced` 1 where a
    referral upwards follows whatever the habits are."""
    size = len(person)
    return Arrays(
        person=spread(person, size),
        disease=spread(disease, size),
        institution=spread(institution, size),
        due=np.asarray(time, dtype="datetime64[s]"),
        kind=spread(kind, size),
        first=spread(first, size),
        referral=spread(referral, size),
        forced=spread(forced, size),
    )


def ordinary_visits(
    seed: int, month: CalendarMonth, people: Residents, diseases: Diseases, layout: Layout
) -> Arrays:
    """The month's visits that nothing but life causes."""
    rng = stream(seed, "visits", month.number)
    expected = people.count * VISITS_PER_YEAR / 12 * month.volume()
    chronic_person, chronic_disease = _chronic(rng, month, people, diseases)
    acute = rng.poisson(max(expected - len(chronic_person), 0))
    acute_person, acute_disease = _acute(rng, month, people, diseases, acute)
    person = np.concatenate([chronic_person, acute_person])
    disease = np.concatenate([chronic_disease, acute_disease])
    bypass = stream(seed, "visit habits").uniform(0.75, 1.3, layout.size)
    place = _places(rng, month, people, diseases, layout, person, disease, bypass)
    kind = _kinds(rng, diseases, layout, disease, place)
    is_chronic = np.isin(diseases.groups[disease], CHRONIC)
    first = np.where(rng.random(len(person)) < np.where(is_chronic, 0.85, 0.12), 2, 1)
    return new_visits(person, disease, place, times(rng, month, len(person), kind == EMERGENCY), kind, first)


def _chronic(
    rng: np.random.Generator, month: CalendarMonth, people: Residents, diseases: Diseases
) -> tuple[np.ndarray, np.ndarray]:
    persons, chosen = [], []
    for group in CHRONIC:
        ill = np.flatnonzero(people.chronic[group])
        winter = month.season("winter") ** 0.5 if group == "copd" else 1
        rate = _CHRONIC_PER_MONTH[group] * month.volume() * winter
        coming = ill[rng.random(len(ill)) < rate]
        own = np.flatnonzero(diseases.groups == group)
        persons.append(coming)
        chosen.append(own[draw(rng, diseases.outpatient_weight[own], len(coming))])
    return np.concatenate(persons), np.concatenate(chosen)


def _acute(
    rng: np.random.Generator, month: CalendarMonth, people: Residents, diseases: Diseases, size: int
) -> tuple[np.ndarray, np.ndarray]:
    age = people.age[: people.count]
    need = np.select([age < 6, age < 18, age < 45, age < 65], [1.9, 0.9, 0.75, 1.1], 1.7)
    person = draw(rng, need, size)
    season = np.array([month.season(s) for s in diseases.seasons])
    disease = np.empty(size, dtype=np.int64)
    stage = np.select([age[person] < 18, age[person] < 60], [0, 1], 2)
    for band in range(3):
        for sex in (1, 2):
            mask = (stage == band) & (people.sex[person] == sex)
            weight = diseases.outpatient_weight * season * diseases.eligible(band, sex)
            disease[mask] = draw(rng, weight, int(mask.sum()))
    return person, disease


def _places(
    rng: np.random.Generator,
    month: CalendarMonth,
    people: Residents,
    diseases: Diseases,
    layout: Layout,
    person: np.ndarray,
    disease: np.ndarray,
    bypass: np.ndarray,
) -> np.ndarray:
    """County 38 %, township 30 %, village 32 % at first, moving slowly towards the grass roots; some townships'
    people go straight to the county more readily than others'."""
    size = len(person)
    county = 0.09 + 0.92 * diseases.severity[disease] - 0.001 * month.number
    county = np.clip(county * bypass[people.home[person]], 0.05, 0.95)
    village = (1 - county) * np.clip(0.66 - 0.55 * diseases.severity[disease], 0.05, 0.7)
    village = np.where(diseases.up[disease], village * 0.45, village)
    point = rng.random(size)
    lead, second = layout.county[0], layout.county[1]
    own = layout.hospital_of()[people.home[person]]
    hospital = np.where(rng.random(size) < 0.55, own, np.where(rng.random(size) < _LEAD_SHARE, lead, second))
    return np.select(
        [point < county, point < county + village], [hospital, people.village[person]], people.home[person]
    )


def _kinds(
    rng: np.random.Generator, diseases: Diseases, layout: Layout, disease: np.ndarray, place: np.ndarray
) -> np.ndarray:
    point = rng.random(len(disease))
    county, village = layout.is_county[place], layout.is_village[place]
    check = np.array([c == "Z00" for c in diseases.categories])[diseases.category[disease]]
    return np.select(
        [
            check,
            county & (point < 0.09),
            ~county & ~village & (point < 0.03),
            village & (point < 0.05),
            county & (point > 0.985),
        ],
        [CHECK, EMERGENCY, EMERGENCY, HOME, INTERNET],
        OUTPATIENT,
    )


def times(
    rng: np.random.Generator, month: CalendarMonth, size: int, round_the_clock: np.ndarray | bool = False
) -> np.ndarray:
    """Draw times in the month, whole minutes; office hours with a morning peak unless round the clock."""
    day = draw(rng, month.day_weights(), size)
    office = np.where(rng.random(size) < 0.66, rng.normal(570, 55, size), rng.normal(910, 65, size))
    office = office.clip(450, 1_050)
    minute = np.where(round_the_clock, rng.integers(0, 1_435, size), office).astype(np.int64)
    return month.start + day * 86_400 + minute * 60


def test_visits(
    seed: int, month: CalendarMonth, people: Residents, diseases: Diseases, layout: Layout
) -> Arrays:
    """Visits of patients that do not exist: every deliverer tries its software on them (V11)."""
    rng = stream(seed, "defects/test visits", month.number)
    deliverers = np.unique(layout.deliverer)
    person = people.count + np.arange(len(people.birth) - people.count)
    place = np.repeat(deliverers[: len(person)], _TEST_VISITS)
    disease = rng.integers(0, len(diseases.codes) - len(diseases.unmappable), len(place))
    return new_visits(np.repeat(person, _TEST_VISITS), disease, place, times(rng, month, len(place)))


def finish(
    seed: int,
    month: CalendarMonth,
    parts: list[Arrays],
    diseases: Diseases,
    layout: Layout,
    workforce: Workforce,
    defects: bool,
) -> Arrays:
    """Number the month's visits by deliverer and time; give each a department, a doctor and a state.

    `origin` and `within` say which part and row a visit came from; `recorded` is the disease as it was
    written down, `charged` a cancelled visit whose fee was left standing (V17).
    """
    rng = stream(seed, "visits/finish", month.number)
    rows = concat(parts)
    rows["origin"] = np.concatenate([np.full(p.rows, n) for n, p in enumerate(parts)])
    rows["within"] = np.concatenate([np.arange(p.rows) for p in parts])
    visits = rows.take(np.lexsort((rows.institution, rows.due)))
    size = visits.rows
    visits["number"] = month.id_base + 1 + running_number(layout.deliverer[visits.institution], layout.size)
    cancelled = (rng.random(size) < 0.012) & (visits.referral < 0) & (visits.origin == 0)
    visits["status"] = np.where(cancelled, np.where(rng.random(size) < 0.5, 2, 3), 1)
    visits["charged"] = cancelled & defects & (visits.number % 4 == 0)
    visits["doctor"] = workforce.doctor(rng, visits.institution, month)
    visits["tcm"] = visits.number % 7 == 0
    visits["department"] = _departments(visits, diseases, layout)
    visits["coded"] = ~(layout.is_village[visits.institution] & (rng.random(size) < 0.03))
    odd = stream(seed, "defects/codes", month.number)
    local = diseases.unmappable[odd.integers(0, len(diseases.unmappable), size)]
    visits["recorded"] = np.where(defects & (odd.random(size) < _UNMAPPABLE), local, visits.disease)
    return visits


def _departments(visits: Arrays, diseases: Diseases, layout: Layout) -> np.ndarray:
    """Where each visit is seen: by the disease, emergencies apart."""
    usual = department_table(diseases, layout)[visits.institution, visits.disease]
    return np.where(visits.kind == EMERGENCY, emergency_departments(layout)[visits.institution], usual)


def visit_frame(
    visits: Arrays, people: Residents, diseases: Diseases, layout: Layout, patient_id: pa.Array
) -> Frame:
    """his_op_visit of the month. `patient_id` is the column of local patient numbers."""
    place, test = visits.institution, people.is_test[visits.person]
    outside_insurance = ~people.insured[visits.person] | test
    return Frame(
        "his_op_visit",
        visits.rows,
        layout.deliverer[place],
        {
            "org_code": pick(layout.codes, place),
            "visit_id": visit_id(visits.number),
            "reg_no": registration_no(visits.number),
            "patient_id": patient_id,
            "mdtrt_id": null_where(insured_visit_id(place, visits.number), outside_insurance),
            "visit_time": visits.due,
            "visit_type": pick(_TYPE_TEXT, visits.kind),
            "staff_id": staff_id(visits.doctor),
            "tcm_flag": pick(["0", "1"], visits.tcm),
            "first_visit_flag": pick(["", "1", "2"], visits["first"]),
            "referral_id": referral_id(visits.referral),
            "ehr_viewed": pick(["0", "1"], visits.number % 4 == 0),
            "status": pick(["", "1", "2", "3"], visits.status),
            "test_flag": pick(["0", "1"], test & (visits.number % 2 == 0)),
            "src_update_ts": visits.due + 1_200,
            **_complaint(visits, diseases),
        },
        event=visits.event,
        subject="visit",
        notes=_notes(visits, test, diseases),
    )


def _complaint(visits: Arrays, diseases: Diseases) -> dict[str, Any]:
    """What the patient comes with, where that is seen, and what is written down as the diagnosis."""
    disease, emergency = visits.disease, visits.kind == EMERGENCY
    chronic = np.isin(diseases.groups[disease], CHRONIC) & (visits.number % 5 < 2)
    return {
        "med_type": pick(["11", "13", "14"], np.select([emergency, chronic], [1, 2], 0)),
        "dept_code": pick(DEPARTMENT_CODES, visits.department),
        "chief_complaint": join(pick(diseases.names, disease), "就诊"),
        "main_diag_code": null_where(pick(diseases.codes, visits.recorded), ~visits.coded),
        "main_diag_name": pick(diseases.names, visits.recorded),
        "obs_hours": pick(["0", "3.5"], emergency & (visits.number % 6 == 0)),
    }


def _notes(visits: Arrays, test: np.ndarray, diseases: Diseases) -> list[Note]:
    unmappable = np.isin(visits.recorded, diseases.unmappable) & visits.coded
    return [Note.where(test, "V11"), Note.where(visits.charged, "V17"), Note.where(unmappable, "V18")]


def diagnosis_frame(visits: Arrays, people: Residents, diseases: Diseases, layout: Layout) -> Frame:
    """his_op_diag: the main diagnosis of every visit and a chronic companion where there is one."""
    companions = ("htn", "I10.x00x002"), ("dm", "E11.900"), ("copd", "J44.900")
    rows, disease, sequence = [np.arange(visits.rows)], [visits.recorded], [np.ones(visits.rows, np.int64)]
    free = np.ones(visits.rows, bool)
    for group, code in companions:
        (index,) = diseases.numbers([code])
        turn = visits.number % 3 == len(group) % 3
        chosen = np.flatnonzero(
            free & people.chronic[group][visits.person] & (visits.disease != index) & turn
        )
        free[chosen] = False
        rows.append(chosen)
        disease.append(np.full(len(chosen), index))
        sequence.append(np.full(len(chosen), 2))
    row, which, seq = np.concatenate(rows), np.concatenate(disease), np.concatenate(sequence)
    order = np.lexsort((seq, row))
    row, which, seq = row[order], which[order], seq[order]
    unmapped = np.isin(which, diseases.unmappable)
    return Frame(
        "his_op_diag",
        len(row),
        layout.deliverer[visits.institution[row]],
        {
            "visit_id": visit_id(visits.number[row]),
            "seq": seq,
            "diag_code": null_where(pick(diseases.codes, which), ~visits.coded[row]),
            "diag_name": pick(diseases.names, which),
            "code_ver": "GLB2.0",
            "diag_code_nhsa": pick(diseases.insurance_codes, which),
            "map_status": pick(["1", "2", "3"], np.select([unmapped, which % 9 == 0], [2, 1], 0)),
        },
        notes=[Note.where(unmapped, "V18")],
    )
