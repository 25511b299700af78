"""Group cases by DRG through the door (`yigongti casemix group`), against a grouper in loops over the same tables.

The loops are the second grouper of the tests, in one process as such programs run. The door's fixed cost (dbt's start, the scheme's rows)
is told apart: seconds of a handful of cases. Not here: cases of the warehouse, which are far fewer than a door can be given.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.casemix.group import group_cases
from sources.casemix.switches import Switches
from tests.casemix.cases import SCHEME, random_cases
from tests.casemix.grouping import write_cases
from tests.casemix.oracle import Case, Oracle

DIFFERENT, TIMES, FEW = 40_000, 10, 10


@dataclass(frozen=True)
class Measured:
    """Cases, seconds of the door for all and for a few, seconds of the loops for all."""

    cases: int
    door_seconds: float
    few_seconds: float
    loop_seconds: float

    @property
    def ratio(self) -> float:
        """How many times longer the loops took than the door beyond its fixed cost."""
        return self.loop_seconds / (self.door_seconds - self.few_seconds)


def measure() -> Measured:
    """40,000 different cases, ten times over."""
    different = random_cases(seed=3, count=DIFFERENT)
    cases = [replace(case, case_id=f"{turn}-{case.case_id}") for turn in range(TIMES) for case in different]
    with tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name:
        root = Path(name)
        few = _door(root, cases[:FEW])
        return Measured(len(cases), _door(root, cases), few, _loops(cases))


def _door(root: Path, cases: list[Case]) -> float:
    given = write_cases(root / "cases.csv", cases)
    began = time.perf_counter()
    counted = group_cases(given, root / "out.csv", "chs-drg-1.1", Switches())
    seconds = time.perf_counter() - began
    assert sum(counted.values()) == len(cases)
    return seconds


def _loops(cases: list[Case]) -> float:
    oracle = Oracle(SCHEME)
    began = time.perf_counter()
    for case in cases:
        oracle.group(case)
    return time.perf_counter() - began
