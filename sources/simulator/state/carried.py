"""What one month leaves to the next: open stays, referrals under way, results to come, books, and the diary.

Not here: what exists from the first day (world.py).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays, Pending, concat, dense, running_number
from sources.simulator.ground.diary import Diary
from sources.simulator.happening import cases, stays
from sources.simulator.happening.beyond_the_county import BeyondTheCounty
from sources.simulator.happening.experience import Surveys
from sources.simulator.happening.fee_book import FeeBook
from sources.simulator.happening.settlements import SettlementBook
from sources.simulator.people.population import living
from sources.simulator.place.departments import department_table
from sources.simulator.state.world import World

_PREHISTORY = 3  # months before the first one whose out-of-county settlements still arrive
_STAY_COLUMNS = (
    "person",
    "institution",
    "admit",
    "due",
    "category",
    "way",
    "status",
    "number",
    "leaving",
    "doctor",
    "department",
    "referral",
)


class Carried:
    """Working memory of a simulation. Everything else of a month is forgotten when the month is delivered."""

    def __init__(self, world: World):
        self.world, self.diary = world, Diary()
        self.visits_to_come = Pending()
        self.stays_to_come = Pending(by="admit")
        self.labs_to_come, self.exams_to_come = Pending(), Pending()
        self.prompts_to_come = Pending(by="apply")
        self.bookings = Pending(by="consumer_time")
        self.admissions = np.zeros((world.layout.size, len(world.people.birth)), dtype=np.int16)
        self.open_referrals: list[Arrays] = []
        self.to_correct: list[Arrays] = []
        self.beyond = BeyondTheCounty(world.seed)
        self.fee_book = FeeBook(world.seed, world.layout, world.workforce, world.defects)
        self.settlement_book = SettlementBook(world.seed, world.layout)
        self.surveys = Surveys(world.seed, world.layout, world.culprits["满意度同设备"])
        self.lists_back = (Arrays(), Arrays())
        self.open_stays = self._begun_before()

    def _begun_before(self) -> Arrays:
        """What began before the first month and still shows in it: settlements to come, and the stays returned."""
        w, first = self.world, self.world.months[0]
        for back in range(_PREHISTORY, 0, -1):
            self.beyond.happen(first.shifted(-back), w.people, w.diseases)
        earlier = first.shifted(-1)
        ordinary = stays.ordinary_stays(w.seed, earlier, w.people, w.diseases, w.layout)
        ordinary = ordinary.take(living(w.people, ordinary.person, ordinary.due))
        last = stays.last_stays(w.seed, earlier, w.people, w.diseases, w.layout)
        begun = stays.finish(w.seed, earlier, concat([ordinary, last]), w.layout, w.workforce)
        begun = cases.coded(w.seed, earlier, begun, w.layout, w.casebook)
        return self.enter_stays(begun.take((begun.due >= first.start) & (begun.status != stays.CANCELLED)))

    def enter_stays(self, rows: Arrays) -> Arrays:
        """Enter stays into the diary and return them with their event numbers and the patient's count of admissions."""
        key = rows.institution * self.admissions.shape[1] + rows.person
        earlier = self.admissions[rows.institution, rows.person]
        rows["times"] = earlier + 1 + running_number(dense(key), rows.rows)
        np.add.at(self.admissions, (rows.institution, rows.person), 1)
        table = department_table(self.world.diseases, self.world.layout)
        rows["department"] = table[rows.institution, rows.disease]
        rows["category"] = self.world.diseases.category[rows.disease]
        rows["event"] = self.diary.write("stay", rows, _STAY_COLUMNS)
        return rows
