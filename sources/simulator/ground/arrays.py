"""Rows as a bundle of equally long numpy arrays: the working form of events before they become a frame.

Belongs here: bundling, stacking, numbering and putting aside rows, whatever they mean. Not here: columns of text (text.py).
"""

from typing import Any

import numpy as np


class Arrays(dict[str, np.ndarray]):
    """Column name → numpy array, all of one length. Attribute access reads a column."""

    def __getattr__(self, name: str) -> np.ndarray:
        try:
            return self[name]
        except KeyError as missing:
            raise AttributeError(name) from missing

    @property
    def rows(self) -> int:
        return len(next(iter(self.values()))) if self else 0

    def take(self, chosen: np.ndarray) -> "Arrays":
        """Rows by index or by mask."""
        return Arrays({name: column[chosen] for name, column in self.items()})


def concat(parts: list[Arrays]) -> Arrays:
    """Put bundles on top of each other; the columns are those of the first."""
    return Arrays({name: np.concatenate([p[name] for p in parts]) for name in parts[0]})


def spread(value: Any, size: int) -> np.ndarray:
    """`size` integers: a constant repeated, or a copy of an array that has one for each row."""
    return np.broadcast_to(np.asarray(value, dtype=np.int64), size).copy()


def running_number(groups: np.ndarray, count: int) -> np.ndarray:
    """Number the rows of each group from 0 in their given order; `groups` are integers below `count`."""
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups, minlength=count)
    starts = np.cumsum(sizes) - sizes
    numbers = np.empty(len(groups), dtype=np.int64)
    numbers[order] = np.arange(len(groups)) - np.repeat(starts, sizes)
    return numbers


def dense(keys: np.ndarray) -> np.ndarray:
    """The same groups numbered from 0 without gaps, in the order of their keys."""
    return np.unique(keys, return_inverse=True)[1]


class Pending:
    """Events that belong to a later month: put them in when they arise, collect them when their time has come."""

    def __init__(self, by: str = "due"):
        """`by` names the datetime64[s] column that says when a row happens."""
        self._by = by
        self._parts: list[Arrays] = []

    def put(self, rows: Arrays) -> None:
        """Keep rows for later."""
        self._parts.append(rows)

    def collect(self, before: np.datetime64) -> list[Arrays]:
        """Return (and forget) the rows due before the given second: one bundle, none when nothing was ever put in."""
        if not self._parts:
            return []
        rows = concat(self._parts)
        ready = rows[self._by] < before
        self._parts = [rows.take(~ready)]
        return [rows.take(ready)]
