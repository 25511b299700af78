"""The policy tables: what stands in every `policy/<table>.csv`, column by column; a module for each subject.

Not here: how a file is read and judged (policy), what its figures mean together (policy_checks, policy_in_force, money).
"""

from __future__ import annotations

from sources.county.policy_tables import cards, casemix, figures, market, package, physician, pool, settlement
from sources.county.policy_tables.shape import PolicyColumn, PolicyTable

TABLES = (
    *cards.TABLES,
    *casemix.TABLES,
    *figures.TABLES,
    *market.TABLES,
    *package.TABLES,
    *physician.TABLES,
    *pool.TABLES,
    *settlement.TABLES,
)

# Of single people: never copied to where more than their owner reads.
PERSONAL = frozenset(table.name for table in TABLES if table.personal)

__all__ = ["PERSONAL", "TABLES", "PolicyColumn", "PolicyTable"]
