"""The person index over rehearsed registers: seconds, memory and the share of right pairs by number of records.

Counted is what a first run does with attributes already decrypted: tokens, newest values, blocking, comparing with Splink,
weighing, clustering, keys. A second run with 2 % new records shows what a month costs. Every size runs in a process of
its own, so that the peak memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from scipy.stats import binomtest

from sources.base.home import Home
from sources.county.identity_settings import IdentitySettings
from sources.identity import linking
from sources.identity.engines import token_connection
from sources.identity.keying import key_people
from sources.identity.linking import Linked
from sources.identity.store import State, Store
from sources.identity_training.rehearsal import Rehearsal, rehearse
from sources.identity_training.training import load

SIZES = (50_000, 100_000, 200_000, 500_000)
SEED = 5
_NEW = 0.02
_SECRET = b"benchmark"
# The share itself and the ends of its interval.
Share = tuple[float, float, float]


@dataclass(frozen=True)
class Measured:
    """One size. Precision and recall are pairwise with their 95 % Wilson intervals."""

    records: int
    seconds: float
    cpu_seconds: float
    month_seconds: float
    month_cpu_seconds: float
    peak_mib: float
    pairs: int
    month_pairs: int
    to_review: int
    precision: Share
    recall: Share


def measure(size: int) -> Measured:
    """Measure one size in this process."""
    rehearsal, empty = rehearse(size, SEED), Store(Home(Path("nowhere"))).read()
    wall, cpu = time.perf_counter(), time.process_time()
    linked = _linked(rehearsal.attributes, empty)
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    # Pages of the first run are its peak; the month comes after.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    known = int(size * (1 - _NEW))
    before = _linked(rehearsal.attributes.slice(0, known), empty)
    settings = IdentitySettings()
    state = State(1, 0, linking.fingerprint(settings), before.records, empty.persons, before.pairs)
    wall, cpu = time.perf_counter(), time.process_time()
    month = _linked(rehearsal.attributes, state, keyed=False)
    month_seconds, month_cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    precision, recall = _shares(linked, rehearsal)
    return Measured(
        size, seconds, cpu_seconds, month_seconds, month_cpu_seconds, peak, linked.pairs.num_rows, month.compared, linked.review.num_rows,
        precision, recall,
    )  # fmt: skip


def _linked(attributes: pa.Table, state: State, keyed: bool = True) -> Linked:
    settings = IdentitySettings()
    with (
        tempfile.TemporaryDirectory(prefix="yigongti-bench-") as spill,
        token_connection(Path(spill), settings.memory_mib) as connection,
    ):
        rows = load(connection, attributes, settings, _SECRET)
        linked = linking.link(connection, rows, state, settings, {})
        if keyed:
            key_people(connection, linked.records, state, _SECRET)
    return linked


def _shares(linked: Linked, rehearsal: Rehearsal) -> tuple[Share, Share]:
    ids = np.array([int(key[:15], 16) for key in rehearsal.attributes.column("local_key").to_pylist()])
    truth, found = rehearsal.person[np.argsort(ids)], np.asarray(linked.records.column("cluster"))
    right, made, there = (_pairs(each) for each in (truth * (len(found) + 1) + found, found, truth))
    return _interval(right, made), _interval(right, there)


def _pairs(label: np.ndarray) -> int:
    count = np.unique(label, return_counts=True)[1].astype(np.int64)
    return int((count * (count - 1) // 2).sum())


def _interval(part: int, whole: int) -> Share:
    bounds = binomtest(part, whole).proportion_ci(method="wilson")
    return part / whole, bounds.low, bounds.high


def measure_all() -> list[Measured]:
    """Every size, each in a fresh process."""
    found = []
    for size in SIZES:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.identity", str(size)],
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(Measured(**json.loads(done.stdout)))
    return found


if __name__ == "__main__":
    print(json.dumps(asdict(measure(int(sys.argv[1])))))
