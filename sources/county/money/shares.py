"""Rows held against each other day by day: shares add to exactly 1, or money would be left over or spent twice; steps do not fall.

Not here: what is shared, and how it is told where it is more than a share (the modules beside).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sources.county.policy_checks import Finding, Line, Row, Tables, said
from sources.county.policy_in_force import in_force


def check_shares(
    tables: Tables, table: str, together: tuple[str, ...] = (), column: str = "share"
) -> Iterator[Finding]:
    """Shares between 0 and 1 that add to 1 on every day, among rows alike in `together`."""
    lines = tables.get(table, [])
    yield from check_part(table, lines, column)
    for group, members in grouped(lines, lambda row: tuple(row[name] for name in together)).items():
        for day, held, total in not_whole(members, column):
            of = f"{'、'.join(map(str, group))} 的 " if group else ""
            whose = f" of {', '.join(map(str, group))}" if group else ""
            zh = f"自 {day} 起,{of}{column} 合计 {said(total)},要正好是 1:多了会花两次,少了有钱没有去处"
            en = f"from {day} on, {column}{whose} add to {said(total)} and must add to exactly 1: more is spent twice, less goes nowhere"
            yield Finding((), table, held[0][0], zh, en)
            break


def check_part(table: str, lines: Iterable[Line], column: str) -> Iterator[Finding]:
    """A part of a whole, where it is said at all, lies between 0 and 1."""
    for line, row in lines:
        value = row[column]
        if value is not None and not 0 <= value <= 1:
            zh = f"{column} 是占比,要在 0 与 1 之间(80% 写 0.8),现在是 {said(value)}"
            en = f"{column} is a share from 0 to 1 (80 % is 0.8), not {said(value)}"
            yield Finding((), table, line, zh, en)


def not_whole(lines: list[Line], column: str) -> Iterator[tuple[date, list[Line], Decimal]]:
    """Days from which the rows then in force do not add up to 1, with those rows and what they add up to.

    A day with no row at all is a gap, which is another finding or none.
    """
    for day in days_of_change(lines):
        held = [(line, row) for line, row in lines if in_force(row, day)]
        total = sum((row[column] for _, row in held), Decimal(0))
        if held and total != 1:
            yield day, held, total


def days_of_change(lines: Iterable[Line]) -> list[date]:
    """Days from which other rows are in force: on which one begins, or after which one has ended."""
    days = {row["effective_from"] for _, row in lines}
    ends = {row["effective_to"] for _, row in lines} - {None, date.max}
    return sorted(days | {end + timedelta(days=1) for end in ends})


def check_rising(table: str, lines: list[Line], order: str, column: str) -> Iterator[Finding]:
    """On every day, in the order of one column, another never falls."""
    for day in days_of_change(lines):
        held = sorted((each for each in lines if in_force(each[1], day)), key=lambda each: each[1][order])
        for (_, before), (line, row) in pairwise(held):
            if row[column] < before[column]:
                zh = f"自 {day} 起 {order} 更高而 {column} 从 {said(before[column])} 降到 {said(row[column])}"
                en = f"from {day} on {column} falls from {said(before[column])} to {said(row[column])} though {order} rises"
                yield Finding((), table, line, zh, en)
                return


def grouped(lines: list[Line], key: Callable[[Row], tuple[Any, ...]]) -> dict[tuple[Any, ...], list[Line]]:
    """Lines alike in a key, in the order of their first."""
    groups: dict[tuple[Any, ...], list[Line]] = {}
    for line, row in lines:
        groups.setdefault(key(row), []).append((line, row))
    return groups
