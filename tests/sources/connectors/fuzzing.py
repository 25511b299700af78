"""Fuzzing: files of every format damaged at random; each must end read or refused, whatever was done to it.

`python -m tests.sources.connectors.fuzzing --seconds 60 --seed 1` (`make fuzz`) prints what became of them and, of a failure, the
format and seed that bring it back. Not here: comparing cells (test_twins).
"""

from __future__ import annotations

import argparse
import collections
import io
import itertools
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq

from sources.base.bounds import Bounds
from sources.base.refusal import RefusedError
from sources.connectors.files import read_any
from sources.connectors.wanted import Wanted
from tests.sources.connectors.books import BOOKS, ERROR, NUMBER, PADDED, Sheets, Special
from tests.sources.connectors.test_formats import FORMATS, NAMES, ROWS, csv_text
from tests.sources.making import source_of, whole

BOUNDS = Bounds(
    max_expanded_bytes=64 << 20, max_workbook_bytes=64 << 20, max_sheet_cells=5_000_000, chunk_bytes=4096
)
WANTED = Wanted(frozenset(NAMES), 2)
# No file of a few kilobytes may take longer.
SECONDS_PER_FILE = 20
_SPECIAL = [
    b'"',
    b"\n",
    b"\r",
    b",",
    b"\x00",
    b"\xff",
    b"<",
    b">",
    b"{",
    b"]",
    b"\xa1",
    b"\xef\xbb\xbf",
    b"\x1a",
]


# All that the scans of workbooks look for, except what they refuse.
SHEETS: Sheets = {
    "封面": [["某院"]],
    "数据": [
        NAMES,
        *ROWS,
        ["4", Special(ERROR), Special(NUMBER, 4.5)],
        [Special(PADDED, 5), "赵", Special(NUMBER, 5)],
    ],
}


def parquet() -> bytes:
    rows = range(3000)
    table = pa.table({name: [f"{name}{row}" for row in rows] for name in NAMES} | {"数": list(rows)})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, row_group_size=1000, write_page_checksum=True)
    return buffer.getvalue()


CLEAN: dict[str, Callable[[], bytes]] = {
    **FORMATS,
    "csv": lambda: csv_text().encode(),
    "csv in GB18030": lambda: csv_text().encode("gb18030") * 20,
    "csv with several signs": lambda: csv_text("@#@").encode(),
    "parquet": parquet,
    **{f"{name}, two sheets": partial(write, SHEETS) for name, write in BOOKS.items()},
}


def damaged(raw: bytes, rng: random.Random) -> bytes:
    """The bytes after one to four kinds of damage."""
    data = bytearray(raw)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(data) + 1)
        length = rng.choice([1, 1, 2, 4, 16, 64])
        kind = rng.randrange(8)
        if kind <= 1 and data:
            for _ in range(length):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        elif kind == 2:
            data[place : place + length] = rng.randbytes(length)
        elif kind == 3:
            del data[place : place + length]
        elif kind == 4:
            data[place:place] = data[place : place + length] * rng.choice([1, 2, 50])
        elif kind == 5:
            data[place:place] = rng.choice(_SPECIAL) * length
        elif kind == 6:
            del data[rng.randrange(len(data) + 1) :]
        else:
            other = rng.randrange(len(data) + 1)
            data[place : place + length] = data[other : other + length]
    return bytes(data)


def outcome(raw: bytes) -> str:
    """`read`, or the code of the refusal; anything else is an exception."""
    try:
        with source_of(raw, BOUNDS) as source:
            whole(read_any(source, WANTED))
    except RefusedError as error:
        return error.refusal.code
    return "read"


def one(name: str, seed: int) -> str:
    """Damage a clean file of that format under a seed and read it. Raises what a reader must not raise."""
    signal.signal(signal.SIGALRM, _too_slow)
    signal.alarm(SECONDS_PER_FILE)
    try:
        return outcome(damaged(CLEAN[name](), random.Random(f"{name} {seed}")))
    finally:
        signal.alarm(0)


def _too_slow(*_: object) -> None:
    raise TimeoutError(f"longer than {SECONDS_PER_FILE} s")


def main() -> int:
    """Fuzz every format in turn until the seconds are over; 1 when anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=sorted(CLEAN))
    chosen = parser.parse_args()
    names = [chosen.format] if chosen.format else sorted(CLEAN)
    counts: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in names}
    failures, end = 0, time.monotonic() + chosen.seconds
    for seed in itertools.count(chosen.seed):
        for name in names:
            try:
                counts[name][one(name, seed)] += 1
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                failures += 1
                print(f"FAILED {name!r} seed {seed}: {type(error).__name__}: {error}", flush=True)
                traceback.print_exc(limit=-3)
        if time.monotonic() > end:
            break
    for name in names:
        print(f"{name}: {sum(counts[name].values())} files, {dict(counts[name].most_common(6))}")
    print(f"seeds {chosen.seed} to {seed}, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
