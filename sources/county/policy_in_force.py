"""Policy rows held against each other: what is in force together on the last day of every month that could differ.

A month counts with the rows in force on its last day; so cards add up, curves join and nothing is lacking on those days.
Not here: what is wrong with a row for itself (policy_checks).
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sources.base.months import last_day
from sources.base.terms import QUALITY_DIMENSIONS, TIERS
from sources.county.policy_checks import LEVELS, Finding, Line, Row, Tables, said
from sources.county.policy_guards import guard_cards
from sources.county.policy_words import code_sets, indicators, parameters, quality_parameters

_ANNUAL_SHARES = ("annual_month_share_pct", "annual_indicator_share_pct", "annual_mutual_share_pct")


@dataclass(frozen=True)
class Members:
    """The county as its policy meets it: tier of every institution, months it computes, tiers that have no card on purpose,
    ids of its communities, and its own.
    """

    tiers: Mapping[str, str]
    first_month: str
    last_month: str | None = None
    without_card: Collection[str] = ()
    communities: Collection[str] = ()
    county: str = ""


@dataclass(frozen=True)
class Since:
    """A finding and the month from which it holds. `runs_out`: a row ends without a successor, in a month nobody asked for."""

    month: str
    finding: Finding
    runs_out: bool


def check_in_force(tables: Tables, members: Members) -> Iterator[Since]:
    """What is wrong or lacking in the months the county computes."""
    days = list(_days(tables, members))
    seen: dict[tuple[str, ...], list[tuple[date, Finding]]] = {}
    for day in days:
        held = {table: [each for each in lines if in_force(each[1], day)] for table, lines in tables.items()}
        for finding in _on_one_day(held, members):
            seen.setdefault((finding.table, *finding.subject), []).append((day, finding))
    for found in seen.values():
        since, finding = found[0]
        to_the_end = [day for day, _ in found] == days[-len(found) :]
        ends_open = finding.absent and members.last_month is None and since != days[0]
        yield Since(f"{since:%Y-%m}", finding, ends_open and to_the_end)


def _days(tables: Tables, members: Members) -> Iterator[date]:
    """Last days of the county's first month and of every month from which other rows count."""
    first = last_day(members.first_month)
    last = last_day(members.last_month) if members.last_month else date.max
    found = {first}
    for lines in tables.values():
        for _, row in lines:
            changes = [row["effective_from"]]
            if row["effective_to"] is not None and row["effective_to"].year < date.max.year:
                changes.append(row["effective_to"] + timedelta(days=1))
            found |= {last_day(f"{day:%Y-%m}") for day in changes}
    yield from sorted(day for day in found if first <= day <= last)


def in_force(row: Row, day: date) -> bool:
    """Whether a row counts on that day (both ends included, no end = open)."""
    return row["effective_from"] <= day <= (row["effective_to"] or date.max)


def overlap(one: Row, other: Row) -> bool:
    """Whether two rows count together on some day."""
    ends = [row["effective_to"] or date.max for row in (one, other)]
    return one["effective_from"] <= ends[1] and other["effective_from"] <= ends[0]


def _on_one_day(held: Tables, members: Members) -> Iterator[Finding]:
    yield from _required(held)
    yield from _cards(held, members)
    yield from guard_cards(held)
    yield from _targets(held, members)
    yield from _anchors(held)
    yield from _pay_curve(held)
    yield from _annual_shares(held)
    yield from _way_out_of_the_pool(held)
    lines = held.get("quality_dimension", [])
    if lines and (total := sum(row["weight"] for _, row in lines)) != 100:
        zh, en = (
            f"五个维度的权重合计 {said(total)},应为 100",
            f"the weights of the dimensions add to {said(total)}, not to 100",
        )
        yield Finding(("sum",), "quality_dimension", lines[0][0], zh, en)


def _required(held: Tables) -> Iterator[Finding]:
    """Rows without which a month cannot be computed, or would count something as nothing."""
    needed = (
        ("kpi_parameter", "parameter", parameters(), "参数", "parameter"),
        ("quality_parameter", "parameter", quality_parameters(), "参数", "parameter"),
        ("quality_dimension", "dimension", tuple(QUALITY_DIMENSIONS), "维度", "dimension"),
        ("score_anchor", "anchor", LEVELS, "锚点", "anchor"),
        (
            "kpi_code_set",
            "code_set",
            tuple(name for name, each in code_sets().items() if not each.may_be_empty),
            "代码集",
            "code set",
        ),
    )
    for table, column, names, zh, en in needed:
        there = {row[column] for _, row in held.get(table, [])}
        for name in names:
            if name not in there:
                said_zh = f"没有{zh} {name} 的有效行,请补一行(可参照演示县)"
                said_en = f"no row in force for {en} {name}: add one (see the demo county)"
                yield Finding((name,), table, 0, said_zh, said_en, absent=True)


def _cards(held: Tables, members: Members) -> Iterator[Finding]:
    """Every tier of the county has a card, and the weights of a card add to 100."""
    for tier in (tier for tier in TIERS if tier in set(members.tiers.values())):
        lines = [each for each in held.get("kpi_weight", []) if each[1]["institution_tier"] == tier]
        if not lines and tier not in members.without_card:
            zh = f"层级 {tier} 有机构而没有得分卡(无权重行):请补权重,或在 county.yml 写 settings: {{tiers_without_card: [{tier}]}}"
            en = f"tier {tier} has institutions and no card (no weights): add them, or say settings: {{tiers_without_card: [{tier}]}} in county.yml"
            yield Finding((tier,), "kpi_weight", 0, zh, en, absent=True)
    for tier in TIERS:
        lines = [each for each in held.get("kpi_weight", []) if each[1]["institution_tier"] == tier]
        if lines and (total := sum(row["weight"] for _, row in lines)) != 100:
            where = "、".join(str(line) for line, _ in lines)
            zh = f"层级 {tier} 的权重合计 {said(total)},应为 100(第 {where} 行)"
            en = f"the weights of tier {tier} add to {said(total)}, not to 100 (lines {where.replace('、', ', ')})"
            yield Finding((tier, "sum"), "kpi_weight", lines[0][0], zh, en)


def _targets(held: Tables, members: Members) -> Iterator[Finding]:
    """Every weighted indicator has a target for every institution of the tier."""
    for line, row in held.get("kpi_weight", []):
        kpi, tier = row["kpi_id"], row["institution_tier"]
        covered = {
            target["institution_id"]
            for _, target in held.get("kpi_target", [])
            if target["kpi_id"] == kpi and target["institution_tier"] in (None, tier)
        }
        of_tier = [] if None in covered else sorted(o for o, t in members.tiers.items() if t == tier)
        without = [one for one in of_tier if one not in covered]
        if without and row["weight"] and kpi in indicators():
            who = "、".join(without[:5]) + (f" 等 {len(without)} 家" if len(without) > 5 else "")
            zh = f"{kpi} 在 {tier} 有权重而没有目标({who}):请在 kpi_target.csv 补目标"
            en = f"{kpi} has a weight at {tier} and no target ({', '.join(without[:5])}): add one to kpi_target.csv"
            yield Finding((kpi, tier), "kpi_weight", line, zh, en, absent=True)


def _anchors(held: Tables) -> Iterator[Finding]:
    lines = {row["anchor"]: (line, row["points"]) for line, row in held.get("score_anchor", [])}
    points = [lines[name][1] for name in LEVELS if name in lines]
    if any(a >= b for a, b in itertools.pairwise(points)):
        order = " < ".join(name for name in LEVELS if name in lines)
        zh, en = f"锚点分应当 {order}", f"points of the anchors: {order}"
        yield Finding(("order",), "score_anchor", min(line for line, _ in lines.values()), zh, en)


def _pay_curve(held: Tables) -> Iterator[Finding]:
    """From 0 upwards without gap or overlap, never falling, the last piece open."""
    lines = sorted(held.get("pay_curve", []), key=lambda each: each[1]["score_from"])
    if not lines:
        yield Finding(
            ("none",), "pay_curve", 0, "没有有效的系数曲线", "no pay curve is in force", absent=True
        )
        return
    line, first = lines[0]
    if first["score_from"] != 0:
        yield Finding(("start",), "pay_curve", line, "曲线要从 0 分开始", "the curve starts at a score of 0")
    for (line, piece), (next_line, following) in itertools.pairwise(lines):
        if piece["score_to"] != following["score_from"]:
            zh = f"第 {line} 行到 {said(piece['score_to'])} 分为止,第 {next_line} 行从 {said(following['score_from'])} 分开始:要首尾相接"
            en = f"line {line} ends at {said(piece['score_to'])} and line {next_line} starts at {said(following['score_from'])}: they must meet"
            yield Finding(("join", str(line)), "pay_curve", next_line, zh, en)
        if piece["coefficient_to"] > following["coefficient_from"]:
            zh, en = "得分更高而系数更低", "a higher score has a lower coefficient"
            yield Finding(("fall", str(line)), "pay_curve", next_line, zh, en)
    for line, piece in lines:
        if (
            piece["coefficient_from"] > piece["coefficient_to"]
            or (piece["score_to"] or Decimal(10**9)) <= piece["score_from"]
        ):
            zh, en = (
                "要 score_from < score_to 且系数不下降",
                "wanted: score_from < score_to and a coefficient that does not fall",
            )
            yield Finding(("piece", str(line)), "pay_curve", line, zh, en)
    line, last = lines[-1]
    if last["score_to"] is not None:
        zh, en = (
            "最高一段的 score_to 要留空,否则更高的得分没有系数",
            "leave score_to of the highest piece empty: higher scores would have no coefficient",
        )
        yield Finding(("end",), "pay_curve", line, zh, en)


def _way_out_of_the_pool(held: Tables) -> Iterator[Finding]:
    """A pool without the rows that say where its money goes would hold it for ever (REQ-176, REQ-184, REQ-186)."""
    if not held.get("pool_rule"):
        return
    lacking = [table for table in ("pool_use_plan", "surplus_split") if table in held and not held[table]]
    drivers = held.get("pool_driver")
    if drivers is not None:
        levels = {row["level"] for _, row in drivers}
        lacking += [
            f"pool_driver {level}" for level in ("institution", "department", "person") if level not in levels
        ]
    for each in lacking:
        zh = f"有激励池而没有 {each} 的有效行:钱会停在池里,请补上(可参照演示县)"
        en = f"there is a pool and no row in force of {each}: its money would go nowhere; add rows (see the demo county)"
        yield Finding((each,), "pool_rule", held["pool_rule"][0][0], zh, en, absent=True)


def _annual_shares(held: Tables) -> Iterator[Finding]:
    lines = [each for each in held.get("kpi_parameter", []) if each[1]["parameter"] in _ANNUAL_SHARES]
    if len(lines) == len(_ANNUAL_SHARES) and (total := sum(row["value"] for _, row in lines)) != 100:
        zh = f"年度得分各部分的比例({'、'.join(_ANNUAL_SHARES)})合计 {said(total)},应为 100"
        en = f"the shares of the annual score ({', '.join(_ANNUAL_SHARES)}) add to {said(total)}, not to 100"
        yield Finding(("annual",), "kpi_parameter", lines[0][0], zh, en)


def gaps(lines: Iterable[Line], key: tuple[str, ...]) -> Iterator[tuple[int, str, date, date]]:
    """(line, key, from, to): days between two rows of one key on which neither counts."""
    rows: dict[tuple[Any, ...], list[Line]] = {}
    for each in lines:
        rows.setdefault(tuple(each[1][column] for column in key), []).append(each)
    for values, found in rows.items():
        ordered = sorted(found, key=lambda each: each[1]["effective_from"])
        for (_, before), (line, after) in itertools.pairwise(ordered):
            end = before["effective_to"]
            if end is not None and end < after["effective_from"] - timedelta(days=1):
                named = ", ".join("*" if value is None else str(value) for value in values)
                yield line, named, end + timedelta(days=1), after["effective_from"] - timedelta(days=1)
