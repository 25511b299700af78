"""Which time of a row cannot lie before which other (V37): data, because clocks of devices and systems disagree.

Here: the list `time_order.csv`. Not here: what follows (a mark; durations of such rows are null in the warehouse).
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from sources.contracts.load import load_contracts


@cache
def _order() -> dict[tuple[str, str], str]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["feed"], row["column"], row["not_before"]) for row in csv.DictReader(file)]
    for feed, column, earlier in rows:
        load_contracts()[feed].column(column)
        load_contracts()[feed].column(earlier)
    return {(feed, column): earlier for feed, column, earlier in rows}


def earlier_than(feed: str, column: str) -> str | None:
    """The column that this one must not lie before, None when there is none."""
    return _order().get((feed, column))
