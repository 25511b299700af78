"""One county, month by month: let it happen, deliver it, remember what was lost on the way."""

from sources.simulator.delivered.outbox import Outbox
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.diary import Diary
from sources.simulator.month.one_month import frames_of
from sources.simulator.state.carried import Carried
from sources.simulator.state.world import World


class Simulation:
    """Runs the months of a world and hands every month's frames to the outbox."""

    def __init__(self, world: World, outbox: Outbox):
        self.world, self.outbox, self.carried = world, outbox, Carried(world)

    @property
    def diary(self) -> Diary:
        """Every true event so far."""
        return self.carried.diary

    def run(self, month: CalendarMonth) -> None:
        """Let one month happen and deliver it."""
        frames = frames_of(self.carried, month)
        for subject, events in self.outbox.deliver(month, frames):
            self.diary.lose(subject, events)
