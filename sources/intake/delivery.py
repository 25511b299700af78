"""A delivery: one file (or one sheet) in the inbox, or one month of a database, claimed for a feed and its deliverer.

Not here: finding deliveries (inbox), their bytes (receiving).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, order=True)
class Delivery:
    """`file` is relative to the inbox; `modified_at` is Shanghai wall time.

    `contested_by` names other mappings that would take in the same rows.
    With `is_database` it is a month of a database that can be asked for it; `file` is then database/deliverer/table.
    """

    feed: str
    institution_id: str
    month: str
    file: str
    sheet: str | None
    mapping: str
    bytes: int
    modified_at: datetime
    is_database: bool = False
    contested_by: tuple[str, ...] = ()
