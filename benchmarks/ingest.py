"""Land + conform a month of a county's CSV files, against DuckDB copying the same files to Parquet as text.

The copy is what somebody without contracts would do: `COPY (read_csv(all_varchar)) TO parquet`, one file at a time. GBK
files are transcoded for it beforehand, not counted. What is no delimited text (workbooks, DBF, JSON, Parquet, the database
of a member) is left out on both sides.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.ingest import ingest_feed, prepare
from sources.simulator import simulate

PAIRS = 3
DELIMITED = (".csv", ".txt")


@dataclass(frozen=True)
class Measured:
    """One comparison: rows and megabytes read by both, median seconds, and the median of the pairwise ratios."""

    files: int
    rows: int
    megabytes: float
    ours_seconds: float
    copy_seconds: float
    ratio: float


def measure(residents: int = 100_000, month: str = "2025-01") -> Measured:
    """Simulate one month, then time both sides in turn, `PAIRS` times."""
    with tempfile.TemporaryDirectory(prefix="yigongti-bench-") as name:
        root = Path(name)
        simulate(root / "county", residents=residents, months=1, end=month, seed=7, defects="default")
        inbox = root / "county" / "inbox"
        for path in inbox.rglob("*"):
            if path.is_file() and path.suffix not in DELIMITED:
                path.unlink()
        shutil.rmtree(root / "county" / "databases")
        files = _as_utf8(inbox, root / "utf8")
        megabytes = sum(f.stat().st_size for f in files) / 1e6
        rows, ours, copied = 0, [], []
        for _ in range(PAIRS):
            rows, seconds = _ours(root, month)
            ours.append(seconds)
            copied.append(_copy(files, root / "copied"))
    ratio = statistics.median(a / b for a, b in zip(ours, copied, strict=True))
    return Measured(len(files), rows, megabytes, statistics.median(ours), statistics.median(copied), ratio)


def _as_utf8(inbox: Path, target: Path) -> list[Path]:
    """The data files once more in UTF-8, because DuckDB's reader takes nothing else."""
    target.mkdir()
    written = []
    texts = (path for path in inbox.rglob("*") if path.suffix in DELIMITED and path.name != "control.csv")
    for number, path in enumerate(sorted(texts)):
        raw = path.read_bytes()
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("gb18030")
        written.append(target / f"{number}.csv")
        written[-1].write_text(text, "utf-8")
    return written


def _copy(files: list[Path], target: Path) -> float:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    con = duckdb.connect()
    start = time.perf_counter()
    for path in files:
        con.execute(
            f"copy (select * from read_csv('{path}', all_varchar = true, null_padding = true, ignore_errors = true)) "
            f"to '{target / path.stem}.parquet' (format parquet, compression zstd)"
        )
    return time.perf_counter() - start


def _ours(root: Path, month: str) -> tuple[int, float]:
    """Rows delivered and seconds to land and conform every feed into an empty home."""
    shutil.rmtree(root / "home", ignore_errors=True)
    county, home = County.load(root / "county"), Home(root / "home")
    start = time.perf_counter()
    prepare(county, home, [month])
    outcomes = [o for feed in load_contracts() for o in ingest_feed(county, home, feed, [month])]
    return sum(o.delivered_rows for o in outcomes), time.perf_counter() - start
