"""Bounds of figures: between which two a column lies, and those of the ratio of a case's cost to its group's mean cost, as rows
of DIP and of DRG rules give them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from sources.county.policy_checks import Finding, Row, Tables, said


def check_figures(
    tables: Tables, bounds: Iterable[tuple[str, str, int | Decimal, int | Decimal]]
) -> Iterator[Finding]:
    """Filled cells that do not lie between the two figures that (table, column, lowest, highest) name."""
    for table, column, low, high in bounds:
        for line, row in tables.get(table, []):
            if row[column] is not None and not low <= row[column] <= high:
                zh = f"列 {column} 要在 {said(low)} 到 {said(high)} 之间:{said(row[column])}"
                en = f"column {column} lies between {said(low)} and {said(high)}: {said(row[column])}"
                yield Finding((), table, line, zh, en)


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
