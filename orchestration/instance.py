"""Dagster's own memory: <home>/dagster with a dagster.yaml of ours.

Only runs started by the web server, the schedule or a sensor are kept here. `yigongti run` keeps its own log
and report instead: storing its some 700 events in SQLite took 15 s where the events themselves took 3 s.
"""

from pathlib import Path

SETTINGS = """\
# Written by yigongti at every start. No telemetry; one run at a time, because DuckDB has a single writer.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 10
  pools:
    granularity: run
    default_limit: 1
freshness:
  enabled: true
"""


def ensure_dagster_home(home_dir: Path) -> Path:
    """The instance's folder, with our settings in it."""
    folder = home_dir / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dagster.yaml"
    if not file.exists() or file.read_text("utf-8") != SETTINGS:
        file.write_text(SETTINGS, "utf-8")
    return folder
