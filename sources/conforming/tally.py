"""Tally: the pieces of one batch added up, rows, money and rules, so that nothing of it needs to stay in memory.

Not here: judging a piece (batch).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sources.conforming.accounting import Account
from sources.conforming.judged import Conformed, RuleCount
from sources.conforming.rules import message


class Tally:
    """What became of a batch, over all its pieces so far."""

    def __init__(self) -> None:
        self._account: Account | None = None
        self._rules: dict[tuple[str, str], RuleCount] = {}
        self._remarks: list[Sequence[Any]] = []

    def tell(self, remarks: Iterable[Sequence[Any]]) -> None:
        """Count what reading told of the whole (rule, part or column, how often) with the rules."""
        self._remarks += remarks

    def add(self, part: Conformed) -> None:
        """Count one more piece."""
        self._account = part.account if self._account is None else self._account.plus(part.account)
        for rule in part.rules:
            name = (rule.rule_id, rule.column_name)
            before = self._rules.get(name)
            violated = rule.violated + (before.violated if before else 0)
            # Rows besides those of the account (of another feed in the same file) count among the rows judged.
            besides = rule.total - part.account.delivered_rows + (before.total if before else 0)
            self._rules[name] = replace(rule, violated=violated, total=besides)

    @property
    def account(self) -> Account:
        """The whole batch, verified. Raises AccountingError."""
        if self._account is None:
            raise ValueError("a batch has at least one piece")
        return self._account.verified()

    @property
    def rules(self) -> list[RuleCount]:
        """Rules broken in the batch, out of all its rows, sorted by rule and column."""
        rows = self.account.delivered_rows
        broken = {name: replace(rule, total=rows + rule.total) for name, rule in self._rules.items()}
        for rule_id, name, times in self._remarks:
            said = message(rule_id, None, name or None)
            before = broken.get((rule_id, name))
            count = times + (before.violated if before else 0)
            # What was not read, or not selected, is not among the rows judged.
            broken[rule_id, name] = RuleCount(rule_id, name, count, max(rows, count), said.zh, said.en)
        return [rule for _, rule in sorted(broken.items())]
