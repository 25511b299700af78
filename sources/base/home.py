"""The home folder: the one place that knows where landed, conformed, built and released things lie.

Here: paths, the exclusive lock. Not here: writing files (files), what is inside them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_OWNER_ONLY = 0o700


class HomeLockedError(RuntimeError):
    """Another process works in this home folder."""


@dataclass(frozen=True)
class Home:
    """Paths under one home folder. Nothing is created until something is written."""

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", Path(self.root).absolute())

    @property
    def is_filled(self) -> bool:
        """Whether a run ever wrote here: any other folder was named by mistake."""
        return any(path.is_dir() for path in (self.landing, self.intake, self.conformed, self.releases))

    @property
    def intake(self) -> Path:
        """What came, what was taken in, what people decided on it: beside the landing, so that they outlive it."""
        return self.root / "intake"

    def arrivals(self, feed: str) -> Path:
        return self.intake / feed / "arrivals.jsonl"

    def taken_in(self, feed: str) -> Path:
        return self.intake / feed / "taken_in.jsonl"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def refused(self) -> Path:
        return self.landing / "refused"

    @property
    def conformed(self) -> Path:
        return self.root / "conformed"

    @property
    def county(self) -> Path:
        return self.conformed / "county"

    @property
    def county_texts(self) -> Path:
        """County.yml, mappings and policy as they were read."""
        return self.conformed / "county_texts"

    @property
    def policy(self) -> Path:
        return self.conformed / "policy"

    @property
    def reference(self) -> Path:
        return self.conformed / "reference"

    @property
    def casemix(self) -> Path:
        """Casemix schemes as the county decided on them."""
        return self.conformed / "casemix"

    @property
    def standing_entry(self) -> Path:
        """Entries of money as they were published, of months that are not computed anew."""
        return self.conformed / "money" / "standing_entry.parquet"

    @property
    def standing_month(self) -> Path:
        """Months whose entries stand, and in which release, with entries or without."""
        return self.conformed / "money" / "standing_month.parquet"

    @property
    def run_month(self) -> Path:
        return self.conformed / "run_month" / "run_month.parquet"

    @property
    def batch_outcome(self) -> Path:
        return self.conformed / "batch_outcome"

    @property
    def rule_outcome(self) -> Path:
        return self.conformed / "rule_outcome"

    @property
    def column_profile(self) -> Path:
        return self.conformed / "column_profile"

    @property
    def batch_standing(self) -> Path:
        return self.conformed / "batch_standing"

    @property
    def resolved_fault(self) -> Path:
        return self.conformed / "resolved_fault"

    @property
    def person_index(self) -> Path:
        return self.conformed / "person_index" / "person_index.parquet"

    @property
    def person_issue(self) -> Path:
        return self.conformed / "person_issue" / "person_issue.parquet"

    @property
    def identity(self) -> Path:
        return self.root / "identity"

    @property
    def identity_attributes(self) -> Path:
        """Clear values of registers, encrypted."""
        return self.identity / "attributes"

    @property
    def identity_review(self) -> Path:
        return self.identity / "review.parquet"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def spill(self) -> Path:
        """What an engine cannot hold in memory while it works; `profiles.yml` of dbt names the same folder."""
        return self.warehouse / "spill"

    @property
    def build_database(self) -> Path:
        return self.warehouse / "build.duckdb"

    @property
    def gates(self) -> Path:
        return self.warehouse / "gates"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def current(self) -> Path:
        return self.root / "current"

    @property
    def withdrawals(self) -> Path:
        """Which batches people took out of force."""
        return self.intake / "withdrawals.jsonl"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.jsonl"

    def landed_batch(self, feed: str, institution: str, month: str, batch_id: str) -> Path:
        return self.landing / _partition(feed, institution, month) / batch_id

    def conformed_batch(self, feed: str, institution: str, month: str, batch_id: str) -> Path:
        return self.conformed / _partition(feed, institution, month) / f"{batch_id}.parquet"

    def quarantined_batch(self, feed: str, institution: str, month: str, batch_id: str) -> Path:
        return self.quarantine / _partition(feed, institution, month) / f"{batch_id}.parquet"

    def conformed_schema(self, feed: str) -> Path:
        """The empty file that gives every feed its columns, even one that nobody delivered."""
        return self.conformed / _partition(feed, "none", "0000-00") / "schema.parquet"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home folder for writing. Raises HomeLockedError naming the holder when it is taken."""
        for folder in (self.root, self.warehouse):
            make_private(folder)
        with (self.root / ".lock").open("a+", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                handle.seek(0)
                holder = handle.read().strip() or "?"
                raise HomeLockedError(
                    f"数据目录正被占用({holder}),请等它结束后再运行 / the home folder is in use by {holder}: wait for it to end"
                ) from error
            handle.seek(0)
            handle.truncate()
            handle.write(f"pid {os.getpid()} @ {socket.gethostname()}")
            handle.flush()
            self._sweep()
            try:
                yield
            finally:
                handle.seek(0)
                handle.truncate()

    def _sweep(self) -> None:
        """Remove what a killed run left half written; whoever holds the lock is the only one who writes."""
        for leftover in list(self.root.rglob(".tmp-*")):
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink(missing_ok=True)


def make_private(folder: Path) -> None:
    """A folder that nobody but its owner may enter, if it is not there; one that is keeps its rights."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)


def _partition(feed: str, institution: str, month: str) -> Path:
    return Path(feed) / f"institution_id={institution}" / f"month={month}"
