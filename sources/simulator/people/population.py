"""The residents: families, ages, sexes, chronic diseases, insurance, deaths.

Everything here is true; what a hospital gets wrong about a person is the business of registers.py and defects.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, concat, dense, running_number
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.ground.text import digits, from_bytes, identifier, join, null_where, pick
from sources.simulator.people import name_lists
from sources.simulator.people.addresses import Contacts, divisions
from sources.simulator.people.id_card import as_text, cards
from sources.simulator.people.naming import full_names, surname_weights

_SIZES = np.array([0.14, 0.29, 0.25, 0.20, 0.12])  # households of 1..5
_HEAD_AGES = np.array([6, 8, 9, 9, 10, 11, 10, 9, 8, 7, 5, 3], dtype=float)  # five-year bands from 25
# adult prevalence by age: (start, slope per year above 35, cap)
_CHRONIC = {
    "htn": (0.08, 0.0115, 0.62), "dm": (0.03, 0.0050, 0.24), "chd": (0.01, 0.0045, 0.20),
    "copd": (0.01, 0.0030, 0.14), "stroke": (0.004, 0.0035, 0.15),
}  # fmt: skip
URBAN_SHARE = 0.2
DEATHS_BEFORE_DAYS = 300  # deaths of before the first month that public health still hears of
_TWINS = 0.05  # of children who stand next to a brother or sister


@dataclass
class Residents:
    """Arrays over residents; people who are test entries of a hospital (not residents) come after `count`."""

    count: int
    birth: np.ndarray  # datetime64[D]
    sex: np.ndarray  # 1 | 2
    age: np.ndarray  # years at the start of the simulation
    surname: np.ndarray
    home: np.ndarray  # institution index of the township hospital or community centre
    village: np.ndarray  # institution index of the village clinic
    household: np.ndarray
    twin: np.ndarray  # index of the twin born before, -1 without one
    insured: np.ndarray
    employee: np.ndarray
    chronic: dict[str, np.ndarray]
    died: np.ndarray  # datetime64[D], NaT for those who live on
    name: pa.Array
    phone: pa.Array
    address: pa.Array
    former_phone: pa.Array  # of before the last change; the same as `phone` for most
    former_address: pa.Array
    division: pa.Array  # 12-digit division of the home
    id_matrix: np.ndarray  # (n, 18) uint8
    id_text: pa.Array
    insurance_no: pa.Array  # null when not insured
    ehr_no: pa.Array
    is_test: np.ndarray


def make_residents(
    seed: int, size: int, start: np.datetime64, layout: Layout, test_people: int, days: int = 90
) -> Residents:
    """Make `size` residents as of `start` (datetime64[D]), who live or die within the `days` that follow, and
    `test_people` entries that are no person at all."""
    rng = stream(seed, "population")
    people = _with_test_entries(_families(rng, seed, size, start, layout), test_people, start, layout)
    birth, sex, village, total = people.birth, people.sex, people.village, people.rows
    group = dense((birth.astype(np.int64) + 40_000) * 2 + sex)
    id_matrix = cards(birth, sex, running_number(group, total) % 500)
    division = divisions(layout, village)
    contacts = Contacts(seed, layout, village, people.household, people.age)
    called = full_names(seed, people.surname, sex, birth, people.household, people.twin)
    return Residents(
        **people,
        count=size,
        chronic=_chronic(rng, people.age, size),
        died=_deaths(seed, people.age, birth, start, days, size),
        name=_names(called, size),
        phone=contacts.phone(),
        address=contacts.address(),
        former_phone=contacts.former_phone(),
        former_address=contacts.former_address(),
        division=division,
        id_matrix=id_matrix,
        id_text=as_text(id_matrix),
        insurance_no=_insurance_numbers(people.insured),
        ehr_no=join(division, from_bytes(digits(running_number(village, layout.size) + 1, 5))),
        is_test=np.arange(total) >= size,
    )


def _families(rng: np.random.Generator, seed: int, size: int, start: np.datetime64, layout: Layout) -> Arrays:
    """Who lives with whom and where, how old everyone is, who is insured."""
    household, role, first = _households(rng, size)
    age, sex, surname = _members(rng, household, role, first)
    birth = start - (age * 365.25).astype(np.int64) - 1 - rng.integers(0, 365, size)
    birth = np.minimum(birth, start - 1).astype("datetime64[D]")
    twin = _twins(seed, household, age)
    born = np.where(twin >= 0, twin, np.arange(size))
    age, birth = age[born], birth[born]
    home, village = _homes(rng, household, layout)
    insured = rng.random(size) < 0.95
    employee = insured & (rng.random(size) < np.where((age >= 22) & (age < 80), 0.16, 0.0))
    return Arrays(
        birth=birth,
        sex=sex,
        age=age,
        surname=surname,
        home=home,
        village=village,
        household=household,
        twin=twin,
        insured=insured,
        employee=employee,
    )


def _with_test_entries(people: Arrays, count: int, start: np.datetime64, layout: Layout) -> Arrays:
    """The residents and, after them, `count` entries that all say the same."""
    entry = {
        "birth": start - 40 * 365, "sex": 1, "age": 40, "surname": 0, "home": layout.primary[0],
        "village": layout.village[0], "household": -1, "twin": -1, "insured": False, "employee": False,
    }  # fmt: skip
    entries = {name: np.full(count, entry[name], column.dtype) for name, column in people.items()}
    return concat([people, Arrays(entries)])


def _households(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return household number, role within it (0 = head) and the index of the head, per resident."""
    sizes = draw(rng, _SIZES, size) + 1
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), size) + 1]
    household = np.repeat(np.arange(len(sizes)), sizes)[:size]
    first = np.searchsorted(household, household)
    return household, np.arange(size) - first, first


def _members(
    rng: np.random.Generator, household: np.ndarray, role: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Age, sex and surname of everyone, told by the role in the household."""
    size = len(household)
    head_age = 25 + draw(rng, _HEAD_AGES, size) * 5 + rng.integers(0, 5, size)
    head_sex = np.where(rng.random(size) < 0.78, 1, 2)
    head_age, head_sex = head_age[first], head_sex[first]
    child = head_age - 26 - rng.integers(-5, 6, size)
    child = np.where((child < 0) | (child > 24), rng.integers(0, 18, size), child)
    parent = np.minimum(head_age + 22 + rng.integers(0, 8, size), 96)
    old_head = head_age >= 62
    spouse = np.maximum(head_age + rng.integers(-4, 4, size), 20)
    age = np.select(
        [role == 0, role == 1, (role == 4) & ~old_head, old_head],
        [head_age, spouse, parent, head_age - 27],
        child,
    )
    age = np.where((role >= 3) & old_head, rng.integers(0, 22, size), np.maximum(age, 0))
    random_sex = np.where(rng.random(size) < 0.515, 1, 2)
    sex = np.select([role == 0, role == 1], [head_sex, 3 - head_sex], random_sex)
    own = draw(rng, surname_weights(), size)
    father = np.where(head_sex == 1, own[first], own[np.minimum(first + 1, size - 1)])
    surname = np.where(role == 0, own, np.where(role == 1, own, father))
    return age.astype(np.int64), sex, surname


def _homes(rng: np.random.Generator, household: np.ndarray, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Every household lives in the area of one township hospital or community centre and one of its villages."""
    primary = layout.primary
    urban = np.array([layout.urban_rural[i] == "1" for i in primary])
    rural = rng.uniform(0.85, 1.2, len(primary)) * ~urban
    weight = np.where(
        urban, URBAN_SHARE / max(urban.sum(), 1), (1 - URBAN_SHARE) * rural / max(rural.sum(), 1e-9)
    )
    place = draw(rng, weight, household.max() + 1)
    which = rng.random(household.max() + 1)
    villages = [layout.villages_of(i) for i in primary]
    village = np.array([villages[p][int(w * len(villages[p]))] for p, w in zip(place, which, strict=True)])
    return primary[place][household], village[household]


def _chronic(rng: np.random.Generator, age: np.ndarray, size: int) -> dict[str, np.ndarray]:
    chronic = {}
    for disease, (start, slope, cap) in _CHRONIC.items():
        grown = np.minimum(start * (age >= 35) + slope * np.maximum(age - 35, 0), cap)
        chance = np.where(age >= 18, grown, 0.0)
        chronic[disease] = (rng.random(len(age)) < chance) & (np.arange(len(age)) < size)
    return chronic


def _twins(seed: int, household: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Index of the twin born before, -1 without one: some children are as old as the sibling next to them."""
    rng = stream(seed, "twins")
    before = np.arange(len(age)) - 1
    children = (before >= 0) & (household == household[before]) & (age < 18) & (age[before] < 18)
    chosen = children & (rng.random(len(age)) < _TWINS)
    chosen[1:] &= ~chosen[:-1]
    return np.where(chosen, before, -1)


def _deaths(
    seed: int, age: np.ndarray, birth: np.ndarray, start: np.datetime64, days: int, size: int
) -> np.ndarray:
    """Day of death of those who die between some months before `start` (reported late) and the end."""
    rng = stream(seed, "deaths")
    total, span = len(age), DEATHS_BEFORE_DAYS + days
    yearly = np.select([age < 15, age < 45, age < 65, age < 80], [0.0004, 0.0008, 0.005, 0.028], 0.1)
    day = (start - DEATHS_BEFORE_DAYS + rng.integers(0, span, total)).astype("datetime64[D]")
    dies = (rng.random(total) < yearly * span / 365) & (day > birth) & (np.arange(total) < size)
    return np.where(dies, day, np.datetime64("NaT"))


def living(people: Residents, person: np.ndarray, time: np.ndarray) -> np.ndarray:
    """True where the person has not died by the day of `time`."""
    died = people.died[person]
    return np.isnat(died) | (time.astype("datetime64[D]") < died)


def _names(name: pa.Array, size: int) -> pa.Array:
    """Names of residents and, after the first `size`, of what hospitals try their software on."""
    entry = np.arange(len(name))
    test = pick(name_lists.TEST_NAMES, np.where(entry < size, -1, entry % len(name_lists.TEST_NAMES)))
    return pa.compute.coalesce(test, name)


def _insurance_numbers(insured: np.ndarray) -> pa.Array:
    serial = (np.arange(len(insured), dtype=np.int64) * 48_271 + 12_345_678_901) % 99_999_999_977
    return null_where(identifier("340699000", serial, 11), ~insured)
