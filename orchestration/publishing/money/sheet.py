"""Sheets of people: what a quarter's work came to, one offline page each, in the restricted folder of the institution.

Belongs here: putting a person's rows together. Does not: how it looks (sheet.html.j2), statements of institutions (statement.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from sources.base.months import month_number, month_text

Row = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """One person at one institution in one quarter: a row per department, the work by kind, whether it is approved."""

    month: str
    institution_id: str
    staff_id: str
    departments: list[Row]
    work: list[Row]
    is_approved: bool


def sheets(tables: Mapping[str, pa.Table], months: Collection[str]) -> Iterator[Sheet]:
    """Every sheet of these months, sorted. tables: those of people (publishing/restricted.py)."""
    work: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in tables["pay_work"].to_pylist():
        work[row["institution_id"], row["staff_id"]].append(row)
    approved = {row["month"] for row in tables["pay_entry"].to_pylist() if row["is_approved"]}
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in tables["pay_sheet"].to_pylist():
        if row["month"] in months:
            found[row["month"], row["institution_id"], row["staff_id"]].append(row)
    for (month, institution, staff), departments in sorted(found.items()):
        quarter = _quarter(month)
        done = [row for row in work[institution, staff] if row["month"] in quarter]
        yield Sheet(month, institution, staff, departments, _by_kind(done), month in approved)


def _by_kind(done: list[Row]) -> list[Row]:
    """Work by kind, role and rule: how often, how many points, the most first."""
    points: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for row in done:
        points[row["event_kind"], row["role"], row["rule_id"]].append(row["points"])
    rows = [
        {"event_kind": kind, "role": role, "rule_id": rule, "events": len(each), "points": sum(each)}
        for (kind, role, rule), each in sorted(points.items())
    ]
    return sorted(rows, key=lambda row: -row["points"])


def _quarter(month: str) -> list[str]:
    number = month_number(month)
    return [month_text(each) for each in range(number - number % 3, number + 1)]
