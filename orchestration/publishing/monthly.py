"""Files of a release by month: those that would come out as the release before has them are that release's own.

So a release costs what is new. What a month holds is told by a digest of its rows, kept in the file it is written to. Here:
whether a file may be taken over, and how. Not here: what the files say (lineage, events).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.publishing.marts import write_parquet
from sources.base.engine import literals
from sources.base.files import CONTENT, content_of


@dataclass(frozen=True)
class Monthly:
    """The files of the release in folder `release`, and of the one `before` it, if there is one."""

    release: Path
    release_id: str
    before: Path | None

    def write(self, name: str, rows: pa.Table, content: str) -> None:
        """Write a file whose rows have the digest `content`."""
        told = {**(rows.schema.metadata or {}), CONTENT.encode(): content.encode()}
        write_parquet(rows.replace_schema_metadata(told), self.release / name, self.release_id)

    def has_before(self, name: str) -> bool:
        return self.before is not None and (self.before / name).exists()

    def holds_before(self, name: str, content: str) -> bool:
        """Whether the release before has a file of that name with these rows."""
        return self.before is not None and content_of(self.before / name) == content

    def take_over(self, name: str) -> None:
        """One file under two names; a copy where the file system has no links. It says which release wrote it."""
        assert self.before is not None, "without a release before there is nothing to take over"
        new = self.release / name
        new.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(self.before / name, new)
        except OSError:
            shutil.copy2(self.before / name, new)


def contents(connection: duckdb.DuckDBPyConnection, relation: str, months: Sequence[str]) -> dict[str, str]:
    """{month that has rows: digest of the rows of `relation`, whatever their order, with the names and types of its columns}."""
    columns = connection.execute(f"select column_name, column_type from (describe {relation})").fetchall()
    made = f"{version('duckdb')} {columns}"  # the engine's hash may be another in its next version
    found = connection.execute(
        f"select month, count(*), sum(hash(t)) from {relation} as t where month in ({literals(months)}) group by month"
    ).fetchall()
    return {
        month: hashlib.sha256(f"{made} {rows} {total}".encode()).hexdigest() for month, rows, total in found
    }
