"""Rows of dip_rule.csv and dip_catalogue.csv whose figures cannot stand: a case settled by one would be paid nonsense.

Not here: how a case is settled (dbt_project/models/casemix/casemix_dip_settlement.sql).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sources.county.money.bounds import check_bounds
from sources.county.policy_checks import Finding, Tables, check_figures

_LEAST = Decimal("0.000001")
_BOUNDS = (
    ("dip_catalogue", "score", _LEAST, 1_000_000),
    ("dip_catalogue", "mean_cost_fen", 1, 10**12),
)


def check_dip_rules(tables: Tables) -> Iterator[Finding]:
    """Bounds that leave something between them; a catalogue whose groups are worth something."""
    yield from check_figures(tables, _BOUNDS)
    for line, row in tables.get("dip_rule", []):
        yield from check_bounds("dip_rule", line, row)
