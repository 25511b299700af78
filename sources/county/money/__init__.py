"""What may not stand in policy rows that money moves by: figures that cannot be paid, and what policy forbids.

A module for each room of the money models (dbt_project/models/casemix, models/fund). Not here: whether a cell can be read
(policy), what the rows mean (the models).
"""

from __future__ import annotations

from collections.abc import Iterator

from sources.county.money.clearing import check_clearing
from sources.county.money.dip import check_dip_rules
from sources.county.money.market import check_market
from sources.county.money.package import check_package
from sources.county.money.physician import check_physician
from sources.county.money.pool import check_pool
from sources.county.money.quality_factor import check_quality_factor
from sources.county.money.settlement import check_settlement
from sources.county.policy_checks import Finding, Tables

_CHECKS = (
    check_clearing,
    check_dip_rules,
    check_market,
    check_package,
    check_physician,
    check_pool,
    check_quality_factor,
    check_settlement,
)


def check_money(tables: Tables) -> Iterator[Finding]:
    """Every finding in the rows of these tables; of a table that could not be read there are none."""
    for check in _CHECKS:
        yield from check(tables)


__all__ = ["check_money"]
