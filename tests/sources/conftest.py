"""Fixtures of this room's tests: the small county and an empty home."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.base.home import Home
from sources.county.county import County
from tests.sources.making import make_county


@pytest.fixture
def county(tmp_path: Path) -> County:
    return make_county(tmp_path / "county")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")
