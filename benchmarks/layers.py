"""What each layer of the warehouse costs: seconds of dbt's nodes by schema, of a county run from nothing.

Here: reading dbt's own log of a home. Not here: the stages around dbt (stages).
"""

from __future__ import annotations

import re
import resource
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stages import run_demo

SIZES = (20_000, 100_000)
TESTS = "tests"
# `3 of 9 OK created sql table model core.dim_month .... [OK in 0.13s]`; a seed says [CREATE 150 in 0.10s], a test [PASS in 0.05s].
_NODE = re.compile(r": \d+ of \d+ (?:OK|PASS|WARN)\b (.*?) \.* ?\[[A-Z]+(?: \d+)? in ([0-9.]+)s\]")
_RELATION = re.compile(r"(?:model|seed file) ([a-z_]+)\.")


@dataclass(frozen=True)
class Layers:
    """Seconds and nodes by schema (tests apart); memory of the largest process of the whole run in MiB."""

    residents: int
    seconds: dict[str, float]
    nodes: dict[str, int]
    peak_mib: float


def measure(residents: int) -> Layers:
    """Run the demo county of that size once, from an empty home."""
    with tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name:
        home, *_ = run_demo(Path(name), residents)
        seconds, nodes = of_log(home / "logs" / "dbt.log")
    return Layers(residents, seconds, nodes, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


def of_log(log: Path) -> tuple[dict[str, float], dict[str, int]]:
    """Seconds and number of the nodes that a log says were built, by schema."""
    seconds: defaultdict[str, float] = defaultdict(float)
    nodes: Counter[str] = Counter()
    for said, took in _NODE.findall(log.read_text("utf-8")):
        relation = _RELATION.search(said)
        layer = relation[1] if relation else TESTS
        seconds[layer] += float(took)
        nodes[layer] += 1
    return dict(sorted(seconds.items())), dict(sorted(nodes.items()))
