"""A run that is told to end ends, also when a tool keeps the signal for itself."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from orchestration import interrupts
from sources.base.home import Home
from sources.simulator import simulate

ROOT = Path(__file__).parents[2]
# What Dagster does between its steps: the signal is taken, and nobody looks.
SWALLOWED = """
import signal, sys, time
from orchestration import interrupts
interrupts.GRACE_SECONDS = 0.2
with interrupts.ended_by_signals():
    for each in interrupts.SIGNALS:
        signal.signal(each, lambda *_: None)
    print("ready", flush=True)
    for _ in range(600):
        time.sleep(0.1)
"""
RAISED = SWALLOWED.replace("signal.signal(each, lambda *_: None)", "pass")


@pytest.mark.parametrize("number", interrupts.SIGNALS)
@pytest.mark.parametrize("program", [SWALLOWED, RAISED], ids=["swallowed", "raised"])
def test_either_signal_ends_the_process(program: str, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert said.strip() == interrupts.SAID


def test_a_run_ends_while_it_takes_in_and_leaves_nothing_torn(tmp_path: Path) -> None:
    county, home = tmp_path / "county", Home(tmp_path / "home")
    simulate(county, residents=500, months=1, end="2025-03", seed=3, defects="none")
    command = ["-m", "orchestration.cli", "run", "--county", str(county), "--home", str(home.root)]
    with subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        while process.poll() is None and not any(home.landing.glob("*/*/*/*/manifest.json")):
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM, said
    assert interrupts.SAID in said and "Traceback" not in said
    assert not home.current.exists()
    assert all(pq.ParquetFile(path).metadata for path in home.conformed.glob("*/*/*/*.parquet"))
