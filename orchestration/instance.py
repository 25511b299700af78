"""Dagster's own memory: <home>/dagster with a dagster.yaml of ours, or of somebody else's (PostgreSQL: docs/deploy.md), and none
while `yigongti run` works.

Runs started by the web server, the schedule or a sensor are kept whole. `yigongti run` keeps its own log and
report instead: storing its some 4,400 events, even in memory, costs more than importing all of Dagster. What it
materialised and how the checks went it writes at its end (orchestration.history).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sources.base.plain_path import plain

if TYPE_CHECKING:
    import dagster as dg

# How a file begins that we wrote and may write anew.
OURS = "# Written by yigongti"
SETTINGS = f"""\
{OURS} at every start. No telemetry; one run at a time, because DuckDB has a single writer.
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
    """The instance's folder, with our settings in it unless somebody wrote their own; Dagster writes its path into addresses of
    databases.
    """
    folder = home_dir / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dagster.yaml"
    there = file.read_text("utf-8") if file.exists() else OURS
    if there.startswith(OURS) and there != SETTINGS:
        file.write_text(SETTINGS, "utf-8")
    return plain(folder)


@contextmanager
def open_instance(home_dir: Path) -> "Iterator[dg.DagsterInstance]":
    """The instance of a home, as the web server sees it."""
    import dagster as dg

    with dg.DagsterInstance.from_config(str(ensure_dagster_home(home_dir))) as instance:
        yield instance


def instance_without_memory() -> "dg.DagsterInstance":
    """An instance that forgets every event: whoever executes in process finds them all in the result."""
    import dagster as dg

    instance = dg.DagsterInstance.ephemeral()
    # A storage of our own would have to answer forty other questions.
    instance.event_log_storage.store_event = lambda event: None  # type: ignore[method-assign]
    return instance
