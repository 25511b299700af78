"""Statements: what came to an institution or a community in a month, what went, why, and what rests; for communities the waterfall.

Belongs here: choosing and adding up entries. Does not: how it looks (statement.html.j2), people (sheet.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from orchestration.account_words import in_words, part_in_words, yuan
from orchestration.publishing.money.words import CASES, STATES, STEPS, rule_in_words
from orchestration.publishing.names import names_in

Row = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """Entries of a month between two accounts by one rule, added up."""

    account: str
    counter_account: str
    rule: str
    rule_id: str
    entries: int
    amount_fen: int
    is_correction: bool


@dataclass(frozen=True)
class Statement:
    """One page: lines in and out, what moved within, the accounts with their balances, what the pool gave, the waterfall.

    unnamed: fen received and given by accounts of people and departments, which are not named here. cases: what stays are due beside
    what was paid. notices: what has to be known to read it.
    """

    month: str
    unit_id: str
    unit_name: str
    is_approved: bool
    received: list[Line]
    given: list[Line]
    within: list[Line]
    balances: list[Row]
    pool: list[Row]
    waterfall: list[tuple[str, list[Row]]]
    unnamed: tuple[int, int]
    cases: list[Row]
    notices: list[str]


class Statements:
    """Collects the statements of one release from its tables."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._names = names_in(tables)
        services = tables["mart_market_statement"].select(["service_code", "service_name"]).to_pylist()
        self._services = {row["service_code"]: row["service_name"] for row in services}
        self._entries = _by_month(tables["mart_fund_entry"])
        self._balances = _by_month(tables["mart_fund_balance"])
        self._pool = _by_month(tables["mart_pool_institution"])
        self._waterfall = _by_month(tables["mart_fund_waterfall"])
        self._cases = _by_month(tables["mart_case_settlement"])
        self._packages = _by_month(tables["mart_fund_execution"])
        self._watched = _by_month(tables["mart_pool_watch"])

    def of(self, month: str) -> Iterator[Statement]:
        """Every unit that money moved at in a month, sorted."""
        entries = self._entries.get(month, [])
        units = {
            owner
            for row in entries
            for owner in (_owner(row["account_id"]), _owner(row["counter_account_id"]))
        }
        for unit in sorted(units & set(self._names)):
            yield self._statement(month, unit, entries)

    def _statement(self, month: str, unit: str, entries: list[Row]) -> Statement:
        mine = [row for row in entries if _owner(row["account_id"]) == unit]
        gone = [row for row in entries if _owner(row["counter_account_id"]) == unit]
        balances = [
            {**row, "name": in_words(row["account_id"], self._names)}
            for row in self._balances.get(month, [])
            if _owner(row["account_id"]) == unit
        ]
        pool = [
            row for row in self._pool.get(month, []) if unit in (row["institution_id"], row["community_id"])
        ]
        received = self._lines(row for row in mine if _owner(row["counter_account_id"]) != unit)
        given = self._lines(row for row in gone if _owner(row["account_id"]) != unit)
        within = self._lines(row for row in mine if _owner(row["counter_account_id"]) == unit)
        return Statement(
            month=month,
            unit_id=unit,
            unit_name=self._names[unit],
            is_approved=all(row["is_approved"] for row in [*mine, *gone]),
            received=received,
            given=given,
            within=within,
            balances=balances,
            pool=[{**row, "name": self._names.get(row["institution_id"], "")} for row in pool],
            waterfall=self._steps(month, unit),
            unnamed=(
                sum(row["in_fen"] for row in balances) - _total(received) - _total(within),
                sum(row["out_fen"] for row in balances) - _total(given) - _total(within),
            ),
            cases=[
                {**row, **{name: CASES.get(row[name], row[name]) for name in ("method", "deviation")}}
                for row in self._cases.get(month, [])
                if row["institution_id"] == unit
            ],
            notices=list(self._notices(month, unit)),
        )

    def _notices(self, month: str, unit: str) -> Iterator[str]:
        """Of a community: who signed, what is undecided or low, which use of the pool is overdrawn."""
        for row in self._packages.get(month, []):
            if row["community_id"] == unit:
                name = f"{row['budget_year']} 年 {part_in_words(row['insurance_type_code'])}"
                if row["notice_zh"]:
                    yield f"{name}:{row['notice_zh']}"
                if row["status"] != "decided":
                    yield f"{name}:结余或超支尚未决定({STATES.get(row['status'], row['status'])})"
                elif row["is_surplus_low"]:
                    yield f"{name}:结余率低于预警线"
        for row in self._watched.get(month, []):
            if row["institution_id"] == unit and row["measure"] == "use_overdrawn_fen" and row["is_beyond"]:
                yield f"激励池{part_in_words(row['subject'])}已透支 {yuan(int(row['value']))} 元:以后的进账先补足"

    def _lines(self, entries: Iterable[Row]) -> list[Line]:
        together: dict[tuple[str, str, str, bool], list[int]] = defaultdict(list)
        for row in entries:
            key = row["account_id"], row["counter_account_id"], row["rule_id"], row["is_correction"]
            together[key].append(row["amount_fen"])
        return [
            Line(
                account=in_words(account, self._names),
                counter_account=in_words(counter, self._names),
                rule=rule_in_words(rule, self._services),
                rule_id=rule,
                entries=len(fen),
                amount_fen=sum(fen),
                is_correction=corrected,
            )
            for (account, counter, rule, corrected), fen in sorted(together.items())
        ]

    def _steps(self, month: str, unit: str) -> list[tuple[str, list[Row]]]:
        """Per year and insurance the steps from what was raised to what is kept; none of an institution."""
        mine = [row for row in self._waterfall.get(month, []) if row["community_id"] == unit]
        found: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(
            mine, key=lambda row: (row["budget_year"], row["insurance_type_code"], row["step_number"])
        ):
            name = f"{row['budget_year']} 年 {part_in_words(row['insurance_type_code'])}"
            found[name].append({**row, "name": STEPS.get(row["step"], row["step"])})
        return [(name, _bars(steps)) for name, steps in found.items()]


def _bars(steps: list[Row]) -> list[Row]:
    """With the ends of each bar in per cent of the widest reach: a change hangs on the sum before it, a total stands on 0."""
    reached, ends = 0, []
    for step in steps:
        if step["kind"] == "total":
            reached = step["amount_fen"]
            ends.append((0, reached))
        else:
            ends.append((reached, reached + step["amount_fen"]))
            reached += step["amount_fen"]
    low = min(0, *(min(pair) for pair in ends))
    span = max(1, max(max(pair) for pair in ends) - low)
    return [
        {**step, "left": 100 * (min(pair) - low) / span, "width": 100 * abs(pair[1] - pair[0]) / span}
        for step, pair in zip(steps, ends, strict=True)
    ]


def _total(lines: list[Line]) -> int:
    return sum(line.amount_fen for line in lines)


def _owner(account: str) -> str:
    return account.split(":")[1]


def _by_month(table: pa.Table) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        found[row["month"]].append(row)
    return found
