"""`yigongti ui`: Dagster's web server and daemon on this machine only."""

import os
import signal
import sys
from pathlib import Path

from orchestration import settings
from orchestration.instance import ensure_dagster_home

HOST = "127.0.0.1"


def command(port: int) -> list[str]:
    """The command line of `dagster dev` for our definitions. OSS Dagster has no log-in: loopback, always."""
    return [
        *(sys.executable, "-m", "dagster", "dev"),
        *("--module-name", "orchestration.definitions", "--working-directory", str(settings.PROJECT_ROOT)),
        *("--host", HOST, "--port", str(port)),
    ]


def start(county_dir: Path, home_dir: Path, port: int) -> None:
    """Become `dagster dev`: this process is replaced, so that Ctrl-C and signals reach it and not us."""
    settings.quiet_vendors()
    os.environ |= {
        settings.COUNTY_VARIABLE: str(county_dir),
        settings.HOME_VARIABLE: str(home_dir),
        "DAGSTER_HOME": str(ensure_dagster_home(home_dir)),
    }
    # A shell that starts us in the background has SIGINT ignored, and what is ignored stays so through exec.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arguments = command(port)
    os.execv(arguments[0], arguments)  # noqa: S606 — our own interpreter, no shell wanted
