"""People who work here, their comings and goings, their postings and their training.

Some hundred people: plain Python per person is clearer than arrays. Not here: the lists that are delivered
(staff_lists.py).
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import COUNTY_TIERS, Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import pick
from sources.simulator.people.naming import one_name
from sources.simulator.place.departments import departments_of

PHYSICIANS, NURSE, VILLAGE_DOCTOR = ("11", "12"), "21", "61"
SEES_PATIENTS = (*PHYSICIANS, VILLAGE_DOCTOR)
_TRAINED = (*SEES_PATIENTS, NURSE)
_MOVED = "调往其他卫生院"
_TITLE_MIX = {
    "county": [0.10, 0.26, 0.40, 0.22, 0.02],
    "primary": [0.02, 0.13, 0.36, 0.37, 0.12],
    "village": [0, 0, 0.03, 0.22, 0.75],
}


@dataclass(frozen=True)
class StaffMember:
    """One member of staff; dates are datetime64[D], None when open."""

    number: int
    institution: int
    kind: str  # staff_type
    title: str  # title_level
    sex: int
    birth: np.datetime64
    name: str
    department: int
    hired: np.datetime64
    left: np.datetime64 | None = None
    reason: str | None = None
    same_as: int | None = None  # the other number of the same person: left behind, or held as well (V28)

    def there_on(self, day: np.datetime64) -> bool:
        return bool(self.hired <= day and (self.left is None or self.left > day))


@dataclass(frozen=True)
class Posting:
    who: StaffMember
    to: int
    kind: str
    start: np.datetime64
    end: np.datetime64 | None


@dataclass(frozen=True)
class Training:
    number: int
    who: StaffMember
    kind: str
    start: np.datetime64
    end: np.datetime64
    known_from: np.datetime64  # entered into the list on this day (late entries)

    @property
    def voluntary(self) -> bool:
        return self.number % 4 == 0


@dataclass
class Workforce:
    """Everyone who works or has worked here, by staff number."""

    staff: list[StaffMember]
    postings: list[Posting]
    trainings: list[Training]
    doctors: dict[int, np.ndarray]  # institution → staff numbers who see patients

    def doctor(self, rng: np.random.Generator, institution: np.ndarray, month: CalendarMonth) -> np.ndarray:
        """Draw a doctor in post all month for each event of an institution; returns staff numbers."""
        chosen = np.empty(len(institution), dtype=np.int64)
        for place in np.unique(institution):
            known = (self.staff[n] for n in self.doctors[int(place)])
            here = [p.number for p in known if p.there_on(month.first_day) and p.there_on(month.last_day)]
            mask = institution == place
            chosen[mask] = np.array(here)[rng.integers(0, len(here), mask.sum())]
        return chosen

    def of_kind(self, institution: int, kinds: tuple[str, ...], month: CalendarMonth) -> np.ndarray:
        """Staff numbers of these kinds who are in post at an institution all month."""
        here = [p for p in self.staff if p.institution == institution and p.kind in kinds]
        there = [p.number for p in here if p.there_on(month.first_day) and p.there_on(month.last_day)]
        return np.array(there, dtype=np.int64)

    def names(self, number: np.ndarray) -> pa.Array:
        """Names of members of staff."""
        return pick([p.name for p in self.staff], number)


def make_workforce(
    seed: int, layout: Layout, residents: int, months: list[CalendarMonth], defects: bool = False
) -> Workforce:
    """Hire everyone, let some leave before and during the simulated months, post and train them.

    Among the defects some nurses of county hospitals have a second staff number at a township (V28).
    """
    rng = stream(seed, "staff")
    start = months[0].first_day
    people: list[StaffMember] = []
    for place, tier in enumerate(layout.tiers):
        for kind in _posts(rng, tier, residents):
            people.append(_hire(rng, len(people), place, tier, kind, start))
    for person in [p for p in people if p.kind in PHYSICIANS and not layout.is_village[p.institution]]:
        if rng.random() < 0.1:
            leaver = _leave(rng, person, start, len(months))
            people[person.number] = leaver
            people.append(_successor(rng, leaver, len(people)))
    people += _moved(people, layout)
    people += _second_numbers(people, layout) if defects else []
    trainings = _trainings(rng, people, layout, months)
    seeing = [p for p in people if p.kind in SEES_PATIENTS]
    doctors = {i: np.array([p.number for p in seeing if p.institution == i]) for i in range(layout.size)}
    return Workforce(people, _postings(rng, people, layout, start), trainings, doctors)


def _moved(people: list[StaffMember], layout: Layout) -> list[StaffMember]:
    """Those who left one place of primary care for the next: there under a new number from that day on."""
    places = [int(place) for place in layout.primary]
    moved: list[StaffMember] = []
    for person in people:
        if person.reason == _MOVED and person.left is not None and person.institution in places:
            there = places[(places.index(person.institution) + 1) % len(places)]
            number = len(people) + len(moved)
            same = replace(person, number=number, institution=there, hired=person.left, same_as=person.number)
            moved.append(replace(same, left=None, reason=None))
    return moved


def _second_numbers(people: list[StaffMember], layout: Layout) -> list[StaffMember]:
    """One nurse of each county hospital once more, at the first township of its alliance."""
    hospital = layout.hospital_of()
    second: list[StaffMember] = []
    for place in layout.county:
        nurse = next(p for p in people if p.institution == place and p.kind == NURSE)
        township = int(next(i for i in layout.primary if hospital[i] == place))
        number = len(people) + len(second)
        second.append(replace(nurse, number=number, institution=township, same_as=nurse.number))
    return second


def _posts(rng: np.random.Generator, tier: str, residents: int) -> list[str]:
    """Staff types of an institution's posts."""
    if tier == "village":
        return [VILLAGE_DOCTOR] * 2 + [NURSE] * int(rng.integers(0, 2))
    if tier in COUNTY_TIERS:
        size = (46 if tier == "county_lead" else 34) + residents // (900 if tier == "county_lead" else 1400)
        mix = {"11": 0.36, "12": 0.02, "21": 0.42, "31": 0.05, "41": 0.08, "90": 0.04, "99": 0.03}
        return [kind for kind, share in mix.items() for _ in range(max(1, round(size * share)))]
    doctors = int(rng.integers(10, 15)) + residents // 25_000
    return ["11"] * doctors + ["12"] * 3 + [NURSE] * 7 + ["31"] * 2 + ["41"] * 3 + ["51"] * 3 + ["90"]


def _hire(
    rng: np.random.Generator, number: int, place: int, tier: str, kind: str, start: np.datetime64
) -> StaffMember:
    level = {"county_lead": "county", "county": "county", "village": "village"}.get(tier, "primary")
    title = str(rng.choice(5, p=_TITLE_MIX[level]) + 1) if kind in _TRAINED else "9"
    if kind == "12":
        title = "4"
    age = int(rng.integers(26, 58))
    sex = 2 if rng.random() < (0.97 if kind == NURSE else 0.42) else 1
    clinical = [n for n, d in enumerate(departments_of(tier)) if d[1] == "1"]
    birth = (start - age * 365 - int(rng.integers(0, 365))).astype("datetime64[D]")
    name = one_name(rng, sex, birth)
    hired = start - int(rng.integers(400, max(401, (age - 23) * 365)))
    return StaffMember(number, place, kind, title, sex, birth, name, int(rng.choice(clinical)), hired)


def _leave(rng: np.random.Generator, person: StaffMember, start: np.datetime64, months: int) -> StaffMember:
    """Leave some day between a year before the first month and the last month."""
    left = start + int(rng.integers(-330, 30 * months))
    reasons = ["调往县院", "辞职", "退休", "调往外地", "死亡", _MOVED]
    reason = str(rng.choice(reasons, p=[0.3, 0.25, 0.2, 0.08, 0.02, 0.15]))
    return replace(person, left=left.astype("datetime64[D]"), reason=reason)


def _successor(rng: np.random.Generator, leaver: StaffMember, number: int) -> StaffMember:
    assert leaver.left is not None
    hired = leaver.left + np.timedelta64(int(rng.integers(5, 60)), "D")
    return replace(
        leaver, number=number, hired=hired, left=None, reason=None, title="4", name=leaver.name[0] + "明"
    )


def _postings(
    rng: np.random.Generator, people: list[StaffMember], layout: Layout, start: np.datetime64
) -> list[Posting]:
    """County doctors posted down to the townships of their alliance, a few township doctors seconded upwards; of the senior
    ones one for each place as its deputy head.
    """
    hospital = layout.hospital_of()
    postings = []
    for place in layout.primary:
        here = [
            p
            for p in people
            if p.institution == hospital[place] and p.kind == "11" and p.title in "123" and p.left is None
        ]
        for _ in range(int(rng.integers(1, 3))):
            kind = str(rng.choice(["01", "02", "04", "05"], p=[0.4, 0.35, 0.1, 0.15]))
            begin = start - int(rng.integers(5, 200))
            postings.append(
                Posting(here[int(rng.integers(0, len(here)))], int(place), kind, begin, begin + 364)
            )
    for person in people:
        if person.kind == "11" and person.institution in layout.primary and rng.random() < 0.03:
            begin = start + int(rng.integers(-60, 90))
            postings.append(Posting(person, int(hospital[person.institution]), "01", begin, None))
    for place in layout.primary:
        heads = [
            p
            for p in people
            if p.institution == hospital[place] and p.kind == "11" and p.title in "12" and p.left is None
        ]
        begin = start - int(rng.integers(5, 200))
        postings.append(
            Posting(heads[int(rng.integers(0, len(heads)))], int(place), "04", begin, begin + 364)
        )
    return postings


def _trainings(
    rng: np.random.Generator, people: list[StaffMember], layout: Layout, months: list[CalendarMonth]
) -> list[Training]:
    """Every year's courses of doctors and village doctors: how keen an institution is differs."""
    keen = rng.uniform(0.45, 0.95, layout.size)
    trainings: list[Training] = []
    for year in sorted({m.year for m in months}):
        first = np.datetime64(f"{year}-01-01")
        for person in people:
            if person.kind not in _TRAINED or rng.random() > keen[person.institution]:
                continue
            begin = first + int(rng.exponential(70)) % 360
            kind = str(rng.choice(["01", "02", "06"], p=[0.2, 0.55, 0.25]))
            length = {"01": 120, "02": 6, "06": 2}[kind]
            late = int(rng.integers(20, 45)) if rng.random() < 0.1 else 0
            trainings.append(Training(len(trainings) + 1, person, kind, begin, begin + length, begin + late))
    return trainings
