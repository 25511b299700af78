"""What happened in a month, handed to those who only write it down.

The subject modules that make no events of their own (front pages, bills, settlement lists, books, reports) read here
what the month's visits, stays, results and settlements were. Nothing in it is changed by them; what they draw themselves and
the truth has to know, they enter into the diary.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.simulator.ground.arrays import Arrays, Pending
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.diary import Diary
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import identifier
from sources.simulator.people.population import Residents
from sources.simulator.state.world import World


@dataclass(frozen=True)
class Happened:
    """Events of one month. Lines point at the row of their visit or discharged stay; `settlements` at neither.

    What those who write down make up themselves, they enter in the diary (`enter`).
    """

    world: World
    month: CalendarMonth
    visits: Arrays
    begun: Arrays  # stays that began in the month
    present: Arrays  # stays that touched the month, discharged or not
    discharged: Arrays
    operations: Arrays  # of the discharged stays
    labs: Arrays  # laboratory reports of the month
    exams: Arrays  # imaging reports of the month
    prescriptions: Arrays
    items: Arrays
    visit_lines: Arrays
    stay_lines: Arrays
    charged: Arrays  # every fee line as booked, refunds included
    settlements: Arrays
    bookings: Pending  # of the internal market, to be told again when they are confirmed
    lists_back: tuple[Arrays, Arrays]  # settlement lists sent back last month, and their stays
    diary: Diary

    def rng(self, subject: str) -> np.random.Generator:
        """The month's random stream of a subject."""
        return stream(self.world.seed, subject, self.month.number)

    def enter(self, subject: str, **columns: np.ndarray) -> np.ndarray:
        """Enter events in the diary; return their numbers."""
        return self.diary.write(subject, Arrays(columns), tuple(columns))

    @property
    def layout(self) -> Layout:
        return self.world.layout

    @property
    def people(self) -> Residents:
        return self.world.people

    @property
    def members(self) -> np.ndarray:
        """Institutions that keep books and deliver for themselves."""
        return np.unique(self.layout.deliverer)

    def serials(self, prefix: str, size: int) -> pa.Array:
        """Keys of `size` rows that are numbered anew every month."""
        return identifier(prefix, self.month.id_base + 1 + np.arange(size), 10)
