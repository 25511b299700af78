"""What entries of money rest on: for each relation that an entry names, what a release keeps of it and how its key is written.

Belongs here: the list, and writing it. Does not: walking an entry back (entry.py), its wording (orchestration/explain/entry.py);
cases and sheets of people, which releases keep anyway (lineage.py, restricted.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sources.base.engine import literal

# Who did it stays in restricted/: these rows are of services and months, whoever worked.
_OF_PEOPLE = ("staff_id", "person_key")


@dataclass(frozen=True)
class Ground:
    """A relation behind entries: the columns that make its key in the order of the key, what stands between them, and the column
    that an entry gives; none where an entry is what a position grew by since the month before.
    """

    key: tuple[str, ...]
    amount: str | None = None
    between: str = "/"

    def key_of(self, row: Mapping[str, Any]) -> str:
        return self.between.join(str(row[column]) for column in self.key)

    def month_in(self, key: str) -> str | None:
        """The month that a key names; None where it names none."""
        return dict(zip(self.key, key.split(self.between), strict=False)).get("month")


_PACKAGE = ("month", "budget_year", "community_id", "insurance_type_code")
GROUNDS = {
    "market_txn": Ground(("service_id",), "settled_fen"),
    "market_part": Ground(("service_id", "party"), "amount_fen", " "),
    "market_contract_fee": Ground(("deliverer_id", "contract_id", "payer"), "amount_fen", " "),
    "market_contract_part": Ground(("deliverer_id", "contract_id", "party"), "amount_fen", " "),
    "fund_execution": Ground(_PACKAGE),
    "fund_retention": Ground(_PACKAGE),
    "fund_truncation": Ground(_PACKAGE),
    "pool_base": Ground(("community_id", "budget_year", "month")),
    "pool_use": Ground(("community_id", "month", "use"), "change_fen"),
    "pool_part": Ground(("community_id", "month", "driver", "institution_id"), "amount_fen"),
    "pool_department": Ground(("month", "institution_id", "department_code"), "amount_fen"),
    "pool_claim_payment": Ground(("institution_id", "kind", "month", "paid_month"), "amount_fen"),
    "pool_surplus_split": Ground(("community_id", "budget_year", "month", "institution_id"), "change_fen"),
    "deduction_attribution": Ground(("deliverer_id", "deduction_id"), "final_fen", " "),
}
# What packages rest on: settlements in the month since which they are known, and the lines by which budgets were told.
SPEND, BUDGET = "chain_spend", "chain_budget"
BUDGET_FILE = "money/budget.parquet"
MONTHLY = (*GROUNDS, SPEND)


def ground_file(relation: str, month: str) -> str:
    """Where a release keeps the rows of a month, under lineage/."""
    return f"money/{relation}/month={month}/{relation}.parquet"


def kept(relation: str) -> str:
    """The rows of a relation of the build (a name that SQL reads) as a release keeps them."""
    names = ", ".join(literal(name) for name in _OF_PEOPLE)
    return f"(select columns(name -> name not in ({names})) from {relation})"
