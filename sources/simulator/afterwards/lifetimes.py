"""Births and deaths as public health hears of them: pregnancies, newborns and children, vaccinations, causes of death.

Not here: deliveries in hospital (happening/stays.py).
"""

import json

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.text import identifier, null_where, pick
from sources.simulator.people.population import Residents
from sources.simulator.state.happened import Happened
from sources.simulator.state.world import World

_CAUSES = ["I63.9", "I25.1", "C34.9", "J44.9", "I50.9", "C16.9", "R99"]
# age in months → vaccine codes and dose numbers of the national programme
_VACCINES = {
    0: [("0201", 1), ("0101", 1)], 1: [("0201", 2)], 2: [("0301", 1)], 3: [("0301", 2), ("0401", 1)],
    4: [("0301", 3), ("0401", 2)], 5: [("0401", 3)], 6: [("0201", 3), ("0701", 1)], 8: [("0501", 1), ("0601", 1)],
    9: [("0701", 2)], 18: [("0401", 4), ("0501", 2), ("0801", 1)], 24: [("0601", 2)], 36: [("0702", 1)],
    48: [("0301", 4)], 72: [("0402", 1), ("0702", 2)],
}  # fmt: skip
_NEVER = np.datetime64("NaT", "D")


def frames(h: Happened) -> list[Frame]:
    """ph_death, ph_maternal, ph_child, ph_immunisation."""
    return [_deaths(h), *_births(h), _immunisation(h)]


def death_told_in(people: Residents, person: np.ndarray) -> np.ndarray:
    """The month with whose delivery a death comes: public health hears of it within weeks, of a few after four to six months."""
    late = np.where(person % 17 == 0, 120 + person % 60, 4 + person % 30)
    return (people.died[person] + late).astype("datetime64[M]")


def dies_of(person: np.ndarray) -> np.ndarray:
    """The underlying cause that is written down."""
    return np.array(_CAUSES)[person % len(_CAUSES)]


def _deaths(h: Happened) -> Frame:
    person = np.flatnonzero(~np.isnat(h.people.died))
    told = death_told_in(h.people, person)
    person = person[(told <= h.month.value) if h.month.number == 0 else (told == h.month.value)]
    person = person[h.people.died[person] <= h.month.last_day]
    take = pa.array(person)
    return platform_frame(
        "ph_death",
        len(person),
        {
            "death_id": identifier("SW", person, 8),
            "id_no": null_where(h.people.id_text.take(take), person % 25 == 0),
            "gender": pick(["", "1", "2"], h.people.sex[person]),
            "birth_date": h.people.birth[person],
            "death_date": h.people.died[person],
            "underlying_code": pa.array(dies_of(person), pa.string()),
            "addr_div": h.people.division.take(take),
        },
    )


def _births(h: Happened) -> list[Frame]:
    """Deliveries are the month's discharges after birth; their children are no residents yet."""
    stays = h.discharged.take(h.discharged.disease == h.world.diseases.numbers(["Z37.000"]))
    stays = stays.take(np.unique(stays.person, return_index=True)[1])
    born = stays.admit.astype("datetime64[D]")
    # Hospitals number alike: what the platform keeps has a number of the county.
    registered = stays.institution.astype(np.int64) * 10_000_000 + stays.number
    home = np.minimum(stays.due.astype("datetime64[D]") + 2 + stays.number % 6, h.month.last_day)
    home = np.where(stays.number % 15 == 0, _NEVER, home)
    early, seen = stays.number % 30, 4 + stays.number % 5
    births = np.where(stays.number % 60 == 0, 2, 1)
    # Who was born in the month before may have been seen at 31 days by now.
    checked = _month_old(born, h.month.last_day)
    h.enter(
        "delivery", person=stays.person, born=born, registered=born - 278 + 70 + early,
        days=70 + early, seen=seen, births=births, home=home, checked=checked,
    )  # fmt: skip
    recorded = ~np.isnat(h.world.health.created[stays.person])
    maternal = platform_frame(
        "ph_maternal",
        stays.rows,
        {
            "preg_id": identifier("YF", registered, 10),
            "ehr_no": null_where(pick(h.people.ehr_no, stays.person), ~recorded),
            "lmp": born - 278,
            "register_date": born - 278 + 70 + early,
            "register_weeks": pick([f"{n / 7:.1f}" for n in range(70, 100)], early),
            "prenatal_visits": seen,
            "high_risk": pick(
                ["绿", "黄", "橙", "红", "紫"], np.where(stays.number % 9 == 0, 2, stays.number % 2)
            ),
            "delivery_date": born,
            "delivery_org": pick(h.layout.names, stays.institution),
            "live_births": births,
            "postpartum_visit_date": home,
        },
    )
    return [maternal, _children(h, registered, born, home)]


def _children(h: Happened, number: np.ndarray, born: np.ndarray, visited: np.ndarray) -> Frame:
    """Newborns of the month; children who have a health record in the first month, and when they are seen again."""
    known = on_the_child_register(h.world)
    due = [yearly_check(h.people, known, year) for year in range(h.world.months[0].year, h.month.year + 1)]
    if h.month.number:
        now = (due[-1] >= h.month.first_day) & (due[-1] <= h.month.last_day)
        known, due = known[now], [days[now] for days in due]
    birth = np.concatenate([born, h.people.birth[known]]).astype("datetime64[D]")
    size, fresh = len(birth), np.arange(len(birth)) < len(born)
    first = np.concatenate([visited, h.people.birth[known] + 5]).astype("datetime64[D]")
    checked = _month_old(birth, h.month.last_day)
    visits = np.column_stack([checked, *(np.concatenate([np.full(len(born), _NEVER), days]) for days in due)])
    told = [_dates(row[(row <= h.month.last_day) & (row >= checked[i])]) for i, row in enumerate(visits)]
    return platform_frame(
        "ph_child",
        size,
        {
            "child_id": pa.concat_arrays([identifier("EX", number, 10), child_id(known)]),
            "ehr_no": pa.concat_arrays([pa.nulls(len(born), pa.string()), pick(h.people.ehr_no, known)]),
            "birth_date": birth,
            "newborn_visit_date": first,
            "visits_json": pa.array(told, pa.string()),
            "eye_screen_date": checked,
            "tcm_done": pick(["0", "1"], ~fresh),
            "systematic_flag": pick(["0", "1"], ~fresh & (np.arange(size) % 8 > 0)),
        },
    )


def _month_old(birth: np.ndarray, until: np.datetime64) -> np.ndarray:
    """The day a child is seen at 31 days, NaT where it lies after `until`."""
    return np.where(birth + 31 <= until, birth + 31, _NEVER)


def on_the_child_register(world: World) -> np.ndarray:
    """Residents who are children on the register from the first month on."""
    young = world.people.age[: world.people.count] < 7
    return np.flatnonzero(young & (world.health.created <= world.months[0].last_day))


def yearly_check(people: Residents, child: np.ndarray, year: int) -> np.ndarray:
    """The day of each child's check-up in a year, NaT for those nobody brings."""
    month = np.datetime64(f"{year}-01") + child % 12
    day = month.astype("datetime64[D]") + child % 28
    return np.where((child % 10 > 0) & (day > people.birth[child] + 31), day, _NEVER)


def _dates(days: np.ndarray) -> str | None:
    """A list of dates as JSON, null when there are none."""
    return json.dumps([str(day) for day in days]) if len(days) else None


def _immunisation(h: Happened) -> Frame:
    """Doses of the children who reach an age of the programme this month."""
    child = np.flatnonzero(h.people.age[: h.people.count] < 8)
    age = (h.month.value - h.people.birth[child].astype("datetime64[M]")).astype(np.int64)
    rows = [
        (c, a, code, dose)
        for c, a in zip(child, age, strict=True)
        for code, dose in _VACCINES.get(int(a), [])
    ]
    person, months, dose = (np.array([row[n] for row in rows], np.int64) for n in (0, 1, 3))
    birth = h.people.birth[person]
    month_of_birth = birth.astype("datetime64[M]")
    day = np.minimum((birth - month_of_birth.astype("datetime64[D]")).astype(np.int64), 27)
    due = (month_of_birth + months).astype("datetime64[D]") + day
    given = np.minimum(due + person % 15, h.month.last_day)
    missed = person % 40 == 0
    h.enter("dose", person=person, due=due, given=~missed, forbidden=missed & (person % 80 == 0))
    return platform_frame(
        "ph_immunisation",
        len(rows),
        {
            "vac_id": h.serials("JZ", len(rows)),
            "child_id": child_id(person),
            "vaccine_code": pa.array([row[2] for row in rows], pa.string()),
            "dose_no": dose,
            "due_date": due,
            "vac_date": np.where(missed, _NEVER, given),
            "org_code": pick(h.layout.codes, h.people.home[person]),
            "batch_no": null_where(pick(["20250101A", "20250207C"], person % 2), missed | (person % 11 == 0)),
            "contra_flag": pick(["0", "1"], missed & (person % 80 == 0)),
        },
    )


def child_id(person: np.ndarray) -> pa.Array:
    """The vaccination number of a resident's child."""
    return identifier("ET", person, 10)
