"""Standing: which of the batches that were ever taken in count, written for all to read.

A batch is in force, overtaken by a later one, or withdrawn by a person. Only batches of which there is something to say have a
row: whoever is not named is in force. Not here: deciding it (deciding, case), which of the rows in force counts (dbt's newest_version).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sources.base.engine import literal, literals, matching
from sources.base.home import Home

IN_FORCE, OVERTAKEN, WITHDRAWN = "in_force", "overtaken", "withdrawn"
_COUNTS = ("_keys", "_rows", "_fen")


@dataclass(frozen=True)
class Standing:
    """What is to be said of one batch.

    `ended_keys`: keys that nothing in force of its month has any more. `absent_keys`: keys of a batch in force that a later
    file, which repeats most of them (`common_keys`), leaves out; `compared_with` is that file's batch. `unused_keys`: keys of a later file
    that do not count, because an earlier one with a newer time has them. `moved_keys`: keys whose row stands, later and else the
    same, under another institution too. `resolved_rows` and `resolved_fen`: quarantined rows
    whose record came again in a later batch in force, of the same month or of a later one.
    """

    feed: str
    institution_id: str
    month: str
    batch_id: str
    source_file: str
    standing: str
    overtaken_by: str | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_on: str | None = None
    ended_keys: int = 0
    absent_keys: int = 0
    common_keys: int = 0
    unused_keys: int = 0
    moved_keys: int = 0
    compared_with: str | None = None
    resolved_rows: int = 0
    resolved_fen: int = 0


STANDING_SCHEMA = pa.schema(
    [(each.name, pa.int64() if each.name.endswith(_COUNTS) else pa.string()) for each in fields(Standing)]
)
# How many rows of a rule and column are no longer open, of batches that have any.
RESOLVED_SCHEMA = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("feed", "institution_id", "month", "batch_id", "rule_id", "column_name")
        ),
        ("resolved", pa.int64()),
    ]
)


def read_standing(home: Home, feed: str | None = None) -> dict[str, Standing]:
    """{batch id: what is to be said of it}, of one feed or of all."""
    feeds = [feed] if feed else sorted(path.stem for path in home.batch_standing.glob("*.parquet"))
    tables = (read_if_there(home.batch_standing / f"{name}.parquet") for name in feeds)
    return {row.batch_id: row for table in tables if table is not None for row in standings(table)}


def read_resolved(home: Home, feed: str) -> list[dict[str, Any]]:
    """Rows of RESOLVED_SCHEMA: faults of one feed that a later batch mended."""
    table = read_if_there(home.resolved_fault / f"{feed}.parquet")
    return [] if table is None else table.to_pylist()


def out_of_force(home: Home, feed: str | None = None) -> frozenset[str]:
    """Ids of batches whose rows do not count."""
    return frozenset(b for b, row in read_standing(home, feed).items() if row.standing != IN_FORCE)


def rows_in_force(home: Home, feed: str) -> str | None:
    """The accepted rows of a feed that count, as a relation inside a statement; None when nothing was delivered."""
    folder = home.conformed / feed
    if next(folder.glob("*/*/*.parquet"), None) is None:
        return None
    rows = f"read_parquet({literal(matching(folder, '*/*/*.parquet'))}, hive_partitioning = false)"
    dead = literals(sorted(out_of_force(home, feed)))
    return f"(from {rows} where source_batch_id not in ({dead}))" if dead else rows


def read_if_there(path: Path) -> pa.Table | None:
    """A table of ours, if anything was written."""
    return pq.ParquetFile(path).read() if path.is_file() else None


def standings(table: pa.Table) -> list[Standing]:
    """The rows of a table of STANDING_SCHEMA."""
    return [Standing(**row) for row in table.to_pylist()]
