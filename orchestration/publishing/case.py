"""One case and its money, read from a release alone: group, codes with their lines, what it was settled at, the entries of it.

Belongs here: finding and holding together. Does not: wording (orchestration/explain_case.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from orchestration.publishing import manifest
from orchestration.publishing.walkback import ExplainError
from sources.base.home import Home

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """group: how it was grouped, None if it is no list of a stay. settlement: None if it is settled by no rule of cases."""

    release: Path
    group: Row | None
    codes: list[Row]
    settlement: Row | None
    entries: list[Row]


def case_of(home: Home, month: str, settlement_id: str) -> Case:
    """A case by its settlement id (with or without the deliverer before it), discharged or settled in `month`.

    Raises ExplainError if the release knows none, or if the entries differ from what it was settled at.
    """
    if not home.current.exists():
        raise ExplainError("尚无发布的版本 / nothing has been published yet")
    release = home.current.resolve()
    manifest.require_intact(release)
    groups, settlements = (
        _rows(release, month, "group", settlement_id),
        _rows(release, month, "settlement", settlement_id),
    )
    if not groups and not settlements:
        raise ExplainError(
            f"{month} 没有结算 {settlement_id} 的病例:月份写出院月或结算月,编号写结算 ID / "
            f"no case of settlement {settlement_id} in {month}: name the month of discharge or settlement"
        )
    known = (groups or settlements)[0]["case_id"]
    entries = pq.read_table(release / "marts" / "mart_fund_entry.parquet").to_pylist()
    found = Case(
        release,
        groups[0] if groups else None,
        sorted(_rows(release, month, "code", known), key=lambda row: (row["terminology"], row["number"])),
        settlements[0] if settlements else None,
        [
            row
            for row in entries
            if row["source_relation"] == "casemix_settlement" and row["source_key"] == known
        ],
    )
    _prove(found)
    return found


def _rows(release: Path, month: str, name: str, wanted: str) -> list[Row]:
    path = release / "lineage" / "case" / month / f"{name}.parquet"
    if not path.is_file():
        return []
    rows = pq.ParquetFile(path).read().to_pylist()
    return [row for row in rows if wanted in (row["case_id"], row["case_id"].split(" ", 1)[-1])]


def _prove(found: Case) -> None:
    entered = sum(row["amount_fen"] for row in found.entries)
    if found.settlement and found.entries and entered != found.settlement["fund_due_fen"]:
        raise ExplainError(
            f"分录 {entered} 分,病例应付 {found.settlement['fund_due_fen']} 分,对不上 / the entries differ from what the case is due"
        )
