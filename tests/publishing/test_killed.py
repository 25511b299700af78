"""Killed at any step boundary: the last good release stays published, and the same command finishes the work."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.publishing import manifest
from orchestration.publishing.release import STAGING
from tests.publishing.conftest import Workshop

STEPS = (
    "require_passed",
    "open_staging",
    "make_plan",
    "find_same",
    "write_marts",
    "write_marts_database",
    "compare_marts",
    "write_gates",
    "write_lineage",
    "write_pages",
    "reserve_site",
    "write_manifest",
    "sync",
    "rename",
    "move_pointer",
)

PUBLISH_AND_DIE = """
import os, signal, sys
from pathlib import Path
from orchestration.publishing import release
from tests.publishing.conftest import CODE, Workshop

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(release, sys.argv[2], die)
workshop = Workshop(Path(sys.argv[1]))
release.publish(workshop.home, workshop.county, ["2025-02"], workshop.results("2025-02"), CODE)
"""


@pytest.mark.parametrize("step", STEPS)
def test_killed_before_a_step(workshop: Workshop, step: str) -> None:
    first = workshop.publish("2025-01")
    workshop.build("2025-02")

    killed = subprocess.run(
        [sys.executable, "-c", PUBLISH_AND_DIE, str(workshop.home.root), step],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert workshop.home.current.resolve() == first.path
    assert manifest.is_intact(first.path)

    again = workshop.publish("2025-02")
    assert (again.release_id, again.created) == ("2025-02.1", True)
    assert workshop.home.current.resolve() == again.path
    assert manifest.is_intact(again.path)
    assert not (workshop.home.releases / STAGING).exists()
    assert workshop.publish("2025-02").created is False


def test_every_step_of_publishing_is_killed_above() -> None:
    """A step added to `publish` must be added to STEPS."""
    import inspect

    from orchestration.publishing import release

    called = [
        name for name in release.publish.__code__.co_names if inspect.isfunction(getattr(release, name, None))
    ]
    assert {name for name in called if not name.startswith("_")} - {"keep"} == set(STEPS)


def test_changed_data_after_a_kill_are_published_beside_the_unfinished_release(workshop: Workshop) -> None:
    """A release that was complete but never published is not overwritten: it may be what somebody looks at."""
    workshop.publish("2025-01")
    workshop.build("2025-02")
    subprocess.run(
        [sys.executable, "-c", PUBLISH_AND_DIE, str(workshop.home.root), "move_pointer"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    workshop.policy(61)
    again = workshop.publish("2025-02")
    assert again.release_id == "2025-02.2"
    assert workshop.home.current.resolve() == again.path
