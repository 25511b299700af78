"""Rows of clearing and of deductibles whose figures cannot stand together.

Not here: how a year is cleared, which stays are one chain (dbt_project/models/casemix/settlement).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator

from sources.county.money.shares import check_rising, days_of_change
from sources.county.policy_checks import Finding, Line, Tables, said
from sources.county.policy_in_force import in_force

_SIGNS = ("assessment_sign", "deduction_sign", "deposit_return_sign", "surplus_sign", "overspending_sign")
_COMMON_YEAR = 2025  # the day has to be one in every year


def check_clearing(tables: Tables) -> Iterator[Finding]:
    """Signs, dates, parts that come back, deductibles."""
    for line, row in tables.get("clearing_rule", []):
        for name in _SIGNS:
            if row[name] not in (-1, 0, 1):
                zh, en = f"{name} 要写 1、-1 或 0", f"{name} is 1, -1 or 0"
                yield Finding((), "clearing_rule", line, zh, en)
        if row["assessment_sign"] and row["deposit_return_sign"]:
            zh = "assessment_sign 与 deposit_return_sign 说的是同一笔质量保证金,只能有一个不为 0"
            en = "assessment_sign and deposit_return_sign are about the same deposit: only one may be other than 0"
            yield Finding((), "clearing_rule", line, zh, en)
        if not _is_day(row["annual_month"], row["annual_day"]):
            zh, en = (
                "annual_month 要在 1–12,annual_day 要是该月每年都有的一天",
                "annual_month is 1 to 12, annual_day a day of that month in every year",
            )
            yield Finding((), "clearing_rule", line, zh, en)
        if row["monthly_workdays"] < 0:
            yield Finding(
                (), "clearing_rule", line, "monthly_workdays 不能为负", "monthly_workdays is not below 0"
            )
    for line, row in tables.get("deposit_return", []):
        if not 0 <= row["returned_pct"] <= 100:
            zh, en = "returned_pct 要在 0 与 100 之间", "returned_pct lies between 0 and 100"
            yield Finding((), "deposit_return", line, zh, en)
    steps = tables.get("deposit_return", [])
    yield from _from_nothing(steps)
    yield from check_rising("deposit_return", steps, "points_from", "returned_pct")
    for line, row in tables.get("deductible_rule", []):
        if row["deductible_fen"] < 0 or row["chain_days"] < 0:
            zh, en = "deductible_fen 与 chain_days 不能为负", "deductible_fen and chain_days are not below 0"
            yield Finding((), "deductible_rule", line, zh, en)


def _from_nothing(lines: list[Line]) -> Iterator[Finding]:
    """On every day the steps begin at 0 points."""
    for day in days_of_change(lines):
        held = [(row["points_from"], line) for line, row in lines if in_force(row, day)]
        lowest, line = min(held, default=(0, 0))
        if lowest != 0:
            zh = f"自 {day} 起最低一档从 {said(lowest)} 分开始,要从 0 开始"
            en = f"from {day} on the lowest step begins at {said(lowest)} points, not at 0"
            yield Finding((), "deposit_return", line, zh, en)
            return


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(_COMMON_YEAR, month)[1]
