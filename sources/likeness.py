"""Which known words are most like a word somebody wrote: for messages and suggestions. Not here: what words mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str], count: int = 3) -> str:
    """The candidates most like `word`, best first, as text for a message; a dash when there is none."""
    pool = sorted(set(candidates))
    found = sorted(pool, key=lambda c: (-likeness(word.lower(), c.lower()), c))[:count]
    return "、".join(found) or "-"


def likeness(left: str, right: str) -> float:
    """0 (nothing in common) to 1 (the same)."""
    return difflib.SequenceMatcher(None, left, right).ratio()
