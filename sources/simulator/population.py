"""The residents: families that share an address and a telephone, ages, sexes, chronic diseases, insurance.

Everything here is true; what a hospital gets wrong about a person is the business of registers.py and defects.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.simulator import names
from sources.simulator.id_card import as_text, cards
from sources.simulator.layout import Layout
from sources.simulator.streams import draw, stream
from sources.simulator.text import digits, from_bytes, identifier, join, pick, running_number

_SIZES = np.array([0.14, 0.29, 0.25, 0.20, 0.12])  # households of 1..5
_HEAD_AGES = np.array([6, 8, 9, 9, 10, 11, 10, 9, 8, 7, 5, 3], dtype=float)  # five-year bands from 25
# adult prevalence by age: (start, slope per year above 35, cap)
_CHRONIC = {
    "htn": (0.08, 0.0115, 0.62), "dm": (0.03, 0.0050, 0.24), "chd": (0.01, 0.0045, 0.20),
    "copd": (0.01, 0.0030, 0.14), "stroke": (0.004, 0.0035, 0.15),
}  # fmt: skip
URBAN_SHARE = 0.2


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
    insured: np.ndarray
    employee: np.ndarray
    chronic: dict[str, np.ndarray]
    name: pa.Array
    phone: pa.Array
    address: pa.Array
    division: pa.Array  # 12-digit division of the home
    id_matrix: np.ndarray  # (n, 18) uint8
    id_text: pa.Array
    insurance_no: pa.Array  # null when not insured
    ehr_no: pa.Array
    is_test: np.ndarray


def make_residents(seed: int, size: int, start: np.datetime64, layout: Layout, test_people: int) -> Residents:
    """Make `size` residents as of `start` (datetime64[D]) and `test_people` entries that are no person at all."""
    rng = stream(seed, "population")
    household, role, first = _households(rng, size)
    age, sex, surname = _members(rng, household, role, first)
    birth = start - (age * 365.25).astype(np.int64) - 1 - rng.integers(0, 365, size)
    birth = np.minimum(birth, start - 1).astype("datetime64[D]")
    home, village = _homes(rng, household, layout)
    insured = rng.random(size) < 0.95
    employee = insured & (rng.random(size) < np.where((age >= 22) & (age < 80), 0.16, 0.0))
    total = size + test_people
    padded = _Padding(total)
    sex, age, birth = padded(sex, 1), padded(age, 40), padded(birth, start - 40 * 365)
    home, village = padded(home, layout.primary[0]), padded(village, layout.village[0])
    household, surname = padded(household, -1), padded(surname, 0)
    insured, employee = padded(insured, False), padded(employee, False)
    group = ((birth.astype(np.int64) + 40_000) * 2 + sex).astype(np.int64)
    sequence = running_number(_dense(group), total) % 500
    id_matrix = cards(birth, sex, sequence)
    division = _divisions(layout, village)
    return Residents(
        count=size,
        birth=birth,
        sex=sex,
        age=age,
        surname=surname,
        home=home,
        village=village,
        household=household,
        insured=insured,
        employee=employee,
        chronic=_chronic(rng, age, total, size),
        name=_names(rng, surname, sex, size, total),
        phone=_phones(rng, household, total),
        address=_addresses(rng, layout, village, household, total),
        division=division,
        id_matrix=id_matrix,
        id_text=as_text(id_matrix),
        insurance_no=_insurance_numbers(insured, total),
        ehr_no=join(division, from_bytes(digits(running_number(village, layout.size) + 1, 5))),
        is_test=np.arange(total) >= size,
    )


class _Padding:
    """Extends resident arrays by constant entries for the test people."""

    def __init__(self, total: int):
        self.total = total

    def __call__(self, values: np.ndarray, fill) -> np.ndarray:
        extra = np.full(self.total - len(values), fill, dtype=values.dtype)
        return np.concatenate([values, extra])


def _dense(keys: np.ndarray) -> np.ndarray:
    return np.unique(keys, return_inverse=True)[1]


def _households(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return household number, role within it (0 = head) and the index of the head, per resident."""
    sizes = draw(rng, _SIZES, size) + 1
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), size) + 1]
    household = np.repeat(np.arange(len(sizes)), sizes)[:size]
    first = np.searchsorted(household, household)
    return household, np.arange(size) - first, first


def _members(rng, household, role, first) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    common = np.r_[np.full(12, 6.0), np.full(24, 2.5), np.full(len(names.SURNAMES) - 36, 0.7)]
    own = draw(rng, common, size)
    father = np.where(head_sex == 1, own[first], own[np.minimum(first + 1, size - 1)])
    surname = np.where(role == 0, own, np.where(role == 1, own, father))
    return age.astype(np.int64), sex, surname


def _homes(rng, household, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
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


def _chronic(rng, age, total, size) -> dict[str, np.ndarray]:
    chronic = {}
    for disease, (start, slope, cap) in _CHRONIC.items():
        chance = np.where(
            age >= 18, np.minimum(start * (age >= 35) + slope * np.maximum(age - 35, 0), cap), 0.0
        )
        chronic[disease] = (rng.random(total) < chance) & (np.arange(total) < size)
    return chronic


def _names(rng, surname, sex, size, total) -> pa.Array:
    men = pick(names.GIVEN_MALE, rng.integers(0, len(names.GIVEN_MALE), total))
    women = pick(names.GIVEN_FEMALE, rng.integers(0, len(names.GIVEN_FEMALE), total))
    given = pa.compute.if_else(pa.array(sex == 1), men, women)
    rare = pick(names.RARE_GIVEN, rng.integers(0, len(names.RARE_GIVEN), total))
    given = pa.compute.if_else(pa.array(rng.random(total) < 0.004), rare, given)
    full = join(pick(names.SURNAMES, surname), given)
    test = pick(
        names.TEST_NAMES, np.where(np.arange(total) < size, -1, np.arange(total) % len(names.TEST_NAMES))
    )
    return pa.compute.coalesce(test, full)


def _phones(rng, household, total) -> pa.Array:
    """One number per household, sometimes a second one; 11 digits beginning 13900."""
    number = np.maximum(household, 0) * 2 + (rng.random(total) < 0.3)
    return identifier("1390", (number * 7_919 + 104_729) % 10_000_000, 7)


def _addresses(rng, layout: Layout, village, household, total) -> pa.Array:
    street = rng.integers(0, len(names.STREETS), total)[np.maximum(household, 0) % total]
    door = pa.array(np.maximum(household, 0) % 997 + 1).cast(pa.string())
    place = [name.replace("卫生室", "").replace("卫生服务站", "") for name in layout.names]
    return join("濉河县", pick(place, village), pick(names.STREETS, street), door, "号")


def _divisions(layout: Layout, village) -> pa.Array:
    """12-digit statistical division: county + township serial + village serial."""
    serial = np.arange(layout.size)
    town = np.searchsorted(layout.primary, layout.parent.clip(0)) + 101
    code = int(layout.text["region_code"]) * 1_000_000 + town * 1_000 + 200 + serial
    return from_bytes(digits(code[village], 12))


def _insurance_numbers(insured, total) -> pa.Array:
    serial = (np.arange(total, dtype=np.int64) * 48_271 + 12_345_678_901) % 99_999_999_977
    numbers = identifier("340699000", serial, 11)
    return pa.compute.if_else(pa.array(insured), numbers, pa.scalar(None, pa.string()))
