"""KPI-030, 034, 125 to 130 and 145: patients on the registers, whether they are seen on schedule, under control, and admitted."""

from functools import partial

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.happening.settlements import INPATIENT
from sources.simulator.known.truth import settled
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.evidence import GRASS_ROOTS, Evidence, merged
from sources.simulator.known.truth.stocks import ELDERLY_FROM, LAST, every_month, everyone, population, shares

_DIARY = {"HTN": "pressure", "DM2": "sugar", "SMI": "mental illness"}
_TELEPHONE, _VISITS_A_YEAR = 2, 4
_SYSTOLIC, _SYSTOLIC_OF_THE_OLD, _DIASTOLIC, _TENTHS_OF_SUGAR = 140, 150, 90, 70
_ADULT_FROM, _PREVALENCE_PCT, _TASK_PCT = 20, 25, 40


def evidence(arrived: Arrived) -> list[Evidence]:
    """All of them."""
    ill = {d: every_month(arrived, partial(_patients, arrived, d)) for d in _DIARY}
    pressure, sugar, mental = ill["HTN"], ill["DM2"], ill["SMI"]
    return [
        _admitted(arrived),
        merged(
            *(
                shares(arrived, "KPI-034", GRASS_ROOTS, rows, "on_schedule", "one")
                for rows in (pressure, sugar)
            )
        ),
        _task(arrived, pressure),
        shares(arrived, "KPI-126", GRASS_ROOTS, pressure, "on_schedule", "one"),
        shares(arrived, "KPI-127", GRASS_ROOTS, pressure, "controlled", "one"),
        shares(arrived, "KPI-128", GRASS_ROOTS, sugar, "on_schedule", "one"),
        shares(arrived, "KPI-129", GRASS_ROOTS, sugar, "controlled", "one"),
        shares(arrived, "KPI-130", GRASS_ROOTS, mental, "on_schedule", "one"),
        shares(arrived, "KPI-145", GRASS_ROOTS, mental, "examined", "one"),
    ]


def _admitted(arrived: Arrived) -> Evidence:
    """Stays settled of those on the register of high pressure or sugar by then, over how many are on it at month end."""
    since = np.fmin(*(arrived.world.health.enrolled[disease] for disease in ("HTN", "DM2")))
    at_home, away = settled.cases(arrived), arrived.of("beyond")
    at_home, away = at_home.take(at_home.kind == INPATIENT), away.take(away.stay)
    person, due = (np.concatenate([at_home[name], away[name]]) for name in ("person", "due"))
    resident = person < arrived.people.count
    person, due = person[resident], due[resident]
    managed = since[person] <= due.astype("datetime64[D]")
    keeper = arrived.people.home[person[managed]]
    rows = every_month(arrived, lambda month: everyone(arrived, since <= month.last_day))
    found = merged(
        arrived.evidence("KPI-030", GRASS_ROOTS, keeper, due[managed], 1, 0),
        arrived.evidence("KPI-030", GRASS_ROOTS, rows.institution, rows.month, 0, 1),
    )
    return found.of(over=("sum", "mean"))


def _task(arrived: Arrived, patients: Arrays) -> Evidence:
    lines = population(arrived)
    lines = lines.take(lines.youngest >= _ADULT_FROM)
    task = lines.residents * _PREVALENCE_PCT * _TASK_PCT
    return merged(
        arrived.evidence("KPI-125", GRASS_ROOTS, patients.institution, patients.month, 1, 0),
        arrived.evidence("KPI-125", GRASS_ROOTS, lines.institution, lines.month, 0, task),
    ).of(over=LAST, scale=1_000_000)


def _patients(arrived: Arrived, disease: str, month: CalendarMonth) -> Arrays:
    """Who is on the register at the end of the month, with masks of how they fared in the twelve months up to it."""
    size = arrived.people.count
    enrolled = arrived.world.health.enrolled[disease]
    told = arrived.told(_DIARY[disease])
    told = told.take((told.day > month.shifted(-12).last_day) & (told.day <= month.last_day))
    face_to_face = told.way != _TELEPHONE if "way" in told else np.ones(told.rows, bool)
    visits = np.bincount(told.person[face_to_face], minlength=size)
    masks = {
        "on_schedule": visits >= _visits_due(arrived, enrolled, month),
        "controlled": _controlled(arrived, disease, told, month),
        "examined": np.zeros(size, bool),
    }
    if disease == "SMI":
        this_year = told.examined & (told.day >= month.new_year)
        masks["examined"][told.person[this_year]] = True
    return everyone(arrived, enrolled <= month.last_day, **masks)


def _visits_due(arrived: Arrived, enrolled: np.ndarray, month: CalendarMonth) -> np.ndarray:
    """One for every whole quarter, from the month after enrolment and the first one that is told of."""
    since = np.maximum(np.where(np.isnat(enrolled), 0, arrived.month_of(enrolled)) + 1, 0)
    months = np.clip(month.number - since + 1, 0, 12)
    return months // (12 // _VISITS_A_YEAR)


def _controlled(arrived: Arrived, disease: str, told: Arrays, month: CalendarMonth) -> np.ndarray:
    """Whose last legible reading is good."""
    good = np.zeros(arrived.people.count, bool)
    if disease == "SMI":
        return good
    read = told.take(told.alive)
    read = read.take(np.argsort(read.day, kind="stable"))
    if disease == "HTN":
        years = month.year - (
            arrived.people.birth[read.person].astype("datetime64[Y]").astype(np.int64) + 1970
        )
        limit = np.where(years >= ELDERLY_FROM, _SYSTOLIC_OF_THE_OLD, _SYSTOLIC)
        well = (read.systolic < limit) & (read.diastolic < _DIASTOLIC)
    else:
        well = read.tenths < _TENTHS_OF_SUGAR
    good[read.person] = well  # the last one of each stays
    return good
