"""Departments, people who work here, their postings and their training.

Some hundred rows: plain Python per person is clearer than arrays. Lists show the state as of a month's last day:
nobody yet to come, no departure yet to happen; those who left stay on the list (the feed's known habit).
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import identifier
from sources.simulator.people.id_card import as_text, cards
from sources.simulator.people.naming import one_name

CLINICAL = ["内科", "外科", "妇产科", "儿科", "骨伤科", "五官科", "皮肤科", "急诊科", "中医科", "康复科"]
_TOWNSHIP = ["内科", "外科", "妇产科", "儿科", "骨伤科", "五官科", "皮肤科", "急诊科", "中医科"]
_OTHER = [("医学影像科", "2"), ("检验科", "2"), ("公卫科", "3"), ("药剂科", "5"), ("院办公室", "4")]
_TITLES = {"1": "主任医师", "2": "副主任医师", "3": "主治医师", "4": "医师", "5": "医士", "9": ""}
PHYSICIANS = ("11", "12")


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
    same_as: int | None = None  # number of the person who has this one as a second number (V28)


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


@dataclass
class Workforce:
    staff: list[StaffMember]
    postings: list[Posting]
    trainings: list[Training]
    doctors: dict[int, np.ndarray]  # institution → staff numbers who see patients

    def doctor(self, rng: np.random.Generator, institution: np.ndarray, month: CalendarMonth) -> np.ndarray:
        """Draw a doctor in post all month for each event of an institution; returns staff numbers."""
        chosen = np.empty(len(institution), dtype=np.int64)
        for place in np.unique(institution):
            here = [n for n in self.doctors[int(place)] if self.in_post(self.staff[n], month)]
            mask = institution == place
            chosen[mask] = np.array(here)[rng.integers(0, len(here), mask.sum())]
        return chosen

    @staticmethod
    def in_post(person: StaffMember, month: CalendarMonth) -> bool:
        first = month.value.astype("datetime64[D]")
        return person.hired <= first and (person.left is None or person.left > month.last_day)


def departments_of(tier: str) -> list[tuple[str, str]]:
    """(name, type) of an institution's departments; their codes are 01, 02, … in this order."""
    if tier == "village":
        return [("全科", "1")]
    clinical = CLINICAL if tier in ("county_lead", "county") else _TOWNSHIP
    return [(name, "1") for name in clinical] + _OTHER


def department_frame(layout: Layout) -> Frame:
    rows = [(i, n + 1, *d) for i, tier in enumerate(layout.tiers) for n, d in enumerate(departments_of(tier))]
    place = np.array([r[0] for r in rows])
    code = [f"{r[1]:02d}" for r in rows]
    return Frame(
        "his_dept",
        len(rows),
        layout.deliverer[place],
        {
            "org_code": layout.codes.take(pa.array(place)),
            "dept_code": pa.array(code),
            "dept_name": pa.array([r[2] for r in rows]),
            "dept_type": pa.array([r[3] for r in rows]),
            "cost_center": pa.array([f"CC{c}" for c in code]),
            "ward_flag": pa.array(
                ["1" if r[3] == "1" and not layout.is_village[r[0]] else "0" for r in rows]
            ),
        },
    )


def make_workforce(
    seed: int, layout: Layout, residents: int, months: list[CalendarMonth], defects: bool = False
) -> Workforce:
    """Hire everyone, let some leave before and during the simulated months, post and train them.

    Among the defects some nurses of county hospitals have a second staff number at a township (V28).
    """
    rng = stream(seed, "staff")
    start = months[0].value.astype("datetime64[D]")
    people: list[StaffMember] = []
    for place, tier in enumerate(layout.tiers):
        for kind in _posts(rng, tier, residents):
            people.append(_hire(rng, len(people), place, tier, kind, start))
    for person in [p for p in people if p.kind in PHYSICIANS and not layout.is_village[p.institution]]:
        if rng.random() < 0.1:
            people[person.number] = _leave(rng, person, start, len(months))
            people.append(_successor(rng, people[person.number], len(people)))
    people += _second_numbers(people, layout) if defects else []
    trainings = _trainings(rng, people, layout, months)
    seeing = {i: [] for i in range(layout.size)}
    for person in people:
        if person.kind in (*PHYSICIANS, "61"):
            seeing[person.institution].append(person.number)
    doctors = {place: np.array(numbers) for place, numbers in seeing.items()}
    return Workforce(people, _postings(rng, people, layout, start), trainings, doctors)


def _second_numbers(people: list[StaffMember], layout: Layout) -> list[StaffMember]:
    """One nurse of each county hospital once more, at the first township of its alliance."""
    hospital = layout.hospital_of()
    second = []
    for place in layout.county:
        nurse = next(p for p in people if p.institution == place and p.kind == "21")
        township = int(next(i for i in layout.primary if hospital[i] == place))
        number = len(people) + len(second)
        second.append(replace(nurse, number=number, institution=township, same_as=nurse.number))
    return second


def _posts(rng, tier: str, residents: int) -> list[str]:
    """Staff types of an institution's posts."""
    if tier == "village":
        return ["61", "61"] + ["21"] * int(rng.integers(0, 2))
    if tier in ("county_lead", "county"):
        size = (46 if tier == "county_lead" else 34) + residents // (900 if tier == "county_lead" else 1400)
        mix = {"11": 0.36, "12": 0.02, "21": 0.42, "31": 0.05, "41": 0.08, "90": 0.04, "99": 0.03}
        return [kind for kind, share in mix.items() for _ in range(max(1, round(size * share)))]
    doctors = int(rng.integers(10, 15)) + residents // 25_000
    return ["11"] * doctors + ["12"] * 3 + ["21"] * 7 + ["31"] * 2 + ["41"] * 3 + ["51"] * 3 + ["90"]


_TITLE_MIX = {
    "county": [0.10, 0.26, 0.40, 0.22, 0.02],
    "primary": [0.02, 0.13, 0.36, 0.37, 0.12],
    "village": [0, 0, 0.03, 0.22, 0.75],
}


def _hire(rng, number, place, tier, kind, start) -> StaffMember:
    level = {"county_lead": "county", "county": "county", "village": "village"}.get(tier, "primary")
    title = str(rng.choice(5, p=_TITLE_MIX[level]) + 1) if kind in (*PHYSICIANS, "61", "21") else "9"
    if kind == "12":
        title = "4"
    age = int(rng.integers(26, 58))
    sex = 2 if rng.random() < (0.97 if kind == "21" else 0.42) else 1
    clinical = [n for n, d in enumerate(departments_of(tier)) if d[1] == "1"]
    birth = (start - age * 365 - int(rng.integers(0, 365))).astype("datetime64[D]")
    name = one_name(rng, sex, birth)
    hired = start - int(rng.integers(400, max(401, (age - 23) * 365)))
    return StaffMember(number, place, kind, title, sex, birth, name, int(rng.choice(clinical)), hired)


def _leave(rng, person: StaffMember, start, months: int) -> StaffMember:
    """Leave some day between a year before the first month and the last month."""
    left = start + int(rng.integers(-330, 30 * months))
    reason = str(
        rng.choice(["调往县院", "辞职", "退休", "调往外地", "死亡"], p=[0.35, 0.35, 0.2, 0.08, 0.02])
    )
    return replace(person, left=left.astype("datetime64[D]"), reason=reason)


def _successor(rng, person: StaffMember, number: int) -> StaffMember:
    hired = person.left + int(rng.integers(5, 60))
    return replace(
        person, number=number, hired=hired, left=None, reason=None, title="4", name=person.name[0] + "明"
    )


def _postings(rng, people, layout: Layout, start) -> list[Posting]:
    """County doctors posted down to the townships of their alliance, a few township doctors seconded upwards."""
    hospital = layout.hospital_of()
    postings = []
    for place in layout.primary:
        here = [
            p
            for p in people
            if p.institution == hospital[place] and p.kind == "11" and p.title in "123" and not p.left
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
    return postings


def _trainings(rng, people, layout: Layout, months: list[CalendarMonth]) -> list[Training]:
    """Every year's courses of doctors and village doctors: how keen an institution is differs."""
    keen = rng.uniform(0.45, 0.95, layout.size)
    trainings: list[Training] = []
    for year in sorted({m.year for m in months}):
        first = np.datetime64(f"{year}-01-01")
        for person in people:
            if person.kind not in (*PHYSICIANS, "61", "21") or rng.random() > keen[person.institution]:
                continue
            begin = first + int(rng.exponential(70)) % 360
            kind = str(rng.choice(["01", "02", "06"], p=[0.2, 0.55, 0.25]))
            length = {"01": 120, "02": 6, "06": 2}[kind]
            late = int(rng.integers(20, 45)) if rng.random() < 0.1 else 0
            trainings.append(Training(len(trainings) + 1, person, kind, begin, begin + length, begin + late))
    return trainings


def staff_frame(workforce: Workforce, layout: Layout, month: CalendarMonth) -> Frame:
    people = [p for p in workforce.staff if p.hired <= month.last_day]
    place = np.array([p.institution for p in people])
    birth = np.array([p.birth for p in people])
    sex = np.array([p.sex for p in people])
    number = np.array([p.number for p in people])
    own = np.array([p.number if p.same_as is None else p.same_as for p in people])
    second = np.flatnonzero([p.same_as is not None for p in people])
    gone = [p.left is not None and p.left <= month.last_day for p in people]
    doctor = [p.kind in (*PHYSICIANS, "61") for p in people]
    hired = np.array([p.hired for p in people]).astype("datetime64[D]")
    left = np.array(
        [p.left if g else np.datetime64("NaT") for p, g in zip(people, gone, strict=True)], "datetime64[D]"
    )
    return Frame(
        "his_staff",
        len(people),
        layout.deliverer[place],
        {
            "staff_id": pa.array([staff_id(n) for n in number]),
            "org_code": layout.codes.take(pa.array(place)),
            "emp_no": pa.array([f"{n % 10_000:05d}" for n in number]),
            "name": pa.array([p.name for p in people]),
            "id_no": as_text(cards(birth, sex, 400 + own % 100)),
            "gender": pa.array([str(s) for s in sex]),
            "birth_date": birth,
            "staff_type": pa.array([p.kind for p in people]),
            "title_level": pa.array([p.title for p in people]),
            "title_name": pa.array([_TITLES[p.title] or None for p in people]),
            "education": pa.array(["21" if p.title in "123" else "31" for p in people]),
            "practice_cert_no": pa.array(
                [f"110340699{n:06d}" if d else None for n, d in zip(number, doctor, strict=True)]
            ),
            "nhsa_doctor_code": pa.array(
                [f"D340699{n:06d}" if d else None for n, d in zip(number, doctor, strict=True)]
            ),
            "gp_flag": pa.array(
                [
                    "1" if p.kind == "61" or (d and p.number % 5 == 0) else "0"
                    for p, d in zip(people, doctor, strict=True)
                ]
            ),
            "bianzhi_type": pa.array(
                ["4" if p.kind == "61" else "2" if p.number % 3 == 0 else "1" for p in people]
            ),
            "hire_date": hired,
            "leave_date": left,
            "leave_reason": pa.array([p.reason if g else None for p, g in zip(people, gone, strict=True)]),
        },
        notes=[Note(second, "V28", "", "harmless")] if len(second) else [],
    )


def posting_frame(workforce: Workforce, layout: Layout, month: CalendarMonth) -> Frame:
    rows = [(n, p) for n, p in enumerate(workforce.postings) if p.start <= month.last_day]
    source = np.array([p.who.institution for _, p in rows], dtype=np.int64)
    return Frame(
        "his_staff_assignment",
        len(rows),
        layout.deliverer[source],
        {
            "assign_id": pa.array([f"AS{n + 1:08d}" for n, _ in rows]),
            "staff_id": pa.array([staff_id(p.who.number) for _, p in rows]),
            "from_org": layout.codes.take(pa.array(source)),
            "to_org": layout.codes.take(pa.array(np.array([p.to for _, p in rows], dtype=np.int64))),
            "assign_type": pa.array([p.kind for _, p in rows]),
            "position": pa.array(["业务副院长" if p.kind == "04" else "坐诊医师" for _, p in rows]),
            "start_date": np.array([p.start for _, p in rows], "datetime64[D]"),
            "end_date": np.array(
                [p.end if p.end is not None else np.datetime64("NaT") for _, p in rows], "datetime64[D]"
            ),
            "days_in_year": np.array([int(n * 37 % 200) for n, _ in rows], dtype=np.int64),
            "title_at_assign": pa.array([p.who.title for _, p in rows]),
            "evidence_type": pa.array(["打卡+业务量" if n % 3 else "排班" for n, _ in rows]),
        },
    )


def training_frame(workforce: Workforce, layout: Layout, month: CalendarMonth) -> Frame:
    """All courses of the year so far, as far as entered by the end of the month."""
    first = np.datetime64(f"{month.year}-01-01")
    rows = [t for t in workforce.trainings if t.start >= first and t.known_from <= month.last_day]
    place = np.array([t.who.institution for t in rows], dtype=np.int64)
    return Frame(
        "his_training",
        len(rows),
        layout.deliverer[place],
        {
            "train_id": pa.array([f"PX{t.number:07d}" for t in rows], pa.string()),
            "staff_id": pa.array([staff_id(t.who.number) for t in rows], pa.string()),
            "train_type": pa.array([t.kind for t in rows], pa.string()),
            "host_org": pa.array(
                ["省城医科大学附属医院" if t.kind == "01" else "濉河县人民医院" for t in rows], pa.string()
            ),
            "start_date": np.array([t.start for t in rows], "datetime64[D]"),
            "end_date": np.array([t.end for t in rows], "datetime64[D]"),
            "months": pa.array([{"01": "4.0", "02": "0.2", "06": "0.1"}[t.kind] for t in rows], pa.string()),
            "voluntary": pa.array(["1" if t.number % 4 == 0 else "0" for t in rows], pa.string()),
            "passed": pa.array(["1" if t.number % 17 else "0" for t in rows], pa.string()),
        },
    )


def doctor_code(number: np.ndarray) -> pa.Array:
    """Staff numbers → the insurance code of the doctor."""
    return identifier("D340699", number, 6)


def staff_id(number: int) -> str:
    return f"P{number + 1:06d}"
