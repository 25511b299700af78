"""Where the county and the home are: options of the command line, or the environment, or the defaults.

Belongs here: names of environment variables and of engines, and their defaults. Imports nothing slow, so that `--help` stays
fast. Does not belong here: reading the county (sources.county.county) or knowing the folders of a home
(sources.base.home).
"""

import os
from pathlib import Path

COUNTY_VARIABLE = "YIGONGTI_COUNTY"
HOME_VARIABLE = "YIGONGTI_HOME"
DEFAULT_COUNTY = "demo"
DEFAULT_HOME = "data"
# The engines that build, as dbt's profiles.yml calls them; the first unless another is asked for.
DUCKDB, SPARK = TARGETS = ("duckdb", "spark")

PROJECT_ROOT = Path(__file__).resolve().parents[1]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
DEMO_SETTINGS = PROJECT_ROOT / "sources" / "counties" / "demo"
CACHE = PROJECT_ROOT / ".yigongti"


def county_dir() -> Path:
    """The county folder of this process: $YIGONGTI_COUNTY, else ./demo."""
    return Path(os.environ.get(COUNTY_VARIABLE, DEFAULT_COUNTY)).resolve()


def county_dir_or_demo() -> Path:
    """The county folder of this process; where none is named and none lies in ./demo, the demo county's settings."""
    folder = county_dir()
    named = COUNTY_VARIABLE in os.environ or (folder / "county.yml").is_file()
    return folder if named else DEMO_SETTINGS


def home_dir() -> Path:
    """The home folder of this process: $YIGONGTI_HOME, else ./data."""
    return Path(os.environ.get(HOME_VARIABLE, DEFAULT_HOME)).resolve()


def quiet_vendors() -> None:
    """Turn telemetry of every tool off, unless somebody decided otherwise before us."""
    for variable, value in (
        ("DAGSTER_DISABLE_TELEMETRY", "1"),
        ("DBT_SEND_ANONYMOUS_USAGE_STATS", "false"),
        ("DO_NOT_TRACK", "1"),
        ("GX_ANALYTICS_ENABLED", "false"),
    ):
        os.environ.setdefault(variable, value)
