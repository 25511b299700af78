"""One month: first everything happens, then it is written down feed by feed."""

from sources.simulator.afterwards import settle_lists
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.month import written_afterwards, written_at_once
from sources.simulator.month.course import Course
from sources.simulator.state.carried import Carried


def frames_of(carried: Carried, month: CalendarMonth) -> dict[str, Frame]:
    """Let a month happen; return the true rows of every feed."""
    course = Course(carried, month)
    happened = course.happened()
    made = [*written_at_once.frames(course), *written_afterwards.frames(happened)]
    carried.lists_back = settle_lists.sent_back(happened)
    return {frame.feed: frame for frame in made}
