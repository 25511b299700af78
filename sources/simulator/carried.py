"""What one month leaves to the next: open stays, referrals under way, results to come, books, and the diary."""

from sources.simulator import experience, fees, settlements, stays
from sources.simulator.arrays import Arrays, Pending
from sources.simulator.events import Diary
from sources.simulator.world import World

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
        self.open_referrals: Arrays | None = None
        self.to_correct: Arrays | None = None
        self.beyond = settlements.BeyondTheCounty(world.seed)
        self.fee_book = fees.FeeBook(world.seed, world.layout, world.defects)
        self.settlement_book = settlements.SettlementBook(world.seed, world.layout)
        self.surveys = experience.Surveys(world.seed, world.layout)
        self._before()

    def _before(self) -> None:
        """What began before the first month and still shows in it."""
        w, first = self.world, self.world.months[0]
        for back in range(_PREHISTORY, 0, -1):
            self.beyond.happen(first.shifted(-back), w.people, w.diseases)
        earlier = first.shifted(-1)
        begun = stays.ordinary_stays(w.seed, earlier, w.people, w.diseases, w.layout)
        begun = stays.finish(w.seed, earlier, begun, w.layout, w.workforce)
        self.open_stays = self.enter_stays(
            begun.take((begun.due >= first.start) & (begun.status != stays.CANCELLED))
        )

    def enter_stays(self, rows: Arrays) -> Arrays:
        """Enter stays into the diary and return them with their event numbers."""
        rows["category"] = self.world.diseases.category[rows.disease]
        rows["event"] = self.diary.write("stay", rows, _STAY_COLUMNS)
        return rows
