"""What judging takes and gives: pieces of a batch in; accepted rows, quarantined lines, rule counts and the account out.

Not here: how a row is judged (batch, sorting).
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sources.conforming.accounting import Account
from sources.conforming.duplicates import EarlierRows
from sources.conforming.rules import disposition

QUARANTINE_SCHEMA = pa.schema(
    [
        ("source_batch_id", pa.string()),
        ("source_file", pa.string()),
        ("source_line", pa.int64()),
        ("rule_id", pa.string()),
        ("column_name", pa.string()),
        ("masked_value", pa.string()),
        ("message_zh", pa.string()),
        ("message_en", pa.string()),
        ("amount_fen", pa.int64()),
        ("row_key", pa.string()),
    ]
)


@dataclass(frozen=True)
class RuleCount:
    """How often one rule was broken in one column of a batch, out of how many rows."""

    rule_id: str
    column_name: str
    violated: int
    total: int
    message_zh: str
    message_en: str

    @property
    def disposition(self) -> str:
        return disposition(self.rule_id)


@dataclass(frozen=True)
class Conformed:
    """What became of one piece of a batch. `emptied_codes` tells of accepted rows in the columns of the quarantine."""

    accepted: pa.Table
    quarantined: pa.Table
    emptied_codes: pa.Table
    rules: list[RuleCount]
    account: Account


@dataclass(frozen=True)
class BatchIdentity:
    batch_id: str
    institution_id: str
    month: str
    file: str


@dataclass(frozen=True)
class Piece:
    """Some rows of a batch. `earlier` remembers the pieces before it; a batch in one piece needs none."""

    batch: BatchIdentity
    rows: pa.Table
    earlier: EarlierRows | None = None
