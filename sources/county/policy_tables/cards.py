"""Policy of the scorecards: targets, weights, curves, vetoes and what is taken off a year."""

from __future__ import annotations

from sources.base.terms import APPEAL_STATES, DEDUCTION_KINDS, TIERS, UNIT_TIERS, VETO_KINDS
from sources.county.policy_tables.shape import KPI, PolicyColumn, PolicyTable, institution, optional, text

TABLES = (
    PolicyTable(
        "kpi_target",
        (
            KPI,
            text("institution_tier", *UNIT_TIERS, required=False),
            institution(required=False),
            text("target_mode", "abs", "delta", "ratio", "range"),
            *(
                optional(n)
                for n in ("baseline", "target", "challenge", "floor", "range_low", "range_high", "tolerance")
            ),
            # 1: a target of the whole year, against which a year-to-date value counts by the share that is over.
            PolicyColumn("elapsed_share", "flag", required=False, in_header=False),
        ),
        ("kpi_id", "institution_tier", "institution_id"),
    ),
    PolicyTable(
        "institution_baseline",
        (institution(), KPI, PolicyColumn("baseline_value", "number")),
        ("institution_id", "kpi_id"),
        optional=True,
    ),
    PolicyTable(
        "kpi_weight",
        (
            text("institution_tier", *TIERS),
            KPI,
            text("dimension"),
            PolicyColumn("weight", "number"),
            # What is one says the registry of indicators; a claim of the lead's card is held against it.
            PolicyColumn("primary_outcome", "flag", required=False, in_header=False),
            # A value that does not reach it scores 0.
            PolicyColumn("must_reach", "number", required=False, in_header=False),
        ),
        ("institution_tier", "kpi_id"),
    ),
    PolicyTable(
        "score_anchor",
        (text("anchor", "floor", "baseline", "target", "challenge"), PolicyColumn("points", "number")),
        ("anchor",),
    ),
    PolicyTable(
        "pay_curve",
        (
            PolicyColumn("score_from", "number"),
            optional("score_to"),
            PolicyColumn("coefficient_from", "number"),
            PolicyColumn("coefficient_to", "number"),
        ),
        ("score_from",),
    ),
    PolicyTable(
        "score_veto",
        (
            institution(),
            text("kind", *VETO_KINDS),
            PolicyColumn("month_from", "month"),
            PolicyColumn("month_to", "month"),
            PolicyColumn("pay_cap", "number"),
            # Who decided it when, by which document: policy_decisions demands them and says why.
            text("decided_by", required=False),
            optional("decided_on", "date"),
            text("document", required=False),
            text("appeal_state", *APPEAL_STATES),
            optional("appeal_decided_on", "date"),
        ),
        ("institution_id", "kind", "month_from"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "score_deduction",
        (
            institution(),
            PolicyColumn("year", "integer"),
            text("kind", *DEDUCTION_KINDS),
            PolicyColumn("points", "number"),
            text("document"),
        ),
        ("institution_id", "year", "kind", "document"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "deduction_rule",
        (
            text("institution_tier", *TIERS),
            KPI,
            # Of every unit (percentage point, day, …) that the value falls short, so many points, but no more than.
            PolicyColumn("short_of", "number"),
            PolicyColumn("points_per_unit", "number"),
            PolicyColumn("points_at_most", "number"),
        ),
        ("institution_tier", "kpi_id"),
        optional=True,
        continuous=False,
    ),
    PolicyTable(
        "mutual_assessment",
        (
            institution("rater_id"),
            institution(),
            PolicyColumn("year", "integer"),
            PolicyColumn("points", "number"),
            PolicyColumn("ballots", "integer"),
        ),
        ("rater_id", "institution_id", "year"),
        optional=True,
        continuous=False,
    ),
)
