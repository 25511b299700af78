"""Shares of a whole: whatever is in force together adds to exactly 1, or money would be left over or spent twice.

Not here: what is shared (the modules beside).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sources.county.policy_checks import Finding, Line, Tables, said


def check_shares(
    tables: Tables, table: str, together: tuple[str, ...] = (), column: str = "share"
) -> Iterator[Finding]:
    """Shares between 0 and 1 that add to 1 on every day on which a row begins, among rows alike in `together`."""
    lines = tables.get(table, [])
    for line, row in lines:
        if not 0 <= row[column] <= 1:
            zh, en = (
                f"{column} 要在 0 与 1 之间,现在是 {said(row[column])}",
                f"{column} lies between 0 and 1, not {said(row[column])}",
            )
            yield Finding((), table, line, zh, en)
    reported: set[tuple] = set()
    for day in sorted({row["effective_from"] for _, row in lines}):
        groups: dict[tuple, list[Line]] = {}
        for line, row in lines:
            if row["effective_from"] <= day <= (row["effective_to"] or date.max):
                groups.setdefault(tuple(row[name] for name in together), []).append((line, row))
        for group, members in groups.items():
            total = sum(row[column] for _, row in members)
            if total != 1 and group not in reported:
                reported.add(group)
                of = f"{'、'.join(map(str, group))} 的 " if group else ""
                whose = f" of {', '.join(map(str, group))}" if group else ""
                zh = f"自 {day} 起,{of}{column} 合计 {said(total)},要正好是 1:多了会花两次,少了有钱没有去处"
                en = f"from {day} on, {column}{whose} add to {said(total)} and must add to exactly 1: more is spent twice, less goes nowhere"
                yield Finding((), table, members[0][0], zh, en)
