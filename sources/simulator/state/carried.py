"""What one month leaves to the next: open stays, referrals under way, results to come, books, and the diary."""

import numpy as np

from sources.simulator.ground.arrays import Arrays, Pending, concat
from sources.simulator.ground.events import Diary
from sources.simulator.ground.text import running_number
from sources.simulator.happening import experience, fees, settlements, stays
from sources.simulator.people.population import living
from sources.simulator.state.world import World

_PREHISTORY = 3  # months before the first one whose out-of-county settlements still arrive
_STAY_COLUMNS = ("person", "institution", "admit", "due", "category", "way", "status", "number", "leaving")


class Carried:
    """Working memory of a simulation. Everything else of a month is forgotten when the month is delivered."""

    def __init__(self, world: World):
        self.world, self.diary = world, Diary()
        self.visits_to_come = Pending()
        self.stays_to_come = Pending(by="admit")
        self.labs_to_come, self.exams_to_come, self.prompts_to_come = (
            Pending(),
            Pending(),
            Pending(by="apply"),
        )
        self.open_stays: Arrays | None = None
        self.admissions = np.zeros((world.layout.size, len(world.people.birth)), dtype=np.int16)
        self.open_referrals: Arrays | None = None
        self.to_correct: Arrays | None = None
        self.beyond = settlements.BeyondTheCounty(world.seed)
        self.fee_book = fees.FeeBook(world.seed, world.layout, world.defects)
        self.settlement_book = settlements.SettlementBook(world.seed, world.layout)
        self.surveys = experience.Surveys(world.seed, world.layout, world.culprits["满意度同设备"])
        self._before()

    def _before(self) -> None:
        """What began before the first month and still shows in it."""
        w, first = self.world, self.world.months[0]
        for back in range(_PREHISTORY, 0, -1):
            self.beyond.happen(first.shifted(-back), w.people, w.diseases)
        earlier = first.shifted(-1)
        ordinary = stays.ordinary_stays(w.seed, earlier, w.people, w.diseases, w.layout)
        ordinary = ordinary.take(living(w.people, ordinary.person, ordinary.due))
        last = stays.last_stays(w.seed, earlier, w.people, w.diseases, w.layout)
        begun = stays.finish(w.seed, earlier, concat([ordinary, last]), w.layout, w.workforce)
        self.open_stays = self.enter_stays(
            begun.take((begun.due >= first.start) & (begun.status != stays.CANCELLED))
        )

    def enter_stays(self, rows: Arrays) -> Arrays:
        """Enter stays into the diary and return them with their event numbers and the patient's count of admissions."""
        key = rows.institution * self.admissions.shape[1] + rows.person
        rows["times"] = (
            self.admissions[rows.institution, rows.person] + 1 + running_number(_dense(key), rows.rows)
        )
        np.add.at(self.admissions, (rows.institution, rows.person), 1)
        rows["category"] = self.world.diseases.category[rows.disease]
        rows["event"] = self.diary.write("stay", rows, _STAY_COLUMNS)
        return rows


def _dense(keys: np.ndarray) -> np.ndarray:
    return np.unique(keys, return_inverse=True)[1]
