"""Entries of a list: whether rows of one key speak of one and the same, told by what they state of it.

Not here: which columns tell it (the contract's `same_entry`), how keys are remembered (duplicates), what becomes of the rows
(sorting).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NOTHING = 0
_MOST = np.iinfo(np.uint64).max


@dataclass(frozen=True)
class Stated:
    """What rows of a list state of whose entry they are: keys, shape (n, 2), and a hash for every column of `same_entry`,
    NOTHING where a row leaves it open, shape (n, k); uint64. `proof`: position of the column that alone proves it.
    """

    keys: np.ndarray
    values: np.ndarray
    proof: int | None

    @classmethod
    def together(cls, parts: Sequence[Stated]) -> Stated:
        keys, values = ([getattr(part, name) for part in parts] for name in ("keys", "values"))
        return cls(np.concatenate(keys), np.concatenate(values), parts[0].proof)

    def disputed(self) -> np.ndarray:
        """Keys of several rows that are not shown to speak of one and the same; shape (m, 2).

        They are, where of each column all rows that state it state the same, and of one column all rows do; or where the proof
        is stated by all and the same.
        """
        order = np.lexsort(self.keys.T)
        keys, values = self.keys[order], self.values[order]
        starts = np.flatnonzero(np.append(True, (keys[1:] != keys[:-1]).any(axis=1))[: len(keys)])
        if len(starts) == len(keys):
            return keys[:0]
        several = np.diff(np.append(starts, len(keys))) > 1
        highest = np.maximum.reduceat(values, starts)
        agree = np.minimum.reduceat(np.where(values == NOTHING, _MOST, values), starts) >= highest
        shown = agree & (np.minimum.reduceat(values, starts) != NOTHING)
        same = agree.all(axis=1) & shown.any(axis=1)
        if self.proof is not None:
            same |= shown[:, self.proof]
        return keys[starts][several & ~same]
