"""One county, month by month: let it happen, deliver it, remember what was lost on the way."""

from sources.simulator.delivered.outbox import Outbox
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.month.one_month import OneMonth
from sources.simulator.state.carried import Carried
from sources.simulator.state.world import World

SUBJECT_OF_FEED = {
    "his_op_visit": "visit", "his_ip_stay": "stay", "his_exam_report": "exam", "his_lab_report": "lab",
    "his_recognition": "recognition", "his_referral": "referral", "his_slot": "slot", "his_equipment_use": "use",
    "his_satisfaction": "survey", "si_settlement": "settlement", "si_out_of_county": "beyond",
}  # fmt: skip


class Simulation:
    """Runs the months of a world and hands every month's frames to the inbox."""

    def __init__(self, world: World, outbox: Outbox):
        self.world, self.outbox, self.carried = world, outbox, Carried(world)

    @property
    def diary(self):
        """Every true event so far."""
        return self.carried.diary

    def run(self, month: CalendarMonth) -> None:
        """Let one month happen and deliver it."""
        frames = OneMonth(self.carried, month).frames()
        for feed, events in self.outbox.deliver(month, frames).items():
            if feed in SUBJECT_OF_FEED:
                self.diary.lose(SUBJECT_OF_FEED[feed], events)
