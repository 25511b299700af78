"""How full the columns of a batch are: accepted rows and filled cells by column, counted piece by piece.

Counts only, no values: nothing here can be personal. Not here: what is wrong with a value (rules) or what a count is worth
(dbt_project/models/quality).
"""

from __future__ import annotations

from collections import Counter

import pyarrow as pa

from sources.contracts.contract import TECHNICAL_COLUMNS, Contract

_TECHNICAL = frozenset(column.name for column in TECHNICAL_COLUMNS)


class Fullness:
    """Filled cells of every conformed column of one batch; `rows` are the accepted rows seen so far."""

    def __init__(self, contract: Contract) -> None:
        required = {column.name for column in contract.columns if column.required}
        self._required = {
            c.name: c.source in required for c in contract.conformed if c.name not in _TECHNICAL
        }
        self._filled: Counter[str] = Counter()
        self.rows = 0

    def add(self, accepted: pa.Table) -> None:
        """Count a piece of the batch."""
        self.rows += accepted.num_rows
        for name in self._required:
            self._filled[name] += accepted.num_rows - accepted.column(name).null_count

    def columns(self) -> list[tuple[str, bool, int]]:
        """(column, whether the contract requires it, filled cells), in the contract's order."""
        return [(name, required, self._filled[name]) for name, required in self._required.items()]
