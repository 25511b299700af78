"""How many rows a container says it has (`"total": 300` beside a JSON list, `<total>` around XML rows), held against them.

A count that differs refuses nothing: a page of many says the number of all. Not here: control files of the sender (intake).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sources.connectors.remarks import COUNT_DIFFERS, Remarks

_WORDS = re.compile(
    "(total|count|total(count|num|rows|records|elements)|(row|record|data)count|records|rows|总数|总(条|记录|行)数"
    "|记录数|条数|行数|数据(条|总)数)"
)


@dataclass
class StatedCounts:
    """Counts that stand beside rows, by the name they stand under."""

    _counts: dict[str, int] = field(default_factory=dict)

    def note(self, name: str, value: str) -> None:
        """Remember a value if its name (after the last dot or slash) says that it counts."""
        word = re.sub(r"[\s_-]", "", re.split(r"[./@]", name)[-1]).lower()
        if _WORDS.fullmatch(word) and re.fullmatch(r"[0-9]{1,12}", value):
            self._counts[name] = int(value)

    def hold_against(self, rows: int, remarks: Remarks) -> None:
        """Tell of every count by how much it differs."""
        for name, stated in self._counts.items():
            remarks.add(COUNT_DIFFERS, name, abs(stated - rows))
