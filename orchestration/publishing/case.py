"""One case and its money, read from a release alone: group, codes with their lines, what it was settled at, the entries of it.

Belongs here: finding and holding together. Does not: wording (orchestration/explain/case.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from orchestration.publishing.lineage import CASE_FILES
from orchestration.publishing.walkback import ExplainError, Row, published_release
from sources.base.home import Home


@dataclass(frozen=True)
class Case:
    """group: how it was grouped, None if it is no list of a stay. settlement: None if it is settled by no rule of cases."""

    release: Path
    group: Row | None
    codes: list[Row]
    settlement: Row | None
    entries: list[Row]

    @property
    def pending_fen(self) -> int:
        """What the case is due now beyond its own entries: 0 where it has none."""
        if self.settlement is None or not self.entries:
            return 0
        due = self.settlement["fund_due_fen"] or 0  # nothing is due of what is not settled any more
        return due - sum(row["amount_fen"] for row in self.entries)


def case_of(home: Home, month: str, settlement_id: str) -> Case:
    """A case by its settlement id (with or without the deliverer before it), discharged or settled in `month`.

    Raises ExplainError if the release knows none or several, or if entries it computed differ from what the case was settled at.
    """
    release = published_release(home)
    groups = _rows(release, month, "chain_case", settlement_id)
    settlements = _rows(release, month, "casemix_settlement", settlement_id)
    if not groups and not settlements:
        raise ExplainError(
            f"{month} 没有结算 {settlement_id} 的病例:月份写出院月或结算月,编号写结算 ID / "
            f"no case of settlement {settlement_id} in {month}: name the month of discharge or settlement"
        )
    cases = sorted({row["case_id"] for row in (*groups, *settlements)})
    if len(cases) > 1:
        listed = "、".join(cases)
        raise ExplainError(
            f"结算 {settlement_id} 不止一家报送:{listed};请写全(报送方 + 空格 + 结算 ID)/ more than one deliverer has settlement "
            f"{settlement_id}: {listed}; name the whole of one"
        )
    known = cases[0]
    codes = _rows(release, month, "chain_code", known)
    entries = pq.read_table(release / "marts" / "mart_fund_entry.parquet").to_pylist()
    rests_on = "casemix_settlement", known
    found = Case(
        release,
        groups[0] if groups else None,
        sorted(codes, key=lambda row: (row["terminology"], row["number"])),
        settlements[0] if settlements else None,
        [row for row in entries if (row["source_relation"], row["source_key"]) == rests_on],
    )
    _prove(found)
    return found


def _rows(release: Path, month: str, name: str, wanted: str) -> list[Row]:
    path = release / "lineage" / CASE_FILES[name](month)
    if not path.is_file():
        return []
    rows = pq.ParquetFile(path).read().to_pylist()
    return [row for row in rows if wanted in (row["case_id"], row["case_id"].split(" ", 1)[-1])]


def _prove(found: Case) -> None:
    """Entries that this release computed are what the case is due; those of a month that stands may wait for a difference."""
    if found.pending_fen and all(row["release_id"] == found.release.name for row in found.entries):
        entered = sum(row["amount_fen"] for row in found.entries)
        due = entered + found.pending_fen
        raise ExplainError(
            f"分录 {entered} 分,病例应付 {due} 分,对不上 / the entries differ from what the case is due"
        )
