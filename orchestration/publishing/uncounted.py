"""What was delivered for a figure and does not count in it, by cause, read from releases alone.

Of every feed and deliverer that its evidence came from: rows received in the months of the window, and how many of them were
quarantined (by rule), duplicates, in batches that no longer count, superseded (a newer version or another event took their place, or they were
deleted), or accepted and still outside the figure. Not here: which rule keeps an event out (left_out), the evidence itself (evidence).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

Row = dict[str, Any]


@dataclass(frozen=True)
class Uncounted:
    """Rows of one feed and deliverer. received = out_of_force + quarantined + duplicate + superseded + counted + left_out."""

    feed: str
    deliverer_id: str
    received: int
    out_of_force: int
    quarantined: int
    duplicate: int
    superseded: int
    counted: int
    rules: tuple[tuple[str, str, int], ...]

    @property
    def left_out(self) -> int:
        outside = self.out_of_force + self.quarantined + self.duplicate + self.superseded
        return self.received - outside - self.counted


def uncounted(release: Path, months: Sequence[str], evidence: Iterable[Row]) -> list[Uncounted]:
    """Per feed and deliverer of these evidence rows; nothing where the figure has no evidence at all."""
    batches = {row["batch_id"]: row for row in _rows(release / "lineage" / "batches.parquet", months)}
    lines = {(row["source_batch_id"], row["source_line"]) for row in evidence}
    counted: Counter[tuple[str, str]] = Counter()
    for batch_id, _ in lines:
        if batch_id in batches:
            counted[batches[batch_id]["feed"], batches[batch_id]["institution_id"]] += 1
    rules = _rows(release / "marts" / "mart_quarantine_summary.parquet", months)
    path = release / "marts" / "mart_fact_reconciliation.parquet"
    fates = _rows(path, months) if path.exists() else []
    return [_of(pair, count, batches.values(), rules, fates) for pair, count in sorted(counted.items())]


def _of(
    pair: tuple[str, str], counted: int, batches: Iterable[Row], rules: Iterable[Row], fates: Iterable[Row]
) -> Uncounted:
    own = [row for row in batches if (row["feed"], row["institution_id"]) == pair]
    in_force = [row for row in own if row.get("standing", "in_force") == "in_force"]
    broken = Counter[tuple[str, str]]()
    for row in rules:
        if (row["feed"], row["institution_id"]) == pair:
            broken[row["rule_id"], row["column_name"] or ""] += row["rows"]
    received, kept = (sum(row["delivered_rows"] for row in some) for some in (own, in_force))
    return Uncounted(
        *pair,
        received=received,
        out_of_force=received - kept,
        quarantined=sum(row["quarantined_rows"] for row in in_force),
        duplicate=sum(row["duplicate_rows"] for row in in_force),
        superseded=sum(
            row[f"{fate}_rows"]
            for row in fates
            if (row["feed"], row["institution_id"]) == pair
            for fate in ("superseded", "replaced", "deleted")
        ),
        counted=counted,
        rules=tuple((rule, column, rows) for (rule, column), rows in sorted(broken.items())),
    )


def in_words(found: Iterable[Uncounted]) -> Iterator[str]:
    """A line per feed and deliverer, and one per rule."""
    for each in found:
        yield (
            f"  {each.feed} {each.deliverer_id}:收到 {each.received} 行 = 计入 {each.counted} + 隔离 {each.quarantined} + "
            f"重复 {each.duplicate} + 已被取代或撤回的批次 {each.out_of_force} + 被新版本取代或删除 {each.superseded} + "
            f"已接受但按规则不计、属其他机构或其他月份 {each.left_out} / received = counted + quarantined + duplicate + "
            "batches out of force + superseded or deleted + accepted but outside"
        )
        for rule, column, rows in each.rules:
            yield f"    隔离 quarantined {rule} {column}:{rows}"


def _rows(path: Path, months: Sequence[str]) -> list[Row]:
    return pq.read_table(path, filters=pc.field("month").isin(list(months)), partitioning=None).to_pylist()
