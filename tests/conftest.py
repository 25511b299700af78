"""How all tests run: property tests reproducible and never judged by the clock (`make fuzz` searches at random), and
the slow files first, so that two workers end together.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

settings.register_profile(
    "reproducible", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("reproducible")

# Slowest first. A file that is not named here is quick. One file has the county of `end_to_end` made; the others, which would
# stand and wait for it, come after what needs no county.
SLOW = (
    "tests/end_to_end/test_bad_deliveries.py",
    "tests/orchestration/test_run.py",
    "tests/dbt_project",
    "tests/end_to_end/test_truth.py",
    "tests/end_to_end/test_after_closing.py",
    "tests/end_to_end",
)
# The tests of this folder stand on one build of the warehouse: they stay together on one worker.
TOGETHER = "tests/dbt_project"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _slowness(item.nodeid))


def _slowness(nodeid: str) -> int:
    return next((place for place, start in enumerate(SLOW) if nodeid.startswith(start)), len(SLOW))


class FilesAndFolder(LoadFileScheduling):
    """One file after the other to whichever worker is free, and one folder as if it were a file."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FilesAndFolder | None:
    return FilesAndFolder(config, log) if config.getoption("dist") == "loadfile" else None
