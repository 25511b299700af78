"""A county without deliveries, and definitions loaded once."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

import sources
from orchestration import dbt
from orchestration.definitions import build_defs
from sources.county.county import County

DEMO = Path(sources.__file__).parent / "counties" / "demo"


def copy_demo(folder: Path) -> Path:
    """The demo county's settings for January to March 2025, with an empty inbox."""
    shutil.copytree(DEMO, folder)
    (folder / "inbox").mkdir(exist_ok=True)
    settings = (folder / "county.yml").read_text("utf-8")
    (folder / "county.yml").write_text(
        settings.replace('first_month: "2025-01"', 'first_month: "2025-01"\nlast_month: "2025-03"'), "utf-8"
    )
    return folder


@pytest.fixture(scope="session")
def county_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo county, without deliveries."""
    return copy_demo(tmp_path_factory.mktemp("county") / "demo")


@pytest.fixture
def own_county(county_dir: Path, tmp_path: Path) -> Path:
    """A county folder that a test may change."""
    return shutil.copytree(county_dir, tmp_path / "county")


@pytest.fixture(scope="session")
def county(county_dir: Path) -> County:
    return County.load(county_dir)


@pytest.fixture(scope="session")
def manifest() -> dict:
    return dbt.load_manifest(dbt.ensure_manifest())


@pytest.fixture(scope="session")
def defs(county_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_defs(county_dir, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def asset_graph(defs: dg.Definitions) -> object:
    return defs.resolve_asset_graph()


def deliver(county_dir: Path, *paths: str) -> None:
    """Put files with these names into the inbox, for what only looks at names."""
    for path in paths:
        file = county_dir / "inbox" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x", "utf-8")
