"""Rows of the package's policy that cannot stand together: bands with holes, shares beyond the whole, two contracts for one package.

Not here: what is kept and borne (dbt_project/models/fund/package).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from sources.county.money.shares import check_part, check_rising, days_of_change
from sources.county.policy_checks import Finding, Line, Tables, check_figures
from sources.county.policy_in_force import in_force, overlap

# table → column that is a share of 1
_SHARES = {
    "package_rule": ("lead_score_share", "minimum_savings_rate", "warning_surplus_rate", "history_share"),
    "retention_band": ("retention_rate",),
    "overspend_band": ("insurance_share",),
    "completion_factor": ("known_share",),
}
_BOUNDS = (
    ("completion_factor", "age_months", 0, 120),
    ("completion_factor", "known_share", Decimal("0.000001"), 1),
    ("capitation_rate", "age_from", 0, 150),
    ("capitation_rate", "age_to", 0, 150),
)
# A higher score never keeps less, and what is known of a month never gets less.
_RISING = (
    ("retention_band", "lower_score", "retention_rate"),
    ("completion_factor", "age_months", "known_share"),
)
_BANDS = {"retention_band": ("lower_score", "upper_score"), "overspend_band": ("lower_rate", "upper_rate")}


def check_package(tables: Tables) -> Iterator[Finding]:
    """Every finding in the rows of the package's tables."""
    for table, columns in _SHARES.items():
        for column in columns:
            yield from check_part(table, tables.get(table, []), column)
    for table, (lower, upper) in _BANDS.items():
        yield from _bands(table, lower, upper, tables.get(table, []))
    yield from _rules(tables)
    yield from _signed_twice(tables.get("package_contract", []))
    yield from check_figures(tables, _BOUNDS)
    yield from _heads(tables.get("capitation_rate", []))
    for table, order, column in _RISING:
        yield from check_rising(table, tables.get(table, []), order, column)


def _bands(table: str, lower: str, upper: str, lines: list[Line]) -> Iterator[Finding]:
    """On every day on which bands change, those in force join from 0 to an open end; with the last one all may end."""
    told: set[tuple[int, str]] = set()
    for day in days_of_change(lines):
        held = sorted(
            (each for each in lines if in_force(each[1], day)), key=lambda each: (each[1][lower], each[0])
        )
        for line, en, zh in _holes(held, lower, upper) if held else ():
            if (line, en) not in told:
                told.add((line, en))
                yield Finding((), table, line, zh, en)


def _holes(held: list[Line], lower: str, upper: str) -> Iterator[tuple[int, str, str]]:
    """Where bands in their order do not join: line, English, Chinese."""
    first_line, first = held[0]
    if first[lower] != 0:
        yield (
            first_line,
            f"the lowest band begins at {first[lower]:f}, not at 0",
            f"最低档从 {first[lower]:f} 起,应从 0 起",
        )
    for (line, row), (_, following) in pairwise(held):
        if row[upper] != following[lower]:
            end = "没有上限" if row[upper] is None else f"到 {row[upper]:f} 止"
            end_en = "has no end" if row[upper] is None else f"ends at {row[upper]:f}"
            yield (
                line,
                f"bands do not join: this one {end_en}, the next begins at {following[lower]:f}; {upper} is where the next begins",
                f"档位不相接:本档{end},下一档从 {following[lower]:f} 起;请把 {upper} 写成下一档的起点",
            )
    last_line, last = held[-1]
    if last[upper] is not None:
        yield (
            last_line,
            f"nothing holds from {last[upper]:f} on: leave {upper} of the highest band empty",
            (f"{last[upper]:f} 以上没有档位:最高档的 {upper} 要留空"),
        )


def _rules(tables: Tables) -> Iterator[Finding]:
    """Figures of a rule that nothing can be settled by, and what a rule needs from other tables."""
    risk = {row["insurance"] for _, row in tables.get("risk_rule", [])}
    rates = {row["insurance"] for _, row in tables.get("capitation_rate", [])}
    for line, row in tables.get("package_rule", []):
        percentile = row["truncation_percentile"]
        if percentile is not None and not 50 <= percentile < 100:
            zh = f"truncation_percentile 是百分位,要不小于 50 且小于 100,现在是 {percentile:f}"
            en = f"truncation_percentile is a percentile from 50 to below 100, not {percentile:f}"
            yield Finding((), "package_rule", line, zh, en)
        if row["mature_after_months"] < 1:
            zh = "mature_after_months 至少为 1:县外费用不会当月到齐"
            en = "mature_after_months is at least 1: care outside the county is not all known in its month"
            yield Finding((), "package_rule", line, zh, en)
        if row["learn_from_months"] < 1:
            zh, en = (
                "learn_from_months 至少为 1",
                "learn_from_months is at least 1: nothing is learned from no month",
            )
            yield Finding((), "package_rule", line, zh, en)
        insurance = row["insurance"]
        if row["budget_basis"] in ("heads", "risk") and insurance not in risk:
            zh = f"预算按 {row['budget_basis']} 分配,但 risk_rule.csv 没有险种 {insurance} 的行"
            en = (
                f"budgets go by {row['budget_basis']}, but risk_rule.csv has no row for insurance {insurance}"
            )
            yield Finding((), "package_rule", line, zh, en)
        if row["method"] == "capitation" and insurance not in rates:
            zh = f"按人头结算,但 capitation_rate.csv 没有险种 {insurance} 的行"
            en = f"settled by heads, but capitation_rate.csv has no row for insurance {insurance}"
            yield Finding((), "package_rule", line, zh, en)
    for line, row in tables.get("risk_rule", []):
        low, high = row["risk_floor"], row["risk_cap"]
        if not 0 <= low <= 1 <= high:
            zh = f"要 0 ≤ risk_floor ≤ 1 ≤ risk_cap(均值为 1),现在是 {low:f} 与 {high:f}"
            en = f"0 ≤ risk_floor ≤ 1 ≤ risk_cap (the mean is 1), not {low:f} and {high:f}"
            yield Finding((), "risk_rule", line, zh, en)


def _signed_twice(lines: list[Line]) -> Iterator[Finding]:
    """A contract for each insurance (*) beside one for a single insurance of the same community and days."""
    for line, row in lines:
        for other_line, other in lines:
            if row["insurance"] == "*" or other["insurance"] != "*":
                continue
            if row["community_id"] == other["community_id"] and overlap(row, other):
                zh = f"{row['community_id']} 的险种 {row['insurance']} 签了两次:第 {other_line} 行的 * 已包括它"
                en = f"insurance {row['insurance']} of {row['community_id']} is signed for twice: * of line {other_line} includes it"
                yield Finding((), "package_contract", line, zh, en)


def _heads(lines: list[Line]) -> Iterator[Finding]:
    """Ages that two rates of one group and place pay for, and amounts below 0."""
    for number, (line, row) in enumerate(lines):
        if row["coefficient"] < 0 or row["annual_fen"] < 0:
            yield Finding((), "capitation_rate", line, "费率不能为负", "a rate is not below 0")
        if row["age_to"] is not None and row["age_to"] < row["age_from"]:
            zh, en = (
                "age_to 小于 age_from:没有这样的年龄",
                "age_to lies below age_from: nobody is of that age",
            )
            yield Finding((), "capitation_rate", line, zh, en)
        if (row["capitation_group"] == "basic") != (row["place"] == "any"):
            zh = "基本人头 basic 的 place 写 any,病种人头按管理机构写 primary 或 hospital:否则这一行用不到"
            en = "place is any for basic, and primary or hospital for a disease: the row would never apply"
            yield Finding((), "capitation_rate", line, zh, en)
        for other_line, other in lines[:number]:
            same = all(row[each] == other[each] for each in ("insurance", "capitation_group", "place"))
            if same and overlap(row, other) and _ages_meet(row, other):
                zh = f"年龄段与第 {other_line} 行重叠:同一人会付两次"
                en = f"ages overlap with line {other_line}: a person would be paid for twice"
                yield Finding((), "capitation_rate", line, zh, en)


def _ages_meet(one: dict, other: dict) -> bool:
    ends = [row["age_to"] if row["age_to"] is not None else 200 for row in (one, other)]
    return one["age_from"] <= ends[1] and other["age_from"] <= ends[0]


__all__ = ["check_package"]
