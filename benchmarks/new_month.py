"""A new month in the person index against building it anew: processor time and peak memory of a whole county's registers.

A county is simulated and its registers go through the front door; the index is built on all months but the last, then the
last one is taken in (`month`), and in another home all months at once (`anew`: what a month would cost without memory of
the months before). Every build is a process of its own, so that the peak is its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sources.base.home import Home
from sources.contracts.load import registers
from sources.county.county import County
from sources.ingest import ingest_feed
from sources.simulator import simulate

RESIDENTS, MONTHS = 350_000, ("2025-01", "2025-02", "2025-03")
_BUILD = """
import json, resource, sys, time
from pathlib import Path
from sources.base.home import Home
from sources.county.county import County
from sources.identity.index import build_person_index
county, home = County.load(Path(sys.argv[1])), Home(Path(sys.argv[2]))
begun = time.process_time()
counts = build_person_index(county, home)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([counts["pairs_compared"], time.process_time() - begun, peak]))
"""


@dataclass(frozen=True)
class Built:
    """One build: pairs compared, processor seconds, peak memory of its process in MiB."""

    pairs: int
    cpu_seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Measured:
    first: Built
    month: Built
    anew: Built


def measure(residents: int = RESIDENTS) -> Measured:
    with tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name:
        county, home, other = (Path(name) / each for each in ("county", "home", "anew"))
        simulate(county, residents=residents, months=len(MONTHS), end=MONTHS[-1], seed=7, defects="default")
        _take(county, home, MONTHS[:-1])
        first = _build(county, home)
        _take(county, home, MONTHS)
        shutil.copytree(home, other, ignore=shutil.ignore_patterns("identity"))
        return Measured(first, _build(county, home), _build(county, other))


def _take(county: Path, home: Path, months: tuple[str, ...]) -> None:
    for contract in registers().values():
        ingest_feed(County.load(county), Home(home), contract.feed, months)


def _build(county: Path, home: Path) -> Built:
    command = [sys.executable, "-c", _BUILD, str(county), str(home)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Built(*json.loads(done.stdout))
