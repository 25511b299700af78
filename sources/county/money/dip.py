"""Rows of dip_rule.csv whose figures cannot stand together: a case settled by one would be paid nonsense.

Not here: how a case is settled (dbt_project/models/casemix/casemix_dip_settlement.sql).
"""

from __future__ import annotations

from collections.abc import Iterator

from sources.county.money.bounds import check_bounds
from sources.county.policy_checks import Finding, Tables


def check_dip_rules(tables: Tables) -> Iterator[Finding]:
    """Bounds that leave something between them."""
    for line, row in tables.get("dip_rule", []):
        yield from check_bounds("dip_rule", line, row)
