"""Rows by which cases are paid that say nothing, two things at once, or what cannot be paid.

Not here: how a case is paid (dbt_project/models/casemix/settlement), the clearing of a year (clearing).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sources.county.money.bounds import check_bounds
from sources.county.policy_checks import Finding, Line, Row, Tables

_ANY = (None, None, "*", "*")
# Five of so many cases may be asked for special review (REQ-140).
_CEILING = {"drg_rate": 100, "drg_points": 100, "dip": 1_000}


def check_settlement(tables: Tables) -> Iterator[Finding]:
    """Payment methods, what a weight or a point is worth, weights, factors and ceilings."""
    yield from _methods(tables)
    for line, row in tables.get("drg_payment_rule", []):
        yield from check_bounds("drg_payment_rule", line, row)
        yield from _worth(line, row)
    for table, column in (
        ("drg_weight", "weight"),
        ("institution_factor", "factor"),
        ("fund_ceiling", "annual_fen"),
    ):
        for line, row in tables.get(table, []):
            if row[column] <= 0:
                yield _wrong(table, line, f"{column} 要大于 0", f"{column} must be above 0")
    for line, row in tables.get("drg_weight", []):
        if row["mean_cost_fen"] is not None and row["mean_cost_fen"] <= 0:
            zh, en = (
                "mean_cost_fen 要大于 0,不知道就留空",
                "mean_cost_fen must be above 0; leave it empty if unknown",
            )
            yield _wrong("drg_weight", line, zh, en)
        if row["mean_los_days"] is not None and row["mean_los_days"] <= 0:
            zh, en = (
                "mean_los_days 要大于 0,不知道就留空",
                "mean_los_days must be above 0; leave it empty if unknown",
            )
            yield _wrong("drg_weight", line, zh, en)
    for table in ("drg_weight", "mortality_risk"):
        for line, row in tables.get(table, []):
            if " " in row["scheme"]:
                zh = "scheme 只写方案名,不带空格后面的本县选项:方案名里没有空格"
                en = "scheme is the name of the scheme alone, without the county's decisions behind a space"
                yield _wrong(table, line, zh, en)
    for line, row in tables.get("special_review_ceiling", []):
        if not 0 <= row["most_cases"] <= row["of_cases"] or row["of_cases"] == 0:
            zh = "要 0 ≤ most_cases ≤ of_cases 且 of_cases 大于 0,例如 5 与 100"
            en = "0 ≤ most_cases ≤ of_cases and of_cases above 0, such as 5 and 100"
            yield _wrong("special_review_ceiling", line, zh, en)
        elif row["most_cases"] * (of := _CEILING[row["method"]]) > 5 * row["of_cases"]:
            zh = f"特例单议不超过 5/{of}(医保发〔2025〕18号):{row['most_cases']}/{row['of_cases']} 太高"
            en = f"special reviews are 5 of {of} at most (医保发〔2025〕18号): {row['most_cases']} of {row['of_cases']} is above it"
            yield _wrong("special_review_ceiling", line, zh, en)


def _methods(tables: Tables) -> Iterator[Finding]:
    """REQ-149: exactly one method for every case. The key forbids two; a row for everybody forbids none."""
    rows = tables.get("payment_method", [])
    for line, row in rows:
        if row["institution_id"] and row["institution_tier"]:
            zh, en = (
                "institution_id 与 institution_tier 只写一个",
                "give institution_id or institution_tier, not both",
            )
            yield _wrong("payment_method", line, zh, en)
    for line, row in _left_alone(rows):
        zh = "机构、层级为空且险种、类别为 * 的兜底行没有覆盖这一行的全部日期:有的病例会没有支付方式(REQ-149)"
        en = (
            "the row for any institution, insurance (*) and kind of care (*) does not hold on all days of this one: "
            "cases would have no method (REQ-149)"
        )
        yield _wrong("payment_method", line, f"{zh};从 {row['effective_from']} 起补上", f"{en}; add it")
    if "drg_payment_rule" in tables:
        ruled = {row["method"] for _, row in tables["drg_payment_rule"]}
        for line, row in rows:
            if row["method"] in ("drg_rate", "drg_points") and row["method"] not in ruled:
                zh = f"drg_payment_rule.csv 里没有 {row['method']} 的规则"
                yield _wrong(
                    "payment_method", line, zh, f"drg_payment_rule.csv has no rule for {row['method']}"
                )


def _left_alone(rows: list[Line]) -> Iterator[Line]:
    """Rows on whose days there is not always a row for everybody; those of one key follow each other without a gap."""
    for_all = [
        row
        for _, row in rows
        if tuple(row[name] for name in ("institution_id", "institution_tier", "insurance", "care_kind"))
        == _ANY
    ]
    first = min((row["effective_from"] for row in for_all), default=date.max)
    last = max((row["effective_to"] or date.max for row in for_all), default=date.min)
    yield from (
        (line, row)
        for line, row in rows
        if row["effective_from"] < first or (row["effective_to"] or date.max) > last
    )


def _worth(line: int, row: Row) -> Iterator[Finding]:
    """One way to say what a weight of 1 or a point is worth, in the column of the method."""
    own, other = ("base_rate_fen", "point_value")
    if row["method"] == "drg_points":
        own, other = other, own
    if row[other] is not None:
        yield _rule(
            line, f"{row['method']} 不用 {other},用 {own}", f"{row['method']} has no {other} but {own}"
        )
    if (row[own] is None) == (row["budget_fen"] is None):
        yield _rule(line, f"{own} 与 budget_fen 写且只写一个", f"give either {own} or budget_fen")
    if row["budget_volume"] is not None and row["budget_fen"] is None:
        yield _rule(line, "有 budget_volume 而没有 budget_fen", "budget_volume without a budget_fen")
    if (row["points_per_weight"] is None) == (row["method"] == "drg_points"):
        zh = "points_per_weight 只有、也必须由 drg_points 写(权重 1 合多少点,通常 100)"
        yield _rule(
            line,
            zh,
            "points_per_weight is for drg_points only, and needed there: points of a weight of 1, mostly 100",
        )
    for name in (own, "budget_fen", "budget_volume", "points_per_weight"):
        if row[name] is not None and row[name] <= 0:
            yield _rule(line, f"{name} 要大于 0", f"{name} must be above 0")
    if row["ungrouped_pct"] is not None and not 0 <= row["ungrouped_pct"] <= 100:
        yield _rule(line, "ungrouped_pct 要在 0 与 100 之间", "ungrouped_pct lies between 0 and 100")


def _rule(line: int, zh: str, en: str) -> Finding:
    return _wrong("drg_payment_rule", line, zh, en)


def _wrong(table: str, line: int, zh: str, en: str) -> Finding:
    return Finding((), table, line, zh, en)
