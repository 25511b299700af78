"""Policy of the incentive pool: where its money comes from, what it is for, by what it is shared out, who approved it."""

from __future__ import annotations

from sources.base.terms import TIERS
from sources.county.policy_tables.shape import PolicyColumn, PolicyTable, community, institution, text

_AMOUNT = PolicyColumn("amount_fen", "integer")
_SHARE = PolicyColumn("share", "number")

TABLES = (
    # What the pool of a community is a share of. Any other base than the retained surplus is a scenario that needs an approval.
    PolicyTable(
        "pool_rule",
        (
            community(),
            text("base", "retained_surplus", "surplus", "fund_total", "fund_of_signed"),
            _SHARE,
            PolicyColumn("reserve_share", "number"),
            text("person_mode", "direct", "department"),
            text("approval_number", required=False),
        ),
        ("community_id",),
        optional=True,
    ),
    PolicyTable(
        "pool_source_plan",
        (text("source", "insurance", "treasury", "society"), _SHARE),
        ("source",),
        optional=True,
    ),
    PolicyTable(
        "pool_use_plan", (text("use", "regular", "special", "capability"), _SHARE), ("use",), optional=True
    ),
    # What came in besides the insurance's part, each receipt by its voucher.
    PolicyTable(
        "pool_receipt",
        (
            text("receipt_id"),
            community(),
            PolicyColumn("month", "month"),
            text("source", "treasury", "society"),
            _AMOUNT,
            text("document"),
        ),
        ("receipt_id",),
        optional=True,
        continuous=False,
        once=True,
    ),
    # The retained surplus less the pool's part, by level; of no community: a surplus is shared alike everywhere.
    PolicyTable(
        "surplus_split",
        (text("party", "county", "township", "village"), _SHARE),
        ("party",),
        optional=True,
    ),
    # By what a level's money is shared out: each driver takes its weight of it and shares that in proportion.
    PolicyTable(
        "pool_driver",
        (
            text("level", "institution", "department", "person"),
            text("driver"),
            PolicyColumn("weight", "number"),
            PolicyColumn("quality_gate", "flag", required=False, in_header=False),
        ),
        ("level", "driver"),
        optional=True,
    ),
    PolicyTable(
        "pool_tier_factor",
        (text("institution_tier", *TIERS), PolicyColumn("factor", "number")),
        ("institution_tier",),
        optional=True,
    ),
    # A posted expert by the months posted (12 = the whole amount), a new technique once it has its cases.
    PolicyTable(
        "subsidy_rule",
        (
            text("kind", "posted_expert", "technique"),
            _AMOUNT,
            PolicyColumn("minimum", "number"),
        ),
        ("kind",),
        optional=True,
    ),
    PolicyTable(
        "capability_project",
        (
            text("project_id"),
            institution(),
            text("purpose", "equipment", "training"),
            text("name_zh"),
            PolicyColumn("month", "month"),
            _AMOUNT,
            PolicyColumn("minimum_growth_pct", "number"),
            text("document"),
        ),
        ("project_id",),
        optional=True,
        continuous=False,
        once=True,
    ),
    PolicyTable(
        "honour",
        (
            text("honour_id"),
            institution(),
            PolicyColumn("year", "integer"),
            text("kind", "contribution", "partner", "surgeon", "chronic_care"),
            text("name_zh"),
            text("basis"),
        ),
        ("honour_id",),
        optional=True,
        continuous=False,
        once=True,
    ),
    # What a department did with its money, person by person, where it distributes itself.
    PolicyTable(
        "second_distribution",
        (
            institution(),
            text("department_code"),
            PolicyColumn("month", "month"),
            text("staff_id"),
            PolicyColumn("is_head", "flag"),
            _AMOUNT,
            PolicyColumn("appeals", "integer"),
        ),
        ("institution_id", "department_code", "month", "staff_id"),
        optional=True,
        continuous=False,
        once=True,
        personal=True,
    ),
    # What referrals cost the grass roots more than before and how much of it subsidies cover, as a survey found (in percent).
    PolicyTable(
        "referral_cost",
        (
            community(),
            PolicyColumn("cost_increase_pct", "number"),
            PolicyColumn("subsidy_cover_pct", "number"),
            text("document"),
        ),
        ("community_id",),
        optional=True,
        continuous=False,
    ),
    # The performance pay of a head for a month with coefficient 1.
    PolicyTable(
        "head_pay",
        (institution(), text("staff_id"), PolicyColumn("base_fen", "integer")),
        ("institution_id",),
        optional=True,
        personal=True,
    ),
    # Two permits (两个允许): the approved total of performance pay of a year.
    PolicyTable(
        "pay_total",
        (institution(), PolicyColumn("year", "integer"), PolicyColumn("approved_fen", "integer")),
        ("institution_id", "year"),
        optional=True,
        continuous=False,
        once=True,
    ),
    # The release from which a month was approved for pay: its entries stand, whatever is computed later.
    PolicyTable(
        "pay_approval",
        (
            PolicyColumn("month", "month"),
            text("release_id"),
            text("approved_by"),
            PolicyColumn("approved_on", "date"),
            text("document"),
        ),
        ("month",),
        optional=True,
        continuous=False,
    ),
    # Bounds beyond which pay is looked at again.
    PolicyTable(
        "pool_watch",
        (
            text(
                "measure",
                "deviation_pct",
                "head_share_pct",
                "cv_low",
                "cv_high",
                "rank_correlation_low",
                "source_deviation_pct",
                "appeal_pct",
                "participation_low",
            ),
            PolicyColumn("bound", "number"),
        ),
        ("measure",),
        optional=True,
    ),
)
