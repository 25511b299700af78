"""Waivers: a failure that a named person accepts, for a reason, until a date.

`policy/waiver.csv` (typed by sources.county.policy into `conformed/policy/waiver.parquet`): check_id, institution_id
(empty = wherever the check fails), month_from (empty = any), reason, owner, expires_on, batches. A failure of one
delivered batch is accepted batch by batch: the next bad file is not the one somebody looked at. Expiry is judged
against the closing date of the run's last month (its last day plus the days of grace), never against today,
so that a rerun judges alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sources.county.policy_in_force import in_force


@dataclass(frozen=True)
class Waiver:
    check_id: str
    institution_id: str | None
    month_from: str | None
    reason: str
    owner: str
    expires_on: dt.date
    batches: frozenset[str] = frozenset()

    def speaks_of(self, row: dict[str, Any]) -> bool:
        """Whether this waiver speaks of a row of `mart_data_quality`, expired or not."""
        same_place = self.institution_id is None or self.institution_id == row["institution_id"]
        return self.check_id == row["check_id"] and same_place and (self.month_from or "") <= row["month"]

    def covers(self, row: dict[str, Any]) -> bool:
        """Whether what failed is what somebody accepted: of a delivered batch only one that the waiver names."""
        return not row.get("batch_id") or row["batch_id"] in self.batches


def load_waivers(path: Path, closing: dt.date) -> list[Waiver]:
    """Waivers in force (effective dates) at `closing`. No file means no waivers."""
    if not path.exists():
        return []
    rows = pq.read_table(path).to_pylist()
    return [_waiver(row) for row in rows if in_force(row, closing)]


def _waiver(row: Mapping[str, Any]) -> Waiver:
    return Waiver(
        check_id=row["check_id"],
        institution_id=row.get("institution_id") or None,
        month_from=row.get("month_from") or None,
        reason=row["reason"],
        owner=row["owner"],
        expires_on=row["expires_on"],
        batches=frozenset((row.get("batches") or "").split()),
    )


def apply(rows: list[dict[str, Any]], waivers: Sequence[Waiver], closing: dt.date) -> None:
    """Turn waived failures of `rows` into `waived`; an expired or forbidden waiver leaves the failure and
    says so.
    """
    for row in rows:
        if row["outcome"] != "fail":
            continue
        found = [waiver for waiver in waivers if waiver.speaks_of(row)]
        if found:
            best = max(found, key=lambda waiver: (waiver.covers(row), waiver.expires_on, waiver.owner))
            _mark(row, best, closing)


def _mark(row: dict[str, Any], waiver: Waiver, closing: dt.date) -> None:
    who = f"{waiver.owner}:{waiver.reason}"
    if not row["waivable"]:
        zh, en = f"此项不可豁免({who})。", f"This check cannot be waived ({who}). "
    elif waiver.expires_on < closing:
        zh = f"豁免已于 {waiver.expires_on} 到期({who})。"
        en = f"The waiver expired on {waiver.expires_on} ({who}). "
    elif not waiver.covers(row):
        zh = f"豁免未写明批次 {row['batch_id']},不覆盖它({who})。"
        en = f"The waiver does not name batch {row['batch_id']} and does not cover it ({who}). "
    else:
        row["outcome"] = "waived"
        zh = f"已豁免至 {waiver.expires_on}({who})。"
        en = f"Waived until {waiver.expires_on} ({who}). "
    row["message_zh"] = zh + row["message_zh"]
    row["message_en"] = en + row["message_en"]
