"""The one resource: a county and its home, with the home's lock held while a run writes.

Belongs here: what a step needs to find its inputs and outputs. Does not belong here: reading or writing them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from orchestration.partitions import Extent, Partitioned, extent_of
from orchestration.settings import DUCKDB
from sources.base.home import Home
from sources.county.county import County

# Every step names this pool. With granularity "run" and limit 1 (orchestration.instance) a second run waits
# in Dagster's queue; the home's own lock stops whatever comes from outside Dagster.
POOL = "home"


class Place(dg.ConfigurableResource):
    """County and home of a run.

    county_dir, home_dir: absolute folders. hold_lock: False if the caller holds the home's lock already.
    full: conform every batch again, changed or not. verify: hold the content of every conformed file against what its outcome
    recorded. verbose: let dbt write to the terminal. target: the engine that builds (orchestration.settings names them).
    months, institutions: what every step works on, whatever partition it is launched for (orchestration.materialized); empty: what its
    partitions say.
    """

    county_dir: str
    home_dir: str
    hold_lock: bool = True
    full: bool = False
    verify: bool = False
    verbose: bool = True
    target: str = DUCKDB
    months: list[str] = Field(default_factory=list)
    institutions: list[str] = Field(default_factory=list)
    _county: County | None = PrivateAttr(default=None)

    @property
    def county(self) -> County:
        """The county as configured; loaded once per run. Raises CountyError with every problem."""
        if self._county is None:
            self._county = County.load(Path(self.county_dir))
        return self._county

    @property
    def home(self) -> Home:
        return Home(Path(self.home_dir))

    def extent(self, context: Partitioned) -> Extent:
        """Months (and institutions) that a step works on."""
        asked = extent_of(context)
        if not self.months:
            return asked
        return Extent(tuple(self.months), None if asked.institutions is None else tuple(self.institutions))

    @property
    def logs(self) -> Path:
        """Where tools may write their logs."""
        return self.home.root / "logs"

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Place"]:
        """Hold the lock from the first step to the last: between two steps nobody else may write."""
        if not self.hold_lock:
            yield self
            return
        with self.home.lock():
            yield self
