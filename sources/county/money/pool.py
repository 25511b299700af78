"""Rows of the pool's policy that would pay what may not be paid, pay it twice, or lose it.

Not here: how the pool is worked out (dbt_project/models/fund/pool).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from sources.county.money.guards import guard_against
from sources.county.money.shares import check_part, check_shares, grouped
from sources.county.policy_checks import Finding, Line, Tables, said

# What the models can share money out by.
DRIVERS = {
    "institution": ("population", "score", "workload"),
    "department": ("workload",),
    "person": ("workload",),
}
_RELEASE = re.compile(r"\d{4}-\d{2}\.\d+")


def check_pool(tables: Tables) -> Iterator[Finding]:
    """What is wrong with the rows of the pool."""
    rules = tables.get("pool_rule", [])
    for column in ("share", "reserve_share"):
        yield from check_part("pool_rule", rules, column)
    for line, row in rules:
        yield from _scenario(line, row)
    yield from _companions(tables)
    yield from _bases(rules)
    for table in ("pool_source_plan", "pool_use_plan", "surplus_split"):
        yield from check_shares(tables, table)
    for line, row in tables.get("pool_driver", []):
        yield from _driver(line, row)
    yield from check_shares(tables, "pool_driver", ("level",), "weight")
    for table, column in (
        ("pool_receipt", "amount_fen"), ("subsidy_rule", "amount_fen"), ("capability_project", "amount_fen"),
        ("second_distribution", "amount_fen"), ("pay_total", "approved_fen"), ("pool_tier_factor", "factor"), ("head_pay", "base_fen"),
    ):  # fmt: skip
        yield from _not_negative(tables, table, column)
    yield from _approvals(tables.get("pay_approval", []))


def _scenario(line: int, row: dict) -> Iterator[Finding]:
    """Any other base than the retained surplus is decided by somebody."""
    if row["base"] != "retained_surplus" and not row["approval_number"]:
        zh = (
            f"激励池以 {row['base']} 为基数只是情景,要有批准文号:医保基金专款专用,默认以留用结余为基数;"
            "请填 approval_number,或改用 retained_surplus(REQ-173、methods F6)"
        )
        en = (
            f"a pool on {row['base']} is a scenario and needs an approval: the fund is earmarked, the default is the retained "
            "surplus; fill in approval_number, or write retained_surplus (REQ-173, methods F6)"
        )
        yield Finding((), "pool_rule", line, zh, en)


def _companions(tables: Tables) -> Iterator[Finding]:
    """A pool without the tables that say where its money goes would hold it for ever."""
    for line, row in tables.get("pool_rule", []):
        for table in ("pool_use_plan", "surplus_split", "pool_driver"):
            if table in tables and not any(
                each["effective_from"] <= row["effective_from"] for _, each in tables[table]
            ):
                zh = f"自 {row['effective_from']} 起有激励池而 {table}.csv 没有有效的行:钱会停在池里,请补上(可参照演示县)"
                en = f"a pool from {row['effective_from']} on and no row in force in {table}.csv: its money would go nowhere; add rows"
                yield Finding((), "pool_rule", line, zh, en)


def _bases(rules: list[Line]) -> Iterator[Finding]:
    """Within a year a pool keeps its base: what was taken to date on one could not be told from the other."""
    for own in grouped(rules, lambda row: (row["community_id"],)).values():
        for (_, before), (line, row) in pairwise(sorted(own, key=lambda each: each[1]["effective_from"])):
            begins = row["effective_from"]
            if before["base"] != row["base"] and (begins.month, begins.day) != (1, 1):
                zh = f"年中把基数从 {before['base']} 改为 {row['base']}:请从次年 1 月 1 日起"
                en = f"the base changes from {before['base']} to {row['base']} within a year: let it begin on 1 January"
                yield Finding((), "pool_rule", line, zh, en)


def _driver(line: int, row: dict) -> Iterator[Finding]:
    guard = guard_against(row["driver"], gated=bool(row["quality_gate"]))
    if guard is not None:
        zh = f"{row['level']} 一级不得按 {row['driver']} 分配:{guard.zh};请删去此行并重分权重"
        en = f"the {row['level']} level may not be shared out by {row['driver']}: {guard.en}; remove the row"
        yield Finding((), "pool_driver", line, zh, en)
    elif row["driver"] not in DRIVERS[row["level"]]:
        known = DRIVERS[row["level"]]
        zh = f"{row['level']} 一级没有分配依据 {row['driver']};可用:{'、'.join(known)}"
        en = f"the {row['level']} level knows no driver {row['driver']}; there are: {', '.join(known)}"
        yield Finding((), "pool_driver", line, zh, en)


def _not_negative(tables: Tables, table: str, column: str) -> Iterator[Finding]:
    for line, row in tables.get(table, []):
        if row[column] < 0:
            zh, en = (
                f"{column} 不能小于 0:{said(row[column])}",
                f"{column} is not below 0: {said(row[column])}",
            )
            yield Finding((), table, line, zh, en)


def _approvals(rows: list[Line]) -> Iterator[Finding]:
    """A month is approved once, after it is over, from a release that holds it."""
    first: dict[str, int] = {}
    for line, row in rows:
        if first.setdefault(row["month"], line) != line:
            zh = f"{row['month']} 在第 {first[row['month']]} 行已审批:一个月只审批一次,有效期不同也不行;请只留一行"
            en = f"{row['month']} is approved on line {first[row['month']]} already: a month is approved once, whatever the period; keep one row"
            yield Finding((), "pay_approval", line, zh, en)
        if not _RELEASE.fullmatch(row["release_id"]):
            zh = f"release_id 要写发布号(如 2025-03.1):{row['release_id']}"
            en = f"release_id is the number of a release, such as 2025-03.1, not {row['release_id']}"
            yield Finding((), "pay_approval", line, zh, en)
        elif row["release_id"][:7] < row["month"]:
            zh = f"发布 {row['release_id']} 早于 {row['month']},不含该月:请写该月或以后的发布号"
            en = f"release {row['release_id']} lies before {row['month']} and does not hold it: name one of that month or later"
            yield Finding((), "pay_approval", line, zh, en)
        if f"{row['approved_on']:%Y-%m}" <= row["month"]:
            zh, en = (
                "approved_on 在该月结束之前:只能审批已结束的月份",
                "approved_on lies before the month has ended",
            )
            yield Finding((), "pay_approval", line, zh, en)
