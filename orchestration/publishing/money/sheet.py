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

from orchestration.publishing.assistance import code_of
from orchestration.publishing.payout import in_quarter, is_fee, paid_to
from sources.base.terms import UNIT_LEVELS, WORK_KINDS, WORK_ROLES

Row = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """One person at one institution in one quarter: a row per department, the work by kind, whether it is approved.

    points: how they became the weight, month by month. fees: what the market gave beside the pool. assistance: points of the ledger in the
    quarter, with the code that proves them. elsewhere: other institutions at
    which the person has a sheet. number: the place among the sheets of the institution, by which its file is named: lists of files
    are read by more people.
    """

    month: str
    institution_id: str
    staff_id: str
    number: int
    departments: list[Row]
    points: list[Row]
    work: list[Row]
    fees: list[Row]
    assistance: list[Row]
    assistance_code: str
    elsewhere: list[str]
    is_approved: bool


def sheets(
    tables: Mapping[str, pa.Table], months: Collection[str], approved: Collection[str]
) -> Iterator[Sheet]:
    """Every sheet of these months, sorted and numbered. tables: those of people (publishing/restricted.py)."""
    work, points = _of_person(tables["pay_work"]), _of_person(tables["pay_point"])
    fees: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in tables["pay_entry"].to_pylist():
        for month in months:
            if is_fee(row, month):
                fees[month, row["institution_id"], paid_to(row)].append(row)
    helped: dict[str, list[Row]] = defaultdict(list)
    for row in tables["assistance_account"].to_pylist():
        helped[row["staff_id"]].append(row)
    numbers: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in tables["pay_sheet"].to_pylist():
        if row["month"] in months:
            found[row["month"], row["institution_id"], row["staff_id"]].append(row)
    places: dict[tuple[str, str], set[str]] = defaultdict(set)
    for month, institution, staff in found:
        places[month, staff].add(institution)
    for (month, institution, staff), departments in sorted(found.items()):
        numbers[month, institution] += 1
        done = by_kind(work[month, institution, staff])
        number = numbers[month, institution]
        assistance = [row for row in helped[staff] if in_quarter(row["month"], month)]
        yield Sheet(
            month=month,
            institution_id=institution,
            staff_id=staff,
            number=number,
            departments=departments,
            points=[{**row, "quality_of": quality_of(row)} for row in points[month, institution, staff]],
            work=done,
            fees=_by_rule(fees[month, institution, staff]),
            assistance=assistance,
            assistance_code=code_of(assistance),
            elsewhere=sorted(places[month, staff] - {institution}),
            is_approved=month in approved,
        )


def quality_of(row: Row) -> str:
    """Whose scores the quality factor of a row of pay_point is."""
    level = row["quality_level"]
    return "没有得分,按 1" if level == "none" else UNIT_LEVELS[level].zh


def _of_person(table: pa.Table) -> dict[tuple[str, str, str], list[Row]]:
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        found[row["month"], row["institution_id"], row["staff_id"]].append(row)
    return found


def _by_rule(fees: list[Row]) -> list[Row]:
    """Fees by rule: how many, and what they come to."""
    together: dict[str, list[int]] = defaultdict(list)
    for row in fees:
        together[row["rule_id"]].append(row["amount_fen"])
    return [
        {"rule_id": rule, "entries": len(fen), "amount_fen": sum(fen)}
        for rule, fen in sorted(together.items())
    ]


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
