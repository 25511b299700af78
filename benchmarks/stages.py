"""Where the seconds of a run go: the demo county through `yigongti run`, by stage, with peak memory of the process tree."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

COMMAND = [sys.executable, "-m", "orchestration.cli"]


@dataclass(frozen=True)
class Measured:
    """Seconds of `county simulate`, of the whole `run` and of its stages; the largest process's memory in MiB."""

    simulate_seconds: float
    run_seconds: float
    stages: dict[str, float]
    peak_mib: float


def measure(residents: int = 20_000, months: int = 3, end: str = "2025-03") -> Measured:
    """Run the demo once, from an empty home."""
    with tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name:
        home, simulated, ran = run_demo(Path(name), residents, months, end)
        report = json.loads((home / "warehouse" / "run_report.json").read_text("utf-8"))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Measured(simulated, ran, report["seconds"], peak)


def run_demo(root: Path, residents: int, months: int = 3, end: str = "2025-03") -> tuple[Path, float, float]:
    """Simulate and run a county below `root`: its home, seconds of the simulation, seconds of the run."""
    size = ["--residents", str(residents), "--months", str(months), "--end", end]
    simulated = _seconds([*COMMAND, "county", "simulate", str(root / "county"), *size])
    ran = _seconds([*COMMAND, "run", "--county", str(root / "county"), "--home", str(root / "home")])
    return root / "home", simulated, ran


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
