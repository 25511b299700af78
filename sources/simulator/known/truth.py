"""What a perfect warehouse would publish: the fifteen core indicators, computed from the diary.

Independent of the warehouse on purpose: numpy over true events, the definitions written out once more. Each indicator
yields evidence (institution, month, numerator, denominator per event); windows add evidence up. Events whose row
cannot be used are left out, people are joined only as far as their records allow.
"""

from dataclasses import dataclass

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.diary import Diary
from sources.simulator.happening import experience, referrals, stays
from sources.simulator.happening.orders import EXAMS, LABS, VISIT
from sources.simulator.happening.visits import EMERGENCY, HOME, OUTPATIENT
from sources.simulator.place.facilities import MODALITIES
from sources.simulator.place.staff import PHYSICIANS
from sources.simulator.state.world import World

_DAY = np.timedelta64(86_400, "s")
_FIRST_CONTACT_DAYS, _CASE_DAYS, _LONG_STAY_DAYS, _RETURN_DAYS = 90, 30, 60, 30
_IMAGING_DAYS, _LAB_DAYS = 14, 7
_RECOGNITION_EXEMPT, _DUPLICATE_EXEMPT = ("04", "05"), ("01", "04", "05")
_LARGE = [MODALITIES.index("CT"), MODALITIES.index("MR")]
_NO_LOSS = ("退休", "死亡")


@dataclass(frozen=True)
class Evidence:
    """Events an indicator counts. Integers; `denominator` 0 = only counted above the line. Overall scores in tenths."""

    kpi: str
    institution: np.ndarray
    month: np.ndarray  # month number, may lie outside the simulated months
    numerator: np.ndarray
    denominator: np.ndarray


class Truth:
    """Reads the diary once and computes evidence per indicator."""

    def __init__(self, world: World, diary: Diary):
        self.w, self.diary = world, diary
        self.layout, self.people = world.layout, world.people
        self.end = world.months[-1].end
        self.registered = world.registers.registered()

    def evidence(self, opening: dict[tuple[int, int, int], int]) -> list[Evidence]:
        """Evidence of all fifteen indicators, limited to the tiers each is meant for.

        `opening`: (institution, kind, number of a month before the first) → average cost in fen.
        """
        self._read()
        return [
            self.recognition(), self.slots(), self.equipment(), *self.staff(), self.two_way_referrals(), self.down_share(),
            self.first_contact(), self.stay_days(), self.cost_growth(opening), self.repeated_exams(), self.satisfaction(),
            self.returns(), self.waiting(),
        ]  # fmt: skip

    def _read(self) -> None:
        read = self.diary.read
        test = self.people.is_test
        visit, stay = read("visit"), read("stay")
        self.visit = visit.take(visit.alive & (visit.status == 1) & ~test[visit.person])
        self.lost_emergencies = self._visit_keys(visit.take(~visit.alive & (visit.kind == EMERGENCY)))
        self.stay = stay.take(stay.alive & (stay.status == stays.DISCHARGED))
        self.referral = read("referral").take(read("referral").alive)
        arrived = self.referral.arrive < self.end
        self.arrived = self.referral.take(arrived)

    def _visit_keys(self, visits: Arrays) -> np.ndarray:
        return self.layout.deliverer[visits.institution] * 10**11 + visits.number

    def month_of(self, times: np.ndarray) -> np.ndarray:
        first = self.w.months[0].value
        return (times.astype("datetime64[M]") - first).astype(np.int64)

    def insured(self, person: np.ndarray) -> np.ndarray:
        """Whom an insurance number belongs to as far as records tell: a number that no register shows says nothing of
        its person. Of registered people enough is written down to find everyone."""
        return np.where(self.registered[person], person, person + len(self.registered))

    def _made(self, kpi: str, tiers: tuple[str, ...], institution, times, numerator, denominator) -> Evidence:
        month = times if times.dtype.kind == "i" else self.month_of(times)
        kept = np.isin(self.layout.tiers[institution], tiers)
        numerator = np.broadcast_to(np.asarray(numerator, dtype=np.int64), len(institution))
        denominator = np.broadcast_to(np.asarray(denominator, dtype=np.int64), len(institution))
        return Evidence(kpi, institution[kept], month[kept], numerator[kept], denominator[kept])

    # -- resources ---------------------------------------------------------------------------------------------

    def recognition(self) -> Evidence:
        r = self._recognitions()
        exempt = ~r.accepted & np.isin(_reasons(r), _RECOGNITION_EXEMPT)
        r = r.take(~exempt)
        return self._made("KPI-001", _ALL_BUT_VILLAGE, r.institution, r["apply"], r.accepted, 1)

    def _recognitions(self) -> Arrays:
        rows = self.diary.read("recognition")
        return rows.take(rows.alive & ~self.people.is_test[rows.person])

    def slots(self) -> Evidence:
        s = self.diary.read("slot")
        s = s.take(s.alive & (s.kind == experience.EXPERT) & (s.status != experience.STOPPED))
        early = (s.channel == experience.PRIMARY_CHANNEL) & (s.released <= s.due - _DAY)
        return self._made("KPI-002", _COUNTY, s.place, s.due, early, 1)

    def equipment(self) -> Evidence:
        e = self.w.equipment
        large = np.flatnonzero(np.isin(e.modality, _LARGE))
        months = np.repeat(np.arange(len(self.w.months)), len(large))
        machine = np.tile(large, len(self.w.months))
        use = self.diary.read("use")
        use = use.take(use.alive & np.isin(e.modality[use.machine], _LARGE))
        available = self._made(
            "KPI-003", _ALL_BUT_VILLAGE, e.institution[machine], months, 0, e.hours_tenths[machine] * 6
        )
        used = self._made("KPI-003", _ALL_BUT_VILLAGE, e.institution[use.machine], use.exam, use.minutes, 0)
        return _merged(available, used)

    def staff(self) -> list[Evidence]:
        rows: dict[str, list[tuple[int, int, int, int]]] = {"KPI-004": [], "KPI-005": [], "KPI-006": []}
        for month in self.w.months:
            for person in self.w.workforce.staff:
                self._staff_rows(month, person, rows)
        made = []
        for kpi, entries in rows.items():
            place, number, above, below = (np.array(c, dtype=np.int64) for c in zip(*entries, strict=True))
            made.append(self._made(kpi, (*_GRASS_ROOTS, "village"), place, number, above, below))
        return made

    def _staff_rows(self, month, person, rows) -> None:
        """One member of staff in one month: senior title, training, attrition."""
        tier, last = self.layout.tiers[person.institution], month.last_day
        if person.hired > last:
            return
        here = person.left is None or person.left > last
        physician = person.kind in PHYSICIANS and tier in _GRASS_ROOTS
        entry = (person.institution, month.number)
        if here and physician and not self._posted_away(person, last):
            rows["KPI-004"].append((*entry, int(person.title in "12"), 1))
        if here and (physician or (person.kind == "61" and tier == "village")):
            rows["KPI-005"].append((*entry, int(self._trained(person, month)), 1))
        if physician:
            start = month.shifted(-12).last_day
            before = person.hired <= start and (person.left is None or person.left > start)
            lost = person.left is not None and start < person.left <= last and person.reason not in _NO_LOSS
            if before or here or lost:
                rows["KPI-006"].append((*entry, int(lost), int(before) + int(here)))

    def _posted_away(self, person, day) -> bool:
        return any(
            p.who.number == person.number and p.kind == "01" and p.to != person.institution and p.start <= day
            and (p.end is None or p.end >= day)
            for p in self.w.workforce.postings
        )  # fmt: skip

    def _trained(self, person, month) -> bool:
        return any(
            t.who.number == person.number and t.kind in ("01", "02") and np.datetime64(f"{month.year}-01-01") <= t.start <= month.last_day
            and self._ever_listed(t)
            for t in self.w.workforce.trainings
        )  # fmt: skip

    def _ever_listed(self, training) -> bool:
        """Late entries may come too late for every list of their year."""
        return any(
            m.year == int(str(training.start)[:4])
            and training.known_from <= m.last_day
            and training.start <= m.last_day
            for m in self.w.months
        )

    # -- referrals ---------------------------------------------------------------------------------------------

    def two_way_referrals(self) -> Evidence:
        sent = self.arrived
        numerator = self._made("KPI-007", _ALL_BUT_VILLAGE, sent.sender, sent.arrive, 1, 0)
        v = self.visit
        up = v.take(~self.layout.is_county[v.institution] & self._indicated(v.category, self.w.diseases.up))
        up_time = up.take(self._first_cases(up, up.due))
        s = self.stay.take(self.stay.due < self.end)
        s = s.take(
            self.layout.is_county[s.institution]
            & self._indicated(s.category, self.w.diseases.down)
            & ~self._died(s)
        )
        down = s.take(self._first_cases(s, s.due))
        cases_up = self._made("KPI-007", _ALL_BUT_VILLAGE, up_time.institution, up_time.due, 0, 1)
        cases_down = self._made("KPI-007", _ALL_BUT_VILLAGE, down.institution, down.due, 0, 1)
        return _merged(numerator, cases_up, cases_down)

    def _died(self, rows: Arrays) -> np.ndarray:
        return rows.leaving == 5

    def _indicated(self, category: np.ndarray, indicated: np.ndarray) -> np.ndarray:
        return np.isin(category, self.w.diseases.category[indicated])

    def _first_cases(self, rows: Arrays, times: np.ndarray) -> np.ndarray:
        """True where the same person has no indicated event of the category in the 30 days before."""
        person = rows.person
        return ~_preceded(person * 1_000 + rows.category, times, (rows.number, rows.institution), _CASE_DAYS)

    def down_share(self) -> Evidence:
        r = self.arrived.take(self.arrived.target >= 0)
        down = r.direction == referrals.DOWN
        return self._made("KPI-008", _COUNTY, np.where(down, r.sender, r.target), r.arrive, down, 1)

    def returns(self) -> Evidence:
        r = self.arrived.take(self.arrived.direction == referrals.DOWN)
        person = r.person
        v, s = self.visit, self.stay
        v = v.take(
            self.layout.is_county[v.institution]
            & np.isin(v.kind, [OUTPATIENT, EMERGENCY])
            & (v["first"] != 2)
        )
        s = s.take(self.layout.is_county[s.institution] & (s.due < self.end))
        b = self._beyond()
        b = b.take(b.category >= 0)
        who = np.concatenate([v.person, s.person, self.insured(b.person)])
        key = who * 1_000 + np.concatenate([v.category, s.category, b.category])
        day = np.concatenate([v.due, s.admit, b.due]).astype("datetime64[D]").astype(np.int64)
        back = _within_after(
            person * 1_000 + r.category,
            r.arrive.astype("datetime64[D]").astype(np.int64),
            key,
            day,
            _RETURN_DAYS,
        )
        return self._made("KPI-014", _COUNTY, r.sender, r.arrive, back, 1)

    def _beyond(self) -> Arrays:
        rows = self.diary.read("beyond")
        return rows.take(rows.alive)

    # -- care --------------------------------------------------------------------------------------------------

    def first_contact(self) -> Evidence:
        v = self.visit
        v = v.take((v.category >= 0) & np.isin(v.kind, [OUTPATIENT, EMERGENCY, HOME]))
        b = self._beyond()
        b = b.take(b.category >= 0)
        inside = np.concatenate([np.zeros(v.rows, np.int64), np.ones(b.rows, np.int64)])
        key = np.concatenate([v.person, self.insured(b.person)])
        time = np.concatenate([v.due, b.due])
        order = (
            np.concatenate([self.layout.deliverer[v.institution], np.zeros(b.rows, np.int64)]),
            np.concatenate([v.number, b.id]),
        )
        category = np.concatenate([v.category, b.category])
        first = ~_preceded(key * 1_000 + category, time, order, _FIRST_CONTACT_DAYS, before_time=inside)
        primary = np.concatenate([~self.layout.is_county[v.institution], np.zeros(b.rows, bool)])
        created = self.w.health.created
        known = key < self.people.count
        recorded = np.zeros(len(key), bool)
        recorded[known] = created[key[known]] <= self.w.months[-1].last_day
        kept = first & recorded
        return self._made("KPI-009", _GRASS_ROOTS, self.people.home[key[kept]], time[kept], primary[kept], 1)

    def stay_days(self) -> Evidence:
        s = self.stay.take((self.stay.due < self.end) & (self.stay.way == 1))
        days = (s.due.astype("datetime64[D]") - s.admit.astype("datetime64[D]")).astype(np.int64)
        days = np.maximum(days, 1)
        kept = days <= _LONG_STAY_DAYS
        s, days = s.take(kept), days[kept]
        return self._made("KPI-010", _ALL_BUT_VILLAGE, s.institution, s.due, days, 1)

    def cost_growth(self, opening: dict) -> Evidence:
        s = self.settlements()
        month = self.month_of(s.due)
        previous = _previous_costs(s, month, opening)
        kept = previous > 0
        s, previous, month = s.take(kept), previous[kept], month[kept]
        return self._made(
            "KPI-011", _ALL_BUT_VILLAGE, s.institution, month, s.sign * (s.fen - previous), s.sign * previous
        )

    def settlements(self) -> Arrays:
        rows = self.diary.read("settlement")
        return rows.take(rows.alive)

    def repeated_exams(self) -> Evidence:
        """Imaging and laboratory together."""
        e = self.diary.read("exam")
        e = e.take(e.alive & np.isin(e.modality, _LARGE) & ~self.people.is_test[e.person])
        lab = self.diary.read("lab")
        lab = lab.take(lab.alive & ~self.people.is_test[lab.person])
        parts = sorted({entry[2] for entry in EXAMS})
        part = np.array([parts.index(entry[2]) for entry in EXAMS])
        exempt = self._exempt_orders()
        pieces = []
        for rows, thing, times, days, offset in (
            (e, e.modality * 100 + part[e.item], e.exam, _IMAGING_DAYS, len(LABS)),
            (lab, lab.item, lab.due, _LAB_DAYS, 0),
        ):
            person = rows.person
            again = _preceded(person * 1_000 + thing, times, (rows.id, rows.place), days)
            again &= ~np.isin(
                _order_keys(person, rows.institution, rows.item + offset, rows["apply"]), exempt
            )
            pieces.append(self._made("KPI-012", _ALL_BUT_VILLAGE, rows.institution, times, again, 1))
        return _merged(*pieces)

    def _exempt_orders(self) -> np.ndarray:
        """Orders whose earlier result was refused for a reason that justifies doing it again."""
        r = self._recognitions()
        r = r.take(~r.accepted & np.isin(_reasons(r), _DUPLICATE_EXEMPT))
        item = r.item + np.where(r.labs, 0, len(LABS))
        return _order_keys(r.person, r.institution, item, r["apply"])

    # -- experience --------------------------------------------------------------------------------------------

    def satisfaction(self) -> Evidence:
        s = self.diary.read("survey")
        s = s.take(s.alive & np.isin(s.kind, [1, 2, 3]))
        return self._made("KPI-013", (*_ALL_BUT_VILLAGE, "village"), s.place, s.due, s.tenths, 1)

    def waiting(self) -> Evidence:
        e = self.diary.read("exam")
        e = e.take(e.alive & np.isin(e.modality, _LARGE) & ~self.people.is_test[e.person])
        deliverer = self.layout.deliverer
        known = (e.source == VISIT) & (deliverer[e.place] == deliverer[e.institution])
        arrived = ~np.isin(deliverer[e.institution] * 10**11 + e.number, self.lost_emergencies)
        e = e.take(~(known & e.emergency & arrived))
        minutes = (e.exam - e["apply"]).astype(np.int64) // 60
        return self._made("KPI-015", _COUNTY, e.place, e.exam, minutes, 1)


_COUNTY = ("county_lead", "county")
_GRASS_ROOTS = ("township", "community")
_ALL_BUT_VILLAGE = (*_COUNTY, *_GRASS_ROOTS)


def _reasons(rows: Arrays) -> np.ndarray:
    return np.array(["01", "02", "03", "04", "05", "06", "99", ""])[rows.reason]


def _order_keys(
    person: np.ndarray, institution: np.ndarray, item: np.ndarray, apply: np.ndarray
) -> np.ndarray:
    day = apply.astype("datetime64[D]").astype(np.int64)
    return ((person * 64 + institution) * 64 + item) * 100_000 + day


def _previous_costs(s: Arrays, month: np.ndarray, opening: dict) -> np.ndarray:
    """Average cost of the institution and kind twelve months earlier (fen, half up), 0 without one."""
    previous = np.zeros(s.rows, np.int64)
    for place, kind, number in {
        (int(a), int(b), int(c)) for a, b, c in zip(s.institution, s.kind, month, strict=True)
    }:
        here = (s.institution == place) & (s.kind == kind)
        if number - 12 >= 0:
            then = here & (month == number - 12)
            count, total = int(s.sign[then].sum()), int((s.sign * s.fen)[then].sum())
            value = (2 * total + count) // (2 * count) if count > 0 else 0
        else:
            value = opening.get((place, kind, number - 12), 0)
        previous[here & (month == number)] = value
    return previous


def _preceded(key, times, ties: tuple, days: int, before_time=None) -> np.ndarray:
    """True where the same key has an earlier event at most `days` days before.

    Order: day, then `before_time` (smaller first), then time, then `ties`; so of two events of the same minute the one
    with the smaller ties is the earlier.
    """
    day = times.astype("datetime64[D]").astype(np.int64)
    rank = before_time if before_time is not None else np.zeros(len(key), np.int64)
    order = np.lexsort((*reversed(ties), times, rank, day, key))
    same = np.zeros(len(key), bool)
    same[1:] = key[order][1:] == key[order][:-1]
    near = np.zeros(len(key), bool)
    near[1:] = day[order][1:] - day[order][:-1] <= days
    result = np.zeros(len(key), bool)
    result[order] = same & near
    return result


def _within_after(key, day, other_key, other_day, days: int) -> np.ndarray:
    """True where `other` has an event of the same key in (day, day + days]."""
    other = np.sort(other_key * 100_000 + other_day)
    position = np.searchsorted(other, key * 100_000 + day + 1)
    found = other[np.minimum(position, len(other) - 1)] if len(other) else np.full(len(key), -1)
    return (position < len(other)) & (found <= key * 100_000 + day + days)


def _merged(*parts: Evidence) -> Evidence:
    columns = ("institution", "month", "numerator", "denominator")
    return Evidence(parts[0].kpi, *(np.concatenate([getattr(p, c) for p in parts]) for c in columns))
