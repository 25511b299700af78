"""What is read of a database for one feed, deliverer and month: a table or a query, and the columns that order time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Selection:
    """What a mapping says of one feed in a database, `{month}`, `{yyyymm}` and `{institution}` filled in."""

    table: str | None
    query: str | None
    month_by: str | None
    updated: str | None
    order_by: tuple[str, ...]
    ignore: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Names the statement without repeating it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
