"""Counties and homes for the end-to-end tests: made through the command line only, as a user would.

Belongs here: running `yigongti` in a process of its own, and session-wide small counties. Assertions live in the tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.processes import Outcome, call, command
from tests.sharing import once

RESIDENTS, MONTHS, END, SEED = "3000", "3", "2025-03", "11"


def yigongti(*arguments: str | Path, **environment: str) -> Outcome:
    """Run `yigongti ARGUMENTS` in a process of its own."""
    env = {**os.environ, "COLUMNS": "200", **environment}
    return call(command, *map(str, arguments), environment=env)


def must(*arguments: str | Path, **environment: str) -> str:
    """Run a command that has to succeed; return what it printed."""
    outcome = yigongti(*arguments, **environment)
    assert outcome.code == 0, outcome.text
    return outcome.text


def simulated(folder: Path, *, residents: str, months: str, end: str, seed: str, defects: str) -> Path:
    """A county folder as `county simulate` leaves it."""
    must(
        "county", "simulate", folder, "--residents", residents, "--months", months,
        "--end", end, "--seed", seed, "--defects", defects,
    )  # fmt: skip
    return folder


@dataclass(frozen=True)
class World:
    """A county folder and the home its runs wrote."""

    county: Path
    home: Path

    def run(self, *arguments: str) -> Outcome:
        return yigongti("run", "--county", self.county, "--home", self.home, *arguments)

    @property
    def release(self) -> Path:
        return (self.home / "current").resolve()

    def inbox(self, pattern: str) -> Path:
        """The first delivered file that matches."""
        return sorted((self.county / "inbox").glob(pattern))[0]


@pytest.fixture(scope="session")
def county_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A county folder with the named defects, not yet run; made once per session."""

    of = partial(simulated, residents=RESIDENTS, months=MONTHS, end=END, seed=SEED)
    return lambda defects: once(tmp_path_factory, f"county_{defects}", partial(of, defects=defects))


@pytest.fixture(scope="session")
def world_of(
    county_of: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], World]:
    """That county and a home in which all its months were run; made once per session."""

    def make(defects: str) -> World:
        county = county_of(defects)
        home = once(
            tmp_path_factory, f"home_{defects}", lambda home: must("run", "--county", county, "--home", home)
        )
        return World(county, home)

    return make


@pytest.fixture(params=[pytest.param("none", marks=pytest.mark.proof), "default"])
def published(request: pytest.FixtureRequest, world_of: Callable[[str], World]) -> World:
    """The county without and with defects."""
    return world_of(request.param)


@pytest.fixture(scope="session")
def messy(world_of: Callable[[str], World]) -> World:
    """The county with defects, all its months published. Read only; see `own`."""
    return world_of("default")


@pytest.fixture(scope="module")
def own(messy: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A copy of `messy` that the tests of one file may change."""
    root = tmp_path_factory.mktemp("own")
    shutil.copytree(messy.county, root / "county")
    shutil.copytree(messy.home, root / "home", symlinks=True)
    return World(root / "county", root / "home")
