"""Rows of dip_rule.csv whose figures cannot stand together: a case settled by one would be paid nonsense.

Not here: how a case is settled (dbt_project/models/casemix/casemix_dip_settlement.sql).
"""

from __future__ import annotations

from collections.abc import Iterator

from sources.county.policy_checks import Finding, Tables


def check_dip_rules(tables: Tables) -> Iterator[Finding]:
    """0 ≤ lower bound < upper bound ≤ cap, and nothing said beyond a cap that is not there."""
    for line, row in tables.get("dip_rule", []):
        lower, upper, cap = row["lower_bound"], row["upper_bound"], row["ratio_cap"]
        if not 0 <= lower < upper:
            zh = f"要 0 ≤ lower_bound < upper_bound,现在是 {lower:g} 与 {upper:g}"
            yield Finding(
                (), "dip_rule", line, zh, f"0 ≤ lower_bound < upper_bound, not {lower:g} and {upper:g}"
            )
        if cap is not None and cap < upper:
            zh, en = (
                f"ratio_cap {cap:g} 低于 upper_bound {upper:g}",
                f"ratio_cap {cap:g} lies below upper_bound {upper:g}",
            )
            yield Finding((), "dip_rule", line, zh, en)
        if cap is None and row["beyond_cap"]:
            yield Finding(
                (), "dip_rule", line, "有 beyond_cap 而没有 ratio_cap", "beyond_cap without a ratio_cap"
            )
