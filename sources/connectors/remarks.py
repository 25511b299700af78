"""Remarks: what the deliverer of a readable file is told all the same, by rule, with the part or column and how often.

A remark changes no cell and refuses nothing; it is counted with the rules of conforming. Not here: refusals (the readers),
what conversions leave behind (conversion), faults of single values (conforming).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

PART_NOT_READ = "PART_NOT_READ"
BLANK_ROWS = "BLANK_ROWS"
COUNT_DIFFERS = "COUNT_DIFFERS"
ROW_OF_NO_MONTH = "ROW_OF_NO_MONTH"
TEXT_DAMAGED = "TEXT_DAMAGED"
TIME_BEFORE_MIDNIGHT = "TIME_BEFORE_MIDNIGHT"

_LONGEST_NAME = 60


class Remark(NamedTuple):
    """One rule, the column or part it speaks of, and how many cells or rows."""

    rule_id: str
    name: str
    times: int


@dataclass
class Remarks:
    """Counted while a delivery is read; whole when its last chunk has been."""

    _counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, rule_id: str, name: str, count: int = 1) -> None:
        """Count something once more."""
        key = (rule_id, name[:_LONGEST_NAME])
        if count:
            self._counts[key] = self._counts.get(key, 0) + count

    def take_over(self, others: Iterable[Remark]) -> None:
        """Count what another has counted."""
        for rule_id, name, count in others:
            self.add(rule_id, name, count)

    def count(self, rule_id: str) -> int:
        """How often a rule was counted, whatever it speaks of."""
        return sum(count for (rule, _), count in self._counts.items() if rule == rule_id)

    def __iter__(self) -> Iterator[Remark]:
        for (rule_id, name), count in sorted(self._counts.items()):
            yield Remark(rule_id, name, count)
