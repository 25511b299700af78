"""Inpatient stays: who is admitted where with what, how long they stay and how they leave.

Times are whole hours, because one vendor delivers date and hour in two columns. Not here: what is written about a stay
(stay_records.py), operations.
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays, running_number, spread
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import draw, stream
from sources.simulator.people.population import Residents
from sources.simulator.place.diseases import CHRONIC, NEWBORN, Diseases
from sources.simulator.place.staff import Workforce

STAYS_PER_YEAR = 0.20
OUT_OF_COUNTY_SHARE = 0.13
_CHRONIC_SHARE = 0.46
_DAY_CASES = ("H25.900", "K40.900")
IN_HOSPITAL, DISCHARGED, CANCELLED = 1, 2, 3
ORDINARY, LAST, SPLIT = 0, 1, 2
DAY_SURGERY = 2  # the way
HOME, TRANSFERRED, DIED = 1, 3, 5  # how patients leave
NEWBORN_DAYS = 27  # of age, the last on which a child is a newborn
_NEWBORN_ADMITTED = 0.95
_SPLIT_SHARE = 0.8  # of the discharges of the last days of a month
_DEADLY = ("I63.900", "I50.900", "C34.900", "J44.900", "K92.208")


def new_stays(
    person: np.ndarray,
    disease: np.ndarray,
    institution: np.ndarray,
    admit: np.ndarray,
    discharge: np.ndarray,
    referral: np.ndarray | int = -1,
    way: np.ndarray | int = 1,
    kind: int = ORDINARY,
) -> Arrays:
    """Bundle stays; `due` is the discharge, `way` the ip_med_type (1 stay, 2 day surgery), `kind` why it is there."""
    size = len(person)
    return Arrays(
        person=spread(person, size),
        disease=spread(disease, size),
        institution=spread(institution, size),
        admit=np.asarray(admit, dtype="datetime64[s]"),
        due=np.asarray(discharge, dtype="datetime64[s]"),
        referral=spread(referral, size),
        way=spread(way, size),
        kind=spread(kind, size),
    )


def last_stays(
    seed: int, month: CalendarMonth, people: Residents, diseases: Diseases, layout: Layout
) -> Arrays:
    """Stays that begin in the month and end with the patient's death: about half of the deaths."""
    person = np.flatnonzero(~np.isnat(people.died))
    rng = stream(seed, "last stays")
    size = len(person)
    in_hospital, days, hour = rng.random(size) < 0.5, rng.integers(1, 13, size), rng.integers(8, 17, size)
    admit = people.died[person].astype("datetime64[s]") - days * 86_400 + hour * 3_600
    here = in_hospital & (admit >= month.start) & (admit < month.end)
    person, admit, due = person[here], admit[here], people.died[person[here]].astype("datetime64[s]") + 61_200
    severe = diseases.numbers(_DEADLY)
    place = layout.hospital_of()[people.home[person]]
    return new_stays(person, severe[person % len(severe)], place, admit, due, kind=LAST)


def newborn_stays(
    seed: int, month: CalendarMonth, people: Residents, diseases: Diseases, layout: Layout
) -> Arrays:
    """Stays of children within four weeks of their birth. Nobody is born after the first day of the county."""
    rng = stream(seed, "newborn stays", month.number)
    birth = people.birth[: people.count]
    first, last = np.maximum(birth, month.first_day), np.minimum(birth + NEWBORN_DAYS, month.last_day)
    person = np.flatnonzero((first <= last) & (rng.random(people.count) < _NEWBORN_ADMITTED))
    size = len(person)
    days = (rng.random(size) * ((last - first)[person].astype(np.int64) + 1)).astype(np.int64)
    admit = (first[person] + days).astype("datetime64[s]") + rng.integers(8, 17, size) * 3_600
    disease = rng.choice(np.flatnonzero(diseases.groups == NEWBORN), size)
    place = layout.hospital_of()[people.home[person]]
    return new_stays(person, disease, place, admit, discharge_times(rng, admit, disease, diseases, 1.0))


def split_stays(seed: int, month: CalendarMonth, stays: Arrays, diseases: Diseases, culprit: int) -> Arrays:
    """Stays that continue a discharge of the month's last days: one treatment, paid twice (分解住院)."""
    rng = stream(seed, "anomalies/split stays", month.number)
    plain = (
        (stays.institution == culprit) & (stays.leaving == HOME) & (stays.way == 1) & (stays.kind == ORDINARY)
    )
    late = (stays.due >= month.end - 4 * 86_400) & (diseases.groups[stays.disease] != NEWBORN)
    chosen = stays.take(plain & late & (rng.random(stays.rows) < _SPLIT_SHARE))
    admit = chosen.due.astype("datetime64[D]").astype("datetime64[s]") + 86_400 + 10 * 3_600
    admit = np.maximum(admit, month.end + 10 * 3_600)
    due = discharge_times(rng, admit, chosen.disease, diseases, 0.8)
    return new_stays(chosen.person, chosen.disease, chosen.institution, admit, due, kind=SPLIT)


def ordinary_stays(
    seed: int, month: CalendarMonth, people: Residents, diseases: Diseases, layout: Layout
) -> Arrays:
    """Stays that begin in the month, inside the county."""
    rng = stream(seed, "stays", month.number)
    size = rng.poisson(people.count * STAYS_PER_YEAR / 12 * month.volume() * (1 - OUT_OF_COUNTY_SHARE))
    person, disease = pick_inpatients(rng, month, people, diseases, size)
    place = _places(rng, people, diseases, layout, person, disease)
    admit = month.start + draw(rng, month.day_weights(), size) * 86_400 + rng.integers(8, 17, size) * 3_600
    day = np.isin(disease, diseases.numbers(_DAY_CASES)) & layout.is_county[place] & (rng.random(size) < 0.5)
    factor = np.where(layout.is_county[place], 1.0, 0.85) * np.where(day, 0.0, 1.0)
    return new_stays(
        person, disease, place, admit, discharge_times(rng, admit, disease, diseases, factor), way=1 + day
    )


def pick_inpatients(
    rng: np.random.Generator, month: CalendarMonth, people: Residents, diseases: Diseases, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw persons and principal diagnoses of `size` stays (also used for care outside the county)."""
    season = np.array([month.season(s) for s in diseases.seasons])
    weight = diseases.inpatient_weight * season
    chronic_weight = np.where(np.isin(diseases.groups, CHRONIC), weight, 0)
    is_chronic = rng.random(size) < _CHRONIC_SHARE
    disease = np.zeros(size, dtype=np.int64)
    person = np.zeros(size, dtype=np.int64)
    disease[is_chronic] = draw(rng, chronic_weight, int(is_chronic.sum()))
    for group in CHRONIC:
        mask = is_chronic & (diseases.groups[disease] == group)
        ill = np.flatnonzero(people.chronic[group])
        ill = ill if len(ill) else np.arange(people.count)
        person[mask] = ill[rng.integers(0, len(ill), int(mask.sum()))]
    age = people.age[: people.count]
    need = np.select([age < 6, age < 18, age < 45, age < 65], [1.4, 0.4, 0.6, 1.2], 2.8)
    person[~is_chronic] = draw(rng, need, int((~is_chronic).sum()))
    band = np.select([age[person] < 18, age[person] < 60], [0, 1], 2)
    for stage in range(3):
        for sex in (1, 2):
            mask = ~is_chronic & (band == stage) & (people.sex[person] == sex)
            disease[mask] = draw(rng, weight * diseases.eligible(stage, sex), int(mask.sum()))
    return person, disease


def _places(
    rng: np.random.Generator,
    people: Residents,
    diseases: Diseases,
    layout: Layout,
    person: np.ndarray,
    disease: np.ndarray,
) -> np.ndarray:
    size = len(person)
    at_county = rng.random(size) < np.clip(0.56 + 0.52 * diseases.severity[disease], 0, 0.99)
    own = layout.hospital_of()[people.home[person]]
    other = np.where(rng.random(size) < 0.55, layout.county[0], layout.county[1])
    return np.where(at_county, np.where(rng.random(size) < 0.6, own, other), people.home[person])


def discharge_times(
    rng: np.random.Generator,
    admit: np.ndarray,
    disease: np.ndarray,
    diseases: Diseases,
    factor: np.ndarray | float,
) -> np.ndarray:
    """Length of stay: gamma around the disease's mean, rarely very long; discharge in office hours."""
    size = len(admit)
    mean = np.maximum(diseases.stay_days[disease] * factor, 1.0)
    days = np.maximum(np.round(rng.gamma(5.0, mean / 5.0)), 1).astype(np.int64)
    days = np.where(np.asarray(factor) == 0, rng.integers(0, 2, size), days)
    days = np.where(rng.random(size) < 0.002, rng.integers(61, 95, size), days)
    hour = np.where(days == 0, 18, rng.integers(8, 17, size))
    return admit.astype("datetime64[D]").astype("datetime64[s]") + days * 86_400 + hour * 3_600


def finish(seed: int, month: CalendarMonth, stays: Arrays, layout: Layout, workforce: Workforce) -> Arrays:
    """Number the stays that begin in the month and give them what is decided at admission and discharge."""
    rng = stream(seed, "stays/finish", month.number)
    stays = stays.take(np.lexsort((stays.institution, stays.admit)))
    size = stays.rows
    stays["number"] = month.id_base + 1 + running_number(layout.deliverer[stays.institution], layout.size)
    cancelled = (rng.random(size) < 0.01) & (stays.referral < 0) & (stays.kind == ORDINARY)
    stays["status"] = np.where(cancelled, CANCELLED, DISCHARGED)
    stays["doctor"] = workforce.doctor(rng, stays.institution, month)
    leaving = rng.choice([1, 2, 4, 9], size, p=[0.955, 0.01, 0.03, 0.005])
    stays["leaving"] = np.where(stays.kind == LAST, DIED, leaving)
    return stays


def nights(stays: Arrays) -> np.ndarray:
    """Days from admission to discharge, 0 for those who leave on the same day."""
    return (stays.due.astype("datetime64[D]") - stays.admit.astype("datetime64[D]")).astype(np.int64)
