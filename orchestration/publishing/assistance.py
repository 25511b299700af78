"""Proof of a person's contribution: assistance points of a quarter as the ledger has them, and a code by which they can be held against it.

Belongs here: the rows and their code. Does not: deciding anything by it (REQ-119: a proof decides nothing), the ledger itself
(dbt_project/models/fund/physician).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

_TOLD = (
    "staff_id",
    "entry_number",
    "entry_date",
    "entry_kind",
    "points",
    "balance_points",
    "source_file",
    "source_line",
)
_GROUPS, _OF = 4, 4


def code_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """Four groups of four hexadecimal digits: the first of the SHA-256 of the rows, one a line, cells apart by tabs, in their order."""
    ordered = sorted(rows, key=lambda row: (row["staff_id"], row["entry_number"]))
    lines = ["\t".join("" if row[name] is None else str(row[name]) for name in _TOLD) for row in ordered]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return "-".join(digest[_OF * group : _OF * (group + 1)] for group in range(_GROUPS))


def earned(rows: Iterable[Mapping[str, Any]]) -> int:
    """Points earned, before what was redeemed or expired."""
    return sum(row["points"] for row in rows if row["entry_kind"] == "earned")
