"""Peak memory of landing and conforming one file, and one ten times as large: flat means the ratio stays near one.

Each file is taken in by a process of its own, whose peak is what the operating system says. Imports and the engine's own
buffers are in both numbers, so the growth is shown beside them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.sources.making import MONTH, TOWNSHIP, VISIT_HEADER, make_county, visit

SMALL_ROWS = 300_000
TIMES = 10
_WRITTEN_AT_ONCE = 10_000
_TAKE = """
import json, resource, sys, time
from pathlib import Path
from sources.county.county import County
from sources.base.home import Home
from sources.ingest import ingest_feed
start = time.perf_counter()
(outcome,) = ingest_feed(County.load(sys.argv[1]), Home(Path(sys.argv[2])), "his_op_visit", [sys.argv[3]])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([outcome.accepted_rows, peak, time.perf_counter() - start]))
"""


@dataclass(frozen=True)
class Measured:
    """One format: megabytes, rows, peak MiB and seconds of the small and of the large file."""

    form: str
    small: tuple[float, int, float, float]
    large: tuple[float, int, float, float]

    @property
    def ratio(self) -> float:
        """Peak memory of the large file as a multiple of the small one's."""
        return self.large[2] / self.small[2]


def measure() -> Iterator[Measured]:
    """CSV in UTF-8 and GB18030, CSV with a damaged line in every block, and Parquet."""
    for form in ("csv", "csv in GB18030", "csv, damaged", "parquet"):
        small, large = (_taken(form, rows) for rows in (SMALL_ROWS, SMALL_ROWS * TIMES))
        yield Measured(form, small, large)


def _taken(form: str, rows: int) -> tuple[float, int, float, float]:
    with tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name:
        root = Path(name)
        county = make_county(root / "county")
        path = county.inbox / TOWNSHIP / MONTH / "MZJZ_202503.csv"
        path.parent.mkdir(parents=True)
        _write(path, form, rows)
        command = [sys.executable, "-c", _TAKE, str(county.folder), str(root / "home"), MONTH]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        accepted, peak, seconds = json.loads(done.stdout)
        return path.stat().st_size / 1e6, accepted, peak, seconds


def _write(path: Path, form: str, rows: int) -> None:
    if form == "parquet":
        _write_parquet(path, rows)
        return
    encoding = "gb18030" if "GB18030" in form else "utf-8"
    with path.open("w", encoding=encoding) as file:
        file.write(VISIT_HEADER + "\n")
        for lines in _lines(rows):
            file.write("\n".join(lines) + "\n")
            if form == "csv, damaged":
                file.write('"torn\n')


def _write_parquet(path: Path, rows: int) -> None:
    names = VISIT_HEADER.split(",")
    schema = pa.schema([(name, pa.string()) for name in names])
    with pq.ParquetWriter(path, schema) as writer:
        for lines in _lines(rows):
            columns = zip(*(line.split(",") for line in lines), strict=True)
            writer.write_table(pa.table([list(column) for column in columns], schema=schema))


def _lines(rows: int) -> Iterator[list[str]]:
    for first in range(1, rows + 1, _WRITTEN_AT_ONCE):
        yield [visit(n) for n in range(first, min(first + _WRITTEN_AT_ONCE, rows + 1))]
