"""Sheets of people: what a quarter's work came to, one offline page each, in the restricted folder of the institution.

Belongs here: putting a person's rows together. Does not: how it looks (sheet.html.j2), statements of institutions (statement.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from sources.base.terms import WORK_KINDS, WORK_ROLES

Row = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """One person at one institution in one quarter: a row per department, the work by kind, whether it is approved.

    number: the place among the sheets of the institution, by which its file is named: lists of files are read by more people.
    """

    month: str
    institution_id: str
    staff_id: str
    number: int
    departments: list[Row]
    work: list[Row]
    is_approved: bool


def sheets(
    tables: Mapping[str, pa.Table], months: Collection[str], approved: Collection[str]
) -> Iterator[Sheet]:
    """Every sheet of these months, sorted and numbered. tables: those of people (publishing/restricted.py)."""
    work: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in tables["pay_work"].to_pylist():
        work[row["month"], row["institution_id"], row["staff_id"]].append(row)
    numbers: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in tables["pay_sheet"].to_pylist():
        if row["month"] in months:
            found[row["month"], row["institution_id"], row["staff_id"]].append(row)
    for (month, institution, staff), departments in sorted(found.items()):
        numbers[month, institution] += 1
        done = by_kind(work[month, institution, staff])
        number = numbers[month, institution]
        yield Sheet(month, institution, staff, number, departments, done, month in approved)


def by_kind(done: list[Row]) -> list[Row]:
    """Work by kind, role and rule: how often, how many points, the most first."""
    points: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for row in done:
        points[row["event_kind"], row["role"], row["rule_id"]].append(row["points"])
    rows = [
        {
            "event_kind": WORK_KINDS[kind].zh,
            "role": WORK_ROLES[role].zh,
            "rule_id": rule,
            "events": len(each),
            "points": sum(each),
        }
        for (kind, role, rule), each in sorted(points.items())
    ]
    return sorted(rows, key=lambda row: -row["points"])
