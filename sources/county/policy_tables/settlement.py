"""Policy of payment per case: who is paid by which method, at which rate, and what is left when the year is cleared.

Not here: DIP's rules and catalogue (casemix), budgets and what becomes of a surplus (the rooms of the fund).
"""

from __future__ import annotations

from sources.base.terms import TIERS
from sources.county.policy_tables.shape import PolicyColumn, PolicyTable, institution, optional, text

_INSURANCE = text("insurance", "310", "390", "*")

TABLES = (
    # How a case is paid. An empty institution or tier and a * hold for any; the row that says most of a case is its only one.
    PolicyTable(
        "payment_method",
        (
            institution(required=False),
            text("institution_tier", *(str(tier) for tier in TIERS), required=False),
            _INSURANCE,
            text("care_kind", "inpatient", "outpatient", "*"),
            text("method", "drg_rate", "drg_points", "dip", "fee_for_service", "capitation"),
        ),
        ("institution_id", "institution_tier", "insurance", "care_kind"),
        optional=True,
        of_days=True,
    ),
    # What a weight of 1 or a point is worth, and what becomes of a case far from its group's mean cost (bounds as in dip_rule).
    PolicyTable(
        "drg_payment_rule",
        (
            text("method", "drg_rate", "drg_points"),
            text("region"),
            _INSURANCE,
            # Worth: stated, or a budget over its volume (all weights or points). An empty volume is that of the month's own cases: then
            # the budget is a month's, and those without a group are paid out of it first.
            optional("base_rate_fen", "integer"),
            optional("point_value"),
            optional("budget_fen", "integer"),
            optional("budget_volume"),
            optional("points_per_weight"),
            PolicyColumn("lower_bound", "number"),
            PolicyColumn("lower_inclusive", "flag"),
            PolicyColumn("upper_bound", "number"),
            PolicyColumn("upper_inclusive", "flag"),
            optional("ratio_cap"),
            PolicyColumn("beyond_cap", "text", required=False, choices=("at_cap", "as_normal")),
            text("institution_factor_on", "all", "base", "none"),
            # Per cent of its cost that a case without a group is paid; empty: nothing is worked out, it is listed apart.
            optional("ungrouped_pct"),
        ),
        ("method", "region", "insurance"),
        optional=True,
        of_days=True,
    ),
    PolicyTable(
        "institution_factor",
        (institution(), text("method", "drg_rate", "drg_points"), PolicyColumn("factor", "number")),
        ("institution_id", "method"),
        optional=True,
        of_days=True,
    ),
    # The most that funds owe for the stays of one insured person in a year.
    PolicyTable(
        "fund_ceiling",
        (_INSURANCE, PolicyColumn("annual_fen", "integer")),
        ("insurance",),
        optional=True,
        of_days=True,
    ),
    # How many of the discharges may be put forward for special review.
    PolicyTable(
        "special_review_ceiling",
        (
            text("method", "drg_rate", "drg_points", "dip"),
            PolicyColumn("most_cases", "integer"),
            PolicyColumn("of_cases", "integer"),
        ),
        ("method",),
        optional=True,
    ),
    # What a stay costs the insured before funds pay, and how soon after a stay the next one still counts as its continuation.
    PolicyTable(
        "deductible_rule",
        (
            text("institution_tier", *(str(tier) for tier in TIERS)),
            _INSURANCE,
            PolicyColumn("deductible_fen", "integer"),
            PolicyColumn("chain_days", "integer"),
        ),
        ("institution_tier", "insurance"),
        optional=True,
        of_days=True,
    ),
    # What the clearing of a year adds to due less paid (1 added, -1 taken off, 0 left out), and by when money has to come.
    PolicyTable(
        "clearing_rule",
        (
            text("region"),
            PolicyColumn("assessment_sign", "integer"),
            PolicyColumn("deduction_sign", "integer"),
            PolicyColumn("deposit_return_sign", "integer"),
            PolicyColumn("surplus_sign", "integer"),
            PolicyColumn("overspending_sign", "integer"),
            PolicyColumn("monthly_workdays", "integer"),
            PolicyColumn("annual_month", "integer"),
            PolicyColumn("annual_day", "integer"),
        ),
        ("region",),
        optional=True,
    ),
    # The part of the quality deposit that comes back at so many points of the insurer's assessment.
    PolicyTable(
        "deposit_return",
        (PolicyColumn("points_from", "number"), PolicyColumn("returned_pct", "number")),
        ("points_from",),
        optional=True,
    ),
)
