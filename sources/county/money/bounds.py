"""Bounds of the ratio of a case's cost to its group's mean cost, as rows of DIP and of DRG rules give them."""

from __future__ import annotations

from collections.abc import Iterator

from sources.county.policy_checks import Finding, Row


def check_bounds(table: str, line: int, row: Row) -> Iterator[Finding]:
    """0 ≤ lower bound < upper bound ≤ cap, and nothing said beyond a cap that is not there."""
    lower, upper = float(row["lower_bound"]), float(row["upper_bound"])
    cap = None if row["ratio_cap"] is None else float(row["ratio_cap"])
    if not 0 <= lower < upper:
        zh = f"要 0 ≤ lower_bound < upper_bound,现在是 {lower:g} 与 {upper:g}"
        yield Finding((), table, line, zh, f"0 ≤ lower_bound < upper_bound, not {lower:g} and {upper:g}")
    if cap is not None and cap < upper:
        zh, en = (
            f"ratio_cap {cap:g} 低于 upper_bound {upper:g}",
            f"ratio_cap {cap:g} lies below upper_bound {upper:g}",
        )
        yield Finding((), table, line, zh, en)
    if cap is None and row["beyond_cap"]:
        yield Finding((), table, line, "有 beyond_cap 而没有 ratio_cap", "beyond_cap without a ratio_cap")
