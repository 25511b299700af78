"""Rows as a bundle of equally long numpy arrays: the working form of events before they become a frame."""

import numpy as np


class Arrays(dict):
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
    """Put bundles of the same columns on top of each other."""
    return Arrays({name: np.concatenate([p[name] for p in parts]) for name in parts[0]})


class Pending:
    """Events that belong to a later month: put them in when they arise, collect them when their time has come."""

    def __init__(self, by: str = "due"):
        """`by` names the datetime64[s] column that says when a row happens."""
        self._by = by
        self._parts: list[Arrays] = []

    def put(self, rows: Arrays) -> None:
        """Keep rows for later."""
        self._parts.append(rows)

    def collect(self, before: np.datetime64) -> Arrays | None:
        """Return (and forget) the rows due before the given second; None when nothing was ever put in."""
        if not self._parts:
            return None
        rows = concat(self._parts)
        ready = rows[self._by] < before
        self._parts = [rows.take(~ready)]
        return rows.take(ready)
