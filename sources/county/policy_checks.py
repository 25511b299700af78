"""What can be wrong in a policy table although every cell of it can be read: names nobody knows, figures out of order.

Each row is held against itself, the county and the registry of indicators. Not here: what is in force together
(policy_in_force), the shape of the tables (policy).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sources.base.likeness import nearest
from sources.base.terms import DIRECTIONS
from sources.county.policy_words import (
    Indicator,
    code_sets,
    indicators,
    never_below,
    parameters,
    quality_parameters,
    switches,
)

Row = dict[str, Any]
Line = tuple[int, Row]
Tables = Mapping[str, list[Line]]
LEVELS = ("floor", "baseline", "target", "challenge")
_HIGHEST_POINTS, _HIGHEST_COEFFICIENT = 120, Decimal("1.2")
_LONGEST_HOLIDAY = 31


@dataclass(frozen=True)
class Finding:
    """Something wrong in a table. `absent`: there is no row at all, as after the last row of a key has ended."""

    subject: tuple[str, ...]
    table: str
    line: int
    zh: str
    en: str
    absent: bool = False


def check_rows(tables: Tables, tiers: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with single rows; `tiers` are those of the county's institutions."""
    yield from _unknown(tables)
    yield from _orders(tables, tiers)
    yield from _calendar(tables.get("calendar_exception", []))


def _unknown(tables: Tables) -> Iterator[Finding]:
    """Names nobody reads: their rows would count nowhere, without a word."""
    for table, lines in tables.items():
        for line, row in lines:
            if "kpi_id" in row and row["kpi_id"] not in indicators():
                near = nearest(row["kpi_id"], indicators())
                zh, en = (
                    f"没有指标 {row['kpi_id']};相近的:{near}",
                    f"there is no KPI {row['kpi_id']}; near: {near}",
                )
                yield Finding(("kpi", row["kpi_id"]), table, line, zh, en)
    for table, known in (("kpi_parameter", parameters()), ("quality_parameter", quality_parameters())):
        for line, row in tables.get(table, []):
            if row["parameter"] not in known:
                near = nearest(row["parameter"], known)
                zh = f"没有参数 {row['parameter']};相近的:{near}"
                yield Finding((), table, line, zh, f"there is no parameter {row['parameter']}; near: {near}")
    for line, row in tables.get("kpi_code_set", []):
        yield from _unknown_code(line, row)


def _unknown_code(line: int, row: Row) -> Iterator[Finding]:
    known = code_sets().get(row["code_set"])
    if known is None:
        near = nearest(row["code_set"], code_sets())
        zh, en = (
            f"没有代码集 {row['code_set']};相近的:{near}",
            f"there is no code set {row['code_set']}; near: {near}",
        )
        yield Finding((), "kpi_code_set", line, zh, en)
    elif known.codes is not None and row["code"] not in known.codes:
        few = (
            "、".join(sorted(known.codes)[:20])
            if len(known.codes) <= 20
            else nearest(row["code"], known.codes)
        )
        zh = f"{row['code_set']} 的代码 {row['code']} 不会出现:{known.compared_with} 的取值为 {few}"
        en = f"code {row['code']} of {row['code_set']} never occurs: values of {known.compared_with}: {few}"
        yield Finding((), "kpi_code_set", line, zh, en)


def _orders(tables: Tables, tiers: Mapping[str, str]) -> Iterator[Finding]:
    """Figures that contradict each other within a row, or rows that can never apply."""
    for line, row in tables.get("kpi_target", []):
        own = tiers.get(row["institution_id"] or "")
        if own and row["institution_tier"] not in (None, own):
            zh = f"{row['institution_id']} 是 {own},这一行写的是 {row['institution_tier']},永远不会用到:请删去 institution_tier"
            en = f"{row['institution_id']} is {own}, this row says {row['institution_tier']}: it never applies; leave institution_tier empty"
            yield Finding((), "kpi_target", line, zh, en)
        if row["kpi_id"] in indicators():
            yield from _target(line, row, indicators()[row["kpi_id"]])
    for table, column, zh, en in (
        ("kpi_weight", "must_reach", "其权重不会计入:请删去此行并重分权重", "its weight counts nowhere"),
        ("deduction_rule", "short_of", "永远不会扣分:请删去此行", "it takes nothing"),
    ):
        for line, row in tables.get(table, []):
            known = indicators().get(row["kpi_id"])
            tier = row["institution_tier"]
            if known and tier not in known.tiers:
                said_zh = f"{row['kpi_id']} 不适用于 {tier}(适用:{'、'.join(known.tiers)}),{zh}"
                said_en = f"{row['kpi_id']} is not measured at {tier} (only {', '.join(known.tiers)}): remove the row, {en}"
                yield Finding((), table, line, said_zh, said_en)
            if known and table == "deduction_rule" and known.not_computed:
                said_zh = f"{row['kpi_id']} 未计算({known.not_computed}),{zh}"
                said_en = f"{row['kpi_id']} is not computed: remove the row, {en}"
                yield Finding((), table, line, said_zh, said_en)
            if known and row[column] is not None:
                yield from _threshold(table, line, column, row[column], known)
    yield from check_figures(tables, _BOUNDS)
    for table in ("kpi_parameter", "quality_parameter"):
        for line, row in tables.get(table, []):
            yield from _parameter(table, line, row)


def check_figures(
    tables: Tables, bounds: Iterable[tuple[str, str, int | Decimal, int | Decimal]]
) -> Iterator[Finding]:
    """Filled cells that do not lie between the two figures that (table, column, lowest, highest) name."""
    for table, column, low, high in bounds:
        for line, row in tables.get(table, []):
            if row[column] is not None and not low <= row[column] <= high:
                zh = f"列 {column} 要在 {said(low)} 到 {said(high)} 之间:{said(row[column])}"
                en = f"column {column} lies between {said(low)} and {said(high)}: {said(row[column])}"
                yield Finding((), table, line, zh, en)


_BOUNDS = (
    ("kpi_weight", "weight", 0, 100),
    ("quality_dimension", "weight", 0, 100),
    ("quality_dimension", "zero_at_pct", Decimal("0.0001"), 100),
    ("score_anchor", "points", 0, _HIGHEST_POINTS),
    ("pay_curve", "coefficient_from", 0, _HIGHEST_COEFFICIENT),
    ("pay_curve", "coefficient_to", 0, _HIGHEST_COEFFICIENT),
    ("score_veto", "pay_cap", 0, _HIGHEST_COEFFICIENT),
    ("score_deduction", "points", Decimal("0.01"), _HIGHEST_POINTS),
    ("deduction_rule", "points_per_unit", Decimal("0.0001"), _HIGHEST_POINTS),
    ("deduction_rule", "points_at_most", Decimal("0.01"), _HIGHEST_POINTS),
    ("mutual_assessment", "points", 0, 100),
    ("mutual_assessment", "ballots", 1, 10**6),
    ("opening_average_cost", "cases", 1, 10**9),
    ("opening_average_cost", "cost_fen", 0, 10**15),
)


def _calendar(lines: list[Line]) -> Iterator[Finding]:
    """Days off end, and none of them is a day that is worked."""
    for line, row in lines:
        if (
            row["effective_to"] is None
            or (row["effective_to"] - row["effective_from"]).days >= _LONGEST_HOLIDAY
        ):
            zh = f"{row['name_zh']} 没有结束日,或超过 {_LONGEST_HOLIDAY} 天:请写 effective_to"
            en = f"{row['name_zh']} does not end within {_LONGEST_HOLIDAY} days: write effective_to"
            yield Finding((), "calendar_exception", line, zh, en)
            continue
        for other, holiday in lines:
            within = holiday["effective_from"] <= row["effective_to"] and row["effective_from"] <= (
                holiday["effective_to"] or holiday["effective_from"]
            )
            if row["kind"] == "workday" and holiday["kind"] == "holiday" and within:
                zh = f"调休上班日在第 {other} 行的放假日之内"
                yield Finding((), "calendar_exception", line, zh, f"is worked, and a day off by line {other}")


def _threshold(table: str, line: int, column: str, value: Decimal, indicator: Indicator) -> Iterator[Finding]:
    """A limit needs a better side, and a value that can stand on both sides of it."""
    one = f"{indicator.kpi_id} {indicator.name}"
    if indicator.direction not in ("higher", "lower"):
        way = DIRECTIONS[indicator.direction]
        zh = f"{one}是“{way.zh}”,没有可达的门槛:请清空 {column} 或删去此行"
        en = f"{indicator.kpi_id} is {way.en}: there is nothing to reach; leave {column} empty or remove the row"
        yield Finding((), table, line, zh, en)
        return
    low, high = indicator.lowest, indicator.highest
    if (low is not None and value < low) or (high is not None and value > high):
        zh = f"{one}的取值在 {said(low)} 到 {said(high)} 之间,{column} 写的是 {said(value)}:请改写"
        en = f"{indicator.kpi_id} lies between {said(low)} and {said(high)}, {column} is {said(value)}: write one in between"
        yield Finding((), table, line, zh, en)


def _parameter(table: str, line: int, row: Row) -> Iterator[Finding]:
    """A share is a share, a number of days or rows is a whole number, a switch is 0 or 1."""
    name, value = row["parameter"], row["value"]
    lowest = never_below().get(name, 0)
    highest = 100 if name.endswith("_pct") else 1 if name in switches() else 10**6
    whole = not name.endswith("_pct")
    if value < lowest or value > highest or (whole and value != int(value)):
        zh, en = (
            f"{lowest} 到 {highest} 的{'整数' if whole else '数'}",
            f"a {'whole ' if whole else ''}number from {lowest} to {highest}",
        )
        yield Finding(
            (),
            table,
            line,
            f"参数 {name} 要写 {zh}:{said(value)}",
            f"parameter {name} wants {en}: {said(value)}",
        )


def _target(line: int, row: Row, indicator: Indicator) -> Iterator[Finding]:
    mode = row["target_mode"]
    needed = ("range_low", "range_high", "tolerance") if mode == "range" else ("target", "challenge")
    needed = ("baseline", *needed) if mode == "abs" else needed
    lacking = [name for name in needed if row[name] is None]
    if lacking:
        zh = f"{row['kpi_id']} 的 {mode} 目标要写 {'、'.join(lacking)},否则不能计分"
        yield Finding(
            (),
            "kpi_target",
            line,
            zh,
            f"a target of mode {mode} needs {', '.join(lacking)}: it could not be scored",
        )
    elif mode == "range":
        if row["range_low"] > row["range_high"] or row["tolerance"] <= 0:
            zh, en = (
                "要 range_low ≤ range_high 且 tolerance > 0",
                "wanted: range_low ≤ range_high and tolerance > 0",
            )
            yield Finding((), "kpi_target", line, zh, en)
    elif indicator.direction == "range":
        zh = f"{row['kpi_id']} {indicator.name}要在适宜区间内,目标的 target_mode 要写 range"
        en = f"{row['kpi_id']} is good within a range: its target has target_mode range"
        yield Finding((), "kpi_target", line, zh, en)
    else:
        yield from _levels(line, row, indicator)


def _levels(line: int, row: Row, indicator: Indicator) -> Iterator[Finding]:
    """From floor to challenge the way that is better; of relative targets the baseline is no change (0, or times 1)."""
    neutral = {"delta": Decimal(0), "ratio": Decimal(1)}.get(row["target_mode"])
    levels = {name: row[name] for name in LEVELS if row[name] is not None}
    if neutral is not None:
        levels["baseline"] = neutral
    ordered = [levels[name] for name in LEVELS if name in levels]
    lower = indicator.direction == "lower"
    pairs = itertools.pairwise(ordered)
    if all((a > b) if lower else (a < b) for a, b in pairs):
        return
    order = (" > " if lower else " < ").join(name for name in LEVELS if name in levels)
    shown = "、".join(f"{name} {said(value)}" for name, value in levels.items())
    zh = f"{row['kpi_id']} {indicator.name}{'越低越好' if lower else '越高越好'},应当 {order}:现为 {shown}"
    en = f"{row['kpi_id']}: {'lower' if lower else 'higher'} is better, so {order}; given: {shown}"
    if neutral is not None:
        zh += f"(相对目标的 baseline 为不变,即 {neutral})"
        en += f" (the baseline of a relative target is no change: {neutral})"
    yield Finding((), "kpi_target", line, zh, en)


def said(value: Any) -> str:
    """A cell as people write it: 95, not 95.000000."""
    if value is None:
        return "空 empty"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
