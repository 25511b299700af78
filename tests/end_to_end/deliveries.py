"""What happens to a county between two runs, at random: late rows, corrections, files again, withdrawals, mappings, policy.

Here: the happenings, done as people do them (files, the command line); each says which month to run again. Assertions live
in the tests.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.end_to_end.conftest import World, must

Happening = Callable[[World, random.Random, str], str]


def table_of(path: Path) -> tuple[list[list[str]], str]:
    """Rows of a delivered CSV, header first, and its encoding."""
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return list(csv.reader(io.StringIO(text))), encoding
    raise AssertionError(path)


def write_table(path: Path, rows: list[list[str]], encoding: str) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def some_table(world: World, rng: random.Random, month: str) -> Path:
    """A delivered CSV of that month with enough rows to change some of them."""
    found = [
        path
        for path in sorted((world.county / "inbox").glob(f"*/{month}/*_{month.replace('-', '')}.csv"))
        if len(table_of(path)[0]) > 8
    ]
    return rng.choice(found)


def late_rows(world: World, rng: random.Random, month: str) -> str:
    """Some rows of a file come again in a second file, with cells of their neighbours: corrections and duplicates."""
    path = some_table(world, rng, month)
    (header, *rows), encoding = table_of(path)
    column = rng.randrange(len(header))
    chosen = rng.sample(range(len(rows)), 4)
    for one, other in zip(chosen[::2], chosen[1::2], strict=True):
        rows[one][column], rows[other][column] = rows[other][column], rows[one][column]
    late = path.with_name(f"{path.stem}_late{rng.randrange(10**6)}.csv")
    write_table(late, [header, *(rows[each] for each in chosen)], encoding)
    return month


def delivered_again(world: World, rng: random.Random, month: str) -> str:
    """A whole file comes again without its last rows and with one row changed; no control total with it."""
    path = some_table(world, rng, month)
    control = path.with_name("control.csv")
    totals, totals_encoding = table_of(control)
    write_table(control, [row for row in totals if not row[0].endswith(path.name)], totals_encoding)
    (header, *rows), encoding = table_of(path)
    column = rng.randrange(len(header))
    rows[0][column], rows[1][column] = rows[1][column], rows[0][column]
    write_table(path, [header, *rows[:-2]], encoding)
    return month


def withdrawal(world: World, rng: random.Random, month: str) -> str:
    """Somebody takes a batch out of force."""
    batches = duckdb.sql(
        f"select batch_id from '{world.home}/conformed/batch_outcome/*.parquet' "
        f"where month = '{month}' and status = 'conformed' and accepted_rows > 0 order by all"
    ).fetchall()
    (batch,) = rng.choice(batches)
    places = ("--county", world.county, "--home", world.home)
    must("feed", "withdraw", batch, *places, "--reason", "试验", "--by", "李工", "--on", "2025-06-01")
    return month


def other_mapping(world: World, rng: random.Random, month: str) -> str:
    """A mapping loses a word of a dictionary: rows go to quarantine."""
    mapping = world.county / "mappings" / "vendor_a.yml"
    text = mapping.read_text("utf-8")
    mapping.write_text(text.replace('    "急诊": "2"\n', "", 1), "utf-8")
    return month


def other_target(world: World, rng: random.Random, month: str) -> str:
    """The county sets a target anew."""
    path = world.county / "policy" / "kpi_target.csv"
    rows, encoding = table_of(path)
    row = rng.choice([each for each in rows[1:] if each[4] and each[5] and each[6]])
    row[5] = str((float(row[4]) + float(row[5])) / 2)
    write_table(path, rows, encoding)
    return month


def file_gone(world: World, rng: random.Random, month: str) -> str:
    """A file is taken out of the inbox after it was taken in: what has landed stays."""
    shutil.move(some_table(world, rng, month), world.county / f"gone{rng.randrange(10**6)}")
    return month


HAPPENINGS: tuple[Happening, ...] = (
    late_rows,
    delivered_again,
    withdrawal,
    other_mapping,
    other_target,
    file_gone,
)
