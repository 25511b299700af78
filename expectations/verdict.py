"""The one place where a count becomes a verdict: what may violate a rule, and what is said of a row of results.

Whoever has the stored figures (`mart_data_quality`) can compute the verdict again with `outcome_of`. Not here: where the
counts come from (judging), waivers, which turn a failure into something accepted.
"""

from __future__ import annotations

from sources.base.terms import Severity


def within(violated: int, total: int, threshold_pct: float, tolerated: int) -> bool:
    """Whether so many of so many may violate: few in number, or few in share."""
    return violated <= tolerated or violated * 100 <= threshold_pct * total


def outcome_of(violated: int, total: int, threshold_pct: float, tolerated: int, severity: Severity) -> str:
    """The outcome of a check that could be judged, before waivers."""
    if violated == 0:
        return "pass"
    if within(violated, total, threshold_pct, tolerated):
        return "pass_with_violations"
    return "fail" if severity == "critical" else "warn"


def share(violated: int, total: int, threshold_pct: float = 0.0) -> str:
    """The share in per cent, with as many digits as it takes to tell it from nothing, from everything and from what is allowed."""
    if not total:
        return "–"
    if violated in (0, total):
        return "0%" if violated == 0 else "100%"
    exact = 100 * violated / total
    for digits in range(2, 12):
        text = f"{exact:.{digits}f}"
        seen = float(text)
        if 0 < seen < 100 and (seen > threshold_pct) == (exact > threshold_pct):
            return f"{text}%"
    return f"{exact}%"
