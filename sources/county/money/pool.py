"""Rows of the pool's policy that would pay what may not be paid, pay it twice, or lose it.

Not here: how the pool is worked out (dbt_project/models/fund/pool).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from sources.county.money.guards import guard_against, is_document, largest_fund_share
from sources.county.money.shares import check_part, check_shares, days_of_change, grouped
from sources.county.policy_checks import Finding, Line, Tables, check_figures, said
from sources.county.policy_in_force import in_force

# What the models can share money out by.
DRIVERS = {
    "institution": ("population", "score", "workload"),
    "department": ("workload",),
    "person": ("workload",),
}
_RELEASE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])\.[1-9][0-9]*")


_BOUNDS = (
    ("subsidy_rule", "minimum", 1, 10_000),
    ("capability_project", "minimum_growth_pct", 0, 10_000),
    ("referral_cost", "cost_increase_pct", -100, 1_000),
    ("referral_cost", "subsidy_cover_pct", 0, 1_000),
    ("second_distribution", "appeals", 0, 1_000),
    ("pay_total", "year", 1900, 2999),
    ("honour", "year", 1900, 2999),
    ("pool_watch", "bound", 0, 100),
)


def check_pool(tables: Tables) -> Iterator[Finding]:
    """What is wrong with the rows of the pool."""
    rules = tables.get("pool_rule", [])
    for column in ("share", "reserve_share"):
        yield from check_part("pool_rule", rules, column)
    for line, row in rules:
        yield from _scenario(line, row)
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
    yield from check_figures(tables, _BOUNDS)
    yield from _watch(tables.get("pool_watch", []))
    yield from _approvals(tables.get("pay_approval", []))


def _scenario(line: int, row: dict) -> Iterator[Finding]:
    """Any other base than the retained surplus is decided by somebody."""
    if row["base"] != "retained_surplus" and not is_document(row["approval_number"]):
        zh = (
            f"激励池以 {row['base']} 为基数只是情景,要有批准文号:医保基金专款专用,默认以留用结余为基数;"
            "请填 approval_number,或改用 retained_surplus(REQ-173、methods F6)"
        )
        en = (
            f"a pool on {row['base']} is a scenario and needs an approval: the fund is earmarked, the default is the retained "
            "surplus; fill in approval_number, or write retained_surplus (REQ-173, methods F6)"
        )
        yield Finding((), "pool_rule", line, zh, en)
    if row["base"] == "fund_total" and row["share"] > largest_fund_share():
        most = said(largest_fund_share())
        zh = f"激励池占医保基金总额 {said(row['share'])},高于上限 {most}(S003 §7.2:15%–20%,REQ-173):请调低 share"
        en = f"a pool of {said(row['share'])} of the whole fund is above {most} (S003 §7.2: 15 to 20 %, REQ-173): lower share"
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


def _watch(lines: list[Line]) -> Iterator[Finding]:
    """Variation is too low below a bound that lies under the one above which it is too high."""
    for day in days_of_change(lines):
        held = {row["measure"]: (line, row["bound"]) for line, row in lines if in_force(row, day)}
        low, high = held.get("cv_low"), held.get("cv_high")
        if low and high and low[1] >= high[1]:
            zh = f"自 {day} 起 cv_low {said(low[1])} 不低于 cv_high {said(high[1])}:没有人会在两者之间"
            en = f"from {day} on cv_low {said(low[1])} is not below cv_high {said(high[1])}: nothing lies between them"
            yield Finding((), "pool_watch", low[0], zh, en)
            return


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
        if row["effective_to"] is not None:
            zh = "审批一经作出不再失效:effective_to 要留空"
            yield Finding((), "pay_approval", line, zh, "an approval is for good: leave effective_to empty")
        for column in ("approved_by", "document"):
            if not is_document(row[column]):
                zh = f"{column} 要写明由谁、以何文件审批,不能写 {row[column]}"
                en = f"{column} says who approved it by which document, not {row[column]}"
                yield Finding((), "pay_approval", line, zh, en)
        if f"{row['approved_on']:%Y-%m}" <= row["month"]:
            zh, en = (
                "approved_on 在该月结束之前:只能审批已结束的月份",
                "approved_on lies before the month has ended",
            )
            yield Finding((), "pay_approval", line, zh, en)
