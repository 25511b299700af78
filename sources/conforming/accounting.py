"""Accounting: every row and every fen delivered ends in exactly one place.

Here: the counts of a batch and the identity received = accepted + quarantined + duplicate. Not here: where rows go.
"""

from __future__ import annotations

from dataclasses import dataclass


class AccountingError(AssertionError):
    """A batch does not add up: a fault of this program, never of the delivery."""


@dataclass(frozen=True)
class Account:
    """Rows, and fen of the contract's control column (None when the feed carries no money)."""

    delivered_rows: int
    accepted_rows: int
    quarantined_rows: int
    duplicate_rows: int
    delivered_fen: int | None = None
    accepted_fen: int | None = None
    quarantined_fen: int | None = None
    duplicate_fen: int | None = None

    def verified(self) -> Account:
        """Itself, when it adds up. Raises AccountingError."""
        rows = self.accepted_rows + self.quarantined_rows + self.duplicate_rows
        if rows != self.delivered_rows:
            raise AccountingError(f"rows: {self.delivered_rows} delivered, {rows} accounted for")
        parts = (self.accepted_fen, self.quarantined_fen, self.duplicate_fen)
        if self.delivered_fen is None:
            if any(part is not None for part in parts):
                raise AccountingError("money is accounted for that was not delivered")
        elif None in parts or sum(part for part in parts if part is not None) != self.delivered_fen:
            raise AccountingError(f"fen: {self.delivered_fen} delivered, {parts} accounted for")
        return self

    def plus(self, other: Account) -> Account:
        """Both together; money only when both carry it."""
        return Account(
            delivered_rows=self.delivered_rows + other.delivered_rows,
            accepted_rows=self.accepted_rows + other.accepted_rows,
            quarantined_rows=self.quarantined_rows + other.quarantined_rows,
            duplicate_rows=self.duplicate_rows + other.duplicate_rows,
            delivered_fen=_sum(self.delivered_fen, other.delivered_fen),
            accepted_fen=_sum(self.accepted_fen, other.accepted_fen),
            quarantined_fen=_sum(self.quarantined_fen, other.quarantined_fen),
            duplicate_fen=_sum(self.duplicate_fen, other.duplicate_fen),
        )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


REFUSED = Account(0, 0, 0, 0)
