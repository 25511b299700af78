"""Counties and homes for the end-to-end tests: made through the command line only, as a user would.

Belongs here: running `yigongti` in a process of its own, and session-wide small counties. Assertions live in the tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

RESIDENTS, MONTHS, END, SEED = "3000", "3", "2025-03", "11"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for all of them: they share their counties."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("end_to_end"))


@dataclass(frozen=True)
class Outcome:
    """What a command left behind: exit code and everything it printed."""

    code: int
    text: str


def yigongti(*arguments: str | Path, **environment: str) -> Outcome:
    """Run `yigongti ARGUMENTS` in a fresh process."""
    env = {**os.environ, "COLUMNS": "200", **environment}
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=env,
        check=False,
        timeout=900,
    )
    return Outcome(done.returncode, done.stdout + done.stderr)


def must(*arguments: str | Path, **environment: str) -> str:
    """Run a command that has to succeed; return what it printed."""
    outcome = yigongti(*arguments, **environment)
    assert outcome.code == 0, outcome.text
    return outcome.text


@dataclass(frozen=True)
class World:
    """A county folder and the home its runs wrote."""

    county: Path
    home: Path

    def copy(self, directory: Path) -> World:
        """An independent copy, modification times and links kept."""
        for name, source in (("county", self.county), ("home", self.home)):
            if source.exists():
                shutil.copytree(source, directory / name, symlinks=True)
        return World(directory / "county", directory / "home")

    def run(self, *arguments: str) -> Outcome:
        return yigongti("run", "--county", self.county, "--home", self.home, *arguments)

    @property
    def release(self) -> Path:
        return (self.home / "current").resolve()

    def inbox(self, pattern: str) -> Path:
        """The first delivered file that matches."""
        return sorted((self.county / "inbox").glob(pattern))[0]


def _simulate(directory: Path, defects: str) -> Path:
    must(
        "county", "simulate", directory, "--residents", RESIDENTS, "--months", MONTHS,
        "--end", END, "--seed", SEED, "--defects", defects,
    )  # fmt: skip
    return directory


@pytest.fixture(scope="session", params=["none", "default"])
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A county without and with defects, run for all its months."""
    return _published(request.param, tmp_path_factory)


@pytest.fixture(scope="session")
def messy(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The county with defects, run for all its months."""
    return _published("default", tmp_path_factory)


_WORLDS: dict[str, World] = {}


def _published(defects: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    if defects not in _WORLDS:
        root = tmp_path_factory.mktemp(f"county_{defects}")
        world = World(_simulate(root / "county", defects), root / "home")
        outcome = world.run()
        assert outcome.code == 0, outcome.text
        _WORLDS[defects] = world
    return _WORLDS[defects]
