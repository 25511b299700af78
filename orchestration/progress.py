"""What a run is doing right now and how long each stage took.

Steps report here; the command line listens and draws, the run report keeps the seconds. Without a listener
(Dagster's own processes) reporting costs nothing. Does not belong here: any drawing (orchestration.console).
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

STAGES = ("start-up", "extract+conform", "identity", "dbt", "gates", "release")


@dataclass(frozen=True)
class Report:
    """One line of news: a stage, what it is at, how far it is (total 0 = not known), rows taken in, relations left as they were."""

    stage: str
    note: str
    done: int = 0
    total: int = 0
    rows: int = 0
    kept: int = 0


@dataclass
class Clock:
    """Seconds per stage of one run."""

    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, stage: str, seconds: float) -> None:
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds


_listener: Callable[[Report], None] | None = None
_clock = Clock()


@contextmanager
def listen(listener: Callable[[Report], None]) -> Iterator[Clock]:
    """Send this process's reports to `listener`; gives the clock of the stages inside the block."""
    global _listener, _clock
    previous = _listener, _clock
    _listener, _clock = listener, Clock()
    try:
        yield _clock
    finally:
        _listener, _clock = previous


def seconds() -> dict[str, float]:
    """Seconds per stage since `listen` began."""
    return dict(_clock.seconds)


def report(stage: str, note: str, done: int = 0, total: int = 0, rows: int = 0, kept: int = 0) -> None:
    """Tell the listener, if there is one."""
    if _listener is not None:
        _listener(Report(stage, note, done, total, rows, kept))


@contextmanager
def stage(name: str, note: str = "") -> Iterator[None]:
    """Time a piece of a stage; pieces of the same stage add up."""
    report(name, note)
    began = time.perf_counter()
    try:
        yield
    finally:
        _clock.add(name, time.perf_counter() - began)


class Pieces:
    """Counts the pieces of a stage that are done, from whatever thread."""

    def __init__(self, stage: str, total: int) -> None:
        self._stage, self._total, self._count = stage, total, itertools.count(1)

    def tick(self, note: str, kept: int = 0) -> None:
        report(self._stage, note, next(self._count), self._total, kept=kept)
