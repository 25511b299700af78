"""Killed at any step boundary: the last good release stays published, and the same command finishes the work."""

from __future__ import annotations

import inspect
import os
import signal
from pathlib import Path

import pytest

from orchestration.publishing import manifest, release
from orchestration.publishing.release import STAGING
from tests.processes import Outcome, call
from tests.publishing.conftest import CODE, Workshop

STEPS = (
    "require_passed",
    "open_staging",
    "make_plan",
    "find_same",
    "write_marts",
    "write_marts_database",
    "write_restricted",
    "compare_marts",
    "write_gates",
    "write_events",
    "write_lineage",
    "write_pages",
    "reserve_site",
    "write_manifest",
    "sign",
    "sync",
    "rename",
    "enter",
    "move_pointer",
)


def _publish_and_die(home: str, step: str) -> None:
    """Publish February; killed where `step` would begin."""
    setattr(release, step, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    workshop = Workshop(Path(home))
    release.publish(workshop.home, workshop.county, ["2025-02"], workshop.results("2025-02"), CODE)


def _killed(workshop: Workshop, step: str) -> Outcome:
    return call(_publish_and_die, str(workshop.home.root), step, environment=os.environ)


@pytest.mark.parametrize("step", STEPS)
def test_killed_before_a_step(workshop: Workshop, step: str) -> None:
    first = workshop.publish("2025-01")
    workshop.build("2025-02")

    killed = _killed(workshop, step)

    assert killed.code == -signal.SIGKILL, killed.text
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
    called = [
        name for name in release.publish.__code__.co_names if inspect.isfunction(getattr(release, name, None))
    ]
    assert {name for name in called if not name.startswith("_")} - {"keep"} == set(STEPS)


def test_changed_data_after_a_kill_are_published_beside_the_unfinished_release(workshop: Workshop) -> None:
    """A release that was complete but never published is not overwritten: it may be what somebody looks at."""
    workshop.publish("2025-01")
    workshop.build("2025-02")
    assert _killed(workshop, "move_pointer").code == -signal.SIGKILL
    workshop.policy(61)
    again = workshop.publish("2025-02")
    assert again.release_id == "2025-02.2"
    assert workshop.home.current.resolve() == again.path
