"""Policy of people's work: what earns points, who in a team has which share, quality, posts, assistance points, capability.

Not here: what is refused (sources/county/money/physician.py), how points are counted (dbt_project/models/fund/physician).
"""

from __future__ import annotations

from sources.county.policy_tables.shape import KPI, PolicyColumn, PolicyTable, institution, optional, text

# What can earn points; the rows of dbt_project/models/fund/physician/staff_event.sql.
EVENT_KINDS = (
    "service_item", "visit", "operation", "contract_service", "follow_up", "referral_up", "referral_down",
    "teleconsult", "dispatch",
)  # fmt: skip
# What has to be true before an event earns anything, and of which events it can be said.
QUALITY_GATES = {
    "done": ("contract_service",),
    "measured": ("follow_up",),
    "answered": ("referral_up",),
    "no_bounce_back": ("referral_down",),
    "followed_up": ("referral_down",),
    "no_bounce_back_and_followed_up": ("referral_down",),
    "reported": ("teleconsult",),
    "proven": ("dispatch",),
}
# Whom a fee line and whom the record of an operation can name.
ROLES_OF = {
    "item": ("ordering", "executing"),
    "item_class": ("ordering", "executing"),
    "operation": ("surgeon", "first_assistant", "second_assistant", "anaesthetist"),
}

TABLES = (
    # Points of one unit of an event; code narrows the kind (visit type, service item, operation level …), * = any. An item without
    # a row of its own has the points of the county's catalogue (cfg_fee_point).
    PolicyTable(
        "point_rule",
        (
            text("rule_id"),
            text("event_kind", *EVENT_KINDS),
            text("code"),
            text("unit", "event", "hour", "person"),
            PolicyColumn("points", "number"),
            text("quality_gate", *QUALITY_GATES, required=False),
            # Days after the event after which its gate can be judged: the points belong to the month of that day.
            optional("gate_days", "integer"),
        ),
        ("event_kind", "code"),
        optional=True,
    ),
    # Who of a team has which share. when_absent: what becomes of the share of a role that nobody is named for.
    PolicyTable(
        "point_role",
        (
            text("scope", *ROLES_OF),
            text("code"),
            text("role", *ROLES_OF["item"], *ROLES_OF["operation"]),
            PolicyColumn("share", "number"),
            text("when_absent", "shared", "nobody"),
        ),
        ("scope", "code", "role"),
        optional=True,
    ),
    # The factor of a person, a department or an institution: mean score of these indicators / 100, within bounds.
    PolicyTable(
        "quality_factor_rule",
        (
            text("unit_level", "physician", "department", "institution"),
            KPI,
            PolicyColumn("weight", "number"),
            PolicyColumn("factor_min", "number"),
            PolicyColumn("factor_max", "number"),
        ),
        ("unit_level", "kpi_id"),
        optional=True,
    ),
    # A posting held at the place of work counts before the title.
    PolicyTable(
        "post_factor",
        (
            text("basis", "title_level", "assignment_type"),
            text("code"),
            PolicyColumn("factor", "number"),
        ),
        ("basis", "code"),
        optional=True,
    ),
    # The physician fee: yuan of a point, or fen to be handed out over all points; of an institution, or of all that have no row.
    PolicyTable(
        "physician_fee_rule",
        (
            institution(required=False),
            optional("point_value"),
            optional("total_fen", "integer"),
        ),
        ("institution_id",),
        optional=True,
    ),
    # Assistance points: what an event earns and for how many months, and what a redemption costs (code = its purpose).
    PolicyTable(
        "assistance_rule",
        (
            text("event_kind", "dispatch", "teleconsult", "referral_up", "referral_down", "redemption"),
            text("code"),
            PolicyColumn("points", "integer"),
            optional("valid_months", "integer"),
            text("quality_gate", *QUALITY_GATES, required=False),
            optional("gate_days", "integer"),
        ),
        ("event_kind", "code"),
        optional=True,
    ),
    PolicyTable(
        "assistance_redemption",
        (
            text("redemption_id"),
            institution(),
            text("staff_id"),
            PolicyColumn("redeemed_on", "date"),
            text("purpose"),
            PolicyColumn("points", "integer"),
            text("approved_by"),
            text("document"),
        ),
        ("redemption_id",),
        optional=True,
        continuous=False,
        once=True,
        of_days=True,
        personal=True,
    ),
    # What colleagues say of somebody: how many did, and the mean of 0 to 100. Single answers stay with who asked.
    PolicyTable(
        "peer_review",
        (
            PolicyColumn("month", "month"),
            institution(),
            text("staff_id"),
            PolicyColumn("reviews", "integer"),
            PolicyColumn("mean_score", "number"),
            text("document"),
        ),
        ("month", "institution_id", "staff_id"),
        optional=True,
        continuous=False,
        once=True,
        personal=True,
    ),
    # The parts of capability: weight, shrinkage (k cases of the peers' mean) and the number of cases from which it is shown.
    PolicyTable(
        "capability_rule",
        (
            text("part", "volume", "difficulty", "quality", "judgement", "peer_judgement"),
            PolicyColumn("weight", "number"),
            PolicyColumn("shrinkage", "integer"),
            PolicyColumn("minimum_cases", "integer"),
        ),
        ("part",),
        optional=True,
    ),
)
