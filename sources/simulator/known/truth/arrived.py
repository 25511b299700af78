"""The events of the diary that reached the warehouse, as far as its records can join them to persons and institutions.

Events whose row cannot be used are left out. Belongs here: what more than one subject reads. Not here: what an indicator
counts.
"""

from functools import cached_property

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.diary import Diary
from sources.simulator.happening.orders import STAY
from sources.simulator.happening.stays import DISCHARGED
from sources.simulator.happening.visits import CHECK, EMERGENCY
from sources.simulator.known.truth.encounters import Encounters
from sources.simulator.known.truth.evidence import NOBODY, Evidence
from sources.simulator.place.facilities import MODALITIES
from sources.simulator.state.world import World

LARGE_EQUIPMENT = [MODALITIES.index("CT"), MODALITIES.index("MR")]
_DONE = 1


class Arrived:
    """Reads the diary of a world, every subject when it is first asked for."""

    def __init__(self, world: World, diary: Diary):
        self.world, self._diary = world, diary
        self.layout, self.people, self.diseases = world.layout, world.people, world.diseases
        self.end = world.months[-1].end
        self._registered = world.registers.registered()

    def of(self, subject: str) -> Arrays:
        """All events of a subject but those lost on the way."""
        rows = self._diary.read(subject)
        return rows.take(rows.alive)

    def told(self, subject: str) -> Arrays:
        """All events of a subject; what is not `alive` came without its reading."""
        return self._diary.read(subject)

    def of_patients(self, subject: str) -> Arrays:
        """The same without what hospitals try their software on."""
        rows = self.of(subject)
        return rows.take(~self.people.is_test[rows.person])

    @cached_property
    def visits(self) -> Arrays:
        rows = self.of_patients("visit")
        return rows.take(rows.status == _DONE)

    @cached_property
    def primary_care_consultations(self) -> Arrays:
        """Visits at townships, community centres and villages; a health check is none."""
        rows = self.visits
        return rows.take(~self.layout.is_county[rows.institution] & (rows.kind != CHECK))

    @cached_property
    def stays(self) -> Arrays:
        rows = self.of("stay")
        return rows.take(rows.status == DISCHARGED)

    @cached_property
    def discharges(self) -> Arrays:
        """Stays that ended before the last month did."""
        return self.stays.take(self.stays.due < self.end)

    @cached_property
    def operations(self) -> Arrays:
        """What was done in the theatre to those discharged, with where, when and whose their stays are, as mended."""
        rows, every = self.of("operation"), self.told("stay")
        stays = every.take(rows.stay)
        ended = stays.alive & (stays.status == DISCHARGED) & (stays.due < self.end)
        mended = {name: stays[name] for name in ("institution", "due", "department", "doctor")}
        rows = Arrays({**rows, **mended})
        return rows.take(ended)

    @cached_property
    def requests(self) -> Arrays:
        """Referrals asked for before the last month ended, whatever became of them."""
        rows = self.of("referral")
        return rows.take(rows["apply"] < self.end)

    @cached_property
    def referrals(self) -> Arrays:
        """Referrals whose patient has arrived."""
        rows = self.of("referral")
        return rows.take(rows.arrive < self.end)

    @cached_property
    def beyond(self) -> Arrays:
        """Settlements outside the county that carry a diagnosis, `person` as far as records tell."""
        rows = self.of("beyond")
        rows = rows.take(rows.category >= 0)
        return Arrays({**rows, "person": self._insured(rows.person)})

    @cached_property
    def large_exams(self) -> Arrays:
        """Computed tomographies and magnetic resonance."""
        rows = self.of_patients("exam")
        return rows.take(np.isin(rows.modality, LARGE_EQUIPMENT))

    @cached_property
    def lost_emergencies(self) -> np.ndarray:
        """visit_key of emergencies whose visit never arrived."""
        rows = self._diary.read("visit")
        return self.visit_key(rows.take(~rows.alive & (rows.kind == EMERGENCY)))

    @cached_property
    def encounters(self) -> Encounters:
        """Every visit and stay that arrived, by its number."""
        return Encounters(self.of("visit"), self.of("stay"), self.layout.deliverer)

    def ordered_by(self, rows: Arrays) -> tuple[np.ndarray, np.ndarray]:
        """Department and physician of orders; a report from another deliverer does not name the visit it was ordered at."""
        deliverer = self.layout.deliverer
        named = deliverer[rows.place] == deliverer[rows.institution]
        found = self.encounters.seen_by(rows.source == STAY, rows.institution, rows.number)
        department, physician = (np.where(named, whose, NOBODY) for whose in found)
        return department, physician

    def accepted_by(self, referrals: Arrays) -> np.ndarray:
        """Physician who accepted referrals, NOBODY where that has not been written down."""
        return np.where(referrals.accept < self.end, referrals.receiver, NOBODY)

    def family_doctors(self, second: bool) -> np.ndarray:
        """Physician of each resident's first or second contract, NOBODY for who has none."""
        rows, doctors = self.of("contract"), np.full(self.people.count, NOBODY)
        rows = rows.take(rows.second == second)
        doctors[rows.person] = rows.doctor
        return doctors

    def visit_key(self, rows: Arrays) -> np.ndarray:
        """What joins an order to its visit: the deliverer and its number."""
        return self.layout.deliverer[rows.institution] * 10**11 + rows.number

    def month_of(self, times: np.ndarray) -> np.ndarray:
        """Numbers of the months of datetime64 times."""
        return (times.astype("datetime64[M]") - self.world.months[0].value).astype(np.int64)

    def evidence(
        self,
        kpi: str,
        tiers: tuple[str, ...],
        institution: np.ndarray,
        month: np.ndarray,
        numerator: np.ndarray | int,
        denominator: np.ndarray | int,
        community: np.ndarray | None = None,
        department: np.ndarray | None = None,
        physician: np.ndarray | None = None,
    ) -> Evidence:
        """Evidence of events at these institutions (NOBODY: at none); `month` are month numbers or the times of the events.

        tiers: whose institutions have a value of their own. community: whom the events belong to, where that is not the
        community of their institution (number of an alliance, NOBODY for none). department, physician: whose they are at the
        institution; where no institution has a value, nobody below has.
        """
        is_number = month.dtype.kind == "i"
        size = len(institution)
        above, below = (
            np.broadcast_to(np.asarray(value, np.int64), size) for value in (numerator, denominator)
        )
        own = self.layout.alliance_of[institution]
        own = np.where(institution == NOBODY, NOBODY, own)
        whose = own if community is None else np.where(community == NOBODY, own, community)
        return Evidence(
            kpi,
            self.home(tiers, institution),
            whose,
            month if is_number else self.month_of(month),
            above,
            below,
            institution,
            department if tiers else None,
            physician if tiers else None,
            None if is_number else month.astype("datetime64[D]"),
        )

    def home(self, tiers: tuple[str, ...], institution: np.ndarray) -> np.ndarray:
        """Whose figure an event at an institution is in: its own, a village's township's, or nobody's."""
        layout = self.layout
        has_value = np.isin(layout.tiers, tiers)
        keeper = np.where(layout.is_village & (layout.parent >= 0), layout.parent, NOBODY)
        kept = np.where(has_value[keeper] & (keeper != NOBODY), keeper, NOBODY)
        mine = np.where(has_value, np.arange(layout.size), kept)
        return np.where(institution == NOBODY, NOBODY, mine[institution])

    def _insured(self, person: np.ndarray) -> np.ndarray:
        """Whom an insurance number belongs to as far as records tell: a number that no register shows says nothing of
        its person. Of registered people enough is written down to find everyone."""
        return np.where(self._registered[person], person, person + len(self._registered))
