"""Rows of one batch that repeat another: copies, told by row hash, and keys used again, told by key hash; also chunks apart.

Thirty-two bytes are remembered for every row of a batch that comes in several chunks, of a list also what it states. Not
here: what a hash covers (statement), when rows speak of one entry (entries), what becomes of such a row (sorting).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from sources.conforming.entries import Stated

ROW_HASH_LENGTH = 32
# Hashes are kept in sorted runs; runs are merged until they hold this many.
_LONGEST_RUN = 1 << 20


def hash_words(hashes: pa.ChunkedArray) -> np.ndarray:
    """Row hashes (32 hexadecimal digits) as numbers; shape (n, 2), uint64."""
    whole = hashes.combine_chunks()
    start = whole.offset * ROW_HASH_LENGTH
    text = np.frombuffer(whole.buffers()[2], np.uint8)[start : start + len(whole) * ROW_HASH_LENGTH]
    digits = np.where(text >= ord("a"), text - (ord("a") - 10), text - ord("0")).astype(np.uint8)
    packed = (digits[0::2] << 4) | digits[1::2]
    return packed.reshape(len(whole), 16).view(np.uint64)


def neighbours(words: np.ndarray) -> np.ndarray:
    """Pairs of positions (earlier, later) of equal row hashes, each later one named once; shape (n, 2)."""
    ordered = np.sort(words[:, 0])
    if not (ordered[1:] == ordered[:-1]).any():
        return np.empty((0, 2), dtype=np.int64)
    order = np.lexsort((np.arange(len(words)), *words.T))
    same = (words[order][1:] == words[order][:-1]).all(axis=1)
    return np.stack([order[:-1][same], order[1:][same]], axis=1)


class SeenRows:
    """Hashes of the good rows of one batch so far, each kept once."""

    def __init__(self) -> None:
        self._runs: list[np.ndarray] = []

    def known(self, words: np.ndarray) -> np.ndarray:
        """Which of these hashes came before; boolean, shape (n,)."""
        found = np.zeros(len(words), dtype=bool)
        for run in self._runs:
            first = np.searchsorted(run[:, 0], words[:, 0])
            last = np.searchsorted(run[:, 0], words[:, 0], side="right")
            for offset in range(int((last - first).max(initial=0))):
                there = first + offset < last
                found[there] |= run[first[there] + offset, 1] == words[there, 1]
        return found

    def add(self, words: np.ndarray) -> None:
        """Remember these hashes, none of which is known."""
        if len(words):
            self._runs.append(_sorted(words))
        while len(self._runs) > 1 and len(self._runs[-2]) + len(self._runs[-1]) <= _LONGEST_RUN:
            last = self._runs.pop()
            self._runs[-1] = _sorted(np.concatenate([self._runs[-1], last]))


class EarlierRows:
    """What is remembered of the earlier pieces of one batch.

    A key that turns out to be used again pieces apart has rows that were accepted before that was known: `reused` then
    holds it, and the batch is judged once more with these keys known from the start.
    """

    def __init__(self, reused: Sequence[np.ndarray] = ()) -> None:
        self.rows = SeenRows()
        self._reused: list[np.ndarray] = []
        self._listed: list[Stated] = []
        self._keys = SeenRows()
        self._known = SeenRows()
        self._is_first_pass = not reused
        if reused:
            self._known.add(np.unique(np.concatenate(reused), axis=0))

    @property
    def reused(self) -> list[np.ndarray]:
        """Key hashes that were not known to be used again; of a list they are complete when its last piece has passed."""
        disputed = [Stated.together(self._listed).disputed()] if self._listed else []
        return [keys for keys in (*self._reused, *disputed) if len(keys)]

    def used_before(self, keys: np.ndarray) -> np.ndarray:
        """Which of these key hashes are not the only ones of their kind as far as the earlier pieces tell; boolean."""
        known, earlier = self._known.known(keys), self._keys.known(keys)
        if (surprising := earlier & ~known).any():
            self._reused.append(keys[surprising])
        self._keys.add(keys[~earlier & ~known])
        return known | earlier

    def listed_before(self, stated: Stated) -> tuple[np.ndarray, np.ndarray]:
        """Of rows of a list: whose key is known to be disputed, and which repeat the entry of an earlier row; boolean."""
        disputed, again = self._known.known(stated.keys), self._keys.known(stated.keys)
        self._keys.add(stated.keys[~again])
        again[neighbours(stated.keys)[:, 1]] = True
        if self._is_first_pass:
            self._listed.append(stated)
        return disputed, again & ~disputed


def _sorted(words: np.ndarray) -> np.ndarray:
    return words[np.argsort(words[:, 0], kind="stable")]
